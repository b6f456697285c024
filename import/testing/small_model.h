// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_TESTING_SMALL_MODEL_H_
#define Q_IMPLANT_IMPORT_TESTING_SMALL_MODEL_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#include "ir/bytes.h"
#include "ir/circle_generated.h"

namespace q_implant {

inline std::unique_ptr<circle::TensorT> MakeTensor(const std::string& name,
                                                   std::vector<int32_t> shape,
                                                   uint32_t buffer = 0) {
  auto tensor = std::make_unique<circle::TensorT>();
  tensor->name = name;
  tensor->shape = std::move(shape);
  tensor->buffer = buffer;
  return tensor;
}

// out[1,2] = FULLY_CONNECTED(in[1,3], weights[2,3], no bias), for a test to change. Buffer 1 holds
// the weights, six float32.
inline circle::ModelT SmallModel() {
  circle::ModelT model;
  model.buffers.push_back(std::make_unique<circle::BufferT>());
  model.buffers.push_back(std::make_unique<circle::BufferT>());
  model.buffers[1]->data.assign(24, 0x40);

  auto code = std::make_unique<circle::OperatorCodeT>();
  code->builtin_code = circle::BuiltinOperator_FULLY_CONNECTED;
  code->deprecated_builtin_code = circle::BuiltinOperator_FULLY_CONNECTED;
  model.operator_codes.push_back(std::move(code));

  auto node = std::make_unique<circle::OperatorT>();
  node->inputs = {0, 1, -1};
  node->outputs = {2};
  node->builtin_options.Set(circle::FullyConnectedOptionsT());

  auto graph = std::make_unique<circle::SubGraphT>();
  graph->name = "main";
  graph->tensors.push_back(MakeTensor("in", {1, 3}));
  graph->tensors.push_back(MakeTensor("weights", {2, 3}, 1));
  graph->tensors.push_back(MakeTensor("out", {1, 2}));
  graph->operators.push_back(std::move(node));
  graph->inputs = {0};
  graph->outputs = {2};
  model.subgraphs.push_back(std::move(graph));
  return model;
}

inline Bytes Packed(const circle::ModelT& model, const char* identifier = "CIR0") {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(circle::CreateModel(builder, &model), identifier);
  return Bytes::Own({builder.GetBufferPointer(), builder.GetBufferPointer() + builder.GetSize()});
}

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_TESTING_SMALL_MODEL_H_
