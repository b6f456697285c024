// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_REWRITE_REMOVE_UNUSED_PASSES_H_
#define Q_IMPLANT_PASS_REWRITE_REMOVE_UNUSED_PASSES_H_

#include "pass/pass.h"

// What nothing refers to costs space and time of loading. Each pass takes out one kind of it and
// tells how many in a note; tensors first, then buffers.

namespace q_implant {

// Tensors that no node, graph input or output, signature or blockwise quantization names.
class RemoveUnusedTensorsPass : public Pass {
 public:
  absl::string_view name() const override { return "remove_unused_tensors"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;
};

// Buffers that no tensor and no metadata names. Buffer 0, the empty one by convention, stays.
class RemoveUnusedBuffersPass : public Pass {
 public:
  absl::string_view name() const override { return "remove_unused_buffers"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;
};

// Operator codes that no node has.
class RemoveUnusedOperatorCodesPass : public Pass {
 public:
  absl::string_view name() const override { return "remove_unused_operator_codes"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_REWRITE_REMOVE_UNUSED_PASSES_H_
