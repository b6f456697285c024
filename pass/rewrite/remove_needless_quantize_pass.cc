// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/remove_needless_quantize_pass.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/graph/conversion_node.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/merge_tensors.h"
#include "pass/graph/remove_tensors.h"

namespace q_implant {
namespace {

// What a conversion makes of a variable depends on when.
bool IsLastingConversion(const Graph& graph, const Node& node) {
  return IsConversion(node) && !graph.tensor(node.inputs[0]).is_variable;
}

// Of integers with parameters or of float32.
bool SameForm(const Tensor& a, const Tensor& b) {
  return a.type == b.type && SameParams(ParamsOf(a), ParamsOf(b)) &&
         (a.type == circle::TensorType_FLOAT32 || ParamsOf(a) != nullptr);
}

// By tensor: how often nodes read it.
std::vector<size_t> CountReaders(const Graph& graph, const DefUse& def_use) {
  std::vector<size_t> readers(graph.tensors.size());
  for (size_t t = 0; t < readers.size(); ++t) {
    readers[t] = def_use.uses(static_cast<TensorId>(t)).size();
  }
  return readers;
}

// One graph's nodes that make what is there already.
class Merging {
 public:
  Merging(const Model& model, size_t graph_index, Diagnostics& diagnostics)
      : model_(model),
        graph_index_(graph_index),
        graph_(model.graphs[graph_index]),
        diagnostics_(diagnostics),
        def_use_(graph_),
        merger_(graph_),
        gone_(graph_.nodes.size(), false),
        readers_(CountReaders(graph_, def_use_)),
        dequantized_from_(graph_.tensors.size(), kNoTensor),
        conversions_(graph_.tensors.size()) {}

  bool Run() {
    bool any = false;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (!IsLastingConversion(graph_, graph_.nodes[n])) continue;
      gone_[n] = Remove(graph_.nodes[n]);
      any = any || gone_[n];
      if (!gone_[n]) Remember(graph_.nodes[n]);
    }
    return any;
  }

  const TensorMerger& merger() const { return merger_; }
  const std::vector<bool>& gone() const { return gone_; }

 private:
  // The tensor that holds what the node makes, before it does.
  TensorId MadeAlready(const Node& node) const {
    const TensorId in = merger_.Final(node.inputs[0]);
    const Tensor& out = graph_.tensor(node.outputs[0]);
    if (node.op() == circle::BuiltinOperator_QUANTIZE && ParamsOf(out) != nullptr) {
      if (SameForm(graph_.tensor(in), out)) return in;
      const TensorId source = merger_.Final(dequantized_from_[static_cast<size_t>(in)]);
      if (source != kNoTensor && SameForm(graph_.tensor(source), out) &&
          BitsPerElement(out.type) <= 16) {
        return source;
      }
    }
    for (TensorId other : conversions_[static_cast<size_t>(in)]) {
      if (SameForm(graph_.tensor(other), out)) return merger_.Final(other);
    }
    return kNoTensor;
  }

  // onert gives the memory of a graph output away after its last reader inside, where there are
  // other outputs (docs/targets.md): an output that nothing inside reads stays like that.
  bool LetsAnOutputBeRead(const TensorMerger::Merged& merged, const Node& node) const {
    const bool may_be_read = graph_.outputs.size() < 2 || !def_use_.is_output(merged.stays) ||
                             readers_[static_cast<size_t>(merged.stays)] > 0;
    if (may_be_read) return false;
    const TensorId in = merger_.Final(node.inputs[0]);
    const TensorId source = merger_.Final(dequantized_from_[static_cast<size_t>(in)]);
    // The node goes, and so does the Dequantize that only it reads.
    const bool reader_goes =
        in == merged.goes || (source == merged.goes && readers_[static_cast<size_t>(in)] == 1 &&
                              !def_use_.is_output(in));
    return readers_[static_cast<size_t>(merged.goes)] > (reader_goes ? 1 : 0);
  }

