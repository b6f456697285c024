// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_QUANTIZE_OPTIONS_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_QUANTIZE_OPTIONS_H_

#include <cstdint>

#include "ir/circle_generated.h"
#include "ir/operators/target.h"
#include "pass/quantize/plan/io_types.h"

namespace q_implant {

// What becomes of imported values that do not resemble the model's float32 data.
enum class CheckValues : uint8_t { kOff, kWarn, kError };

// What the user chooses.
struct QuantizeOptions {
  // Types of graph inputs and outputs. Where one differs from the annotated type, a tensor of the
  // annotated type is added behind a Quantize.
  IoTypes input_types = {};
  IoTypes output_types = {};
  bool full_weights_range = false;  // quantize signed symmetric weights down to -128, not -127
  bool keep_bias = false;        // write annotated biases as they are, although kernels ignore it
  bool ignore_unknown = false;   // names that the model lacks are warnings
  bool weight_only = false;      // weights beside float32 data are intended: no warning
  bool hybrid = false;           // integer weights feed float32 operators that take them
  Target target = Target::kAny;  // write what this runtime computes rightly
  bool require_all = false;      // fail where an operator is left float32
  CheckValues check_values = CheckValues::kWarn;
};

// What the caller of the pass does with its result.
struct RunMode {
  // The parameters are the model's own: AdaptToTargetPass, which verifies by itself.
  bool model_params = false;

  // The type that ConvertEightBitPass will give every 8-bit tensor afterwards; float32: none. Then
  // the caller warns of runtimes, for the result here is not what is written.
  circle::TensorType later_eight_bit = circle::TensorType_FLOAT32;

  // Without a target, warn of nodes that a known runtime computes wrongly.
  bool warn_of_runtimes = true;

  // Gather a QuantizeReport, which compares every constant with its float32 data.
  bool report = false;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_QUANTIZE_OPTIONS_H_
