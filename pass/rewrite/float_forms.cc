// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/float_forms.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ir/operators/conversion_kernels.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"
#include "pass/graph/calls.h"
#include "pass/graph/conversion_node.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/holds_reals.h"
#include "pass/graph/node_tensors.h"

namespace q_implant {
namespace {

// Of the operators without integer kernels, those that compute the same from real numbers,
// whatever type holds them.
bool ComputesRealNumbers(circle::BuiltinOperator op) {
  switch (op) {
    case circle::BuiltinOperator_ADD_N:
    case circle::BuiltinOperator_ATAN2:
    case circle::BuiltinOperator_CEIL:
    case circle::BuiltinOperator_COS:
    case circle::BuiltinOperator_CUMSUM:
    case circle::BuiltinOperator_DIV:
    case circle::BuiltinOperator_FLOOR:
    case circle::BuiltinOperator_FLOOR_DIV:
    case circle::BuiltinOperator_FLOOR_MOD:
    case circle::BuiltinOperator_INSTANCE_NORM:
    case circle::BuiltinOperator_L2_POOL_2D:
    case circle::BuiltinOperator_LOCAL_RESPONSE_NORMALIZATION:
    case circle::BuiltinOperator_POW:
    case circle::BuiltinOperator_RANK:
    case circle::BuiltinOperator_REDUCE_PROD:
    case circle::BuiltinOperator_RMS_NORM:
    case circle::BuiltinOperator_ROUND:
    case circle::BuiltinOperator_SHAPE:
    case circle::BuiltinOperator_SIGN:
    case circle::BuiltinOperator_SIN:
    case circle::BuiltinOperator_SQUARE:
      return true;
    default:
      return false;
  }
}

bool IsUnderstood(const Node& node) {
  switch (RowOf(node).kind) {
    case Kind::kIsland:
      return ComputesRealNumbers(node.op()) && node.intermediates.empty();
    case Kind::kCall:
      return !CalledGraphs(node).empty();
    default:
      return node.intermediates.empty();
  }
}

bool IsSmallInteger(circle::TensorType type) {
  return IsQuantizedType(type) && BitsPerElement(type) <= 16;
}

bool IsData(Role role) { return role != Role::kControl; }

// Which tensors of a graph become float32, and why that would not do.
class GraphReader {
 public:
  GraphReader(Target target, const Model& model, size_t index, Diagnostics& diagnostics)
      : target_(target),
        model_(model),
        index_(index),
        graph_(model.graphs[index]),
        def_use_(graph_),
        diagnostics_(diagnostics) {}

  FloatForms Run() {
    forms_.resize(graph_.tensors.size());
    held_.resize(graph_.tensors.size());
    FindKeptNodes();
    for (size_t t = 0; t < forms_.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      const ParamsPtr params = ParamsOf(graph_.tensors[t]);
      if (params == nullptr) continue;
      const bool changes = IsConstant(id) ? ChangesConstant(id, *params) : ChangesActivation(id);
      if (!changes) continue;
      forms_[t] = params;
      CheckTensor(id, *params);
    }
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!is_kept_[n]) CheckNode(graph_.nodes[n]);
    }
    return {std::move(forms_), std::move(kept_)};
  }

 private:
  bool IsConstant(TensorId id) const {
    return def_use_.producer(id) == kNoNode && model_.IsConstant(graph_.tensor(id));
  }
  const Node& NodeOf(const Use& use) const { return graph_.nodes[static_cast<size_t>(use.node)]; }
  static Role RoleOf(const Node& node, size_t slot) { return InputRole(RowOf(node), slot); }

  // With those that stand beside them where the target could not convert what is between.
  void FindKeptNodes() {
    is_kept_.resize(graph_.nodes.size());
    bool found = true;
    while (found) {
      found = false;
      for (size_t n = 0; n < graph_.nodes.size(); ++n) {
        const Node& node = graph_.nodes[n];
        if (is_kept_[n] || IsConversion(node) || !(HasToStay(node) || TouchesHeld(node))) continue;
        is_kept_[n] = found = true;
        Keep(static_cast<NodeId>(n));
      }
    }
    std::sort(kept_.begin(), kept_.end(),
              [](const KeptNode& a, const KeptNode& b) { return a.node < b.node; });
  }

  bool TouchesHeld(const Node& node) const {
    return AnyTensor(node, [&](TensorId id) { return IsHeld(id) && !IsConstant(id); });
  }

  // Operators of which nobody knows what they make of integers, and those that write a quantized
  // variable in place: it keeps its type.
  bool HasToStay(const Node& node) const {
    return !IsUnderstood(node) ||
           std::any_of(node.inputs.begin(), node.inputs.end(), [&](TensorId id) {
             return id != kNoTensor && graph_.tensor(id).is_variable &&
                    ParamsOf(graph_.tensor(id)) != nullptr;
           });
  }

