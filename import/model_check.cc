// SPDX-License-Identifier: Apache-2.0
#include "import/model_check.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "import/copied_size.h"
#include "import/newer_schema.h"
#include "import/order_check.h"
#include "ir/diagnostics.h"
#include "ir/quantization_details.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

constexpr absl::string_view kIdentifiers[] = {"CIR0", "TFL3"};
constexpr size_t kIdentifierEnd = 8;
constexpr size_t kMaxProblems = 20;
constexpr absl::string_view kDamaged =
    "the file is damaged or its writer has a bug: copy or convert it again";

// Collects the problems of one file, as many as one wants to read.
class Problems {
 public:
  explicit Problems(const std::string& path) : path_(path) {}

  void Add(Diagnostic problem) {
    if (++count_ > kMaxProblems) return;
    problem.file = path_;
    all_.Add(std::move(problem));
  }

  absl::Status ToStatus() {
    if (count_ > kMaxProblems) {
      all_.Add({.file = path_,
                .problem = absl::StrCat("and ", count_ - kMaxProblems, " more problem",
                                        count_ == kMaxProblems + 1 ? "" : "s")});
    }
    return all_.ToStatus();
  }

 private:
  const std::string& path_;
  size_t count_ = 0;
  Diagnostics all_;
};

absl::Status OneError(const std::string& path, Diagnostic problem) {
  Problems problems(path);
  problems.Add(std::move(problem));
  return problems.ToStatus();
}

absl::string_view IdentifierOf(absl::Span<const uint8_t> file) {
  return {flatbuffers::GetBufferIdentifier(file.data()), flatbuffers::kFileIdentifierLength};
}

absl::Status CheckIdentifier(absl::Span<const uint8_t> file, const std::string& path) {
  Diagnostic error{.problem = "is not a circle or TFLite file",
                   .expected = "\"CIR0\" or \"TFL3\" at byte 4",
                   .advice = "convert the model to circle first"};
  if (file.size() < kIdentifierEnd) {
    error.found = absl::StrCat("a file of ", file.size(), " bytes");
    return OneError(path, std::move(error));
  }
  const absl::string_view found = IdentifierOf(file);
  for (absl::string_view identifier : kIdentifiers) {
    if (found == identifier) return absl::OkStatus();
  }
  error.found = absl::StrCat("\"", absl::CHexEscape(found), "\"");
  return OneError(path, std::move(error));
}

// The flatbuffer ends before 2 GiB; payloads may follow.
absl::Status VerifyTables(absl::Span<const uint8_t> file, const std::string& path) {
  const size_t size = std::min<size_t>(file.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1);
  flatbuffers::Verifier::Options options;
  // Each takes 4 bytes where it is referred to, and may be empty and shared.
  options.max_tables = static_cast<flatbuffers::uoffset_t>(size / 4);
  flatbuffers::Verifier verifier(file.data(), size, options);
  if (verifier.VerifyBuffer<circle::Model>(nullptr)) return absl::OkStatus();
  return OneError(path, {.problem = "its tables are damaged: an offset or a length in them points "
                                    "outside of the file or to where nothing can stand",
                         .advice = std::string(kDamaged)});
}

absl::Status CheckNothingIsNewer(absl::Span<const uint8_t> file, const std::string& path) {
  Problems problems(path);
  CheckSchema(file, [&](absl::string_view where, std::string problem) {
    problems.Add({.problem = absl::StrCat(where.empty() ? "the file" : where, ": ", problem),
                  .advice = "it would be lost: update this program, or convert the model for an "
                            "older version of the format"});
  });
  return problems.ToStatus();
}

// Memory and output grow with what the tables refer to, which may be the same thing many times.
absl::Status CheckCopiedSize(absl::Span<const uint8_t> file, const std::string& path) {
  const CopiedSize size = MeasureCopiedSize(file);
  const uint64_t most = MostCopiedBytes(file.size());
  if (size.bytes <= most) return absl::OkStatus();
  return OneError(
      path,
      {.problem = "its tables refer to the same things so often that reading "
                  "would make much more of them than the file holds",
       .expected = absl::StrCat("at most ", most, " bytes in memory for a file of ", file.size()),
       .found = absl::StrCat(size.bytes, ", ", size.greatest_bytes, " of them in ", size.greatest),
       .advice = std::string(kDamaged)});
}

absl::Status CheckNodes(absl::Span<const uint8_t> file, const std::string& path) {
  Problems problems(path);
  CheckOrder(*circle::GetModel(file.data()),
             [&](Diagnostic problem) { problems.Add(std::move(problem)); });
  return problems.ToStatus();
}

