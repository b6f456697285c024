// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan_messages.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/graph/resource_variables.h"
#include "pass/target/copy_outputs.h"

namespace q_implant {
namespace {

// The weights of a node, where parameters came for them.
TensorId ImportedWeights(const Node& node, const GraphPlan& plan) {
  const int slot = FindInput(RowOf(node), Role::kWeights);
  if (slot < 0 || static_cast<size_t>(slot) >= node.inputs.size()) return kNoTensor;
  const TensorId id = node.inputs[static_cast<size_t>(slot)];
  return id != kNoTensor && plan.tensor(id).params != nullptr ? id : kNoTensor;
}

bool DataHasParams(const Node& node, const GraphPlan& plan) {
  const OperatorRow& row = RowOf(node);
  const int slot = FindInput(row, Role::kData);
  return slot >= 0 && static_cast<size_t>(slot) < node.inputs.size() &&
         node.inputs[static_cast<size_t>(slot)] != kNoTensor &&
         plan.tensor(node.inputs[static_cast<size_t>(slot)]).params != nullptr &&
         !node.outputs.empty() && node.outputs[0] != kNoTensor &&
         plan.tensor(node.outputs[0]).params != nullptr;
}

// True where parameters that the param file gives a tensor are not those of this form.
bool IsAdapted(const TensorPlan& planned, const ParamsPtr& form) {
  const bool told = planned.origin == Origin::kAnnotated ||
                    (planned.origin == Origin::kPropagated && planned.entry != nullptr);
  return told && form != nullptr && !SameParams(planned.params, form);
}

// True where every number of one form has an integer in the other: the scales are equal, and the
// integers as many, or more.
bool SameNumbers(const QuantParams& from, const QuantParams& to) {
  if (from.scale != to.scale) return false;
  for (size_t i = 0; i < from.zero_point.size(); ++i) {
    const IntegerRange old_range = *RangeOf(from.dtype);
    const IntegerRange new_range = *RangeOf(to.dtype);
    if (old_range.min - from.zero_point[i] < new_range.min - to.zero_point[i] ||
        old_range.max - from.zero_point[i] > new_range.max - to.zero_point[i]) {
      return false;
    }
  }
  return true;
}

class AdaptationTeller : private GraphView {
 public:
  AdaptationTeller(const Model& model, size_t graph, const GraphPlan& plan,
                   Diagnostics& diagnostics)
      : GraphView(model, graph), plan_(plan), diagnostics_(diagnostics) {}

  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      if (plan_.nodes[n].integer) TellOfNode(graph_.nodes[n], plan_.nodes[n]);
    }
    for (size_t t = 0; t < graph_.tensors.size(); ++t) TellOfType(static_cast<TensorId>(t));
  }

