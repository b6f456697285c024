// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/fold_dequantizes.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/operators/conversion_kernels.h"
#include "pass/graph/buffer_users.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/remove_nodes.h"

namespace q_implant {
namespace {

class GraphFolder {
 public:
  GraphFolder(Model& model, Graph& graph, GraphPlan& plan, BufferUsers& buffers)
      : model_(model), graph_(graph), plan_(plan), buffers_(buffers) {}

  // How many were carried out.
  size_t Run() {
    std::vector<bool> gone(graph_.nodes.size(), false);
    size_t count = 0;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      gone[n] = Fold(graph_.nodes[n]);
      count += gone[n] ? 1 : 0;
    }
    if (count == 0) return 0;
    std::vector<TensorId> read;
    for (size_t n = 0; n < gone.size(); ++n) {
      if (!gone[n]) continue;
      read.push_back(graph_.nodes[n].inputs[0]);
      plan_.merged.push_back(
          {read.back(), graph_.nodes[n].outputs[0], "a DEQUANTIZE of it was carried out"});
    }
    RemoveNodes(gone, graph_, plan_);
    for (TensorId id : read) {
      if (plan_.def_use.uses(id).empty() && !plan_.def_use.is_output(id) &&
          !plan_.def_use.is_input(id)) {
        plan_.tensor(id).unused = true;
      }
    }
    return count;
  }

 private:
  static bool IsRight(Verdict verdict) { return verdict == Verdict::kRight; }

  bool Fold(const Node& node) {
    if (node.op() != circle::BuiltinOperator_DEQUANTIZE || node.inputs.size() != 1 ||
        node.outputs.size() != 1 || node.inputs[0] == kNoTensor || node.outputs[0] == kNoTensor) {
      return false;
    }
    const Tensor& from = graph_.tensor(node.inputs[0]);
    const TensorPlan& planned = plan_.tensor(node.inputs[0]);
    Tensor& to = graph_.tensor(node.outputs[0]);
    const bool foldable = model_.IsConstant(from) && from.is_stored_plainly() &&
                          to.type == circle::TensorType_FLOAT32 && from.shape == to.shape &&
                          !plan_.def_use.uses(node.outputs[0]).empty() &&
                          !plan_.def_use.is_output(node.outputs[0]);
    if (!foldable) return false;
    if (from.type == circle::TensorType_FLOAT16 && planned.params == nullptr) {
      if (IsRight(ConversionVerdict(from.type, to.type, plan_.target))) return false;
      to.buffer = buffers_.Add(model_, WidenFloat16(model_.ConstantData(from).span()), from.buffer);
      return true;
    }
    if (planned.origin != Origin::kExisting ||
        IsRight(ConversionVerdict(planned.params, nullptr, plan_.target))) {
      return false;
    }
    to.buffer = buffers_.Add(
        model_, DequantizeToFloats(model_.ConstantData(from).span(), from.shape, *planned.params),
        from.buffer);
    return true;
  }

  Model& model_;
  Graph& graph_;
  GraphPlan& plan_;
  BufferUsers& buffers_;
};

}  // namespace

void FoldDequantizes(Model& model, Plan& plan, Diagnostics& diagnostics) {
  if (plan.target == Target::kAny) return;
  BufferUsers buffers(model);
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    count += GraphFolder(model, model.graphs[g], plan.graphs[g], buffers).Run();
  }
  if (count == 0) return;
  diagnostics.Add({.severity = Severity::kRemark,
                   .file = model.path,
                   .problem = absl::StrCat("for ", TargetName(plan.target), ": ", count,
                                           count == 1 ? " constant" : " constants",
                                           " that it does not dequantize became float32")});
}

}  // namespace q_implant
