// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/cut_constants.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"
#include "ir/value_text.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/numbers/choose_params.h"
#include "pass/numbers/constant_data.h"
#include "pass/numbers/real_range.h"
#include "pass/numbers/useful_range.h"
#include "pass/quantize/plan/planned_constant.h"

namespace q_implant {
namespace {

// How much wider than the useful range an annotation may be and still be kept.
constexpr double kMostTimesWider = 4;

class ConstantCutter : private GraphView {
 public:
  ConstantCutter(const Model& model, size_t graph_index, GraphPlan& plan, Diagnostics& diagnostics)
      : GraphView(model, graph_index), plan_(plan), diagnostics_(diagnostics) {}

  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (plan_.nodes[n].integer) CutOperands(graph_.nodes[n], plan_.nodes[n]);
    }
  }

 private:
  void CutOperands(const Node& node, NodePlan& planned) {
    const OperatorRow& row = RowOf(node);
    const ParamsPtr data = DataParams(node, row, planned);
    if (data == nullptr) return;
    const bool makes_data = !planned.out.empty() && planned.out[0] != nullptr;
    // The constant takes the output's parameters whatever its values are.
    if (makes_data && NeedsEqualSides(row, data->dtype, plan_.target) && !Chooses(node.op()))
      return;
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id == kNoTensor || InputRole(row, slot) != Role::kData || !IsConstant(id)) continue;
      if (planned.in[slot] != nullptr && !MayChange(plan_.tensor(id))) continue;
      if (const auto useful = UsefulRangeOf(node, row, slot, planned, makes_data)) {
        Cut(node, slot, *useful, data->dtype, planned);
      }
    }
  }

  // Operators that put out one operand or the other: what the output cuts off was not chosen, or
  // was annotated so.
  static bool Chooses(circle::BuiltinOperator op) {
    return op == circle::BuiltinOperator_MAXIMUM || op == circle::BuiltinOperator_MINIMUM ||
           op == circle::BuiltinOperator_SELECT || op == circle::BuiltinOperator_SELECT_V2;
  }

  // Integers that were imported, or that the model brought, stay what they are.
  static bool MayChange(const TensorPlan& planned) {
    return planned.entry != nullptr && !planned.entry->value.has_value() &&
           planned.params != nullptr && !planned.params->per_channel();
  }

  // The parameters of run-time data that the node makes or reads.
  ParamsPtr DataParams(const Node& node, const OperatorRow& row, const NodePlan& planned) const {
    for (const ParamsPtr& out : planned.out) {
      if (out != nullptr) return out;
    }
    for (size_t slot = 0; slot < planned.in.size(); ++slot) {
      if (planned.in[slot] != nullptr && InputRole(row, slot) == Role::kData &&
          !IsConstant(node.inputs[slot])) {
        return planned.in[slot];
      }
    }
    return nullptr;
  }

  std::optional<RealRange> UsefulRangeOf(const Node& node, const OperatorRow& row, size_t slot,
                                         const NodePlan& planned, bool makes_data) const {
    RealRange other;
    double step = 0;
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      if (i == slot || node.inputs[i] == kNoTensor || InputRole(row, i) != Role::kData) continue;
      const auto range = RangeAt(node.inputs[i], planned.in[i]);
      if (!range.has_value()) return std::nullopt;
      other = *range;
      if (planned.in[i] != nullptr) step = static_cast<double>(planned.in[i]->scale.front());
    }
    const RealRange output = makes_data ? RangeOfParams(*planned.out[0]) : RealRange();
    return UsefulRange(node, slot, other, step, output);
  }

  std::optional<RealRange> RangeAt(TensorId id, const ParamsPtr& form) const {
    if (form != nullptr) return RangeOfParams(*form);
    return IsConstant(id) ? ValuesOf(id) : std::nullopt;
  }

  // Nothing where a value is not finite.
  std::optional<RealRange> ValuesOf(TensorId id) const {
    const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
    float least = 0;
    float greatest = 0;
    if (!FiniteRange(floats.span(), least, greatest)) return std::nullopt;
    return RealRange{static_cast<double>(least), static_cast<double>(greatest)};
  }

  void Cut(const Node& node, size_t slot, const RealRange& useful, circle::TensorType type,
           NodePlan& planned) {
    const TensorId id = node.inputs[slot];
    const std::optional<RealRange> values = ValuesOf(id);
    if (!values.has_value()) return;
    if (values->least >= useful.least && values->greatest <= useful.greatest) return;
    // A step more than useful, so that rounding does not bring a value back into the range.
    const IntegerRange integers = *RangeOf(type);
    const double step = useful.width() / static_cast<double>(integers.max - integers.min);
    ParamsPtr cut =
        ChooseParams(type, std::clamp(values->least, useful.least - step, useful.greatest + step),
                     std::clamp(values->greatest, useful.least - step, useful.greatest + step));
    const ParamsPtr& annotated = planned.in[slot];
    if (annotated != nullptr &&
        RangeOfParams(*annotated).width() <= kMostTimesWider * RangeOfParams(*cut).width()) {
      return;
    }
    Tell(node, id, useful, annotated);
    planned.in[slot] = std::move(cut);
    plan_.tensor(id).cut_off = true;
  }

  void Tell(const Node& node, TensorId id, const RealRange& useful, const ParamsPtr& annotated) {
    const std::string range = absl::StrCat(NumberText(static_cast<float>(useful.least)), " to ",
                                           NumberText(static_cast<float>(useful.greatest)));
    diagnostics_.Add(
        {.severity = annotated == nullptr ? Severity::kNote : Severity::kWarning,
         .file = model_.path,
         .tensor = Name(id),
         .problem = absl::StrCat("the constant was cut off: beyond ", range,
                                 " its values make no difference to ", OpName(node), " '",
                                 OutputName(model_, graph_index_, node), "'"),
         .found = annotated == nullptr
                      ? ""
                      : absl::StrCat("the annotation ", DescribeParams(*annotated)),
         .advice = annotated == nullptr ? "" : "annotate it for that range, or drop its entry"});
  }

  GraphPlan& plan_;
  Diagnostics& diagnostics_;
};

}  // namespace

void CutConstants(const Model& model, Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    ConstantCutter(model, g, plan.graphs[g], diagnostics).Run();
  }
}

}  // namespace q_implant
