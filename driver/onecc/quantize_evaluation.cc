// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/quantize_evaluation.h"

#include <filesystem>

#include "absl/status/statusor.h"
#include "absl/strings/str_join.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/messages.h"
#include "driver/process/one_tools.h"
#include "driver/process/shell_words.h"
#include "driver/process/temporary_folder.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;

int Run(const std::vector<std::string>& command, std::ostream& log, std::ostream& err) {
  log << ShellCommand(command) << '\n';
  const absl::StatusOr<int> code = RunTool(command, &log);
  if (!code.ok()) {
    PrintStatus(code.status(), err);
    return kExitBadData;
  }
  if (*code != 0) {
    err << "error: " << command.front() << " failed with exit code " << *code
        << "; the quantized model is written, but not compared\n";
  }
  return *code;
}

std::vector<std::string> CompareCommand(const std::string& tool, const std::string& fake_quantized,
                                        const QuantizeEvaluation& evaluation) {
  std::vector<std::string> command = {tool, "--first_model", evaluation.float_model,
                                      "--second_model", fake_quantized};
  const auto add = [&](const char* option, const std::string& value) {
    if (!value.empty()) command.insert(command.end(), {option, value});
  };
  add("--first_input_data", evaluation.test_data);
  add("--second_input_data", evaluation.test_data);
  add("--input_data_format", evaluation.data_format);
  command.insert(command.end(), evaluation.metrics.begin(), evaluation.metrics.end());
  return command;
}

}  // namespace

std::string QuantizeEvaluation::FakeQuantizedName() const {
  return fs::path(float_model).stem().string() + ".fake_quant.circle";
}

int Evaluate(const QuantizeEvaluation& evaluation, std::ostream& log, std::ostream& err) {
  constexpr char kQuantizer[] = "circle-quantizer";
  constexpr char kComparer[] = "circle-eval-diff";
  const FoundOneTools tools = FindOneTools({kQuantizer, kComparer});
  if (!tools.missing.empty()) {
    err << "error: " << evaluation.asked_by << " needs ONE's "
        << absl::StrJoin(tools.missing, " and ") << ", which " << tools.WhereNot() << "; "
        << evaluation.quantized_model << " is written, but not compared\n";
    return kExitBadData;
  }
  const absl::StatusOr<TemporaryFolder> temporary = TemporaryFolder::Create();
  if (!temporary.ok()) {
    PrintStatus(temporary.status(), err);
    return kExitBadData;
  }
  const fs::path folder =
      evaluation.intermediate_folder.empty() ? temporary->path() : evaluation.intermediate_folder;
  const std::string fake_quantized = (folder / evaluation.FakeQuantizedName()).string();
  std::vector<std::string> fake_quantize = {tools.paths.at(kQuantizer)};
  if (evaluation.verbose) fake_quantize.emplace_back("--verbose");
  fake_quantize.insert(fake_quantize.end(),
                       {"--fake_quantize", evaluation.quantized_model, fake_quantized});
  if (const int code = Run(fake_quantize, log, err); code != 0) return code;
  return Run(CompareCommand(tools.paths.at(kComparer), fake_quantized, evaluation), log, err);
}

}  // namespace q_implant
