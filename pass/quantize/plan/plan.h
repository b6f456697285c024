// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_PLAN_PLAN_H_
#define Q_IMPLANT_PASS_QUANTIZE_PLAN_PLAN_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "ir/model.h"
#include "ir/operators/target.h"
#include "ir/params.h"
#include "ir/quant_params.h"
#include "pass/graph/def_use.h"
#include "pass/graph/node_tensors.h"

// What QuantizeWithImportedParamsPass means to do, filled in step by step (decide_plan.h). Until
// the plan is complete the model is unchanged, except by steps that add or remove nodes which must
// be planned too: folded movers, fused clamps, added biases, forms for a target. A run that fails
// leaves a model that must not be used.

namespace q_implant {

// How a tensor came by its parameters, or why it has none.
enum class Origin : uint8_t {
  kNone,         // no parameters: float32, or a tensor that never holds float32 values
  kAnnotated,    // the param file names it
  kPropagated,   // they came through movers and clamps
  kExisting,     // the model brought them
  kPinned,       // the param file keeps it float32
  kUnsupported,  // it had parameters (TensorPlan::dropped) that the target does not convert:
                 // float32
  kLeftFloat,    // a rule keeps it float32: a state of a float32 node, a tensor of a rewritten form
};

// True for the origins that keep a tensor float32, whatever parameters its neighbours have.
inline bool StaysFloat(Origin origin) {
  return origin == Origin::kPinned || origin == Origin::kUnsupported ||
         origin == Origin::kLeftFloat;
}

struct TensorPlan {
  Origin origin = Origin::kNone;
  ParamsPtr params = {};              // null: float32
  ParamsPtr dropped = {};             // of an unsupported one: what it had
  const ParamEntry* entry = nullptr;  // of a tensor that the param file names, or one moved from it
  TensorId from = kNoTensor;          // of a propagated one: the neighbour they came from
  bool unused = false;                // a rule took away its last reader: it goes at the end
  bool cut_off = false;  // a constant: its values beyond what can matter are cut off on purpose
  std::optional<size_t> from_graph = std::nullopt;  // where that is another graph's
};

struct NodePlan {
  // True where the node computes in integers. False for islands, and for nodes without float32
  // data.
  bool integer = false;

  // True for an integer node of which `in` and `out` are complete: no rule of operators in general
  // has anything to add.
  bool forms_are_given = false;

  // True for an island whose kernel takes integer weights beside float32 data: NodePlan::in has
  // them.
  bool hybrid = false;

  // True for an island whose scales are too far apart for the target's integer kernel, or whose
  // bias is too large for it.
  bool beyond_limits = false;

  // Of an island that touches a tensor with parameters: why it is one.
  std::string reason = {};

  // Of an integer node: the form in which it takes each input and gives each output. Null where the
  // slot holds no quantized data. Empty for other nodes.
  std::vector<ParamsPtr> in = {};
  std::vector<ParamsPtr> out = {};

  // The forms of its intermediates, where its kernels need any; null: they read no parameters.
  std::vector<ParamsPtr> intermediates = {};
};

// A node that a rule carried out or merged with another before the plan was complete.
struct RemovedNode {
  std::string op;
  std::string output;
};

// A tensor for which another stands in the result, in so far as it becomes unused.
struct MergedTensor {
  TensorId goes;
  TensorId stays;
  std::string how;  // what was done, for messages: "a TRANSPOSE of it was carried out"
};

// A graph's inputs, or its outputs: the types that the caller asked for.
struct IoPlan {
  absl::flat_hash_map<TensorId, circle::TensorType> types;  // of those that hold float32 values
  absl::flat_hash_map<TensorId, ParamsPtr> forms;           // of those of them that have parameters

  // The form that callers see of a tensor whose form is `own` inside the graph.
  ParamsPtr FormOf(TensorId id, const ParamsPtr& own) const {
    const auto form = forms.find(id);
    return own == nullptr || form == forms.end() ? own : form->second;
  }
};

struct GraphPlan {
  explicit GraphPlan(const Graph& graph, Target target = Target::kAny)
      : target(target), def_use(graph), tensors(graph.tensors.size()), nodes(graph.nodes.size()) {}

  TensorPlan& tensor(TensorId id) { return tensors[static_cast<size_t>(id)]; }
  const TensorPlan& tensor(TensorId id) const { return tensors[static_cast<size_t>(id)]; }

  Target target;
  DefUse def_use;
  std::vector<TensorPlan> tensors;
  std::vector<NodePlan> nodes;
  std::vector<RemovedNode> removed;
  std::vector<MergedTensor> merged;
  IoPlan inputs;
  IoPlan outputs;

  // Entries for what folded movers made of annotated constants.
  std::vector<std::unique_ptr<const ParamEntry>> moved_entries;

  // Another graph's While, If, ... runs it: what crosses is float32,
  bool called = false;
  // unless nothing but composites does: then it is what it is inside.
  bool composite = false;
};

struct Plan {
  explicit Plan(const Model& model, Target target = Target::kAny) : target(target) {
    graphs.reserve(model.graphs.size());
    for (const Graph& graph : model.graphs) graphs.emplace_back(graph, target);
  }
  Target target;  // of every graph plan too
  std::vector<GraphPlan> graphs;
  std::string params_path = {};  // the param file: for messages
};

// True where a tensor that the node reads or makes has planned parameters.
inline bool TouchesParams(const GraphPlan& plan, const Node& node) {
  return AnyTensor(node, [&](TensorId id) { return plan.tensor(id).params != nullptr; });
}

// True for a float32 activation about whose parameters nothing is known yet.
inline bool MayReceive(const Model& model, const Graph& graph, const GraphPlan& plan, TensorId id) {
  const Tensor& tensor = graph.tensor(id);
  return plan.tensor(id).origin == Origin::kNone && tensor.type == circle::TensorType_FLOAT32 &&
         !tensor.is_variable && !model.IsConstant(tensor);
}

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_PLAN_PLAN_H_
