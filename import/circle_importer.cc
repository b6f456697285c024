// SPDX-License-Identifier: Apache-2.0
#include "import/circle_importer.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "flatbuffers/flatbuffers.h"
#include "import/mapped_file.h"
#include "import/model_check.h"
#include "ir/circle_generated.h"
#include "ir/deprecated_fields.h"
#include "ir/quantization_details.h"

namespace q_implant {
namespace {

template <typename T>
StoredVector<T> ReadVector(const flatbuffers::Vector<T>* from) {
  StoredVector<T> to;
  if (from == nullptr) return to;
  to.assign(from->begin(), from->end());
  to.stored_empty = to.empty();
  return to;
}

StoredString ReadString(const flatbuffers::String* from) {
  StoredString to;
  if (from == nullptr) return to;
  to.assign(from->data(), from->size());
  to.stored_empty = to.empty();
  return to;
}

// Turns a vector of tables into a vector of what `read` makes of each.
template <typename To, typename From, typename Read>
StoredVector<To> ReadTables(const flatbuffers::Vector<flatbuffers::Offset<From>>* from, Read read) {
  StoredVector<To> to;
  if (from == nullptr) return to;
  to.reserve(from->size());
  for (const From* table : *from) to.push_back(read(*table));
  to.stored_empty = to.empty();
  return to;
}

Quantization ReadQuantization(const circle::QuantizationParameters& from,
                              absl::string_view identifier) {
  Quantization to;
  to.min = ReadVector(from.min());
  to.max = ReadVector(from.max());
  to.scale = ReadVector(from.scale());
  to.zero_point = ReadVector(from.zero_point());
  to.quantized_dimension = from.quantized_dimension();
  to.details_type =
      DetailsFromFile(from.details_type(), identifier).value_or(circle::QuantizationDetails_NONE);
  to.details = static_cast<const flatbuffers::Table*>(from.details());
  return to;
}

Tensor ReadTensor(const circle::Tensor& from, absl::string_view identifier) {
  Tensor to;
  to.name = ReadString(from.name());
  to.shape = ReadVector(from.shape());
  to.shape_signature = ReadVector(from.shape_signature());
  to.has_rank = from.has_rank();
  to.type = from.type();
  to.buffer = from.buffer();
  if (from.quantization() != nullptr) {
    to.quantization = ReadQuantization(*from.quantization(), identifier);
  }
  to.is_variable = from.is_variable();
  to.compression = from.compression_type();
  to.sparsity = from.sparsity();
  to.variant_tensors = ReadTables<const circle::VariantSubType*>(
      from.variant_tensors(), [](const circle::VariantSubType& table) { return &table; });
  return to;
}

// flatc makes no accessors for deprecated fields. CheckFile has verified them.
template <typename T>
const flatbuffers::Table& DeprecatedFields(const T& table) {
  return reinterpret_cast<const flatbuffers::Table&>(table);
}

Metadata ReadMetadata(const circle::Metadata& from) {
  Metadata to;
  to.name = ReadString(from.name());
  to.buffer = from.buffer();
  return to;
}

TensorMap ReadTensorMap(const circle::TensorMap& from) {
  TensorMap to;
  to.name = ReadString(from.name());
  to.tensor = static_cast<TensorId>(from.tensor_index());
  return to;
}

SignatureDef ReadSignature(const circle::SignatureDef& from) {
  SignatureDef to;
  to.inputs = ReadTables<TensorMap>(from.inputs(), ReadTensorMap);
  to.outputs = ReadTables<TensorMap>(from.outputs(), ReadTensorMap);
  to.signature_key = ReadString(from.signature_key());
  to.tag = ReadString(DeprecatedFields(from).GetPointer<const flatbuffers::String*>(kSignatureTag));
  to.graph = from.subgraph_index();
  return to;
}

// Reads what stands in one file.
class Importer {
 public:
  explicit Importer(Bytes file) : file_(std::move(file)) {}

