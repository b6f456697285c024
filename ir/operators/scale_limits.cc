// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/scale_limits.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "ir/fused_activation.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

constexpr TypeSet kU8 = {circle::TensorType_UINT8};
constexpr TypeSet kS8 = {circle::TensorType_INT8};
constexpr TypeSet k8 = {circle::TensorType_UINT8, circle::TensorType_INT8};
constexpr TypeSet kS16 = {circle::TensorType_INT16};
constexpr TypeSet kS8S16 = {circle::TensorType_INT8, circle::TensorType_INT16};
constexpr TypeSet k8S16 = {circle::TensorType_UINT8, circle::TensorType_INT8,
                           circle::TensorType_INT16};
constexpr Target kLiteRt = Target::kLiteRt;
constexpr Target kOnert = Target::kOnert;
using enum ScaleRatio;

// Powers of two next to what was measured, on the safe side of it.
constexpr double Two(int exponent) {
  double power = 1;
  for (int i = 0; i < exponent; ++i) power *= 2;
  for (int i = 0; i > exponent; --i) power /= 2;
  return power;
}

// clang-format off
constexpr ScaleLimit kLimits[] = {
    // LiteRT's 8-bit Add and Mul pass through 16 bits: sums and products wrap beyond 32767 steps of
    // the output. Its int16 Add aborts where twice the greater input / output reaches 2^15.
    {.op = circle::BuiltinOperator_ADD, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(6)},
    {.op = circle::BuiltinOperator_ADD, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(14), .beyond = Beyond::kCrashes},
    {.op = circle::BuiltinOperator_ADD, .types = k8, .target = kLiteRt, .ratio = kOutput, .greatest = Two(104), .beyond = Beyond::kCrashes},
    {.op = circle::BuiltinOperator_SUB, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(18)},
    {.op = circle::BuiltinOperator_SUB, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(13)},
    {.op = circle::BuiltinOperator_SUB, .types = k8, .target = kLiteRt, .ratio = kOutput, .greatest = Two(104), .beyond = Beyond::kCrashes},
    {.op = circle::BuiltinOperator_MUL, .types = k8S16, .target = kLiteRt, .ratio = kProductToOutput, .greatest = Two(-1)},
    {.op = circle::BuiltinOperator_SQUARED_DIFFERENCE, .types = kS8, .target = kLiteRt, .ratio = kSquareToOutput, .greatest = Two(4)},
    {.op = circle::BuiltinOperator_SQUARED_DIFFERENCE, .types = kS8, .target = kLiteRt, .ratio = kOutput, .greatest = Two(106), .beyond = Beyond::kCrashes},

    // XNNPACK refuses a convolution beyond this, and the whole model with it.
    {.op = circle::BuiltinOperator_CONV_2D, .types = k8, .target = kLiteRt, .ratio = kProductToOutput, .greatest = Two(8), .beyond = Beyond::kRefused},
    {.op = circle::BuiltinOperator_DEPTHWISE_CONV_2D, .types = k8, .target = kLiteRt, .ratio = kProductToOutput, .greatest = Two(8), .beyond = Beyond::kRefused},
    {.op = circle::BuiltinOperator_FULLY_CONNECTED, .types = k8, .target = kLiteRt, .ratio = kProductToOutput, .greatest = Two(8), .beyond = Beyond::kRefused},
    {.op = circle::BuiltinOperator_TRANSPOSE_CONV, .types = k8, .target = kLiteRt, .ratio = kProductToOutput, .greatest = Two(8), .beyond = Beyond::kRefused},

    // XNNPACK's of a constant with zero point 0: from a ratio that float32 holds, for it is 0 else.
    {.op = circle::BuiltinOperator_BATCH_MATMUL, .types = kS8, .target = kLiteRt, .ratio = kProductToOutput, .least = Two(-140), .greatest = Two(7), .beyond = Beyond::kCrashes},

    // Results are shifted left in 32 bits before they are cut off.
    {.op = circle::BuiltinOperator_CONV_2D, .types = k8S16, .target = kLiteRt, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_DEPTHWISE_CONV_2D, .types = k8S16, .target = kLiteRt, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_FULLY_CONNECTED, .types = k8S16, .target = kLiteRt, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_TRANSPOSE_CONV, .types = k8S16, .target = kLiteRt, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_BATCH_MATMUL, .types = kS8S16, .target = kLiteRt, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_SUM, .types = k8S16, .target = kLiteRt, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_MEAN, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(23)},
    {.op = circle::BuiltinOperator_MEAN, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(16)},
    {.op = circle::BuiltinOperator_ABS, .types = kS8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_ABS, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(15)},
    {.op = circle::BuiltinOperator_LEAKY_RELU, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_LEAKY_RELU, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(15)},
    {.op = circle::BuiltinOperator_RELU, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_RELU, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(15)},
    {.op = circle::BuiltinOperator_RELU6, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_RELU6, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(15)},
    {.op = circle::BuiltinOperator_RELU_0_TO_1, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_RELU_N1_TO_1, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_PRELU, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(20)},
    {.op = circle::BuiltinOperator_PRELU, .types = k8, .target = kLiteRt, .ratio = kProductToOutput, .greatest = Two(15)},
    {.op = circle::BuiltinOperator_CONCATENATION, .types = kU8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_QUANTIZE, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_QUANTIZE, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(15)},
    {.op = circle::BuiltinOperator_HARD_SWISH, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(7), .beyond = Beyond::kRefused},
    {.op = circle::BuiltinOperator_HARD_SWISH, .types = k8, .target = kLiteRt, .ratio = kInput, .greatest = Two(24)},
    {.op = circle::BuiltinOperator_GELU, .types = k8, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(22)},

    // A clamp is a number of steps of the output: of 32 bits.
    {.op = circle::BuiltinOperator_RELU6, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28)},
    {.op = circle::BuiltinOperator_RELU_0_TO_1, .types = k8, .target = kLiteRt, .ratio = kOutput, .least = Two(-28)},
    {.op = circle::BuiltinOperator_RELU_N1_TO_1, .types = k8, .target = kLiteRt, .ratio = kOutput, .least = Two(-28)},
    {.op = circle::BuiltinOperator_ADD, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_SUB, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_MUL, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_AVERAGE_POOL_2D, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_MAX_POOL_2D, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_CONV_2D, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_DEPTHWISE_CONV_2D, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_FULLY_CONNECTED, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},
    {.op = circle::BuiltinOperator_TRANSPOSE_CONV, .types = k8S16, .target = kLiteRt, .ratio = kOutput, .least = Two(-28), .beyond = Beyond::kRefused, .clamped = true},

    // Lookup tables of int16 have 513 entries over the range of the input.
    {.op = circle::BuiltinOperator_EXP, .types = kS16, .target = kLiteRt, .ratio = kInput, .greatest = Two(-10)},
    {.op = circle::BuiltinOperator_LOG, .types = kS16, .target = kLiteRt, .ratio = kInput, .greatest = Two(-12)},
    // Between two entries of the table lie 64 steps. Beyond this scale (where the outputs of all inputs
    // together still come out well) that is too far for a curve that bends between -2 and 2.
    {.op = circle::BuiltinOperator_GELU, .types = kS16, .target = kLiteRt, .ratio = kInput, .greatest = Two(-10)},
    {.op = circle::BuiltinOperator_RSQRT, .types = kS16, .target = kLiteRt, .ratio = kInput, .least = Two(-84), .greatest = 0.000173},
    {.op = circle::BuiltinOperator_SQRT, .types = kS16, .target = kLiteRt, .ratio = kInput, .least = Two(-44)},
    {.op = circle::BuiltinOperator_SQRT, .types = kS16, .target = kLiteRt, .ratio = kInputToOutput, .greatest = Two(32)},
    {.op = circle::BuiltinOperator_RSQRT, .types = kS8, .target = kLiteRt, .ratio = kInverseRootToOutput, .least = Two(-11), .greatest = Two(29)},
    {.op = circle::BuiltinOperator_LOGISTIC, .types = kS16, .target = kLiteRt, .ratio = kInput, .least = Two(-44), .greatest = Two(2)},
    {.op = circle::BuiltinOperator_TANH, .types = kS16, .target = kLiteRt, .ratio = kInput, .least = Two(-20), .greatest = Two(2)},
    {.op = circle::BuiltinOperator_SOFTMAX, .types = kS16, .target = kLiteRt, .ratio = kInput, .greatest = Two(2)},
    {.op = circle::BuiltinOperator_LOG_SOFTMAX, .types = k8, .target = kLiteRt, .ratio = kInput, .greatest = Two(13)},

    // onert shifts right by 31 bits at most: what is smaller comes out as something else.
    {.op = circle::BuiltinOperator_ADD, .types = k8, .target = kOnert, .ratio = kInputToOutput, .least = Two(-12), .greatest = Two(18)},
    {.op = circle::BuiltinOperator_ADD, .types = k8, .target = kOnert, .ratio = kInputToInput, .least = Two(-30)},
    {.op = circle::BuiltinOperator_ADD, .types = k8, .target = kOnert, .ratio = kOutput, .greatest = Two(104)},
    {.op = circle::BuiltinOperator_SUB, .types = k8, .target = kOnert, .ratio = kInputToOutput, .least = Two(-12), .greatest = Two(18)},
    {.op = circle::BuiltinOperator_SUB, .types = k8, .target = kOnert, .ratio = kInputToInput, .least = Two(-30)},
    {.op = circle::BuiltinOperator_SUB, .types = k8, .target = kOnert, .ratio = kOutput, .greatest = Two(104)},
    {.op = circle::BuiltinOperator_MUL, .types = k8, .target = kOnert, .ratio = kProductToOutput, .least = Two(-31), .greatest = Two(15)},
    {.op = circle::BuiltinOperator_CONV_2D, .types = k8, .target = kOnert, .ratio = kProductToOutput, .least = Two(-31)},
    {.op = circle::BuiltinOperator_DEPTHWISE_CONV_2D, .types = k8, .target = kOnert, .ratio = kProductToOutput, .least = Two(-31)},
    {.op = circle::BuiltinOperator_FULLY_CONNECTED, .types = kU8, .target = kOnert, .ratio = kProductToOutput, .least = Two(-31)},
    {.op = circle::BuiltinOperator_CONV_2D, .types = k8, .target = kOnert, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_DEPTHWISE_CONV_2D, .types = k8, .target = kOnert, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_FULLY_CONNECTED, .types = kU8, .target = kOnert, .ratio = kSumToOutput, .greatest = Two(31)},
    {.op = circle::BuiltinOperator_MEAN, .types = kU8, .target = kOnert, .ratio = kInputToOutput, .greatest = Two(23)},
    {.op = circle::BuiltinOperator_CONCATENATION, .types = kU8, .target = kOnert, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_QUANTIZE, .types = k8, .target = kOnert, .ratio = kInputToOutput, .greatest = Two(22)},
    {.op = circle::BuiltinOperator_LOG_SOFTMAX, .types = kU8, .target = kOnert, .ratio = kInput, .greatest = Two(13)},
    {.op = circle::BuiltinOperator_ADD, .types = k8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_SUB, .types = k8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_MUL, .types = k8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_AVERAGE_POOL_2D, .types = k8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_MAX_POOL_2D, .types = kU8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_CONV_2D, .types = k8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_DEPTHWISE_CONV_2D, .types = k8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
    {.op = circle::BuiltinOperator_FULLY_CONNECTED, .types = kU8, .target = kOnert, .ratio = kOutput, .least = Two(-28), .clamped = true},
};
// clang-format on

