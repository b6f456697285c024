// SPDX-License-Identifier: Apache-2.0
#include "import/newer_schema.h"

#include <algorithm>
#include <array>
#include <limits>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "flatbuffers/reflection.h"
#include "ir/circle_bfbs_generated.h"
#include "ir/circle_generated.h"
#include "ir/quantization_details.h"

namespace q_implant {
namespace {

using flatbuffers::Table;
using flatbuffers::voffset_t;
using TableVector = flatbuffers::Vector<flatbuffers::Offset<Table>>;

constexpr int kUnknownTable = -1;

std::string WithoutNamespace(const flatbuffers::String* name) {
  return std::string(absl::StripPrefix(name->c_str(), "circle."));
}

// What the walk needs to know of a field.
struct Field {
  enum class Kind { kTable, kTableVector, kUnion, kDeprecated };
  Kind kind;
  std::string name;
  voffset_t offset;
  int index;                  // of the table or union in the schema
  reflection::BaseType type;  // of a deprecated one
};

struct TableFacts {
  std::string name;
  voffset_t vtable_size;  // with all fields of the schema
  std::vector<Field> fields;
};

struct UnionFacts {
  std::string name;
  std::array<int, 256> tables;  // by type
};

bool FactOf(const reflection::Field& from, Field& to) {
  const reflection::Type& type = *from.type();
  to.name = from.name()->str();
  to.offset = from.offset();
  to.index = type.index();
  to.type = type.base_type();
  if (from.deprecated()) {
    to.kind = Field::Kind::kDeprecated;
  } else if (type.base_type() == reflection::Obj) {
    to.kind = Field::Kind::kTable;
  } else if (type.base_type() == reflection::Vector && type.element() == reflection::Obj) {
    to.kind = Field::Kind::kTableVector;
  } else if (type.base_type() == reflection::Union) {
    to.kind = Field::Kind::kUnion;
  } else {
    return false;
  }
  return true;
}

TableFacts FactsOf(const reflection::Object& table) {
  TableFacts facts;
  facts.name = WithoutNamespace(table.name());
  facts.vtable_size = 2 * sizeof(voffset_t);
  for (const reflection::Field* field : *table.fields()) {
    const voffset_t end = field->offset() + sizeof(voffset_t);
    facts.vtable_size = std::max(facts.vtable_size, end);
    Field fact;
    if (FactOf(*field, fact)) facts.fields.push_back(std::move(fact));
  }
  return facts;
}

// The Verifier and the schema go by circle's numbers.
UnionFacts InFile(const UnionFacts& details, absl::string_view identifier) {
  UnionFacts facts = details;
  for (size_t number = 0; number < facts.tables.size(); ++number) {
    const auto type = DetailsFromFile(static_cast<uint8_t>(number), identifier);
    facts.tables[number] = type.has_value() ? details.tables[*type] : kUnknownTable;
  }
  return facts;
}

UnionFacts FactsOf(const reflection::Enum& from) {
  UnionFacts facts;
  facts.name = WithoutNamespace(from.name());
  facts.tables.fill(kUnknownTable);
  if (!from.is_union()) return facts;
  for (const reflection::EnumVal* value : *from.values()) {
    facts.tables[static_cast<uint8_t>(value->value())] = value->union_type()->index();
  }
  return facts;
}

class SchemaWalker {
 public:
  SchemaWalker(absl::Span<const uint8_t> file, SchemaReport report)
      : verifier_(file.data(), std::min<size_t>(file.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1),
                  /*max_depth=*/64, /*max_tables=*/std::numeric_limits<uint32_t>::max()),
        report_(report) {
    const reflection::Schema& schema = *reflection::GetSchema(circle::ModelBinarySchema::data());
    for (const reflection::Object* table : *schema.objects()) tables_.push_back(FactsOf(*table));
    const absl::string_view identifier(flatbuffers::GetBufferIdentifier(file.data()),
                                       flatbuffers::kFileIdentifierLength);
    for (const reflection::Enum* from : *schema.enums()) {
      unions_.push_back(FactsOf(*from));
      if (unions_.back().name == "QuantizationDetails") {
        unions_.back() = InFile(unions_.back(), identifier);
      }
    }
    const auto* objects = schema.objects();
    for (flatbuffers::uoffset_t i = 0; i < objects->size(); ++i) {
      if (objects->Get(i) == schema.root_table()) root_ = i;
    }
  }

