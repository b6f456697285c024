// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_FORM_WRITER_H_
#define Q_IMPLANT_PASS_TARGET_FORM_WRITER_H_

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "ir/model.h"
#include "pass/graph/unique_names.h"
#include "pass/quantize/plan/plan.h"

namespace q_implant {

using Shape = std::vector<int32_t>;

// The numbers of an int32 or int64 constant; nothing for any other tensor.
std::optional<std::vector<int64_t>> ConstantNumbers(const Model& model, const Tensor& tensor);

// Writes the nodes and tensors of another form of a node, which stands in one graph. New tensors
// are appended to the graph and to its plan. Nodes are collected: what holds the writer puts them
// into the node's place, or drops them together with the tensors where a form does not work out.
class FormWriter {
 public:
  FormWriter(Model& model, Graph& graph, GraphPlan& plan, UniqueNames& names)
      : model_(model), graph_(graph), plan_(plan), names_(names) {}

  const Graph& graph() const { return graph_; }
  const GraphPlan& plan() const { return plan_; }
  Model& model() { return model_; }

  const Tensor& tensor(TensorId id) const { return graph_.tensor(id); }
  Shape shape(TensorId id) const { return graph_.tensor(id).shape; }
  bool IsConstant(TensorId id) const { return model_.IsConstant(graph_.tensor(id)); }

  // True where the sizes of a tensor are known and fixed.
  bool IsFixed(TensorId id) const;

  std::optional<std::vector<int64_t>> Numbers(TensorId id) const {
    if (id == kNoTensor) return std::nullopt;
    return ConstantNumbers(model_, graph_.tensor(id));
  }

  // A constant of the writer's own, named after `base`: shapes, axes, indices.
  TensorId Ints(TensorId base, absl::Span<const int32_t> values, Shape shape);
  TensorId Ints(TensorId base, absl::Span<const int32_t> values) {
    return Ints(base, values, {static_cast<int32_t>(values.size())});
  }
  TensorId Floats(TensorId base, absl::Span<const float> values, Shape shape);

  // A tensor between two nodes: of the type and the parameters of `like`, named after it. Where
  // sizes are left open, the signature has -1 for them.
  TensorId Like(TensorId like, Shape shape, Shape signature = {});
  // The same without parameters, and of the type.
  TensorId Plain(TensorId like, circle::TensorType type);
  TensorId FloatLike(TensorId like) { return Plain(like, circle::TensorType_FLOAT32); }
  // One that stays float32, whatever parameters its neighbours have.
  TensorId StayingFloatLike(TensorId like) {
    const TensorId made = FloatLike(like);
    plan_.tensor(made).origin = Origin::kLeftFloat;
    return made;
  }
  TensorId BoolLike(TensorId like) { return Plain(like, circle::TensorType_BOOL); }
  TensorId IntsLike(TensorId like) { return Plain(like, circle::TensorType_INT32); }

  // A constant made of elements of another one, each by its position there, with its parameters and
  // imported values. `axis` is where the channels lie then. Nothing where they don't lie along it.
  std::optional<TensorId> Picked(TensorId from, Shape shape, absl::Span<const size_t> elements,
                                 int32_t axis);

  // Appends a node; its options are to be set.
  Node& Add(circle::BuiltinOperator op, std::vector<TensorId> inputs,
            std::vector<TensorId> outputs);
  Node& Add(Node node) { return nodes_.emplace_back(std::move(node)); }

  template <typename OptionsT>
  void SetOptions(Node& node, const OptionsT& options) {
    node.options_type = circle::BuiltinOptionsTraits<typename OptionsT::TableType>::enum_value;
    node.options = model_.AddOptions(options);
  }
  template <typename OptionsT>
  static OptionsT OptionsOf(const Node& node) {
    OptionsT options;
    if (const auto* given = node.OptionsAs<typename OptionsT::TableType>(); given != nullptr) {
      given->UnPackTo(&options);
    }
    return options;
  }

  // Appends a Reshape.
  void Reshape(TensorId from, TensorId to);
  // The tensor in another shape: itself where it has that, a constant for a constant, else what a
  // Reshape makes.
  std::optional<TensorId> Reshaped(TensorId from, Shape shape);
  // Where a node is to put what becomes `to` in the end: `to` itself where it has the shape, else a
  // tensor between. Finish() then appends the Reshape.
  TensorId Before(TensorId to, Shape shape);
  void Finish(TensorId made, TensorId to) {
    if (made != to) Reshape(made, to);
  }

  // Appends a Transpose.
  TensorId Transposed(TensorId from, absl::Span<const int32_t> permutation);
  // Appends a Gather of constant indices along an axis, into a tensor of its own or `to`.
  TensorId Gathered(TensorId from, absl::Span<const int32_t> indices, int32_t axis,
                    TensorId to = kNoTensor);
  void Slice(TensorId from, absl::Span<const int32_t> begin, TensorId to);

  // Appends the operator of a fused activation. False where there is none for it.
  bool Clamp(circle::ActivationFunctionType activation, TensorId from, TensorId to);

  // False after a Reshape to a shape of which two sizes or more are open.
  bool ok() const { return ok_; }
  std::vector<Node> TakeNodes() { return std::exchange(nodes_, {}); }

 private:
  TensorId AddTensor(Tensor tensor, TensorPlan plan);
  // What the plan has of such a constant.
  std::optional<TensorPlan> PickedPlan(TensorId from, const Shape& shape,
                                       absl::Span<const size_t> elements, int32_t axis);

  Model& model_;
  Graph& graph_;
  GraphPlan& plan_;
  UniqueNames& names_;
  std::vector<Node> nodes_;
  bool ok_ = true;
};

int64_t CountOf(absl::Span<const int32_t> shape);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_FORM_WRITER_H_
