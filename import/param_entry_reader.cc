// SPDX-License-Identifier: Apache-2.0
#include "import/param_entry_reader.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "import/array_values.h"
#include "import/json_reader.h"
#include "import/npy_reader.h"
#include "ir/tensor_type.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

constexpr absl::string_view kFields[] = {"dtype", "scale", "zerop", "quantized_dimension", "value"};
constexpr absl::string_view kDtypes =
    "int4, uint4, int8, uint8, int16, int32, int64, or float32 to keep the tensor float32";

// What other tools call our fields, in lower case without '_'.
absl::string_view FieldMeantBy(absl::string_view name) {
  static constexpr std::pair<absl::string_view, absl::string_view> kNames[] = {
      {"dtype", "dtype"},
      {"type", "dtype"},
      {"datatype", "dtype"},
      {"scale", "scale"},
      {"scales", "scale"},
      {"zerop", "zerop"},
      {"zeropoint", "zerop"},
      {"zeropoints", "zerop"},
      {"zerops", "zerop"},
      {"zp", "zerop"},
      {"offset", "zerop"},
      {"quantizeddimension", "quantized_dimension"},
      {"quantizeddim", "quantized_dimension"},
      {"quantizedaxis", "quantized_dimension"},
      {"axis", "quantized_dimension"},
      {"channelaxis", "quantized_dimension"},
      {"chaxis", "quantized_dimension"},
      {"value", "value"},
      {"values", "value"},
      {"data", "value"},
      {"weight", "value"},
      {"weights", "value"},
  };
  std::string plain = absl::AsciiStrToLower(name);
  plain.erase(std::remove(plain.begin(), plain.end(), '_'), plain.end());
  for (const auto& [other, field] : kNames) {
    if (plain == other) return field;
  }
  return "";
}

// What to write for a dtype of another toolchain: "int8" for "torch.qint8".
std::string DtypeAdvice(absl::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot != absl::string_view::npos) name.remove_prefix(dot + 1);
  if (!TypeFromName(name)) absl::ConsumePrefix(&name, "q");
  if (name == "uint16") {
    return "write \"int16\" and subtract 32768 from each zero point and each value: the same "
           "numbers; "
           "runtimes take int16 activations with zero point 0 only";
  }
  const std::optional<circle::TensorType> type = TypeFromName(name);
  return type && IsQuantizedType(*type) ? absl::StrCat("write \"", TypeName(*type), "\"") : "";
}

// The type of the elements of a value file: 4-bit values come one a byte.
circle::TensorType ElementTypeOf(circle::TensorType dtype) {
  if (dtype == circle::TensorType_INT4) return circle::TensorType_INT8;
  if (dtype == circle::TensorType_UINT4) return circle::TensorType_UINT8;
  return dtype;
}

std::string RangeText(const IntegerRange& range) {
  return absl::StrCat(range.min, " to ", range.max);
}

class EntryReader {
 public:
  EntryReader(const std::string& key, const Json::Value& json, const std::string& param_file,
              ParamFiles& files, Diagnostics& diagnostics)
      : json_(json), param_file_(param_file), files_(files), diagnostics_(diagnostics) {
    entry_.key = key;
    entry_.target = key;
  }

  std::optional<ParamEntry> Read();

 private:
  void CheckFields();
  void ReadDtype();
  void CheckPinned();
  void ReadScale();
  void CheckScale(const Array& scale);
  void ReadZeroPoint();
  void CheckZeroPointCount(const Array& zero_point);
  void CheckZeroPointRange(const Array& zero_point);
  void CheckReach();
  void ReadValue();
  void CheckValueType(const Array& value);
  void ReadQuantizedDimension();
  void ReportNegativeDimension(int64_t dimension);

  // The value of a field; null, after an error, where a required field is missing.
  const Json::Value* Find(absl::string_view field);
  const Json::Value* Require(absl::string_view field, std::string expected, std::string advice);
  std::optional<Array> ReadArray(absl::string_view field, const Json::Value& name);
  bool CheckVector(absl::string_view field, const Array& array);
  void Report(Diagnostic diagnostic);

  const Json::Value& json_;
  const std::string& param_file_;
  ParamFiles& files_;
  Diagnostics& diagnostics_;
  ParamEntry entry_;
  std::optional<circle::TensorType> dtype_;
  std::optional<size_t> scales_;       // how many
  std::vector<std::string> misspelt_;  // fields that are there under other names
  bool sound_ = true;
};

