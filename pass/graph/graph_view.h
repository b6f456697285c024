// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_GRAPH_GRAPH_VIEW_H_
#define Q_IMPLANT_PASS_GRAPH_GRAPH_VIEW_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/model.h"
#include "ir/quant_params.h"
#include "pass/graph/display_names.h"

namespace q_implant {

// What every class that looks at one graph of a model asks: a base of such classes. The model must
// outlive it.
class GraphView {
 protected:
  GraphView(const Model& model, size_t graph)
      : model_(model), graph_index_(graph), graph_(model.graphs[graph]) {}

  const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }

  // A tensor with data of its own. No node makes one: the importer refuses such a model.
  bool IsConstant(TensorId id) const { return model_.IsConstant(graph_.tensor(id)); }

  // For messages: "conv/weights", and in a sentence "'conv/weights'".
  std::string Name(TensorId id) const { return DisplayName(model_, graph_index_, id); }
  std::string Quoted(TensorId id) const { return absl::StrCat("'", Name(id), "'"); }

  // The parameters of the tensor in a slot of a node's inputs or outputs; null where nothing is
  // given there, or nothing quantized, and for slot -1 (FindInput: no such role).
  ParamsPtr ParamsAt(const std::vector<TensorId>& ids, int slot) const {
    const auto s = static_cast<size_t>(slot);
    if (slot < 0 || s >= ids.size() || ids[s] == kNoTensor) return nullptr;
    return ParamsOf(graph_.tensor(ids[s]));
  }

  const Model& model_;
  const size_t graph_index_;
  const Graph& graph_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_GRAPH_GRAPH_VIEW_H_