std::string Name(const flatbuffers::String* name) { return name == nullptr ? "" : name->str(); }

template <typename T>
size_t Size(const flatbuffers::Vector<T>* vector) {
  return vector == nullptr ? 0 : vector->size();
}

// The elements of a vector that may be absent.
template <typename T>
std::vector<T> Elements(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {vector->begin(), vector->end()};
}

template <typename T>
std::vector<const T*> Elements(const flatbuffers::Vector<flatbuffers::Offset<T>>* vector) {
  if (vector == nullptr) return {};
  return {vector->begin(), vector->end()};
}

// Whether TFLite's readers, which take the greater one, and circle's, which take the old one unless
// it is the placeholder, find the same operator, or one field was never set.
bool CodesAgree(int32_t old, int32_t now) {
  constexpr int32_t kPlaceholder = circle::BuiltinOperator_PLACEHOLDER_FOR_GREATER_OP_CODES;
  if (old == now || old == 0) return true;
  return old == kPlaceholder ? now > kPlaceholder || now < 0 : now == 0;
}

// What an index may be.
std::string IndexRange(size_t count, bool optional) {
  const char* none = optional ? "-1 (none)" : "";
  if (count == 0) return optional ? none : "no index: there are none";
  return absl::StrCat(none, optional ? " or " : "", "0 to ", count - 1);
}

// Looks for what the Verifier can't know. Every place in the file is named by its index, for names
// repeat.
class ModelChecker {
 public:
  ModelChecker(absl::Span<const uint8_t> file, const std::string& path)
      : file_(file), model_(*circle::GetModel(file.data())), problems_(path) {}

  absl::Status Check() {
    CheckOperatorCodes();
    CheckBuffers();
    const auto graphs = Elements(model_.subgraphs());
    for (size_t i = 0; i < graphs.size(); ++i) CheckGraph(i, *graphs[i]);
    CheckMetadata();
    CheckSignatures();
    return problems_.ToStatus();
  }

 private:
  struct IndexCheck {
    std::string where = {};  // "graph 0, node 3 (CONV_2D)"
    std::string what = {};   // "input 1"
    const char* names = "";  // "tensor"
    size_t count = 0;        // of what may be named
    bool optional = false;
  };

  bool CheckIndex(int64_t index, const IndexCheck& check) {
    if (0 <= index && index < static_cast<int64_t>(check.count)) return true;
    if (check.optional && index == -1) return true;
    problems_.Add(
        {.problem = absl::StrCat(check.where, ": ", check.what, " names no ", check.names),
         .expected = IndexRange(check.count, check.optional),
         .found = absl::StrCat(index),
         .advice = std::string(kDamaged)});
    return false;
  }

  // `what` is the word for one element.
  void CheckTensorIndices(const std::string& where, absl::string_view what,
                          const flatbuffers::Vector<int32_t>* indices, size_t tensors,
                          bool optional) {
    for (size_t i = 0; i < Size(indices); ++i) {
      CheckIndex(indices->Get(static_cast<flatbuffers::uoffset_t>(i)),
                 {.where = where,
                  .what = absl::StrCat(what, " ", i),
                  .names = "tensor",
                  .count = tensors,
                  .optional = optional});
    }
  }

  bool IsInsideFile(uint64_t offset, uint64_t size) const {
    return offset <= file_.size() && size <= file_.size() - offset;
  }

  // Bytes stand in the flatbuffer or behind it.
  void CheckPayload(const std::string& where, const flatbuffers::Vector<uint8_t>* inside,
                    uint64_t offset, uint64_t size) {
    if (!IsAppended(offset)) return;
    if (!IsInsideFile(offset, size)) {
      problems_.Add({.problem = absl::StrCat(where, ": its bytes lie outside of the file"),
                     .expected = absl::StrCat("at most byte ", file_.size()),
                     .found = absl::StrCat(size, " bytes from byte ", offset),
                     .advice = "the file may be cut off: copy it again"});
    }
    if (Size(inside) > 0) {
      problems_.Add({.problem = absl::StrCat(where, ": its bytes stand in two places"),
                     .expected = "either bytes inside the flatbuffer or an offset",
                     .found = absl::StrCat(inside->size(), " bytes inside and offset ", offset),
                     .advice = std::string(kDamaged)});
    }
  }

