// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/verify_graph.h"

#include <cmath>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"

namespace q_implant {
namespace {

std::optional<circle::TensorType> TypeAt(const Graph& graph, const std::vector<TensorId>& ids,
                                         size_t slot) {
  if (slot >= ids.size() || ids[slot] < 0) return std::nullopt;
  if (static_cast<size_t>(ids[slot]) >= graph.tensors.size()) return std::nullopt;
  return graph.tensor(ids[slot]).type;
}

// Data that a node takes in another type than the rest of its data: integers of its float32
// kernel, and what some int16 kernels multiply with.
bool TakesBesideTheRest(const Graph& graph, const Node& node, size_t slot,
                        std::optional<circle::TensorType> rest, circle::TensorType type) {
  const OperatorRow& row = RowOf(node);
  if (slot != 1) return false;
  if (TypeAt(graph, node.outputs, 0) == circle::TensorType_FLOAT32 &&
      (row.hybrid.litert.per_tensor | row.hybrid.litert.per_channel).has(type)) {
    return true;
  }
  return rest == circle::TensorType_INT16 && row.beside_int16.has(type);
}

// The types of a node's data: the first, and one that must not stand beside it.
struct DataTypes {
  std::optional<circle::TensorType> first = {};
  std::optional<circle::TensorType> other = {};
  TensorId tensor_of_other = kNoTensor;
};

// All data of a node that computes or moves values has one type, but for weights (a BatchMatMul's
// are data too) and bias.
DataTypes FindDataTypes(const Graph& graph, const Node& node) {
  const OperatorRow& row = RowOf(node);
  DataTypes types;
  if (IntegerTypes(row).empty()) return types;
  for (const auto* ids : {&node.inputs, &node.outputs}) {
    const bool is_input = ids == &node.inputs;
    for (size_t slot = 0; slot < ids->size(); ++slot) {
      const Role role = is_input ? InputRole(row, slot) : OutputRole(row, slot);
      const auto found = TypeAt(graph, *ids, slot);
      if ((role != Role::kData && role != Role::kFill) || !found.has_value()) continue;
      if (is_input && TakesBesideTheRest(graph, node, slot, types.first, *found)) continue;
      if (types.first.has_value() && *types.first != *found) {
        return {types.first, found, (*ids)[slot]};
      }
      types.first = found;
    }
  }
  return types;
}

class GraphVerifier {
 public:
  GraphVerifier(const Model& model, size_t index, std::vector<std::string>& problems)
      : model_(model), graph_(model.graphs[index]), index_(index), problems_(problems) {}

  void Run() {
    made_.assign(graph_.tensors.size(), false);
    for (TensorId id : graph_.inputs) {
      if (Exists(id, "a graph input")) made_[static_cast<size_t>(id)] = true;
    }
    for (size_t t = 0; t < graph_.tensors.size(); ++t) VerifyTensor(graph_.tensors[t]);
    FindProduced();
    for (const Node& node : graph_.nodes) VerifyNode(node);
    for (TensorId id : graph_.outputs) Exists(id, "a graph output");
  }

 private:
  template <typename... Parts>
  void Problem(const Parts&... parts) {
    problems_.push_back(absl::StrCat("graph ", index_, ": ", parts...));
  }

  bool IsTensor(TensorId id) const {
    return id >= 0 && static_cast<size_t>(id) < graph_.tensors.size();
  }

  std::string NodeText(const Node& node) const {
    const bool named = !node.outputs.empty() && IsTensor(node.outputs[0]);
    return absl::StrCat(OpName(node), " '", named ? OutputName(model_, index_, node) : "", "'");
  }

  bool Exists(TensorId id, absl::string_view what) {
    if (IsTensor(id)) return true;
    Problem(what, " is tensor ", id, " of ", graph_.tensors.size());
    return false;
  }

  // --- tensors ---

  void VerifyTensor(const Tensor& tensor) {
    if (tensor.buffer >= model_.buffers.size()) {
      Problem("'", tensor.name, "' has buffer ", tensor.buffer, " of ", model_.buffers.size());
      return;
    }
    VerifySize(tensor);
    if (tensor.quantization.has_value()) VerifyQuantization(tensor, *tensor.quantization);
  }

  void VerifySize(const Tensor& tensor) {
    const size_t size = model_.buffers[tensor.buffer].size();
    if (size == 0 || !tensor.is_stored_plainly()) return;
    const std::optional<uint64_t> count = ElementCount(tensor.shape);
    const std::optional<uint64_t> wanted =
        count.has_value() ? ByteSize(tensor.type, *count) : std::nullopt;
    if (BitsPerElement(tensor.type) != 0 && wanted != size) {
      Problem("constant '", tensor.name, "' has ", size, " bytes, its shape and type need ",
              wanted.value_or(0));
    }
  }

  void VerifyQuantization(const Tensor& tensor, const Quantization& quantization) {
    if (quantization.scale.empty() || quantization.details != nullptr) return;
    // Float tensors with scales are found in the wild; nobody reads those.
    const std::optional<IntegerRange> range = RangeOf(tensor.type);
    if (!range.has_value()) return;
    const size_t scales = quantization.scale.size();
    if (!quantization.zero_point.empty() && quantization.zero_point.size() != scales) {
      Problem("'", tensor.name, "' has ", scales, " scales and ", quantization.zero_point.size(),
              " zero points");
    }
    for (float scale : quantization.scale) {
      if (!std::isfinite(scale) || scale <= 0) {
        Problem("'", tensor.name, "' has scale ", scale);
        break;
      }
    }
    for (int64_t zero_point : quantization.zero_point) {
      if (zero_point < range->min || zero_point > range->max) {
        Problem("'", tensor.name, "' has zero point ", zero_point, " outside ",
                TypeName(tensor.type));
        break;
      }
    }
    const int32_t axis = quantization.quantized_dimension;
    if (scales > 1 && (axis < 0 || static_cast<size_t>(axis) >= tensor.shape.size() ||
                       static_cast<size_t>(tensor.shape[static_cast<size_t>(axis)]) != scales)) {
      Problem("'", tensor.name, "' has ", scales, " scales along axis ", axis,
              ", which is not that long");
    }
  }

