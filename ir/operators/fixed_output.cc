// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/fixed_output.h"

#include <algorithm>
#include <iterator>
#include <memory>

namespace q_implant {
namespace {

struct FixedRow {
  FixedOutput kind;
  circle::TensorType dtype;
  float scale;
  int64_t zero_point;
};

// uint8 and int16: luci's QuantizationUtils and QuantizedModelVerifier. int8: the checks in Prepare
// of LiteRT's kernels (activations.cc, l2norm.cc); its uint8 and int16 kernels accept luci's
// values.
constexpr FixedRow kFixed[] = {
    {FixedOutput::kSoftmax, circle::TensorType_UINT8, 1.0f / 255, 0},
    {FixedOutput::kSoftmax, circle::TensorType_INT8, 1.0f / 256, -128},
    {FixedOutput::kSoftmax, circle::TensorType_INT16, 1.0f / 32767, 0},
    // What LiteRT writes; both runtimes take it in place of luci's.
    {FixedOutput::kSoftmax, circle::TensorType_UINT8, 1.0f / 256, 0},
    {FixedOutput::kSoftmax, circle::TensorType_INT16, 1.0f / 32768, 0},
    {FixedOutput::kLogistic, circle::TensorType_UINT8, 1.0f / 256, 0},
    {FixedOutput::kLogistic, circle::TensorType_INT8, 1.0f / 256, -128},
    {FixedOutput::kLogistic, circle::TensorType_INT16, 1.0f / 32768, 0},
    {FixedOutput::kTanh, circle::TensorType_UINT8, 2.0f / 256, 128},
    {FixedOutput::kTanh, circle::TensorType_INT8, 1.0f / 128, 0},
    {FixedOutput::kTanh, circle::TensorType_INT16, 1.0f / 32768, 0},
    {FixedOutput::kLogSoftmax, circle::TensorType_UINT8, 16.0f / 256, 255},
    {FixedOutput::kLogSoftmax, circle::TensorType_INT8, 16.0f / 256, 127},
    {FixedOutput::kL2Normalization, circle::TensorType_UINT8, 1.0f / 128, 128},
    {FixedOutput::kL2Normalization, circle::TensorType_INT8, 1.0f / 128, 0},
};

}  // namespace

ParamsPtr FixedOutputParams(FixedOutput kind, circle::TensorType dtype) {
  for (const FixedRow& row : kFixed) {
    if (row.kind != kind || row.dtype != dtype) continue;
    return std::make_shared<const QuantParams>(
        QuantParams{.dtype = dtype, .scale = {row.scale}, .zero_point = {row.zero_point}});
  }
  return nullptr;
}

bool IsFixedOutput(FixedOutput kind, const QuantParams& made) {
  return std::any_of(std::begin(kFixed), std::end(kFixed), [&](const FixedRow& row) {
    return row.kind == kind && row.dtype == made.dtype && !made.per_channel() &&
           made.zero_point[0] == row.zero_point && DifferByRoundingOnly(made.scale[0], row.scale);
  });
}

}  // namespace q_implant
