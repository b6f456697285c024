// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_UNUSED_BUFFERS_H_
#define Q_IMPLANT_PASS_GRAPH_UNUSED_BUFFERS_H_

#include <vector>

#include "ir/model.h"

namespace q_implant {

// By position in Model::buffers: true where a tensor or metadata names it. Buffer 0, the empty one
// by convention, counts as used.
std::vector<bool> FindUsedBuffers(const Model& model);

// Takes out the buffers marked in `gone` (those beyond its end stay), none of which may be used;
// the remaining buffers are renumbered.
void RemoveBuffers(const std::vector<bool>& gone, Model& model);

// The buffers and operator codes that a model uses before a change.
class UsedParts {
 public:
  explicit UsedParts(const Model& before)
      : buffers_(FindUsedBuffers(before)), codes_(before.FindUsedOperatorCodes()) {}

  // Takes out what the change left over: replaced constants, operators of which none is left. What
  // came unused stays.
  void RemoveWhatFellOutOfUse(Model& after) const;

 private:
  std::vector<bool> buffers_;
  std::vector<bool> codes_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_UNUSED_BUFFERS_H_
