// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/real_range.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>

namespace q_implant {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// 0 times anything is 0: the infinity only says that there is no bound.
double Times(double x, double y) { return x == 0 || y == 0 ? 0 : x * y; }

RealRange Ends(std::initializer_list<double> values) {
  return {std::min(values), std::max(values)};
}

}  // namespace

double RealRange::magnitude() const { return std::max(std::abs(least), std::abs(greatest)); }

bool operator==(const RealRange& a, const RealRange& b) {
  return a.least == b.least && a.greatest == b.greatest;
}

RealRange RangeOfParams(const QuantParams& params) {
  return {params.real_min(), params.real_max()};
}

RealRange Within(double magnitude) { return {-magnitude, magnitude}; }

RealRange Hull(const RealRange& a, const RealRange& b) {
  return {std::min(a.least, b.least), std::max(a.greatest, b.greatest)};
}

RealRange CutOff(const RealRange& a, const RealRange& b) {
  return {std::clamp(a.least, b.least, b.greatest), std::clamp(a.greatest, b.least, b.greatest)};
}

RealRange operator+(const RealRange& a, const RealRange& b) {
  const RealRange sum = {a.least + b.least, a.greatest + b.greatest};
  return std::isnan(sum.least) || std::isnan(sum.greatest) ? Within(kInfinity) : sum;
}

RealRange operator-(const RealRange& a) { return {-a.greatest, -a.least}; }

RealRange operator-(const RealRange& a, const RealRange& b) { return a + (-b); }

RealRange operator*(const RealRange& a, const RealRange& b) {
  return Ends({Times(a.least, b.least), Times(a.least, b.greatest), Times(a.greatest, b.least),
               Times(a.greatest, b.greatest)});
}

RealRange operator/(const RealRange& a, const RealRange& b) {
  if (b.least <= 0 && b.greatest >= 0) return Within(kInfinity);
  return a * RealRange{1 / b.greatest, 1 / b.least};
}

}  // namespace q_implant
