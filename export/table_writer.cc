// SPDX-License-Identifier: Apache-2.0
#include "export/table_writer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "export/table_copier.h"
#include "ir/circle_generated.h"
#include "ir/deprecated_fields.h"
#include "ir/diagnostics.h"
#include "ir/quantization_details.h"

namespace q_implant {
namespace {

using flatbuffers::Offset;

// Any value that is not the default, so that the field is written.
constexpr int kPlaceholder = 1;

// Readers that know only this field find the operator in it, or this mark.
int8_t DeprecatedCode(circle::BuiltinOperator builtin) {
  const int32_t code = builtin;
  const bool fits = -128 <= code && code < circle::BuiltinOperator_PLACEHOLDER_FOR_GREATER_OP_CODES;
  return static_cast<int8_t>(fits ? code
                                  : circle::BuiltinOperator_PLACEHOLDER_FOR_GREATER_OP_CODES);
}

// What a file of the model's format has no place for.
absl::Status CheckRepresentable(const Model& model) {
  Diagnostics problems;
  if (model.identifier.size() != flatbuffers::kFileIdentifierLength) {
    problems.Add({.file = model.path,
                  .problem = "the model has no file identifier",
                  .expected = "4 characters",
                  .found = absl::StrCat("'", model.identifier, "'")});
  }
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) {
      if (!tensor.quantization.has_value()) continue;
      const circle::QuantizationDetails details = tensor.quantization->details_type;
      if (DetailsInFile(details, model.identifier).has_value()) continue;
      problems.Add({.file = model.path,
                    .tensor = tensor.name,
                    .problem = absl::StrCat("a TFLite file cannot hold its ",
                                            circle::EnumNameQuantizationDetails(details)),
                    .advice = "write a circle file"});
    }
  }
  return problems.ToStatus();
}

class TableWriter {
 public:
  TableWriter(Appended appended, uint64_t limit) : appended_(appended), limit_(limit) {}

  absl::StatusOr<Tables> Write(const Model& model) {
    absl::Status representable = CheckRepresentable(model);
    if (!representable.ok()) return representable;
    identifier_ = model.identifier;
    const auto root = WriteModel(model);
    if (too_large()) return TablesTooLarge(model, limit_);
    builder_.Finish(root, model.identifier.c_str());
    if (too_large()) return TablesTooLarge(model, limit_);
    const size_t size = builder_.GetSize();
    for (PayloadSlot& slot : slots_) slot.field = size - slot.field;
    return Tables{builder_.Release(), std::move(slots_)};
  }

 private:
  // Looked at before each element: one alone stays below 2 GiB, so the builder's own 32-bit sizes
  // do not overflow before this says so.
  bool too_large() const { return builder_.GetSize() > limit_; }

  template <typename T>
  Offset<flatbuffers::Vector<T>> WriteVector(const StoredVector<T>& from) {
    if (!from.is_stored()) return 0;
    return builder_.CreateVector(from.data(), from.size());
  }

  Offset<flatbuffers::String> WriteString(const StoredString& from) {
    if (!from.is_stored()) return 0;
    return builder_.CreateString(from.data(), from.size());
  }

  // A vector of the tables that `write` makes of each element.
  template <typename To, typename From, typename Write>
  Offset<flatbuffers::Vector<Offset<To>>> WriteTables(const StoredVector<From>& from, Write write) {
    if (!from.is_stored()) return 0;
    std::vector<Offset<To>> offsets;
    offsets.reserve(from.size());
    for (const From& element : from) {
      if (too_large()) return 0;
      offsets.push_back(write(element));
    }
    return builder_.CreateVector(offsets);
  }

  template <typename T>
  void AddPlaceholder(flatbuffers::voffset_t field, const Bytes& payload, bool appended) {
    builder_.AddElement<T>(field, kPlaceholder);
    // The builder grows downwards: places are known from the end until it is finished.
    slots_.push_back({builder_.GetSize(), appended, payload.span()});
  }

  // Adds to the table that is being written where its payload stands: in the field `vector`, or
  // in `offset` and `size`.
  void AddPayload(const Bytes& payload, bool may_append, flatbuffers::voffset_t vector,
                  flatbuffers::voffset_t offset, flatbuffers::voffset_t size) {
    if (payload.data() == nullptr) return;
    if (may_append && !payload.empty()) {
      builder_.AddElement<uint64_t>(size, payload.size());
      AddPlaceholder<uint64_t>(offset, payload, true);
    } else {
      AddPlaceholder<flatbuffers::uoffset_t>(vector, payload, false);
    }
  }

