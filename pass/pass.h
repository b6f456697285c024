// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_PASS_H_
#define Q_IMPLANT_PASS_PASS_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"
#include "ir/model.h"

namespace q_implant {

// A transformation of a model.
class Pass {
 public:
  virtual ~Pass() = default;

  // What users and logs call it, as in "quantize_with_imported_params".
  virtual absl::string_view name() const = 0;

  // Transforms the model; true where it changed. What a user should know goes into the diagnostics,
  // also in success. On an error the diagnostics hold every problem found, the status says the same
  // in one text, and the model must not be used further.
  virtual absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) = 0;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_PASS_H_
