// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/one_quantize_options.h"

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "driver/jobs/implant_options.h"

namespace q_implant {
namespace {

using Use = QuantizeOptionUse;

constexpr char kFiles[] = "Files";
constexpr char kEvaluation[] = "Evaluation, with ONE's tools";
constexpr char kOutput[] = "Output";
constexpr char kCalibration[] = "ranges are not measured, they come with the imported parameters";
constexpr char kForce[] = "it changes parameters of a quantized model; change the imported file";
constexpr char kCopy[] =
    "it changes parameters of a quantized model; write both tensors into the "
    "imported file";
constexpr char kAmpq[] = "which tensors are 8 or 16 bits wide is in the imported file";

constexpr QuantizeOption kOptions[] = {
    {"import_qparam", 0, "JSON", kFiles,
     "The parameters to put into the model: a JSON file that names .npy files", Use::kJob},
    {"input_path", 'i', "MODEL", kFiles, "The float32 model (.circle or .tflite)", Use::kJob},
    {"output_path", 'o', "MODEL", kFiles,
     "The file to write. It appears whole or not at all; what was run and said is in MODEL.log",
     Use::kJob},
    {"config", 'C', "CFG", kFiles, "A cfg file with more options; the command line wins",
     Use::kCommand},
    {"section", 'S', "NAME", kFiles, "Its section with the options (default: one-quantize)",
     Use::kCommand},

    {"evaluate_result", 0, "", kEvaluation,
     "Compare what the quantized and the float32 model compute", Use::kEvaluation},
    {"test_data", 0, "DATA", kEvaluation, "Compare with these inputs (default: random ones)",
     Use::kEvaluation},
    {"input_data_format", 'f', "FORMAT", kEvaluation,
     "What --test_data is: h5 (default), list or dir", Use::kDataFormat},
    {"print_mae", 0, "", kEvaluation, "Compare, print the mean absolute error", Use::kEvaluation},
    {"print_mape", 0, "", kEvaluation, "Compare, print the mean absolute percentage error",
     Use::kEvaluation},
    {"print_mpeir", 0, "", kEvaluation, "Compare, print the mean peak error to interval ratio",
     Use::kEvaluation},
    {"print_top1_match", 0, "", kEvaluation, "Compare, print how often the first class is the same",
     Use::kEvaluation},
    {"print_top5_match", 0, "", kEvaluation,
     "Compare, print how often the first five classes are the same", Use::kEvaluation},
    {"print_mse", 0, "", kEvaluation, "Compare, print the mean squared error", Use::kEvaluation},
    {"save_intermediate", 0, "", kEvaluation,
     "Keep the model that the comparison runs, beside the output", Use::kJob},

    {"verbose", 'V', "", kOutput, "Say also why operators stay float32", Use::kJob},
    {"report", 0, "FILE", kOutput,
     "Write a JSON file that says of each tensor and operator what became of it and why",
     Use::kJob},
    {"dry_run", 0, "", kOutput, "Do everything but write the output", Use::kJob},
    {"print_before", 0, "", kOutput, "Print the model as text before the change", Use::kJob},
    {"print_after", 0, "", kOutput, "Print the model as text after the change", Use::kJob},
    {"version", 'v', "", kOutput, "Print the version", Use::kCommand},
    {"help", 'h', "", kOutput, "Print this text", Use::kCommand},

    // The rest of ONE's options. Why each contradicts an import.
    {"input_data", 'd', "DATA", "", kCalibration, Use::kRefused},
    {"generate_profile_data", 'p', "", "",
     "no profiling data is made while parameters are imported", Use::kRefused},
    {"input_dtype", 0, "TYPE", "", "parameters are put into float32 models", Use::kFloat32},
    {"input_model_dtype", 0, "TYPE", "", "parameters are put into float32 models", Use::kFloat32},
    {"quantized_dtype", 0, "TYPE", "", "the type of each tensor is in the imported file",
     Use::kRefused},
    {"granularity", 0, "WORD", "", "one scale or one for each channel: the imported file has them",
     Use::kRefused},
    {"min_percentile", 0, "NUMBER", "", kCalibration, Use::kRefused},
    {"max_percentile", 0, "NUMBER", "", kCalibration, Use::kRefused},
    {"moving_avg_batch", 0, "NUMBER", "", kCalibration, Use::kRefused},
    {"moving_avg_const", 0, "NUMBER", "", kCalibration, Use::kRefused},
    {"mode", 0, "WORD", "", kCalibration, Use::kRefused},
    {"TF-style_maxpool", 0, "", "",
     "the imported file says the parameters on both sides of a MaxPool", Use::kRefused},
    {"save_min_max", 0, "", "", kCalibration, Use::kRefused},
    {"quant_config", 0, "JSON", "", "types and granularity stand in the imported file",
     Use::kRefused},
    {"force_quantparam", 0, "", "", kForce, Use::kRefused},
    {"tensor_name", 0, "NAME", "", kForce, Use::kRefused},
    {"scale", 0, "NUMBER", "", kForce, Use::kRefused},
    {"zero_point", 0, "NUMBER", "", kForce, Use::kRefused},
    {"copy_quantparam", 0, "", "", kCopy, Use::kRefused},
    {"src_tensor_name", 0, "NAME", "", kCopy, Use::kRefused},
    {"dst_tensor_name", 0, "NAME", "", kCopy, Use::kRefused},
    {"fake_quantize", 0, "", "",
     "it makes a quantized model float32 again; run it on the result, in a second command",
     Use::kRefused},
    {"requantize", 0, "", "",
     "it changes the types of a quantized model; for 8-bit types --eight_bit does it here",
     Use::kRefused},
    {"ampq", 0, "", "", kAmpq, Use::kRefused},
    {"ampq_qerror_ratio", 0, "NUMBER", "", kAmpq, Use::kRefused},
    {"ampq_algorithm", 0, "WORD", "", kAmpq, Use::kRefused},
    {"bisection_type", 0, "WORD", "", kAmpq, Use::kRefused},
    {"u8_layernorm_with_s16_variance", 0, "", "", kAmpq, Use::kRefused},
    {"u8_softmax_with_s16_sub_exp", 0, "", "", kAmpq, Use::kRefused},
    {"ampq_bisection_visq", 0, "FILE", "", kAmpq, Use::kRefused},
};

constexpr char kDescription[] =
    "Puts quantization parameters that another toolchain made (scales, zero points, integer "
    "weights) into a float32 circle or TFLite model. Without --import_qparam it is ONE's "
    "one-quantize, further along PATH, that does the work.";

constexpr char kFooter[] = R"(
Examples:
  $COMMAND --import_qparam param.json -i model.circle -o quantized.circle
  $COMMAND -C model.cfg

In model.cfg, options are keys and flags are True:
  [one-quantize]
  import_qparam=param.json
  input_path=model.circle
  output_path=quantized.circle
  input_type=float32

Exit codes: 0 done, 1 the data is wrong (nothing was written), 2 the command is wrong.

Contradicts an import, and is refused with it:
)";

std::string Refused() {
  std::vector<std::string> lines(1, " ");
  for (const QuantizeOption& option : kOptions) {
    if (!option.contradicts()) continue;
    const std::string name = absl::StrCat(" --", option.name);
    if (lines.back().size() + name.size() > 80) lines.emplace_back(" ");
    lines.back() += name;
  }
  return absl::StrJoin(lines, "\n");
}

}  // namespace

