// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/operator_range.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "ir/fused_activation.h"
#include "ir/operators/operator_table.h"

namespace q_implant {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

RealRange AfterActivation(const RealRange& range, circle::ActivationFunctionType activation) {
  switch (activation) {
    case circle::ActivationFunctionType_RELU:
      return CutOff(range, {0, kInfinity});
    case circle::ActivationFunctionType_RELU6:
      return CutOff(range, {0, 6});
    case circle::ActivationFunctionType_RELU_N1_TO_1:
    case circle::ActivationFunctionType_TANH:
      return CutOff(range, {-1, 1});
    default:
      return range;
  }
}

// Of operators whose output is bounded whatever they read.
std::optional<RealRange> BoundedRange(circle::BuiltinOperator op) {
  switch (op) {
    case circle::BuiltinOperator_LOGISTIC:
    case circle::BuiltinOperator_SOFTMAX:
    case circle::BuiltinOperator_RELU_0_TO_1:
    case circle::BuiltinOperator_ONE_HOT:
      return RealRange{0, 1};
    case circle::BuiltinOperator_TANH:
    case circle::BuiltinOperator_SIN:
    case circle::BuiltinOperator_COS:
    case circle::BuiltinOperator_SIGN:
    case circle::BuiltinOperator_L2_NORMALIZATION:
    case circle::BuiltinOperator_RELU_N1_TO_1:
      return RealRange{-1, 1};
    case circle::BuiltinOperator_RELU6:
      return RealRange{0, 6};
    default:
      return std::nullopt;
  }
}

// A range that holds 0 says no more than that its numbers may be small. Those that a trained
// network divides by, as the root of a variance, are not smaller than this part of the greatest.
constexpr double kUsualLeastPart = 1.0 / 2048;

// The least magnitude of the numbers of such a divisor.
double LeastDivisor(const RealRange& x) {
  const double end = std::min(std::abs(x.least), std::abs(x.greatest));
  const bool holds_zero = x.least <= 0 && x.greatest >= 0;
  return holds_zero ? x.magnitude() * kUsualLeastPart : end;
}

RealRange RangeOfQuotient(const RealRange& x, const RealRange& y) {
  const bool holds_zero = y.least <= 0 && y.greatest >= 0;
  return holds_zero ? Within(x.magnitude() / LeastDivisor(y)) : x / y;
}

// The logarithm of the least float above 0 is -103.3.
RealRange RangeOfLog(const RealRange& x) {
  constexpr double kLeastLog = -104;
  return {x.least > 0 ? std::log(x.least) : kLeastLog,
          x.greatest > 0 ? std::log(x.greatest) : kLeastLog};
}

RealRange RangeOfRsqrt(const RealRange& x) {
  if (x.greatest <= 0) return {};
  const RealRange positive = {std::max(x.least, 0.0), x.greatest};
  return {1 / std::sqrt(x.greatest), 1 / std::sqrt(LeastDivisor(positive))};
}

// The logarithm of a sum of at most 2^64 exponentials lies this near to the greatest of them.
constexpr double kLogOfCount = 64;

std::optional<RealRange> UnaryRange(circle::BuiltinOperator op, const RealRange& x) {
  switch (op) {
    case circle::BuiltinOperator_RELU:
      return CutOff(x, {0, kInfinity});
    // These dip below 0 by less than 1 and then follow x.
    case circle::BuiltinOperator_ELU:
    case circle::BuiltinOperator_GELU:
    case circle::BuiltinOperator_HARD_SWISH:
      return RealRange{std::clamp(x.least, -1.0, 0.0), std::max(x.greatest, 0.0)};
    case circle::BuiltinOperator_LEAKY_RELU:
    case circle::BuiltinOperator_ABS:
    case circle::BuiltinOperator_NEG:
      return Hull(x, -x);
    case circle::BuiltinOperator_FLOOR:
    case circle::BuiltinOperator_CEIL:
    case circle::BuiltinOperator_ROUND:
      return x + Within(1);
    case circle::BuiltinOperator_SQUARE:
      return CutOff(x * x, {0, kInfinity});
    case circle::BuiltinOperator_SQRT:
      return RealRange{0, std::sqrt(std::max(x.greatest, 0.0))};
    case circle::BuiltinOperator_RSQRT:
      return RangeOfRsqrt(x);
    case circle::BuiltinOperator_EXP:
      return RealRange{std::exp(x.least), std::exp(x.greatest)};
    case circle::BuiltinOperator_LOG:
      return RangeOfLog(x);
    case circle::BuiltinOperator_LOG_SOFTMAX:
      return RealRange{-x.width() - kLogOfCount, 0};
    // Averages, and what changes the representation only.
    case circle::BuiltinOperator_MEAN:
    case circle::BuiltinOperator_AVERAGE_POOL_2D:
    case circle::BuiltinOperator_RESIZE_BILINEAR:
    case circle::BuiltinOperator_QUANTIZE:
    case circle::BuiltinOperator_DEQUANTIZE:
      return x;
    case circle::BuiltinOperator_L2_POOL_2D:
      return RealRange{0, x.magnitude()};
    default:
      return std::nullopt;
  }
}

// A power of a negative number is bounded by that of its magnitude.
RealRange RangeOfPower(const RealRange& x, const RealRange& exponent) {
  double most = 0;
  for (double base : {LeastDivisor(x), x.magnitude()}) {
    for (double power : {exponent.least, exponent.greatest}) {
      most = std::max(most, std::pow(base, power));
    }
  }
  return x.least >= 0 ? RealRange{0, most} : Within(most);
}

std::optional<RealRange> BinaryRange(circle::BuiltinOperator op, const RealRange& x,
                                     const RealRange& y) {
  switch (op) {
    case circle::BuiltinOperator_ADD:
      return x + y;
    case circle::BuiltinOperator_SUB:
      return x - y;
    case circle::BuiltinOperator_MUL:
      return x * y;
    case circle::BuiltinOperator_DIV:
      return RangeOfQuotient(x, y);
    case circle::BuiltinOperator_FLOOR_DIV:
      return RangeOfQuotient(x, y) + Within(1);
    case circle::BuiltinOperator_FLOOR_MOD:
      return Within(y.magnitude());
    case circle::BuiltinOperator_SQUARED_DIFFERENCE:
      return CutOff((x - y) * (x - y), {0, kInfinity});
    case circle::BuiltinOperator_MAXIMUM:
      return RealRange{std::max(x.least, y.least), std::max(x.greatest, y.greatest)};
    case circle::BuiltinOperator_MINIMUM:
      return RealRange{std::min(x.least, y.least), std::min(x.greatest, y.greatest)};
    case circle::BuiltinOperator_PRELU:
      return Hull(x, x * y);
    case circle::BuiltinOperator_POW:
      return RangeOfPower(x, y);
    default:
      return std::nullopt;
  }
}

// Of operators that sum: a bias of unknown range counts as 0, for the input is absent.
std::optional<RealRange> SumRange(const Node& node, absl::Span<const RealRange> in, double terms) {
  const auto magnitude_of = [&](size_t slot) {
    return slot < in.size() && node.inputs[slot] != kNoTensor ? in[slot].magnitude() : 0;
  };
  switch (node.op()) {
    case circle::BuiltinOperator_CONV_2D:
    case circle::BuiltinOperator_CONV_3D:
    case circle::BuiltinOperator_DEPTHWISE_CONV_2D:
    case circle::BuiltinOperator_FULLY_CONNECTED:
    case circle::BuiltinOperator_BATCH_MATMUL:
      return Within(terms * magnitude_of(0) * magnitude_of(1) + magnitude_of(2));
    case circle::BuiltinOperator_TRANSPOSE_CONV:
      return Within(terms * magnitude_of(2) * magnitude_of(1) + magnitude_of(3));
    case circle::BuiltinOperator_SUM:
    case circle::BuiltinOperator_CUMSUM:
      return Within(terms * magnitude_of(0));
    case circle::BuiltinOperator_REDUCE_PROD:
      return Within(std::max(1.0, std::pow(magnitude_of(0), terms)));
    case circle::BuiltinOperator_ADD_N: {
      RealRange sum;
      for (const RealRange& range : in) sum = sum + range;
      return sum;
    }
    default:
      return std::nullopt;
  }
}

// Padding moves zeros in.
std::optional<RealRange> MovedRange(const Node& node, absl::Span<const RealRange> in) {
  const OperatorRow& row = RowOf(node);
  if (row.kind != Kind::kMover) return std::nullopt;
  RealRange moved;
  for (size_t slot = 0; slot < in.size(); ++slot) {
    const Role role = InputRole(row, slot);
    if (role == Role::kData || role == Role::kFill) moved = Hull(moved, in[slot]);
  }
  return moved;
}

// The size of an axis, counted from the last one; 1 where it is not there or not known.
double SizeOf(const Graph& graph, TensorId id, size_t from_last) {
  const auto& shape = graph.tensor(id).shape;
  if (from_last >= shape.size()) return 1;
  return std::max(1, shape[shape.size() - 1 - from_last]);
}

double CountOf(const Graph& graph, TensorId id) {
  double count = 1;
  for (size_t axis = 0; axis < graph.tensor(id).shape.size(); ++axis) {
    count *= SizeOf(graph, id, axis);
  }
  return count;
}

}  // namespace

