// SPDX-License-Identifier: Apache-2.0
#include "ir/option_text.h"

#include <map>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "flatbuffers/reflection.h"
#include "flatbuffers/util.h"
#include "ir/circle_bfbs_generated.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

using Fields = std::vector<const reflection::Field*>;

// A longer vector (bytes for a kernel) is shown by its length.
constexpr size_t kMaxElements = 64;

const reflection::Schema& CircleSchema() {
  return *reflection::GetSchema(circle::ModelBinarySchema::data());
}

// The fields of each table in the order of the schema, which keeps them sorted by name.
const std::map<std::string, Fields>& FieldsOfTables() {
  static const auto& tables = *[] {
    auto* result = new std::map<std::string, Fields>();
    for (const reflection::Object* object : *CircleSchema().objects()) {
      Fields fields(object->fields()->size());
      for (const reflection::Field* field : *object->fields()) fields[field->id()] = field;
      (*result)[std::string(absl::StripPrefix(object->name()->str(), "circle."))] = fields;
    }
    return result;
  }();
  return tables;
}

std::string IntegerText(int64_t value, reflection::BaseType base, int32_t enum_index) {
  if (enum_index >= 0) {
    const auto* name = CircleSchema().enums()->Get(enum_index)->values()->LookupByKey(value);
    if (name != nullptr) return name->name()->str();
  }
  if (base == reflection::Bool) return value != 0 ? "true" : "false";
  return NumberText(value);
}

std::string StringText(const flatbuffers::String& string) {
  std::string text;
  flatbuffers::EscapeString(string.c_str(), string.size(), &text, /*allow_non_utf8=*/true,
                            /*natural_utf8=*/true);
  return text;
}

std::string VectorText(const flatbuffers::Table& table, const reflection::Field& field) {
  const reflection::BaseType element = field.type()->element();
  const flatbuffers::VectorOfAny& vector = *flatbuffers::GetFieldAnyV(table, field);
  if (vector.size() > kMaxElements) return absl::StrCat("[", vector.size(), " elements]");
  std::vector<std::string> elements;
  for (size_t i = 0; i < vector.size(); ++i) {
    if (flatbuffers::IsFloat(element)) {
      const double value = flatbuffers::GetAnyVectorElemF(&vector, element, i);
      elements.push_back(NumberText(static_cast<float>(value)));
    } else {
      const int64_t value = flatbuffers::GetAnyVectorElemI(&vector, element, i);
      elements.push_back(IntegerText(value, element, field.type()->index()));
    }
  }
  return absl::StrCat("[", absl::StrJoin(elements, ", "), "]");
}

// Empty for a field that is absent or has its default.
std::string FieldText(const flatbuffers::Table& table, const reflection::Field& field) {
  if (field.deprecated() || !table.CheckField(field.offset())) return "";
  const reflection::BaseType base = field.type()->base_type();
  if (flatbuffers::IsFloat(base)) {
    const double value = flatbuffers::GetAnyFieldF(table, field);
    if (value == field.default_real()) return "";
    return NumberText(static_cast<float>(value));  // the schema has no field of type double
  }
  if (flatbuffers::IsInteger(base)) {
    const int64_t value = flatbuffers::GetAnyFieldI(table, field);
    if (value == field.default_integer()) return "";
    return IntegerText(value, base, field.type()->index());
  }
  if (base == reflection::String) return StringText(*flatbuffers::GetFieldS(table, field));
  if (base == reflection::Vector) return VectorText(table, field);
  return "?";  // no option table holds tables or unions
}

// "Conv2DOptions" and "CONV_2D": "conv2d".
std::string CommonForm(absl::string_view name) {
  const std::string lower = absl::AsciiStrToLower(absl::StripSuffix(name, "Options"));
  return absl::StrReplaceAll(lower, {{"_", ""}});
}

std::map<std::string, OptionsTable> CollectTables() {
  std::map<std::string, OptionsTable> tables;
  for (circle::BuiltinOptions type : circle::EnumValuesBuiltinOptions()) {
    const std::string name = circle::EnumNameBuiltinOptions(type);
    if (type != circle::BuiltinOptions_NONE) tables[name] = {.name = name, .type = type};
  }
  for (circle::BuiltinOptions2 type : circle::EnumValuesBuiltinOptions2()) {
    const std::string name = circle::EnumNameBuiltinOptions2(type);
    if (type != circle::BuiltinOptions2_NONE) tables[name] = {.name = name, .type2 = type};
  }
  return tables;
}

