// SPDX-License-Identifier: Apache-2.0
#include "pass/target/target_node_forms.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/operators/float_precision.h"
#include "ir/operators/node_forms.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/numbers/values_params.h"
#include "pass/target/form_rewritings.h"
#include "pass/verify/verify_graph.h"

namespace q_implant {
namespace {

constexpr int kMostSteps = 4;  // of rewritings of what rewritings wrote

std::vector<const FormRewriting*> RewritingsOf(circle::BuiltinOperator op) {
  std::vector<const FormRewriting*> found;
  for (const auto& rows : {OptionForms(), ReductionForms(), CollapsedForms(), LayerForms(),
                           MoverForms(), FloatForms()}) {
    for (const FormRewriting& row : rows) {
      if (row.op == op) found.push_back(&row);
    }
  }
  return found;
}

// True where all is given that the operator needs: rewritings look at no other nodes. The shape of
// a Reshape may be in its options, and a bias may be left out.
bool IsComplete(const Node& node) {
  const OperatorRow& row = RowOf(node);
  size_t least = 0;
  for (char role : row.inputs) least += role != '*' && role != static_cast<char>(Role::kBias);
  if (node.op() == circle::BuiltinOperator_RESHAPE) least = 1;
  if (node.inputs.size() < least || node.outputs.empty() || node.outputs[0] == kNoTensor) {
    return false;
  }
  for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
    if (node.inputs[slot] == kNoTensor && InputRole(row, slot) != Role::kBias) return false;
  }
  return true;
}

// No form of the node runs, or not this one.
bool IsOdd(const Graph& graph, const Node& node, Target target) {
  if (FindOddForm(graph, node, target) != nullptr) return true;
  return target == Target::kOnert && RowOf(node).onert_lacks_float;
}

// onert refuses them in a Transpose; they are in the data, which FindOddForm() does not see.
bool HasNegativeAxes(const Model& model, const Graph& graph, const Node& node, Target target) {
  if (node.op() != circle::BuiltinOperator_TRANSPOSE || target != Target::kOnert ||
      node.inputs.size() != 2 || node.inputs[1] == kNoTensor) {
    return false;
  }
  const auto axes = ConstantNumbers(model, graph.tensor(node.inputs[1]));
  return axes.has_value() &&
         std::any_of(axes->begin(), axes->end(), [](int64_t axis) { return axis < 0; });
}

// What of a graph is written otherwise.
enum class Rewrites : uint8_t {
  kForms,   // RewriteWhen::kOdd and kInteger
  kPrecise  // RewriteWhen::kPrecise
};

class GraphRewriter {
 public:
  GraphRewriter(Rewrites rewrites, Model& model, size_t graph_index, GraphPlan& plan,
                UniqueNames& names, Diagnostics& diagnostics)
      : rewrites_(rewrites),
        model_(model),
        graph_index_(graph_index),
        graph_(model.graphs[graph_index]),
        plan_(plan),
        names_(names),
        diagnostics_(diagnostics),
        has_params_(
            std::any_of(plan.tensors.begin(), plan.tensors.end(),
                        [](const TensorPlan& planned) { return planned.params != nullptr; })) {}

  // How many nodes got another form.
  size_t Run() {
    std::vector<Node> nodes;
    std::vector<NodePlan> plans;
    std::vector<TensorId> read;
    const auto first_new = static_cast<TensorId>(graph_.tensors.size());
    const std::vector<bool> candidates = Candidates();
    size_t count = 0;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      Node& node = graph_.nodes[n];
      std::optional<std::vector<Node>> written;
      if (candidates[n]) written = Rewrite(node, kMostSteps, rewrites_);
      if (!written.has_value()) {
        nodes.push_back(std::move(node));
        plans.push_back(std::move(plan_.nodes[n]));
        continue;
      }
      ++count;
      Tell(node, *written);
      read.insert(read.end(), node.inputs.begin(), node.inputs.end());
      std::move(written->begin(), written->end(), std::back_inserter(nodes));
      plans.resize(nodes.size());
    }
    graph_.nodes = std::move(nodes);
    plan_.nodes = std::move(plans);
    if (count == 0) return 0;
    plan_.def_use = DefUse(graph_);
    for (TensorId id : read) {
      if (id != kNoTensor) MarkIfUnused(id);
    }
    // What a form had that needed another one in turn.
    for (TensorId id = first_new; static_cast<size_t>(id) < graph_.tensors.size(); ++id) {
      MarkIfUnused(id);
    }
    return count;
  }