  Offset<circle::OperatorCode> WriteOperatorCode(const OperatorCode& from) {
    const auto custom_code = WriteString(from.custom_code);
    return circle::CreateOperatorCode(builder_, DeprecatedCode(from.builtin), custom_code,
                                      from.version, from.builtin);
  }

  Offset<circle::Buffer> WriteBuffer(const Buffer& from) {
    circle::BufferBuilder table(builder_);
    AddPayload(from, appended_ != Appended::kNone, circle::Buffer::VT_DATA,
               circle::Buffer::VT_OFFSET, circle::Buffer::VT_SIZE);
    return table.Finish();
  }

  // CopyTable does not know of `force_align: 16`.
  Offset<void> WriteCustomQuantization(const circle::CustomQuantization& from) {
    Offset<flatbuffers::Vector<uint8_t>> custom;
    if (from.custom() != nullptr) {
      builder_.ForceVectorAlignment(from.custom()->size(), sizeof(uint8_t), kPayloadAlignment);
      custom = builder_.CreateVector(from.custom()->data(), from.custom()->size());
    }
    return circle::CreateCustomQuantization(builder_, custom).Union();
  }

  Offset<void> WriteDetails(const Quantization& from) {
    const auto* custom = reinterpret_cast<const circle::CustomQuantization*>(from.details);
    return from.details_type == circle::QuantizationDetails_CustomQuantization && custom != nullptr
               ? WriteCustomQuantization(*custom)
               : copier_.CopyUnion("QuantizationDetails", from.details_type, from.details);
  }

  Offset<circle::QuantizationParameters> WriteQuantization(const Quantization& from) {
    const auto min = WriteVector(from.min);
    const auto max = WriteVector(from.max);
    const auto scale = WriteVector(from.scale);
    const auto zero_point = WriteVector(from.zero_point);
    const auto details = WriteDetails(from);
    const uint8_t details_type = *DetailsInFile(from.details_type, identifier_);
    return circle::CreateQuantizationParameters(
        builder_, min, max, scale, zero_point,
        static_cast<circle::QuantizationDetails>(details_type), details, from.quantized_dimension);
  }

  Offset<circle::Tensor> WriteTensor(const Tensor& from) {
    const auto shape = WriteVector(from.shape);
    const auto name = WriteString(from.name);
    Offset<circle::QuantizationParameters> quantization;
    if (from.quantization.has_value()) quantization = WriteQuantization(*from.quantization);
    const auto sparsity = copier_.Copy("SparsityParameters",
                                       reinterpret_cast<const flatbuffers::Table*>(from.sparsity));
    const auto shape_signature = WriteVector(from.shape_signature);
    const auto variants = WriteTables<circle::VariantSubType>(
        from.variant_tensors, [this](const circle::VariantSubType* variant) {
          return Offset<circle::VariantSubType>(
              copier_.Copy("VariantSubType", reinterpret_cast<const flatbuffers::Table*>(variant))
                  .o);
        });
    return circle::CreateTensor(builder_, shape, from.type, from.buffer, name, quantization,
                                from.is_variable, Offset<circle::SparsityParameters>(sparsity.o),
                                shape_signature, from.has_rank, variants, from.compression);
  }

  Offset<circle::Operator> WriteNode(const Node& from) {
    const auto inputs = WriteVector(from.inputs);
    const auto outputs = WriteVector(from.outputs);
    const auto options = copier_.CopyUnion("BuiltinOptions", from.options_type, from.options);
    const auto variables = WriteVector(from.mutating_variable_inputs);
    const auto intermediates = WriteVector(from.intermediates);
    const auto options2 = copier_.CopyUnion("BuiltinOptions2", from.options2_type, from.options2);

    circle::OperatorBuilder table(builder_);
    AddPayload(from.custom_options, appended_ == Appended::kBuffersAndCustomOptions,
               circle::Operator::VT_CUSTOM_OPTIONS,
               circle::Operator::VT_LARGE_CUSTOM_OPTIONS_OFFSET,
               circle::Operator::VT_LARGE_CUSTOM_OPTIONS_SIZE);
    table.add_opcode_index(code_index_.at(from.code));
    table.add_inputs(inputs);
    table.add_outputs(outputs);
    table.add_builtin_options_type(from.options_type);
    table.add_builtin_options(options);
    table.add_custom_options_format(from.custom_options_format);
    table.add_mutating_variable_inputs(variables);
    table.add_intermediates(intermediates);
    table.add_builtin_options_2_type(from.options2_type);
    table.add_builtin_options_2(options2);
    table.add_debug_metadata_index(from.debug_metadata_index);
    return table.Finish();
  }

