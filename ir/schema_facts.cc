// SPDX-License-Identifier: Apache-2.0
// Prints what flatc understood of circle.fbs as one JSON object, for
// circle_schema_test.py to compare:
//
//   {"file_identifier": "CIR0", "file_extension": "circle", "root": "Model",
//    "tables": {NAME: [{"name", "slot", "type", "enum", "default",
//                       "deprecated"}, ...]},   in slot order
//    "enums":  {NAME: {"underlying": TYPE, "values": {NAME: NUMBER}}},
//    "unions": {NAME: {"values": {NAME: NUMBER}, "tables": {NAME: TABLE}}}}
//
// TYPE is a number as stored ("int8", "float32", "bool", ...), "string", the
// name of a table or union, or any of them in brackets for a vector; the tag of
// a union is a "uint8". "enum" is the enum of such a number, or null. "default"
// is null for what has none: a string, table, vector, union, optional number.

#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "flatbuffers/reflection.h"
#include "ir/circle_bfbs_generated.h"
#include "json/json.h"

namespace q_implant {
namespace {

std::string WithoutNamespace(const flatbuffers::String& name) {
  return std::string(absl::StripPrefix(absl::string_view(name.c_str()), "circle."));
}

absl::string_view NumberName(reflection::BaseType type) {
  switch (type) {
    case reflection::Bool:
      return "bool";
    case reflection::Byte:
      return "int8";
    case reflection::UByte:
    case reflection::UType:
      return "uint8";
    case reflection::Short:
      return "int16";
    case reflection::UShort:
      return "uint16";
    case reflection::Int:
      return "int32";
    case reflection::UInt:
      return "uint32";
    case reflection::Long:
      return "int64";
    case reflection::ULong:
      return "uint64";
    case reflection::Float:
      return "float32";
    case reflection::Double:
      return "float64";
    default:
      return "?";
  }
}

// `index` is that of the table (reflection::Obj) or union in `schema`.
std::string TypeName(const reflection::Schema& schema, reflection::BaseType type, int index) {
  switch (type) {
    case reflection::String:
      return "string";
    case reflection::Obj:
      return WithoutNamespace(*schema.objects()->Get(index)->name());
    case reflection::Union:
      return WithoutNamespace(*schema.enums()->Get(index)->name());
    default:
      return std::string(NumberName(type));
  }
}

std::string TypeName(const reflection::Schema& schema, const reflection::Type& type) {
  if (type.base_type() != reflection::Vector) {
    return TypeName(schema, type.base_type(), type.index());
  }
  return absl::StrCat("[", TypeName(schema, type.element(), type.index()), "]");
}

Json::Value EnumName(const reflection::Schema& schema, const reflection::Type& type) {
  const bool is_vector = type.base_type() == reflection::Vector;
  const reflection::BaseType number = is_vector ? type.element() : type.base_type();
  if (type.index() < 0 || !flatbuffers::IsScalar(number)) {
    return Json::nullValue;
  }
  return WithoutNamespace(*schema.enums()->Get(type.index())->name());
}

Json::Value Default(const reflection::Field& field) {
  const reflection::BaseType type = field.type()->base_type();
  if (field.optional() || !flatbuffers::IsScalar(type)) return Json::nullValue;
  if (flatbuffers::IsFloat(type)) return field.default_real();
  return Json::Int64{field.default_integer()};
}

Json::Value TableFacts(const reflection::Schema& schema, const reflection::Object& table) {
  // The fields stand in the order of their names.
  std::vector<const reflection::Field*> fields(table.fields()->begin(), table.fields()->end());
  std::sort(fields.begin(), fields.end(),
            [](const auto* a, const auto* b) { return a->id() < b->id(); });

  Json::Value facts = Json::arrayValue;
  for (const reflection::Field* field : fields) {
    Json::Value fact;
    fact["name"] = field->name()->str();
    fact["slot"] = field->id();
    fact["type"] = TypeName(schema, *field->type());
    fact["enum"] = EnumName(schema, *field->type());
    fact["default"] = Default(*field);
    fact["deprecated"] = field->deprecated();
    facts.append(fact);
  }
  return facts;
}

Json::Value Values(const reflection::Enum& from) {
  Json::Value values = Json::objectValue;
  for (const reflection::EnumVal* value : *from.values()) {
    values[value->name()->str()] = Json::Int64{value->value()};
  }
  return values;
}

Json::Value EnumFacts(const reflection::Enum& from) {
  Json::Value facts;
  facts["underlying"] = std::string(NumberName(from.underlying_type()->base_type()));
  facts["values"] = Values(from);
  return facts;
}

Json::Value UnionFacts(const reflection::Schema& schema, const reflection::Enum& from) {
  Json::Value facts;
  facts["values"] = Values(from);
  facts["tables"] = Json::objectValue;
  for (const reflection::EnumVal* value : *from.values()) {
    const reflection::Type* type = value->union_type();
    if (type->base_type() == reflection::None) continue;
    facts["tables"][value->name()->str()] = TypeName(schema, *type);
  }
  return facts;
}

Json::Value SchemaFacts(const reflection::Schema& schema) {
  Json::Value facts;
  facts["file_identifier"] = schema.file_ident()->str();
  facts["file_extension"] = schema.file_ext()->str();
  facts["root"] = WithoutNamespace(*schema.root_table()->name());
  for (const reflection::Object* table : *schema.objects()) {
    facts["tables"][WithoutNamespace(*table->name())] = TableFacts(schema, *table);
  }
  for (const reflection::Enum* from : *schema.enums()) {
    const std::string name = WithoutNamespace(*from->name());
    if (from->is_union()) {
      facts["unions"][name] = UnionFacts(schema, *from);
    } else {
      facts["enums"][name] = EnumFacts(*from);
    }
  }
  return facts;
}

}  // namespace
}  // namespace q_implant

int main() {
  const reflection::Schema* schema = reflection::GetSchema(circle::ModelBinarySchema::data());
  std::cout << q_implant::SchemaFacts(*schema);
}
