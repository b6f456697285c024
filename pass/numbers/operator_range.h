// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_OPERATOR_RANGE_H_
#define Q_IMPLANT_PASS_NUMBERS_OPERATOR_RANGE_H_

#include <optional>

#include "absl/types/span.h"
#include "ir/model.h"
#include "pass/numbers/real_range.h"

namespace q_implant {

// The range of what a float32 node makes in each of its outputs of data, fused activation included.
// `inputs` are the ranges of its inputs, one a slot, of control inputs whatever. Nothing where no
// rule tells: custom and recurrent operators, calls.
//
// `terms` is how many products or values the operator sums up for one value of its output.
std::optional<RealRange> OperatorRange(const Node& node, absl::Span<const RealRange> inputs,
                                       double terms);

// The number of terms of an operator that sums: a convolution, a matrix product, a Sum. 1 for any
// other; also where a shape is not known.
double TermsOf(const Graph& graph, const Node& node);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_OPERATOR_RANGE_H_
