// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_FLOAT16_H_
#define Q_IMPLANT_IR_FLOAT16_H_

#include <bit>
#include <cmath>
#include <cstdint>

namespace q_implant {

// The value of IEEE binary16 bits. Exact.
inline float HalfToFloat(uint16_t half) {
  const uint32_t sign = (half & 0x8000u) << 16;
  const uint32_t exponent = (half >> 10) & 0x1fu;
  const uint32_t mantissa = half & 0x3ffu;
  if (exponent == 0) {  // zero and subnormals: mantissa * 2^-24
    const float value = std::ldexp(static_cast<float>(mantissa), -24);
    return sign != 0 ? -value : value;
  }
  const uint32_t biased = exponent == 0x1f ? 0xff : exponent + 112;
  return std::bit_cast<float>(sign | biased << 23 | mantissa << 13);
}

// The nearest IEEE binary16, ties to even; infinity where `value` is too large.
inline uint16_t FloatToHalf(float value) {
  const uint32_t sign = std::signbit(value) ? 0x8000 : 0;
  const float magnitude = std::fabs(value);
  uint32_t bits = 0;
  if (std::isnan(value)) {
    bits = 0x7e00;
  } else if (magnitude >= 65520.0f) {  // half way between the largest value and what comes next
    bits = 0x7c00;
  } else if (magnitude < 0x1p-14f) {
    bits = static_cast<uint32_t>(std::nearbyint(magnitude * 0x1p24f));
  } else {
    int exponent = 0;
    const float fraction = std::frexp(magnitude, &exponent);  // in [0.5, 1)
    // A mantissa rounded up to 2048 carries into the exponent, as it should.
    bits = static_cast<uint32_t>((exponent + 14) << 10) +
           static_cast<uint32_t>(std::nearbyint(fraction * 2048.0f)) - 1024;
  }
  return static_cast<uint16_t>(sign | bits);
}

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_FLOAT16_H_
