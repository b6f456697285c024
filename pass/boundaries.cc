// SPDX-License-Identifier: Apache-2.0
#include "pass/boundaries.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/conversion_kernels.h"
#include "ir/operator_table.h"
#include "ir/tensor_type.h"
#include "pass/buffer_users.h"
#include "pass/constant_data.h"
#include "pass/demands.h"
#include "pass/implant.h"
#include "pass/names.h"
#include "pass/unique_names.h"

namespace q_implant {
namespace {

// A form of a tensor and the tensor that holds it.
struct Held {
  ParamsPtr form;  // null: float32
  TensorId id;
};

class GraphRewriter {
 public:
  GraphRewriter(const QuantizeOptions& options, const GraphPlan& plan, size_t graph_index,
                Model& model, UniqueNames& names, BufferUsers& buffers,
                std::vector<std::string>& float_again, Diagnostics& diagnostics)
      : plan_(plan),
        graph_index_(graph_index),
        model_(model),
        graph_(model.graphs[graph_index]),
        names_(names),
        buffers_(buffers),
        float_again_(float_again),
        diagnostics_(diagnostics),
        float_inputs_(options.float_inputs || plan.called),
        float_outputs_(options.float_outputs || plan.called),
        full_weights_range_(options.full_weights_range),
        demands_(FindDemands(model, graph_, plan, float_outputs_)),
        held_(graph_.tensors.size()),
        quantize_options_(model.AddOptions(circle::QuantizeOptionsT())),
        dequantize_options_(model.AddOptions(circle::DequantizeOptionsT())) {}

  // For each node of the result its position before; kNoNode for conversions.
  std::vector<NodeId> Run() {
    const auto count = static_cast<TensorId>(held_.size());
    for (TensorId id = 0; id < count; ++id) {
      if (IsConstant(id)) {
        ConvertConstant(id);
      } else if (plan_.def_use.producer(id) == kNoNode) {
        StartWithoutProducer(id);
      }
    }
    StoredVector<Node> nodes = std::exchange(graph_.nodes, {});
    graph_.nodes.stored_empty = nodes.stored_empty;
    graph_.nodes.swap(front_);
    for (size_t n = 0; n < nodes.size(); ++n) {
      RewriteNode(static_cast<NodeId>(n), nodes[n], plan_.nodes[n]);
    }
    for (size_t i = 0; i < graph_.outputs.size(); ++i) FinishOutput(i);
    origins_.resize(graph_.nodes.size(), kNoNode);
    return std::move(origins_);
  }

 private:
  bool IsConstant(TensorId id) const {
    return model_.IsConstant(graph_.tensor(id)) && plan_.def_use.producer(id) == kNoNode;
  }
  const TensorDemands& Demand(TensorId id) const { return demands_[static_cast<size_t>(id)]; }
  std::vector<Held>& HeldOf(TensorId id) { return held_[static_cast<size_t>(id)]; }

  // --- tensors and nodes ---

  // A new tensor beside `model`: same shape, another name and form, no data.
  TensorId NewTensor(TensorId beside, const char* suffix, const ParamsPtr& form) {
    Tensor tensor = graph_.tensor(beside);
    tensor.name = names_.Make(tensor.name, suffix);
    tensor.buffer = buffers_.Empty(model_);
    tensor.is_variable = false;
    tensor.quantization.reset();
    tensor.type = circle::TensorType_FLOAT32;
    if (form != nullptr) SetParams(*form, tensor);
    return graph_.AddTensor(std::move(tensor));
  }

  // One conversion, or several where the target gets no direct one right.
  void AddConversion(TensorId from, TensorId to, std::vector<Node>& nodes) {
    const std::vector<ParamsPtr> path =
        ConversionPath(ParamsOf(graph_.tensor(from)), ParamsOf(graph_.tensor(to)), plan_.target);
    for (const ParamsPtr& form : path) {
      const TensorId middle = NewTensor(to, form == nullptr ? "_dequant" : "_quantized", form);
      AddDirectConversion(from, middle, nodes);
      from = middle;
    }
    AddDirectConversion(from, to, nodes);
  }

