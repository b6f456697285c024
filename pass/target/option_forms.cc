// SPDX-License-Identifier: Apache-2.0
// The same operator with other inputs and options: what a file may leave out, or say in int64.

#include <algorithm>

#include "ir/fused_activation.h"
#include "pass/target/form_rewritings.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

bool WriteReshape(const Node& node, FormWriter& writer) {
  writer.Reshape(node.inputs[0], node.outputs[0]);
  return writer.shape(node.outputs[0]).size() <= 6;  // of more it is wrong on onert
}

bool WriteInt32Second(const Node& node, FormWriter& writer) {
  Node made = node;
  if (const auto numbers = writer.Numbers(node.inputs[1]); numbers.has_value()) {
    const std::vector<int32_t> narrow(numbers->begin(), numbers->end());
    made.inputs[1] = writer.Ints(node.outputs[0], narrow, writer.shape(node.inputs[1]));
  } else {
    const Shape shape = writer.shape(node.inputs[1]);
    made.inputs[1] = writer.IntsLike(node.inputs[1]);
    circle::CastOptionsT options;
    options.in_data_type = circle::TensorType_INT64;
    options.out_data_type = circle::TensorType_INT32;
    writer.SetOptions(writer.Add(BuiltinOperator_CAST, {node.inputs[1]}, {made.inputs[1]}),
                      options);
  }
  writer.Add(std::move(made));
  return true;
}

bool WriteNegativeAxes(const Node& node, FormWriter& writer) {
  const auto axes = writer.Numbers(node.inputs[1]);
  const auto rank = static_cast<int64_t>(writer.shape(node.inputs[0]).size());
  if (!axes.has_value()) return false;
  std::vector<int32_t> positive;
  for (int64_t axis : *axes)
    positive.push_back(static_cast<int32_t>(axis < 0 ? axis + rank : axis));
  Node made = node;
  made.inputs[1] = writer.Ints(node.outputs[0], positive);
  writer.Add(std::move(made));
  return true;
}

bool WriteMultiplier(const Node& node, FormWriter& writer) {
  auto options = FormWriter::OptionsOf<circle::DepthwiseConv2DOptionsT>(node);
  const Shape data = writer.shape(node.inputs[0]);
  const Shape weights = writer.shape(node.inputs[1]);
  if (data.size() != 4 || weights.size() != 4 || data[3] == 0) return false;
  options.depth_multiplier = weights[3] / data[3];
  writer.SetOptions(writer.Add(node), options);
  return true;
}

// A clamp of its own.
bool WriteClampBehind(const Node& node, FormWriter& writer) {
  auto options = FormWriter::OptionsOf<circle::ConcatenationOptionsT>(node);
  const circle::ActivationFunctionType activation = options.fused_activation_function;
  options.fused_activation_function = circle::ActivationFunctionType_NONE;
  const TensorId to = node.outputs[0];
  Node made = node;
  made.outputs[0] = writer.Like(to, writer.shape(to));
  const TensorId between = made.outputs[0];
  writer.SetOptions(writer.Add(std::move(made)), options);
  return writer.Clamp(activation, between, to);
}

// onert makes two dimensions, whatever keep_num_dims says, and takes two or more.
bool WriteFullyConnected(const Node& node, FormWriter& writer) {
  auto options = FormWriter::OptionsOf<circle::FullyConnectedOptionsT>(node);
  const TensorId to = node.outputs[0];
  const Shape shape = writer.shape(to);
  const Shape weights = writer.shape(node.inputs[1]);
  const Shape data = writer.shape(node.inputs[0]);
  if (weights.size() != 2 || weights[0] <= 0 || shape.empty()) return false;
  if (data.size() > 1 && shape.size() == 2) return false;  // AddZeroBiases() says that it has none
  Node made = node;
  if (data.size() == 1) {
    if (!writer.IsFixed(node.inputs[0])) return false;
    made.inputs[0] = *writer.Reshaped(node.inputs[0], {1, data[0]});
  }
  const auto rows = static_cast<int32_t>(CountOf(shape) / weights[0]);
  const Shape signature = writer.IsFixed(to) ? Shape() : Shape{-1, weights[0]};
  const Shape flat = {rows, weights[0]};
  made.outputs[0] = flat == shape ? to : writer.Like(to, flat, signature);
  options.keep_num_dims = false;
  const TensorId result = made.outputs[0];
  if (made.inputs.size() < 3) made.inputs.resize(3, kNoTensor);
  writer.SetOptions(writer.Add(std::move(made)), options);
  writer.Finish(result, to);
  return true;
}

