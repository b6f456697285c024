// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "ir/option_text.h"
#include "pass/graph/unique_names.h"
#include "pass/target/mend_file_forms.h"

namespace q_implant {
namespace {

bool Store(bool is_stored, bool& stored_empty) {
  stored_empty = true;
  return !is_stored;
}

// The table that a node lacks whose fields onert reads without a look whether it is there. An
// operator that runs another graph has no default: it would run the first.
circle::BuiltinOptions MissingOptions(const Node& node) {
  if (node.options != nullptr) return circle::BuiltinOptions_NONE;
  switch (node.op()) {
    case circle::BuiltinOperator_RESHAPE:  // read without
    case circle::BuiltinOperator_L2_NORMALIZATION:
    case circle::BuiltinOperator_IF:
    case circle::BuiltinOperator_WHILE:
    case circle::BuiltinOperator_CALL:
    case circle::BuiltinOperator_CALL_ONCE:
      return circle::BuiltinOptions_NONE;
    default:
      break;
  }
  const OptionsTable& usual = OptionsTableOf(node.op());
  return HasFields(usual) ? usual.type : circle::BuiltinOptions_NONE;
}

// The new shape of a Reshape that has it in its options only. An old form of a scalar's, [0], is
// left alone.
const flatbuffers::Vector<int32_t>* LoneNewShape(const Node& node) {
  if (node.op() != circle::BuiltinOperator_RESHAPE || node.inputs.size() != 1) return nullptr;
  const auto* options = node.OptionsAs<circle::ReshapeOptions>();
  const auto* shape = options == nullptr ? nullptr : options->new_shape();
  const bool is_plain = shape != nullptr && shape->size() > 0 && shape->Get(0) != 0;
  return is_plain ? shape : nullptr;
}

bool IsKnown(const OperatorCode& code) {
  if (code.builtin == circle::BuiltinOperator_CUSTOM) return code.custom_code.is_stored();
  return *circle::EnumNameBuiltinOperator(code.builtin) != 0;
}

}  // namespace

size_t StoreLists(Model& model) {
  size_t count = 0;
  const auto store = [&](auto& list) {
    count += Store(list.is_stored(), list.stored_empty) ? 1 : 0;
  };
  for (Graph& graph : model.graphs) {
    store(graph.tensors);
    store(graph.inputs);
    store(graph.outputs);
    store(graph.nodes);
    for (Node& node : graph.nodes) {
      store(node.inputs);
      store(node.outputs);
    }
  }
  return count;
}

size_t AddDefaultOptions(Model& model) {
  const flatbuffers::Table* defaults = nullptr;
  size_t count = 0;
  for (Graph& graph : model.graphs) {
    for (Node& node : graph.nodes) {
      const circle::BuiltinOptions type = MissingOptions(node);
      if (type == circle::BuiltinOptions_NONE) continue;
      // A table that stores nothing is the default of every kind of table.
      if (defaults == nullptr) defaults = model.AddOptions(circle::AbsOptionsT());
      node.options_type = type;
      node.options = defaults;
      ++count;
    }
  }
  return count;
}

size_t AddShapeInputs(Model& model) {
  size_t count = 0;
  UniqueNames names(model);
  for (Graph& graph : model.graphs) {
    for (Node& node : graph.nodes) {
      const flatbuffers::Vector<int32_t>* shape = LoneNewShape(node);
      if (shape == nullptr || node.outputs.empty() || node.outputs[0] == kNoTensor) continue;
      Tensor tensor;
      tensor.name = names.Make(graph.tensor(node.outputs[0]).name, "_shape");
      tensor.shape = std::vector<int32_t>{static_cast<int32_t>(shape->size())};
      tensor.type = circle::TensorType_INT32;
      const uint8_t* bytes = shape->Data();
      tensor.buffer = model.AddBuffer(Bytes::Own({bytes, bytes + shape->size() * sizeof(int32_t)}));
      node.inputs.push_back(graph.AddTensor(std::move(tensor)));
      ++count;
    }
  }
  return count;
}

size_t NameSignatures(Model& model) {
  size_t count = 0;
  for (SignatureDef& signature : model.signature_defs) {
    count += Store(signature.signature_key.is_stored(), signature.signature_key.stored_empty);
  }
  return count;
}

// 3 is the only version that LiteRT takes of a TFLite file.
size_t MendVersion(Model& model) {
  constexpr uint32_t kVersion = 3;
  if (model.identifier != "TFL3" || model.version == kVersion) return 0;
  model.version = kVersion;
  return 1;
}

// LiteRT refuses codes that it does not know although no node names them.
size_t RemoveUnknownOperatorCodes(Model& model) {
  std::vector<bool> gone = model.FindUsedOperatorCodes();
  gone.flip();
  for (size_t c = 0; c < gone.size(); ++c) {
    gone[c] = gone[c] && !IsKnown(*model.operator_codes()[c]);
  }
  model.RemoveOperatorCodes(gone);
  return static_cast<size_t>(std::count(gone.begin(), gone.end(), true));
}

// Versions start at 1.
size_t MendOperatorVersions(Model& model) {
  std::vector<bool> gone;
  for (const auto& code : model.operator_codes()) gone.push_back(code->version < 1);
  const size_t count = gone.size();
  for (size_t c = 0; c < count; ++c) {
    if (!gone[c]) continue;
    const OperatorCode* old = model.operator_codes()[c].get();
    OperatorCode mended = *old;
    mended.version = 1;
    const OperatorCode* code = model.AddOperatorCode(std::move(mended));
    for (Graph& graph : model.graphs) {
      for (Node& node : graph.nodes) node.code = node.code == old ? code : node.code;
    }
  }
  model.RemoveOperatorCodes(gone);
  return static_cast<size_t>(std::count(gone.begin(), gone.end(), true));
}

}  // namespace q_implant
