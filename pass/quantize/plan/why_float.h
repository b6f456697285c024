// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_WHY_FLOAT_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_WHY_FLOAT_H_

#include <string>

#include "ir/operators/target.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Why a tensor stays float32, to follow its name: "is pinned to float32", "is int16, which onert
// does not convert". Empty where nothing keeps it float32 (StaysFloat).
std::string WhyFloat(const TensorPlan& planned, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_WHY_FLOAT_H_
