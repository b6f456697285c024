// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_MEASURED_TYPES_H_
#define Q_IMPLANT_IR_OPERATORS_MEASURED_TYPES_H_

#include "ir/circle_generated.h"
#include "ir/operators/type_set.h"

namespace q_implant {

// The types of data in which the operator was measured, on LiteRT and on onert, whatever came of
// it. What the operator table does not have of these types, a runtime refuses or computes wrongly;
// of all others nobody here knows what a runtime makes of them. Held against
// testdata/operator_claims/claims.json by a test there.
TypeSet MeasuredTypes(circle::BuiltinOperator op);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_MEASURED_TYPES_H_