  void CheckOperatorCodes() {
    const auto codes = Elements(model_.operator_codes());
    for (size_t i = 0; i < codes.size(); ++i) {
      const int32_t old = codes[i]->deprecated_builtin_code();
      const int32_t now = codes[i]->builtin_code();
      if (CodesAgree(old, now)) continue;
      problems_.Add(
          {.problem = absl::StrCat("operator code ", i,
                                   ": readers disagree which operator it is, for they look into "
                                   "different fields"),
           .expected =
               "deprecated_builtin_code equal to builtin_code, or 127 where that is greater",
           .found = absl::StrCat("deprecated_builtin_code ", old, " and builtin_code ", now),
           .advice = std::string(kDamaged)});
    }
  }

  void CheckBuffers() {
    const auto buffers = Elements(model_.buffers());
    for (size_t i = 0; i < buffers.size(); ++i) {
      CheckPayload(absl::StrCat("buffer ", i), buffers[i]->data(), buffers[i]->offset(),
                   buffers[i]->size());
    }
  }

  void CheckGraph(size_t index, const circle::SubGraph& graph) {
    const std::string where = absl::StrCat("graph ", index);
    const auto tensors = Elements(graph.tensors());
    for (size_t i = 0; i < tensors.size(); ++i) {
      CheckTensor(absl::StrCat(where, ", tensor ", i), *tensors[i], tensors.size());
    }
    CheckTensorIndices(where, "graph input", graph.inputs(), tensors.size(), false);
    CheckTensorIndices(where, "graph output", graph.outputs(), tensors.size(), false);
    const auto nodes = Elements(graph.operators());
    for (size_t i = 0; i < nodes.size(); ++i) {
      CheckNode(absl::StrCat(where, ", node ", i), *nodes[i], tensors.size());
    }
  }

  void CheckTensor(const std::string& where, const circle::Tensor& tensor, size_t tensors) {
    const std::vector<int32_t> shape = Elements(tensor.shape());
    const auto negative = std::find_if(shape.begin(), shape.end(), [](int32_t d) { return d < 0; });
    if (negative != shape.end()) {
      problems_.Add({.tensor = Name(tensor.name()),
                     .problem = absl::StrCat(where, " has a negative dimension"),
                     .expected = "dimensions of 0 and more in its shape",
                     .found = ShapeText(shape),
                     .advice = "only shape_signature may hold -1, for what is not known"});
    }
    const IndexCheck buffer{
        .where = where, .what = "its buffer", .names = "buffer", .count = Size(model_.buffers())};
    if (CheckIndex(tensor.buffer(), buffer) && negative == shape.end()) {
      CheckConstantSize(where, tensor, shape);
    }
    if (tensor.quantization() != nullptr) {
      CheckQuantization(where, tensor, *tensor.quantization(), tensors);
    }
    if (tensor.sparsity() != nullptr) CheckSparsity(where, tensor, *tensor.sparsity());
  }

  // How many bytes a buffer has, 0 too where CheckPayload has complained of them.
  uint64_t BytesOf(const circle::Buffer& buffer) const {
    if (!IsAppended(buffer.offset())) return Size(buffer.data());
    return IsInsideFile(buffer.offset(), buffer.size()) ? buffer.size() : 0;
  }

  void CheckConstantSize(const std::string& where, const circle::Tensor& tensor,
                         const std::vector<int32_t>& shape) {
    const uint64_t found = BytesOf(*model_.buffers()->Get(tensor.buffer()));
    const bool all_elements_are_there =
        tensor.sparsity() == nullptr && tensor.compression_type() == circle::CompressionType_NONE;
    const bool has_size = BitsPerElement(tensor.type()) != 0;
    if (found == 0 || !all_elements_are_there || !has_size) return;

    const std::optional<uint64_t> count = ElementCount(shape);
    const std::optional<uint64_t> expected =
        count.has_value() ? ByteSize(tensor.type(), *count) : std::nullopt;
    if (expected == found) return;
    const std::string bytes = expected.has_value() ? absl::StrCat(*expected) : "more than 2^64";
    problems_.Add(
        {.tensor = Name(tensor.name()),
         .problem = absl::StrCat(where, ": the constant has not the size of its shape"),
         .expected = absl::StrCat(bytes, " bytes for ", TypeName(tensor.type()), ShapeText(shape)),
         .found = absl::StrCat(found, " bytes in buffer ", tensor.buffer()),
         .advice = std::string(kDamaged)});
  }

