// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_MESSAGES_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_MESSAGES_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

// What a user should know of a complete plan, as diagnostics.

namespace q_implant {

// Why operators beside quantized tensors stay float32: a note for those who ask, a warning where
// all that an integer operator needs was imported.
void NoteIslands(const Model& model, const Plan& plan, Diagnostics& diagnostics);

// What integer operators make of parameters that their kernels do not take as annotated: a note
// where a Quantize goes between, which loses no more than a rounding; a warning where a constant's
// imported integers are not the ones written, and for types that no runtime converts.
void NoteAdaptations(const Model& model, const Plan& plan, Diagnostics& diagnostics);

// An error for each operator that computes with float32 values.
void RequireAll(const Model& model, const Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_MESSAGES_H_
