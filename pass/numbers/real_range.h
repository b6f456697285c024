// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_REAL_RANGE_H_
#define Q_IMPLANT_PASS_NUMBERS_REAL_RANGE_H_

#include "ir/quant_params.h"

namespace q_implant {

// Real numbers from `least` to `greatest`; either may be infinite.
struct RealRange {
  double least = 0;
  double greatest = 0;

  double width() const { return greatest - least; }

  // The greatest distance of one of its numbers from 0.
  double magnitude() const;
};

bool operator==(const RealRange& a, const RealRange& b);

// What integers of these parameters stand for, over all channels.
RealRange RangeOfParams(const QuantParams& params);

// Every number with a magnitude of at most so much.
RealRange Within(double magnitude);

// The least range that holds both.
RealRange Hull(const RealRange& a, const RealRange& b);

// The numbers of `a`, cut off at the ends of `b`.
RealRange CutOff(const RealRange& a, const RealRange& b);

// Interval arithmetic: the range of x op y over all x of `a` and y of `b`. A quotient by a range
// that holds 0 is unbounded, as is infinity minus infinity.
RealRange operator+(const RealRange& a, const RealRange& b);
RealRange operator-(const RealRange& a);
RealRange operator-(const RealRange& a, const RealRange& b);
RealRange operator*(const RealRange& a, const RealRange& b);
RealRange operator/(const RealRange& a, const RealRange& b);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_REAL_RANGE_H_