std::optional<ParamEntry> EntryReader::Read() {
  if (!json_.isObject()) {
    Report({.problem = "the entry is not an object",
            .expected = absl::StrCat("an object with ", absl::StrJoin(kFields, ", ")),
            .found = DescribeJson(json_)});
    return std::nullopt;
  }
  CheckFields();
  ReadDtype();
  if (dtype_ == circle::TensorType_FLOAT32) {
    CheckPinned();
  } else {
    ReadScale();
    ReadZeroPoint();
    CheckReach();
    ReadValue();
    ReadQuantizedDimension();
  }
  if (!sound_) return std::nullopt;
  return std::move(entry_);
}

void EntryReader::CheckFields() {
  for (const auto& [name, value] : MembersOf(json_)) {
    if (absl::c_linear_search(kFields, name)) continue;
    const absl::string_view meant = FieldMeantBy(name);
    const bool free = !meant.empty() && Find(meant) == nullptr;
    if (free) misspelt_.emplace_back(meant);
    Report({.problem = absl::StrCat("unknown field '", name, "'"),
            .expected = absl::StrJoin(kFields, ", "),
            .advice = free ? absl::StrCat("call it '", meant, "'") : "remove it"});
  }
}

void EntryReader::ReadDtype() {
  const Json::Value* json = Require("dtype", std::string(kDtypes), "");
  if (json == nullptr) return;
  if (!json->isString()) {
    Report({.problem = "'dtype' is not a string",
            .expected = std::string(kDtypes),
            .found = DescribeJson(*json)});
    return;
  }
  const std::string name = json->asString();
  const std::optional<circle::TensorType> type = TypeFromName(name);
  if (type && (IsQuantizedType(*type) || *type == circle::TensorType_FLOAT32)) {
    dtype_ = type;
    entry_.dtype = *type;
    return;
  }
  Report({.problem = "a dtype that can't be imported",
          .expected = std::string(kDtypes),
          .found = absl::StrCat("'", name, "'"),
          .advice = DtypeAdvice(name)});
}

void EntryReader::CheckPinned() {
  std::vector<absl::string_view> others;
  for (absl::string_view field : kFields) {
    if (field != "dtype" && Find(field) != nullptr) others.push_back(field);
  }
  if (others.empty()) return;
  Report({.problem = "dtype float32 keeps the tensor float32 and takes no parameters",
          .expected = "dtype alone",
          .found = absl::StrJoin(others, ", "),
          .advice = "remove them, or give the integer dtype"});
}

void EntryReader::ReadScale() {
  const Json::Value* json = Require("scale", "the name of a .npy file with float32 scales", "");
  if (json == nullptr) return;
  const std::optional<Array> scale = ReadArray("scale", *json);
  if (!scale) return;
  entry_.scale_file = scale->file;
  if (!IsFloat(*scale)) {
    Report({.problem = "scale has the wrong type",
            .expected = "float32",
            .found = absl::StrCat(TypeName(scale->type), " in '", scale->file, "'"),
            .advice = "save np.asarray(scale, dtype=np.float32)"});
    return;
  }
  if (!CheckVector("scale", *scale)) return;
  scales_ = CountOf(*scale);
  CheckScale(*scale);
  for (size_t i = 0; i < *scales_; ++i) {
    const double value = FloatAt(*scale, i);
    // A double beyond float32 is an error by now, and its conversion would be undefined.
    if (sound_) entry_.scale.push_back(static_cast<float>(value));
  }
}

void EntryReader::CheckScale(const Array& scale) {
  const auto is_positive = [&](size_t i) {
    const double value = FloatAt(scale, i);
    return std::isfinite(value) && value > 0;
  };
  const auto is_float32 = [&](size_t i) {
    const double value = FloatAt(scale, i);
    return value <= std::numeric_limits<float>::max() && static_cast<float>(value) == value;
  };
  if (const Failures failures = FindFailures(scale, is_positive)) {
    const bool zero = FloatAt(scale, failures.first) == 0;
    Report({.problem = "scale is not positive",
            .expected = "finite numbers > 0",
            .found = DescribeFailures(scale, failures),
            .advice = zero ? "a channel of zeros may have any positive scale" : ""});
    return;
  }
  if (const Failures failures = FindFailures(scale, is_float32)) {
    Report({.problem = "scale has digits that float32 can't hold",
            .expected = "float32 numbers",
            .found = DescribeFailures(scale, failures),
            .advice = "save np.asarray(scale, dtype=np.float32)"});
    return;
  }
  const auto is_normal = [&](size_t i) {
    return FloatAt(scale, i) >= std::numeric_limits<float>::min();
  };
  if (const Failures failures = FindFailures(scale, is_normal)) {
    Report({.severity = Severity::kWarning,
            .problem = "scale is subnormal: runtimes may take it for zero",
            .expected = absl::StrCat("at least ", NumberText(std::numeric_limits<float>::min())),
            .found = DescribeFailures(scale, failures),
            .advice = "give a channel of zeros an ordinary scale, 1 for example"});
  }
}

