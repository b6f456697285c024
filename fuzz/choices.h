// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_FUZZ_CHOICES_H_
#define Q_IMPLANT_FUZZ_CHOICES_H_

#include <cstddef>
#include <cstdint>

#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/model.h"
#include "ir/params.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// What a run does with a model. The last bytes of the file say it: readers of a flatbuffer do not
// come there, so that a file with choices is still the model.
struct Choices {
  static constexpr size_t kSize = 8;

  uint32_t options = 0;  // a bit or two an option, so that one can change alone
  uint32_t entries = 0;  // the seed of the entries

  static Choices Of(absl::Span<const uint8_t> file);
  void WriteTo(uint8_t* end) const;
};

// Such as commands allow together.
QuantizeOptions OptionsFor(const Choices& choices);
RunMode ModeFor(const Choices& choices);

// uint8 or int8, to make all 8-bit tensors this type; float32: none.
circle::TensorType EightBitFor(const Choices& choices);

// Entries for some of the model's tensors, most of which fit.
Params EntriesFor(const Choices& choices, const Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_FUZZ_CHOICES_H_
