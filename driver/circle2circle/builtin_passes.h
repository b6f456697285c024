// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_BUILTIN_PASSES_H_
#define Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_BUILTIN_PASSES_H_

#include "pass/pass_registry.h"

namespace q_implant {

// The passes that circle2circle knows by itself.
PassRegistry BuiltinPasses();

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_CIRCLE2CIRCLE_BUILTIN_PASSES_H_
