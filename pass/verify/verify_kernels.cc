// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/verify_kernels.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "ir/operators/bias.h"
#include "ir/operators/fixed_output.h"
#include "ir/operators/measured_types.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/stateful_verdict.h"
#include "ir/operators/weights_kernels.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/graph/calls.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/graph/holds_reals.h"

namespace q_implant {
namespace {

std::string FormText(const Tensor& tensor) {
  const ParamsPtr params = ParamsOf(tensor);
  return params == nullptr ? TypeName(tensor.type) : DescribeParams(*params);
}

class KernelVerifier : private GraphView {
 public:
  KernelVerifier(const Model& model, size_t graph, KernelChecks checks,
                 std::vector<std::string>& problems)
      : GraphView(model, graph), checks_(checks), problems_(problems), def_use_(graph_) {}

  void Run() {
    for (const Node& node : graph_.nodes) {
      const OperatorRow& row = RowOf(node);
      if (row.kind == Kind::kConvert) continue;
      if (node.op() == circle::BuiltinOperator_STABLEHLO_COMPOSITE) continue;  // VerifyCrossings
      if (IsOfState(node)) {
        VerifyStatefulNode(node);
        continue;
      }
      if (const std::optional<circle::TensorType> type = DataType(node, row)) {
        VerifyIntegerNode(node, row, *type);
      } else {
        VerifyFloatNode(node, row);
      }
    }
  }

 private:
  template <typename... Parts>
  void Problem(const Node& node, const Parts&... parts) {
    problems_.push_back(absl::StrCat("graph ", graph_index_, ": ", OpName(node), " '",
                                     OutputName(model_, graph_index_, node), "' ", parts...));
  }

  ParamsPtr InputWithRole(const Node& node, const OperatorRow& row, Role role) const {
    return ParamsAt(node.inputs, FindInput(row, role));
  }

  template <typename Visitor>
  void ForEachSide(const Node& node, const OperatorRow& row, Visitor visit) const {
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const Role role = InputRole(row, slot);
      if (role == Role::kData || role == Role::kFill) visit(node.inputs[slot], true);
    }
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      if (OutputRole(row, slot) == Role::kData) visit(node.outputs[slot], false);
    }
  }

  // The type of the quantized data that a node makes, or reads where it makes none (comparisons).
  // Nothing for a float32 node, whatever its weights are.
  std::optional<circle::TensorType> DataType(const Node& node, const OperatorRow& row) const {
    std::optional<circle::TensorType> type;
    bool makes_data = false;
    ForEachSide(node, row, [&](TensorId id, bool is_input) {
      if (id == kNoTensor) return;
      const bool quantized = ParamsOf(graph_.tensor(id)) != nullptr;
      if (!is_input && !makes_data) type.reset();
      makes_data = makes_data || !is_input;
      if (quantized && !type.has_value()) type = graph_.tensor(id).type;
    });
    return type;
  }

