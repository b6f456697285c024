// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/weights_kernels.h"

#include <algorithm>
#include <cstdint>

#include "ir/tensor_type.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;
using enum circle::TensorType;

constexpr Verdict kYes = Verdict::kRight;
constexpr Verdict kNo = Verdict::kRefused;
constexpr Verdict kWrong = Verdict::kWrong;

// clang-format off
constexpr WeightsKernel kKernels[] = {
    //                                                                      LiteRT          onert
    // operator, data, weights                                             tensor  channel tensor  channel
    {BuiltinOperator_CONV_2D, TensorType_UINT8, TensorType_UINT8,           kYes,   kNo,    kYes,   kYes},
    {BuiltinOperator_CONV_2D, TensorType_UINT8, TensorType_INT8,            kWrong, kNo,    kWrong, kWrong},
    {BuiltinOperator_CONV_2D, TensorType_UINT8, TensorType_INT4,            kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_CONV_2D, TensorType_INT8, TensorType_UINT8,            kNo,    kNo,    kWrong, kWrong},
    {BuiltinOperator_CONV_2D, TensorType_INT8, TensorType_INT8,             kYes,   kYes,   kYes,   kYes},
    {BuiltinOperator_CONV_2D, TensorType_INT8, TensorType_INT4,             kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_CONV_2D, TensorType_INT16, TensorType_INT8,            kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_CONV_2D, TensorType_INT16, TensorType_INT16,           kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_CONV_2D, TensorType_INT16, TensorType_INT4,            kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_UINT8, TensorType_UINT8, kYes,   kNo,    kYes,   kYes},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_UINT8, TensorType_INT8,  kNo,    kNo,    kWrong, kWrong},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_UINT8, TensorType_INT4,  kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT8, TensorType_UINT8,  kNo,    kNo,    kWrong, kWrong},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT8, TensorType_INT8,   kYes,   kYes,   kYes,   kYes},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT8, TensorType_INT4,   kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT16, TensorType_UINT8, kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT16, TensorType_INT8,  kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT16, TensorType_INT16, kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_DEPTHWISE_CONV_2D, TensorType_INT16, TensorType_INT4,  kWrong, kWrong, kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_UINT8, TensorType_UINT8,   kYes,   kNo,    kYes,   kWrong},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_UINT8, TensorType_INT8,    kWrong, kNo,    kWrong, kWrong},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_UINT8, TensorType_INT4,    kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT8, TensorType_UINT8,    kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT8, TensorType_INT8,     kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT8, TensorType_INT4,     kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT16, TensorType_UINT8,   kWrong, kNo,    kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT16, TensorType_INT8,    kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT16, TensorType_INT16,   kWrong, kWrong, kNo,    kNo},
    {BuiltinOperator_FULLY_CONNECTED, TensorType_INT16, TensorType_INT4,    kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_TRANSPOSE_CONV, TensorType_UINT8, TensorType_UINT8,    kYes,   kNo,    kNo,    kNo},
    {BuiltinOperator_TRANSPOSE_CONV, TensorType_INT8, TensorType_INT8,      kYes,   kYes,   kNo,    kNo},
    {BuiltinOperator_TRANSPOSE_CONV, TensorType_INT16, TensorType_INT8,     kYes,   kYes,   kNo,    kNo},
};
// clang-format on

// Kernels of signed weights leave the zero point out, but for LiteRT's int8 FullyConnected with one
// scale.
bool ZeroPointFits(circle::BuiltinOperator op, const QuantParams& weights) {
  const bool symmetric = std::all_of(weights.zero_point.begin(), weights.zero_point.end(),
                                     [](int64_t zero_point) { return zero_point == 0; });
  return symmetric || RangeOf(weights.dtype)->min == 0 ||
         (op == BuiltinOperator_FULLY_CONNECTED && weights.dtype == TensorType_INT8 &&
          !weights.per_channel());
}

}  // namespace

absl::Span<const WeightsKernel> AllWeightsKernels() { return kKernels; }

WeightsSupport WeightsSupportOf(circle::BuiltinOperator op, circle::TensorType data,
                                const QuantParams& weights) {
  WeightsSupport support;
  if (!ZeroPointFits(op, weights)) {
    support.litert = support.onert = Verdict::kWrong;
    return support;
  }
  support.recipe = (data == TensorType_UINT8 && weights.dtype == TensorType_INT8) ||
                   (data == TensorType_INT16 && weights.dtype == TensorType_INT16);
  const bool per_channel = weights.per_channel();
  for (const WeightsKernel& kernel : kKernels) {
    if (kernel.op != op || kernel.data != data || kernel.weights != weights.dtype) continue;
    support.litert = per_channel ? kernel.litert_per_channel : kernel.litert_per_tensor;
    support.onert = per_channel ? kernel.onert_per_channel : kernel.onert_per_tensor;
  }
  return support;
}

}  // namespace q_implant
