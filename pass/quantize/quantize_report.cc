// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/quantize_report.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "ir/operators/operator_table.h"
#include "pass/graph/display_names.h"
#include "pass/numbers/quantization_error.h"

namespace q_implant {
namespace {

const char* HowPlanned(const Tensor& tensor, const TensorPlan& planned) {
  switch (planned.origin) {
    case Origin::kAnnotated:
      return "annotated";
    case Origin::kPropagated:
      return "propagated";
    case Origin::kExisting:
      return "existing";
    case Origin::kPinned:
      return "pinned";
    case Origin::kUnsupported:
      return "unsupported";
    case Origin::kLeftFloat:
      return "float32";
    case Origin::kNone:
      return tensor.type == circle::TensorType_FLOAT32 ? "float32" : "other";
  }
  return "";
}

const char* Mode(const Graph& graph, const Node& node, const NodePlan& planned) {
  if (planned.integer) return "integer";
  if (planned.hybrid) return "hybrid";
  for (const auto* ids : {&node.inputs, &node.outputs}) {
    for (TensorId id : *ids) {
      if (id != kNoTensor && graph.tensor(id).type == circle::TensorType_FLOAT32) return "float32";
    }
  }
  return "other";
}

}  // namespace

void QuantizeReporter::Plan(const Model& model, const q_implant::Plan& plan) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    first_tensor_.push_back(report_.tensors.size());
    tensor_count_.push_back(graph.tensors.size());
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const Tensor& tensor = graph.tensors[t];
      const TensorPlan& planned = plan.graphs[g].tensors[t];
      // What was cut off on purpose is no error.
      const bool has_floats =
          tensor.type == circle::TensorType_FLOAT32 && model.IsConstant(tensor) && !planned.cut_off;
      floats_.push_back(has_floats ? model.ConstantData(tensor) : Bytes());
      report_.tensors.push_back(
          {.graph = g,
           .name = DisplayName(model, g, static_cast<TensorId>(t)),
           .how = HowPlanned(tensor, planned),
           .from = planned.from == kNoTensor
                       ? ""
                       : DisplayName(model, planned.from_graph.value_or(g), planned.from),
           .stands_for_it = "",
           .params = nullptr,
           .error = std::nullopt});
    }
    first_node_.push_back(report_.nodes.size());
    node_count_.push_back(graph.nodes.size());
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      const NodePlan& planned = plan.graphs[g].nodes[n];
      report_.nodes.push_back({.graph = g,
                               .op = OpName(node),
                               .output = OutputName(model, g, node),
                               .mode = Mode(graph, node, planned),
                               .reason = planned.reason});
    }
    for (const RemovedNode& node : plan.graphs[g].removed) {
      report_.nodes.push_back(
          {.graph = g, .op = node.op, .output = node.output, .mode = "removed", .reason = ""});
    }
  }
}

void QuantizeReport::TakeParamsFrom(const Model& model) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    absl::flat_hash_map<std::string, ParamsPtr> params;
    for (size_t t = 0; t < model.graphs[g].tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      params.try_emplace(DisplayName(model, g, id), ParamsOf(model.graphs[g].tensor(id)));
    }
    for (TensorReport& tensor : tensors) {
      const auto found = params.find(tensor.name);
      if (tensor.graph == g && found != params.end()) tensor.params = found->second;
    }
  }
}

void QuantizeReporter::Carried(const Model& model,
                               const std::vector<std::vector<NodeId>>& origins) {
  outputs_.resize(report_.nodes.size());
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    for (size_t t = 0; t < tensor_count_[g]; ++t) {
      TensorReport& tensor = report_.tensors[first_tensor_[g] + t];
      const Bytes& floats = floats_[first_tensor_[g] + t];
      tensor.params = ParamsOf(graph.tensors[t]);
      if (tensor.params == nullptr) {
        // Parameters that nobody had a use for, and biases that are float32 again. An annotated
        // input or output that is float32 at the edge has its parameters on the twin inside.
        const bool is_constant = model.IsConstant(graph.tensors[t]);
        if (tensor.how == "propagated" || (tensor.how == "annotated" && is_constant)) {
          tensor.how = "float32";
        }
      } else if (tensor.how == "float32") {
        tensor.how = "derived";
      }
      if (tensor.params != nullptr && !floats.empty()) {
        tensor.error = CompareWithFloats(floats.span(), model.ConstantData(graph.tensors[t]).span(),
                                         graph.tensors[t].shape, *tensor.params);
      }
    }
    NoteOutputs(model, g, origins[g]);
  }
  floats_.clear();
}

void QuantizeReporter::NoteOutputs(const Model& model, size_t g,
                                   const std::vector<NodeId>& origins) {
  const Graph& graph = model.graphs[g];
  for (size_t n = 0; n < graph.nodes.size(); ++n) {
    if (origins[n] == kNoNode) continue;
    outputs_[first_node_[g] + static_cast<size_t>(origins[n])] =
        OutputName(model, g, graph.nodes[n]);
  }
}

void QuantizeReporter::Finish(const Model& model, const std::vector<RemovedClamp>& removed,
                              const GoneTensors& gone_tensors,
                              const std::vector<std::string>& copied_outputs) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const size_t last_node = first_node_[g] + node_count_[g];
    absl::flat_hash_set<absl::string_view> gone;
    for (const RemovedClamp& clamp : removed) {
      if (clamp.graph == g) gone.insert(clamp.output);
    }
    absl::flat_hash_set<std::string> known;
    for (size_t n = first_node_[g]; n < last_node; ++n) {
      NodeReport& node = report_.nodes[n];
      if (gone.contains(outputs_[n])) {
        node.mode = "removed";
      } else {
        known.insert(outputs_[n]);
      }
    }
    absl::flat_hash_set<absl::string_view> names;
    for (const Tensor& tensor : graph.tensors) names.insert(tensor.name);
    absl::flat_hash_set<std::string> own;
    for (size_t t = 0; t < tensor_count_[g]; ++t) {
      TensorReport& tensor = report_.tensors[first_tensor_[g] + t];
      const bool named = !tensor.name.empty() && tensor.name[0] != '#';
      if (named && !names.contains(tensor.name)) {
        tensor.how = "removed";
        tensor.stands_for_it = gone_tensors.StandsFor(g, tensor.name);
      }
      own.insert(tensor.name);
    }
    ListInserted(model, g, own, known);
  }
  for (const std::string& output : copied_outputs) {
    report_.nodes.push_back(
        {.graph = 0, .op = "RESHAPE", .output = output, .mode = "inserted", .reason = ""});
  }
}

void QuantizeReporter::ListInserted(const Model& model, size_t g,
                                    const absl::flat_hash_set<std::string>& tensors,
                                    const absl::flat_hash_set<std::string>& outputs) {
  const Graph& graph = model.graphs[g];
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const std::string name = DisplayName(model, g, static_cast<TensorId>(t));
    if (graph.tensors[t].name.empty() || tensors.contains(name)) continue;
    report_.tensors.push_back({.graph = g,
                               .name = name,
                               .how = "inserted",
                               .from = "",
                               .stands_for_it = "",
                               .params = ParamsOf(graph.tensors[t]),
                               .error = std::nullopt});
  }
  for (const Node& node : graph.nodes) {
    const std::string output = OutputName(model, g, node);
    if (RowOf(node).kind != Kind::kConvert || outputs.contains(output)) continue;
    report_.nodes.push_back(
        {.graph = g, .op = OpName(node), .output = output, .mode = "inserted", .reason = ""});
  }
}

}  // namespace q_implant