 private:
  // By node: whether it may be written otherwise.
  std::vector<bool> Candidates() const {
    std::vector<bool> found(graph_.nodes.size(), false);
    for (size_t n = 0; n < found.size(); ++n) {
      found[n] = !plan_.nodes[n].forms_are_given &&
                 (rewrites_ == Rewrites::kForms || LacksPrecision(graph_.nodes[n]));
    }
    return found;
  }

  bool LacksPrecision(const Node& node) const {
    if (!IsComplete(node)) return false;
    const auto params_of = [&](TensorId id) {
      const TensorPlan& planned = plan_.tensor(id);
      return planned.params != nullptr ? planned.params : planned.dropped;
    };
    return q_implant::LacksPrecision(
        node, ParamsOfValues(graph_, plan_.def_use, node.inputs[0], params_of),
        ParamsOfValues(graph_, plan_.def_use, node.outputs[0], params_of), plan_.target);
  }

  void MarkIfUnused(TensorId id) {
    const DefUse& def_use = plan_.def_use;
    if (!def_use.uses(id).empty() || def_use.is_output(id) || def_use.is_input(id) ||
        def_use.producer(id) != kNoNode) {
      return;
    }
    plan_.tensor(id).unused = true;
  }

  bool IsFixed(const Node& node) const {
    const FormWriter writer(model_, graph_, plan_, names_);
    const auto is_fixed = [&](TensorId id) { return id == kNoTensor || writer.IsFixed(id); };
    return std::all_of(node.inputs.begin(), node.inputs.end(), is_fixed) &&
           std::all_of(node.outputs.begin(), node.outputs.end(), is_fixed);
  }

  // Of a mover of numbers that may become integers.
  bool LacksIntegers(const Node& node) const {
    const OperatorRow& row = RowOf(node);
    return has_params_ && row.kind == Kind::kMover && plan_.target == Target::kOnert &&
           IntegerTypes(row, plan_.target).empty() &&
           graph_.tensor(node.outputs[0]).type == circle::TensorType_FLOAT32;
  }

  bool IsToBeWritten(const Node& node, const FormRewriting& rewriting, Rewrites rewrites) const {
    const bool precise = rewriting.when == RewriteWhen::kPrecise;
    if (precise != (rewrites == Rewrites::kPrecise)) return false;
    if (precise) return true;  // a candidate
    if (IsOdd(graph_, node, plan_.target)) return true;
    if (rewriting.when == RewriteWhen::kInteger && LacksIntegers(node)) return true;
    return HasNegativeAxes(model_, graph_, node, plan_.target);
  }

