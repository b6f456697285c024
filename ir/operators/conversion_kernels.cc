// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/conversion_kernels.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "ir/operators/scale_limits.h"

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

// The greatest ratio of scales that a Quantize between integers may have. The one over float32 has
// no more: that from float32 fails on the same number of steps.
double GreatestRatio(circle::TensorType from, Target target) {
  for (const ScaleLimit& limit : AllScaleLimits()) {
    if (limit.op == circle::BuiltinOperator_QUANTIZE && limit.target == target &&
        limit.types.has(from)) {
      return limit.greatest;
    }
  }
  return 0;
}

// A form between two whose scales are too far apart, nearer to the finer one. What it cuts off,
// that cuts off too: even its first step is beyond (int16 is symmetric: its last one). Null where
// they are near enough.
ParamsPtr StepTowards(const ParamsPtr& from, const ParamsPtr& to, Target target) {
  if (from == nullptr || to == nullptr || from->per_channel() || to->per_channel()) return nullptr;
  const double greatest = GreatestRatio(from->dtype, target);
  const double scale = double{from->scale.front()};
  const double finer = double{to->scale.front()};
  if (greatest == 0 || scale / finer < greatest) return nullptr;
  const bool symmetric = from->dtype == TensorType_INT16;
  const double steps = symmetric ? 1 : to->dtype == TensorType_INT16 ? 65536 : 256;
  QuantParams step = *from;
  step.scale = {static_cast<float>(std::max(scale / greatest, finer * steps) * 2)};
  return std::make_shared<const QuantParams>(std::move(step));
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
  if (const ParamsPtr step = StepTowards(from, to, target)) {
    std::vector<ParamsPtr> path = ConversionPath(from, step, target, right);
    path.push_back(step);
    for (ParamsPtr& form : ConversionPath(step, to, target, right)) path.push_back(std::move(form));
    return path;
  }
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