  // Also marks what the node holds on to: constants and variables, and activations that the target
  // does not convert.
  void Keep(NodeId n) {
    const Node& node = graph_.nodes[static_cast<size_t>(n)];
    KeptNode kept{.node = n};
    bool touches_params = false;
    const auto form_of = [&](TensorId id) -> ParamsPtr {
      ParamsPtr form = id == kNoTensor ? nullptr : ParamsOf(graph_.tensor(id));
      if (form == nullptr) return nullptr;
      touches_params = true;
      const bool converts = target_ == Target::kAny || ConvertsBothWays(form, target_);
      if (IsConstant(id) || graph_.tensor(id).is_variable || !converts) {
        held_[static_cast<size_t>(id)] = true;
      }
      return ParamsOfReals(graph_, def_use_, id);
    };
    for (TensorId id : node.inputs) kept.in.push_back(form_of(id));
    for (TensorId id : node.outputs) kept.out.push_back(form_of(id));
    for (TensorId id : node.intermediates) {
      if (form_of(id) != nullptr) held_[static_cast<size_t>(id)] = true;
    }
    if (touches_params) kept_.push_back(std::move(kept));
  }

  bool IsHeld(TensorId id) const { return held_[static_cast<size_t>(id)]; }

  void Refuse(TensorId id, Diagnostic diagnostic) {
    diagnostic.file = model_.path;
    diagnostic.tensor = DisplayName(model_, index_, id);
    diagnostics_.Add(std::move(diagnostic));
  }

