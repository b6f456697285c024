// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_MERGE_TENSORS_H_
#define Q_IMPLANT_PASS_GRAPH_MERGE_TENSORS_H_

#include <optional>
#include <vector>

#include "ir/model.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// Merges two tensors with equal contents when the node between them is removed.
// Graph inputs, outputs and constants always stay.
class TensorMerger {
 public:
  explicit TensorMerger(const Graph& graph)
      : def_use_(graph), replaced_by_(graph.tensors.size(), kNoTensor) {}

  struct Merged {
    TensorId stays;
    TensorId goes;
  };

  // `first` stays where either may go; nothing is merged where neither may. Both are what they have
  // been merged into.
  std::optional<Merged> Merge(TensorId first, TensorId second);

  // What Merge() would do.
  std::optional<Merged> WouldMerge(TensorId first, TensorId second) const;

  // What a tensor has been merged into: itself where it stays.
  TensorId Final(TensorId id) const;

  // Takes the nodes marked in `gone` and the tensors that went out of the graph that this was made
  // of; what read them reads what stays, and signatures name it.
  void Apply(const std::vector<bool>& gone, size_t graph_index, Model& model) const;

 private:
  bool MustStay(TensorId id) const {
    return def_use_.is_input(id) || def_use_.is_output(id) || def_use_.producer(id) == kNoNode;
  }

  DefUse def_use_;
  std::vector<TensorId> replaced_by_;
  std::vector<TensorId> went_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_MERGE_TENSORS_H_