void EntryReader::ReadZeroPoint() {
  const Json::Value* json = Require("zerop", "the name of a .npy file with int64 zero points",
                                    "symmetric parameters have zero points of 0");
  if (json == nullptr) return;
  const std::optional<Array> zero_point = ReadArray("zerop", *json);
  if (!zero_point) return;
  entry_.zero_point_file = zero_point->file;
  if (!IsInteger(*zero_point)) {
    Report({.problem = "zerop has the wrong type",
            .expected = "int64",
            .found = absl::StrCat(TypeName(zero_point->type), " in '", zero_point->file, "'"),
            .advice = "save np.asarray(zerop, dtype=np.int64)"});
    return;
  }
  if (!CheckVector("zerop", *zero_point)) return;
  CheckZeroPointCount(*zero_point);
  CheckZeroPointRange(*zero_point);
  for (size_t i = 0; i < CountOf(*zero_point); ++i) {
    entry_.zero_point.push_back(IntegerAt(*zero_point, i).value_or(0));
  }
}

void EntryReader::CheckZeroPointCount(const Array& zero_point) {
  const size_t count = CountOf(zero_point);
  if (!scales_ || *scales_ == count) return;
  Report({.problem = "zerop has another length than scale",
          .expected = absl::StrCat(*scales_, ", as in '", entry_.scale_file, "'"),
          .found = absl::StrCat(count, " in '", zero_point.file, "'"),
          .advice = count == 1 ? absl::StrCat("save np.full(", *scales_, ", zerop, np.int64)")
                               : "save one zero point for each scale"});
}

void EntryReader::CheckZeroPointRange(const Array& zero_point) {
  const IntegerRange all = {std::numeric_limits<int64_t>::min(),
                            std::numeric_limits<int64_t>::max()};
  const IntegerRange range = dtype_ ? *RangeOf(*dtype_) : all;
  const Failures failures = FindOutside(zero_point, range);
  if (!failures) return;
  const std::string name = TypeName(dtype_.value_or(circle::TensorType_INT64));
  // Parameters for uint8 under dtype int8, or the reverse, are the usual reason.
  const std::string opposite = name[0] == 'u' ? name.substr(1) : absl::StrCat("u", name);
  const std::optional<circle::TensorType> type = TypeFromName(opposite);
  const bool fits = type && IsQuantizedType(*type) && !FindOutside(zero_point, *RangeOf(*type));
  Report({.problem = absl::StrCat("zerop is outside the range of ", name),
          .expected = RangeText(range),
          .found = DescribeFailures(zero_point, failures),
          .advice = fits ? absl::StrCat("is the dtype ", opposite, "?") : ""});
}

// A Dequantize of such parameters makes infinities. A bias holds what its values need of its 32 or
// 64 bits.
void EntryReader::CheckReach() {
  if (!sound_ || !dtype_ || BitsPerElement(*dtype_) > 16) return;
  const IntegerRange range = *RangeOf(*dtype_);
  for (size_t i = 0; i < entry_.scale.size(); ++i) {
    const auto zero_point = static_cast<double>(entry_.zero_point[i]);
    const double steps = std::max(static_cast<double>(range.max) - zero_point,
                                  zero_point - static_cast<double>(range.min));
    const double most = double{std::numeric_limits<float>::max()} / steps;
    if (double{entry_.scale[i]} <= most) continue;
    Report({.problem = "scale is so large that its integers stand for numbers beyond float32",
            .expected = absl::StrCat("at most ", NumberText(static_cast<float>(most))),
            .found = absl::StrCat(NumberText(entry_.scale[i]), " at index ", i, " of '",
                                  entry_.scale_file, "'"),
            .advice = "give the tensor the range that its values have"});
    return;
  }
}

void EntryReader::ReadValue() {
  const Json::Value* json = Find("value");
  if (json == nullptr) return;
  entry_.value = ReadArray("value", *json);
  if (entry_.value && dtype_) CheckValueType(*entry_.value);
}

