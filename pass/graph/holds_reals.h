// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_HOLDS_REALS_H_
#define Q_IMPLANT_PASS_GRAPH_HOLDS_REALS_H_

#include "ir/model.h"
#include "ir/quant_params.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// Whether a tensor of a quantized model that has scales stands for real numbers, so that it is
// float32 in the float32 model. Writers give scales to integers too: axes and shapes (TensorFlow of
// 2019), the indices that an ArgMax makes, what a Cast reads and makes.
//
// What makes the tensor knows, else any of its readers. int32 and int64 are real numbers only as a
// bias, at a recurrent operator, and beside a Quantize or Dequantize.
bool HoldsReals(const Graph& graph, const DefUse& def_use, TensorId id);

// The parameters by which a tensor's integers stand for real numbers that rules may compute. Null
// where they stand for none, where elements are stored sparse or compressed, and where a scale is
// no number above 0.
ParamsPtr ParamsOfReals(const Graph& graph, const DefUse& def_use, TensorId id);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_HOLDS_REALS_H_
