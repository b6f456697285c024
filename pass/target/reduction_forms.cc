// SPDX-License-Identifier: Apache-2.0
// Reductions that keep their dimensions, of four at most, and a Reshape behind them.

#include <optional>

#include "pass/target/form_rewritings.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

// Which axes go; nothing where they are not known.
std::optional<std::vector<bool>> ReducedAxes(const Node& node, const FormWriter& writer) {
  if (node.inputs.size() != 2) return std::nullopt;
  const auto axes = writer.Numbers(node.inputs[1]);
  const auto rank = static_cast<int64_t>(writer.shape(node.inputs[0]).size());
  if (!axes.has_value()) return std::nullopt;
  std::vector<bool> reduced(static_cast<size_t>(rank), false);
  for (int64_t axis : *axes) {
    if (axis < -rank || axis >= rank) return std::nullopt;
    reduced[static_cast<size_t>(axis < 0 ? axis + rank : axis)] = true;
  }
  return reduced;
}

// Dimensions side by side that stay, or go, as one; those of size 1 as none.
struct Runs {
  Shape sizes;
  std::vector<bool> reduced;
};

Runs RunsOf(const Shape& shape, const std::vector<bool>& reduced) {
  Runs runs;
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if (shape[axis] == 1) continue;
    if (!runs.sizes.empty() && runs.reduced.back() == reduced[axis]) {
      runs.sizes.back() *= shape[axis];
    } else {
      runs.sizes.push_back(shape[axis]);
      runs.reduced.push_back(reduced[axis]);
    }
  }
  if (runs.sizes.empty()) runs = {{1}, {true}};
  return runs;
}

Shape Kept(const Shape& shape, const std::vector<bool>& reduced) {
  Shape kept = shape;
  for (size_t axis = 0; axis < kept.size(); ++axis) {
    if (reduced[axis]) kept[axis] = 1;
  }
  return kept;
}

// The reduction of `from` over the axes, keeping them, and what becomes of it.
void Reduce(const Node& node, TensorId from, const std::vector<bool>& reduced, Shape signature,
            FormWriter& writer) {
  std::vector<int32_t> axes;
  for (size_t axis = 0; axis < reduced.size(); ++axis) {
    if (reduced[axis]) axes.push_back(static_cast<int32_t>(axis));
  }
  const TensorId to = node.outputs[0];
  const Shape kept = Kept(writer.shape(from), reduced);
  const TensorId made = kept == writer.shape(to) ? to : writer.Like(to, kept, std::move(signature));
  Node reduction = node;
  reduction.inputs = std::vector<TensorId>{from, writer.Ints(to, axes)};
  reduction.outputs = std::vector<TensorId>{made};
  circle::ReducerOptionsT options;
  options.keep_dims = true;
  writer.SetOptions(reduction, options);
  writer.Add(std::move(reduction));
  writer.Finish(made, to);
}

bool WriteReduction(const Node& node, FormWriter& writer) {
  const auto reduced = ReducedAxes(node, writer);
  if (!reduced.has_value()) return false;
  const TensorId from = node.inputs[0];
  if (reduced->size() <= 4) {
    const Shape signature(writer.tensor(from).shape_signature);
    const bool open = !writer.IsFixed(from) && signature.size() == reduced->size();
    Reduce(node, from, *reduced, open ? Kept(signature, *reduced) : Shape(), writer);
    return true;
  }
  if (!writer.IsFixed(from)) return false;
  const Runs runs = RunsOf(writer.shape(from), *reduced);
  if (runs.sizes.size() <= 4) {
    const auto collapsed = writer.Reshaped(from, runs.sizes);
    if (!collapsed.has_value()) return false;
    Reduce(node, *collapsed, runs.reduced, {}, writer);
    return true;
  }
  std::vector<int32_t> order;
  int32_t count = 1;
  for (bool gone : {false, true}) {
    for (size_t axis = 0; axis < reduced->size(); ++axis) {
      if ((*reduced)[axis] != gone) continue;
      order.push_back(static_cast<int32_t>(axis));
      if (gone) count *= writer.shape(from)[axis];
    }
  }
  const auto rows = static_cast<int32_t>(CountOf(writer.shape(from)) / count);
  const auto flat = writer.Reshaped(writer.Transposed(from, order), {rows, count});
  Reduce(node, *flat, {false, true}, {}, writer);
  return true;
}

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_MEAN, RewriteWhen::kOdd, true, WriteReduction},
    {BuiltinOperator_SUM, RewriteWhen::kOdd, true, WriteReduction},
    {BuiltinOperator_REDUCE_MAX, RewriteWhen::kOdd, true, WriteReduction},
    {BuiltinOperator_REDUCE_PROD, RewriteWhen::kOdd, true, WriteReduction},
    {BuiltinOperator_REDUCE_ANY, RewriteWhen::kOdd, true, WriteReduction},
    {BuiltinOperator_REDUCE_ALL, RewriteWhen::kOdd, true, WriteReduction},
};

}  // namespace

absl::Span<const FormRewriting> ReductionForms() { return kRows; }

}  // namespace q_implant