  void CheckQuantization(const std::string& where, const circle::Tensor& tensor,
                         const circle::QuantizationParameters& quantization, size_t tensors) {
    const size_t scales = Size(quantization.scale());
    const size_t zero_points = Size(quantization.zero_point());
    if (scales != 0 && zero_points != 0 && scales != zero_points) {
      problems_.Add({.tensor = Name(tensor.name()),
                     .problem = absl::StrCat(where, " has not one zero point per scale"),
                     .expected = absl::StrCat(scales, " zero points, or none"),
                     .found = absl::StrCat(zero_points),
                     .advice = std::string(kDamaged)});
    }
    if (quantization.details() == nullptr ||
        DetailsFromFile(quantization.details_type(), IdentifierOf(file_)) !=
            circle::QuantizationDetails_BlockwiseQuantization) {
      return;
    }
    const auto* blockwise =
        static_cast<const circle::BlockwiseQuantization*>(quantization.details());
    IndexCheck check{
        .where = where, .what = "its tensor of scales", .names = "tensor", .count = tensors};
    CheckIndex(blockwise->scales(), check);
    check.what = "its tensor of zero points";
    check.optional = true;
    CheckIndex(blockwise->zero_points(), check);
  }

  void CheckSparsity(const std::string& where, const circle::Tensor& tensor,
                     const circle::SparsityParameters& sparsity) {
    const size_t order = Size(sparsity.traversal_order());
    const auto axes = Elements(sparsity.dim_metadata());
    if (order != axes.size()) {
      problems_.Add({.tensor = Name(tensor.name()),
                     .problem = absl::StrCat(where,
                                             ": its sparsity does not describe the axes "
                                             "that it orders"),
                     .expected = absl::StrCat(order, " axes, as in traversal_order"),
                     .found = absl::StrCat(axes.size(), " in dim_metadata"),
                     .advice = std::string(kDamaged)});
    }
    for (size_t i = 0; i < axes.size(); ++i) {
      if (axes[i]->format() != circle::DimensionType_SPARSE_CSR) continue;
      if (axes[i]->array_segments() != nullptr && axes[i]->array_indices() != nullptr) continue;
      problems_.Add({.tensor = Name(tensor.name()),
                     .problem = absl::StrCat(where, ": axis ", i, " of its sparsity is incomplete"),
                     .expected = "array_segments and array_indices, for it is SPARSE_CSR",
                     .advice = std::string(kDamaged)});
    }
  }

  void CheckNode(std::string where, const circle::Operator& node, size_t tensors) {
    const IndexCheck code{.where = where,
                          .what = "its operator code",
                          .names = "operator code",
                          .count = Size(model_.operator_codes())};
    if (CheckIndex(node.opcode_index(), code)) {
      const circle::BuiltinOperator builtin =
          BuiltinOf(*model_.operator_codes()->Get(node.opcode_index()));
      const std::string name = circle::EnumNameBuiltinOperator(builtin);
      absl::StrAppend(&where, " (", name.empty() ? absl::StrCat("operator ", builtin) : name, ")");
    }
    CheckTensorIndices(where, "input", node.inputs(), tensors, true);
    // An optional output may be missing too.
    CheckTensorIndices(where, "output", node.outputs(), tensors, true);
    CheckTensorIndices(where, "intermediate", node.intermediates(), tensors, true);
    CheckPayload(absl::StrCat(where, ": custom options"), node.custom_options(),
                 node.large_custom_options_offset(), node.large_custom_options_size());
    CheckCalls(where, node);
    CheckStablehloCalls(where, node);
  }

  void CheckCall(const std::string& where, const char* field, int64_t graph) {
    CheckIndex(
        graph,
        {.where = where, .what = field, .names = "graph", .count = Size(model_.subgraphs())});
  }

  void CheckCalls(const std::string& where, const circle::Operator& node) {
    if (const auto* call = node.builtin_options_as_CallOptions()) {
      CheckCall(where, "subgraph", call->subgraph());
    } else if (const auto* once = node.builtin_options_as_CallOnceOptions()) {
      CheckCall(where, "init_subgraph_index", once->init_subgraph_index());
    } else if (const auto* branch = node.builtin_options_as_IfOptions()) {
      CheckCall(where, "then_subgraph_index", branch->then_subgraph_index());
      CheckCall(where, "else_subgraph_index", branch->else_subgraph_index());
    } else if (const auto* loop = node.builtin_options_as_WhileOptions()) {
      CheckCall(where, "cond_subgraph_index", loop->cond_subgraph_index());
      CheckCall(where, "body_subgraph_index", loop->body_subgraph_index());
    }
  }

