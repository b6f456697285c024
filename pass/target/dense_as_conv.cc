// SPDX-License-Identifier: Apache-2.0
#include "pass/target/dense_as_conv.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ir/elements.h"
#include "ir/fused_activation.h"
#include "ir/operators/scale_limits.h"
#include "ir/tensor_type.h"
#include "pass/graph/added_names.h"
#include "pass/graph/display_names.h"
#include "pass/graph/unique_names.h"
#include "pass/target/form_writer.h"

namespace q_implant {
namespace {

constexpr size_t kData = 0;
constexpr size_t kWeights = 1;
constexpr size_t kBias = 2;

// A shape for a Reshape, and the dimension that is not known before the model runs.
struct Shape {
  std::vector<int32_t> dims;
  std::vector<int32_t> signature;  // with -1; empty where all are known
};

class GraphRewriter {
 public:
  // `buffers`: those of the constants that were made so far, by their bytes.
  GraphRewriter(size_t graph_index, Model& model, GraphPlan& plan, UniqueNames& names,
                absl::flat_hash_map<std::string, uint32_t>& buffers, Diagnostics& diagnostics)
      : graph_index_(graph_index),
        model_(model),
        graph_(model.graphs[graph_index]),
        plan_(plan),
        names_(names),
        buffers_(buffers),
        diagnostics_(diagnostics),
        reshape_options_(model.AddOptions(circle::ReshapeOptionsT())),
        convolves_(graph_.nodes.size(), false),
        skipped_(graph_.nodes.size(), false) {}

  // How many nodes became convolutions.
  size_t Run() {
    std::vector<Node> nodes;
    std::vector<NodePlan> plans;
    size_t count = 0;
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      convolves_[n] = !IsKept(n) && IsForConvolution(graph_.nodes[n]);
    }
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      Node& node = graph_.nodes[n];
      if (skipped_[n]) continue;
      if (convolves_[n]) {
        Rewrite(node, nodes);
        plans.resize(nodes.size());
        ++count;
      } else {
        nodes.push_back(std::move(node));
        plans.push_back(std::move(plan_.nodes[n]));
      }
    }
    static_cast<std::vector<Node>&>(graph_.nodes) = std::move(nodes);
    plan_.nodes = std::move(plans);
    if (count > 0) plan_.def_use = DefUse(graph_);
    return count;
  }

 private:
  const ParamsPtr& ParamsAt(const Node& node, size_t slot) const {
    static const ParamsPtr kNone;
    const bool given = slot < node.inputs.size() && node.inputs[slot] != kNoTensor;
    return given ? plan_.tensor(node.inputs[slot]).params : kNone;
  }
  bool IsConstant(TensorId id) const {
    return model_.IsConstant(graph_.tensor(id)) && plan_.def_use.producer(id) == kNoNode;
  }
  static bool IsEightBit(const ParamsPtr& params) {
    return params != nullptr && !params->per_channel() && BitsPerElement(params->dtype) == 8;
  }

  // It stays as it came.
  bool IsKept(size_t node) const { return plan_.nodes[node].forms_are_given; }

  // One that would compute in integers but for the scales of its weights.
  bool IsForConvolution(const Node& node) const {
    const auto* options = node.OptionsAs<circle::FullyConnectedOptions>();
    if (node.op() != circle::BuiltinOperator_FULLY_CONNECTED || node.inputs.size() < 2 ||
        node.inputs.size() > kBias + 1) {
      return false;
    }
    if (options != nullptr &&
        options->weights_format() != circle::FullyConnectedOptionsWeightsFormat_DEFAULT) {
      return false;
    }
    const ParamsPtr& weights = ParamsAt(node, kWeights);
    if (weights == nullptr || !weights->per_channel() || weights->quantized_dimension != 0 ||
        BitsPerElement(weights->dtype) > 8 || !IsConstant(node.inputs[kWeights])) {
      return false;
    }
    if (node.outputs.size() != 1 || node.outputs[0] == kNoTensor) return false;
    return IsEightBit(ParamsAt(node, kData)) && IsEightBit(plan_.tensor(node.outputs[0]).params) &&
           ShapesFit(node) && !WouldReadIntegers(node);
  }

