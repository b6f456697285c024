// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_IMPLANT_SETTINGS_H_
#define Q_IMPLANT_DRIVER_JOBS_IMPLANT_SETTINGS_H_

#include "import/param_importer.h"
#include "ir/circle_generated.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// What a user may say about how parameters are read and implanted, whatever the command.
struct ImplantSettings {
  ParamImportOptions import_options;
  QuantizeOptions quantize_options;
  bool report = false;      // gather a QuantizeReport
  bool check_luci = false;  // hold the result to the conditions of ONE's own quantizer
  circle::TensorType eight_bit = circle::TensorType_FLOAT32;  // uint8 or int8: all 8-bit tensors
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_IMPLANT_SETTINGS_H_
