// SPDX-License-Identifier: Apache-2.0
// Operators that only move or pick values, by others that do: Slice, Split, Concatenation, Reshape
// and Gather of constant indices, for which onert has kernels in uint8 too.

#include <algorithm>
#include <cmath>
#include <optional>

#include "pass/target/form_rewritings.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

// For each axis the index that each place takes; empty where the axis stays as it is.
using Indices = std::vector<std::vector<int32_t>>;

// A Gather for each axis that changes; a Reshape where none does.
bool GatherAll(TensorId from, const Indices& indices, TensorId to, FormWriter& writer) {
  int32_t last = -1;
  for (size_t axis = 0; axis < indices.size(); ++axis) {
    if (!indices[axis].empty()) last = static_cast<int32_t>(axis);
  }
  if (last < 0) {
    writer.Reshape(from, to);
    return true;
  }
  Shape made = writer.shape(from);
  if (made.size() != indices.size()) return false;
  for (size_t axis = 0; axis < indices.size(); ++axis) {
    if (!indices[axis].empty()) made[axis] = static_cast<int32_t>(indices[axis].size());
  }
  const TensorId result = writer.Before(to, made);
  for (int32_t axis = 0; axis <= last; ++axis) {
    const auto& picked = indices[static_cast<size_t>(axis)];
    if (picked.empty()) continue;
    from = writer.Gathered(from, picked, axis, axis == last ? result : kNoTensor);
  }
  writer.Finish(result, to);
  return true;
}

std::optional<int32_t> Axis(int64_t axis, size_t rank) {
  const auto dims = static_cast<int64_t>(rank);
  if (axis < -dims || axis >= dims) return std::nullopt;
  return static_cast<int32_t>(axis < 0 ? axis + dims : axis);
}

// --- parts of a tensor

// What a StridedSlice takes of one axis.
struct Range {
  int32_t begin = 0;
  int32_t step = 1;
  int32_t count = 0;
};

// A bound in the terms of Python: negative ones count from the end, and all are cut to the axis.
int64_t Bound(int64_t at, int64_t size, int64_t step) {
  if (at < 0) at += size;
  return step > 0 ? std::clamp<int64_t>(at, 0, size) : std::clamp<int64_t>(at, -1, size - 1);
}

Range RangeOf(int64_t begin, int64_t end, int64_t step, int32_t size, bool from_start,
              bool to_end) {
  const int64_t first = from_start ? (step > 0 ? 0 : size - 1) : Bound(begin, size, step);
  const int64_t last = to_end ? (step > 0 ? size : -1) : Bound(end, size, step);
  const int64_t span = step > 0 ? last - first : first - last;
  const int64_t length = step > 0 ? step : -step;
  const int64_t count = std::max<int64_t>((span + length - 1) / length, 0);
  return {static_cast<int32_t>(first), static_cast<int32_t>(step), static_cast<int32_t>(count)};
}

// The ranges of all axes; nothing where a bound is not known.
std::optional<std::vector<Range>> RangesOf(const Node& node, const FormWriter& writer) {
  if (node.inputs.size() != 4) return std::nullopt;
  const auto options = FormWriter::OptionsOf<circle::StridedSliceOptionsT>(node);
  const auto begin = writer.Numbers(node.inputs[1]);
  const auto end = writer.Numbers(node.inputs[2]);
  const auto step = writer.Numbers(node.inputs[3]);
  const Shape shape = writer.shape(node.inputs[0]);
  if (!begin.has_value() || !end.has_value() || !step.has_value() || options.offset ||
      begin->size() != end->size() || begin->size() != step->size()) {
    return std::nullopt;
  }
  const auto masked = [](int32_t mask, size_t i) { return (mask >> i & 1) != 0; };
  const auto added = static_cast<size_t>(
      __builtin_popcount(static_cast<unsigned>(options.new_axis_mask & ~options.ellipsis_mask)));
  std::vector<Range> ranges;
  const auto take_all = [&](size_t count) {
    for (; count > 0 && ranges.size() < shape.size(); --count) {
      ranges.push_back({0, 1, shape[ranges.size()]});
    }
  };
  for (size_t i = 0; i < begin->size(); ++i) {
    if (masked(options.ellipsis_mask, i)) {
      const size_t others = begin->size() - 1 - added;
      if (others > shape.size()) return std::nullopt;
      take_all(shape.size() - others);
      continue;
    }
    if (masked(options.new_axis_mask, i)) continue;
    if (ranges.size() >= shape.size() || (*step)[i] == 0) return std::nullopt;
    const int32_t size = shape[ranges.size()];
    if (masked(options.shrink_axis_mask, i)) {
      const int64_t at = (*begin)[i] < 0 ? (*begin)[i] + size : (*begin)[i];
      if (at < 0 || at >= size) return std::nullopt;
      ranges.push_back({static_cast<int32_t>(at), 1, 1});
    } else {
      ranges.push_back(RangeOf((*begin)[i], (*end)[i], (*step)[i], size,
                               masked(options.begin_mask, i), masked(options.end_mask, i)));
    }
  }
  take_all(shape.size());
  return ranges;
}

