// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/boundaries.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "ir/operators/conversion_kernels.h"
#include "pass/graph/buffer_users.h"
#include "pass/graph/unique_names.h"
#include "pass/numbers/general_scales.h"
#include "pass/quantize/carry_out/constant_converter.h"
#include "pass/quantize/carry_out/form_maker.h"
#include "pass/quantize/carry_out/made_ranges.h"
#include "pass/quantize/carry_out/needed_forms.h"
#include "pass/quantize/carry_out/quantize_wraps.h"

namespace q_implant {
namespace {

class GraphRewriter {
 public:
  GraphRewriter(const QuantizeOptions& options, const GraphPlan& plan, size_t graph_index,
                Model& model, UniqueNames& names, BufferUsers& buffers,
                std::vector<std::string>& float_again, Diagnostics& diagnostics)
      : plan_(plan),
        graph_index_(graph_index),
        model_(model),
        graph_(model.graphs[graph_index]),
        demands_(FindNeededForms(model, graph_, plan)),
        forms_(plan.target, graph_index, model, names, buffers),
        constants_(options, plan, demands_, graph_index, model, forms_, buffers, float_again,
                   diagnostics),
        made_ranges_(FindMadeRanges(model, graph_, plan, demands_)),
        diagnostics_(diagnostics) {}

  // For each node of the result its position before; kNoNode for conversions. Stops where a
  // constant can't be converted, when all have been tried.
  std::vector<NodeId> Run() {
    const auto count = static_cast<TensorId>(demands_.size());
    bool converted = true;
    for (TensorId id = 0; id < count; ++id) {
      if (IsConstant(id)) {
        converted &= constants_.Convert(id);
      } else if (plan_.def_use.producer(id) == kNoNode) {
        StartWithoutProducer(id);
      }
    }
    if (!converted) return {};
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
  const NeededForms& Demand(TensorId id) const { return demands_[static_cast<size_t>(id)]; }

  // Graph inputs, variables, and tensors that nobody makes. An input that enters in another form
  // than its own has a twin inside, unless nobody reads it.
  void StartWithoutProducer(TensorId id) {
    const ParamsPtr& own = Demand(id).own;
    const ParamsPtr enters = plan_.inputs.FormOf(id, own);
    TakeForm(id, enters);
    TensorId holder = id;
    if (!SameParams(enters, own)) {
      if (plan_.def_use.uses(id).empty() && !plan_.def_use.is_output(id)) return;
      holder = forms_.NewTensor(id, "_quantized", own);
      const bool quantizes = enters == nullptr && own != nullptr;
      forms_.Convert(quantizes ? BeforeQuantize(id, id, *own, front_) : id, holder, id, front_);
    }
    forms_.Add(id, own, holder);
    MakeForms(id, front_);
  }

  void TakeForm(TensorId id, const ParamsPtr& form) {
    if (form != nullptr && plan_.tensor(id).origin != Origin::kExisting) {
      SetParams(*form, graph_.tensor(id));
    }
  }

  // The forms that readers want.
  void MakeForms(TensorId id, std::vector<Node>& nodes) {
    for (const ParamsPtr& form : Demand(id).forms) forms_.Make(id, form, nodes);
  }

  void RewriteNode(NodeId position, Node& node, const NodePlan& planned) {
    const std::vector<TensorId> inputs = node.inputs;
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      const TensorId id = inputs[slot];
      if (id == kNoTensor) continue;
      const ParamsPtr wanted = WantedForm(plan_, node, planned, slot);
      if (IsConstant(id)) DequantizeLate(id, wanted);
      node.inputs[slot] = forms_.Holder(id, wanted);
    }
    const std::vector<TensorId> outputs = node.outputs;
    const bool idle = IsIdleQuantize(plan_, node);
    std::vector<Node> behind;
    for (size_t slot = 0; slot < outputs.size(); ++slot) {
      if (outputs[slot] == kNoTensor) continue;
      const ParamsPtr made = planned.integer ? planned.out[slot] : MadeForm(node, outputs[slot]);
      node.outputs[slot] = StartWithProducer(outputs[slot], made, behind);
    }
    if (!planned.intermediates.empty()) GiveIntermediates(planned, node);
    if (planned.integer && MayChangeOptions(outputs)) UseGeneralScales(graph_, model_, node);
    origins_.resize(graph_.nodes.size(), kNoNode);
    origins_.push_back(position);
    AddNode(std::move(node), idle, outputs.empty() ? kNoTensor : outputs[0]);
    for (Node& conversion : behind) graph_.nodes.push_back(std::move(conversion));
  }

  // Without a target, what came quantized stays as it is.
  bool MayChangeOptions(absl::Span<const TensorId> outputs) const {
    return plan_.target != Target::kAny || (!outputs.empty() && outputs[0] != kNoTensor &&
                                            plan_.tensor(outputs[0]).origin != Origin::kExisting);
  }

  // Kernels want those with parameters, and places for all.
  void GiveIntermediates(const NodePlan& planned, Node& node) {
    node.intermediates.resize(planned.intermediates.size(), kNoTensor);
    for (size_t i = 0; i < planned.intermediates.size(); ++i) {
      const ParamsPtr& form = planned.intermediates[i];
      TensorId& id = node.intermediates[i];
      if (form == nullptr) continue;
      if (id == kNoTensor) {
        id = forms_.NewTensor(node.outputs[0], "_intermediate", form);
      } else {
        SetParams(*form, graph_.tensor(id));
      }
    }
  }