void EntryReader::CheckValueType(const Array& value) {
  const circle::TensorType expected = ElementTypeOf(*dtype_);
  if (value.type != expected) {
    const std::string type = TypeName(expected);
    Report({.problem = "value has another type than dtype",
            .expected = expected == *dtype_
                            ? type
                            : absl::StrCat(type, " holding the values of ", TypeName(*dtype_)),
            .found = absl::StrCat(TypeName(value.type), " in '", value.file, "'"),
            .advice = IsFloat(value)
                          ? "value takes the quantized integers; without it the model's "
                            "own values are quantized"
                          : absl::StrCat("save np.asarray(value, dtype=np.", type, ")")});
    return;
  }
  const IntegerRange range = *RangeOf(*dtype_);
  if (expected == *dtype_) return;
  if (const Failures failures = FindOutside(value, range)) {
    Report({.problem = absl::StrCat("value is outside the range of ", TypeName(*dtype_)),
            .expected = RangeText(range),
            .found = DescribeFailures(value, failures),
            .advice = "save one value a byte, not two packed ones"});
  }
}

void EntryReader::ReadQuantizedDimension() {
  const Json::Value* json = Require("quantized_dimension", "the channel axis, an integer >= 0",
                                    "write 0 for parameters of the whole tensor");
  if (json == nullptr) return;
  const int64_t greatest = std::numeric_limits<int32_t>::max();
  // jsoncpp's isInt() takes 0.0 for an integer, its type tells them apart.
  const bool integer = json->type() == Json::intValue || json->type() == Json::uintValue;
  if (integer && json->isInt64() && json->asInt64() < 0) {
    ReportNegativeDimension(json->asInt64());
  } else if (!integer || !json->isInt64() || json->asInt64() > greatest) {
    Report({.problem = "'quantized_dimension' is not an axis",
            .expected = absl::StrCat("an integer from 0 to ", greatest),
            .found = DescribeJson(*json)});
  } else {
    entry_.quantized_dimension = static_cast<int32_t>(json->asInt64());
  }
}

void EntryReader::ReportNegativeDimension(int64_t dimension) {
  std::string advice = absl::StrCat("count from the front: write the tensor's rank minus ",
                                    std::to_string(dimension).substr(1));
  if (entry_.value) {
    const int64_t rank = static_cast<int64_t>(entry_.value->shape.size());
    if (dimension + rank >= 0) {
      advice = absl::StrCat("write ", dimension + rank, ": 'value' has ", rank, " axes");
    }
  }
  Report({.problem = "'quantized_dimension' is negative",
          .expected = "the channel axis, an integer >= 0",
          .found = absl::StrCat(dimension),
          .advice = advice});
}

const Json::Value* EntryReader::Find(absl::string_view field) {
  return json_.find(field.data(), field.data() + field.size());
}

const Json::Value* EntryReader::Require(absl::string_view field, std::string expected,
                                        std::string advice) {
  const Json::Value* value = Find(field);
  if (value == nullptr && !absl::c_linear_search(misspelt_, field)) {
    Report({.problem = absl::StrCat("'", field, "' is missing"),
            .expected = std::move(expected),
            .advice = std::move(advice)});
  }
  return value;
}

std::optional<Array> EntryReader::ReadArray(absl::string_view field, const Json::Value& name) {
  if (!name.isString()) {
    Report({.problem = absl::StrCat("'", field, "' is not a file name"),
            .expected = "the name of a .npy file",
            .found = DescribeJson(name),
            .advice = "save the array with np.save and give the name of its file"});
    return std::nullopt;
  }
  absl::StatusOr<Array> array = files_.Read(name.asString());
  if (array.ok()) return *std::move(array);
  Diagnostic error = ErrorOf(array.status());
  error.problem =
      absl::StrCat("'", field, "': ", error.file, error.file.empty() ? "" : ": ", error.problem);
  Report(std::move(error));
  return std::nullopt;
}

// One element, or one for each channel.
bool EntryReader::CheckVector(absl::string_view field, const Array& array) {
  const size_t count = CountOf(array);
  if (array.shape.size() <= 1 && count > 0) return true;
  Report({.problem = absl::StrCat(field, " has the wrong shape"),
          .expected = "[1] or [channels]",
          .found = absl::StrCat(ShapeText(array.shape), " in '", array.file, "'"),
          .advice = count == 0 ? "" : absl::StrCat("save ", field, ".reshape(-1)")});
  return false;
}

void EntryReader::Report(Diagnostic diagnostic) {
  sound_ = sound_ && diagnostic.severity != Severity::kError;
  diagnostic.file = param_file_;
  diagnostic.tensor = entry_.key;
  diagnostics_.Add(std::move(diagnostic));
}

}  // namespace

std::optional<ParamEntry> ReadParamEntry(const std::string& key, const Json::Value& json,
                                         const std::string& param_file, ParamFiles& files,
                                         Diagnostics& diagnostics) {
  return EntryReader(key, json, param_file, files, diagnostics).Read();
}

}  // namespace q_implant
