// SPDX-License-Identifier: Apache-2.0
#include "export/table_copier.h"

#include "absl/strings/str_cat.h"
#include "ir/circle_bfbs_generated.h"

namespace q_implant {

TableCopier::TableCopier(flatbuffers::FlatBufferBuilder* builder)
    : builder_(builder), schema_(reflection::GetSchema(circle::ModelBinarySchema::data())) {}

flatbuffers::Offset<void> TableCopier::Copy(absl::string_view name,
                                            const flatbuffers::Table* table) {
  if (table == nullptr) return 0;
  const std::string full_name = absl::StrCat("circle.", name);
  return Copy(*schema_->objects()->LookupByKey(full_name.c_str()), *table);
}

flatbuffers::Offset<void> TableCopier::CopyUnion(absl::string_view union_name, uint8_t type,
                                                 const flatbuffers::Table* table) {
  if (table == nullptr) return 0;
  const std::string full_name = absl::StrCat("circle.", union_name);
  const reflection::Enum* tables = schema_->enums()->LookupByKey(full_name.c_str());
  const int index = tables->values()->LookupByKey(type)->union_type()->index();
  return Copy(*schema_->objects()->Get(static_cast<flatbuffers::uoffset_t>(index)), *table);
}

flatbuffers::Offset<void> TableCopier::Copy(const reflection::Object& definition,
                                            const flatbuffers::Table& table) {
  return flatbuffers::CopyTable(*builder_, *schema_, definition, table).Union();
}

}  // namespace q_implant
