// SPDX-License-Identifier: Apache-2.0
#include "fuzz/change_options.h"

#include <iterator>

#include "flatbuffers/reflection.h"
#include "ir/circle_bfbs_generated.h"
#include "ir/circle_generated.h"

namespace q_implant {
namespace {

// The table that the schema has for this type of options.
const reflection::Object& TableOf(circle::BuiltinOptions type) {
  const reflection::Schema& schema = *reflection::GetSchema(circle::ModelBinarySchema::data());
  const reflection::Enum& options = *schema.enums()->LookupByKey("circle.BuiltinOptions");
  const int index = options.values()->LookupByKey(type)->union_type()->index();
  return *schema.objects()->Get(static_cast<flatbuffers::uoffset_t>(index));
}

template <typename V>
const auto& Any(const V& from, std::minstd_rand& random) {
  return *from.Get(static_cast<flatbuffers::uoffset_t>(random() % from.size()));
}

void ChangeField(const reflection::Field& field, flatbuffers::Table& table,
                 std::minstd_rand& random) {
  constexpr int64_t kNumbers[] = {0, 1, 2, 3, 4, 5, 8, 127, -1, -2, INT32_MAX, INT32_MIN};
  const reflection::BaseType type = field.type()->base_type();
  const int64_t number = kNumbers[random() % std::size(kNumbers)];
  if (flatbuffers::IsFloat(type)) {
    flatbuffers::SetAnyFieldF(&table, field, static_cast<double>(number) / 2);
  } else if (flatbuffers::IsScalar(type)) {
    flatbuffers::SetAnyFieldI(&table, field, number);
  }
}

}  // namespace

void ChangeOptions(uint8_t* file, std::minstd_rand& random) {
  const circle::Model& model = *circle::GetModel(file);
  if (model.subgraphs() == nullptr || model.subgraphs()->size() == 0) return;
  const circle::SubGraph& graph = Any(*model.subgraphs(), random);
  if (graph.operators() == nullptr || graph.operators()->size() == 0) return;
  const circle::Operator& node = Any(*graph.operators(), random);
  if (node.builtin_options() == nullptr) return;
  const auto& fields = *TableOf(node.builtin_options_type()).fields();
  if (fields.size() == 0) return;
  // The file is ours to change: flatc was not asked for accessors that do.
  auto& options = const_cast<flatbuffers::Table&>(
      *static_cast<const flatbuffers::Table*>(node.builtin_options()));
  ChangeField(Any(fields, random), options, random);
}

}  // namespace q_implant