// A Slice where steps are 1, Gathers for the other axes.
bool WriteStridedSlice(const Node& node, FormWriter& writer) {
  const auto ranges = RangesOf(node, writer);
  if (!ranges.has_value()) return false;
  TensorId from = node.inputs[0];
  const TensorId to = node.outputs[0];
  Shape sliced = writer.shape(from);
  Shape made;
  std::vector<int32_t> begin(sliced.size(), 0);
  Indices indices(sliced.size());
  bool gathers = false;
  for (size_t axis = 0; axis < ranges->size(); ++axis) {
    const Range& range = (*ranges)[axis];
    made.push_back(range.count);
    if (range.step == 1) {
      begin[axis] = range.begin;
      sliced[axis] = range.count;
      continue;
    }
    gathers = true;
    for (int32_t i = 0; i < range.count; ++i) {
      indices[axis].push_back(range.begin + i * range.step);
    }
  }
  if (CountOf(made) == 0 || CountOf(made) != CountOf(writer.shape(to))) return false;
  if (gathers) {
    if (sliced != writer.shape(from)) {
      const TensorId part = writer.Like(from, sliced);
      writer.Slice(from, begin, part);
      from = part;
    }
    return GatherAll(from, indices, to, writer);
  }
  if (made == writer.shape(from)) {
    writer.Reshape(from, to);
    return true;
  }
  const TensorId result = writer.Before(to, made);
  writer.Slice(from, begin, result);
  writer.Finish(result, to);
  return true;
}

constexpr int64_t kMostIndices = 4096;  // of a Gather that stands for a Slice

// Of int32, for which onert has a Gather only.
bool WriteSlice(const Node& node, FormWriter& writer) {
  if (node.inputs.size() != 3) return false;
  const auto begin = writer.Numbers(node.inputs[1]);
  const Shape from = writer.shape(node.inputs[0]);
  const Shape to = writer.shape(node.outputs[0]);
  if (!begin.has_value() || begin->size() != from.size() || to.size() != from.size() ||
      writer.tensor(node.inputs[0]).type != circle::TensorType_INT32) {
    return false;
  }
  Indices indices(from.size());
  for (size_t axis = 0; axis < from.size(); ++axis) {
    if (from[axis] == to[axis]) continue;
    if (to[axis] > kMostIndices) return false;
    for (int32_t i = 0; i < to[axis]; ++i) {
      indices[axis].push_back(static_cast<int32_t>((*begin)[axis]) + i);
    }
  }
  return GatherAll(node.inputs[0], indices, node.outputs[0], writer);
}

bool AllGiven(const std::vector<TensorId>& ids) {
  return std::find(ids.begin(), ids.end(), kNoTensor) == ids.end();
}

void Split(TensorId from, int32_t axis, std::vector<TensorId> parts, FormWriter& writer) {
  circle::SplitOptionsT options;
  options.num_splits = static_cast<int32_t>(parts.size());
  const TensorId along = writer.Ints(from, {axis}, {});
  writer.SetOptions(writer.Add(BuiltinOperator_SPLIT, {along, from}, std::move(parts)), options);
}

