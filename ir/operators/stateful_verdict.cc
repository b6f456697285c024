// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/stateful_verdict.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/operators/measured_types.h"
#include "ir/operators/stateful_forms.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

bool IsRecurrent(circle::BuiltinOperator op) {
  switch (op) {
    case circle::BuiltinOperator_BIDIRECTIONAL_SEQUENCE_LSTM:
    case circle::BuiltinOperator_RNN:
    case circle::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_RNN:
    case circle::BuiltinOperator_BIDIRECTIONAL_SEQUENCE_RNN:
    case circle::BuiltinOperator_GRU:
      return true;
    default:
      return HasStatefulKernels(op);
  }
}

bool IsOfVariables(circle::BuiltinOperator op) {
  return op == circle::BuiltinOperator_READ_VARIABLE ||
         op == circle::BuiltinOperator_ASSIGN_VARIABLE;
}

ParamsPtr ParamsAt(const Graph& graph, TensorId id) {
  return id == kNoTensor ? nullptr : ParamsOf(graph.tensor(id));
}

// Null where none has parameters.
ParamsPtr FirstParams(const Graph& graph, const std::vector<TensorId>& ids) {
  for (TensorId id : ids) {
    if (ParamsPtr params = ParamsAt(graph, id)) return params;
  }
  return nullptr;
}

// Beside float32 data LiteRT takes int8 weights of one scale, but no peepholes.
NodeVerdict JudgeHybrid(const Graph& graph, const Node& node, const QuantParams& weights,
                        Target target) {
  const std::string why =
      absl::StrCat("with weights of ", DescribeParams(weights), " beside float32 data");
  if (target != Target::kLiteRt || node.op() == circle::BuiltinOperator_GRU) {
    return {Verdict::kRefused, why};
  }
  for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
    const ParamsPtr params = ParamsAt(graph, node.inputs[slot]);
    const bool fits =
        params == nullptr || (params->dtype == circle::TensorType_INT8 && !params->per_channel() &&
                              params->zero_point.front() == 0);
    if (!fits) return {Verdict::kWrong, why};
  }
  constexpr size_t kFirstPeephole = 9;
  constexpr size_t kLastPeephole = 11;
  for (size_t slot = kFirstPeephole; slot <= kLastPeephole && slot < node.inputs.size(); ++slot) {
    if (node.inputs[slot] != kNoTensor && OperandAt(node.op(), slot) == Operand::kVector) {
      return {Verdict::kRefused, absl::StrCat(why, " and peepholes")};
    }
  }
  return {};
}

// Where a tensor has other parameters than the others demand.
std::string FindOdd(const Graph& graph, const std::vector<TensorId>& ids,
                    const std::vector<ParamsPtr>& forms) {
  for (size_t i = 0; i < ids.size() && i < forms.size(); ++i) {
    if (ids[i] == kNoTensor || forms[i] == nullptr) continue;
    if (SameParams(ParamsAt(graph, ids[i]), forms[i])) continue;
    return absl::StrCat("with '", graph.tensor(ids[i]).name, "' of other parameters than ",
                        DescribeParams(*forms[i]));
  }
  return "";
}

NodeVerdict JudgeForms(const Graph& graph, const Node& node) {
  StatefulForms forms;
  std::string why = FindStatefulForms(
      graph, node, [&](TensorId id) { return ParamsAt(graph, id); }, forms);
  if (!why.empty()) return {forms.otherwise, absl::StrCat("with int8 data: ", why)};
  why = FindOdd(graph, node.inputs, forms.in);
  // The output of an LSTM is as it is given.
  if (why.empty() && !SameParams(ParamsAt(graph, node.outputs[0]), forms.out[0])) {
    return {Verdict::kWrong,
            "with an output whose zero point is not -128: it does not cut off at 0",
            "quantize its output with zero point -128"};
  }
  if (why.empty()) why = FindOdd(graph, node.intermediates, forms.intermediates);
  if (why.empty() && !forms.intermediates.empty() &&
      (node.intermediates.size() != forms.intermediates.size() ||
       node.intermediates.back() == kNoTensor)) {
    return {Verdict::kRefused, "with int8 data and without intermediates"};
  }
  return why.empty() ? NodeVerdict() : NodeVerdict{Verdict::kWrong, std::move(why)};
}

}  // namespace

std::optional<NodeVerdict> JudgeStatefulNode(const Graph& graph, const Node& node, Target target) {
  if (!IsRecurrent(node.op()) && !IsOfVariables(node.op())) return std::nullopt;
  const ParamsPtr out = FirstParams(graph, node.outputs);
  const ParamsPtr in = FirstParams(graph, node.inputs);
  if (out == nullptr && in == nullptr) return std::nullopt;
  const bool is_hybrid = out == nullptr && !node.outputs.empty();
  const circle::TensorType type = out != nullptr ? out->dtype : in->dtype;
  const std::string of_type = absl::StrCat("with ", TypeName(type), " data");
  if (is_hybrid) return JudgeHybrid(graph, node, *in, target);
  if (!MeasuredTypes(node.op()).has(type) || !HasMeasuredForm(node)) {
    return NodeVerdict{Verdict::kUnmeasured, of_type};
  }
  if (target != Target::kLiteRt) return NodeVerdict{Verdict::kRefused, of_type};
  if (IsOfVariables(node.op())) return NodeVerdict();
  const bool has_kernel = HasStatefulKernels(node.op()) && type == circle::TensorType_INT8;
  return has_kernel ? JudgeForms(graph, node) : NodeVerdict{Verdict::kRefused, of_type};
}

}  // namespace q_implant