// The greatest distance of an integer from the zero point.
double Reach(const QuantParams& params) {
  return params.dtype == circle::TensorType_INT16  ? 32768
         : params.dtype == circle::TensorType_INT4 ? 8
                                                   : 255;
}

double ScaleOf(const ParamsPtr& params) { return double{params->scale.front()}; }

double GreatestInput(const NodeSides& sides) {
  double greatest = 0;
  for (const ParamsPtr& side : sides.data) greatest = std::max(greatest, ScaleOf(side));
  return greatest;
}

double LeastInput(const NodeSides& sides) {
  double least = std::numeric_limits<double>::infinity();
  for (const ParamsPtr& side : sides.data) least = std::min(least, ScaleOf(side));
  return least;
}

// Of two inputs, or of data and weights: their product, over all channels.
std::optional<RatioRange> Products(const NodeSides& sides) {
  const double first = ScaleOf(sides.data.front());
  if (sides.weights == nullptr) {
    if (sides.data.size() != 2) return std::nullopt;
    const double product = first * ScaleOf(sides.data.back());
    return RatioRange{product, product};
  }
  const std::vector<float>& scales = sides.weights->scale;
  return RatioRange{first * double{*std::min_element(scales.begin(), scales.end())},
                    first * double{*std::max_element(scales.begin(), scales.end())}};
}

