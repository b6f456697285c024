// SPDX-License-Identifier: Apache-2.0
// Convolutions in groups, and transposed ones, by plain convolutions: weights, biases and their
// parameters in parts, or turned round.

#include <algorithm>
#include <numeric>
#include <optional>

#include "pass/target/form_rewritings.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

constexpr int32_t kMostGroups = 64;  // a node each

// Each input channel is a group: a DepthwiseConv2D, whose weights have the channels last.
bool WriteDepthwise(const Node& node, int32_t channels, FormWriter& writer) {
  const Shape weights = writer.shape(node.inputs[1]);
  const auto window = static_cast<size_t>(weights[1] * weights[2]);
  const auto outputs = static_cast<size_t>(weights[0]);
  std::vector<size_t> elements;
  for (size_t at = 0; at < window; ++at) {
    for (size_t output = 0; output < outputs; ++output) elements.push_back(output * window + at);
  }
  const auto moved =
      writer.Picked(node.inputs[1], {1, weights[1], weights[2], weights[0]}, elements, 3);
  if (!moved.has_value()) return false;
  std::vector<TensorId> inputs(node.inputs);
  inputs[1] = *moved;
  const auto old = FormWriter::OptionsOf<circle::Conv2DOptionsT>(node);
  circle::DepthwiseConv2DOptionsT options;
  options.padding = old.padding;
  options.stride_h = old.stride_h;
  options.stride_w = old.stride_w;
  options.dilation_h_factor = old.dilation_h_factor;
  options.dilation_w_factor = old.dilation_w_factor;
  options.fused_activation_function = old.fused_activation_function;
  options.depth_multiplier = weights[0] / channels;
  writer.SetOptions(writer.Add(BuiltinOperator_DEPTHWISE_CONV_2D, inputs, {node.outputs[0]}),
                    options);
  return true;
}

// Part number `part` of a constant that is cut along its first axis.
std::optional<TensorId> Part(TensorId from, int32_t part, int32_t parts, FormWriter& writer) {
  Shape shape = writer.shape(from);
  if (shape.empty() || shape[0] % parts != 0) return std::nullopt;
  shape[0] /= parts;
  std::vector<size_t> elements(static_cast<size_t>(CountOf(shape)));
  std::iota(elements.begin(), elements.end(), elements.size() * static_cast<size_t>(part));
  return writer.Picked(from, shape, elements, 0);
}

Shape WithLast(Shape shape, int32_t size) {
  shape.back() = size;
  return shape;
}

bool WriteGroups(const Node& node, FormWriter& writer) {
  const TensorId from = node.inputs[0];
  const TensorId to = node.outputs[0];
  const Shape data = writer.shape(from);
  const Shape weights = writer.shape(node.inputs[1]);
  const Shape made = writer.shape(to);
  if (weights[3] <= 0 || data[3] % weights[3] != 0 || made.size() != 4) return false;
  const int32_t groups = data[3] / weights[3];
  if (weights[0] % groups != 0) return false;
  if (weights[3] == 1) return WriteDepthwise(node, data[3], writer);
  if (groups > kMostGroups) return false;
  std::vector<TensorId> parts;
  std::vector<TensorId> results;
  for (int32_t group = 0; group < groups; ++group) {
    parts.push_back(writer.Like(from, WithLast(data, weights[3])));
    results.push_back(writer.Like(to, WithLast(made, weights[0] / groups)));
  }
  circle::SplitOptionsT split;
  split.num_splits = groups;
  writer.SetOptions(writer.Add(BuiltinOperator_SPLIT, {writer.Ints(to, {3}, {}), from}, parts),
                    split);
  for (int32_t group = 0; group < groups; ++group) {
    Node convolution = node;
    convolution.inputs[0] = parts[static_cast<size_t>(group)];
    for (size_t slot = 1; slot < node.inputs.size(); ++slot) {
      if (node.inputs[slot] == kNoTensor) continue;
      const auto part = Part(node.inputs[slot], group, groups, writer);
      if (!part.has_value()) return false;
      convolution.inputs[slot] = *part;
    }
    convolution.outputs[0] = results[static_cast<size_t>(group)];
    writer.Add(std::move(convolution));
  }
  circle::ConcatenationOptionsT joined;
  joined.axis = 3;
  writer.SetOptions(writer.Add(BuiltinOperator_CONCATENATION, results, {to}), joined);
  return true;
}

// --- transposed convolutions

// One axis of a TransposeConv, on which a Conv2D of stride 1 works: zeros between the elements of
// the data, `before` zeros at its start, and `after` behind it (fewer than none: cut off).
struct Spread {
  int32_t stride;
  int32_t before;
  int32_t after;
};

// LiteRT's ComputePaddingHeightWidth() tells what SAME cuts off of what all products make.
Spread SpreadOf(int32_t size, int32_t made, int32_t window, int32_t stride, bool same) {
  int32_t cut = 0;
  if (same) cut = std::max(((made + stride - 1) / stride - 1) * stride + window - made, 0) / 2;
  const int32_t before = window - 1 - cut;
  return {stride, before, made + window - 1 - before - size * stride};
}