// A Split where all parts are as large, else a Slice each.
bool WriteSplitV(const Node& node, FormWriter& writer) {
  if (node.inputs.size() != 3 || !AllGiven(node.outputs) || node.outputs.empty()) return false;
  const auto along = writer.Numbers(node.inputs[2]);
  const TensorId from = node.inputs[0];
  const Shape shape = writer.shape(from);
  if (!along.has_value() || along->size() != 1) return false;
  const auto axis = Axis((*along)[0], shape.size());
  if (!axis.has_value()) return false;
  const auto at = static_cast<size_t>(*axis);
  std::vector<int32_t> sizes;
  for (TensorId part : node.outputs) {
    if (writer.shape(part).size() != shape.size()) return false;
    sizes.push_back(writer.shape(part)[at]);
  }
  if (std::all_of(sizes.begin(), sizes.end(), [&](int32_t size) { return size == sizes[0]; })) {
    Split(from, *axis, node.outputs, writer);
    return true;
  }
  std::vector<int32_t> begin(shape.size(), 0);
  for (size_t i = 0; i < sizes.size(); ++i) {
    writer.Slice(from, begin, node.outputs[i]);
    begin[at] += sizes[i];
  }
  return begin[at] == shape[at];
}

bool WriteUnpack(const Node& node, FormWriter& writer) {
  const auto options = FormWriter::OptionsOf<circle::UnpackOptionsT>(node);
  const TensorId from = node.inputs[0];
  Shape shape = writer.shape(from);
  const auto axis = Axis(options.axis, shape.size());
  if (!axis.has_value() || !AllGiven(node.outputs) ||
      shape[static_cast<size_t>(*axis)] != static_cast<int32_t>(node.outputs.size())) {
    return false;
  }
  shape[static_cast<size_t>(*axis)] = 1;
  std::vector<TensorId> parts;
  for (TensorId output : node.outputs) parts.push_back(writer.Like(output, shape));
  if (parts.size() == 1) {
    writer.Reshape(from, node.outputs[0]);
    return true;
  }
  Split(from, *axis, parts, writer);
  for (size_t i = 0; i < parts.size(); ++i) writer.Reshape(parts[i], node.outputs[i]);
  return true;
}

bool WritePack(const Node& node, FormWriter& writer) {
  const auto options = FormWriter::OptionsOf<circle::PackOptionsT>(node);
  Shape shape = writer.shape(node.outputs[0]);
  const auto axis = Axis(options.axis, shape.size());
  if (!axis.has_value()) return false;
  shape[static_cast<size_t>(*axis)] = 1;
  std::vector<TensorId> parts;
  for (TensorId id : node.inputs) {
    const auto part = writer.Reshaped(id, shape);
    if (!part.has_value()) return false;
    parts.push_back(*part);
  }
  circle::ConcatenationOptionsT joined;
  joined.axis = *axis;
  writer.SetOptions(writer.Add(BuiltinOperator_CONCATENATION, parts, {node.outputs[0]}), joined);
  return true;
}

// --- Gather by Gather

bool WriteEmbeddingLookup(const Node& node, FormWriter& writer) {
  if (node.inputs.size() != 2) return false;
  circle::GatherOptionsT options;
  options.axis = 0;
  writer.SetOptions(
      writer.Add(BuiltinOperator_GATHER, {node.inputs[1], node.inputs[0]}, {node.outputs[0]}),
      options);
  return true;
}

// The dimensions that are indexed as one.
bool WriteGatherNd(const Node& node, FormWriter& writer) {
  const auto numbers = writer.Numbers(node.inputs[1]);
  const Shape shape = writer.shape(node.inputs[0]);
  const Shape indices = writer.shape(node.inputs[1]);
  if (!numbers.has_value() || indices.empty()) return false;
  const auto depth = static_cast<size_t>(indices.back());
  if (depth == 0 || depth > shape.size()) return false;
  std::vector<int32_t> rows;
  for (size_t i = 0; i < numbers->size(); i += depth) {
    int64_t row = 0;
    for (size_t k = 0; k < depth; ++k) {
      if ((*numbers)[i + k] < 0 || (*numbers)[i + k] >= shape[k]) return false;
      row = row * shape[k] + (*numbers)[i + k];
    }
    rows.push_back(static_cast<int32_t>(row));
  }
  Shape flat(shape.begin() + static_cast<std::ptrdiff_t>(depth) - 1, shape.end());
  flat[0] = static_cast<int32_t>(CountOf(absl::MakeConstSpan(shape).subspan(0, depth)));
  const auto collapsed = writer.Reshaped(node.inputs[0], flat);
  if (!collapsed.has_value()) return false;
  flat[0] = static_cast<int32_t>(rows.size());
  const TensorId result = writer.Before(node.outputs[0], flat);
  writer.Gathered(*collapsed, rows, 0, result);
  writer.Finish(result, node.outputs[0]);
  return true;
}

