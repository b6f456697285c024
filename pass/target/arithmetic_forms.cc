// SPDX-License-Identifier: Apache-2.0
// Operators without a right kernel, by arithmetic that is right in float32. What lies between has
// no parameters but where a comment says so, so none of it becomes integer.

#include "ir/fused_activation.h"
#include "pass/target/form_rewritings.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

TensorId Scalar(TensorId base, float value, FormWriter& writer) {
  return writer.Floats(base, {value}, {});
}

TensorId Unary(circle::BuiltinOperator op, TensorId from, FormWriter& writer) {
  const TensorId to = writer.FloatLike(from);
  writer.Add(op, {from}, {to});
  return to;
}

void Negate(TensorId from, TensorId to, FormWriter& writer) {
  writer.SetOptions(writer.Add(BuiltinOperator_NEG, {from}, {to}), circle::NegOptionsT());
}

TensorId Negated(TensorId from, FormWriter& writer) {
  const TensorId to = writer.FloatLike(from);
  Negate(from, to, writer);
  return to;
}

template <typename OptionsT>
void Binary(circle::BuiltinOperator op, TensorId a, TensorId b, TensorId to, FormWriter& writer) {
  writer.SetOptions(writer.Add(op, {a, b}, {to}), OptionsT());
}

// -floor(-x)
bool WriteCeil(const Node& node, FormWriter& writer) {
  const TensorId negative = Negated(node.inputs[0], writer);
  Negate(Unary(BuiltinOperator_FLOOR, negative, writer), node.outputs[0], writer);
  return true;
}

// (x > 0) - (x < 0)
bool WriteSign(const Node& node, FormWriter& writer) {
  const TensorId from = node.inputs[0];
  std::vector<TensorId> sides;
  for (auto op : {BuiltinOperator_GREATER, BuiltinOperator_LESS}) {
    const TensorId zero = Scalar(from, 0, writer);
    const TensorId holds = writer.BoolLike(from);
    if (op == BuiltinOperator_GREATER) {
      Binary<circle::GreaterOptionsT>(op, from, zero, holds, writer);
    } else {
      Binary<circle::LessOptionsT>(op, from, zero, holds, writer);
    }
    sides.push_back(writer.FloatLike(from));
    circle::CastOptionsT cast;
    cast.in_data_type = circle::TensorType_BOOL;
    writer.SetOptions(writer.Add(BuiltinOperator_CAST, {holds}, {sides.back()}), cast);
  }
  Binary<circle::SubOptionsT>(BuiltinOperator_SUB, sides[0], sides[1], node.outputs[0], writer);
  return true;
}

// x * relu6(x + 3) / 6
bool WriteHardSwish(const Node& node, FormWriter& writer) {
  const TensorId from = node.inputs[0];
  const TensorId shifted = writer.FloatLike(from);
  circle::AddOptionsT add;
  add.fused_activation_function = circle::ActivationFunctionType_RELU6;
  writer.SetOptions(writer.Add(BuiltinOperator_ADD, {from, Scalar(from, 3, writer)}, {shifted}),
                    add);
  const TensorId gate = writer.FloatLike(from);
  Binary<circle::MulOptionsT>(BuiltinOperator_MUL, shifted, Scalar(from, 1.0f / 6, writer), gate,
                              writer);
  Binary<circle::MulOptionsT>(BuiltinOperator_MUL, from, gate, node.outputs[0], writer);
  return true;
}

// relu(x) - slope * relu(-x)
bool WritePRelu(const Node& node, FormWriter& writer) {
  if (node.inputs.size() != 2) return false;
  const TensorId from = node.inputs[0];
  const TensorId positive = Unary(BuiltinOperator_RELU, from, writer);
  const TensorId negative = Unary(BuiltinOperator_RELU, Negated(from, writer), writer);
  const TensorId sloped = writer.FloatLike(from);
  Binary<circle::MulOptionsT>(BuiltinOperator_MUL, negative, node.inputs[1], sloped, writer);
  Binary<circle::SubOptionsT>(BuiltinOperator_SUB, positive, sloped, node.outputs[0], writer);
  return true;
}

