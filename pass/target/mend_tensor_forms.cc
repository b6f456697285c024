// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <vector>

#include "pass/graph/def_use.h"
#include "pass/graph/remove_tensors.h"
#include "pass/graph/unused_tensors.h"
#include "pass/target/mend_file_forms.h"

namespace q_implant {
namespace {

// onert's loader knows no others (BaseLoader.h, tensorTypeToDataType).
bool OnertLoads(circle::TensorType type) {
  switch (type) {
    case circle::TensorType_FLOAT32:
    case circle::TensorType_FLOAT16:
    case circle::TensorType_INT8:
    case circle::TensorType_UINT8:
    case circle::TensorType_INT16:
    case circle::TensorType_INT32:
    case circle::TensorType_UINT32:
    case circle::TensorType_INT64:
    case circle::TensorType_BOOL:
      return true;
    default:
      return false;
  }
}

bool HoldsData(const Model& model, const Tensor& tensor) {
  return !model.ConstantData(tensor).empty();
}

template <typename Mend>
size_t MendTensors(Model& model, Mend mend) {
  size_t count = 0;
  for (Graph& graph : model.graphs) {
    for (Tensor& tensor : graph.tensors) count += mend(tensor) ? 1 : 0;
  }
  return count;
}

bool IsEmptyVector(const Bytes& data) { return data.data() != nullptr && data.empty(); }

// By buffer: true where its data, of length 0, has to be there: of a constant without elements, of
// metadata.
std::vector<bool> FindNeededVectors(const Model& model) {
  std::vector<bool> needed(model.buffers.size(), false);
  for (const Graph& graph : model.graphs) {
    const DefUse def_use(graph);
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const Tensor& tensor = graph.tensors[t];
      const auto id = static_cast<TensorId>(t);
      if (model.IsConstant(tensor) && def_use.producer(id) == kNoNode &&
          std::find(graph.inputs.begin(), graph.inputs.end(), id) == graph.inputs.end()) {
        needed[tensor.buffer] = true;
      }
    }
  }
  for (const Metadata& metadata : model.metadata) needed[metadata.buffer] = true;
  return needed;
}

}  // namespace

const char* WhyOnertRefuses(const Model& model, const Tensor& tensor) {
  if (!OnertLoads(tensor.type)) return "a tensor of this type";
  if (tensor.sparsity != nullptr) return "a sparse constant";
  if (tensor.is_variable && HoldsData(model, tensor)) return "a variable with an initial value";
  return nullptr;
}

size_t RemoveUnreadTensors(Model& model) {
  size_t count = 0;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::vector<bool> used = FindUsedTensors(model, g);
    std::vector<TensorId> unread;
    for (size_t t = 0; t < used.size(); ++t) {
      if (used[t] || WhyOnertRefuses(model, model.graphs[g].tensors[t]) == nullptr) continue;
      unread.push_back(static_cast<TensorId>(t));
    }
    RemoveTensors(unread, g, model);
    count += unread.size();
  }
  return count;
}

size_t NameTensors(Model& model) {
  return MendTensors(model, [](Tensor& tensor) {
    if (tensor.name.is_stored()) return false;
    tensor.name.stored_empty = true;
    return true;
  });
}

// onert takes it in place of the shape: an empty one for a scalar's, and one with -1 for a shape
// that is to be set before it is loaded. Without it inputs have their shape until they get another.
size_t DropShapeSignatures(Model& model) {
  return MendTensors(model, [](Tensor& tensor) {
    if (!tensor.shape_signature.is_stored() || tensor.shape_signature == tensor.shape) return false;
    tensor.shape_signature = StoredVector<int32_t>();
    return true;
  });
}

// Of a tensor that is computed it says nothing.
size_t DropSparsityWithoutData(Model& model) {
  return MendTensors(model, [&](Tensor& tensor) {
    if (tensor.sparsity == nullptr || HoldsData(model, tensor)) return false;
    tensor.sparsity = nullptr;
    return true;
  });
}

size_t DropCustomQuantization(Model& model) {
  return MendTensors(model, [](Tensor& tensor) {
    if (!tensor.quantization.has_value() || !tensor.quantization->has_parameters() ||
        tensor.quantization->details_type != circle::QuantizationDetails_CustomQuantization) {
      return false;
    }
    tensor.quantization->details_type = circle::QuantizationDetails_NONE;
    tensor.quantization->details = nullptr;
    return true;
  });
}

// Without meaning, but LiteRT checks it.
size_t MendChannelAxes(Model& model) {
  return MendTensors(model, [](Tensor& tensor) {
    if (!tensor.quantization.has_value() || tensor.quantization->scale.size() != 1) return false;
    int32_t& axis = tensor.quantization->quantized_dimension;
    if (axis >= 0 && static_cast<size_t>(axis) < std::max<size_t>(tensor.shape.size(), 1)) {
      return false;
    }
    axis = 0;
    return true;
  });
}

// LiteRT looks for data of the tensor's size there, but in buffer 0; onert takes the tensor for a
// constant, and writes what is computed over what stands behind it.
size_t EmptyBuffersOfRuntimeTensors(Model& model) {
  const std::vector<bool> needed = FindNeededVectors(model);
  std::vector<bool> emptied(needed.size(), false);
  for (size_t b = 0; b < needed.size(); ++b) {
    emptied[b] = !needed[b] && IsEmptyVector(model.buffers[b]);
    if (emptied[b]) model.buffers[b] = Bytes();
  }
  return MendTensors(model, [&](Tensor& tensor) { return emptied[tensor.buffer]; });
}

size_t StoreDataOfMetadata(Model& model) {
  size_t count = 0;
  uint32_t nothing = 0;
  for (Metadata& metadata : model.metadata) {
    if (model.buffers[metadata.buffer].data() != nullptr) continue;
    if (count++ == 0) nothing = model.AddBuffer(Bytes::Own({}));
    metadata.buffer = nothing;
  }
  return count;
}

// LiteRT takes buffer 0 for "no data", whatever it holds.
size_t MoveConstantsOutOfFirstBuffer(Model& model) {
  if (model.buffers.empty() || model.buffers[0].empty()) return 0;
  uint32_t moved = 0;
  return MendTensors(model, [&](Tensor& tensor) {
    if (tensor.buffer != 0) return false;
    if (moved == 0) moved = model.AddBuffer(model.buffers[0]);
    tensor.buffer = moved;
    return true;
  });
}

}  // namespace q_implant
