// SPDX-License-Identifier: Apache-2.0
#include "driver/implant_options.h"

#include <set>
#include <string>
#include <utility>

namespace q_implant {
namespace {

constexpr char kParameters[] = "Parameters";
constexpr char kQuantization[] = "Quantization";

// Checks without saying so in the help text: the type name there says it already.
CLI::Validator OneOf(std::set<std::string> words) {
  CLI::Validator validator = CLI::IsMember(std::move(words));
  validator.description("");
  return validator;
}

// An option that takes one of two words and remembers whether it was the second.
void AddChoice(CLI::App& app, const std::string& name, bool& second, const std::string& first_word,
               const std::string& second_word, const std::string& help) {
  app.add_option_function<std::string>(
         name, [&second, second_word](const std::string& word) { second = word == second_word; },
         help)
      ->check(OneOf({first_word, second_word}))
      ->type_name(first_word + "|" + second_word)
      ->group(kQuantization);
}

// --input_type float32: the only other choice is the annotated type, which needs no word.
void AddFloatType(CLI::App& app, const std::string& name, bool& keep_float,
                  const std::string& help) {
  app.add_option_function<std::string>(
         name, [&keep_float](const std::string&) { keep_float = true; }, help)
      ->check(OneOf({"float32"}))
      ->type_name("float32")
      ->group(kQuantization);
}

}  // namespace

void AddImplantOptions(CLI::App& app, ImplantJob& job) {
  app.add_option(
         "--name_map", job.import_options.name_map_path,
         "Names of the parameter file in the model: {\"their name\": \"name in the model\"}")
      ->type_name("JSON")
      ->group(kParameters);
  app.add_flag("--allow_outside", job.import_options.allow_outside,
               "Let the parameter file name files outside its folder")
      ->group(kParameters);
  app.add_flag("--ignore_unknown", job.quantize_options.ignore_unknown,
               "Names that the model lacks are warnings, not errors")
      ->group(kParameters);
  app.add_option_function<std::string>(
         "--target",
         [&job](const std::string& word) {
           job.quantize_options.target = word == "litert" ? Target::kLiteRt : Target::kOnert;
         },
         "Write what this runtime computes rightly, and tell what that changed")
      ->check(OneOf({"litert", "onert"}))
      ->type_name("litert|onert")
      ->group(kQuantization);
  app.add_option_function<std::string>(
         "--eight_bit",
         [&job](const std::string& word) {
           job.eight_bit = word == "uint8" ? circle::TensorType_UINT8 : circle::TensorType_INT8;
         },
         "Write all 8-bit tensors in this type: the same numbers, zero points moved by 128")
      ->check(OneOf({"uint8", "int8"}))
      ->type_name("uint8|int8")
      ->excludes("--target")
      ->group(kQuantization);
  app.add_option_function<std::string>(
         "--check", [&job](const std::string&) { job.check_luci = true; },
         "Warn of what ONE's own quantizer would not have written (its QuantizedModelVerifier)")
      ->check(OneOf({"luci"}))
      ->type_name("luci")
      ->group(kQuantization);
  app.add_flag("--require_all", job.quantize_options.require_all,
               "Fail, with the list, where an operator is left float32")
      ->group(kQuantization);
  app.add_flag("--hybrid", job.quantize_options.hybrid,
               "Let integer weights feed float32 operators directly where the runtime's kernels "
               "take them")
      ->group(kQuantization);
  AddFloatType(app, "--input_type", job.quantize_options.float_inputs,
               "Keep the model's inputs float32, with a Quantize behind them");
  AddFloatType(app, "--output_type", job.quantize_options.float_outputs,
               "Keep the model's outputs float32, with a Dequantize before them");
  AddChoice(app, "--weights_range", job.quantize_options.full_weights_range, "narrow", "full",
            "For weights without 'value': whether signed symmetric ones use -128 too");
  app.add_option_function<std::string>(
         "--check_values",
         [&job](const std::string& word) {
           job.quantize_options.check_values = word == "off"    ? CheckValues::kOff
                                               : word == "warn" ? CheckValues::kWarn
                                                                : CheckValues::kError;
         },
         "Values that do not resemble the model's float32 data: a wrong layout, a wrong file "
         "(default: warn)")
      ->check(OneOf({"off", "warn", "error"}))
      ->type_name("off|warn|error")
      ->group(kParameters);
  app.add_flag("--keep_bias", job.quantize_options.keep_bias,
               "Write annotated biases as they are, also where kernels ignore their parameters")
      ->group(kQuantization);
}

}  // namespace q_implant
