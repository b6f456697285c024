// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/target_types.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/operators/conversion_kernels.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/weights_kernels.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/graph/warn_of_all.h"

namespace q_implant {
namespace {

class TypeTaker {
 public:
  TypeTaker(const Model& model, Plan& plan, Diagnostics& diagnostics)
      : model_(model), plan_(plan), diagnostics_(diagnostics) {
    for (size_t g = 0; g < model.graphs.size(); ++g) {
      touched_.push_back(TouchedByKeptNodes(model.graphs[g], plan.graphs[g]));
    }
  }

  void Run() {
    DropWhatCannotBeConverted();
    if (plan_.target == Target::kOnert) Move(circle::TensorType_INT8);
    if (plan_.target == Target::kLiteRt && WantsInt8()) Move(circle::TensorType_UINT8);
  }

 private:
  static std::vector<bool> TouchedByKeptNodes(const Graph& graph, const GraphPlan& plan) {
    std::vector<bool> touched(graph.tensors.size(), false);
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      if (!plan.nodes[n].forms_are_given) continue;
      for (const auto* ids : {&graph.nodes[n].inputs, &graph.nodes[n].outputs}) {
        for (TensorId id : *ids) {
          if (id != kNoTensor) touched[static_cast<size_t>(id)] = true;
        }
      }
    }
    return touched;
  }

  template <typename Visitor>
  void ForEachActivation(Visitor visit) {
    for (size_t g = 0; g < model_.graphs.size(); ++g) {
      for (size_t t = 0; t < model_.graphs[g].tensors.size(); ++t) {
        TensorPlan& planned = plan_.graphs[g].tensors[t];
        if (planned.origin != Origin::kAnnotated && planned.origin != Origin::kPropagated) continue;
        if (planned.unused || model_.IsConstant(model_.graphs[g].tensors[t])) continue;
        if (touched_[g][t]) continue;
        visit(g, static_cast<TensorId>(t), planned);
      }
    }
  }

  std::string Text(absl::string_view what) const {
    return absl::StrCat("for ", TargetName(plan_.target), ": ", what);
  }

  void DropWhatCannotBeConverted() {
    std::vector<std::string> names;
    ParamsPtr first;
    ForEachActivation([&](size_t g, TensorId id, TensorPlan& planned) {
      if (ConvertsBothWays(planned.params, plan_.target)) return;
      if (names.empty()) first = planned.params;
      names.push_back(DisplayName(model_, g, id));
      planned.origin = Origin::kUnsupported;
      planned.dropped = std::exchange(planned.params, nullptr);
    });
    if (names.empty()) return;
    WarnOfAll(names, model_.path, Text("it stays float32"),
              absl::StrCat("the runtime converts no ", DescribeType(*first)), Advice(*first),
              diagnostics_);
  }

  std::string Advice(const QuantParams& params) const {
    const bool symmetric_would_do = IsAsymmetricInt16(params) && plan_.target == Target::kLiteRt;
    return symmetric_would_do ? "export it with zero point 0, or as int8 or uint8"
                              : "annotate it as int8 or uint8";
  }

  // The form in which the data of a node with weights is annotated, or null.
  static ParamsPtr DataOf(const Node& node, const OperatorRow& row, const GraphPlan& plan) {
    const auto slot = static_cast<size_t>(FindInput(row, Role::kData));
    if (slot < node.inputs.size() && node.inputs[slot] != kNoTensor) {
      if (const ParamsPtr& params = plan.tensor(node.inputs[slot]).params) return params;
    }
    if (node.outputs.empty() || node.outputs[0] == kNoTensor) return nullptr;
    return plan.tensor(node.outputs[0]).params;
  }

  // Whether more weights beside uint8 data fit LiteRT beside int8 data than as they are.
  bool WantsInt8() const {
    size_t gained = 0;
    size_t lost = 0;
    for (size_t g = 0; g < model_.graphs.size(); ++g) {
      const GraphPlan& plan = plan_.graphs[g];
      for (const Node& node : model_.graphs[g].nodes) {
        const OperatorRow& row = RowOf(node);
        const int slot = FindInput(row, Role::kWeights);
        if (slot < 0 || static_cast<size_t>(slot) >= node.inputs.size()) continue;
        const TensorId id = node.inputs[static_cast<size_t>(slot)];
        const ParamsPtr weights = id == kNoTensor ? nullptr : plan.tensor(id).params;
        const ParamsPtr data = DataOf(node, row, plan);
        if (weights == nullptr || data == nullptr || data->dtype != circle::TensorType_UINT8) {
          continue;
        }
        const bool now = Fits(node, circle::TensorType_UINT8, weights);
        const bool then = Fits(node, circle::TensorType_INT8, weights);
        gained += then && !now ? 1 : 0;
        lost += now && !then ? 1 : 0;
      }
    }
    return gained > lost;
  }

  bool Fits(const Node& node, circle::TensorType data, const ParamsPtr& weights) const {
    const ParamsPtr other = InOtherEightBitType(weights);
    return WeightsSupportOf(node.op(), data, *weights).fits(plan_.target) ||
           (other != nullptr && WeightsSupportOf(node.op(), data, *other).fits(plan_.target));
  }

  // An input or output that is at the edge what it is inside, for no type was asked for.
  static bool IsEdge(const GraphPlan& plan, TensorId id) {
    if (plan.called) return false;
    return (plan.def_use.is_input(id) && !plan.inputs.types.contains(id)) ||
           (plan.def_use.is_output(id) && !plan.outputs.types.contains(id));
  }

  void Move(circle::TensorType from) {
    size_t count = 0;
    circle::TensorType to = from;
    std::vector<std::string> ends;
    ForEachActivation([&](size_t g, TensorId id, TensorPlan& planned) {
      if (planned.params->dtype != from) return;
      ParamsPtr moved = InOtherEightBitType(planned.params);
      if (moved == nullptr) return;
      planned.params = std::move(moved);
      to = planned.params->dtype;
      ++count;
      if (IsEdge(plan_.graphs[g], id)) {
        ends.push_back(absl::StrCat("'", DisplayName(model_, g, id), "'"));
      }
    });
    if (count == 0) return;
    diagnostics_.Add(
        {.severity = Severity::kRemark,
         .file = model_.path,
         .problem = Text(absl::StrCat(
             count, count == 1 ? " activation is " : " activations are ", TypeName(to),
             " instead of ", TypeName(from), ", the same numbers with zero points moved by 128",
             ends.empty()
                 ? std::string()
                 : absl::StrCat(", inputs and outputs among them: ", absl::StrJoin(ends, ", "))))});
  }

  const Model& model_;
  Plan& plan_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<bool>> touched_;  // by graph and tensor: what kept nodes take and give
};

}  // namespace

void TakeTargetTypes(const Model& model, Plan& plan, Diagnostics& diagnostics) {
  if (plan.target != Target::kAny) TypeTaker(model, plan, diagnostics).Run();
}

}  // namespace q_implant
