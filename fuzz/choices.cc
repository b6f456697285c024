// SPDX-License-Identifier: Apache-2.0
#include "fuzz/choices.h"

#include <cstring>
#include <random>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/bytes.h"
#include "ir/operators/target.h"
#include "ir/quant_params.h"
#include "ir/tensor.h"
#include "ir/tensor_type.h"
#include "pass/numbers/param_entry.h"
#include "pass/quantize/plan/io_types.h"

namespace q_implant {
namespace {

constexpr size_t kMostValues = 4096;  // of an entry: more bytes tell no more

IoTypes EdgesFor(uint32_t choice) {
  switch (choice % 8) {
    case 0:
      return IoTypes({circle::TensorType_FLOAT32});
    case 1:
      return IoTypes({circle::TensorType_UINT8});
    case 2:
      return IoTypes({circle::TensorType_INT8});
    case 3:
      return IoTypes({circle::TensorType_INT16});
    default:
      return {};
  }
}

constexpr circle::TensorType kActivationTypes[] = {
    circle::TensorType_UINT8, circle::TensorType_INT8, circle::TensorType_INT16};
constexpr circle::TensorType kConstantTypes[] = {
    circle::TensorType_INT8,  circle::TensorType_UINT8, circle::TensorType_INT4,
    circle::TensorType_INT16, circle::TensorType_INT32, circle::TensorType_INT64};
constexpr float kScales[] = {0.5f, 0.01f, 0.1f, 1, 0.003f, 1e-6f, 1e-30f, 1e30f};

class EntryMaker {
 public:
  EntryMaker(const Model& model, uint32_t seed)
      : model_(model), random_(seed), type_(Pick(kActivationTypes)) {}

  Params Make() {
    Params params{.path = "param.json"};
    for (size_t g = 0; g < model_.graphs.size(); ++g) {
      for (size_t t = 0; t < model_.graphs[g].tensors.size(); ++t) {
        const Tensor& tensor = model_.graphs[g].tensors[t];
        if (!IsNamed(tensor)) continue;
        ParamEntry entry = EntryOf(tensor);
        entry.key = entry.target = absl::StrCat("#", g, "/", t);
        params.entries.push_back(std::move(entry));
      }
    }
    return params;
  }

 private:
  size_t Below(size_t count) { return static_cast<size_t>(random_() >> 8) % count; }

  template <typename T, size_t kCount>
  const T& Pick(const T (&from)[kCount]) {
    return from[Below(kCount)];
  }

  // One entry that does not fit refuses them all, so these are few.
  bool IsNamed(const Tensor& tensor) {
    return tensor.type == circle::TensorType_FLOAT32 ? Below(4) != 0 : Below(512) == 0;
  }

  ParamEntry EntryOf(const Tensor& tensor) {
    if (Below(16) == 0) return {};  // stays float32
    const bool constant = model_.IsConstant(tensor);
    QuantParams params{.dtype = type_};
    if (Below(8) == 0) params.dtype = Pick(kActivationTypes);
    if (constant && Below(3) == 0) params.dtype = Pick(kConstantTypes);
    if (constant || Below(256) == 0) ChooseAxis(tensor, params);
    const size_t channels = params.quantized_dimension > 0 || (constant && Below(4) == 0)
                                ? ChannelsOf(tensor, params.quantized_dimension)
                                : 1;
    for (size_t c = 0; c < channels; ++c) {
      params.scale.push_back(Below(8) == 0 ? Pick(kScales) : kScales[Below(4)]);
      params.zero_point.push_back(ZeroPoint(params.dtype));
    }
    const bool valued = constant ? Below(3) == 0 : Below(512) == 0;
    return MakeEntry(params, tensor.shape, valued ? Integers(tensor, params.dtype) : Bytes());
  }

  void ChooseAxis(const Tensor& tensor, QuantParams& params) {
    const size_t rank = tensor.shape.size();
    if (rank > 0 && Below(2) == 0) params.quantized_dimension = static_cast<int32_t>(Below(rank));
  }

  static size_t ChannelsOf(const Tensor& tensor, int32_t axis) {
    if (tensor.shape.empty()) return 1;
    const int32_t size = tensor.shape[static_cast<size_t>(axis)];
    return size > 0 && static_cast<size_t>(size) <= kMostValues ? static_cast<size_t>(size) : 1;
  }

  int64_t ZeroPoint(circle::TensorType dtype) {
    if (dtype == circle::TensorType_UINT8) return static_cast<int64_t>(Below(256));
    const bool is_moved = dtype == circle::TensorType_INT8 && Below(2) == 0;
    return is_moved ? static_cast<int64_t>(Below(256)) - 128 : 0;
  }

  // Null bytes for a constant that has too many, or none.
  Bytes Integers(const Tensor& tensor, circle::TensorType dtype) {
    const uint64_t count = ElementCount(tensor.shape).value_or(kMostValues + 1);
    if (count > kMostValues) return {};
    std::vector<uint8_t> bytes(ByteSize(dtype, count).value_or(0));
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(Below(256));
    return Bytes::Own(std::move(bytes));
  }

  const Model& model_;
  std::minstd_rand random_;
  circle::TensorType type_;  // of most activations
};

}  // namespace

Choices Choices::Of(absl::Span<const uint8_t> file) {
  Choices choices;
  if (file.size() < kSize) return choices;
  const uint8_t* from = file.data() + file.size() - kSize;
  std::memcpy(&choices.options, from, sizeof(choices.options));
  std::memcpy(&choices.entries, from + sizeof(choices.options), sizeof(choices.entries));
  return choices;
}

void Choices::WriteTo(uint8_t* end) const {
  std::memcpy(end, &options, sizeof(options));
  std::memcpy(end + sizeof(options), &entries, sizeof(entries));
}

QuantizeOptions OptionsFor(const Choices& choices) {
  const uint32_t bits = choices.options;
  const auto has = [bits](int bit) { return (bits >> bit & 1) != 0; };
  QuantizeOptions options;
  options.target = static_cast<Target>((bits & 3) % 3);
  options.hybrid = has(2);
  options.keep_bias = has(3);
  options.weight_only = has(5);
  options.full_weights_range = has(6);
  options.ignore_unknown = has(7);
  options.require_all = has(8) && has(9);
  options.check_values = has(10) ? CheckValues::kOff : CheckValues::kWarn;
  // Types of inputs and outputs may contradict it.
  if (EightBitFor(choices) != circle::TensorType_FLOAT32) return options;
  options.input_types = EdgesFor(bits >> 11);
  options.output_types = EdgesFor(bits >> 14);
  return options;
}

RunMode ModeFor(const Choices& choices) {
  const circle::TensorType eight_bit = EightBitFor(choices);
  return {.later_eight_bit = eight_bit,
          .warn_of_runtimes = eight_bit == circle::TensorType_FLOAT32,
          .report = (choices.options >> 4 & 1) != 0};
}

circle::TensorType EightBitFor(const Choices& choices) {
  if ((choices.options & 3) % 3 != 0) return circle::TensorType_FLOAT32;  // there is a target
  switch (choices.options >> 17 & 3) {
    case 1:
      return circle::TensorType_UINT8;
    case 2:
      return circle::TensorType_INT8;
    default:
      return circle::TensorType_FLOAT32;
  }
}

Params EntriesFor(const Choices& choices, const Model& model) {
  return EntryMaker(model, choices.entries).Make();
}

}  // namespace q_implant