// Rows of all batches one after the other, and indices that count through them.
bool WriteBatchGather(const Node& node, FormWriter& writer) {
  const auto options = FormWriter::OptionsOf<circle::GatherOptionsT>(node);
  const auto numbers = writer.Numbers(node.inputs[1]);
  const Shape shape = writer.shape(node.inputs[0]);
  const Shape indices = writer.shape(node.inputs[1]);
  const auto axis = Axis(options.axis, shape.size());
  const auto batches = static_cast<size_t>(options.batch_dims);
  if (!numbers.has_value() || !axis.has_value() || options.batch_dims <= 0 ||
      static_cast<size_t>(*axis) != batches || batches > indices.size()) {
    return false;
  }
  const int32_t rows = shape[batches];
  const int64_t count =
      std::max<int64_t>(CountOf(absl::MakeConstSpan(indices).subspan(batches)), 1);
  std::vector<int32_t> picked;
  for (size_t i = 0; i < numbers->size(); ++i) {
    const int64_t batch = static_cast<int64_t>(i) / count;
    picked.push_back(static_cast<int32_t>(batch * rows + (*numbers)[i]));
  }
  Shape flat(shape.begin() + static_cast<std::ptrdiff_t>(batches), shape.end());
  flat[0] *= static_cast<int32_t>(CountOf(absl::MakeConstSpan(shape).subspan(0, batches)));
  const auto collapsed = writer.Reshaped(node.inputs[0], flat);
  if (!collapsed.has_value()) return false;
  flat[0] = static_cast<int32_t>(picked.size());
  const TensorId result = writer.Before(node.outputs[0], flat);
  writer.Gathered(*collapsed, picked, 0, result);
  writer.Finish(result, node.outputs[0]);
  return true;
}

bool WriteMirrorPad(const Node& node, FormWriter& writer) {
  const auto pads = writer.Numbers(node.inputs[1]);
  const Shape shape = writer.shape(node.inputs[0]);
  if (!pads.has_value() || pads->size() != 2 * shape.size()) return false;
  const auto options = FormWriter::OptionsOf<circle::MirrorPadOptionsT>(node);
  const int32_t twice = options.mode == circle::MirrorPadMode_SYMMETRIC ? 1 : 0;  // the edge is
  Indices indices(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    const auto before = static_cast<int32_t>((*pads)[2 * axis]);
    const auto after = static_cast<int32_t>((*pads)[2 * axis + 1]);
    if (before == 0 && after == 0) continue;
    for (int32_t at = -before; at < shape[axis] + after; ++at) {
      int32_t mirrored = at;
      if (at < 0) mirrored = -at - twice;
      if (at >= shape[axis]) mirrored = 2 * shape[axis] - 2 + twice - at;
      if (mirrored < 0 || mirrored >= shape[axis]) return false;
      indices[axis].push_back(mirrored);
    }
  }
  return GatherAll(node.inputs[0], indices, node.outputs[0], writer);
}

// As LiteRT's kernel does (GetNearestNeighbor), in float32.
std::vector<int32_t> NearestPixels(int32_t old_size, int32_t new_size, bool align_corners,
                                   bool half_pixel_centers) {
  const bool aligned = align_corners && new_size > 1;
  const float scale = aligned ? static_cast<float>(old_size - 1) / static_cast<float>(new_size - 1)
                              : static_cast<float>(old_size) / static_cast<float>(new_size);
  const float offset = half_pixel_centers ? 0.5f : 0.0f;
  std::vector<int32_t> pixels;
  for (int32_t i = 0; i < new_size; ++i) {
    const float at = (static_cast<float>(i) + offset) * scale;
    const float pixel = align_corners ? std::round(at) : std::floor(at);
    pixels.push_back(std::clamp(static_cast<int32_t>(pixel), 0, old_size - 1));
  }
  return pixels;
}

