// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_RUNTIME_WARNINGS_H_
#define Q_IMPLANT_PASS_VERIFY_RUNTIME_WARNINGS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/operators/target.h"

namespace q_implant {

// A warning for each node of the result that a known runtime computes wrongly; with a target, for
// each that this one computes wrongly or refuses. A remark on what nobody measured.
void WarnOfRuntimes(Target target, const Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_RUNTIME_WARNINGS_H_
