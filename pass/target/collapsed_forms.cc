// SPDX-License-Identifier: Apache-2.0
// Nodes of more than four dimensions in which dimensions side by side, with which the node does the
// same, are one: a Reshape before it, and one behind it.

#include <numeric>
#include <optional>

#include "pass/target/form_rewritings.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

constexpr size_t kMostDimensions = 4;

// What an operator that broadcasts sees of its inputs: each in as few dimensions as will do, as
// many as the others have.
struct Collapsed {
  std::vector<Shape> inputs;
  Shape output;
};

// `shapes` in `dims` dimensions, ones before those of the lower rank; nothing where one is of more.
std::optional<std::vector<Shape>> Aligned(const std::vector<Shape>& shapes, size_t dims) {
  std::vector<Shape> aligned;
  for (const Shape& shape : shapes) {
    if (shape.size() > dims) return std::nullopt;
    Shape full(dims - shape.size(), 1);
    full.insert(full.end(), shape.begin(), shape.end());
    aligned.push_back(std::move(full));
  }
  return aligned;
}

std::optional<Collapsed> Collapse(const std::vector<Shape>& inputs, const Shape& output) {
  const auto aligned = Aligned(inputs, output.size());
  if (!aligned.has_value()) return std::nullopt;
  Collapsed found = {std::vector<Shape>(inputs.size()), {}};
  std::vector<bool> last;
  for (size_t axis = 0; axis < output.size(); ++axis) {
    if (output[axis] == 1) continue;
    std::vector<bool> broadcast;
    for (const Shape& shape : *aligned) broadcast.push_back(shape[axis] == 1);
    const bool joins = !found.output.empty() && broadcast == last;
    for (size_t i = 0; i < inputs.size(); ++i) {
      if (!joins) found.inputs[i].push_back(1);
      found.inputs[i].back() *= (*aligned)[i][axis];
    }
    if (!joins) found.output.push_back(1);
    found.output.back() *= output[axis];
    last = std::move(broadcast);
  }
  if (found.output.empty()) {
    found.output = {1};
    for (Shape& shape : found.inputs) shape = {1};
  }
  return found;
}

// The node with each input in another shape, and a Reshape behind it.
bool WriteReshaped(const Node& node, const std::vector<Shape>& inputs, const Shape& output,
                   FormWriter& writer) {
  Node made = node;
  for (size_t slot = 0; slot < inputs.size(); ++slot) {
    const auto reshaped = writer.Reshaped(node.inputs[slot], inputs[slot]);
    if (!reshaped.has_value()) return false;
    made.inputs[slot] = *reshaped;
  }
  const TensorId to = node.outputs[0];
  made.outputs[0] = writer.Before(to, output);
  const TensorId result = made.outputs[0];
  writer.Add(std::move(made));
  writer.Finish(result, to);
  return true;
}

std::vector<Shape> ShapesOf(const Node& node, const FormWriter& writer) {
  std::vector<Shape> shapes;
  for (TensorId id : node.inputs) shapes.push_back(writer.shape(id));
  return shapes;
}

// Inputs that are all float32 get the shape of the output first.
bool WriteBroadcast(const Node& node, FormWriter& writer) {
  const Shape output = writer.shape(node.outputs[0]);
  Node made = node;
  for (TensorId& id : made.inputs) {
    if (writer.shape(id) == output) continue;
    if (writer.tensor(id).type != circle::TensorType_FLOAT32) return false;
    const TensorId broadcast = writer.Like(id, output);
    Node& node_before =
        writer.Add(BuiltinOperator_BROADCAST_TO, {id, writer.Ints(id, output)}, {broadcast});
    writer.SetOptions(node_before, circle::BroadcastToOptionsT());
    id = broadcast;
  }
  const Shape flat = {static_cast<int32_t>(CountOf(output))};
  return WriteReshaped(made, std::vector<Shape>(made.inputs.size(), flat), flat, writer);
}

bool WriteElementwise(const Node& node, FormWriter& writer) {
  const auto collapsed = Collapse(ShapesOf(node, writer), writer.shape(node.outputs[0]));
  if (!collapsed.has_value()) return false;
  if (collapsed->output.size() > kMostDimensions) return WriteBroadcast(node, writer);
  return WriteReshaped(node, collapsed->inputs, collapsed->output, writer);
}

bool WriteMatMul(const Node& node, FormWriter& writer) {
  std::vector<Shape> batches = ShapesOf(node, writer);
  Shape output = writer.shape(node.outputs[0]);
  std::vector<Shape> matrices;
  for (Shape& shape : batches) {
    if (shape.size() < 2) return false;
    matrices.emplace_back(shape.end() - 2, shape.end());
    shape.resize(shape.size() - 2);
  }
  const Shape made(output.end() - 2, output.end());
  output.resize(output.size() - 2);
  auto collapsed = Collapse(batches, output);
  if (!collapsed.has_value() || collapsed->output.size() + 2 > kMostDimensions) return false;
  for (size_t i = 0; i < matrices.size(); ++i) {
    collapsed->inputs[i].insert(collapsed->inputs[i].end(), matrices[i].begin(), matrices[i].end());
  }
  collapsed->output.insert(collapsed->output.end(), made.begin(), made.end());
  return WriteReshaped(node, collapsed->inputs, collapsed->output, writer);
}

// --- operators that do something along some axes, and nothing along the others

// Dimensions side by side that stay as they are, as one. Each other axis is one of its own.
struct Groups {
  Shape from;
  Shape to;
  std::vector<size_t> axes;  // for each, the axis of the node; of those that stay, any
};

