// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/float_precision.h"

namespace q_implant {
namespace {

// Below 0 exp(x) is rounded to a multiple of 2^-24 or less.
constexpr float kErrorOfElu = 0x1p-24f;
constexpr float kShareOfStep = 0x1p-4f;
// Where nothing tells the steps of the output: how far off a value may be, as a share of it.
constexpr float kShareOfValue = 0x1p-12f;

}  // namespace

bool LacksPrecision(const Node& node, const ParamsPtr& input, const ParamsPtr& output,
                    Target target) {
  if (node.op() != circle::BuiltinOperator_ELU || target != Target::kOnert) return false;
  if (input == nullptr && output == nullptr) return false;
  // The least value but 0 is a step.
  const bool has_small = input == nullptr || input->scale.front() * kShareOfValue < kErrorOfElu;
  const bool shows = output == nullptr || output->scale.front() * kShareOfStep < kErrorOfElu;
  return has_small && shows;
}

}  // namespace q_implant
