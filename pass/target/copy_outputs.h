// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_COPY_OUTPUTS_H_
#define Q_IMPLANT_PASS_TARGET_COPY_OUTPUTS_H_

#include <string>
#include <vector>

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/verify/overwritten_outputs.h"

namespace q_implant {

// Makes each of OverwrittenOutputs() by a Reshape that copies it, which no node reads; the nodes
// read what it copies. Returns the names of those outputs. What onert's Reshape does not copy
// stays.
std::vector<std::string> CopyOutputsForOnert(Model& model, Diagnostics& diagnostics);

// The inverse, by the names that it gives: for what looks at a model that was written for onert.
void UndoOutputCopies(Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_COPY_OUTPUTS_H_
