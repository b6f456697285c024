// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_EXTRACT_ENTRY_KEYS_H_
#define Q_IMPLANT_PASS_EXTRACT_ENTRY_KEYS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ir/model.h"

namespace q_implant {

// What the entries of tensors are called (docs/param-format.md): by name; where other graphs have
// the name too by "graph:name"; else, where the name repeats in the graph, is empty or no text for
// JSON, by position.
class EntryKeys {
 public:
  // What a graph of the float32 model has otherwise.
  struct Changes {
    // By tensor: which it does not have. Positions in it are counted without them, which is right
    // where it has the others in the same order.
    std::vector<bool> extra;
    std::vector<std::string> former;  // names that it has and the quantized model has not
  };

  // `changes`: by graph.
  EntryKeys(const Model& model, const std::vector<Changes>& changes);

  // `name` is the tensor's own, or one that it stands for.
  std::string KeyOf(size_t graph, TensorId id, const std::string& name) const;

  // Whether a key is a position.
  static bool IsPosition(const std::string& key, const std::string& name);

 private:
  using Counts = absl::flat_hash_map<std::string, size_t>;  // by name

  std::vector<std::vector<TensorId>> positions_;  // by graph and tensor: in the float32 model
  Counts counts_;                                 // over all graphs
  std::vector<Counts> by_graph_;                  // in each
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_EXTRACT_ENTRY_KEYS_H_
