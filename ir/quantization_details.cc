// SPDX-License-Identifier: Apache-2.0
#include "ir/quantization_details.h"

#include "absl/types/span.h"

namespace q_implant {
namespace {

// The position is the number in the file.
using Numbering = absl::Span<const circle::QuantizationDetails>;

constexpr circle::QuantizationDetails kCircle[] = {
    circle::QuantizationDetails_NONE, circle::QuantizationDetails_CustomQuantization,
    circle::QuantizationDetails_MXQuantization, circle::QuantizationDetails_BlockwiseQuantization};
constexpr circle::QuantizationDetails kTfLite[] = {
    circle::QuantizationDetails_NONE, circle::QuantizationDetails_CustomQuantization,
    circle::QuantizationDetails_BlockwiseQuantization};

Numbering NumberingOf(absl::string_view identifier) {
  return identifier == "TFL3" ? Numbering(kTfLite) : Numbering(kCircle);
}

}  // namespace

std::optional<circle::QuantizationDetails> DetailsFromFile(uint8_t number,
                                                           absl::string_view identifier) {
  const Numbering numbering = NumberingOf(identifier);
  if (number >= numbering.size()) return std::nullopt;
  return numbering[number];
}

std::optional<uint8_t> DetailsInFile(circle::QuantizationDetails details,
                                     absl::string_view identifier) {
  const Numbering numbering = NumberingOf(identifier);
  for (size_t number = 0; number < numbering.size(); ++number) {
    if (numbering[number] == details) return static_cast<uint8_t>(number);
  }
  return std::nullopt;
}

}  // namespace q_implant
