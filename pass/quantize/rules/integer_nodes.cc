// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/integer_nodes.h"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/fused_activation.h"
#include "ir/operators/measured_types.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/weights_kernels.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/graph/node_tensors.h"
#include "pass/numbers/choose_params.h"
#include "pass/quantize/plan/why_float.h"

namespace q_implant {
namespace {

bool IsFloat(circle::TensorType type) {
  return type == circle::TensorType_FLOAT32 || type == circle::TensorType_FLOAT16;
}

class Selector : private GraphView {
 public:
  Selector(const Model& model, size_t graph_index, const QuantizeOptions& options, GraphPlan& plan)
      : GraphView(model, graph_index), options_(options), plan_(plan) {}

  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      const Node& node = graph_.nodes[n];
      NodePlan& planned = plan_.nodes[n];
      if (planned.forms_are_given || !planned.reason.empty()) continue;
      if (!ReadsOrMakesFloats(node) || !TouchesParams(plan_, node)) continue;
      Form form;
      std::string reason = WhyNotInteger(node, form);
      if (reason.empty()) {
        planned.integer = true;
        FillSlots(node, form, planned);
      } else {
        planned.reason = std::move(reason);
        if (options_.hybrid && TakesIntegerWeights(node)) {
          planned.hybrid = true;
          planned.in.resize(node.inputs.size());
          planned.in[1] = plan_.tensor(node.inputs[1]).params;
        }
      }
    }
  }

 private:
  // How a node computes in integers.
  struct Form {
    circle::TensorType type = circle::TensorType_INT8;  // of its data
    ParamsPtr weights = nullptr;                        // null where it has none
  };

  // Nodes without float values (indices, masks, what is quantized already) are no matter of ours.
  bool ReadsOrMakesFloats(const Node& node) const {
    return AnyTensor(node, [&](TensorId id) { return IsFloat(graph_.tensor(id).type); });
  }

  // Empty where the node can compute in integers, in `form`.
  std::string WhyNotInteger(const Node& node, Form& form) const {
    const OperatorRow& row = RowOf(node);
    if (row.kind == Kind::kConvert) return "it converts";
    if (MeasuredTypes(row.op).empty()) return "q-implant knows of no integer kernel of it";
    if (IntegerTypes(row, plan_.target).empty()) {
      return absl::StrCat(TargetHas(), " no integer kernel");
    }
    if (!node.intermediates.empty()) return "it has intermediates";
    if (!IsComplete(node, row)) return "an input or output that its kernels need is not given";
    std::string reason = WhyDataDoesNotFit(node, row);
    if (!reason.empty()) return reason;
    const std::optional<circle::TensorType> type = ComputeType(node, row);
    if (!type.has_value()) return "none of its data has parameters";
    reason = WhyOptionsDoNotFit(node);
    return reason.empty() ? WhyNoFormFits(node, row, *type, form) : reason;
  }

  std::string TargetHas() const {
    return plan_.target == Target::kAny ? "the operator has"
                                        : absl::StrCat(TargetName(plan_.target), " has");
  }

  // The first form that fits: as annotated, else, for a target, one that stands for the same
  // numbers exactly. Says why the annotated one does not where none does.
  std::string WhyNoFormFits(const Node& node, const OperatorRow& row, circle::TensorType type,
                            Form& form) const {
    const int slot = FindInput(row, Role::kWeights);
    ParamsPtr weights;
    if (slot >= 0) {
      std::string reason = WhyNoWeights(node, slot);
      if (!reason.empty()) return reason;
      weights = plan_.tensor(node.inputs[static_cast<size_t>(slot)]).params;
    }
    std::string first_reason;
    for (circle::TensorType data : DataForms(type)) {
      for (const ParamsPtr& candidate : WeightsForms(weights)) {
        form = {data, candidate};
        std::string reason = WhyFormDoesNotFit(node, row, form);
        if (reason.empty()) return "";
        if (first_reason.empty()) first_reason = std::move(reason);
      }
    }
    return first_reason;
  }

