// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_VERIFY_KERNELS_H_
#define Q_IMPLANT_PASS_VERIFY_VERIFY_KERNELS_H_

#include <string>
#include <vector>

#include "ir/model.h"

namespace q_implant {

// docs/rules.md#verify, the other half: what is sound as a graph but what no known runtime computes
// as it is written. Equal parameters where every kernel reads one side's, fixed output parameters,
// bias scale = data scale x weights scale with zero point 0, integer kernels only where some
// runtime has one, float32 operators that read integers. Shares the operator table with the rules
// and nothing else: its copies of the rules for biases and equal sides are copies on purpose, so
// that a mistake in a rule does not hide here too. A model may come with such nodes, so they are no
// faults of its own: one sentence each.
struct KernelChecks {
  bool bias_scales = true;  // false where --keep_bias asked for others
};
std::vector<std::string> FindWrongNodes(const Model& model, KernelChecks checks = {});

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_VERIFY_KERNELS_H_