  // What the model brought quantized no rule makes float32, so a convolution of that must not stay
  // float32: where scales are too far apart, or its bias is none.
  bool WouldReadIntegers(const Node& node) const {
    const auto existing = [&](size_t slot) {
      return slot < node.inputs.size() && node.inputs[slot] != kNoTensor &&
             plan_.tensor(node.inputs[slot]).origin == Origin::kExisting;
    };
    if (!existing(kWeights) && !existing(kBias)) return false;
    const bool has_bias = node.inputs.size() > kBias && node.inputs[kBias] != kNoTensor;
    if (has_bias &&
        (!IsConstant(node.inputs[kBias]) || StaysFloat(plan_.tensor(node.inputs[kBias]).origin))) {
      return true;
    }
    OperatorCode code;
    code.builtin = circle::BuiltinOperator_CONV_2D;
    Node convolution;
    convolution.code = &code;
    convolution.inputs = node.inputs;
    convolution.outputs = node.outputs;
    const std::vector<ParamsPtr> in = {ParamsAt(node, kData), ParamsAt(node, kWeights)};
    const NodeSides sides =
        SidesOf(graph_, convolution, in, {plan_.tensor(node.outputs[0]).params});
    return FindBrokenLimit(convolution, sides, Target::kOnert).has_value();
  }

  // Known sizes, but for one dimension of each side at most, and a scale for each unit.
  bool ShapesFit(const Node& node) const {
    const Tensor& weights = graph_.tensor(node.inputs[kWeights]);
    const Tensor& data = graph_.tensor(node.inputs[kData]);
    const Tensor& made = graph_.tensor(node.outputs[0]);
    const auto unknown = [](const Tensor& tensor) {
      return std::count(tensor.shape_signature.begin(), tensor.shape_signature.end(), -1);
    };
    const auto elements = ElementCount(data.shape);
    const auto scales = static_cast<int32_t>(ParamsAt(node, kWeights)->scale.size());
    return weights.shape.size() == 2 && weights.shape[1] > 0 && weights.shape[0] == scales &&
           !made.shape.empty() && made.shape.back() == weights.shape[0] && elements.has_value() &&
           *elements > 0 && *elements % static_cast<uint64_t>(weights.shape[1]) == 0 &&
           unknown(data) <= 1 && unknown(made) <= 1;
  }

  void Rewrite(const Node& dense, std::vector<Node>& nodes) {
    const TensorId data = dense.inputs[kData];
    const TensorId made = dense.outputs[0];
    const Tensor& weights = graph_.tensor(dense.inputs[kWeights]);
    const int32_t units = weights.shape[0];
    const int32_t depth = weights.shape.back();
    const auto rows = static_cast<int32_t>(*ElementCount(graph_.tensor(data).shape) /
                                           static_cast<uint64_t>(depth));
    const bool open = !graph_.tensor(data).shape_signature.empty();
    const Shape in = {{rows, 1, 1, depth},
                      open ? std::vector{-1, 1, 1, depth} : std::vector<int>()};
    const Shape out = {{rows, 1, 1, units},
                       open ? std::vector{-1, 1, 1, units} : std::vector<int>()};
    const auto [column, is_new] = columns_.try_emplace(std::pair(data, depth), kNoTensor);
    if (is_new) {
      column->second = NewTensor(data, kBetween, in);
      nodes.push_back(Reshape(data, column->second));
    }
    const TensorId columns = column->second;
    // What the model brought quantized keeps its form, in which no float32 node could write it.
    const bool keeps_form = plan_.tensor(made).origin == Origin::kExisting;
    const TensorId shaped = keeps_form ? made : SkipReshapes(made);
    if (!keeps_form && IsOnlyReshaped(shaped)) {
      nodes.push_back(Convolution(dense, columns, shaped));
      graph_.tensor(shaped).shape = out.dims;
      graph_.tensor(shaped).shape_signature = out.signature;
      ShareShape(NodeThatReads(shaped));
    } else {
      const TensorId sums = NewTensor(made, kBetween, out);
      nodes.push_back(Convolution(dense, columns, sums));
      nodes.push_back(Reshape(sums, made));
    }
    plan_.removed.push_back({OpName(dense), graph_.tensor(made).name});
    diagnostics_.Add({.severity = Severity::kNote,
                      .file = model_.path,
                      .tensor = DisplayName(model_, graph_index_, made),
                      .problem = "the FULLY_CONNECTED that makes it became a CONV_2D between two "
                                 "Reshapes, which takes a scale per channel"});
  }

  Node& NodeThatReads(TensorId id) {
    return graph_.nodes[static_cast<size_t>(plan_.def_use.uses(id)[0].node)];
  }