  // True where numbers of 32 bits count the elements, and there are some: forms divide by sizes.
  bool HasOrdinarySizes(const Node& node) const {
    const OperatorRow& row = RowOf(node);
    const auto is_ordinary = [&](TensorId id, Role role) {
      if (id == kNoTensor) return true;
      const auto& shape = graph_.tensor(id).shape;
      if (std::find(shape.begin(), shape.end(), -1) != shape.end()) return true;  // it is open
      const auto count = ElementCount(shape);
      return count.has_value() && *count <= std::numeric_limits<int32_t>::max() &&
             (*count > 0 || role == Role::kControl);
    };
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (!is_ordinary(node.inputs[i], InputRole(row, i))) return false;
    }
    for (size_t i = 0; i < node.outputs.size(); ++i) {
      if (!is_ordinary(node.outputs[i], OutputRole(row, i))) return false;
    }
    return true;
  }

  // What stands for the node; nothing where it stays, or where there is nothing.
  std::optional<std::vector<Node>> Rewrite(const Node& node, int steps, Rewrites rewrites) {
    if (steps == 0 || !IsComplete(node) || !HasOrdinarySizes(node)) return std::nullopt;
    for (const FormRewriting* rewriting : RewritingsOf(node.op())) {
      if (!IsToBeWritten(node, *rewriting, rewrites)) continue;
      if (!rewriting->open && !IsFixed(node)) continue;
      if (auto written = Try(node, *rewriting, steps); written.has_value()) return written;
    }
    return std::nullopt;
  }

  std::optional<std::vector<Node>> Try(const Node& node, const FormRewriting& rewriting,
                                       int steps) {
    const size_t tensors = graph_.tensors.size();
    const size_t buffers = model_.buffers.size();
    FormWriter writer(model_, graph_, plan_, names_);
    if (rewriting.write(node, writer) && writer.ok()) {
      auto final = Finish(writer.TakeNodes(), steps);
      if (final.has_value() && FitsTypes(node, *final)) return final;
    }
    graph_.tensors.resize(tensors);
    plan_.tensors.resize(tensors);
    model_.buffers.resize(buffers);
    return std::nullopt;
  }

  // False where float32 tensors would come to stand beside those that the model brought quantized,
  // which no rule converts, or sides that differ where a kernel wants equal ones; but for what is
  // so at the node.
  bool FitsTypes(const Node& node, const std::vector<Node>& written) const {
    const bool mixes = MixesTypes(graph_, node);
    const bool differs = HasUnequalSides(node);
    return std::none_of(written.begin(), written.end(), [&](const Node& one) {
      const bool same = one.op() == node.op();
      return (MixesTypes(graph_, one) && !(same && mixes)) ||
             (HasUnequalSides(one) && !(same && differs));
    });
  }

  bool HasUnequalSides(const Node& node) const {
    const OperatorRow& row = RowOf(node);
    std::vector<ParamsPtr> sides;
    const auto add = [&](TensorId id, Role role) {
      if (id == kNoTensor || (role != Role::kData && role != Role::kFill)) return;
      if (ParamsPtr params = ParamsOf(graph_.tensor(id))) sides.push_back(std::move(params));
    };
    for (size_t i = 0; i < node.inputs.size(); ++i) add(node.inputs[i], InputRole(row, i));
    for (size_t i = 0; i < node.outputs.size(); ++i) add(node.outputs[i], OutputRole(row, i));
    return !sides.empty() && NeedsEqualSides(row, sides.back()->dtype) &&
           std::any_of(sides.begin(), sides.end(),
                       [&](const ParamsPtr& side) { return !SameParams(side, sides.back()); });
  }

  // What was written may be in a form that needs another one in turn.
  std::optional<std::vector<Node>> Finish(std::vector<Node> nodes, int steps) {
    std::vector<Node> final;
    for (Node& node : nodes) {
      if (auto written = Rewrite(node, steps - 1, Rewrites::kForms); written.has_value()) {
        std::move(written->begin(), written->end(), std::back_inserter(final));
      } else if (IsOdd(graph_, node, plan_.target)) {
        return std::nullopt;
      } else {
        final.push_back(std::move(node));
      }
    }
    return final;
  }

  void Tell(const Node& node, const std::vector<Node>& written) {
    const auto name = [](std::string* out, const Node& one) { absl::StrAppend(out, OpName(one)); };
    const bool same = std::any_of(written.begin(), written.end(),
                                  [&](const Node& one) { return one.op() == node.op(); });
    if (!same) plan_.removed.push_back({OpName(node), OutputName(model_, graph_index_, node)});
    diagnostics_.Add({.severity = Severity::kNote,
                      .file = model_.path,
                      .tensor = OutputName(model_, graph_index_, node),
                      .problem = absl::StrCat(OpName(node), " is written as ",
                                              absl::StrJoin(written, ", ", name), " for ",
                                              TargetName(plan_.target))});
  }

  Rewrites rewrites_;
  Model& model_;
  size_t graph_index_;
  Graph& graph_;
  GraphPlan& plan_;
  UniqueNames& names_;
  Diagnostics& diagnostics_;
  bool has_params_;
};

void Write(Rewrites rewrites, Model& model, Plan& plan, Diagnostics& diagnostics) {
  if (plan.target == Target::kAny) return;
  UniqueNames names(model);
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    count += GraphRewriter(rewrites, model, g, plan.graphs[g], names, diagnostics).Run();
  }
  if (count == 0) return;
  diagnostics.Add({.severity = Severity::kRemark,
                   .file = model.path,
                   .problem = absl::StrCat("for ", TargetName(plan.target), ": ", count,
                                           count == 1 ? " node is" : " nodes are",
                                           " written in another form, which it computes "
                                           "(--verbose names them)")});
}

}  // namespace

void WriteTargetForms(Model& model, Plan& plan, Diagnostics& diagnostics) {
  Write(Rewrites::kForms, model, plan, diagnostics);
}

void WritePreciseForms(Model& model, Plan& plan, Diagnostics& diagnostics) {
  Write(Rewrites::kPrecise, model, plan, diagnostics);
}

bool MayHaveTargetForm(const Model& model, const Graph& graph, const Node& node, Target target) {
  if (HasNegativeAxes(model, graph, node, target)) return true;
  return IsOdd(graph, node, target) && !RewritingsOf(node.op()).empty();
}

}  // namespace q_implant