std::optional<RealRange> OperatorRange(const Node& node, absl::Span<const RealRange> inputs,
                                       double terms) {
  const circle::BuiltinOperator op = node.op();
  std::optional<RealRange> range = BoundedRange(op);
  if (!range.has_value() && !inputs.empty()) range = UnaryRange(op, inputs[0]);
  if (!range.has_value() && inputs.size() > 1) range = BinaryRange(op, inputs[0], inputs[1]);
  if (!range.has_value()) range = SumRange(node, inputs, terms);
  if (!range.has_value()) range = MovedRange(node, inputs);
  if (!range.has_value()) return std::nullopt;
  return AfterActivation(*range, FusedActivation(node));
}

double TermsOf(const Graph& graph, const Node& node) {
  if (node.inputs.empty() || node.inputs[0] == kNoTensor) return 1;
  switch (node.op()) {
    case circle::BuiltinOperator_SUM:
    case circle::BuiltinOperator_CUMSUM:
    case circle::BuiltinOperator_REDUCE_PROD:
      return CountOf(graph, node.inputs[0]);
    // The inner axis, on whichever side adj_x puts it.
    case circle::BuiltinOperator_BATCH_MATMUL:
      return std::max(SizeOf(graph, node.inputs[0], 0), SizeOf(graph, node.inputs[0], 1));
    default:
      break;
  }
  const int weights = FindInput(RowOf(node), Role::kWeights);
  const int8_t axis = RowOf(node).channel_axis;
  if (weights < 0 || axis < 0 || static_cast<size_t>(weights) >= node.inputs.size()) return 1;
  const TensorId id = node.inputs[static_cast<size_t>(weights)];
  if (id == kNoTensor || graph.tensor(id).shape.size() <= static_cast<size_t>(axis)) return 1;
  return CountOf(graph, id) / std::max(1, graph.tensor(id).shape[static_cast<size_t>(axis)]);
}

}  // namespace q_implant
