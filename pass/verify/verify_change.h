// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_VERIFY_VERIFY_CHANGE_H_
#define Q_IMPLANT_PASS_VERIFY_VERIFY_CHANGE_H_

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/verify/verify_kernels.h"

namespace q_implant {

// docs/rules.md#verify, around a change of a model: what is wrong afterwards and was not before is
// the change's doing. A model may come with faults, repeated names, orphans.
class Verification {
 public:
  // Looks at the model before the change. Without kernel checks it asks only whether the model is
  // sound as a graph: what nothing uses any more is then left to passes that remove it.
  explicit Verification(const Model& before, std::optional<KernelChecks> checks = KernelChecks());

  // A warning for each thing that a model must not come with (VerifyModel): it is the model's own;
  // what is found afterwards is this program's.
  void WarnOfFaults(const Model& before, Diagnostics& diagnostics) const;

  // Internal where the change made something unsound (VerifyModel), something that no runtime
  // computes as it is written (FindWrongNodes), a name that is empty or taken, or a tensor or
  // buffer that nothing uses; InvalidArgument where the model came with faults, which may be why.
  // `what` names the changed model in the message.
  absl::Status Check(const Model& after, absl::string_view what) const;

  // The same, a sentence each; none where all is well.
  std::vector<std::string> Problems(const Model& after) const;

 private:
  using Counts = absl::flat_hash_map<std::string, size_t>;

  static Counts CountNames(const Model& model);
  static Counts CountOrphans(const Model& model);

  std::vector<std::string> Misread(const Model& model) const;

  // Tensors and buffers that nothing uses.
  void AddLeftovers(const Model& after, std::vector<std::string>& problems) const;

  std::optional<KernelChecks> checks_;
  std::vector<std::string> faults_;
  std::vector<std::string> misread_;
  Counts names_;
  Counts orphans_;
  size_t unused_buffers_ = 0;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_VERIFY_VERIFY_CHANGE_H_