Groups GroupsOf(const Shape& from, const Shape& to, const std::vector<bool>& touched) {
  Groups groups;
  bool joins = false;
  for (size_t axis = 0; axis < from.size(); ++axis) {
    if (!touched[axis] && joins) {
      groups.from.back() *= from[axis];
      groups.to.back() *= to[axis];
    } else {
      groups.from.push_back(from[axis]);
      groups.to.push_back(to[axis]);
      groups.axes.push_back(axis);
    }
    joins = !touched[axis];
  }
  return groups;
}

using Along = bool (*)(const Node& node, TensorId from, TensorId to,
                       const std::vector<size_t>& axes, const std::vector<bool>& touched,
                       FormWriter& writer);

// The node on dimensions that `groups` has, by `along`.
bool WriteGroups(const Node& node, TensorId from, TensorId to, const Groups& groups,
                 const std::vector<bool>& touched, Along along, FormWriter& writer) {
  const auto reshaped = writer.Reshaped(from, groups.from);
  if (!reshaped.has_value()) return false;
  const TensorId made = writer.Before(to, groups.to);
  if (!along(node, *reshaped, made, groups.axes, touched, writer)) return false;
  writer.Finish(made, to);
  return true;
}

// All touched axes at once where that leaves four dimensions, else one after the other.
bool WriteAlong(const Node& node, const std::vector<bool>& touched, Along along,
                FormWriter& writer) {
  const TensorId to = node.outputs[0];
  const Shape last = writer.shape(to);
  TensorId from = node.inputs[0];
  Shape shape = writer.shape(from);
  const Groups all = GroupsOf(shape, last, touched);
  if (all.from.size() <= kMostDimensions) {
    return WriteGroups(node, from, to, all, touched, along, writer);
  }
  for (size_t axis = 0; axis < touched.size(); ++axis) {
    if (!touched[axis]) continue;
    std::vector<bool> only(touched.size(), false);
    only[axis] = true;
    Shape next = shape;
    next[axis] = last[axis];
    const TensorId made = next == last ? to : writer.Like(to, next);
    if (!WriteGroups(node, from, made, GroupsOf(shape, next, only), only, along, writer)) {
      return false;
    }
    from = made;
    shape = next;
  }
  return from == to;
}

bool PadAlong(const Node& node, TensorId from, TensorId to, const std::vector<size_t>& axes,
              const std::vector<bool>& touched, FormWriter& writer) {
  const auto pads = *writer.Numbers(node.inputs[1]);
  std::vector<int32_t> chosen;
  for (size_t axis : axes) {
    for (size_t side : {size_t{0}, size_t{1}}) {
      chosen.push_back(touched[axis] ? static_cast<int32_t>(pads[2 * axis + side]) : 0);
    }
  }
  Node made = node;
  made.inputs[0] = from;
  made.inputs[1] = writer.Ints(to, chosen, {static_cast<int32_t>(axes.size()), 2});
  made.outputs[0] = to;
  writer.Add(std::move(made));
  return true;
}

bool WritePad(const Node& node, FormWriter& writer) {
  const auto pads = writer.Numbers(node.inputs[1]);
  const size_t rank = writer.shape(node.inputs[0]).size();
  if (!pads.has_value() || pads->size() != 2 * rank) return false;
  std::vector<bool> touched(rank, false);
  for (size_t i = 0; i < pads->size(); ++i) touched[i / 2] = touched[i / 2] || (*pads)[i] != 0;
  return WriteAlong(node, touched, PadAlong, writer);
}

bool SliceAlong(const Node& node, TensorId from, TensorId to, const std::vector<size_t>& axes,
                const std::vector<bool>& touched, FormWriter& writer) {
  const auto begin = *writer.Numbers(node.inputs[1]);
  std::vector<int32_t> chosen;
  for (size_t axis : axes) chosen.push_back(touched[axis] ? static_cast<int32_t>(begin[axis]) : 0);
  writer.Slice(from, chosen, to);
  return true;
}

bool WriteSlice(const Node& node, FormWriter& writer) {
  const auto begin = writer.Numbers(node.inputs[1]);
  const Shape from = writer.shape(node.inputs[0]);
  const Shape to = writer.shape(node.outputs[0]);
  if (!begin.has_value() || begin->size() != from.size() || to.size() != from.size()) return false;
  std::vector<bool> touched;
  for (size_t axis = 0; axis < from.size(); ++axis) touched.push_back(from[axis] != to[axis]);
  return WriteAlong(node, touched, SliceAlong, writer);
}

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_MAXIMUM, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_MINIMUM, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_LESS, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_LESS_EQUAL, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_GREATER, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_GREATER_EQUAL, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_EQUAL, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_NOT_EQUAL, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_FLOOR_DIV, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_SELECT_V2, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_SQUARED_DIFFERENCE, RewriteWhen::kOdd, false, WriteElementwise},
    {BuiltinOperator_BATCH_MATMUL, RewriteWhen::kOdd, false, WriteMatMul},
    {BuiltinOperator_PAD, RewriteWhen::kOdd, false, WritePad},
    {BuiltinOperator_PADV2, RewriteWhen::kOdd, false, WritePad},
    {BuiltinOperator_SLICE, RewriteWhen::kOdd, false, WriteSlice},
};

}  // namespace

absl::Span<const FormRewriting> CollapsedForms() { return kRows; }

}  // namespace q_implant