  std::vector<circle::TensorType> DataForms(circle::TensorType type) const {
    if (plan_.target == Target::kAny) return {type};
    if (type == circle::TensorType_INT8) return {type, circle::TensorType_UINT8};
    if (type == circle::TensorType_UINT8) return {type, circle::TensorType_INT8};
    return {type};
  }

  // 4-bit integers are 8-bit ones too.
  std::vector<ParamsPtr> WeightsForms(const ParamsPtr& weights) const {
    std::vector<ParamsPtr> forms = {weights};
    if (weights == nullptr || plan_.target == Target::kAny) return forms;
    ParamsPtr wide = weights;
    if (BitsPerElement(weights->dtype) == 4) {
      QuantParams widened = *weights;
      widened.dtype = weights->dtype == circle::TensorType_INT4 ? circle::TensorType_INT8
                                                                : circle::TensorType_UINT8;
      wide = std::make_shared<const QuantParams>(std::move(widened));
      forms.push_back(wide);
    }
    if (ParamsPtr moved = InOtherEightBitType(wide)) forms.push_back(std::move(moved));
    return forms;
  }

  // The types of run-time data among these tensors, in order.
  std::vector<circle::TensorType> DataTypes(const std::vector<TensorId>& ids,
                                            const OperatorRow& row,
                                            Role (*role_of)(const OperatorRow&, size_t)) const {
    std::vector<circle::TensorType> types;
    for (size_t slot = 0; slot < ids.size(); ++slot) {
      if (ids[slot] == kNoTensor || role_of(row, slot) != Role::kData) continue;
      const TensorPlan& planned = plan_.tensor(ids[slot]);
      const bool follows = IsConstant(ids[slot]) && planned.origin != Origin::kExisting;
      if (planned.params != nullptr && !follows) types.push_back(planned.params->dtype);
    }
    return types;
  }

  // True where every input of data that the row names is given, and the outputs are what
  // a node can make.
  bool IsComplete(const Node& node, const OperatorRow& row) const {
    for (size_t slot = 0; slot < std::max(row.inputs.size(), node.inputs.size()); ++slot) {
      const Role role = InputRole(row, slot);
      const bool named = slot < row.inputs.size() && row.inputs[slot] != '*';
      const bool given = slot < node.inputs.size() && node.inputs[slot] != kNoTensor;
      if (role == Role::kData && named && !given) return false;
    }
    return !node.outputs.empty() &&
           std::all_of(node.outputs.begin(), node.outputs.end(), [&](TensorId id) {
             return id != kNoTensor && !model_.IsConstant(graph_.tensor(id));
           });
  }

