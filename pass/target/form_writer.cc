// SPDX-License-Identifier: Apache-2.0
#include "pass/target/form_writer.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <memory>
#include <numeric>
#include <string>

#include "ir/elements.h"
#include "ir/tensor_type.h"
#include "pass/graph/added_names.h"

namespace q_implant {
namespace {

template <typename T>
Bytes BytesOf(absl::Span<const T> values) {
  return Bytes::Own(ElementBytes(values));
}

template <typename T>
std::vector<int64_t> Widened(const Bytes& data) {
  const std::vector<T> values = LoadElements<T>(data.span());
  return {values.begin(), values.end()};
}

// The name of the model's tensor that a tensor between two nodes was named after.
std::string BaseName(const std::string& name) {
  const size_t at = name.rfind(kBetween);
  if (at == std::string::npos || at == 0) return name;
  const std::string rest = name.substr(at + sizeof(kBetween) - 1);
  const bool counted =
      rest.empty() || (rest[0] == '_' && rest.size() > 1 &&
                       rest.find_first_not_of("0123456789", 1) == std::string::npos);
  return counted ? name.substr(0, at) : name;
}

Bytes PickElements(const Bytes& data, absl::Span<const size_t> elements, size_t size) {
  std::vector<uint8_t> picked(elements.size() * size);
  for (size_t i = 0; i < elements.size(); ++i) {
    std::memcpy(picked.data() + i * size, data.data() + elements[i] * size, size);
  }
  return Bytes::Own(std::move(picked));
}

// The index along an axis of the element at a position.
size_t IndexAlong(absl::Span<const int32_t> shape, size_t axis, size_t position) {
  return position / static_cast<size_t>(CountOf(shape.subspan(axis + 1))) %
         static_cast<size_t>(shape[axis]);
}

// For each channel of the result the channel it comes from; empty where one has elements of two.
std::vector<size_t> PickedChannels(absl::Span<const int32_t> from, size_t from_axis,
                                   absl::Span<const int32_t> to, size_t to_axis,
                                   absl::Span<const size_t> elements) {
  if (from_axis >= from.size() || to_axis >= to.size()) return {};
  constexpr size_t kNone = static_cast<size_t>(-1);
  std::vector<size_t> channels(static_cast<size_t>(to[to_axis]), kNone);
  for (size_t i = 0; i < elements.size(); ++i) {
    size_t& channel = channels[IndexAlong(to, to_axis, i)];
    const size_t old = IndexAlong(from, from_axis, elements[i]);
    if (channel != kNone && channel != old) return {};
    channel = old;
  }
  return channels;
}

template <typename T>
std::vector<T> PickScales(const std::vector<T>& values, const std::vector<size_t>& channels) {
  if (values.size() <= 1) return values;
  std::vector<T> picked;
  for (size_t channel : channels) picked.push_back(values[channel]);
  return picked;
}

}  // namespace

int64_t CountOf(absl::Span<const int32_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t{1}, std::multiplies<>());
}

bool FormWriter::IsFixed(TensorId id) const {
  const Tensor& tensor = graph_.tensor(id);
  return (tensor.has_rank || tensor.shape.is_stored()) &&
         std::find(tensor.shape_signature.begin(), tensor.shape_signature.end(), -1) ==
             tensor.shape_signature.end();
}

std::optional<std::vector<int64_t>> ConstantNumbers(const Model& model, const Tensor& tensor) {
  if (!model.IsConstant(tensor) || !tensor.is_stored_plainly()) return std::nullopt;
  if (tensor.type == circle::TensorType_INT32) return Widened<int32_t>(model.ConstantData(tensor));
  if (tensor.type == circle::TensorType_INT64) return Widened<int64_t>(model.ConstantData(tensor));
  return std::nullopt;
}

TensorId FormWriter::AddTensor(Tensor tensor, TensorPlan plan) {
  plan_.tensors.push_back(std::move(plan));
  return graph_.AddTensor(std::move(tensor));
}

TensorId FormWriter::Ints(TensorId base, absl::Span<const int32_t> values, q_implant::Shape shape) {
  Tensor tensor;
  tensor.name = names_.Make(BaseName(graph_.tensor(base).name), "_numbers");
  tensor.shape = std::move(shape);
  tensor.shape.stored_empty = tensor.shape.empty();
  tensor.has_rank = true;
  tensor.type = circle::TensorType_INT32;
  tensor.buffer = model_.AddBuffer(BytesOf(values));
  return AddTensor(std::move(tensor), {});
}

