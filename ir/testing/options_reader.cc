// SPDX-License-Identifier: Apache-2.0
#include "ir/testing/options_reader.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "ir/circle_bfbs_generated.h"

namespace q_implant {
namespace {

// flatbuffers says "1: 12: error: unknown field: x, originally at: ...".
std::string Essence(absl::string_view error) {
  const size_t start = error.find("error: ");
  if (start != absl::string_view::npos) error.remove_prefix(start + 7);
  return std::string(error.substr(0, error.find(", originally")));
}

}  // namespace

OptionsReader::OptionsReader() {
  parser_.Deserialize(circle::ModelBinarySchema::data(), circle::ModelBinarySchema::size());
}

absl::StatusOr<Bytes> OptionsReader::Read(absl::string_view name, const std::string& json) {
  if (!parser_.SetRootType(absl::StrCat("circle.", name).c_str())) {
    return absl::InvalidArgumentError(absl::StrCat("expected a table, found '", name, "'"));
  }
  if (!parser_.ParseJson(json.c_str())) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", Essence(parser_.error_)));
  }
  const uint8_t* data = parser_.builder_.GetBufferPointer();
  return Bytes::Own({data, data + parser_.builder_.GetSize()});
}

}  // namespace q_implant