  // Float32 readers of an integer constant: a Dequantize before the first of them, so that the
  // float32 copy does not live from the start of the graph.
  void DequantizeLate(TensorId id, const ParamsPtr& wanted) {
    if (wanted == nullptr && !forms_.OwnIsFloat(id)) forms_.Make(id, nullptr, graph_.nodes);
  }

  // What a node that is not integer makes: float32, what the model brought, or, of a Quantize, what
  // its output is annotated as.
  ParamsPtr MadeForm(const Node& node, TensorId id) const {
    const TensorPlan& planned = plan_.tensor(id);
    return planned.origin == Origin::kExisting || IsIdleQuantize(plan_, node) ? planned.params
                                                                              : nullptr;
  }

  // A Quantize of the model stays as it is, or goes the way that the target gets right.
  void AddNode(Node node, bool idle, TensorId output) {
    if (idle) {
      GuardQuantize(node, output);
      const Tensor& from = graph_.tensor(node.inputs[0]);
      const Tensor& to = graph_.tensor(node.outputs[0]);
      if (!ConversionPath(ParamsOf(from), ParamsOf(to), plan_.target).empty()) {
        forms_.Convert(node.inputs[0], node.outputs[0], node.outputs[0], graph_.nodes);
        return;
      }
    }
    graph_.nodes.push_back(std::move(node));
  }

  // `output` is what the model's Quantize makes.
  void GuardQuantize(Node& node, TensorId output) {
    const ParamsPtr to = ParamsOf(graph_.tensor(node.outputs[0]));
    if (to == nullptr || ParamsOf(graph_.tensor(node.inputs[0])) != nullptr) return;
    node.inputs[0] = BeforeQuantize(node.inputs[0], output, *to, graph_.nodes);
  }

  // Float32 values of a tensor of the model, on their way to integers of this form: themselves, or
  // cut off where the runtime's Quantize may wrap. Returns the tensor that holds them.
  TensorId BeforeQuantize(TensorId from, TensorId id, const QuantParams& form,
                          std::vector<Node>& nodes) {
    const RealRange& range = made_ranges_[static_cast<size_t>(id)];
    if (!MayWrap(range, form)) return from;
    if (CanCutOff(plan_.target, graph_.tensor(id))) return forms_.CutOff(from, form, nodes);
    diagnostics_.Add(WrapWarning(model_, graph_index_, id, form, range, plan_.target));
    return from;
  }

  // Returns the tensor that the producer writes. An output that leaves in another form than its own
  // has a twin inside.
  TensorId StartWithProducer(TensorId id, const ParamsPtr& made, std::vector<Node>& behind) {
    const ParamsPtr& own = Demand(id).own;
    const ParamsPtr leaves = plan_.outputs.FormOf(id, own);
    const bool has_twin = !SameParams(leaves, own);
    TakeForm(id, leaves);
    const TensorId holder = has_twin ? forms_.NewTensor(id, "_quantized", own) : id;
    TensorId written = holder;
    if (!SameParams(made, own)) {
      written = forms_.NewTensor(id, made == nullptr ? "_float" : "_quantized", made);
      const bool quantizes = made == nullptr && own != nullptr;
      const TensorId from = quantizes ? BeforeQuantize(written, id, *own, behind) : written;
      forms_.Convert(from, holder, id, behind);
    }
    forms_.Add(id, own, holder);
    if (has_twin) forms_.Make(id, leaves, behind, /*into=*/id);
    MakeForms(id, behind);
    return written;
  }

  // A graph output that nobody makes here (it is an input or a constant too) and that leaves in
  // another form than it came in becomes a tensor of its own.
  void FinishOutput(size_t i) {
    const TensorId id = graph_.outputs[i];
    const ParamsPtr& own = Demand(id).own;
    if (plan_.def_use.producer(id) != kNoNode || own == nullptr ||
        plan_.tensor(id).origin == Origin::kExisting) {
      return;
    }
    const ParamsPtr leaves = IsConstant(id) ? own : plan_.outputs.FormOf(id, own);
    forms_.Make(id, leaves, graph_.nodes);
    const TensorId holder = forms_.Holder(id, leaves);
    if (holder != id) RedirectOutput(i, holder);
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

  const GraphPlan& plan_;
  size_t graph_index_;
  Model& model_;
  Graph& graph_;
  std::vector<NeededForms> demands_;
  FormMaker forms_;
  ConstantConverter constants_;
  std::vector<RealRange> made_ranges_;  // by tensor of the model
  Diagnostics& diagnostics_;
  std::vector<Node> front_;      // conversions of graph inputs
  std::vector<NodeId> origins_;  // what Run() returns
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
  diagnostics.Add({.severity = Severity::kRemark,
                   .file = model.path,
                   .tensor = float_again.front(),
                   .problem = absl::StrCat(
                       "for ", TargetName(plan.target),
                       ": the constant is written as float32 (its dequantized values), because the "
                       "operator that reads it stays float32 and the runtime cannot dequantize it",
                       more == 0 ? "" : absl::StrCat(" (and ", more, " more)")),
                   .advice = "--verbose says why the operator stays float32"});
  return origins;
}

}  // namespace q_implant
