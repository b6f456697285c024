// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_NUMBERS_GENERAL_SCALES_H_
#define Q_IMPLANT_PASS_NUMBERS_GENERAL_SCALES_H_

#include "ir/diagnostics.h"
#include "ir/model.h"

namespace q_implant {

// LiteRT has two kernels for an int16 Add or Sub (kernels/add.cc, sub.cc). Where the logarithms of
// all three scales come within 1/1000 of whole numbers, it takes the one that shifts by whole bits:
// that is off by up to 22 steps, and refuses the model unless one input has the output's scale and
// the other no greater one. The option pot_scale_int16: false chooses the other kernel, which is
// right with any scales.
//
// Sets it for an integer node of such scales. True where that changes the node.
bool UseGeneralScales(const Graph& graph, Model& model, Node& node);

// For all nodes of a model that came quantized; a remark tells of them. True where one changed.
bool UseGeneralScales(Model& model, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_NUMBERS_GENERAL_SCALES_H_