 private:
  // A bias that takes another scale is told where it is derived.
  void TellOfNode(const Node& node, const NodePlan& planned) {
    const OperatorRow& row = RowOf(node);
    const std::string reader =
        absl::StrCat(OpName(node), " '", OutputName(model_, graph_index_, node), "'");
    for (size_t slot = 0; slot < planned.in.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id == kNoTensor || InputRole(row, slot) == Role::kBias) continue;
      if (!IsAdapted(plan_.tensor(id), planned.in[slot])) continue;
      if (plan_.tensor(id).cut_off) continue;  // CutConstants told of it
      const bool constant = model_.IsConstant(graph_.tensor(id));
      const bool exact = SameNumbers(*plan_.tensor(id).params, *planned.in[slot]);
      Tell(id, constant && !exact ? Severity::kWarning : Severity::kNote,
           absl::StrCat(reader, " reads it as ", DescribeParams(*planned.in[slot]),
                        !constant ? "; a Quantize makes it so"
                        : exact   ? ", which stands for the same numbers"
                                  : "; its integers were requantized"));
    }
    for (size_t slot = 0; slot < planned.out.size(); ++slot) {
      const TensorId id = node.outputs[slot];
      if (id == kNoTensor || !IsAdapted(plan_.tensor(id), planned.out[slot])) continue;
      Tell(id, Severity::kNote,
           absl::StrCat("the kernels of ", OpName(node), " put out ",
                        DescribeParams(*planned.out[slot]),
                        "; a Quantize behind it makes it what it is annotated as"));
    }
  }

  void Tell(TensorId id, Severity severity, std::string problem) {
    diagnostics_.Add(
        {.severity = severity,
         .file = model_.path,
         .tensor = Name(id),
         .problem = std::move(problem),
         .found = absl::StrCat("the annotation ", DescribeParams(*plan_.tensor(id).params))});
  }

  // Quantize and Dequantize of LiteRT and onert know none of these.
  void TellOfType(TensorId id) {
    const TensorPlan& planned = plan_.tensor(id);
    const bool annotated_activation =
        planned.origin == Origin::kAnnotated && !model_.IsConstant(graph_.tensor(id));
    if (!annotated_activation) return;
    const circle::TensorType type = planned.params->dtype;
    if (type != circle::TensorType_INT32 && type != circle::TensorType_INT64 &&
        type != circle::TensorType_UINT4) {
      return;
    }
    diagnostics_.Add({.severity = Severity::kWarning,
                      .file = model_.path,
                      .tensor = Name(id),
                      .problem = absl::StrCat("no known runtime quantizes activations to ",
                                              TypeName(type), "; it was written as annotated"),
                      .advice = "annotate it as uint8, int8 or int16, or leave it float32"});
  }

  const GraphPlan& plan_;
  Diagnostics& diagnostics_;
};

}  // namespace

void NoteIslands(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<Node>& nodes = model.graphs[g].nodes;
    for (size_t n = 0; n < nodes.size(); ++n) {
      const NodePlan& planned = plan.graphs[g].nodes[n];
      if (planned.reason.empty() || RowOf(nodes[n]).kind == Kind::kConvert) continue;
      const bool surprising = !planned.hybrid && DataHasParams(nodes[n], plan.graphs[g]) &&
                              ImportedWeights(nodes[n], plan.graphs[g]) != kNoTensor;
      // Integer elsewhere, but not there: what the target costs.
      const bool costs = !planned.hybrid && !IntegerTypes(RowOf(nodes[n])).empty() &&
                         IntegerTypes(RowOf(nodes[n]), plan.target).empty();
      diagnostics.Add({.severity = surprising                       ? Severity::kWarning
                                   : costs || planned.beyond_limits ? Severity::kRemark
                                                                    : Severity::kNote,
                       .file = model.path,
                       .tensor = OutputName(model, g, nodes[n]),
                       .problem = absl::StrCat(
                           OpName(nodes[n]),
                           planned.hybrid ? " is hybrid: " : " stays float32: ", planned.reason)});
    }
  }
}

void NoteAdaptations(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    AdaptationTeller(model, g, plan.graphs[g], diagnostics).Run();
  }
}

void RequireAll(const Model& model, const Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    const auto is_float = [&](TensorId id) {
      return id != kNoTensor && graph.tensor(id).type == circle::TensorType_FLOAT32;
    };
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      const NodePlan& planned = plan.graphs[g].nodes[n];
      const bool touches_float = std::any_of(node.inputs.begin(), node.inputs.end(), is_float) ||
                                 std::any_of(node.outputs.begin(), node.outputs.end(), is_float);
      if (planned.integer || !touches_float || RowOf(node).kind == Kind::kConvert) continue;
      diagnostics.Add(
          {.file = model.path,
           .tensor = OutputName(model, g, node),
           .problem = absl::StrCat(OpName(node), " is left float32"),
           .expected = "an integer operator, for --require_all is given",
           .found = planned.reason.empty() ? "no parameters on any of its tensors" : planned.reason,
           .advice = "give its tensors parameters, or leave out --require_all"});
    }
  }
}

}  // namespace q_implant