  // --- nodes ---

  void FindProduced() {
    produced_.assign(graph_.tensors.size(), false);
    for (const Node& node : graph_.nodes) {
      for (TensorId id : node.outputs) {
        if (id == kNoTensor || !Exists(id, "an output of a node")) continue;
        if (produced_[static_cast<size_t>(id)]) {
          Problem("'", graph_.tensor(id).name, "' is made by two nodes");
        }
        produced_[static_cast<size_t>(id)] = true;
      }
    }
  }

  void VerifyNode(const Node& node) {
    for (TensorId id : node.inputs) {
      if (id == kNoTensor || !Exists(id, "an input of a node")) continue;
      const auto t = static_cast<size_t>(id);
      if (produced_[t] && !made_[t]) {
        Problem(NodeText(node), " reads '", graph_.tensor(id).name, "' before it is made");
      }
    }
    for (TensorId id : node.outputs) {
      if (IsTensor(id)) made_[static_cast<size_t>(id)] = true;
    }
    VerifyTypes(node);
  }

  std::optional<circle::TensorType> TypeOf(const std::vector<TensorId>& ids, size_t slot) const {
    return TypeAt(graph_, ids, slot);
  }

  void VerifyTypes(const Node& node) {
    const OperatorRow& row = RowOf(node);
    if (row.kind == Kind::kConvert) return VerifyConversion(node);
    const DataTypes types = FindDataTypes(graph_, node);
    if (types.other.has_value()) {
      Problem(NodeText(node), " mixes ", TypeName(*types.first), " and ", TypeName(*types.other),
              " ('", graph_.tensor(types.tensor_of_other).name, "')");
    } else if (types.first.has_value() && RangeOf(*types.first).has_value()) {
      VerifyBias(node, row, *types.first);
    }
  }

  void VerifyBias(const Node& node, const OperatorRow& row, circle::TensorType type) {
    const int weights = FindInput(row, Role::kWeights);
    const int bias = FindInput(row, Role::kBias);
    if (weights < 0 || bias < 0) return;
    const auto weights_type = TypeOf(node.inputs, static_cast<size_t>(weights));
    const auto bias_type = TypeOf(node.inputs, static_cast<size_t>(bias));
    if (weights_type.has_value() && !RangeOf(*weights_type).has_value()) {
      Problem(NodeText(node), " has ", TypeName(type), " data beside ", TypeName(*weights_type),
              " weights");
    }
    if (bias_type.has_value() && *bias_type != circle::TensorType_INT32 &&
        *bias_type != circle::TensorType_INT64) {
      Problem(NodeText(node), " has ", TypeName(type), " data beside a ", TypeName(*bias_type),
              " bias");
    }
  }

  void VerifyConversion(const Node& node) {
    const auto from = TypeOf(node.inputs, 0);
    const auto to = TypeOf(node.outputs, 0);
    if (!from.has_value() || !to.has_value()) {
      Problem(NodeText(node), " converts nothing");
    } else if (node.op() == circle::BuiltinOperator_QUANTIZE && !RangeOf(*to).has_value()) {
      Problem(NodeText(node), " quantizes to ", TypeName(*to));
    } else if (node.op() == circle::BuiltinOperator_DEQUANTIZE &&
               *to != circle::TensorType_FLOAT32) {
      Problem(NodeText(node), " dequantizes to ", TypeName(*to));
    } else if (node.op() == circle::BuiltinOperator_DEQUANTIZE &&
               *from == circle::TensorType_FLOAT32) {
      Problem(NodeText(node), " dequantizes from float32");
    }
  }

  const Model& model_;
  const Graph& graph_;
  size_t index_;
  std::vector<std::string>& problems_;
  std::vector<bool> produced_;  // by some node
  std::vector<bool> made_;      // so far
};

void VerifySignature(const Model& model, const SignatureDef& signature,
                     std::vector<std::string>& problems) {
  const size_t tensors =
      signature.graph < model.graphs.size() ? model.graphs[signature.graph].tensors.size() : 0;
  for (const auto* maps : {&signature.inputs, &signature.outputs}) {
    for (const TensorMap& map : *maps) {
      if (map.tensor >= 0 && static_cast<size_t>(map.tensor) < tensors) continue;
      problems.push_back(absl::StrCat("signature '", signature.signature_key, "': '", map.name,
                                      "' is tensor ", map.tensor, " of ", tensors));
    }
  }
}

}  // namespace

bool MixesTypes(const Graph& graph, const Node& node) {
  return RowOf(node).kind != Kind::kConvert && FindDataTypes(graph, node).other.has_value();
}

std::vector<std::string> VerifyModel(const Model& model) {
  std::vector<std::string> problems;
  for (size_t g = 0; g < model.graphs.size(); ++g) GraphVerifier(model, g, problems).Run();
  for (const SignatureDef& signature : model.signature_defs) {
    VerifySignature(model, signature, problems);
  }
  return problems;
}

}  // namespace q_implant
