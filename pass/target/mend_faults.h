// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_MEND_FAULTS_H_
#define Q_IMPLANT_PASS_TARGET_MEND_FAULTS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"

namespace q_implant {

// Mends what other writers got wrong in quantization tables, where it is certain what they meant.
// Runtimes refuse the file otherwise (LiteRT 2.3 all of it, onert the absent zero points):
//
// - the axis of a constant's scales, where one dimension alone has as many elements: of a bias it
//   is 0 whatever the file says (TensorFlow of 2019 wrote that of the weights);
// - the axis of a single scale, which means nothing, where the tensor has no such axis;
// - no zero points beside scales, which stand for 0;
// - several scales, all the same, with the same zero points, where there are no channels;
// - any of that in a tensor that holds no quantized integers: nobody reads it, so it goes.
//
// A remark for each kind. What is not certain stays a fault (verify.h). True where something was
// mended.
bool MendFaults(Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_MEND_FAULTS_H_
