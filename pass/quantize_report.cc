// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize_report.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "ir/operator_table.h"
#include "pass/names.h"

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
      const bool has_floats = tensor.type == circle::TensorType_FLOAT32 && model.IsConstant(tensor);
      floats_.push_back(has_floats ? model.ConstantData(tensor) : Bytes());
      report_.tensors.push_back(
          {.graph = g,
           .name = DisplayName(model, g, static_cast<TensorId>(t)),
           .how = HowPlanned(tensor, planned),
           .from = planned.from == kNoTensor ? "" : DisplayName(model, g, planned.from),
           .params = nullptr,
           .error = std::nullopt});
    }
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      const NodePlan& planned = plan.graphs[g].nodes[n];
      report_.nodes.push_back({.graph = g,
                               .op = OpName(node),
                               .output = OutputName(model, g, node),
                               .mode = Mode(graph, node, planned),
                               .reason = planned.reason});
    }
  }
}

void QuantizeReporter::Carried(const Model& model) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    for (size_t t = 0; t < tensor_count_[g]; ++t) {
      TensorReport& tensor = report_.tensors[first_tensor_[g] + t];
      const Bytes& floats = floats_[first_tensor_[g] + t];
      tensor.params = ParamsOf(graph.tensors[t]);
      if (tensor.params == nullptr) {
        // Parameters that nobody had a use for, and biases that are float32 again. An annotated
        // input or output that stays float32 has its parameters on the twin inside.
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
    for (size_t t = tensor_count_[g]; t < graph.tensors.size(); ++t) {
      report_.tensors.push_back({.graph = g,
                                 .name = graph.tensors[t].name,
                                 .how = "inserted",
                                 .from = "",
                                 .params = ParamsOf(graph.tensors[t]),
                                 .error = std::nullopt});
    }
    const auto is_new = [&](TensorId id) { return static_cast<size_t>(id) >= tensor_count_[g]; };
    for (const Node& node : graph.nodes) {
      if (RowOf(node).kind != Kind::kConvert || node.inputs.empty() || node.outputs.empty() ||
          node.outputs[0] == kNoTensor) {
        continue;
      }
      if (!is_new(node.inputs[0]) && !is_new(node.outputs[0])) continue;
      report_.nodes.push_back({.graph = g,
                               .op = OpName(node),
                               .output = graph.tensor(node.outputs[0]).name,
                               .mode = "inserted",
                               .reason = ""});
    }
  }
  floats_.clear();
}

void QuantizeReporter::Finish(const Model& model) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    absl::flat_hash_set<absl::string_view> names;
    for (const Tensor& tensor : model.graphs[g].tensors) names.insert(tensor.name);
    for (size_t t = 0; t < tensor_count_[g]; ++t) {
      TensorReport& tensor = report_.tensors[first_tensor_[g] + t];
      const bool named = !tensor.name.empty() && tensor.name[0] != '#';
      if (named && !names.contains(tensor.name)) tensor.how = "removed";
    }
  }
}

}  // namespace q_implant
