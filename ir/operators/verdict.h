// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_VERDICT_H_
#define Q_IMPLANT_IR_OPERATORS_VERDICT_H_

#include <cstdint>

namespace q_implant {

// What a runtime was measured to do with something.
enum class Verdict : uint8_t {
  kRefused,     // says so when it loads or prepares the model
  kRight,       // computes it, to within one step of the output
  kWrong,       // runs, and computes something else
  kUnmeasured,  // nobody here has measured it
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_VERDICT_H_