bool WriteResizeNearest(const Node& node, FormWriter& writer) {
  const auto options = FormWriter::OptionsOf<circle::ResizeNearestNeighborOptionsT>(node);
  const Shape from = writer.shape(node.inputs[0]);
  const Shape to = writer.shape(node.outputs[0]);
  if (from.size() != 4 || to.size() != 4) return false;
  Indices indices(4);
  for (size_t axis : {size_t{1}, size_t{2}}) {
    if (from[axis] == to[axis]) continue;
    indices[axis] =
        NearestPixels(from[axis], to[axis], options.align_corners, options.half_pixel_centers);
  }
  return GatherAll(node.inputs[0], indices, node.outputs[0], writer);
}

bool WriteTile(const Node& node, FormWriter& writer) {
  const auto times = writer.Numbers(node.inputs[1]);
  const Shape shape = writer.shape(node.inputs[0]);
  if (!times.has_value() || times->size() != shape.size()) return false;
  Indices indices(shape.size());
  for (size_t axis = 0; axis < shape.size(); ++axis) {
    if ((*times)[axis] == 1) continue;
    for (int64_t i = 0; i < (*times)[axis] * shape[axis]; ++i) {
      indices[axis].push_back(static_cast<int32_t>(i % shape[axis]));
    }
    if (indices[axis].empty()) return false;
  }
  return GatherAll(node.inputs[0], indices, node.outputs[0], writer);
}

bool WriteBroadcastTo(const Node& node, FormWriter& writer) {
  const Shape shape = writer.shape(node.inputs[0]);
  const Shape made = writer.shape(node.outputs[0]);
  if (shape.size() > made.size()) return false;
  Shape full(made.size() - shape.size(), 1);
  full.insert(full.end(), shape.begin(), shape.end());
  const auto reshaped = writer.Reshaped(node.inputs[0], full);
  if (!reshaped.has_value()) return false;
  Indices indices(made.size());
  for (size_t axis = 0; axis < made.size(); ++axis) {
    if (full[axis] == made[axis]) continue;
    indices[axis].assign(static_cast<size_t>(made[axis]), 0);
  }
  return GatherAll(*reshaped, indices, node.outputs[0], writer);
}

bool WriteReverse(const Node& node, FormWriter& writer) {
  const auto axes = writer.Numbers(node.inputs[1]);
  const Shape shape = writer.shape(node.inputs[0]);
  if (!axes.has_value()) return false;
  Indices indices(shape.size());
  for (int64_t number : *axes) {
    const auto axis = Axis(number, shape.size());
    if (!axis.has_value()) return false;
    auto& reversed = indices[static_cast<size_t>(*axis)];
    for (int32_t i = shape[static_cast<size_t>(*axis)]; i-- > 0;) reversed.push_back(i);
  }
  return GatherAll(node.inputs[0], indices, node.outputs[0], writer);
}

constexpr FormRewriting kRows[] = {
    {BuiltinOperator_SPLIT_V, RewriteWhen::kInteger, false, WriteSplitV},
    {BuiltinOperator_SLICE, RewriteWhen::kOdd, false, WriteSlice},
    {BuiltinOperator_STRIDED_SLICE, RewriteWhen::kInteger, false, WriteStridedSlice},
    {BuiltinOperator_PACK, RewriteWhen::kInteger, false, WritePack},
    {BuiltinOperator_UNPACK, RewriteWhen::kInteger, false, WriteUnpack},
    {BuiltinOperator_EMBEDDING_LOOKUP, RewriteWhen::kInteger, true, WriteEmbeddingLookup},
    {BuiltinOperator_GATHER_ND, RewriteWhen::kInteger, false, WriteGatherNd},
    {BuiltinOperator_GATHER, RewriteWhen::kOdd, false, WriteBatchGather},
    {BuiltinOperator_MIRROR_PAD, RewriteWhen::kInteger, false, WriteMirrorPad},
    {BuiltinOperator_RESIZE_NEAREST_NEIGHBOR, RewriteWhen::kInteger, false, WriteResizeNearest},
    {BuiltinOperator_TILE, RewriteWhen::kInteger, false, WriteTile},
    {BuiltinOperator_BROADCAST_TO, RewriteWhen::kInteger, false, WriteBroadcastTo},
    {BuiltinOperator_REVERSE_V2, RewriteWhen::kInteger, false, WriteReverse},
};

}  // namespace

absl::Span<const FormRewriting> MoverForms() { return kRows; }

}  // namespace q_implant