  void AddDirectConversion(TensorId from, TensorId to, std::vector<Node>& nodes) {
    const bool to_float = graph_.tensor(to).type == circle::TensorType_FLOAT32;
    Node node;
    node.code = ConversionCode(to_float, graph_.tensor(from).type, graph_.tensor(to).type);
    node.inputs = std::vector<TensorId>{from};
    node.outputs = std::vector<TensorId>{to};
    if (to_float) {
      node.options_type = circle::BuiltinOptions_DequantizeOptions;
      node.options = dequantize_options_;
    } else {
      node.options_type = circle::BuiltinOptions_QuantizeOptions;
      node.options = quantize_options_;
    }
    nodes.push_back(std::move(node));
  }

  // LiteRT's register.cc: Quantize 1 (uint8, int8 from float), 2 (also between integers), 3 (int4
  // and more); Dequantize 1 (uint8), 2 (int8), 3 (int16).
  const OperatorCode* ConversionCode(bool to_float, circle::TensorType from,
                                     circle::TensorType to) {
    if (to_float) {
      const int32_t version = from == circle::TensorType_UINT8  ? 1
                              : from == circle::TensorType_INT8 ? 2
                                                                : 3;
      return model_.FindOrAddOperatorCode(circle::BuiltinOperator_DEQUANTIZE, version);
    }
    const bool plain = from == circle::TensorType_FLOAT32 &&
                       (to == circle::TensorType_UINT8 || to == circle::TensorType_INT8);
    return model_.FindOrAddOperatorCode(circle::BuiltinOperator_QUANTIZE, plain ? 1 : 2);
  }

  // --- activations ---

  // Graph inputs, variables, and tensors that nobody makes.
  void StartWithoutProducer(TensorId id) {
    const ParamsPtr& own = Demand(id).own;
    const bool stays_float = plan_.def_use.is_input(id) && float_inputs_ && own != nullptr &&
                             plan_.tensor(id).origin != Origin::kExisting;
    const bool unread = plan_.def_use.uses(id).empty() && !plan_.def_use.is_output(id);
    if (stays_float && unread) return;
    TensorId holder = id;
    if (stays_float) {
      holder = NewTensor(id, "_quantized", own);
      AddConversion(id, holder, front_);
    } else {
      TakeForm(id, own);
    }
    Offer(id, {own, holder}, front_);
  }

  void TakeForm(TensorId id, const ParamsPtr& form) {
    if (form != nullptr && plan_.tensor(id).origin != Origin::kExisting) {
      SetParams(*form, graph_.tensor(id));
    }
  }

  // `own` holds the tensor's own form from here on: makes the other forms that readers want. What
  // lies on the way to one, where the target gets no direct conversion right, is for readers too.
  void Offer(TensorId id, Held own, std::vector<Node>& nodes) {
    HeldOf(id).push_back(own);
    for (const ParamsPtr& form : Demand(id).forms) {
      if (Holds(id, form)) continue;
      TensorId from = own.id;
      std::vector<ParamsPtr> path = ConversionPath(own.form, form, plan_.target);
      path.push_back(form);
      for (const ParamsPtr& step : path) {
        if (!Holds(id, step)) {
          const TensorId made = NewForm(id, own, step);
          AddDirectConversion(from, made, nodes);
          HeldOf(id).push_back({step, made});
        }
        from = Holder(id, step);
      }
    }
  }

  // The tensor for another form: a graph output that stays float32 is its own.
  TensorId NewForm(TensorId id, const Held& own, const ParamsPtr& form) {
    const bool is_float_output = form == nullptr && plan_.def_use.is_output(id) && own.id != id &&
                                 float_outputs_ && !plan_.def_use.is_input(id);
    if (is_float_output) return id;
    return NewTensor(id, form == nullptr ? "_dequant" : "_quantized", form);
  }

