// SPDX-License-Identifier: Apache-2.0
#include "import/copied_size.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "flatbuffers/reflection.h"
#include "ir/circle_bfbs_generated.h"
#include "ir/circle_generated.h"
#include "ir/model.h"
#include "ir/quantization_details.h"

namespace q_implant {
namespace {

using flatbuffers::Table;
using TableVector = flatbuffers::Vector<flatbuffers::Offset<Table>>;

// A field that is more than a number in its table.
struct Field {
  enum class Kind { kTable, kTableVector, kUnion, kNumbers };
  Kind kind;
  flatbuffers::voffset_t offset;
  int index;            // of the table or union in the schema
  size_t element_size;  // of kNumbers, which strings are too
  std::string name;
  uint64_t bytes = 0;
};

struct TableFacts {
  size_t in_memory = 0;
  std::vector<Field> fields;
};

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

bool FactOf(const reflection::Field& from, Field& to) {
  const reflection::Type& type = *from.type();
  const bool is_vector = type.base_type() == reflection::Vector;
  to.offset = from.offset();
  to.index = type.index();
  if (type.base_type() == reflection::Obj) {
    to.kind = Field::Kind::kTable;
  } else if (is_vector && type.element() == reflection::Obj) {
    to.kind = Field::Kind::kTableVector;
  } else if (type.base_type() == reflection::Union) {
    to.kind = Field::Kind::kUnion;
  } else if (is_vector || type.base_type() == reflection::String) {
    to.kind = Field::Kind::kNumbers;
    to.element_size = is_vector ? flatbuffers::GetTypeSize(type.element()) : 1;
  } else {
    return false;
  }
  return true;
}

TableFacts FactsOf(const reflection::Object& table) {
  const auto name = absl::StripPrefix(table.name()->c_str(), "circle.");
  TableFacts facts{SizeInMemory(name), {}};
  for (const reflection::Field* from : *table.fields()) {
    Field field{};
    field.name = absl::StrCat(name, ".", from->name()->c_str());
    if (FactOf(*from, field) && !IsPayload(field.name)) facts.fields.push_back(std::move(field));
  }
  return facts;
}

class Meter {
 public:
  explicit Meter(absl::Span<const uint8_t> file)
      : identifier_(flatbuffers::GetBufferIdentifier(file.data()),
                    flatbuffers::kFileIdentifierLength) {
    const auto& schema = *reflection::GetSchema(circle::ModelBinarySchema::data());
    for (const reflection::Object* table : *schema.objects()) {
      if (table == schema.root_table()) root_ = tables_.size();
      tables_.push_back(FactsOf(*table));
    }
    for (const reflection::Enum* from : *schema.enums()) unions_.push_back(TablesOf(*from));
  }

  CopiedSize Measure(const Table& root) {
    CopiedSize size;
    size.bytes = CountTable(root, root_);
    for (const TableFacts& table : tables_) {
      for (const Field& field : table.fields) {
        if (field.bytes <= size.greatest_bytes) continue;
        size.greatest_bytes = field.bytes;
        size.greatest = field.name;
      }
    }
    return size;
  }

 private:
  using UnionTables = std::array<int, 256>;  // by type in the file

  UnionTables TablesOf(const reflection::Enum& from) const {
    UnionTables tables;
    tables.fill(-1);
    if (!from.is_union()) return tables;
    for (const reflection::EnumVal* value : *from.values()) {
      tables[static_cast<uint8_t>(value->value())] = value->union_type()->index();
    }
    if (from.name()->str() != "circle.QuantizationDetails") return tables;
    const UnionTables by_circle = tables;
    for (size_t i = 0; i < tables.size(); ++i) {
      const auto type = DetailsFromFile(static_cast<uint8_t>(i), identifier_);
      tables[i] = type.has_value() ? by_circle[*type] : -1;
    }
    return tables;
  }

  // Of a table, what it holds included.
  uint64_t CountTable(const Table& table, size_t index) {
    TableFacts& facts = tables_[index];
    const auto inside = flatbuffers::ReadScalar<flatbuffers::voffset_t>(
        table.GetVTable() + sizeof(flatbuffers::voffset_t));
    uint64_t bytes = std::max<uint64_t>(inside, facts.in_memory);
    for (Field& field : facts.fields) {
      if (!table.CheckField(field.offset)) continue;
      const uint64_t more = CountField(table, field);
      field.bytes += field.kind == Field::Kind::kNumbers ? more : 0;
      bytes += more;
    }
    return bytes;
  }

  uint64_t CountField(const Table& table, Field& field) {
    const auto index = static_cast<size_t>(field.index);
    switch (field.kind) {
      case Field::Kind::kTable:
        return CountTable(*table.GetPointer<const Table*>(field.offset), index);
      case Field::Kind::kTableVector:
        return CountTables(*table.GetPointer<const TableVector*>(field.offset), field);
      case Field::Kind::kUnion: {
        // A union's type stands in the field before its value.
        const auto type = table.GetField<uint8_t>(
            static_cast<flatbuffers::voffset_t>(field.offset - sizeof(flatbuffers::voffset_t)), 0);
        const int of_type = unions_[index][type];
        return of_type < 0 ? 0
                           : CountTable(*table.GetPointer<const Table*>(field.offset),
                                        static_cast<size_t>(of_type));
      }
      case Field::Kind::kNumbers:
        return table.GetPointer<const flatbuffers::VectorOfAny*>(field.offset)->size() *
               uint64_t{field.element_size};
    }
    return 0;
  }

  uint64_t CountTables(const TableVector& tables, Field& field) {
    const uint64_t offsets = uint64_t{tables.size()} * sizeof(flatbuffers::uoffset_t);
    uint64_t bytes = offsets;
    for (const Table* table : tables) bytes += CountTable(*table, static_cast<size_t>(field.index));
    field.bytes += offsets;
    return bytes;
  }

  std::string identifier_;
  std::vector<TableFacts> tables_;
  std::vector<UnionTables> unions_;
  size_t root_ = 0;
};

}  // namespace

CopiedSize MeasureCopiedSize(absl::Span<const uint8_t> file) {
  return Meter(file).Measure(*flatbuffers::GetRoot<Table>(file.data()));
}

}  // namespace q_implant