  bool Remove(const Node& node) {
    const TensorId same = MadeAlready(node);
    if (same == kNoTensor) return false;
    const auto merged = merger_.WouldMerge(same, node.outputs[0]);
    if (!merged.has_value() || LetsAnOutputBeRead(*merged, node)) return false;
    --readers_[static_cast<size_t>(merger_.Final(node.inputs[0]))];
    merger_.Merge(same, node.outputs[0]);
    // What is known of the one that goes holds for the other.
    const auto goes = static_cast<size_t>(merged->goes);
    const auto stays = static_cast<size_t>(merged->stays);
    readers_[stays] += readers_[goes];
    if (dequantized_from_[stays] == kNoTensor) dequantized_from_[stays] = dequantized_from_[goes];
    conversions_[stays].insert(conversions_[stays].end(), conversions_[goes].begin(),
                               conversions_[goes].end());
    diagnostics_.Add({.severity = Severity::kNote,
                      .file = model_.path,
                      .tensor = DisplayName(model_, graph_index_, merged->goes),
                      .problem = absl::StrCat("a needless ", OpName(node), " went; '",
                                              DisplayName(model_, graph_index_, merged->stays),
                                              "' holds the same")});
    return true;
  }

  void Remember(const Node& node) {
    const TensorId in = merger_.Final(node.inputs[0]);
    conversions_[static_cast<size_t>(in)].push_back(node.outputs[0]);
    if (node.op() == circle::BuiltinOperator_DEQUANTIZE) {
      dequantized_from_[static_cast<size_t>(node.outputs[0])] = in;
    }
  }

  const Model& model_;
  size_t graph_index_;
  const Graph& graph_;
  Diagnostics& diagnostics_;
  DefUse def_use_;
  TensorMerger merger_;
  std::vector<bool> gone_;                          // by node
  std::vector<size_t> readers_;                     // by tensor: uses by nodes that stay
  std::vector<TensorId> dequantized_from_;          // by tensor: the integers a Dequantize read
  std::vector<std::vector<TensorId>> conversions_;  // by tensor: what conversions make of it
};

// Takes out the conversions whose result nothing reads, and those that only they read.
bool RemoveUnread(size_t graph_index, Model& model, Diagnostics& diagnostics) {
  Graph& graph = model.graphs[graph_index];
  const DefUse def_use(graph);
  std::vector<size_t> reads = CountReaders(graph, def_use);
  for (TensorId id : graph.outputs) ++reads[static_cast<size_t>(id)];
  for (const SignatureDef& signature : model.signature_defs) {  // may name what is no graph output
    if (signature.graph != graph_index) continue;
    for (const TensorMap& map : signature.outputs) ++reads[static_cast<size_t>(map.tensor)];
  }
  std::vector<TensorId> unread;
  std::vector<bool> gone(graph.nodes.size(), false);
  for (size_t n = graph.nodes.size(); n-- > 0;) {
    const Node& node = graph.nodes[n];
    if (!IsLastingConversion(graph, node) || reads[static_cast<size_t>(node.outputs[0])] > 0)
      continue;
    gone[n] = true;
    --reads[static_cast<size_t>(node.inputs[0])];
    unread.push_back(node.outputs[0]);
    diagnostics.Add(
        {.severity = Severity::kNote,
         .file = model.path,
         .tensor = DisplayName(model, graph_index, node.outputs[0]),
         .problem = absl::StrCat("a ", OpName(node), " whose result nothing read was removed")});
  }
  if (unread.empty()) return false;
  TensorMerger(graph).Apply(gone, graph_index, model);
  RemoveTensors(unread, graph_index, model);
  return true;
}

}  // namespace

absl::StatusOr<bool> RemoveNeedlessQuantizePass::Run(Model& model, Diagnostics& diagnostics) {
  bool changed = false;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    Merging merging(model, g, diagnostics);
    if (merging.Run()) {
      merging.merger().Apply(merging.gone(), g, model);
      changed = true;
    }
    changed = RemoveUnread(g, model, diagnostics) || changed;
  }
  return changed;
}

}  // namespace q_implant
