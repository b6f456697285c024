// SPDX-License-Identifier: Apache-2.0
#include "fuzz/change_model.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "fuzz/change_options.h"
#include "ir/circle_generated.h"

namespace q_implant {
namespace {

size_t Below(size_t count, std::minstd_rand& random) { return count == 0 ? 0 : random() % count; }

template <typename C>
auto& Pick(C& from, std::minstd_rand& random) {
  return *(std::begin(from) + static_cast<std::ptrdiff_t>(Below(std::size(from), random)));
}

void ChangeIndices(std::vector<int32_t>& indices, size_t count, std::minstd_rand& random) {
  const auto index = static_cast<int32_t>(Below(count + 1, random)) - 1;
  switch (random() % 4) {
    case 0:
      return indices.push_back(index);
    case 1:
      return indices.empty() ? void() : indices.pop_back();
    default:
      if (!indices.empty()) Pick(indices, random) = index;
  }
}

void ChangeQuantization(circle::TensorT& tensor, std::minstd_rand& random) {
  constexpr float kScales[] = {1,
                               0.5f,
                               1e-30f,
                               1e30f,
                               0,
                               -1,
                               3e-9f,
                               std::numeric_limits<float>::quiet_NaN(),
                               std::numeric_limits<float>::infinity()};
  constexpr int64_t kZeroPoints[] = {0, 128, -128, 3, 1 << 20, INT64_MIN, INT64_MAX};
  if (random() % 8 == 0) return tensor.quantization.reset();
  if (tensor.quantization == nullptr) {
    tensor.quantization = std::make_unique<circle::QuantizationParametersT>();
  }
  auto& to = *tensor.quantization;
  to.quantized_dimension = static_cast<int32_t>(random() % 6) - 1;
  const size_t channels =
      tensor.shape.empty() ? 1 : std::min(64, std::abs(Pick(tensor.shape, random)));
  const size_t count = random() % 3 == 0 ? channels : 1;
  to.scale.assign(count, Pick(kScales, random));
  to.zero_point.assign(random() % 5 == 0 ? 0 : count, Pick(kZeroPoints, random));
}

void ChangeTensor(circle::TensorT& tensor, circle::ModelT& model, std::minstd_rand& random) {
  constexpr circle::TensorType kTypes[] = {
      circle::TensorType_FLOAT32, circle::TensorType_INT8,  circle::TensorType_UINT8,
      circle::TensorType_INT16,   circle::TensorType_INT32, circle::TensorType_INT64,
      circle::TensorType_INT4,    circle::TensorType_BOOL,  circle::TensorType_FLOAT16};
  constexpr int32_t kSizes[] = {0, 1, 2, 3, 8, 255, INT32_MAX};
  switch (random() % 7) {
    case 0:
      tensor.type = Pick(kTypes, random);
      break;
    case 1:
      if (!tensor.shape.empty()) Pick(tensor.shape, random) = Pick(kSizes, random);
      break;
    case 2:
      random() % 2 ? tensor.shape.push_back(1) : tensor.shape.clear();
      break;
    case 3:
      tensor.buffer = static_cast<uint32_t>(Below(model.buffers.size(), random));
      break;
    case 4:
      tensor.name = random() % 2 ? "" : std::string("a\xe9\n\xe2\x80\xae");
      break;
    case 5:
      tensor.is_variable = !tensor.is_variable;
      break;
    default:
      ChangeQuantization(tensor, random);
  }
}

void ChangeConstant(circle::ModelT& model, std::minstd_rand& random) {
  if (model.buffers.empty()) return;
  auto& data = Pick(model.buffers, random)->data;
  constexpr uint32_t kFloats[] = {0x7fc00000, 0x7f800000, 0xff800000, 0, 0x3f800000, 0x7f7fffff};
  if (data.size() < 4) return;
  std::memcpy(&data[Below(data.size() / 4, random) * 4], &Pick(kFloats, random), 4);
}

// Another node like it, which makes tensors of its own.
void RepeatNode(const circle::OperatorT& node, circle::SubGraphT& graph) {
  auto repeated = std::make_unique<circle::OperatorT>(node);
  for (int32_t& output : repeated->outputs) {
    if (output < 0 || static_cast<size_t>(output) >= graph.tensors.size()) continue;
    auto made = std::make_unique<circle::TensorT>(*graph.tensors[static_cast<size_t>(output)]);
    made->name += "_again";
    output = static_cast<int32_t>(graph.tensors.size());
    graph.tensors.push_back(std::move(made));
  }
  graph.operators.push_back(std::move(repeated));
}

void ChangeNode(circle::SubGraphT& graph, circle::ModelT& model, std::minstd_rand& random) {
  if (graph.operators.empty()) return;
  circle::OperatorT& node = *Pick(graph.operators, random);
  switch (random() % 8) {
    case 0:
      return ChangeIndices(node.inputs, graph.tensors.size(), random);
    case 1:
      return ChangeIndices(node.outputs, graph.tensors.size(), random);
    case 2:
      return node.builtin_options.Reset();
    case 3:
      std::swap(Pick(graph.operators, random), Pick(graph.operators, random));
      return;
    case 4:
      graph.operators.erase(graph.operators.begin());
      return;
    case 5:
      node.opcode_index = static_cast<uint32_t>(Below(model.operator_codes.size(), random));
      return;
    default:
      RepeatNode(node, graph);
  }
}

void ChangeOperator(circle::ModelT& model, std::minstd_rand& random) {
  if (model.operator_codes.empty()) return;
  circle::OperatorCodeT& code = *Pick(model.operator_codes, random);
  code.builtin_code = Pick(circle::EnumValuesBuiltinOperator(), random);
  code.deprecated_builtin_code = 0;
}

// A union that names a type and has no table, which a file may hold, can't be packed.
template <typename U>
void DropTypeWithoutTable(U& from) {
  if (from.value == nullptr) from.Reset();
}

void MakePackable(circle::ModelT& model) {
  for (auto& graph : model.subgraphs) {
    for (auto& node : graph->operators) {
      DropTypeWithoutTable(node->builtin_options);
      DropTypeWithoutTable(node->builtin_options_2);
    }
    for (auto& tensor : graph->tensors) {
      if (tensor->quantization != nullptr) DropTypeWithoutTable(tensor->quantization->details);
    }
  }
}

void ChangeOnce(circle::ModelT& model, std::minstd_rand& random) {
  if (model.subgraphs.empty()) return;
  circle::SubGraphT& graph = *Pick(model.subgraphs, random);
  switch (random() % 8) {
    case 0:
      return ChangeOperator(model, random);
    case 1:
      return ChangeConstant(model, random);
    case 2:
      return ChangeIndices(random() % 2 ? graph.inputs : graph.outputs, graph.tensors.size(),
                           random);
    case 3:
    case 4:
      return ChangeNode(graph, model, random);
    default:
      if (!graph.tensors.empty()) ChangeTensor(*Pick(graph.tensors, random), model, random);
  }
}

}  // namespace

std::vector<uint8_t> ChangedModel(absl::Span<const uint8_t> file, std::minstd_rand& random) {
  const std::unique_ptr<circle::ModelT> model(circle::GetModel(file.data())->UnPack());
  MakePackable(*model);
  const bool change_options = random() % 6 == 0;
  for (auto changes = random() % 3 + (change_options ? 0 : 1); changes > 0; --changes) {
    ChangeOnce(*model, random);
  }
  flatbuffers::FlatBufferBuilder builder;
  builder.ForceDefaults(change_options);
  builder.Finish(circle::CreateModel(builder, model.get()), "CIR0");
  if (change_options) ChangeOptions(builder.GetBufferPointer(), random);
  return {builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()};
}

}  // namespace q_implant