// A condition for each row.
bool WriteSelect(const Node& node, FormWriter& writer) {
  if (node.inputs.size() != 3) return false;
  const Shape condition = writer.shape(node.inputs[0]);
  Shape full(writer.shape(node.inputs[1]).size(), 1);
  if (condition.size() > 1 || full.empty()) return false;
  if (!condition.empty()) full[0] = condition[0];
  const auto reshaped = writer.Reshaped(node.inputs[0], full);
  if (!reshaped.has_value()) return false;
  writer.SetOptions(writer.Add(BuiltinOperator_SELECT_V2,
                               {*reshaped, node.inputs[1], node.inputs[2]}, {node.outputs[0]}),
                    circle::SelectV2OptionsT());
  return true;
}

bool WriteReverse(const Node& node, FormWriter& writer) {
  const auto axes = writer.Numbers(node.inputs[1]);
  if (!axes.has_value()) return false;
  TensorId from = node.inputs[0];
  for (size_t i = 0; i < axes->size(); ++i) {
    const TensorId to = i + 1 == axes->size()
                            ? node.outputs[0]
                            : writer.Like(node.outputs[0], writer.shape(node.outputs[0]));
    Node made = node;
    made.inputs[0] = from;
    made.inputs[1] = writer.Ints(to, {static_cast<int32_t>((*axes)[i])});
    made.outputs[0] = to;
    writer.Add(std::move(made));
    from = to;
  }
  return true;
}

// A width of one.
bool WriteFourDimensions(const Node& node, FormWriter& writer) {
  const auto block = writer.Numbers(node.inputs[1]);
  const auto margins = writer.Numbers(node.inputs[2]);
  const Shape from = writer.shape(node.inputs[0]);
  const TensorId to = node.outputs[0];
  const Shape made_shape = writer.shape(to);
  if (!block.has_value() || !margins.has_value() || block->size() != 1 || margins->size() != 2 ||
      from.size() != 3 || made_shape.size() != 3) {
    return false;
  }
  Node made = node;
  made.inputs[0] = *writer.Reshaped(node.inputs[0], {from[0], from[1], 1, from[2]});
  made.inputs[1] = writer.Ints(to, {static_cast<int32_t>((*block)[0]), 1});
  made.inputs[2] = writer.Ints(
      to, {static_cast<int32_t>((*margins)[0]), static_cast<int32_t>((*margins)[1]), 0, 0}, {2, 2});
  const TensorId result = writer.Before(to, {made_shape[0], made_shape[1], 1, made_shape[2]});
  made.outputs[0] = result;
  writer.Add(std::move(made));
  writer.Finish(result, to);
  return true;
}

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_RESHAPE, RewriteWhen::kOdd, true, WriteReshape},
    {BuiltinOperator_SQUEEZE, RewriteWhen::kOdd, true, WriteReshape},
    {BuiltinOperator_ARG_MAX, RewriteWhen::kOdd, true, WriteInt32Second},
    {BuiltinOperator_ARG_MIN, RewriteWhen::kOdd, true, WriteInt32Second},
    {BuiltinOperator_BROADCAST_TO, RewriteWhen::kOdd, true, WriteInt32Second},
    {BuiltinOperator_PAD, RewriteWhen::kOdd, true, WriteInt32Second},
    {BuiltinOperator_TILE, RewriteWhen::kOdd, true, WriteInt32Second},
    {BuiltinOperator_TRANSPOSE, RewriteWhen::kOdd, true, WriteNegativeAxes},
    {BuiltinOperator_DEPTHWISE_CONV_2D, RewriteWhen::kOdd, true, WriteMultiplier},
    {BuiltinOperator_CONCATENATION, RewriteWhen::kOdd, true, WriteClampBehind},
    {BuiltinOperator_FULLY_CONNECTED, RewriteWhen::kOdd, true, WriteFullyConnected},
    {BuiltinOperator_SELECT, RewriteWhen::kOdd, false, WriteSelect},
    {BuiltinOperator_REVERSE_V2, RewriteWhen::kOdd, true, WriteReverse},
    {BuiltinOperator_SPACE_TO_BATCH_ND, RewriteWhen::kOdd, false, WriteFourDimensions},
    {BuiltinOperator_BATCH_TO_SPACE_ND, RewriteWhen::kOdd, false, WriteFourDimensions},
};

}  // namespace

absl::Span<const FormRewriting> OptionForms() { return kRows; }

}  // namespace q_implant
