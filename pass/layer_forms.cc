// SPDX-License-Identifier: Apache-2.0
// Convolutions in groups, by convolutions without: weights, biases and their parameters in parts.

#include <numeric>
#include <optional>

#include "pass/form_rewritings.h"

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

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_CONV_2D, RewriteWhen::kOdd, false, WriteGroups},
};

}  // namespace

absl::Span<const FormRewriting> LayerForms() { return kRows; }

}  // namespace q_implant
