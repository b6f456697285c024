// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_TARGET_FILE_FORMS_H_
#define Q_IMPLANT_PASS_TARGET_TARGET_FILE_FORMS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/operators/target.h"

namespace q_implant {

// Gives a model the form of file that the target reads. A file can say one thing in several ways,
// and the loaders of runtimes do not take all of them: onert 0.1.0 crashes on a tensor without a
// name. What was measured of each is in testdata/file_forms. The model computes what it did.
//
// Returns whether something changed; one remark tells what, and how often. Where no other form
// stands for the same, a warning names what the target does not read. `target` is a runtime.
bool TakeTargetFileForms(Target target, Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_TARGET_FILE_FORMS_H_
