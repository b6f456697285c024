// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_MODEL_H_
#define Q_IMPLANT_IR_MODEL_H_

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#include "ir/bytes.h"
#include "ir/circle_generated.h"
#include "ir/graph.h"
#include "ir/stored.h"

namespace q_implant {

// Bytes of a constant or of metadata (table Buffer). Null data: an absent vector; other data of
// size 0: an empty one.
using Buffer = Bytes;

// Table Metadata.
struct Metadata {
  StoredString name;
  uint32_t buffer = 0;  // position in Model::buffers
};

// Table TensorMap: a name that callers use for an input or output.
struct TensorMap {
  StoredString name;
  TensorId tensor = 0;
};

// Table SignatureDef: an entry point callers use by name.
struct SignatureDef {
  StoredVector<TensorMap> inputs;
  StoredVector<TensorMap> outputs;
  StoredString signature_key;
  StoredString tag;    // deprecated, no reader uses it
  uint32_t graph = 0;  // position in Model::graphs
};

// A circle or TFLite model in memory. It is plain data that passes read and write directly; only
// what nodes and tensors point to is made through the functions below, which keep it alive.
class Model {
 public:
  Model() = default;
  Model(Model&&) = default;
  Model& operator=(Model&&) = default;

  std::string path;                 // where it came from: for messages
  std::string identifier = "CIR0";  // the file identifier: "CIR0" (circle) or "TFL3" (TFLite)
  uint32_t version = 0;
  StoredString description;
  StoredVector<Graph> graphs;
  StoredVector<Buffer> buffers;
  StoredVector<int32_t> metadata_buffer;
  StoredVector<Metadata> metadata;
  StoredVector<SignatureDef> signature_defs;

  // True where the file holds a list of operator codes, though an empty one.
  bool stores_operator_codes = false;

  // In file order.
  const std::vector<std::unique_ptr<const OperatorCode>>& operator_codes() const { return codes_; }

  // Appends a code. Importers use this; passes use FindOrAddOperatorCode.
  const OperatorCode* AddOperatorCode(OperatorCode code);

  // The code of a builtin operator with at least this version.
  const OperatorCode* FindOrAddOperatorCode(circle::BuiltinOperator builtin, int32_t version);

  // By position: true where a node names the code.
  std::vector<bool> FindUsedOperatorCodes() const;

  // Takes out the codes marked in `gone`, which no node may name.
  void RemoveOperatorCodes(const std::vector<bool>& gone);

  // Puts an option table into the model: `node.options =
  // model.AddOptions(circle::QuantizeOptionsT())`.
  template <typename OptionsT>
  const flatbuffers::Table* AddOptions(const OptionsT& options) {
    flatbuffers::FlatBufferBuilder fbb;
    fbb.Finish(OptionsT::TableType::Pack(fbb, &options));
    Bytes packed = Bytes::Own({fbb.GetBufferPointer(), fbb.GetBufferPointer() + fbb.GetSize()});
    KeepAlive(packed.owner());
    return flatbuffers::GetRoot<flatbuffers::Table>(packed.data());
  }

  // Keeps the memory behind borrowed tables for as long as the model lives.
  void KeepAlive(std::shared_ptr<const void> owner) { owners_.push_back(std::move(owner)); }

  // The bytes of a constant; empty for any other tensor, and for a constant without elements.
  const Bytes& ConstantData(const Tensor& tensor) const { return buffers[tensor.buffer]; }
  bool IsConstant(const Tensor& tensor) const {
    return !ConstantData(tensor).empty() || IsEmptyConstant(tensor);
  }

  // Appends a buffer and returns its position.
  uint32_t AddBuffer(Bytes data);

 private:
  // A constant without elements has no bytes; like others it has a buffer that is not the first.
  static bool IsEmptyConstant(const Tensor& tensor) {
    return tensor.buffer != 0 &&
           std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end();
  }

  std::vector<std::unique_ptr<const OperatorCode>> codes_;
  std::vector<std::shared_ptr<const void>> owners_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_MODEL_H_
