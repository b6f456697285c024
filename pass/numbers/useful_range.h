// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_USEFUL_RANGE_H_
#define Q_IMPLANT_PASS_NUMBERS_USEFUL_RANGE_H_

#include <cstddef>
#include <optional>

#include "ir/node.h"
#include "pass/numbers/real_range.h"

namespace q_implant {

// What an operand may be at most for its node to make a difference of it. A value beyond the range
// is as good as the end of the range that is next to it: with either, the output is at an end of
// its own range, or a comparison gives the same answer, whatever the other operand is. An attention
// mask of -10000 is the usual case: added to scores of -8 to 8 that leave as -8 to 8, -16 does the
// same.
//
// `other` is the range of the other operand, `step` the distance between two of its values;
// `output` that of the output, which comparisons do not look at. Nothing where no such range
// follows: a product, an operator with one operand.
std::optional<RealRange> UsefulRange(const Node& node, size_t slot, const RealRange& other,
                                     double step, const RealRange& output);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_USEFUL_RANGE_H_
