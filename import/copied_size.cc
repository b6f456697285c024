// SPDX-License-Identifier: Apache-2.0
#include "import/copied_size.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "flatbuffers/flatbuffers.h"
#include "import/schema_tables.h"
#include "ir/model.h"

namespace q_implant {
namespace {

using flatbuffers::Table;
using TableVector = flatbuffers::Vector<flatbuffers::Offset<Table>>;

using Kind = SchemaField::Kind;

// The structs that tables are read into.
size_t SizeInMemory(absl::string_view table) {
  constexpr std::pair<absl::string_view, size_t> kSizes[] = {
      {"Tensor", sizeof(Tensor)},
      {"Operator", sizeof(Node)},
      {"OperatorCode", sizeof(OperatorCode)},
      {"SubGraph", sizeof(Graph)},
      {"Buffer", sizeof(Buffer)},
      {"Metadata", sizeof(Metadata)},
      {"TensorMap", sizeof(TensorMap)},
      {"SignatureDef", sizeof(SignatureDef)}};
  for (const auto& [name, size] : kSizes) {
    if (name == table) return size;
  }
  return 0;
}

bool IsPayload(absl::string_view field) {
  return field == "Buffer.data" || field == "Operator.custom_options";
}

// What reading a table of the schema makes.
struct TableCosts {
  size_t in_memory = 0;
  std::vector<const SchemaField*> fields;  // that are copied
};

bool IsCopied(const SchemaTable& table, const SchemaField& field) {
  return field.kind != Kind::kNumber && !IsPayload(absl::StrCat(table.name, ".", field.name));
}

const std::vector<TableCosts>& AllTableCosts() {
  static const auto& all = *[] {
    auto* costs = new std::vector<TableCosts>;
    for (const SchemaTable& table : AllSchemaTables().tables) {
      TableCosts& of_table = costs->emplace_back();
      of_table.in_memory = SizeInMemory(table.name);
      for (const SchemaField& field : table.fields) {
        if (IsCopied(table, field)) of_table.fields.push_back(&field);
      }
    }
    return costs;
  }();
  return all;
}

class Meter {
 public:
  explicit Meter(absl::Span<const uint8_t> file)
      : schema_(AllSchemaTables()),
        costs_(AllTableCosts()),
        identifier_(flatbuffers::GetBufferIdentifier(file.data()),
                    flatbuffers::kFileIdentifierLength),
        bytes_(schema_.field_count, 0) {}

  CopiedSize Measure(const Table& root) {
    CopiedSize size;
    size.bytes = CountTable(root, schema_.root);
    for (const SchemaTable& table : schema_.tables) {
      for (const SchemaField& field : table.fields) {
        if (bytes_[field.id] <= size.greatest_bytes) continue;
        size.greatest_bytes = bytes_[field.id];
        size.greatest = absl::StrCat(table.name, ".", field.name);
      }
    }
    return size;
  }

 private:
  // Of a table, what it holds included.
  uint64_t CountTable(const Table& table, size_t index) {
    const auto inside = flatbuffers::ReadScalar<flatbuffers::voffset_t>(
        table.GetVTable() + sizeof(flatbuffers::voffset_t));
    uint64_t bytes = std::max<uint64_t>(inside, costs_[index].in_memory);
    for (const SchemaField* field : costs_[index].fields) {
      if (table.CheckField(field->offset)) bytes += CountField(table, *field);
    }
    return bytes;
  }

  uint64_t CountField(const Table& table, const SchemaField& field) {
    switch (field.kind) {
      case Kind::kTable:
        return CountTable(*table.GetPointer<const Table*>(field.offset), field.index);
      case Kind::kTableVector:
        return CountTables(*table.GetPointer<const TableVector*>(field.offset), field);
      case Kind::kUnion:
        return CountUnion(table, field);
      case Kind::kNumbers: {
        const uint64_t bytes =
            table.GetPointer<const flatbuffers::VectorOfAny*>(field.offset)->size() *
            uint64_t{field.element_size};
        bytes_[field.id] += bytes;
        return bytes;
      }
      case Kind::kNumber:
        break;
    }
    return 0;
  }

  uint64_t CountUnion(const Table& table, const SchemaField& field) {
    // A union's type stands in the field before its value.
    const auto type = table.GetField<uint8_t>(
        static_cast<flatbuffers::voffset_t>(field.offset - sizeof(flatbuffers::voffset_t)), 0);
    const auto index = schema_.unions[field.index].TableOf(type, identifier_);
    return index.has_value() ? CountTable(*table.GetPointer<const Table*>(field.offset), *index)
                             : 0;
  }

  uint64_t CountTables(const TableVector& tables, const SchemaField& field) {
    const uint64_t offsets = uint64_t{tables.size()} * sizeof(flatbuffers::uoffset_t);
    uint64_t bytes = offsets;
    for (const Table* table : tables) bytes += CountTable(*table, field.index);
    bytes_[field.id] += offsets;
    return bytes;
  }

  const SchemaTables& schema_;
  const std::vector<TableCosts>& costs_;
  absl::string_view identifier_;
  std::vector<uint64_t> bytes_;  // by field
};

}  // namespace

CopiedSize MeasureCopiedSize(absl::Span<const uint8_t> file) {
  return Meter(file).Measure(*flatbuffers::GetRoot<Table>(file.data()));
}

}  // namespace q_implant
