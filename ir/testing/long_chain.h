// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_LONG_CHAIN_H_
#define Q_IMPLANT_IR_TESTING_LONG_CHAIN_H_

#include <cstddef>

#include "ir/model.h"
#include "ir/params.h"

namespace q_implant {

// A float32 graph of this many nodes, for what must not grow faster than the number of nodes: a
// chain of Add (which also reads the graph's input, so that one tensor has many readers), Relu,
// Reshape, Cos and Maximum over tensors "input", "t0", "t1", ...
Model LongChain(size_t nodes);

// Parameters of every other of its tensors, no two neighbours alike.
Params LongChainParams(size_t nodes);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_LONG_CHAIN_H_
