// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/implant_options.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "ir/tensor_type.h"
#include "pass/quantize/plan/io_types.h"

namespace q_implant {
namespace {

constexpr char kParameters[] = "Parameters";
constexpr char kQuantization[] = "Quantization";

// An option that only turns something on.
template <auto member>
absl::Status TurnOn(const std::string&, ImplantSettings& settings) {
  settings.quantize_options.*member = true;
  return absl::OkStatus();
}

absl::Status SetNameMap(const std::string& path, ImplantSettings& settings) {
  settings.import_options.name_map_path = path;
  return absl::OkStatus();
}

absl::Status SetAllowOutside(const std::string&, ImplantSettings& settings) {
  settings.import_options.allow_outside = true;
  return absl::OkStatus();
}

absl::Status SetCheckValues(const std::string& word, ImplantSettings& settings) {
  settings.quantize_options.check_values = word == "off"    ? CheckValues::kOff
                                           : word == "warn" ? CheckValues::kWarn
                                                            : CheckValues::kError;
  return absl::OkStatus();
}

absl::Status SetTarget(const std::string& word, ImplantSettings& settings) {
  settings.quantize_options.target = word == "litert" ? Target::kLiteRt : Target::kOnert;
  return absl::OkStatus();
}

absl::Status SetEightBit(const std::string& word, ImplantSettings& settings) {
  settings.eight_bit = word == "uint8" ? circle::TensorType_UINT8 : circle::TensorType_INT8;
  return absl::OkStatus();
}

absl::Status SetCheck(const std::string&, ImplantSettings& settings) {
  settings.check_luci = true;
  return absl::OkStatus();
}

absl::Status SetWeightsRange(const std::string& word, ImplantSettings& settings) {
  settings.quantize_options.full_weights_range = word == "full";
  return absl::OkStatus();
}

template <auto member>
absl::Status SetIoTypes(const std::string& words, ImplantSettings& settings) {
  absl::StatusOr<IoTypes> types = IoTypes::Parse(words);
  if (types.ok()) settings.quantize_options.*member = *std::move(types);
  return types.status();
}

constexpr ImplantOption kOptions[] = {
    {"name_map", "JSON", kParameters,
     "Names of the parameter file in the model: {\"their name\": \"name in the model\"}",
     SetNameMap},
    {"allow_outside", "", kParameters, "Let the parameter file name files outside its folder",
     SetAllowOutside},
    {"ignore_unknown", "", kParameters, "Names that the model lacks are warnings, not errors",
     TurnOn<&QuantizeOptions::ignore_unknown>},
    {"check_values", "off|warn|error", kParameters,
     "Values that do not resemble the model's float32 data: a wrong layout, a wrong file "
     "(default: warn)",
     SetCheckValues},
    {"target", "litert|onert", kQuantization,
     "Write what this runtime computes rightly, and tell what that changed", SetTarget},
    {"eight_bit", "uint8|int8", kQuantization,
     "Write all 8-bit tensors in this type: the same numbers, zero points moved by 128",
     SetEightBit},
    {"check", "luci", kQuantization,
     "Warn of what ONE's own quantizer would not have written (its QuantizedModelVerifier)",
     SetCheck},
    {"require_all", "", kQuantization, "Fail, with the list, where an operator is left float32",
     TurnOn<&QuantizeOptions::require_all>},
    {"hybrid", "", kQuantization,
     "Let integer weights feed float32 operators directly where the runtime's kernels take them",
     TurnOn<&QuantizeOptions::hybrid>},
    {"weight_only", "", kQuantization,
     "Annotated weights alone are intended: no warning where their operators stay float32",
     TurnOn<&QuantizeOptions::weight_only>},
    {"input_type", "TYPES", kQuantization,
     "Types of the inputs: float32, uint8, int8 or int16 for all float32 ones, or a list for each "
     "in turn",
     SetIoTypes<&QuantizeOptions::input_types>},
    {"output_type", "TYPES", kQuantization,
     "Likewise of the outputs (default of both: the annotated types)",
     SetIoTypes<&QuantizeOptions::output_types>},
    {"weights_range", "narrow|full", kQuantization,
     "For weights without 'value': whether signed symmetric ones use -128 too", SetWeightsRange},
    {"keep_bias", "", kQuantization,
     "Write annotated biases as they are, also where kernels ignore their parameters",
     TurnOn<&QuantizeOptions::keep_bias>},
};

// The words that an option takes; none where it takes any. Names of values are upper case.
std::vector<std::string> WordsOf(const ImplantOption& option) {
  if (option.is_flag() || absl::ascii_isupper(*option.value)) return {};
  return absl::StrSplit(option.value, '|');
}

// Whether `--eight_bit` to `eight_bit` leaves no tensor of this type.
bool IsOtherEightBitType(circle::TensorType type, circle::TensorType eight_bit) {
  return (type == circle::TensorType_UINT8 && eight_bit == circle::TensorType_INT8) ||
         (type == circle::TensorType_INT8 && eight_bit == circle::TensorType_UINT8);
}

}  // namespace

absl::Span<const ImplantOption> ImplantOptions() { return kOptions; }

const ImplantOption* FindImplantOption(absl::string_view name) {
  for (const ImplantOption& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

absl::Status SetImplantOption(const ImplantOption& option, const std::string& value,
                              ImplantSettings& settings) {
  const std::vector<std::string> words = WordsOf(option);
  if (!words.empty() && std::find(words.begin(), words.end(), value) == words.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("'", value, "' is not ", absl::StrJoin(words, " or ")));
  }
  return option.set(value, settings);
}

absl::Status CheckSettings(const ImplantSettings& settings) {
  if (settings.eight_bit != circle::TensorType_FLOAT32 &&
      settings.quantize_options.target != Target::kAny) {
    return absl::InvalidArgumentError("--eight_bit and --target exclude each other");
  }
  for (const auto& [option, types] :
       {std::pair("--input_type", settings.quantize_options.input_types),
        std::pair("--output_type", settings.quantize_options.output_types)}) {
    for (circle::TensorType type : types.types()) {
      if (!IsOtherEightBitType(type, settings.eight_bit)) continue;
      return absl::InvalidArgumentError(
          absl::StrCat(option, " ", TypeName(type), " and --eight_bit ",
                       TypeName(settings.eight_bit), " exclude each other"));
    }
  }
  return absl::OkStatus();
}

void AddImplantOptions(CLI::App& app, ImplantSettings& settings) {
  for (const ImplantOption& option : kOptions) {
    const std::string name = absl::StrCat("--", option.name);
    if (option.is_flag()) {
      app.add_flag_function(
             name,
             [&option, &settings](int64_t) {
               SetImplantOption(option, "", settings).IgnoreError();  // a flag can't fail
             },
             option.help)
          ->group(option.group);
      continue;
    }
    // The check sets it: what can go wrong is then said by the parser.
    const CLI::Validator set(
        [&option, &settings](std::string& value) {
          return std::string(SetImplantOption(option, value, settings).message());
        },
        "");
    app.add_option(name, option.help)
        ->expected(1)
        ->check(set)
        ->type_name(option.value)
        ->group(option.group);
  }
}

}  // namespace q_implant