std::optional<RatioRange> Sums(const NodeSides& sides) {
  const QuantParams& first = *sides.data.front();
  if (sides.data.size() == 1 && sides.weights == nullptr) {  // Sum
    const double sum = sides.terms * Reach(first) * ScaleOf(sides.data.front());
    return RatioRange{sum, sum};
  }
  const QuantParams& second = sides.weights == nullptr ? *sides.data.back() : *sides.weights;
  const std::optional<RatioRange> products = Products(sides);
  if (!products.has_value()) return std::nullopt;
  // Signed weights have zero point 0.
  const bool halved = sides.weights != nullptr && second.dtype == circle::TensorType_INT8;
  const double reach = sides.terms * Reach(first) * (halved ? 127 : Reach(second));
  return RatioRange{reach * products->least, reach * products->greatest};
}

double TermsOf(const Graph& graph, const Node& node) {
  const auto shape = [&](TensorId id) { return graph.tensor(id).shape; };
  const auto count = [&](TensorId id) -> double {
    return static_cast<double>(ElementCount(graph.tensor(id).shape).value_or(1));
  };
  const OperatorRow& row = RowOf(node);
  const int slot = FindInput(row, Role::kWeights);
  // A file may leave out what an operator needs.
  const auto needed = static_cast<size_t>(std::max(slot, 0));
  if (needed >= node.inputs.size() || node.inputs[needed] == kNoTensor) return 1;
  if (slot >= 0) {
    const TensorId weights = node.inputs[static_cast<size_t>(slot)];
    const auto axis = static_cast<size_t>(row.channel_axis);
    if (axis >= shape(weights).size()) return 1;
    return count(weights) / std::max<double>(shape(weights)[axis], 1);
  }
  if (node.op() == circle::BuiltinOperator_SUM && !node.outputs.empty() &&
      node.outputs[0] != kNoTensor) {
    return std::max(count(node.inputs[0]) / std::max(count(node.outputs[0]), 1.0), 1.0);
  }
  if (const auto* matmul = node.OptionsAs<circle::BatchMatMulOptions>()) {
    const auto dims = shape(node.inputs[0]);
    if (dims.size() < 2) return 1;
    return std::max<double>(dims[dims.size() - (matmul->adjoint_lhs() ? 2 : 1)], 1);
  }
  return 1;
}

