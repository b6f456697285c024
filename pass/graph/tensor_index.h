// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_TENSOR_INDEX_H_
#define Q_IMPLANT_PASS_GRAPH_TENSOR_INDEX_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "ir/model.h"

namespace q_implant {

// A tensor of some graph.
struct TensorRef {
  size_t graph = 0;
  TensorId tensor = kNoTensor;
  bool operator==(const TensorRef&) const = default;
};

// Finds tensors by the keys that param files use. A snapshot: it refers to the names in the model.
class TensorIndex {
 public:
  explicit TensorIndex(const Model& model);

  // Every tensor that a key means: the exact name wins, then `<graph index>:<name>`, then `#<graph
  // index>/<tensor index>`. None: unknown. More than one: the name repeats.
  std::vector<TensorRef> Find(absl::string_view key) const;

  // Names that look like this one, the likeliest first, at most `limit`: by a part that converters
  // join with ';', by a common ending, by edit distance. Takes time proportional to the number of
  // names.
  std::vector<std::string> Nearest(absl::string_view key, size_t limit) const;

 private:
  const Model& model_;
  absl::flat_hash_map<absl::string_view, std::vector<TensorRef>> by_name_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_TENSOR_INDEX_H_