  void CheckStablehloCalls(const std::string& where, const circle::Operator& node) {
    if (const auto* reduce = node.builtin_options_2_as_StablehloReduceOptions()) {
      CheckCall(where, "body_subgraph_index", reduce->body_subgraph_index());
    } else if (const auto* window = node.builtin_options_2_as_StablehloReduceWindowOptions()) {
      CheckCall(where, "body_subgraph_index", window->body_subgraph_index());
    } else if (const auto* scatter = node.builtin_options_2_as_StablehloScatterOptions()) {
      CheckCall(where, "update_computation_subgraph_index",
                scatter->update_computation_subgraph_index());
    } else if (const auto* sort = node.builtin_options_2_as_StablehloSortOptions()) {
      CheckCall(where, "comparator_subgraph_index", sort->comparator_subgraph_index());
    } else if (const auto* branches = node.builtin_options_2_as_StablehloCaseOptions()) {
      for (int32_t graph : Elements(branches->branch_subgraph_indices())) {
        CheckCall(where, "branch_subgraph_indices", graph);
      }
    } else if (const auto* loop = node.builtin_options_2_as_StablehloWhileOptions()) {
      CheckCall(where, "cond_subgraph_index", loop->cond_subgraph_index());
      CheckCall(where, "body_subgraph_index", loop->body_subgraph_index());
    } else if (const auto* composite = node.builtin_options_2_as_StableHLOCompositeOptions()) {
      CheckCall(where, "decomposition_subgraph_index", composite->decomposition_subgraph_index());
    } else if (const auto* custom = node.builtin_options_2_as_StablehloCustomCallOptions()) {
      for (int32_t graph : Elements(custom->called_computations())) {
        CheckCall(where, "called_computations", graph);
      }
    }
  }

  void CheckMetadata() {
    IndexCheck check{.names = "buffer", .count = Size(model_.buffers())};
    const auto metadata = Elements(model_.metadata());
    for (size_t i = 0; i < metadata.size(); ++i) {
      check.where = absl::StrCat("metadata ", i, " '", Name(metadata[i]->name()), "'");
      check.what = "its buffer";
      CheckIndex(metadata[i]->buffer(), check);
    }
    const auto buffers = Elements(model_.metadata_buffer());
    for (size_t i = 0; i < buffers.size(); ++i) {
      check.where = "metadata_buffer";
      check.what = absl::StrCat("element ", i);
      CheckIndex(buffers[i], check);
    }
  }

  void CheckSignatures() {
    const auto signatures = Elements(model_.signature_defs());
    for (size_t i = 0; i < signatures.size(); ++i) {
      const circle::SignatureDef& signature = *signatures[i];
      const std::string where =
          absl::StrCat("signature ", i, " '", Name(signature.signature_key()), "'");
      const IndexCheck graph{.where = where,
                             .what = "subgraph_index",
                             .names = "graph",
                             .count = Size(model_.subgraphs())};
      if (!CheckIndex(signature.subgraph_index(), graph)) continue;
      const size_t tensors = Size(model_.subgraphs()->Get(signature.subgraph_index())->tensors());
      CheckTensorMaps(where, "input", signature.inputs(), tensors);
      CheckTensorMaps(where, "output", signature.outputs(), tensors);
    }
  }

  void CheckTensorMaps(const std::string& where, absl::string_view what,
                       const flatbuffers::Vector<flatbuffers::Offset<circle::TensorMap>>* maps,
                       size_t tensors) {
    for (const circle::TensorMap* map : Elements(maps)) {
      CheckIndex(map->tensor_index(), {.where = where,
                                       .what = absl::StrCat(what, " '", Name(map->name()), "'"),
                                       .names = "tensor",
                                       .count = tensors});
    }
  }

  absl::Span<const uint8_t> file_;
  const circle::Model& model_;
  Problems problems_;
};

}  // namespace

circle::BuiltinOperator BuiltinOf(const circle::OperatorCode& code) {
  const int32_t old = code.deprecated_builtin_code();
  const int32_t now = code.builtin_code();
  const int32_t builtin = std::min(old, now) < 0 ? std::min(old, now) : std::max(old, now);
  return static_cast<circle::BuiltinOperator>(builtin);
}

absl::Status CheckFile(absl::Span<const uint8_t> file, const std::string& path) {
  absl::Status status = CheckIdentifier(file, path);
  if (status.ok()) status = VerifyTables(file, path);
  if (status.ok()) status = CheckNothingIsNewer(file, path);
  if (status.ok()) status = CheckCopiedSize(file, path);
  if (status.ok()) status = ModelChecker(file, path).Check();
  if (status.ok()) status = CheckNodes(file, path);
  return status;
}

}  // namespace q_implant