bool IsClamped(const Node& node) {
  const circle::ActivationFunctionType fused = FusedActivation(node);
  return fused == circle::ActivationFunctionType_RELU6 ||
         fused == circle::ActivationFunctionType_RELU_N1_TO_1;
}

}  // namespace

absl::string_view RatioText(ScaleRatio ratio) {
  switch (ratio) {
    case kInputToOutput:
      return "input scale / output scale";
    case kInputToInput:
      return "least input scale / greatest input scale";
    case kProductToOutput:
      return "product of the two input scales / output scale";
    case kSquareToOutput:
      return "input scale squared / output scale";
    case kSumToOutput:
      return "greatest sum / output scale";
    case kInverseRootToOutput:
      return "1 / (square root of the input scale x output scale)";
    case kInput:
      return "input scale";
    case kOutput:
      return "output scale";
  }
  return "";
}

absl::Span<const ScaleLimit> AllScaleLimits() { return kLimits; }

NodeSides SidesOf(const Graph& graph, const Node& node, absl::Span<const ParamsPtr> in,
                  absl::Span<const ParamsPtr> out) {
  const OperatorRow& row = RowOf(node);
  NodeSides sides;
  for (size_t slot = 0; slot < in.size(); ++slot) {
    if (in[slot] == nullptr) continue;
    if (InputRole(row, slot) == Role::kData) sides.data.push_back(in[slot]);
    if (InputRole(row, slot) == Role::kWeights) sides.weights = in[slot];
  }
  for (size_t slot = 0; slot < out.size() && sides.output == nullptr; ++slot) {
    if (OutputRole(row, slot) == Role::kData) sides.output = out[slot];
  }
  sides.terms = TermsOf(graph, node);
  return sides;
}

