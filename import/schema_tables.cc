// SPDX-License-Identifier: Apache-2.0
#include "import/schema_tables.h"

#include <algorithm>
#include <utility>

#include "absl/strings/strip.h"
#include "ir/circle_bfbs_generated.h"
#include "ir/quantization_details.h"

namespace q_implant {
namespace {

using Kind = SchemaField::Kind;

constexpr int kNoTable = -1;

std::string WithoutNamespace(const flatbuffers::String* name) {
  return std::string(absl::StripPrefix(name->c_str(), "circle."));
}

Kind KindOf(const reflection::Type& type) {
  const bool is_vector = type.base_type() == reflection::Vector;
  if (type.base_type() == reflection::Obj) return Kind::kTable;
  if (is_vector && type.element() == reflection::Obj) return Kind::kTableVector;
  if (type.base_type() == reflection::Union) return Kind::kUnion;
  return is_vector || type.base_type() == reflection::String ? Kind::kNumbers : Kind::kNumber;
}

size_t ElementSize(const reflection::Type& type) {
  if (type.base_type() == reflection::String) return 1;
  return flatbuffers::GetTypeSize(type.base_type() == reflection::Vector ? type.element()
                                                                         : type.base_type());
}

SchemaTable TableFrom(const reflection::Object& from, size_t& field_count) {
  SchemaTable table;
  table.name = WithoutNamespace(from.name());
  table.vtable_size = 2 * sizeof(flatbuffers::voffset_t);
  for (const reflection::Field* field : *from.fields()) {
    const flatbuffers::voffset_t end = field->offset() + sizeof(flatbuffers::voffset_t);
    table.vtable_size = std::max(table.vtable_size, end);
    const Kind kind = KindOf(*field->type());
    if (kind == Kind::kNumber && !field->deprecated()) continue;
    table.fields.push_back({.kind = kind,
                            .deprecated = field->deprecated(),
                            .name = field->name()->str(),
                            .offset = field->offset(),
                            .index = static_cast<size_t>(std::max(field->type()->index(), 0)),
                            .element_size = ElementSize(*field->type()),
                            .id = field_count++});
  }
  return table;
}

SchemaUnion UnionFrom(const reflection::Enum& from) {
  SchemaUnion to;
  to.name = WithoutNamespace(from.name());
  to.numbered_by_file = to.name == "QuantizationDetails";
  to.tables.fill(kNoTable);
  if (!from.is_union()) return to;
  for (const reflection::EnumVal* value : *from.values()) {
    to.tables[static_cast<uint8_t>(value->value())] = value->union_type()->index();
  }
  return to;
}

SchemaTables Gather() {
  const reflection::Schema& schema = *reflection::GetSchema(circle::ModelBinarySchema::data());
  SchemaTables all;
  for (const reflection::Object* table : *schema.objects()) {
    if (table == schema.root_table()) all.root = all.tables.size();
    all.tables.push_back(TableFrom(*table, all.field_count));
  }
  for (const reflection::Enum* from : *schema.enums()) all.unions.push_back(UnionFrom(*from));
  return all;
}

}  // namespace

std::optional<size_t> SchemaUnion::TableOf(uint8_t type, absl::string_view identifier) const {
  if (numbered_by_file) {
    const auto details = DetailsFromFile(type, identifier);
    if (!details.has_value()) return std::nullopt;
    type = *details;
  }
  const int table = tables[type];
  return table < 0 ? std::nullopt : std::optional(static_cast<size_t>(table));
}

const SchemaTables& AllSchemaTables() {
  static const auto& all = *new SchemaTables(Gather());
  return all;
}

}  // namespace q_implant
