// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_GONE_TENSORS_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_GONE_TENSORS_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/quantize/carry_out/noop_clamps.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

// The tensors that the result does not have any more, since another stands for them: those in front
// of clamps that became part of an operator or did nothing, and constants whose movers were carried
// out. Who annotated one finds the other by it.
class GoneTensors {
 public:
  // What the plan merged. Before its unused tensors are removed, which moves the others. Without
  // `annotations` (the parameters are the model's own) nothing counts as annotated.
  GoneTensors(const Model& model, const Plan& plan, bool annotations);

  void Add(const std::vector<RemovedClamp>& clamps);

  // The name of the tensor that stands for one of this name in the result; empty where that is
  // still there, or nothing stands for it.
  std::string StandsFor(size_t graph, const std::string& name) const;

  // A remark for each annotated one, of many for the first, a note for each other.
  void Tell(const std::string& path, Diagnostics& diagnostics) const;

 private:
  using Name = std::pair<size_t, std::string>;  // graph and name
  struct Gone {
    Name name;
    std::string how;  // it went
  };

  void AddGone(Name name, std::string stays, std::string how);

  std::vector<Gone> gone_;
  absl::flat_hash_map<Name, std::string> stays_;  // by what went
  absl::flat_hash_set<Name> annotated_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_GONE_TENSORS_H_
