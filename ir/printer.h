// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_PRINTER_H_
#define Q_IMPLANT_IR_PRINTER_H_

#include <string>

#include "ir/graph.h"
#include "ir/model.h"

namespace q_implant {

// A graph or a model as text, in the form that docs/text-form.md describes: one line a node, the
// same text for the same content. It is for reading and comparing, not for storing: long constants
// and lists of parameters are summed up.
//
//   graph main(%ifm: float32[1,3,3,2]) -> (%ofm) {
//     const %ker: float32[1,1,1,2] = {1, 2}
//     const %bias: float32[1] = {0.5}
//     %ofm: float32[1,3,3,1] = CONV_2D(%ifm, %ker, %bias) {stride_w: 1, stride_h: 1}
//   }
//
// `graph` is one of `model`. Takes any graph, also one with positions that lead nowhere.
std::string PrintGraph(const Model& model, const Graph& graph);

// Every graph, then signatures and metadata.
std::string PrintModel(const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_PRINTER_H_