std::optional<RatioRange> RatioRangeOf(ScaleRatio ratio, const NodeSides& sides) {
  if (sides.data.empty()) return std::nullopt;
  const auto one = [](double value) { return RatioRange{value, value}; };
  if (ratio == kInput) return one(GreatestInput(sides));
  if (ratio == kInputToInput) return one(LeastInput(sides) / GreatestInput(sides));
  if (sides.output == nullptr) return std::nullopt;
  const double output = ScaleOf(sides.output);
  const auto over = [&](std::optional<RatioRange> range) -> std::optional<RatioRange> {
    if (!range.has_value()) return std::nullopt;
    return RatioRange{range->least / output, range->greatest / output};
  };
  switch (ratio) {
    case kInputToOutput:
      return one(GreatestInput(sides) / output);
    case kProductToOutput:
      return over(Products(sides));
    case kSquareToOutput:
      return one(GreatestInput(sides) * GreatestInput(sides) / output);
    case kSumToOutput:
      return over(Sums(sides));
    case kInverseRootToOutput:
      return one(1 / (std::sqrt(GreatestInput(sides)) * output));
    default:
      return one(output);
  }
}

std::string BrokenLimit::Describe() const {
  // With weights, the first of the two is the data's.
  const bool weights = FindInput(RowOf(limit->op), Role::kWeights) >= 0;
  const absl::string_view name = weights && limit->ratio == kProductToOutput
                                     ? "data scale x weights scale / output scale"
                                     : RatioText(limit->ratio);
  return absl::StrFormat("%s is %.3g; its kernel is right %s %.3g", name, found,
                         above() ? "below" : "from", above() ? limit->greatest : limit->least);
}

std::optional<BrokenLimit> FindBrokenLimit(const Node& node, const NodeSides& sides,
                                           Target target) {
  if (sides.data.empty()) return std::nullopt;
  const circle::TensorType type = sides.data.front()->dtype;
  for (const ScaleLimit& limit : kLimits) {
    if (limit.op != node.op() || limit.target != target || !limit.types.has(type)) continue;
    if (limit.clamped && !IsClamped(node)) continue;
    const std::optional<RatioRange> range = RatioRangeOf(limit.ratio, sides);
    if (!range.has_value()) continue;
    if (limit.greatest != 0 && range->greatest >= limit.greatest) {
      return BrokenLimit{&limit, range->greatest};
    }
    if (range->least < limit.least) return BrokenLimit{&limit, range->least};
  }
  return std::nullopt;
}

}  // namespace q_implant