TensorId Padded(TensorId from, const Shape& after, const std::vector<int32_t>& pads,
                FormWriter& writer) {
  const TensorId to = writer.Like(from, after);
  const TensorId numbers = writer.Ints(to, pads, {static_cast<int32_t>(after.size()), 2});
  writer.SetOptions(writer.Add(BuiltinOperator_PAD, {from, numbers}, {to}), circle::PadOptionsT());
  return to;
}

// Zeros behind each row, and behind each pixel.
TensorId WithZeros(TensorId from, const Spread& rows, const Spread& columns, FormWriter& writer) {
  const Shape shape = writer.shape(from);
  const int32_t n = shape[0], h = shape[1], w = shape[2], c = shape[3];
  if (rows.stride > 1) {
    from = *writer.Reshaped(from, {n, h, 1, w * c});
    from = Padded(from, {n, h, rows.stride, w * c}, {0, 0, 0, 0, 0, rows.stride - 1, 0, 0}, writer);
  }
  const int32_t height = h * rows.stride;
  if (columns.stride > 1) {
    from = *writer.Reshaped(from, {n * height, w, 1, c});
    from = Padded(from, {n * height, w, columns.stride, c},
                  {0, 0, 0, 0, 0, columns.stride - 1, 0, 0}, writer);
  }
  return *writer.Reshaped(from, {n, height, w * columns.stride, c});
}

TensorId WithEdges(TensorId from, const Spread& rows, const Spread& columns, FormWriter& writer) {
  Shape shape = writer.shape(from);
  std::vector<int32_t> pads(8, 0);
  Shape cut = shape;
  for (size_t axis : {size_t{1}, size_t{2}}) {
    const Spread& spread = axis == 1 ? rows : columns;
    pads[2 * axis] = spread.before;
    pads[2 * axis + 1] = std::max(spread.after, 0);
    cut[axis] += std::min(spread.after, 0);
    shape[axis] = cut[axis] + spread.before + pads[2 * axis + 1];
  }
  if (cut != writer.shape(from)) {
    const TensorId part = writer.Like(from, cut);
    writer.Slice(from, {0, 0, 0, 0}, part);
    from = part;
  }
  return shape == cut ? from : Padded(from, shape, pads, writer);
}

std::optional<TensorId> Turned(TensorId weights, FormWriter& writer) {
  const Shape shape = writer.shape(weights);
  const auto h = static_cast<size_t>(shape[1]);
  const auto w = static_cast<size_t>(shape[2]);
  const auto depth = static_cast<size_t>(shape[3]);
  std::vector<size_t> elements;
  for (size_t output = 0; output < static_cast<size_t>(shape[0]); ++output) {
    for (size_t at = h * w; at-- > 0;) {
      for (size_t i = 0; i < depth; ++i) elements.push_back((output * h * w + at) * depth + i);
    }
  }
  return writer.Picked(weights, shape, elements, 0);
}

bool WriteTransposeConv(const Node& node, FormWriter& writer) {
  const auto old = FormWriter::OptionsOf<circle::TransposeConvOptionsT>(node);
  const TensorId data = node.inputs[2];
  const Shape from = writer.shape(data);
  const Shape made = writer.shape(node.outputs[0]);
  const Shape weights = writer.shape(node.inputs[1]);
  if (from.size() != 4 || made.size() != 4 || weights.size() != 4 || weights[3] != from[3] ||
      old.stride_h < 1 || old.stride_w < 1) {
    return false;
  }
  const bool same = old.padding == circle::Padding_SAME;
  const Spread rows = SpreadOf(from[1], made[1], weights[1], old.stride_h, same);
  const Spread columns = SpreadOf(from[2], made[2], weights[2], old.stride_w, same);
  const auto turned = Turned(node.inputs[1], writer);
  // Where the rest is smaller than the zeros behind the last element, an element would be cut off.
  if (!turned.has_value() || rows.before < 0 || columns.before < 0 ||
      rows.after + from[1] * rows.stride <= 0 || columns.after + from[2] * columns.stride <= 0) {
    return false;
  }
  const TensorId spread = WithEdges(WithZeros(data, rows, columns, writer), rows, columns, writer);
  circle::Conv2DOptionsT options;
  options.padding = circle::Padding_VALID;
  options.stride_h = options.stride_w = 1;
  options.fused_activation_function = old.fused_activation_function;
  std::vector<TensorId> inputs = {spread, *turned};
  if (node.inputs.size() > 3) inputs.push_back(node.inputs[3]);
  writer.SetOptions(writer.Add(BuiltinOperator_CONV_2D, inputs, {node.outputs[0]}), options);
  return true;
}

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_TRANSPOSE_CONV, RewriteWhen::kOdd, false, WriteTransposeConv},
    {BuiltinOperator_CONV_2D, RewriteWhen::kOdd, false, WriteGroups},
};

}  // namespace

absl::Span<const FormRewriting> LayerForms() { return kRows; }

}  // namespace q_implant