  // One that a Reshape alone reads, which takes any shape.
  bool IsOnlyReshaped(TensorId id) {
    const auto uses = plan_.def_use.uses(id);
    if (uses.size() != 1 || plan_.def_use.is_output(id)) return false;
    if (IsKept(static_cast<size_t>(uses[0].node))) return false;
    return NodeThatReads(id).op() == circle::BuiltinOperator_RESHAPE && uses[0].slot == 0;
  }

  // Of several Reshapes behind each other the last one will do: the tensor that it reads, which
  // takes what the node makes. Tensors between that were annotated stay.
  TensorId SkipReshapes(TensorId made) {
    while (plan_.tensor(made).entry == nullptr && IsOnlyReshaped(made)) {
      const Use& use = plan_.def_use.uses(made)[0];
      const Node& reshape = NodeThatReads(made);
      const TensorId next = reshape.outputs[0];
      if (!IsOnlyReshaped(next) ||
          !SameParams(plan_.tensor(made).params, plan_.tensor(next).params)) {
        break;
      }
      skipped_[static_cast<size_t>(use.node)] = true;
      plan_.tensor(made).unused = true;
      if (reshape.inputs.size() == 2) MarkIfLast(reshape.inputs[1]);
      made = next;
    }
    return made;
  }

  // A constant that loses a reader.
  void MarkIfLast(TensorId id) {
    const bool last = plan_.def_use.uses(id).size() == 1 && !plan_.def_use.is_output(id) &&
                      !plan_.def_use.is_input(id);
    if (last) plan_.tensor(id).unused = true;
  }

  // Several layers are reshaped to the same shape, which need stand in the file only once.
  void ShareShape(Node& reshape) {
    if (reshape.inputs.size() != 2 || !IsConstant(reshape.inputs[1])) return;
    const TensorId own = reshape.inputs[1];
    const auto data = model_.ConstantData(graph_.tensor(own)).span();
    if (graph_.tensor(own).type != circle::TensorType_INT32) return;
    auto dims = LoadElements<int32_t>(data);
    const TensorId shared = shapes_.try_emplace(std::move(dims), own).first->second;
    reshape.inputs[1] = shared;
    reshape.options = reshape_options_;
    if (shared != own) MarkIfLast(own);
  }

  // A tensor that holds the values of another in another shape.
  TensorId NewTensor(TensorId beside, const char* suffix, const Shape& shape) {
    Tensor tensor;
    tensor.name = names_.Make(graph_.tensor(beside).name, suffix);
    tensor.shape = shape.dims;
    tensor.shape_signature = shape.signature;
    tensor.has_rank = true;
    const TensorId id = graph_.AddTensor(std::move(tensor));
    plan_.tensors.push_back(
        {.origin = Origin::kPropagated, .params = plan_.tensor(beside).params, .from = beside});
    return id;
  }

  TensorId NewConstant(TensorId beside, const char* suffix, circle::TensorType type, int32_t size,
                       Bytes data) {
    Tensor tensor;
    tensor.name = names_.Make(graph_.tensor(beside).name, suffix);
    tensor.shape = std::vector<int32_t>{size};
    tensor.has_rank = true;
    tensor.type = type;
    const auto [buffer, is_new] = buffers_.try_emplace(
        std::string(reinterpret_cast<const char*>(data.data()), data.size()), 0);
    if (is_new) buffer->second = model_.AddBuffer(std::move(data));
    tensor.buffer = buffer->second;
    plan_.tensors.emplace_back();
    return graph_.AddTensor(std::move(tensor));
  }

  Node Reshape(TensorId from, TensorId to) {
    const Tensor& shaped = graph_.tensor(to);
    const std::vector<int32_t> dims =
        shaped.shape_signature.empty() ? shaped.shape : shaped.shape_signature;
    const auto [shape, is_new] = shapes_.try_emplace(dims, kNoTensor);
    if (is_new) {
      const auto* bytes = reinterpret_cast<const uint8_t*>(dims.data());
      shape->second =
          NewConstant(to, "_shape", circle::TensorType_INT32, static_cast<int32_t>(dims.size()),
                      Bytes::Own({bytes, bytes + dims.size() * sizeof(int32_t)}));
    }
    Node node;
    node.code = model_.FindOrAddOperatorCode(circle::BuiltinOperator_RESHAPE, 1);
    node.inputs = std::vector<TensorId>{from, shape->second};
    node.outputs = std::vector<TensorId>{to};
    node.options_type = circle::BuiltinOptions_ReshapeOptions;
    node.options = reshape_options_;  // the shape is an input
    return node;
  }