// max(x, 0) + tanh(n / 2) * (exp(n) + 1), where n is min(x, 0): the latter is exp(n) - 1, without
// the difference of two numbers that are near to each other.
bool WriteElu(const Node& node, FormWriter& writer) {
  const TensorId from = node.inputs[0];
  const TensorId positive = writer.FloatLike(from);
  Binary<circle::MaximumMinimumOptionsT>(BuiltinOperator_MAXIMUM, from, Scalar(from, 0, writer),
                                         positive, writer);
  const TensorId negative = writer.FloatLike(from);
  Binary<circle::MaximumMinimumOptionsT>(BuiltinOperator_MINIMUM, from, Scalar(from, 0, writer),
                                         negative, writer);
  const TensorId half = writer.FloatLike(from);
  Binary<circle::MulOptionsT>(BuiltinOperator_MUL, negative, Scalar(from, 0.5f, writer), half,
                              writer);
  const TensorId tanh = Unary(BuiltinOperator_TANH, half, writer);
  const TensorId exp = writer.FloatLike(from);
  writer.SetOptions(writer.Add(BuiltinOperator_EXP, {negative}, {exp}), circle::ExpOptionsT());
  const TensorId sum = writer.FloatLike(from);
  Binary<circle::AddOptionsT>(BuiltinOperator_ADD, exp, Scalar(from, 1, writer), sum, writer);
  const TensorId below = writer.FloatLike(from);
  Binary<circle::MulOptionsT>(BuiltinOperator_MUL, tanh, sum, below, writer);
  Binary<circle::AddOptionsT>(BuiltinOperator_ADD, positive, below, node.outputs[0], writer);
  return true;
}

// min(relu(x), 1)
bool WriteRelu0To1(const Node& node, FormWriter& writer) {
  const TensorId positive = Unary(BuiltinOperator_RELU, node.inputs[0], writer);
  Binary<circle::MaximumMinimumOptionsT>(BuiltinOperator_MINIMUM, positive,
                                         Scalar(positive, 1, writer), node.outputs[0], writer);
  return true;
}

// max(min(x, 1), -1), in the parameters of the output, or as float32 as it leaves the graph: those
// of x may be coarser than 1.
bool WriteReluN1To1(const Node& node, FormWriter& writer) {
  const TensorId from = node.inputs[0];
  const TensorId to = node.outputs[0];
  const GraphPlan& plan = writer.plan();
  const bool leaves_float = plan.def_use.is_output(to) && plan.tensor(to).params == nullptr;
  const TensorId below =
      leaves_float ? writer.StayingFloatLike(to) : writer.Like(to, writer.shape(to));
  Binary<circle::MaximumMinimumOptionsT>(BuiltinOperator_MINIMUM, from, Scalar(from, 1, writer),
                                         below, writer);
  Binary<circle::MaximumMinimumOptionsT>(BuiltinOperator_MAXIMUM, below, Scalar(from, -1, writer),
                                         to, writer);
  return true;
}

// -max(-x)
bool WriteReduceMin(const Node& node, FormWriter& writer) {
  const TensorId greatest = writer.FloatLike(node.outputs[0]);
  const TensorId negative = Negated(node.inputs[0], writer);
  Node reduction = node;
  reduction.code = writer.model().FindOrAddOperatorCode(BuiltinOperator_REDUCE_MAX, 1);
  reduction.inputs[0] = negative;
  reduction.outputs[0] = greatest;
  writer.Add(std::move(reduction));
  Negate(greatest, node.outputs[0], writer);
  return true;
}

// sqrt(mean(x * x)): an AveragePool2D between Square and Sqrt.
bool WriteL2Pool(const Node& node, FormWriter& writer) {
  auto options = FormWriter::OptionsOf<circle::Pool2DOptionsT>(node);
  const circle::ActivationFunctionType activation = options.fused_activation_function;
  options.fused_activation_function = circle::ActivationFunctionType_NONE;
  const TensorId square = Unary(BuiltinOperator_SQUARE, node.inputs[0], writer);
  const TensorId to = node.outputs[0];
  const TensorId mean = writer.FloatLike(to);
  writer.SetOptions(writer.Add(BuiltinOperator_AVERAGE_POOL_2D, {square}, {mean}), options);
  if (activation == circle::ActivationFunctionType_NONE) {
    writer.Add(BuiltinOperator_SQRT, {mean}, {to});
    return true;
  }
  return writer.Clamp(activation, Unary(BuiltinOperator_SQRT, mean, writer), to);
}

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_CEIL, RewriteWhen::kOdd, true, WriteCeil},
    {BuiltinOperator_SIGN, RewriteWhen::kOdd, true, WriteSign},
    {BuiltinOperator_HARD_SWISH, RewriteWhen::kOdd, true, WriteHardSwish},
    {BuiltinOperator_PRELU, RewriteWhen::kOdd, true, WritePRelu},
    {BuiltinOperator_ELU, RewriteWhen::kPrecise, true, WriteElu},
    {BuiltinOperator_RELU_0_TO_1, RewriteWhen::kOdd, true, WriteRelu0To1},
    {BuiltinOperator_RELU_N1_TO_1, RewriteWhen::kOdd, true, WriteReluN1To1},
    {BuiltinOperator_REDUCE_MIN, RewriteWhen::kOdd, true, WriteReduceMin},
    {BuiltinOperator_L2_POOL_2D, RewriteWhen::kOdd, true, WriteL2Pool},
};

}  // namespace

absl::Span<const FormRewriting> FloatForms() { return kRows; }

}  // namespace q_implant
