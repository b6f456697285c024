// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/tensor_reader.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

template <typename T>
struct Numbers {
  std::vector<T> values;
  bool single = false;  // one number without brackets
};

// `count` numbers from `low` to `high` at equal distances.
template <typename T>
std::vector<T> Spread(uint64_t count, T low, T high) {
  std::vector<T> values;
  for (uint64_t i = 0; i < count; ++i) {
    const double part = count < 2 ? 0.0 : static_cast<double>(i) / static_cast<double>(count - 1);
    const double value = static_cast<double>(low) * (1 - part) + static_cast<double>(high) * part;
    values.push_back(static_cast<T>(std::is_integral_v<T> ? std::round(value) : value));
  }
  return values;
}

// The inverse of NumbersText.
template <typename T>
Numbers<T> ReadNumbers(TextCursor& cursor) {
  std::vector<T> values;
  if (cursor.Accept("[")) {
    while (cursor.ok() && !cursor.Accept("]")) {
      if (!values.empty()) cursor.Expect(",");
      values.push_back(cursor.Number<T>());
    }
    return {values};
  }
  const T first = cursor.Number<T>();
  if (!cursor.AcceptWord("x")) return {{first}, /*single=*/true};
  const T low = cursor.Number<T>();
  const T high = cursor.Accept("..") ? cursor.Number<T>() : low;
  return {Spread(cursor.ok() ? static_cast<uint64_t>(first) : 0, low, high)};
}

void ReadDimension(Tensor& tensor, TextCursor& cursor) {
  const bool dynamic = cursor.Accept("?");
  const bool no_number = dynamic && (cursor.Peek() == ',' || cursor.Peek() == ']');
  const int32_t size = no_number ? 1 : cursor.Number<int32_t>();
  tensor.shape.push_back(size);
  tensor.shape_signature.push_back(dynamic ? -1 : size);
}

void ReadShape(Tensor& tensor, TextCursor& cursor) {
  cursor.Expect("[");
  if (cursor.Accept("*")) return cursor.Expect("]");
  while (cursor.ok() && !cursor.Accept("]")) {
    if (!tensor.shape.empty()) cursor.Expect(",");
    ReadDimension(tensor, cursor);
  }
  tensor.shape.stored_empty = tensor.shape.empty();
  if (tensor.shape_signature == tensor.shape) tensor.shape_signature.clear();
}

// Behind "q(".
void ReadParameters(Quantization& quantization, TextCursor& cursor) {
  quantization.scale = ReadNumbers<float>(cursor).values;
  while (cursor.ok() && !cursor.Accept(")")) {
    cursor.Expect(",");
    if (cursor.AcceptWord("axis")) {
      quantization.quantized_dimension = cursor.Number<int32_t>();
    } else {
      Numbers<int64_t> zeros = ReadNumbers<int64_t>(cursor);
      if (zeros.single) zeros.values.resize(quantization.scale.size(), zeros.values[0]);
      quantization.zero_point = std::move(zeros.values);
    }
  }
}

// Behind "range(".
void ReadRange(Quantization& quantization, TextCursor& cursor) {
  quantization.min = ReadNumbers<float>(cursor).values;
  cursor.Expect(",");
  quantization.max = ReadNumbers<float>(cursor).values;
  cursor.Expect(")");
}

void ReadDetails(circle::QuantizationDetails type, Quantization& quantization, Model& model,
                 OptionsReader& options, TextCursor& cursor) {
  const size_t position = cursor.position();
  const absl::StatusOr<Bytes> table =
      options.Read(circle::EnumNameQuantizationDetails(type), cursor.Braces());
  if (!table.ok()) return cursor.FailAt(position, table.status().message());
  quantization.details_type = type;
  quantization.details = flatbuffers::GetRoot<flatbuffers::Table>(table->data());
  model.KeepAlive(table->owner());
}

Quantization& QuantizationOf(Tensor& tensor) {
  if (!tensor.quantization.has_value()) tensor.quantization.emplace();
  return *tensor.quantization;
}

// One thing that may follow the shape; false where nothing more does.
bool ReadAttribute(Tensor& tensor, Model& model, OptionsReader& options, TextCursor& cursor) {
  if (cursor.AcceptWord("q")) {
    cursor.Expect("(");
    ReadParameters(QuantizationOf(tensor), cursor);
    return cursor.ok();
  }
  if (cursor.AcceptWord("range")) {
    cursor.Expect("(");
    ReadRange(QuantizationOf(tensor), cursor);
    return cursor.ok();
  }
  if (cursor.AcceptWord("variable")) {
    tensor.is_variable = true;
    return true;
  }
  for (circle::QuantizationDetails type : circle::EnumValuesQuantizationDetails()) {
    if (!cursor.AcceptWord(circle::EnumNameQuantizationDetails(type))) continue;
    ReadDetails(type, QuantizationOf(tensor), model, options, cursor);
    return cursor.ok();
  }
  return false;
}

}  // namespace

Tensor ReadTensorType(Model& model, OptionsReader& options, TextCursor& cursor) {
  Tensor tensor;
  const size_t position = cursor.position();
  const std::string name = cursor.Word("an element type");
  const std::optional<circle::TensorType> type = TypeFromName(name);
  if (!type.has_value()) {
    cursor.FailAt(position, absl::StrCat("expected an element type, found '", name, "'"));
    return tensor;
  }
  tensor.type = *type;
  ReadShape(tensor, cursor);
  while (ReadAttribute(tensor, model, options, cursor)) {
  }
  return tensor;
}

}  // namespace q_implant
