// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_UNIQUE_NAMES_H_
#define Q_IMPLANT_PASS_GRAPH_UNIQUE_NAMES_H_

#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "ir/model.h"

namespace q_implant {

// Makes names for new tensors that no tensor of the model has.
class UniqueNames {
 public:
  explicit UniqueNames(const Model& model) {
    for (const Graph& graph : model.graphs) {
      for (const Tensor& tensor : graph.tensors) taken_.insert(tensor.name);
    }
  }

  // `base` + `suffix`, with _1, _2, ... behind it where that is taken.
  std::string Make(const std::string& base, const char* suffix) {
    const std::string wanted = absl::StrCat(base, suffix);
    std::string name = wanted;
    while (!taken_.insert(name).second) name = absl::StrCat(wanted, "_", ++last_[wanted]);
    return name;
  }

 private:
  absl::flat_hash_set<std::string> taken_;
  absl::flat_hash_map<std::string, int> last_;  // the number last tried for a name
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_UNIQUE_NAMES_H_