  // Accumulators and what is read as indices, conditions, ... are no real numbers to compute with.
  bool ChangesActivation(TensorId id) const {
    if (IsHeld(id) || graph_.tensor(id).is_variable) return false;
    if (def_use_.producer(id) == kNoNode && def_use_.uses(id).empty() && !def_use_.is_input(id)) {
      return false;  // an intermediate
    }
    switch (graph_.tensor(id).type) {
      case circle::TensorType_INT32:
      case circle::TensorType_INT64:
      case circle::TensorType_UINT4:
        return false;
      default:
        break;
    }
    const NodeId producer = def_use_.producer(id);
    if (producer != kNoNode) {
      const Node& node = graph_.nodes[static_cast<size_t>(producer)];
      for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
        if (node.outputs[slot] == id && !IsData(OutputRole(RowOf(node), slot))) return false;
      }
    }
    const auto uses = def_use_.uses(id);
    return std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
      return IsData(RoleOf(NodeOf(use), static_cast<size_t>(use.slot)));
    });
  }

  // Not where no reader would take it in another form.
  bool ChangesConstant(TensorId id, const QuantParams& params) const {
    if (IsHeld(id)) return false;
    const auto uses = def_use_.uses(id);
    bool any = def_use_.is_output(id);
    for (const Use& use : uses) {
      const Node& node = NodeOf(use);
      if (!IsData(RoleOf(node, static_cast<size_t>(use.slot)))) return false;
      any = any || !(node.op() == circle::BuiltinOperator_DEQUANTIZE ||
                     ReadsAsHybrid(node, use.slot, params));
    }
    return any;
  }

  bool ReadsAsHybrid(const Node& node, int32_t slot, const QuantParams& params) const {
    const OperatorRow& row = RowOf(node);
    const HybridKernels& kernels = row.hybrid.kernels(Target::kAny);
    if (slot != 1 || (kernels.per_tensor | kernels.per_channel).empty()) return false;
    const auto is_float = [&](TensorId id) {
      return id == kNoTensor || graph_.tensor(id).type == circle::TensorType_FLOAT32;
    };
    for (size_t in = 0; in < node.inputs.size(); ++in) {
      if (in != 1 && InputRole(row, in) == Role::kData && !is_float(node.inputs[in])) return false;
    }
    if (!std::all_of(node.outputs.begin(), node.outputs.end(), is_float)) return false;
    return target_ == Target::kAny || TakesHybridWeights(graph_, node, params, target_);
  }

  void CheckTensor(TensorId id, const QuantParams& params) {
    const Tensor& tensor = graph_.tensor(id);
    if (!tensor.is_stored_plainly()) {
      Refuse(id, {.problem = "the constant is stored sparse or compressed",
                  .expected = "plain integers",
                  .advice = "convert the model without sparsity and compression"});
    }
    const bool sound = std::all_of(params.scale.begin(), params.scale.end(),
                                   [](float scale) { return std::isfinite(scale) && scale > 0; });
    if (!sound) {
      Refuse(id, {.problem = "a scale is not a number above 0", .advice = "mend the model"});
    }
    const IntegerRange range = *RangeOf(params.dtype);
    const bool in_range =
        std::all_of(params.zero_point.begin(), params.zero_point.end(),
                    [&](int64_t zero) { return zero >= range.min && zero <= range.max; });
    if (!in_range) {
      Refuse(id, {.problem = absl::StrCat("a zero point is not ", TypeName(params.dtype)),
                  .advice = "mend the model"});
    }
    if (params.per_channel()) CheckChannels(id, tensor, params);
  }

  void CheckChannels(TensorId id, const Tensor& tensor, const QuantParams& params) {
    if (!IsConstant(id)) {
      Refuse(id, {.problem = "an activation has a scale per channel",
                  .expected = "1 scale",
                  .found = absl::StrCat(params.scale.size()),
                  .advice = "quantize activations per tensor"});
      return;
    }
    const auto axis = static_cast<size_t>(params.quantized_dimension);
    const bool fits = params.quantized_dimension >= 0 && axis < tensor.shape.size() &&
                      static_cast<size_t>(tensor.shape[axis]) == params.scale.size() &&
                      params.zero_point.size() == params.scale.size();
    if (fits) return;
    Refuse(id, {.problem = "the number of scales does not fit the channels",
                .expected = absl::StrCat("the size of dimension ", params.quantized_dimension,
                                         " of ", ShapeText(tensor.shape)),
                .found = absl::StrCat(params.scale.size(), " scales and ", params.zero_point.size(),
                                      " zero points"),
                .advice = "mend the model"});
  }

  bool Changes(TensorId id) const {
    return id != kNoTensor && forms_[static_cast<size_t>(id)] != nullptr;
  }

  void CheckNode(const Node& node) {
    if (IsConversion(node)) return;
    const auto changes = [&](TensorId id) { return Changes(id); };
    if (std::none_of(node.inputs.begin(), node.inputs.end(), changes) &&
        std::none_of(node.outputs.begin(), node.outputs.end(), changes)) {
      return;
    }
    CheckCalledGraphs(node);
    const OperatorRow& row = RowOf(node);
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      CheckSide(node, node.inputs[slot], InputRole(row, slot));
    }
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      CheckSide(node, node.outputs[slot], OutputRole(row, slot));
    }
  }

  // Both sides of a crossing are read alike.
  void CheckCalledGraphs(const Node& node) {
    for (int32_t called : CalledGraphs(node)) {
      if (called < 0 || static_cast<size_t>(called) >= model_.graphs.size()) continue;
      const Graph& graph = model_.graphs[static_cast<size_t>(called)];
      for (const auto* ends : {&graph.inputs, &graph.outputs}) {
        for (TensorId id : *ends) {
          const Tensor& tensor = graph.tensor(id);
          if (!IsSmallInteger(tensor.type) || ParamsOf(tensor) != nullptr) continue;
          diagnostics_.Add(
              {.file = model_.path,
               .tensor = DisplayName(model_, static_cast<size_t>(called), id),
               .problem = absl::StrCat(
                   "a graph that ", OpName(node), " '", OutputName(model_, index_, node),
                   "' runs takes or gives integers without a scale, beside quantized ones"),
               .expected = "float32, or one scale",
               .found = TypeName(tensor.type),
               .advice = "quantize the model otherwise"});
        }
      }
    }
  }

  // All data of a node becomes float32, or none; what a kept node holds on to has its parameters
  // all the same.
  void CheckSide(const Node& node, TensorId id, Role role) {
    if (id == kNoTensor || Changes(id) || role == Role::kControl) return;
    const Tensor& tensor = graph_.tensor(id);
    // Accumulators are no data, nor weights.
    if (IsHeld(id) && (IsSmallInteger(tensor.type) || role == Role::kBias)) return;
    const bool computed =
        (role == Role::kData || role == Role::kFill) && !IntegerTypes(RowOf(node)).empty();
    const bool integers = IsSmallInteger(tensor.type) || ParamsOf(tensor) != nullptr ||
                          (role == Role::kBias && IsQuantizedType(tensor.type)) ||
                          (computed && tensor.type != circle::TensorType_FLOAT32);
    if (!integers) return;
    const bool details = tensor.quantization.has_value() && tensor.quantization->details != nullptr;
    Refuse(id, {.problem = absl::StrCat("what its integers stand for beside the quantized data of ",
                                        OpName(node), " '", OutputName(model_, index_, node),
                                        "' is not known here"),
                .expected = IsConstant(id) ? "one scale, or one for each channel"
                                           : "uint8, int8 or int16 with one scale",
                .found = details ? "blockwise or custom quantization"
                         : ParamsOf(tensor) == nullptr
                             ? absl::StrCat(TypeName(tensor.type), " without a scale")
                         : IsConstant(id)
                             ? absl::StrCat("a reader that takes no other form")
                             : absl::StrCat(TypeName(tensor.type), " computed at run time"),
                .advice = "quantize the model otherwise"});
  }

  Target target_;
  const Model& model_;
  size_t index_;
  const Graph& graph_;
  DefUse def_use_;
  Diagnostics& diagnostics_;
  std::vector<ParamsPtr> forms_;
  std::vector<KeptNode> kept_;
  std::vector<bool> is_kept_;  // by node
  std::vector<bool> held_;     // by tensor: a kept node needs it as it is
};

}  // namespace

FloatForms FindFloatForms(Target target, const Model& model, size_t graph_index,
                          Diagnostics& diagnostics) {
  return GraphReader(target, model, graph_index, diagnostics).Run();
}

}  // namespace q_implant