// The operators whose table has another name than they.
absl::string_view SharedTable(circle::BuiltinOperator op) {
  switch (op) {
    case circle::BuiltinOperator_AVERAGE_POOL_2D:
    case circle::BuiltinOperator_L2_POOL_2D:
    case circle::BuiltinOperator_MAX_POOL_2D:
      return "Pool2DOptions";
    case circle::BuiltinOperator_CONV_3D_TRANSPOSE:
      return "Conv3DOptions";
    case circle::BuiltinOperator_L2_NORMALIZATION:
      return "L2NormOptions";
    case circle::BuiltinOperator_MAXIMUM:
    case circle::BuiltinOperator_MINIMUM:
      return "MaximumMinimumOptions";
    case circle::BuiltinOperator_MEAN:
    case circle::BuiltinOperator_REDUCE_ALL:
    case circle::BuiltinOperator_REDUCE_ANY:
    case circle::BuiltinOperator_REDUCE_MAX:
    case circle::BuiltinOperator_REDUCE_MIN:
    case circle::BuiltinOperator_REDUCE_PROD:
    case circle::BuiltinOperator_SUM:
      return "ReducerOptions";
    case circle::BuiltinOperator_MULTINOMIAL:
    case circle::BuiltinOperator_RANDOM_STANDARD_NORMAL:
    case circle::BuiltinOperator_RANDOM_UNIFORM:
      return "RandomOptions";
    case circle::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_RNN:
      return "SequenceRNNOptions";
    default:
      return "";
  }
}

std::map<circle::BuiltinOperator, OptionsTable> MatchTablesToOperators() {
  std::map<std::string, std::string> by_form;
  for (const auto& [name, table] : CollectTables()) by_form[CommonForm(name)] = name;
  std::map<circle::BuiltinOperator, OptionsTable> result;
  for (circle::BuiltinOperator op : circle::EnumValuesBuiltinOperator()) {
    std::string name(SharedTable(op));
    if (name.empty()) name = by_form[CommonForm(circle::EnumNameBuiltinOperator(op))];
    result[op] = FindOptionsTable(name);
  }
  return result;
}

const OptionsTable& NoTable() {
  static const auto& none = *new OptionsTable();
  return none;
}

std::string OneTableText(const OptionsTable& usual, const std::string& name,
                         const flatbuffers::Table* table) {
  if (table == nullptr) return "";
  const std::string text = TableText(name, *table);
  return name == usual.name ? absl::StrCat(" ", text) : absl::StrCat(" ", name, " ", text);
}

}  // namespace

const OptionsTable& FindOptionsTable(absl::string_view name) {
  static const auto& tables = *new auto(CollectTables());
  const auto found = tables.find(std::string(name));
  return found == tables.end() ? NoTable() : found->second;
}

bool HasFields(const OptionsTable& table) {
  const auto found = FieldsOfTables().find(table.name);
  return found != FieldsOfTables().end() && !found->second.empty();
}

const OptionsTable& OptionsTableOf(circle::BuiltinOperator op) {
  static const auto& tables = *new auto(MatchTablesToOperators());
  const auto found = tables.find(op);
  return found == tables.end() ? NoTable() : found->second;
}

std::string TableText(absl::string_view name, const flatbuffers::Table& table) {
  const auto fields = FieldsOfTables().find(std::string(name));
  if (fields == FieldsOfTables().end()) return "{?}";
  std::vector<std::string> texts;
  for (const reflection::Field* field : fields->second) {
    const std::string value = FieldText(table, *field);
    if (!value.empty()) texts.push_back(absl::StrCat(field->name()->str(), ": ", value));
  }
  return absl::StrCat("{", absl::StrJoin(texts, ", "), "}");
}

std::string OptionsText(const Node& node) {
  const OptionsTable& usual = OptionsTableOf(node.op());
  return absl::StrCat(
      OneTableText(usual, circle::EnumNameBuiltinOptions(node.options_type), node.options),
      OneTableText(usual, circle::EnumNameBuiltinOptions2(node.options2_type), node.options2));
}

}  // namespace q_implant