  void Walk(const Table& root) { WalkTable(root, tables_[root_]); }

 private:
  // A step of the way from the root; `element` is -1 where the field is no vector.
  struct Step {
    const Field* field;
    int64_t element;
  };

  void Report(const std::string& problem) {
    std::string where;
    for (const Step& step : path_) {
      absl::StrAppend(&where, where.empty() ? "" : ".", step.field->name);
      if (step.element >= 0) absl::StrAppend(&where, "[", step.element, "]");
    }
    report_(where, problem);
  }

  void WalkTable(const Table& table, const TableFacts& facts) {
    const uint8_t* vtable = table.GetVTable();
    const voffset_t vtable_size = flatbuffers::ReadScalar<voffset_t>(vtable);
    for (voffset_t field = facts.vtable_size; field < vtable_size; field += sizeof(voffset_t)) {
      if (flatbuffers::ReadScalar<voffset_t>(vtable + field) == 0) continue;
      Report(absl::StrCat("table ", facts.name, " has a field number ", (field - 4) / 2,
                          ", which is not known here"));
    }
    for (const Field& field : facts.fields) {
      if (table.CheckField(field.offset)) WalkField(table, field);
    }
  }

  void WalkField(const Table& table, const Field& field) {
    path_.push_back({&field, -1});
    switch (field.kind) {
      case Field::Kind::kTable:
        WalkTable(*table.GetPointer<const Table*>(field.offset), TableOf(field));
        break;
      case Field::Kind::kTableVector: {
        const auto& vector = *table.GetPointer<const TableVector*>(field.offset);
        for (flatbuffers::uoffset_t i = 0; i < vector.size(); ++i) {
          path_.back().element = i;
          WalkTable(*vector.Get(i), TableOf(field));
        }
        break;
      }
      case Field::Kind::kUnion:
        WalkUnion(table, field);
        break;
      case Field::Kind::kDeprecated:
        if (!VerifyDeprecated(table, field)) Report("the field is damaged");
        break;
    }
    path_.pop_back();
  }

  const TableFacts& TableOf(const Field& field) const {
    return tables_[static_cast<size_t>(field.index)];
  }

  void WalkUnion(const Table& table, const Field& field) {
    const UnionFacts& facts = unions_[static_cast<size_t>(field.index)];
    // A union's type stands in the field before its value.
    const voffset_t type_offset = field.offset - sizeof(voffset_t);
    const uint8_t type = table.GetField<uint8_t>(type_offset, 0);
    if (type == 0) {
      Report(absl::StrCat("there is a table, but no type of ", facts.name, " says which"));
    } else if (facts.tables[type] == kUnknownTable) {
      Report(absl::StrCat("the table is number ", type, " of ", facts.name,
                          ", which is not known here"));
    } else {
      const auto& value = *table.GetPointer<const Table*>(field.offset);
      const TableFacts& type_facts = tables_[static_cast<size_t>(facts.tables[type])];
      if (type_facts.name == "BlockwiseQuantization" && !VerifyBlockwise(value)) {
        Report("the table is damaged");
      }
      WalkTable(value, type_facts);
    }
  }

  // In a TFLite file the Verifier has taken it for another table.
  bool VerifyBlockwise(const Table& table) {
    return reinterpret_cast<const circle::BlockwiseQuantization&>(table).Verify(verifier_);
  }

  // The schema's deprecated fields are strings and numbers of at most 4 bytes.
  bool VerifyDeprecated(const Table& table, const Field& field) {
    if (field.type == reflection::String) {
      return table.VerifyOffset(verifier_, field.offset) &&
             verifier_.VerifyString(table.GetPointer<const flatbuffers::String*>(field.offset));
    }
    if (flatbuffers::GetTypeSize(field.type) == 1) {
      return table.VerifyField<uint8_t>(verifier_, field.offset, 1);
    }
    return table.VerifyField<uint32_t>(verifier_, field.offset, 4);
  }

  flatbuffers::Verifier verifier_;
  SchemaReport report_;
  std::vector<TableFacts> tables_;
  std::vector<UnionFacts> unions_;
  size_t root_ = 0;
  std::vector<Step> path_;
};

}  // namespace

void CheckSchema(absl::Span<const uint8_t> file, SchemaReport report) {
  SchemaWalker(file, report).Walk(*flatbuffers::GetRoot<Table>(file.data()));
}

}  // namespace q_implant