  static size_t CountDataInputs(const Node& node, const OperatorRow& row) {
    size_t count = 0;
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (node.inputs[slot] != kNoTensor && InputRole(row, slot) == Role::kData) ++count;
    }
    return count;
  }

  // The type in which a node computes. Where its data is of several: operators with weights and
  // those with one input take the input's, the others the wider one; between uint8 and int8 the
  // output decides.
  std::optional<circle::TensorType> ComputeType(const Node& node, const OperatorRow& row) const {
    const std::vector<circle::TensorType> in = DataTypes(node.inputs, row, InputRole);
    const std::vector<circle::TensorType> out = DataTypes(node.outputs, row, OutputRole);
    if (!in.empty() && (FindInput(row, Role::kWeights) >= 0 || CountDataInputs(node, row) == 1)) {
      return in.front();
    }
    for (const auto* types : {&in, &out}) {
      if (std::find(types->begin(), types->end(), circle::TensorType_INT16) != types->end()) {
        return circle::TensorType_INT16;
      }
    }
    if (!out.empty()) return out.front();
    if (!in.empty()) return in.front();
    return std::nullopt;
  }

  // Constants of data without parameters are derived later.
  std::string WhyDataDoesNotFit(const Node& node, const OperatorRow& row) const {
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id == kNoTensor) continue;
      const Role role = InputRole(row, slot);
      if (role == Role::kControl && IsFloat(graph_.tensor(id).type)) {
        return absl::StrCat("input ", slot, " is float32 in its integer kernels too");
      }
      if (role == Role::kFill && !IsConstant(id)) {
        return absl::StrCat(Quoted(id), ", which fills gaps, is computed at run time");
      }
      if (role != Role::kData) continue;
      std::string reason = WhyTensorDoesNotFit(id);
      if (!reason.empty()) return reason;
    }
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      const TensorId id = node.outputs[slot];
      if (id == kNoTensor || OutputRole(row, slot) != Role::kData) continue;
      std::string reason = WhyTensorDoesNotFit(id);
      if (!reason.empty()) return reason;
    }
    return "";
  }

  // A constant annotated as a bias. Where it is an operand too, it takes the range of its values.
  bool IsAccumulator(TensorId id) const {
    const TensorPlan& planned = plan_.tensor(id);
    return IsConstant(id) && planned.origin != Origin::kExisting && planned.params != nullptr &&
           (planned.params->dtype == circle::TensorType_INT32 ||
            planned.params->dtype == circle::TensorType_INT64);
  }

  std::string WhyTensorDoesNotFit(TensorId id) const {
    const TensorPlan& planned = plan_.tensor(id);
    if (const std::string why = WhyFloat(planned, plan_.target); !why.empty()) {
      return absl::StrCat(Quoted(id), " ", why);
    }
    if (planned.params == nullptr) {
      if (IsConstant(id) && IsFloat(graph_.tensor(id).type)) return "";
      return absl::StrCat(Quoted(id), " has no parameters");
    }
    if (IsAccumulator(id)) return "";
    if (planned.params->per_channel()) {
      return absl::StrCat(Quoted(id), " has a scale per channel, which data can't have");
    }
    if (IsAsymmetricInt16(*planned.params)) {
      return absl::StrCat(Quoted(id), " is int16 with a zero point, which kernels take for 0");
    }
    return "";
  }

  std::string WhyNoWeights(const Node& node, int slot) const {
    if (static_cast<size_t>(slot) >= node.inputs.size()) return "it has no weights";
    const TensorId id = node.inputs[static_cast<size_t>(slot)];
    if (id == kNoTensor) return "it has no weights";
    if (const std::string why = WhyFloat(plan_.tensor(id), plan_.target); !why.empty()) {
      return absl::StrCat(Quoted(id), " ", why);
    }
    if (plan_.tensor(id).params == nullptr) {
      return absl::StrCat("the weights ", Quoted(id), " have no parameters");
    }
    return "";
  }

  std::string WhyFormDoesNotFit(const Node& node, const OperatorRow& row, const Form& form) const {
    if (!IntegerTypes(row, plan_.target).has(form.type)) {
      return absl::StrCat(TargetHas(), " no ", TypeName(form.type), " kernel");
    }
    if (form.weights == nullptr) return "";
    const TensorId id = node.inputs[static_cast<size_t>(FindInput(row, Role::kWeights))];
    if (form.weights->per_channel() && form.weights->quantized_dimension != row.channel_axis) {
      return absl::StrCat("the scales of ", Quoted(id), " lie along axis ",
                          form.weights->quantized_dimension, ", its kernels need axis ",
                          static_cast<int>(row.channel_axis));
    }
    if (!WeightsSupportOf(node.op(), form.type, *form.weights).fits(plan_.target)) {
      return absl::StrCat(plan_.target == Target::kAny
                              ? "no kernel takes"
                              : absl::StrCat("no kernel of ", TargetName(plan_.target), " takes"),
                          " weights of ", DescribeParams(*form.weights), " (", Quoted(id),
                          ") beside ", TypeName(form.type), " data");
    }
    return WhyBiasDoesNotFit(node, row, *form.weights);
  }

  std::string WhyBiasDoesNotFit(const Node& node, const OperatorRow& row,
                                const QuantParams& weights) const {
    const int slot = FindInput(row, Role::kBias);
    if (slot < 0 || static_cast<size_t>(slot) >= node.inputs.size()) return "";
    const TensorId id = node.inputs[static_cast<size_t>(slot)];
    if (id == kNoTensor) return "";
    if (const std::string why = WhyFloat(plan_.tensor(id), plan_.target); !why.empty()) {
      return absl::StrCat("the bias ", Quoted(id), " ", why);
    }
    if (!IsConstant(id)) return absl::StrCat("the bias ", Quoted(id), " is computed at run time");
    const uint64_t count = ElementCount(graph_.tensor(id).shape).value_or(0);
    if (weights.per_channel() && count != weights.scale.size()) {
      return absl::StrCat("the bias ", Quoted(id), " has ", count, " elements for ",
                          weights.scale.size(), " channels");
    }
    const auto& shape = graph_.tensor(id).shape;
    if (weights.per_channel() && static_cast<uint64_t>(shape.back()) != count) {
      return absl::StrCat("the channels of the bias ", Quoted(id),
                          " do not lie along the last axis "
                          "of ",
                          ShapeText(shape));
    }
    return "";
  }

  static std::string WhyOptionsDoNotFit(const Node& node) {
    const circle::ActivationFunctionType activation = FusedActivation(node);
    if (node.op() == circle::BuiltinOperator_CONCATENATION &&
        activation != circle::ActivationFunctionType_NONE) {
      return "no kernel fuses its activation";
    }
    if (activation == circle::ActivationFunctionType_TANH ||
        activation == circle::ActivationFunctionType_SIGN_BIT) {
      return "no integer kernel fuses its activation";
    }
    const auto* dense = node.OptionsAs<circle::FullyConnectedOptions>();
    if (dense != nullptr &&
        dense->weights_format() != circle::FullyConnectedOptionsWeightsFormat_DEFAULT) {
      return "its weights are shuffled";
    }
    return "";
  }

  // True where the operator's float32 kernel reads these weights as they are.
  bool TakesIntegerWeights(const Node& node) const {
    const OperatorRow& row = RowOf(node);
    if (node.inputs.size() < 2 || node.inputs[1] == kNoTensor) return false;
    const ParamsPtr& weights = plan_.tensor(node.inputs[1]).params;
    if (weights == nullptr || !IsConstant(node.inputs[1])) return false;
    const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != kNoTensor;
    if (row.needs_bias && !has_bias) return false;
    return TakesHybridWeights(graph_, node, *weights, plan_.target);
  }

  void FillSlots(const Node& node, const Form& form, NodePlan& planned) const {
    const OperatorRow& row = RowOf(node);
    const circle::TensorType type = form.type;
    planned.in.resize(node.inputs.size());
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (node.inputs[slot] == kNoTensor) continue;
      const ParamsPtr& params = plan_.tensor(node.inputs[slot]).params;
      const Role role = InputRole(row, slot);
      if (role == Role::kWeights) planned.in[slot] = form.weights;
      if (role == Role::kData && params != nullptr) {
        planned.in[slot] = DataForm(row, slot, node.inputs[slot], type);
      }
    }
    planned.out.resize(node.outputs.size());
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      if (node.outputs[slot] == kNoTensor || OutputRole(row, slot) != Role::kData) continue;
      planned.out[slot] = ParamsInType(plan_.tensor(node.outputs[slot]).params, type);
    }
  }

  // The form in which a node that computes in `type` reads data. Null for a constant of another
  // type that takes the range of its values: that of its type would be too wide (a bias that is an
  // operand too) or too coarse.
  ParamsPtr DataForm(const OperatorRow& row, size_t slot, TensorId id,
                     circle::TensorType type) const {
    const TensorPlan& planned = plan_.tensor(id);
    const ParamsPtr& params = planned.params;
    const bool follows = IsConstant(id) && planned.origin != Origin::kExisting;
    if (follows && slot == 1 && type == circle::TensorType_INT16 &&
        row.beside_int16.has(params->dtype) && params->zero_point.front() == 0) {
      return params;
    }
    if (IsAccumulator(id)) return nullptr;
    ParamsPtr form = ParamsInType(params, type);
    return follows && form->scale != params->scale ? nullptr : form;
  }

  const QuantizeOptions& options_;
  GraphPlan& plan_;
};

}  // namespace

void SelectIntegerNodes(const Model& model, const QuantizeOptions& options, Plan& plan) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    Selector(model, g, options, plan.graphs[g]).Run();
  }
}

}  // namespace q_implant
