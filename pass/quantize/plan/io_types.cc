// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/plan/io_types.h"

#include <algorithm>
#include <optional>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

constexpr circle::TensorType kChoices[] = {circle::TensorType_FLOAT32, circle::TensorType_UINT8,
                                           circle::TensorType_INT8, circle::TensorType_INT16};

std::string Joined(absl::Span<const circle::TensorType> types, absl::string_view separator) {
  return absl::StrJoin(types, separator, [](std::string* out, circle::TensorType type) {
    absl::StrAppend(out, TypeName(type));
  });
}

}  // namespace

absl::Span<const circle::TensorType> IoTypeChoices() { return kChoices; }

bool IsIoTypeChoice(circle::TensorType type) {
  return std::find(std::begin(kChoices), std::end(kChoices), type) != std::end(kChoices);
}

absl::StatusOr<IoTypes> IoTypes::Parse(absl::string_view words) {
  std::vector<circle::TensorType> types;
  const std::vector<absl::string_view> split = absl::StrSplit(words, ',');
  for (absl::string_view word : split) {
    word = absl::StripAsciiWhitespace(word);
    const std::optional<circle::TensorType> type = TypeFromName(word);
    const bool taken = type.has_value() && (split.size() > 1 || IsIoTypeChoice(*type));
    if (!taken) {
      return absl::InvalidArgumentError(absl::StrCat(
          "'", word, "' is not one of ", Joined(kChoices, ", "),
          split.size() == 1
              ? ""
              : ", nor the type of an input or output that is not float32 (int32, bool, ...)"));
    }
    types.push_back(*type);
  }
  return IoTypes(std::move(types));
}

std::string IoTypes::ToString() const { return Joined(types_, ","); }

}  // namespace q_implant
