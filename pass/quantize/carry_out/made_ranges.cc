// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/made_ranges.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "ir/elements.h"
#include "pass/numbers/operator_range.h"
#include "pass/quantize/plan/planned_constant.h"

namespace q_implant {
namespace {

class RangeFinder {
 public:
  RangeFinder(const Model& model, const Graph& graph, const GraphPlan& plan,
              const std::vector<NeededForms>& demands)
      : model_(model),
        graph_(graph),
        plan_(plan),
        demands_(demands),
        made_(graph.tensors.size(), Within(kUsualMagnitude)),
        wanted_(graph.tensors.size(), false),
        values_(graph.tensors.size()) {}

  std::vector<RealRange> Run() {
    for (size_t n = graph_.nodes.size(); n-- > 0;) WantInputs(n);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (IsWanted(n)) GoOver(graph_.nodes[n]);
    }
    return std::move(made_);
  }

 private:
  const ParamsPtr& Own(TensorId id) const { return demands_[static_cast<size_t>(id)].own; }

  // Whether the ranges of what the node makes are asked for.
  bool IsWanted(size_t n) const {
    if (plan_.nodes[n].integer) return false;
    const auto& outputs = graph_.nodes[n].outputs;
    return std::any_of(outputs.begin(), outputs.end(), [&](TensorId id) {
      return id != kNoTensor && (Own(id) != nullptr || wanted_[static_cast<size_t>(id)]);
    });
  }

  // What a wanted node reads in float32 as another one made it is wanted too.
  void WantInputs(size_t n) {
    if (!IsWanted(n)) return;
    for (TensorId id : graph_.nodes[n].inputs) {
      if (id != kNoTensor && Own(id) == nullptr) wanted_[static_cast<size_t>(id)] = true;
    }
  }

  void GoOver(const Node& node) {
    std::vector<RealRange> inputs(node.inputs.size());
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      if (node.inputs[slot] != kNoTensor) inputs[slot] = Read(node.inputs[slot]);
    }
    const auto range = OperatorRange(node, inputs, TermsOf(graph_, node));
    if (!range.has_value()) return;
    for (TensorId id : node.outputs) {
      if (id != kNoTensor) made_[static_cast<size_t>(id)] = *range;
    }
  }

  RealRange Read(TensorId id) {
    if (Own(id) != nullptr) return RangeOfParams(*Own(id));
    if (!model_.IsConstant(graph_.tensor(id))) return made_[static_cast<size_t>(id)];
    std::optional<RealRange>& values = values_[static_cast<size_t>(id)];
    if (!values.has_value()) values = RangeOfValues(id);
    return *values;
  }

  RealRange RangeOfValues(TensorId id) const {
    const circle::TensorType type = graph_.tensor(id).type;
    if (type != circle::TensorType_FLOAT32 && type != circle::TensorType_FLOAT16) {
      return Within(kUsualMagnitude);
    }
    const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
    RealRange range = {std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity()};
    for (size_t i = 0; i < floats.size() / sizeof(float); ++i) {
      const auto value = double{LoadElement<float>(floats.span(), i)};
      if (!std::isnan(value)) range = Hull(range, {value, value});
    }
    return range.least > range.greatest ? RealRange() : range;
  }

  const Model& model_;
  const Graph& graph_;
  const GraphPlan& plan_;
  const std::vector<NeededForms>& demands_;
  std::vector<RealRange> made_;                   // by tensor
  std::vector<bool> wanted_;                      // by tensor
  std::vector<std::optional<RealRange>> values_;  // of constants, as far as looked at
};

}  // namespace

std::vector<RealRange> FindMadeRanges(const Model& model, const Graph& graph, const GraphPlan& plan,
                                      const std::vector<NeededForms>& demands) {
  return RangeFinder(model, graph, plan, demands).Run();
}

}  // namespace q_implant