TensorId FormWriter::Floats(TensorId base, absl::Span<const float> values, q_implant::Shape shape) {
  Tensor tensor;
  tensor.name = names_.Make(BaseName(graph_.tensor(base).name), kConstant);
  tensor.shape = std::move(shape);
  tensor.shape.stored_empty = tensor.shape.empty();
  tensor.has_rank = true;
  tensor.buffer = model_.AddBuffer(BytesOf(values));
  return AddTensor(std::move(tensor), {});
}

TensorId FormWriter::Like(TensorId like, q_implant::Shape shape, q_implant::Shape signature) {
  const Tensor& old = graph_.tensor(like);
  Tensor tensor;
  tensor.name = names_.Make(BaseName(old.name), kBetween);
  if (!signature.empty()) {
    tensor.shape_signature = std::move(signature);
  } else if (shape == old.shape) {
    tensor.shape_signature = old.shape_signature;
  }
  tensor.shape = std::move(shape);
  tensor.shape.stored_empty = tensor.shape.empty();
  tensor.has_rank = true;
  tensor.type = old.type;
  tensor.quantization = old.quantization;
  TensorPlan plan;
  if (const TensorPlan& from = plan_.tensor(like); from.params != nullptr) {
    plan.origin = from.origin == Origin::kExisting ? Origin::kExisting : Origin::kPropagated;
    plan.params = from.params;
    if (plan.origin == Origin::kPropagated) plan.from = like;
  }
  return AddTensor(std::move(tensor), std::move(plan));
}

TensorId FormWriter::Plain(TensorId like, circle::TensorType type) {
  Tensor tensor;
  tensor.name = names_.Make(BaseName(graph_.tensor(like).name), kBetween);
  tensor.shape = graph_.tensor(like).shape;
  tensor.shape_signature = graph_.tensor(like).shape_signature;
  tensor.has_rank = true;
  tensor.type = type;
  return AddTensor(std::move(tensor), {});
}

std::optional<TensorPlan> FormWriter::PickedPlan(TensorId from, const q_implant::Shape& shape,
                                                 absl::Span<const size_t> elements, int32_t axis) {
  const TensorPlan& planned = plan_.tensor(from);
  if (planned.params == nullptr) return StaysFloat(planned.origin) ? planned : TensorPlan();
  QuantParams params = *planned.params;
  std::vector<size_t> channels;
  if (params.per_channel()) {
    channels =
        PickedChannels(graph_.tensor(from).shape, static_cast<size_t>(params.quantized_dimension),
                       shape, static_cast<size_t>(axis), elements);
    if (channels.empty()) return std::nullopt;
  }
  params.scale = PickScales(params.scale, channels);
  params.zero_point = PickScales(params.zero_point, channels);
  params.quantized_dimension = params.per_channel() ? axis : 0;
  TensorPlan plan = {.origin = Origin::kPropagated, .from = from};
  if (planned.entry != nullptr) {
    auto entry = std::make_unique<ParamEntry>(*planned.entry);
    entry->scale = params.scale;
    entry->zero_point = params.zero_point;
    entry->quantized_dimension = params.quantized_dimension;
    if (entry->value.has_value()) {
      Array& value = *entry->value;
      const auto size = static_cast<size_t>(BitsPerElement(value.type)) / 8;
      value.data = PickElements(value.data, elements, size);
      value.shape.assign(shape.begin(), shape.end());
    }
    plan.entry = entry.get();
    plan_.moved_entries.push_back(std::move(entry));
  }
  plan.params = std::make_shared<const QuantParams>(std::move(params));
  return plan;
}

std::optional<TensorId> FormWriter::Picked(TensorId from, q_implant::Shape shape,
                                           absl::Span<const size_t> elements, int32_t axis) {
  const Tensor& old = graph_.tensor(from);
  const int bits = BitsPerElement(old.type);
  const bool plain = model_.IsConstant(old) && old.is_stored_plainly() && bits > 0 && bits % 8 == 0;
  // Integers that the model came with stay as they are.
  if (!plain || old.quantization.has_value()) return std::nullopt;
  const uint64_t count = ElementCount(old.shape).value_or(0);
  const bool all_there = std::all_of(elements.begin(), elements.end(),
                                     [&](size_t element) { return element < count; });
  if (!all_there) return std::nullopt;
  std::optional<TensorPlan> plan = PickedPlan(from, shape, elements, axis);
  if (!plan.has_value()) return std::nullopt;
  Tensor tensor;
  tensor.name = names_.Make(old.name, kPart);
  tensor.shape = std::move(shape);
  tensor.shape.stored_empty = tensor.shape.empty();
  tensor.has_rank = true;
  tensor.type = old.type;
  tensor.buffer = model_.AddBuffer(
      PickElements(model_.ConstantData(old), elements, static_cast<size_t>(bits) / 8));
  return AddTensor(std::move(tensor), *std::move(plan));
}

