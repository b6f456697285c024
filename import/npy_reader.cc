// SPDX-License-Identifier: Apache-2.0
#include "import/npy_reader.h"

#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "import/npy_convert.h"
#include "import/npy_header.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

static_assert(std::endian::native == std::endian::little);

struct ElementType {
  circle::TensorType type;
  size_t size;  // bytes
  bool big_endian;
};

std::optional<circle::TensorType> TypeOf(absl::string_view kind_and_size) {
  static constexpr std::pair<const char*, circle::TensorType> kTypes[] = {
      {"b1", circle::TensorType_BOOL},    {"i1", circle::TensorType_INT8},
      {"i2", circle::TensorType_INT16},   {"i4", circle::TensorType_INT32},
      {"i8", circle::TensorType_INT64},   {"u1", circle::TensorType_UINT8},
      {"u2", circle::TensorType_UINT16},  {"u4", circle::TensorType_UINT32},
      {"u8", circle::TensorType_UINT64},  {"f2", circle::TensorType_FLOAT16},
      {"f4", circle::TensorType_FLOAT32}, {"f8", circle::TensorType_FLOAT64},
  };
  for (const auto& [text, type] : kTypes) {
    if (kind_and_size == text) return type;
  }
  return std::nullopt;
}

// What the letter of a type that we don't take stands for, and what to do about it.
Diagnostic UnknownType(const std::string& descr) {
  const absl::string_view letters = descr;
  const size_t kind_at = letters.find_first_not_of("<>=|");
  Diagnostic diagnostic = {.problem = "an array of a type that is not supported",
                           .expected = "integers or floats of up to 64 bits",
                           .found = absl::StrCat("'", absl::CHexEscape(descr), "'"),
                           .advice = "convert it before saving"};
  switch (kind_at == absl::string_view::npos ? '\0' : letters[kind_at]) {
    case 'O':
      diagnostic.problem = "an array of Python objects";
      diagnostic.advice =
          "save it with np.save(..., np.asarray(x, dtype=np.float32)), or with the "
          "integer dtype it should have";
      break;
    case 'V':
      diagnostic.problem = "an array of a type that numpy itself does not have";
      diagnostic.advice =
          "bfloat16, float8 and int4 arrays lose their type in a .npy file: convert "
          "them first, x.astype(np.float32) or x.astype(np.int8)";
      break;
    case 'S':
    case 'U':
      diagnostic.problem = "an array of strings";
      break;
    case 'c':
      diagnostic.problem = "an array of complex numbers";
      break;
    default:
      break;
  }
  return diagnostic;
}

std::optional<ElementType> ElementTypeOf(absl::string_view descr) {
  // '=' and nothing mean the writer's own order: little-endian on every machine in use; numpy reads
  // them so too.
  bool big_endian = false;
  if (!descr.empty() && absl::string_view("<>=|").find(descr[0]) != absl::string_view::npos) {
    big_endian = descr[0] == '>';
    descr.remove_prefix(1);
  }
  const std::optional<circle::TensorType> type = TypeOf(descr);
  if (!type) return std::nullopt;
  return ElementType{*type, static_cast<size_t>(BitsPerElement(*type)) / 8, big_endian};
}

// Bytes of the array; nothing where they overflow.
std::optional<size_t> DataSize(absl::Span<const int64_t> shape, size_t element_size) {
  size_t size = element_size;
  for (int64_t dim : shape) {
    if (dim == 0) return 0;
  }
  for (int64_t dim : shape) {
    if (__builtin_mul_overflow(size, static_cast<size_t>(dim), &size)) return std::nullopt;
  }
  return size;
}

Bytes Convert(Bytes data, const ElementType& element, const NpyHeader& header) {
  if (element.big_endian && element.size > 1) {
    data = Bytes::Own(SwapBytes(data.span(), element.size));
  }
  if (header.fortran_order && OrderMatters(header.shape)) {
    data = Bytes::Own(FortranToC(data.span(), element.size, header.shape));
  }
  return data;
}

}  // namespace

absl::StatusOr<Array> ReadNpy(const Bytes& file, absl::string_view name) {
  absl::StatusOr<NpyHeader> header = ReadNpyHeader(file.span(), name);
  if (!header.ok()) return header.status();
  const auto error = [&](Diagnostic diagnostic) {
    diagnostic.file = std::string(name);
    return NpyError(diagnostic);
  };
  const std::optional<ElementType> element = ElementTypeOf(header->descr);
  if (!element) return error(UnknownType(header->descr));

  const std::string what = absl::StrCat(TypeName(element->type), " ", ShapeText(header->shape));
  const std::optional<size_t> size = DataSize(header->shape, element->size);
  const size_t found = file.size() - header->data_offset;
  if (!size) {
    return error({.problem = "the shape is too large",
                  .expected = "an array that fits into memory",
                  .found = what,
                  .advice = "save the array again with np.save"});
  }
  if (found != *size) {
    return error({.problem = found < *size ? "the data is cut off" : "bytes after the data",
                  .expected = absl::StrCat(*size, " bytes for ", what),
                  .found = absl::StrCat(found),
                  .advice = found < *size ? "copy or save the file again"
                                          : "save one array a file, with np.save"});
  }
  const Bytes view(file.span().subspan(header->data_offset), file.owner());
  return Array{.type = element->type,
               .shape = header->shape,
               .data = Convert(view, *element, *header),
               .file = std::string(name)};
}

}  // namespace q_implant
