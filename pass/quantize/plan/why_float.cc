// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan/why_float.h"

#include "absl/strings/str_cat.h"

namespace q_implant {

std::string WhyFloat(const TensorPlan& planned, Target target) {
  switch (planned.origin) {
    case Origin::kPinned:
      return "is pinned to float32";
    case Origin::kUnsupported:
      return absl::StrCat("is ", DescribeType(*planned.dropped), ", which ", TargetName(target),
                          " does not convert");
    case Origin::kLeftFloat:
      return "is left float32";
    case Origin::kNone:
    case Origin::kAnnotated:
    case Origin::kPropagated:
    case Origin::kExisting:
      return "";
  }
  return "";
}

}  // namespace q_implant