Node& FormWriter::Add(circle::BuiltinOperator op, std::vector<TensorId> inputs,
                      std::vector<TensorId> outputs) {
  Node& node = nodes_.emplace_back();
  node.code = model_.FindOrAddOperatorCode(op, 1);
  node.inputs = std::move(inputs);
  node.outputs = std::move(outputs);
  return node;
}

void FormWriter::Reshape(TensorId from, TensorId to) {
  // Where one size is left open, the Reshape finds it.
  const Tensor& made = graph_.tensor(to);
  q_implant::Shape sizes = made.shape;
  if (made.shape_signature.size() == sizes.size()) sizes = made.shape_signature;
  ok_ = ok_ && std::count(sizes.begin(), sizes.end(), -1) <= 1;
  const TensorId numbers = Ints(to, sizes);
  circle::ReshapeOptionsT options;
  options.new_shape = sizes;
  SetOptions(Add(circle::BuiltinOperator_RESHAPE, {from, numbers}, {to}), options);
}

std::optional<TensorId> FormWriter::Reshaped(TensorId from, q_implant::Shape shape) {
  if (this->shape(from) == shape) return from;
  if (IsConstant(from)) {
    if (ElementCount(shape) != ElementCount(this->shape(from))) return std::nullopt;
    std::vector<size_t> elements(static_cast<size_t>(CountOf(shape)));
    std::iota(elements.begin(), elements.end(), size_t{0});
    const ParamsPtr& params = plan_.tensor(from).params;
    if (params == nullptr || !params->per_channel()) return Picked(from, shape, elements, 0);
    for (size_t axis = 0; axis < shape.size(); ++axis) {
      if (const auto made = Picked(from, shape, elements, static_cast<int32_t>(axis))) return made;
    }
    return std::nullopt;
  }
  const TensorId to = Like(from, std::move(shape));
  Reshape(from, to);
  return to;
}

TensorId FormWriter::Before(TensorId to, q_implant::Shape shape) {
  return this->shape(to) == shape ? to : Like(to, std::move(shape));
}

TensorId FormWriter::Transposed(TensorId from, absl::Span<const int32_t> permutation) {
  q_implant::Shape made;
  for (int32_t axis : permutation) made.push_back(shape(from)[static_cast<size_t>(axis)]);
  const TensorId to = Like(from, std::move(made));
  Node& node = Add(circle::BuiltinOperator_TRANSPOSE, {from, Ints(to, permutation)}, {to});
  SetOptions(node, circle::TransposeOptionsT());
  return to;
}

TensorId FormWriter::Gathered(TensorId from, absl::Span<const int32_t> indices, int32_t axis,
                              TensorId to) {
  if (to == kNoTensor) {
    q_implant::Shape made = shape(from);
    made[static_cast<size_t>(axis)] = static_cast<int32_t>(indices.size());
    to = Like(from, std::move(made));
  }
  circle::GatherOptionsT options;
  options.axis = axis;
  SetOptions(Add(circle::BuiltinOperator_GATHER, {from, Ints(to, indices)}, {to}), options);
  return to;
}

bool FormWriter::Clamp(circle::ActivationFunctionType activation, TensorId from, TensorId to) {
  switch (activation) {
    case circle::ActivationFunctionType_RELU:
      Add(circle::BuiltinOperator_RELU, {from}, {to});
      return true;
    case circle::ActivationFunctionType_RELU6:
      Add(circle::BuiltinOperator_RELU6, {from}, {to});
      return true;
    case circle::ActivationFunctionType_RELU_N1_TO_1:
      Add(circle::BuiltinOperator_RELU_N1_TO_1, {from}, {to});
      return true;
    case circle::ActivationFunctionType_TANH:
      Add(circle::BuiltinOperator_TANH, {from}, {to});
      return true;
    default:
      return false;
  }
}

void FormWriter::Slice(TensorId from, absl::Span<const int32_t> begin, TensorId to) {
  const TensorId first = Ints(to, begin);
  const TensorId size = Ints(to, shape(to));
  SetOptions(Add(circle::BuiltinOperator_SLICE, {from, first, size}, {to}),
             circle::SliceOptionsT());
}

}  // namespace q_implant