  void VerifyFloatNode(const Node& node, const OperatorRow& row) {
    if (MeasuredTypes(row.op).empty()) return;
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const ParamsPtr params = ParamsAt(node.inputs, static_cast<int>(slot));
      if (params == nullptr || InputRole(row, slot) == Role::kControl) continue;
      if (!HoldsReals(graph_, def_use_, node.inputs[slot])) continue;
      if (slot == 1 && SomeRuntimeTakes(node, *params)) continue;
      Problem(node, "reads ", DescribeParams(*params), " ('", graph_.tensor(node.inputs[slot]).name,
              "') beside float32 data");
    }
  }

  bool SomeRuntimeTakes(const Node& node, const QuantParams& weights) const {
    return std::any_of(std::begin(kTargets), std::end(kTargets), [&](Target target) {
      return TakesHybridWeights(graph_, node, weights, target);
    });
  }

  // Only LiteRT has integer kernels of those with a state.
  bool IsOfState(const Node& node) const {
    return JudgeStatefulNode(graph_, node, Target::kLiteRt).has_value();
  }
  void VerifyStatefulNode(const Node& node) {
    const NodeVerdict verdict = *JudgeStatefulNode(graph_, node, Target::kLiteRt);
    if (verdict.verdict == Verdict::kRight || verdict.verdict == Verdict::kUnmeasured) return;
    Problem(node, "has no kernel ", verdict.why);
  }

  void VerifyIntegerNode(const Node& node, const OperatorRow& row, circle::TensorType type) {
    if (!MeasuredTypes(row.op).has(type)) return;  // nobody knows
    if (!IntegerTypes(row).has(type)) {
      Problem(node, "has no ", TypeName(type), " kernel, but ", TypeName(type), " data");
      return;
    }
    if (NeedsEqualSides(row, type)) VerifyEqualSides(node, row);
    VerifyFixedOutput(node, row, type);
    VerifyWeights(node, row, type);
  }

  void VerifyEqualSides(const Node& node, const OperatorRow& row) {
    ParamsPtr first;
    ForEachSide(node, row, [&](TensorId id, bool) {
      const ParamsPtr params = id == kNoTensor ? nullptr : ParamsOf(graph_.tensor(id));
      if (params == nullptr) return;
      if (first == nullptr) first = params;
      if (SameParams(first, params)) return;
      Problem(node, "needs equal parameters on all sides, but has ", DescribeParams(*first),
              " beside ", DescribeParams(*params), " ('", graph_.tensor(id).name, "')");
    });
  }

  void VerifyFixedOutput(const Node& node, const OperatorRow& row, circle::TensorType type) {
    const ParamsPtr fixed = FixedOutputParams(row.fixed_output, type);
    const ParamsPtr made = ParamsAt(node.outputs, 0);
    if (fixed == nullptr || made == nullptr) return;
    if (IsFixedOutput(row.fixed_output, *made)) return;
    Problem(node, "puts out ", DescribeParams(*fixed), " whatever is written, which is ",
            DescribeParams(*made));
  }

  void VerifyWeights(const Node& node, const OperatorRow& row, circle::TensorType type) {
    const ParamsPtr weights = InputWithRole(node, row, Role::kWeights);
    if (weights == nullptr) return;
    const WeightsSupport support = WeightsSupportOf(node.op(), type, *weights);
    if (!support.fits(Target::kAny)) {
      Problem(node, "has weights of ", DescribeParams(*weights), " beside ", TypeName(type),
              " data, which no kernel takes");
    }
    const ParamsPtr data = InputWithRole(node, row, Role::kData);
    const ParamsPtr bias = InputWithRole(node, row, Role::kBias);
    if (data != nullptr && bias != nullptr) VerifyBias(node, *data, *weights, *bias);
  }

  void VerifyBias(const Node& node, const QuantParams& data, const QuantParams& weights,
                  const QuantParams& bias) {
    const circle::TensorType type = BiasType(node, data.dtype);
    if (bias.dtype != type) {
      Problem(node, "has a bias of ", TypeName(bias.dtype), ", not ", TypeName(type));
      return;
    }
    if (checks_.bias_scales && bias.scale.size() != weights.scale.size()) {
      Problem(node, "has ", bias.scale.size(), " bias scales for ", weights.scale.size(),
              " weights scales");
      return;
    }
    if (!checks_.bias_scales) return;
    for (size_t i = 0; i < bias.scale.size(); ++i) {
      const float wanted = data.scale[0] * weights.scale[i];
      if (bias.zero_point[i] == 0 && DifferByRoundingOnly(bias.scale[i], wanted)) continue;
      Problem(node, "has bias scale ", bias.scale[i], " and zero point ", bias.zero_point[i],
              " in channel ", i, ", not data scale x weights scale = ", wanted, " and 0");
      return;
    }
  }

  KernelChecks checks_;
  std::vector<std::string>& problems_;
  DefUse def_use_;
};

// Runtimes copy what crosses as it is.
void VerifyCrossings(const Model& model, std::vector<std::string>& problems) {
  for (const Crossing& crossing : FindCrossings(model)) {
    const Tensor& inner = model.graphs[crossing.called].tensor(crossing.inner);
    for (const Crossing::Outer& outer : crossing.outer) {
      const Graph& graph = model.graphs[outer.graph];
      const Tensor& tensor = graph.tensor(outer.tensor);
      if (tensor.type == inner.type && SameParams(ParamsOf(tensor), ParamsOf(inner))) continue;
      problems.push_back(absl::StrCat("graph ", outer.graph, ": ", OpName(graph.nodes[outer.node]),
                                      " '", OutputName(model, outer.graph, graph.nodes[outer.node]),
                                      "' ", crossing.output ? "makes " : "reads ", FormText(tensor),
                                      " ('", tensor.name, "'), but the graph that it runs ",
                                      crossing.output ? "gives " : "takes ", FormText(inner), " ('",
                                      inner.name, "')"));
    }
  }
}

}  // namespace

std::vector<std::string> FindWrongNodes(const Model& model, KernelChecks checks) {
  std::vector<std::string> problems;
  for (size_t g = 0; g < model.graphs.size(); ++g) KernelVerifier(model, g, checks, problems).Run();
  VerifyCrossings(model, problems);
  return problems;
}

}  // namespace q_implant
