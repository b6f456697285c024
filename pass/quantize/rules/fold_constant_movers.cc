// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/fold_constant_movers.h"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/tensor_type.h"
#include "pass/graph/buffer_users.h"
#include "pass/graph/display_names.h"
#include "pass/graph/moved_constants.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/planned_constant.h"
#include "pass/quantize/plan/remove_nodes.h"

namespace q_implant {
namespace {

class GraphFolder {
 public:
  GraphFolder(Model& model, size_t graph_index, GraphPlan& plan, BufferUsers& buffers,
              Diagnostics& diagnostics)
      : model_(model),
        graph_index_(graph_index),
        graph_(model.graphs[graph_index]),
        plan_(plan),
        buffers_(buffers),
        diagnostics_(diagnostics) {}

  void Run() {
    FindWanted();
    std::vector<bool> gone(graph_.nodes.size(), false);
    bool any = false;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      gone[n] = !plan_.nodes[n].forms_are_given && Fold(graph_.nodes[n]);
      any = any || gone[n];
    }
    if (any) RemoveFolded(gone);
  }

 private:
  bool HasParams(TensorId id) const { return plan_.tensor(id).params != nullptr; }

  // Tensors from which a chain of moves leads to one with parameters.
  void FindWanted() {
    wanted_.assign(graph_.tensors.size(), false);
    for (size_t n = graph_.nodes.size(); n-- > 0;) {
      const Node& node = graph_.nodes[n];
      if (!MoveOf(model_, graph_, node).has_value()) continue;
      const TensorId to = node.outputs[0];
      if (HasParams(to) || wanted_[static_cast<size_t>(to)]) {
        wanted_[static_cast<size_t>(node.inputs[0])] = true;
      }
    }
  }

  // A float16 bias behind its Dequantize, of an operator that is annotated.
  bool IsReadBesideParams(TensorId id) const {
    for (const Use& use : plan_.def_use.uses(id)) {
      const Node& reader = graph_.nodes[static_cast<size_t>(use.node)];
      for (const auto* ids : {&reader.inputs, &reader.outputs}) {
        for (TensorId other : *ids) {
          if (other != kNoTensor && HasParams(other)) return true;
        }
      }
    }
    return false;
  }

  bool Fold(const Node& node) {
    const std::optional<Move> move = MoveOf(model_, graph_, node);
    if (!move.has_value()) return false;
    const TensorId from = node.inputs[0];
    const TensorId to = node.outputs[0];
    const bool foldable = IsMovable(model_, graph_.tensor(from)) &&
                          !StaysFloat(plan_.tensor(to).origin) && !plan_.def_use.is_output(to) &&
                          TypesMove(graph_.tensor(from), graph_.tensor(to));
    const bool wanted =
        HasParams(from) || wanted_[static_cast<size_t>(from)] ||
        (graph_.tensor(from).type != graph_.tensor(to).type && IsReadBesideParams(to));
    if (!foldable || !wanted) return false;
    if (HasParams(from) && !HasParams(to) && !MoveParams(*move, from, to)) return false;
    const Bytes moved = DataOf(from, to);
    const size_t element = static_cast<size_t>(BitsPerElement(graph_.tensor(to).type)) / 8;
    graph_.tensor(to).buffer =
        buffers_.Add(model_, MoveData(*move, moved, element), graph_.tensor(from).buffer);
    if (plan_.def_use.uses(to).empty()) return true;
    plan_.merged.push_back({from, to, absl::StrCat("a ", OpName(node), " of it was carried out")});
    return true;
  }

  // What `to` is made of. Where both are annotated, the parameters are those of `to`, but the
  // values are what the integers of `from` stand for.
  Bytes DataOf(TensorId from, TensorId to) {
    const Tensor& tensor = graph_.tensor(from);
    if (plan_.tensor(to).origin != Origin::kAnnotated || !HasParams(from)) {
      const Bytes& data = model_.ConstantData(tensor);
      return tensor.type == graph_.tensor(to).type ? data : WidenFloat16(data.span());
    }
    graph_.tensor(to).type = circle::TensorType_FLOAT32;
    return FloatData(model_, tensor, plan_.tensor(from));
  }

  // False where the channel axis does not survive.
  bool MoveParams(const Move& move, TensorId from, TensorId to) {
    const TensorPlan& source = plan_.tensor(from);
    QuantParams params = *source.params;
    if (params.per_channel()) {
      const std::optional<int32_t> axis = MoveAxis(move, params.quantized_dimension);
      if (!axis.has_value()) return false;
      params.quantized_dimension = *axis;
    } else {
      params.quantized_dimension = 0;
    }
    auto entry = std::make_unique<ParamEntry>(*source.entry);
    entry->quantized_dimension = params.quantized_dimension;
    if (entry->value.has_value()) {
      Array& value = *entry->value;
      const size_t element = static_cast<size_t>(BitsPerElement(value.type)) / 8;
      value.data = MoveData(move, value.data, element);
      value.shape.assign(move.to_shape.begin(), move.to_shape.end());
    }
    plan_.tensor(to) = {.origin = Origin::kPropagated,
                        .params = std::make_shared<const QuantParams>(std::move(params)),
                        .entry = entry.get(),
                        .from = from};
    plan_.moved_entries.push_back(std::move(entry));
    return true;
  }

  void RemoveFolded(const std::vector<bool>& gone) {
    std::vector<TensorId> touched;  // nobody need have read what they made
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!gone[n]) continue;
      touched.push_back(graph_.nodes[n].outputs[0]);
      for (TensorId id : graph_.nodes[n].inputs) {
        if (id != kNoTensor) touched.push_back(id);
      }
    }
    RemoveNodes(gone, graph_, plan_);
    for (TensorId id : touched) DropIfUnused(id);
    for (const MergedTensor& merged : plan_.merged) TellOfKept(merged);
  }

  // Of an annotated constant that others read as it is.
  void TellOfKept(const MergedTensor& merged) {
    const TensorPlan& planned = plan_.tensor(merged.goes);
    if (planned.unused || planned.entry == nullptr) return;
    diagnostics_.Add(
        {.severity = Severity::kNote,
         .file = model_.path,
         .tensor = DisplayName(model_, graph_index_, merged.goes),
         .problem = absl::StrCat(merged.how, "; '", DisplayName(model_, graph_index_, merged.stays),
                                 "' is a constant now")});
  }

  void DropIfUnused(TensorId id) {
    if (!plan_.def_use.uses(id).empty() || plan_.def_use.is_output(id) ||
        plan_.def_use.is_input(id) || plan_.tensor(id).unused) {
      return;
    }
    plan_.tensor(id).unused = true;
    buffers_.Drop(model_, graph_.tensor(id));
    graph_.tensor(id).buffer = buffers_.Empty(model_);
  }

  Model& model_;
  size_t graph_index_;
  Graph& graph_;
  GraphPlan& plan_;
  BufferUsers& buffers_;
  Diagnostics& diagnostics_;
  std::vector<bool> wanted_;
};

}  // namespace

void FoldConstantMovers(Model& model, Plan& plan, Diagnostics& diagnostics) {
  BufferUsers buffers(model);
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    GraphFolder(model, g, plan.graphs[g], buffers, diagnostics).Run();
  }
}

}  // namespace q_implant
