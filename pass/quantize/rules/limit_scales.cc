// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/limit_scales.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/operators/bias.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/scale_limits.h"
#include "pass/numbers/choose_params.h"
#include "pass/numbers/useful_range.h"

namespace q_implant {
namespace {

// Where a scale that is too small goes: so far within the limit, and so far below what can be seen.
constexpr double kWithin = 16;
// Of a step of the output: what a mended side may be off by, so that no output is off by two.
constexpr double kCost = 0.75;

class Limiter {
 public:
  Limiter(const Graph& graph, const Node& node, Target target, NodePlan& planned)
      : graph_(graph), node_(node), row_(RowOf(node)), target_(target), planned_(planned) {}

  // Nothing where the node is within limits in the end, else the limit that it is beyond.
  std::optional<BrokenLimit> Run() {
    std::optional<BrokenLimit> broken = Broken();
    for (int i = 0; i < kMost && broken.has_value(); ++i) {
      if (!Mend(*broken)) return broken;
      broken = Broken();
    }
    return broken;
  }

 private:
  static constexpr int kMost = 4;  // mends of a node

  NodeSides Sides() const { return SidesOf(graph_, node_, planned_.in, planned_.out); }
  std::optional<BrokenLimit> Broken() const { return FindBrokenLimit(node_, Sides(), target_); }

  std::vector<ParamsPtr*> Inputs() {
    std::vector<ParamsPtr*> inputs;
    for (size_t slot = 0; slot < planned_.in.size(); ++slot) {
      if (planned_.in[slot] != nullptr && InputRole(row_, slot) == Role::kData) {
        inputs.push_back(&planned_.in[slot]);
      }
    }
    return inputs;
  }

  bool Mend(const BrokenLimit& broken) {
    switch (broken.limit->ratio) {
      case ScaleRatio::kInputToOutput:
        return broken.above() ? CutOff() : RaiseTo(broken.limit->least * Output() * kWithin);
      case ScaleRatio::kInputToInput:
        return RaiseTo(broken.limit->least * GreatestInput() * kWithin);
      case ScaleRatio::kProductToOutput:
        return !broken.above() && RaiseData(broken.limit->least * kWithin / broken.found);
      default:
        return false;
    }
  }

  double Output() const { return double{Sides().output->scale.front()}; }
  double GreatestInput() const { return RatioRangeOf(ScaleRatio::kInput, Sides())->greatest; }

  // Inputs with a smaller scale take this one.
  bool RaiseTo(double scale) {
    bool raised = false;
    for (ParamsPtr* input : Inputs()) {
      if (double{(*input)->scale.front()} >= scale) continue;
      *input = WithScale(**input, scale);
      raised = true;
    }
    return raised;
  }

  static ParamsPtr WithScale(QuantParams params, double scale) {
    params.scale = {static_cast<float>(scale)};
    return std::make_shared<const QuantParams>(std::move(params));
  }

  // The first input's scale times the factor, and with it that of the bias.
  bool RaiseData(double factor) {
    ParamsPtr& data = *Inputs().front();
    const ParamsPtr old =
        std::exchange(data, WithScale(*data, double{data->scale.front()} * factor));
    // Each of the terms is off by half a step of the data at most.
    const double cost = SumRange()->greatest / Reach(*data) / 2;
    const int bias = FindInput(row_, Role::kBias);
    if (cost > kCost) {
      data = old;
      return false;
    }
    if (bias >= 0 && static_cast<size_t>(bias) < planned_.in.size() &&
        planned_.in[static_cast<size_t>(bias)] != nullptr) {
      ParamsPtr& form = planned_.in[static_cast<size_t>(bias)];
      form = BiasParams(*data, *Sides().weights, form->dtype, form->quantized_dimension);
    }
    return true;
  }

  // The greatest sum in steps of the output; of a product of two inputs, the product.
  std::optional<RatioRange> SumRange() const {
    return RatioRangeOf(ScaleRatio::kSumToOutput, Sides());
  }

  static double Reach(const QuantParams& params) {
    return params.dtype == circle::TensorType_INT16 ? 32768 : 255;
  }

  // An input of Add or Sub need hold no more than can move the output (useful_range.h).
  bool CutOff() {
    if (node_.op() != circle::BuiltinOperator_ADD && node_.op() != circle::BuiltinOperator_SUB) {
      return false;
    }
    const std::vector<ParamsPtr*> inputs = Inputs();
    const ParamsPtr output = Sides().output;
    if (inputs.size() != 2 || output == nullptr) return false;
    const size_t wide = (*inputs[0])->scale.front() < (*inputs[1])->scale.front() ? 1 : 0;
    ParamsPtr& cut = *inputs[wide];
    const QuantParams& other = **inputs[1 - wide];
    const double step = double{output->scale.front()};
    const std::optional<RealRange> useful =
        UsefulRange(node_, wide, {other.real_min(), other.real_max()}, 0,
                    {output->real_min() - step, output->real_max() + step});
    if (!useful.has_value()) return false;
    const ParamsPtr narrow = ChooseParams(cut->dtype, useful->least, useful->greatest);
    if (narrow->scale.front() >= cut->scale.front() ||
        double{narrow->scale.front()} / 2 > kCost * step) {
      return false;
    }
    cut = narrow;
    return true;
  }

  const Graph& graph_;
  const Node& node_;
  const OperatorRow& row_;
  Target target_;
  NodePlan& planned_;
};

}  // namespace

void LimitScales(const Model& model, Plan& plan) {
  if (plan.target == Target::kAny) return;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      NodePlan& planned = plan.graphs[g].nodes[n];
      if (!planned.integer || planned.forms_are_given) continue;
      const std::optional<BrokenLimit> broken =
          Limiter(graph, graph.nodes[n], plan.target, planned).Run();
      if (!broken.has_value()) continue;
      planned = {.integer = false,
                 .beyond_limits = true,
                 .reason = absl::StrCat("on ", TargetName(plan.target), ", ", broken->Describe())};
    }
  }
}

}  // namespace q_implant
