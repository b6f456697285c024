// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_SCHEMA_TABLES_H_
#define Q_IMPLANT_IMPORT_SCHEMA_TABLES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "flatbuffers/reflection.h"

namespace q_implant {

// A field that is more than a number in its table, or that flatc makes no accessor for.
struct SchemaField {
  enum class Kind : uint8_t {
    kTable,
    kTableVector,
    kUnion,
    kNumbers,  // a vector of them; strings are too
    kNumber,
  };
  Kind kind = Kind::kNumber;
  bool deprecated = false;
  std::string name = {};
  flatbuffers::voffset_t offset = 0;
  size_t index = 0;         // of the table or union in the schema
  size_t element_size = 0;  // bytes of a number, or of one of kNumbers
  size_t id = 0;            // 0, 1, ... over all fields that are here
};

struct SchemaTable {
  std::string name;                        // without namespace
  flatbuffers::voffset_t vtable_size = 0;  // with all fields of the schema
  std::vector<SchemaField> fields;
};

struct SchemaUnion {
  std::string name;
  bool numbered_by_file = false;  // TFLite and circle number its members differently
  std::array<int, 256> tables;    // by circle's number of the type; negative where there is none

  // Which table of the schema a type is in a file with this identifier.
  std::optional<size_t> TableOf(uint8_t type, absl::string_view identifier) const;
};

// What who walks over all tables of a file has to know of the schema, in its order. It is gathered
// once a program, for that takes longer than reading a small model.
struct SchemaTables {
  std::vector<SchemaTable> tables;
  std::vector<SchemaUnion> unions;  // other enums have no tables
  size_t root = 0;
  size_t field_count = 0;
};
const SchemaTables& AllSchemaTables();

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_SCHEMA_TABLES_H_