  // The tensor that holds a form; the tensor's own where none does, for readers that take it as it
  // is.
  TensorId Holder(TensorId id, const ParamsPtr& form) {
    const std::vector<Held>& held = HeldOf(id);
    for (const Held& candidate : held) {
      if (SameParams(candidate.form, form)) return candidate.id;
    }
    return held.empty() ? id : held.front().id;
  }

  void RewriteNode(NodeId position, Node& node, const NodePlan& planned) {
    const std::vector<TensorId> inputs = node.inputs;
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      const TensorId id = inputs[slot];
      if (id == kNoTensor) continue;
      const ParamsPtr wanted = WantedForm(plan_, node, planned, slot);
      if (IsConstant(id)) OfferConstantLate(id, wanted);
      node.inputs[slot] = Holder(id, wanted);
    }
    const std::vector<TensorId> outputs = node.outputs;
    std::vector<Node> behind;
    for (size_t slot = 0; slot < outputs.size(); ++slot) {
      if (outputs[slot] == kNoTensor) continue;
      const ParamsPtr made = planned.integer ? planned.out[slot] : MadeForm(outputs[slot]);
      node.outputs[slot] = StartWithProducer(outputs[slot], made, behind);
    }
    origins_.resize(graph_.nodes.size(), kNoNode);
    origins_.push_back(position);
    graph_.nodes.push_back(std::move(node));
    for (Node& conversion : behind) graph_.nodes.push_back(std::move(conversion));
  }

  // What a node that is not integer makes: float32, or what the model brought.
  ParamsPtr MadeForm(TensorId id) const {
    const TensorPlan& planned = plan_.tensor(id);
    return planned.origin == Origin::kExisting ? planned.params : nullptr;
  }

  // Returns the tensor that the producer writes.
  TensorId StartWithProducer(TensorId id, const ParamsPtr& made, std::vector<Node>& behind) {
    const ParamsPtr& own = Demand(id).own;
    const bool output_stays_float = plan_.def_use.is_output(id) && float_outputs_ &&
                                    own != nullptr && plan_.tensor(id).origin != Origin::kExisting;
    TensorId holder = id;
    if (output_stays_float) {
      holder = NewTensor(id, "_quantized", own);
    } else {
      TakeForm(id, own);
    }
    TensorId written = holder;
    if (!SameParams(made, own)) {
      written = NewTensor(id, made == nullptr ? "_float" : "_quantized", made);
      AddConversion(written, holder, behind);
    }
    Offer(id, {own, holder}, behind);
    if (output_stays_float && !Holds(id, nullptr)) {
      AddConversion(holder, id, behind);
      HeldOf(id).push_back({nullptr, id});
    }
    return written;
  }

  bool Holds(TensorId id, const ParamsPtr& form) {
    const std::vector<Held>& held = HeldOf(id);
    return std::any_of(held.begin(), held.end(),
                       [&](const Held& h) { return SameParams(h.form, form); });
  }

  // A graph output that nobody makes here (it is an input or a constant too) and that leaves in
  // another form than it came in becomes a tensor of its own.
  void FinishOutput(size_t i) {
    const TensorId id = graph_.outputs[i];
    if (plan_.def_use.producer(id) != kNoNode || Demand(id).own == nullptr ||
        plan_.tensor(id).origin == Origin::kExisting) {
      return;
    }
    const ParamsPtr leaves_as = float_outputs_ ? nullptr : Demand(id).own;
    if (!Holds(id, leaves_as)) {
      const TensorId holder = HeldOf(id).front().id;
      const TensorId made = NewTensor(id, "_dequant", nullptr);
      AddConversion(holder, made, graph_.nodes);
      HeldOf(id).push_back({nullptr, made});
    }
    const TensorId leaves = Holder(id, leaves_as);
    if (leaves != id) RedirectOutput(i, leaves);
  }

