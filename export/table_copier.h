// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TABLE_COPIER_H_
#define Q_IMPLANT_EXPORT_TABLE_COPIER_H_

#include <cstdint>

#include "absl/strings/string_view.h"
#include "flatbuffers/flatbuffers.h"
#include "flatbuffers/reflection.h"

namespace q_implant {

// Copies tables of the circle schema, with all that hangs on them, from one flatbuffer into
// another.
class TableCopier {
 public:
  // The builder must outlive the copier.
  explicit TableCopier(flatbuffers::FlatBufferBuilder* builder);

  // Copies a table that the schema names "circle.<name>". Null gives a null offset.
  flatbuffers::Offset<void> Copy(absl::string_view name, const flatbuffers::Table* table);

  // Copies the value of the union "circle.<union_name>"; `type` says which table it is.
  flatbuffers::Offset<void> CopyUnion(absl::string_view union_name, uint8_t type,
                                      const flatbuffers::Table* table);

 private:
  flatbuffers::Offset<void> Copy(const reflection::Object& definition,
                                 const flatbuffers::Table& table);

  flatbuffers::FlatBufferBuilder* builder_;
  const reflection::Schema* schema_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TABLE_COPIER_H_
