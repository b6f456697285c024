// SPDX-License-Identifier: Apache-2.0
#include "pass/target/copy_outputs.h"

#include <iterator>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/operators/node_verdict.h"
#include "ir/quant_params.h"
#include "pass/graph/added_names.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/remove_tensors.h"
#include "pass/graph/unique_names.h"
#include "pass/graph/unused_tensors.h"
#include "pass/quantize/plan/plan.h"
#include "pass/target/form_writer.h"
#include "pass/verify/overwritten_outputs.h"

namespace q_implant {
namespace {

void Replace(const absl::flat_hash_map<TensorId, TensorId>& by, StoredVector<TensorId>& ids) {
  for (TensorId& id : ids) {
    if (const auto found = by.find(id); found != by.end()) id = found->second;
  }
}

// The Reshape that makes `output` of a tensor like it, which stands in the graph then; nothing, and
// a graph as before, where onert has no right one.
std::vector<Node> CopyTo(TensorId output, Model& model, GraphPlan& plan, UniqueNames& names) {
  Graph& graph = model.graphs[0];
  const size_t tensors = graph.tensors.size();
  const size_t buffers = model.buffers.size();
  FormWriter writer(model, graph, plan, names);
  const Tensor& tensor = graph.tensor(output);
  if (tensor.has_rank || tensor.shape.is_stored()) {
    writer.Reshape(writer.Like(output, writer.shape(output)), output);
    std::vector<Node> copy = writer.TakeNodes();
    const bool is_right = JudgeNode(graph, copy.front(), Target::kOnert).verdict == Verdict::kRight;
    if (writer.ok() && is_right) return copy;
  }
  graph.tensors.resize(tensors);
  plan.tensors.resize(tensors);
  model.buffers.resize(buffers);
  return {};
}

// The output that the node makes of a tensor that others read too; kNoTensor where it is no such
// copy.
TensorId CopiedOutput(const Graph& graph, const Node& node, const DefUse& def_use) {
  if (node.op() != circle::BuiltinOperator_RESHAPE || node.inputs.empty() ||
      node.outputs.size() != 1 || node.inputs[0] == kNoTensor || node.outputs[0] == kNoTensor) {
    return kNoTensor;
  }
  const Tensor& from = graph.tensor(node.inputs[0]);
  const TensorId output = node.outputs[0];
  const Tensor& to = graph.tensor(output);
  const bool same = from.shape == to.shape && from.type == to.type &&
                    SameParams(ParamsOf(from), ParamsOf(to)) &&
                    IsNamedAfter(from.name, to.name, kBetween);
  const bool copies = def_use.is_output(output) && def_use.uses(output).empty() &&
                      def_use.producer(node.inputs[0]) != kNoNode &&
                      !def_use.is_output(node.inputs[0]) && def_use.uses(node.inputs[0]).size() > 1;
  return same && copies ? output : kNoTensor;
}

}  // namespace

std::vector<std::string> CopyOutputsForOnert(Model& model, Diagnostics& diagnostics) {
  const std::vector<TensorId> outputs = OverwrittenOutputs(model);
  std::vector<std::string> copied;
  if (outputs.empty()) return copied;
  Graph& graph = model.graphs[0];
  GraphPlan plan(graph, Target::kOnert);
  UniqueNames names(model);
  std::vector<Node> copies;
  absl::flat_hash_map<TensorId, TensorId> inside;
  for (TensorId id : outputs) {
    std::vector<Node> copy = CopyTo(id, model, plan, names);
    if (copy.empty()) continue;
    inside[id] = copy.front().inputs[0];
    std::move(copy.begin(), copy.end(), std::back_inserter(copies));
    copied.push_back(DisplayName(model, 0, id));
  }
  if (copied.empty()) return copied;
  for (Node& node : graph.nodes) {
    Replace(inside, node.inputs);
    Replace(inside, node.outputs);
  }
  std::move(copies.begin(), copies.end(), std::back_inserter(graph.nodes));
  const auto quoted = [](std::string* out, const std::string& name) {
    absl::StrAppend(out, "'", name, "'");
  };
  diagnostics.Add(
      {.severity = Severity::kRemark,
       .file = model.path,
       .problem = absl::StrCat("for onert: ", copied.size(),
                               copied.size() == 1 ? " graph output that nodes inside read is"
                                                  : " graph outputs that nodes inside read are",
                               " made by a Reshape that copies what they read, for onert may "
                               "overwrite it: ",
                               absl::StrJoin(copied, ", ", quoted))});
  return copied;
}

void UndoOutputCopies(Model& model) {
  if (model.graphs.empty()) return;
  Graph& graph = model.graphs[0];
  const DefUse def_use(graph);
  absl::flat_hash_map<TensorId, TensorId> outputs;
  std::vector<TensorId> copied;
  std::vector<Node> nodes;
  for (Node& node : graph.nodes) {
    const TensorId output = CopiedOutput(graph, node, def_use);
    if (output != kNoTensor && outputs.try_emplace(node.inputs[0], output).second) {
      copied.push_back(node.inputs[0]);
    } else {
      nodes.push_back(std::move(node));
    }
  }
  graph.nodes = std::move(nodes);
  for (Node& node : graph.nodes) {
    Replace(outputs, node.inputs);
    Replace(outputs, node.outputs);
  }
  const std::vector<bool> used = FindUsedTensors(model, 0);
  std::erase_if(copied, [&](TensorId id) { return used[static_cast<size_t>(id)]; });
  RemoveTensors(copied, 0, model);
}

}  // namespace q_implant
