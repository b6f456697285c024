// SPDX-License-Identifier: Apache-2.0
#include "import/newer_schema.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "flatbuffers/flatbuffers.h"
#include "import/schema_tables.h"
#include "ir/circle_generated.h"

namespace q_implant {
namespace {

using flatbuffers::Table;
using flatbuffers::voffset_t;
using TableVector = flatbuffers::Vector<flatbuffers::Offset<Table>>;

class SchemaWalker {
 public:
  SchemaWalker(absl::Span<const uint8_t> file, SchemaReport report)
      : schema_(AllSchemaTables()),
        identifier_(flatbuffers::GetBufferIdentifier(file.data()),
                    flatbuffers::kFileIdentifierLength),
        verifier_(file.data(), std::min<size_t>(file.size(), FLATBUFFERS_MAX_BUFFER_SIZE - 1),
                  /*max_depth=*/64, /*max_tables=*/std::numeric_limits<uint32_t>::max()),
        report_(report) {}

  void Walk(const Table& root) { WalkTable(root, schema_.tables[schema_.root]); }

 private:
  // A step of the way from the root; `element` is -1 where the field is no vector.
  struct Step {
    const SchemaField* field;
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

  void WalkTable(const Table& table, const SchemaTable& facts) {
    const uint8_t* vtable = table.GetVTable();
    const voffset_t vtable_size = flatbuffers::ReadScalar<voffset_t>(vtable);
    for (voffset_t field = facts.vtable_size; field < vtable_size; field += sizeof(voffset_t)) {
      if (flatbuffers::ReadScalar<voffset_t>(vtable + field) == 0) continue;
      Report(absl::StrCat("table ", facts.name, " has a field number ", (field - 4) / 2,
                          ", which is not known here"));
    }
    for (const SchemaField& field : facts.fields) {
      if (table.CheckField(field.offset)) WalkField(table, field);
    }
  }

  void WalkField(const Table& table, const SchemaField& field) {
    path_.push_back({&field, -1});
    if (field.deprecated) {
      if (!VerifyDeprecated(table, field)) Report("the field is damaged");
    } else if (field.kind == SchemaField::Kind::kTable) {
      WalkTable(*table.GetPointer<const Table*>(field.offset), schema_.tables[field.index]);
    } else if (field.kind == SchemaField::Kind::kTableVector) {
      const auto& vector = *table.GetPointer<const TableVector*>(field.offset);
      for (flatbuffers::uoffset_t i = 0; i < vector.size(); ++i) {
        path_.back().element = i;
        WalkTable(*vector.Get(i), schema_.tables[field.index]);
      }
    } else if (field.kind == SchemaField::Kind::kUnion) {
      WalkUnion(table, schema_.unions[field.index], field.offset);
    }
    path_.pop_back();
  }

  void WalkUnion(const Table& table, const SchemaUnion& members, voffset_t offset) {
    // A union's type stands in the field before its value.
    const auto type_offset = static_cast<voffset_t>(offset - sizeof(voffset_t));
    const uint8_t type = table.GetField<uint8_t>(type_offset, 0);
    const std::optional<size_t> index = members.TableOf(type, identifier_);
    if (type == 0) {
      Report(absl::StrCat("there is a table, but no type of ", members.name, " says which"));
    } else if (!index.has_value()) {
      Report(absl::StrCat("the table is number ", type, " of ", members.name,
                          ", which is not known here"));
    } else {
      const auto& value = *table.GetPointer<const Table*>(offset);
      const SchemaTable& facts = schema_.tables[*index];
      if (facts.name == "BlockwiseQuantization" && !VerifyBlockwise(value)) {
        Report("the table is damaged");
      }
      WalkTable(value, facts);
    }
  }

  // In a TFLite file the Verifier has taken it for another table.
  bool VerifyBlockwise(const Table& table) {
    return reinterpret_cast<const circle::BlockwiseQuantization&>(table).Verify(verifier_);
  }

  // The schema's deprecated fields are strings and numbers of at most 4 bytes.
  bool VerifyDeprecated(const Table& table, const SchemaField& field) {
    if (field.kind == SchemaField::Kind::kNumbers) {
      return table.VerifyOffset(verifier_, field.offset) &&
             verifier_.VerifyString(table.GetPointer<const flatbuffers::String*>(field.offset));
    }
    if (field.element_size == 1) {
      return table.VerifyField<uint8_t>(verifier_, field.offset, 1);
    }
    return table.VerifyField<uint32_t>(verifier_, field.offset, 4);
  }

  const SchemaTables& schema_;
  absl::string_view identifier_;
  flatbuffers::Verifier verifier_;
  SchemaReport report_;
  std::vector<Step> path_;
};

}  // namespace

void CheckSchema(absl::Span<const uint8_t> file, SchemaReport report) {
  SchemaWalker(file, report).Walk(*flatbuffers::GetRoot<Table>(file.data()));
}

}  // namespace q_implant