  void RedirectOutput(size_t i, TensorId to) {
    const TensorId from = std::exchange(graph_.outputs[i], to);
    for (SignatureDef& signature : model_.signature_defs) {
      if (signature.graph != graph_index_) continue;
      for (TensorMap& output : signature.outputs) {
        if (output.tensor == from) output.tensor = to;
      }
    }
  }

  // --- constants ---

  void ConvertConstant(TensorId id) {
    const TensorDemands& demand = Demand(id);
    const TensorPlan& planned = plan_.tensor(id);
    // Before the constant changes: duplicates start from the same data.
    Bytes floats = demand.float_copy ? QuantizedFloats(id) : Bytes();
    std::vector<std::pair<ParamsPtr, Bytes>> others;
    for (const ParamsPtr& form : demand.forms) {
      if (form != nullptr && !SameParams(form, demand.own)) {
        others.emplace_back(form, Integers(id, *form));
      }
    }
    if (demand.own != nullptr && planned.origin != Origin::kExisting) {
      Bytes data = Integers(id, *demand.own);
      SetParams(*demand.own, graph_.tensor(id));
      buffers_.SetData(model_, graph_.tensor(id), std::move(data));
    } else if (demand.own == nullptr && planned.params != nullptr && planned.entry != nullptr) {
      BecomeFloat(id);
    }
    HeldOf(id).push_back({demand.own, id});
    if (demand.float_copy) {
      const TensorId copy = NewTensor(id, "_dequant", nullptr);
      graph_.tensor(copy).buffer = buffers_.Add(model_, std::move(floats));
      HeldOf(id).push_back({nullptr, copy});
    }
    for (auto& [form, data] : others) {
      const TensorId duplicate = NewTensor(id, "_dup", form);
      graph_.tensor(duplicate).buffer = buffers_.Add(model_, std::move(data));
      HeldOf(id).push_back({form, duplicate});
    }
  }

  // What the annotation makes of the constant, as float32: the values that its integers stand for,
  // imported or not.
  Bytes QuantizedFloats(TensorId id) {
    const ParamsPtr& params = plan_.tensor(id).params;
    return DequantizeToFloats(Integers(id, *params).span(), graph_.tensor(id).shape, *params);
  }

  // A bias that float32 nodes read (no runtime dequantizes int32), a constant that leaves the graph
  // as float32, or one that the target can't dequantize: its integers become float32 again.
  void BecomeFloat(TensorId id) {
    Bytes data = QuantizedFloats(id);
    Tensor& tensor = graph_.tensor(id);
    tensor.type = circle::TensorType_FLOAT32;
    tensor.quantization.reset();
    buffers_.SetData(model_, tensor, std::move(data));
    if (plan_.def_use.is_output(id)) return;
    if (!Demand(id).is_bias) {
      float_again_.push_back(DisplayName(model_, graph_index_, id));
      return;
    }
    diagnostics_.Add({.severity = Severity::kWarning,
                      .file = model_.path,
                      .tensor = DisplayName(model_, graph_index_, id),
                      .problem = "the bias is float32 again, with the values that its integers "
                                 "stand for, since its operator stays float32",
                      .advice = "--verbose says why the operator does"});
  }

  // Float32 readers of an integer constant: a Dequantize before the first of them, so that the
  // float32 copy does not live from the start of the graph.
  void OfferConstantLate(TensorId id, const ParamsPtr& wanted) {
    if (wanted != nullptr || Holds(id, nullptr) || HeldOf(id).front().form == nullptr) return;
    const TensorId made = NewTensor(id, "_dequant", nullptr);
    AddConversion(HeldOf(id).front().id, made, graph_.nodes);
    HeldOf(id).push_back({nullptr, made});
  }

