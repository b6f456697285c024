// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_TARGET_H_
#define Q_IMPLANT_IR_OPERATORS_TARGET_H_

#include <cstdint>

#include "absl/strings/string_view.h"

namespace q_implant {

// The runtime that a model is for.
enum class Target : uint8_t {
  kAny,  // none in particular: what some known runtime computes may be written
  kLiteRt,
  kOnert,
};

// The known runtimes.
inline constexpr Target kTargets[] = {Target::kLiteRt, Target::kOnert};

// "litert", "onert": the words of --target.
constexpr absl::string_view TargetOption(Target target) {
  return target == Target::kLiteRt ? "litert" : target == Target::kOnert ? "onert" : "";
}

// "LiteRT", "onert": for messages.
constexpr absl::string_view TargetName(Target target) {
  switch (target) {
    case Target::kLiteRt:
      return "LiteRT";
    case Target::kOnert:
      return "onert";
    case Target::kAny:
      break;
  }
  return "any runtime";
}

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_TARGET_H_