absl::Span<const QuantizeOption> OneQuantizeOptions() { return kOptions; }

const QuantizeOption* FindQuantizeOption(absl::string_view name) {
  for (const QuantizeOption& option : kOptions) {
    if (option.name == name) return &option;
  }
  return nullptr;
}

std::vector<ArgumentOption> QuantizeArguments() {
  std::vector<ArgumentOption> arguments;
  for (const QuantizeOption& option : kOptions) {
    arguments.push_back({option.name, option.letter, !option.is_flag()});
  }
  for (const ImplantOption& option : ImplantOptions()) {
    arguments.push_back({option.name, 0, !option.is_flag()});
  }
  return arguments;
}

std::string QuantizeHelp(const std::string& command) {
  // A parser that never parses: it lays out the text as those of the other commands.
  CLI::App app(kDescription, command);
  app.set_help_flag();
  const auto add = [&](absl::string_view group) {
    for (const QuantizeOption& option : kOptions) {
      if (group != option.group) continue;
      std::string names = absl::StrCat("--", option.name);
      if (option.letter != 0) absl::StrAppend(&names, ",-", std::string(1, option.letter));
      CLI::Option* added = option.is_flag()
                               ? app.add_flag(names, option.text)
                               : app.add_option(names, option.text)->type_name(option.value);
      added->group(option.group);
    }
  };
  ImplantSettings unused;
  add(kFiles);
  AddImplantOptions(app, unused);
  add(kEvaluation);
  add(kOutput);
  app.footer(absl::StrReplaceAll(kFooter, {{"$COMMAND", command}}) + Refused());
  return app.help();
}

}  // namespace q_implant