  Bytes Integers(TensorId id, const QuantParams& params) {
    const Tensor& tensor = graph_.tensor(id);
    const TensorPlan& planned = plan_.tensor(id);
    // Weights are quantized as annotated, whatever form a kernel reads them in.
    const bool as_annotated = Demand(id).is_weights && planned.entry != nullptr &&
                              planned.params != nullptr && !SameParams(*planned.params, params);
    const QuantParams& first = as_annotated ? *planned.params : params;
    absl::StatusOr<QuantizedData> result =
        ImplantConstant(model_, tensor, planned, first, RangeFor(id, first));
    if (!result.ok()) {
      diagnostics_.Add({.severity = Severity::kError,
                        .file = model_.path,
                        .tensor = DisplayName(model_, graph_index_, id),
                        .problem = "the constant can't be quantized",
                        .expected = "numbers",
                        .found = std::string(result.status().message()),
                        .advice = "mend the model, or import the integers with 'value'"});
      return Bytes();
    }
    // Toolchains choose scales that cut off a few weights; a bias must fit.
    const uint64_t elements = ElementCount(tensor.shape).value_or(0);
    const uint64_t tolerated = Demand(id).is_bias ? 0 : std::max<uint64_t>(8, elements / 20);
    if (result->saturated > tolerated) {
      WarnOfSaturation(id, result->saturated, elements);
    }
    if (as_annotated) {
      return Requantize(result->data.span(), tensor.shape, first, params).data;
    }
    return std::move(result->data);
  }

  void WarnOfSaturation(TensorId id, uint64_t saturated, uint64_t elements) {
    diagnostics_.Add({.severity = Severity::kWarning,
                      .file = model_.path,
                      .tensor = DisplayName(model_, graph_index_, id),
                      .problem = absl::StrCat(saturated, " of ", elements,
                                              " values do not fit the integers and were cut off"),
                      .advice = Demand(id).is_bias ? "use larger scales for the data or the weights"
                                                   : "use a larger scale"});
  }

  // Signed symmetric weights leave out -128: kernels may then negate them, and LiteRT's do.
  WeightsRange RangeFor(TensorId id, const QuantParams& params) const {
    const bool symmetric = RangeOf(params.dtype)->min < 0 &&
                           std::all_of(params.zero_point.begin(), params.zero_point.end(),
                                       [](int64_t zero_point) { return zero_point == 0; });
    return symmetric && Demand(id).is_weights && !full_weights_range_ ? WeightsRange::kNarrow
                                                                      : WeightsRange::kFull;
  }

  const GraphPlan& plan_;
  size_t graph_index_;
  Model& model_;
  Graph& graph_;
  UniqueNames& names_;
  BufferUsers& buffers_;
  std::vector<std::string>& float_again_;  // constants that the target can't dequantize
  Diagnostics& diagnostics_;
  bool float_inputs_;
  bool float_outputs_;
  bool full_weights_range_;
  std::vector<TensorDemands> demands_;
  std::vector<std::vector<Held>>
      held_;                     // for each tensor the forms there are so far, its own first
  std::vector<Node> front_;      // conversions of graph inputs
  std::vector<NodeId> origins_;  // what Run() returns
  const flatbuffers::Table* quantize_options_;
  const flatbuffers::Table* dequantize_options_;
};

}  // namespace

std::vector<std::vector<NodeId>> MakeBoundaries(const QuantizeOptions& options, const Plan& plan,
                                                Model& model, Diagnostics& diagnostics) {
  UniqueNames names(model);
  BufferUsers buffers(model);
  std::vector<std::string> float_again;
  std::vector<std::vector<NodeId>> origins;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    origins.push_back(
        GraphRewriter(options, plan.graphs[g], g, model, names, buffers, float_again, diagnostics)
            .Run());
  }
  if (float_again.empty()) return origins;
  const size_t more = float_again.size() - 1;
  diagnostics.Add(
      {.severity = Severity::kRemark,
       .file = model.path,
       .tensor = float_again.front(),
       .problem = absl::StrCat(
           "for ", TargetName(plan.target),
           ": the constant is float32 again, with the values that its integers stand for, since "
           "its operator stays float32 and the runtime does not dequantize it",
           more == 0 ? "" : absl::StrCat(" (and ", more, " more)")),
       .advice = "--verbose says why the operator does"});
  return origins;
}

}  // namespace q_implant