  Node Convolution(const Node& dense, TensorId data, TensorId made) {
    circle::Conv2DOptionsT options;
    options.padding = circle::Padding_VALID;
    options.stride_w = 1;
    options.stride_h = 1;
    options.fused_activation_function = FusedActivation(dense);
    Node node;
    node.code = model_.FindOrAddOperatorCode(circle::BuiltinOperator_CONV_2D, 1);
    node.inputs = std::vector<TensorId>{data, FilterOf(dense.inputs[kWeights]), BiasOf(dense)};
    node.outputs = std::vector<TensorId>{made};
    node.options_type = circle::BuiltinOptions_Conv2DOptions;
    node.options = model_.AddOptions(options);
    return node;
  }

  // Whether nothing needs the weights in the shape that they came in.
  bool IsOnlyConvolved(TensorId weights) const {
    const auto uses = plan_.def_use.uses(weights);
    return !plan_.def_use.is_output(weights) &&
           std::all_of(uses.begin(), uses.end(), [&](const Use& use) {
             return convolves_[static_cast<size_t>(use.node)] &&
                    use.slot == static_cast<int32_t>(kWeights);
           });
  }

  // The weights as [units, 1, 1, depth], for all that become convolutions; the bytes and the
  // channel axis are the same.
  TensorId FilterOf(TensorId weights) {
    const auto [filter, is_new] = filters_.try_emplace(weights, weights);
    if (!is_new) return filter->second;
    const std::vector<int32_t> shape = {graph_.tensor(weights).shape[0], 1, 1,
                                        graph_.tensor(weights).shape[1]};
    if (!IsOnlyConvolved(weights)) {
      Tensor twin = graph_.tensor(weights);
      twin.name = names_.Make(twin.name, kPart);
      filter->second = graph_.AddTensor(std::move(twin));
      TensorPlan planned = plan_.tensor(weights);
      if (planned.origin != Origin::kExisting) {
        planned.origin = Origin::kPropagated;
        planned.from = weights;
      }
      plan_.tensors.push_back(std::move(planned));
    }
    graph_.tensor(filter->second).shape = shape;
    return filter->second;
  }

  TensorId BiasOf(const Node& dense) {
    if (dense.inputs.size() > kBias && dense.inputs[kBias] != kNoTensor) return dense.inputs[kBias];
    const int32_t units = graph_.tensor(dense.inputs[kWeights]).shape[0];
    return NewConstant(
        dense.outputs[0], "_bias", circle::TensorType_FLOAT32, units,
        Bytes::Own(std::vector<uint8_t>(static_cast<size_t>(units) * sizeof(float), 0)));
  }

  size_t graph_index_;
  Model& model_;
  Graph& graph_;
  GraphPlan& plan_;
  UniqueNames& names_;
  absl::flat_hash_map<std::string, uint32_t>& buffers_;
  Diagnostics& diagnostics_;
  const flatbuffers::Table* reshape_options_;
  std::vector<bool> convolves_;  // by node: it becomes a convolution
  std::vector<bool> skipped_;    // by node: a Reshape that is needless now
  // What several nodes read alike: data in rows of a depth, shapes.
  absl::flat_hash_map<std::pair<TensorId, int32_t>, TensorId> columns_;
  absl::flat_hash_map<std::vector<int32_t>, TensorId> shapes_;
  absl::flat_hash_map<TensorId, TensorId> filters_;  // by weights
};

}  // namespace

void MakeDenseConvolutions(Model& model, Plan& plan, Diagnostics& diagnostics) {
  if (plan.target != Target::kOnert) return;
  UniqueNames names(model);
  absl::flat_hash_map<std::string, uint32_t> buffers;
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    count += GraphRewriter(g, model, plan.graphs[g], names, buffers, diagnostics).Run();
  }
  if (count == 0) return;
  diagnostics.Add(
      {.severity = Severity::kRemark,
       .file = model.path,
       .problem = absl::StrCat(
           "for ", TargetName(plan.target), ": ", count,
           count == 1 ? " FULLY_CONNECTED became a CONV_2D" : " FULLY_CONNECTED became CONV_2D",
           " between Reshapes, for its weights have a scale per channel (--verbose "
           "names each)")});
}

}  // namespace q_implant
