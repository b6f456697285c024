// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_RULES_DEAD_CHANNELS_H_
#define Q_IMPLANT_PASS_QUANTIZE_RULES_DEAD_CHANNELS_H_

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// Channels of weights at whose scale the bias does not fit int32: a bias has scale data x weights,
// and observers give a channel that is all zero the least scale they know (PyTorch: 1.19e-7). Where
// the channel's integers all stand for 0, any scale says the same of them, so it gets one at which
// its bias fits. A warning names the channels in either case.
void MendDeadChannels(const Model& model, Plan& plan, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_RULES_DEAD_CHANNELS_H_