  Offset<circle::SubGraph> WriteGraph(const Graph& from) {
    const auto tensors = WriteTables<circle::Tensor>(
        from.tensors, [this](const Tensor& tensor) { return WriteTensor(tensor); });
    const auto inputs = WriteVector(from.inputs);
    const auto outputs = WriteVector(from.outputs);
    const auto nodes = WriteTables<circle::Operator>(
        from.nodes, [this](const Node& node) { return WriteNode(node); });
    const auto name = WriteString(from.name);

    circle::SubGraphBuilder table(builder_);
    table.add_tensors(tensors);
    table.add_inputs(inputs);
    table.add_outputs(outputs);
    table.add_operators(nodes);
    table.add_name(name);
    builder_.AddElement<int8_t>(kGraphDataFormat, from.data_format, 0);
    table.add_debug_metadata_index(from.debug_metadata_index);
    return table.Finish();
  }

  Offset<circle::Metadata> WriteMetadata(const Metadata& from) {
    const auto name = WriteString(from.name);
    return circle::CreateMetadata(builder_, name, from.buffer);
  }

  Offset<circle::TensorMap> WriteTensorMap(const TensorMap& from) {
    const auto name = WriteString(from.name);
    return circle::CreateTensorMap(builder_, name, static_cast<uint32_t>(from.tensor));
  }

  Offset<circle::SignatureDef> WriteSignature(const SignatureDef& from) {
    const auto write_map = [this](const TensorMap& map) { return WriteTensorMap(map); };
    const auto inputs = WriteTables<circle::TensorMap>(from.inputs, write_map);
    const auto outputs = WriteTables<circle::TensorMap>(from.outputs, write_map);
    const auto key = WriteString(from.signature_key);
    const auto tag = WriteString(from.tag);

    circle::SignatureDefBuilder table(builder_);
    table.add_inputs(inputs);
    table.add_outputs(outputs);
    table.add_signature_key(key);
    builder_.AddOffset(kSignatureTag, tag);
    table.add_subgraph_index(from.graph);
    return table.Finish();
  }

  Offset<flatbuffers::Vector<Offset<circle::OperatorCode>>> WriteOperatorCodes(const Model& model) {
    if (model.operator_codes().empty() && !model.stores_operator_codes) return 0;
    std::vector<Offset<circle::OperatorCode>> offsets;
    for (const auto& code : model.operator_codes()) {
      code_index_[code.get()] = static_cast<uint32_t>(offsets.size());
      offsets.push_back(WriteOperatorCode(*code));
    }
    return builder_.CreateVector(offsets);
  }

  Offset<circle::Model> WriteModel(const Model& from) {
    const auto codes = WriteOperatorCodes(from);
    const auto graphs = WriteTables<circle::SubGraph>(
        from.graphs, [this](const Graph& graph) { return WriteGraph(graph); });
    const auto description = WriteString(from.description);
    const auto buffers = WriteTables<circle::Buffer>(
        from.buffers, [this](const Buffer& buffer) { return WriteBuffer(buffer); });
    const auto metadata_buffer = WriteVector(from.metadata_buffer);
    const auto metadata = WriteTables<circle::Metadata>(
        from.metadata, [this](const Metadata& entry) { return WriteMetadata(entry); });
    const auto signatures = WriteTables<circle::SignatureDef>(
        from.signature_defs,
        [this](const SignatureDef& signature) { return WriteSignature(signature); });
    return circle::CreateModel(builder_, from.version, codes, graphs, description, buffers,
                               metadata_buffer, metadata, signatures);
  }

  Appended appended_;
  uint64_t limit_;
  std::string identifier_;
  flatbuffers::FlatBufferBuilder builder_;
  TableCopier copier_{&builder_};
  absl::flat_hash_map<const OperatorCode*, uint32_t> code_index_;
  std::vector<PayloadSlot> slots_;
};

}  // namespace

absl::Status TablesTooLarge(const Model& model, uint64_t limit) {
  return ErrorStatus(
      absl::StatusCode::kOutOfRange,
      {.file = model.path,
       .problem = "the tables of the model do not fit into a flatbuffer, even without its "
                  "constants",
       .expected = absl::StrCat("at most ", limit, " bytes"),
       .advice = "split the model"});
}

absl::StatusOr<Tables> WriteTables(const Model& model, Appended appended, uint64_t limit) {
  return TableWriter(appended, limit).Write(model);
}

}  // namespace q_implant