  Model Read(std::string path) {
    const circle::Model& from = *circle::GetModel(file_.data());
    model_.path = std::move(path);
    model_.identifier.assign(flatbuffers::GetBufferIdentifier(file_.data()),
                             flatbuffers::kFileIdentifierLength);
    model_.KeepAlive(file_.owner());
    model_.version = from.version();
    model_.description = ReadString(from.description());
    if (from.operator_codes() != nullptr) {
      model_.stores_operator_codes = true;
      for (const circle::OperatorCode* code : *from.operator_codes()) ReadOperatorCode(*code);
    }
    model_.buffers = ReadTables<Buffer>(
        from.buffers(), [this](const circle::Buffer& buffer) { return ReadBuffer(buffer); });
    model_.graphs = ReadTables<Graph>(
        from.subgraphs(), [this](const circle::SubGraph& graph) { return ReadGraph(graph); });
    model_.metadata_buffer = ReadVector(from.metadata_buffer());
    model_.metadata = ReadTables<Metadata>(from.metadata(), ReadMetadata);
    model_.signature_defs = ReadTables<SignatureDef>(from.signature_defs(), ReadSignature);
    return std::move(model_);
  }

 private:
  // `size` bytes at `offset` of the file, or those of the vector: whichever the file uses.
  Bytes ReadBytes(const flatbuffers::Vector<uint8_t>* inside, uint64_t offset, uint64_t size) {
    if (IsAppended(offset)) {
      return Bytes(file_.span().subspan(offset, size), file_.owner());
    }
    if (inside == nullptr) return Bytes();
    return Bytes(absl::MakeConstSpan(inside->data(), inside->size()), file_.owner());
  }

  void ReadOperatorCode(const circle::OperatorCode& from) {
    model_.AddOperatorCode({.builtin = BuiltinOf(from),
                            .custom_code = ReadString(from.custom_code()),
                            .version = from.version()});
  }

  Buffer ReadBuffer(const circle::Buffer& from) {
    return ReadBytes(from.data(), from.offset(), from.size());
  }

  Node ReadNode(const circle::Operator& from) {
    Node to;
    to.code = model_.operator_codes()[from.opcode_index()].get();
    to.inputs = ReadVector(from.inputs());
    to.outputs = ReadVector(from.outputs());
    to.intermediates = ReadVector(from.intermediates());
    to.mutating_variable_inputs = ReadVector(from.mutating_variable_inputs());
    to.options_type = from.builtin_options_type();
    to.options = static_cast<const flatbuffers::Table*>(from.builtin_options());
    to.options2_type = from.builtin_options_2_type();
    to.options2 = static_cast<const flatbuffers::Table*>(from.builtin_options_2());
    to.custom_options = ReadBytes(from.custom_options(), from.large_custom_options_offset(),
                                  from.large_custom_options_size());
    to.custom_options_format = from.custom_options_format();
    to.debug_metadata_index = from.debug_metadata_index();
    return to;
  }

  Graph ReadGraph(const circle::SubGraph& from) {
    Graph to;
    to.name = ReadString(from.name());
    to.tensors = ReadTables<Tensor>(from.tensors(), [this](const circle::Tensor& tensor) {
      return ReadTensor(tensor, model_.identifier);
    });
    to.nodes = ReadTables<Node>(from.operators(),
                                [this](const circle::Operator& node) { return ReadNode(node); });
    to.inputs = ReadVector(from.inputs());
    to.outputs = ReadVector(from.outputs());
    to.data_format = DeprecatedFields(from).GetField<int8_t>(kGraphDataFormat, 0);
    to.debug_metadata_index = from.debug_metadata_index();
    return to;
  }

  Bytes file_;
  Model model_;
};

// Tables are read in place, so what they hold must stand at multiples of its size in memory as it
// does in the file. Mapped files do.
Bytes Aligned(Bytes file) {
  constexpr uintptr_t kAlignment = 16;
  if (reinterpret_cast<uintptr_t>(file.data()) % kAlignment == 0) return file;
  return Bytes::Own({file.span().begin(), file.span().end()});
}

}  // namespace

absl::StatusOr<Model> ImportCircle(const std::string& path) {
  absl::StatusOr<Bytes> file = MapFile(path);
  if (!file.ok()) return file.status();
  return ImportCircle(*std::move(file), path);
}

absl::StatusOr<Model> ImportCircle(Bytes file, std::string path) {
  file = Aligned(std::move(file));
  absl::Status checked = CheckFile(file.span(), path);
  if (!checked.ok()) return checked;
  return Importer(std::move(file)).Read(std::move(path));
}

}  // namespace q_implant
