// SPDX-License-Identifier: Apache-2.0
#include "ir/conversion_kernels.h"

#include <memory>

namespace q_implant {
namespace {

using enum circle::TensorType;

constexpr Verdict kYes = Verdict::kRight;
constexpr Verdict kNo = Verdict::kRefused;
constexpr Verdict kWrong = Verdict::kWrong;

// clang-format off
constexpr ConversionKernel kKernels[] = {
    //                                      LiteRT onert   per channel: LiteRT onert
    {TensorType_FLOAT32, TensorType_UINT8,  kYes,  kYes},
    {TensorType_FLOAT32, TensorType_INT8,   kYes,  kWrong},
    {TensorType_FLOAT32, TensorType_INT16,  kYes,  kNo},
    {TensorType_UINT8,   TensorType_UINT8,  kYes,  kNo},
    {TensorType_UINT8,   TensorType_INT8,   kYes,  kYes},
    {TensorType_UINT8,   TensorType_INT16,  kYes,  kNo},
    {TensorType_INT8,    TensorType_UINT8,  kYes,  kYes},
    {TensorType_INT8,    TensorType_INT8,   kYes,  kNo},
    {TensorType_INT8,    TensorType_INT16,  kYes,  kNo},
    {TensorType_INT16,   TensorType_INT8,   kYes,  kNo},
    {TensorType_INT16,   TensorType_INT16,  kYes,  kNo},
    {TensorType_UINT8,   TensorType_FLOAT32, kYes, kYes,                kYes,  kWrong},
    {TensorType_INT8,    TensorType_FLOAT32, kYes, kYes,                kYes,  kWrong},
    {TensorType_INT16,   TensorType_FLOAT32, kYes, kNo},
    {TensorType_INT4,    TensorType_FLOAT32, kYes, kNo,                 kYes,  kNo},
    {TensorType_FLOAT16, TensorType_FLOAT32, kYes, kNo},
};
// clang-format on

Verdict Best(Verdict a, Verdict b) {
  if (a == Verdict::kRight || b == Verdict::kRight) return Verdict::kRight;
  return a == Verdict::kWrong ? a : b;
}

circle::TensorType TypeOf(const ParamsPtr& form) {
  return form == nullptr ? TensorType_FLOAT32 : form->dtype;
}

Verdict VerdictOf(circle::TensorType from, circle::TensorType to, bool per_channel, Target target) {
  for (const ConversionKernel& kernel : kKernels) {
    if (kernel.from != from || kernel.to != to) continue;
    const Verdict litert = per_channel ? kernel.litert_per_channel : kernel.litert;
    const Verdict onert = per_channel ? kernel.onert_per_channel : kernel.onert;
    if (target == Target::kLiteRt) return litert;
    if (target == Target::kOnert) return onert;
    return Best(litert, onert);
  }
  return Verdict::kRefused;
}

}  // namespace

absl::Span<const ConversionKernel> AllConversionKernels() { return kKernels; }

Verdict ConversionVerdict(const ParamsPtr& from, const ParamsPtr& to, Target target) {
  // LiteRT refuses these on the way in (dequantize.cc, quantize.cc: "input->params.zero_point !=
  // 0"), but for int16 to int8; onert has no int16.
  if (from != nullptr && IsAsymmetricInt16(*from) && TypeOf(to) != TensorType_INT8) {
    return Verdict::kRefused;
  }
  return VerdictOf(TypeOf(from), TypeOf(to), from != nullptr && from->per_channel(), target);
}

Verdict ConversionVerdict(circle::TensorType from, circle::TensorType to, Target target) {
  return VerdictOf(from, to, /*per_channel=*/false, target);
}

std::vector<ParamsPtr> ConversionPath(const ParamsPtr& from, const ParamsPtr& to, Target target,
                                      bool* right) {
  const auto is_right = [&](const ParamsPtr& a, const ParamsPtr& b) {
    return ConversionVerdict(a, b, target) == Verdict::kRight;
  };
  if (right != nullptr) *right = true;
  if (is_right(from, to)) return {};
  // Over float32 where both are of one type, else over the other 8-bit type.
  if (TypeOf(from) == TypeOf(to) && is_right(from, nullptr) && is_right(nullptr, to)) {
    return {nullptr};
  }
  if (to != nullptr) {
    if (const ParamsPtr shifted = InOtherEightBitType(to);
        shifted != nullptr && is_right(from, shifted) && is_right(shifted, to)) {
      return {shifted};
    }
  }
  if (right != nullptr) *right = false;
  return {};
}

bool ConvertsBothWays(const ParamsPtr& form, Target target) {
  bool in = false;
  bool out = false;
  ConversionPath(nullptr, form, target, &in);
  ConversionPath(form, nullptr, target, &out);
  return in && out;
}

}  // namespace q_implant
