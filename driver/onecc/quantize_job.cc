// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/quantize_job.h"

#include <filesystem>
#include <iostream>
#include <map>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "driver/jobs/implant_options.h"
#include "driver/jobs/messages.h"
#include "driver/onecc/log_file.h"
#include "driver/onecc/one_quantize_options.h"
#include "driver/process/shell_words.h"
#include "driver/process/tee.h"
#include "pass/graph/edit_distance.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;

// The file that a name stands for, links resolved, whether it is there yet or not.
fs::path RealPath(const std::string& name) {
  std::error_code ignored;
  return fs::weakly_canonical(fs::absolute(name, ignored), ignored);
}

bool IsNoFile(const std::string& name) {
  std::error_code ignored;
  return fs::exists(name, ignored) && !fs::is_regular_file(name, ignored);
}

bool IsFlag(absl::string_view name) {
  const QuantizeOption* option = FindQuantizeOption(name);
  return option != nullptr ? option->is_flag() : FindImplantOption(name)->is_flag();
}

// The option that a word was meant for, or empty. Short words are near to many: "model", which a
// cfg file may have for its references, to "mode".
std::string NearestOption(absl::string_view word) {
  constexpr size_t kLimit = 2;
  constexpr size_t kShortest = 6;
  if (word.size() < kShortest) return "";
  std::pair<size_t, std::string> nearest(kLimit + 1, "");
  for (const ArgumentOption& option : QuantizeArguments()) {
    const size_t distance = EditDistance(word, option.name, kLimit);
    if (distance < nearest.first) nearest = {distance, option.name};
  }
  return nearest.second;
}

class JobMaker {
 public:
  absl::StatusOr<QuantizeJob> Make(const std::vector<GivenOption>& given,
                                   const std::optional<QuantizeSection>& section) {
    for (const GivenOption& option : given) Give(option);
    if (section.has_value()) {
      job_.implant.also_read.push_back(section->path);
      ReadSection(*section);
    }
    if (problems_.empty()) CheckRequired();
    if (problems_.empty()) FillIn();
    if (!problems_.empty()) return absl::InvalidArgumentError(absl::StrJoin(problems_, "\n"));
    return std::move(job_);
  }

 private:
  struct Setting {
    std::string value;
    std::string from;  // "model.cfg: [one-quantize]", or empty: the command line
  };

  // How a setting is written where it comes from: "--mode", or "model.cfg: [one-quantize] mode".
  static std::string Where(const std::string& name, const Setting& setting) {
    return setting.from.empty() ? "--" + name : absl::StrCat(setting.from, " ", name);
  }

  void Give(const GivenOption& option) {
    const bool flag = IsFlag(option.name);
    if (!flag && option.value.empty()) {
      problems_.push_back(absl::StrCat("--", option.name, " is empty"));
    }
    settings_[option.name] = {flag ? "True" : option.value, ""};
  }

  void ReadSection(const QuantizeSection& section) {
    const std::string from = absl::StrCat(section.path, ": [", section.name, "]");
    if (!section.file->HasSection(section.name)) {
      problems_.push_back(absl::StrCat(from, " is not there: the section with the options"));
      return;
    }
    for (const std::string& key : section.file->Keys(section.name)) {
      if (FindQuantizeOption(key) == nullptr && FindImplantOption(key) == nullptr) {
        // DEFAULT holds what other sections and references use.
        if (!section.file->HasOption(CfgFile::kDefaultSection, key)) UnknownKey(from, key);
        continue;
      }
      if (settings_.contains(key)) continue;  // the command line wins
      const absl::StatusOr<std::string> value = section.file->Get(section.name, key);
      if (!value.ok()) {
        problems_.emplace_back(value.status().message());
      } else if (!value->empty()) {
        ReadKey(section, from, key, *value);
      }
    }
  }

  void ReadKey(const QuantizeSection& section, const std::string& from, const std::string& key,
               const std::string& value) {
    if (!IsFlag(key)) {
      settings_[key] = {value, from};
      return;
    }
    const absl::StatusOr<bool> on = section.file->GetBoolean(section.name, key);
    if (!on.ok()) {
      problems_.emplace_back(on.status().message());
    } else if (*on) {
      settings_[key] = {"True", from};
    }
  }

  // A key that looks like an option's was meant for it; others may be there for references, or for
  // another version of ONE.
  void UnknownKey(const std::string& from, const std::string& key) {
    const std::string nearest = NearestOption(key);
    std::string text = absl::StrCat(from, " ", key, ": there is no such option");
    if (nearest.empty()) {
      job_.warnings.push_back(text);
    } else {
      problems_.push_back(absl::StrCat(text, "; did you mean '", nearest, "'?"));
    }
  }

  bool Has(const std::string& name) const { return settings_.contains(name); }
  std::string Value(const std::string& name) const {
    const auto setting = settings_.find(name);
    return setting == settings_.end() ? "" : setting->second.value;
  }

  void CheckRequired() {
    for (const auto& [name, setting] : settings_) {
      const QuantizeOption* option = FindQuantizeOption(name);
      if (option != nullptr) CheckContradiction(*option, setting);
    }
    std::vector<std::string> missing;
    if (!Has("input_path")) missing.emplace_back("-i/--input_path");
    if (!Has("output_path")) missing.emplace_back("-o/--output_path");
    if (!missing.empty()) {
      problems_.push_back(
          absl::StrCat("the following arguments are required: ", absl::StrJoin(missing, " ")));
    }
  }

  void CheckContradiction(const QuantizeOption& option, const Setting& setting) {
    const std::string where = Where(option.name, setting);
    const std::string import = setting.from.empty() ? "--import_qparam" : "import_qparam";
    if (option.use == QuantizeOptionUse::kDataFormat && AskedBy().empty()) {
      problems_.push_back(absl::StrCat(where, " contradicts ", import,
                                       ": no data is read, but that of --test_data"));
    }
    const bool right = option.use == QuantizeOptionUse::kFloat32 && setting.value == "float32";
    if (option.contradicts() && !right) {
      const std::string value =
          option.use == QuantizeOptionUse::kFloat32 ? " " + setting.value : std::string();
      problems_.push_back(absl::StrCat(where, value, " contradicts ", import, ": ", option.text));
    }
  }

  // What asks for an evaluation, or empty.
  std::string AskedBy() const {
    for (const QuantizeOption& option : OneQuantizeOptions()) {
      const auto setting = settings_.find(option.name);
      if (option.use == QuantizeOptionUse::kEvaluation && setting != settings_.end()) {
        return Where(option.name, setting->second);
      }
    }
    return "";
  }

  void FillIn() {
    ImplantJob& job = job_.implant;
    job.input = Value("input_path");
    job.param = Value("import_qparam");
    job.output = Value("output_path");
    job.report = Value("report");
    job.verbose = Has("verbose");
    job.dry_run = Has("dry_run");
    job.print_before = Has("print_before");
    job.print_after = Has("print_after");
    for (const ImplantOption& option : ImplantOptions()) {
      const auto setting = settings_.find(option.name);
      if (setting != settings_.end()) Set(option, setting->second);
    }
    if (const absl::Status status = CheckSettings(job.settings); !status.ok()) {
      problems_.emplace_back(status.message());
    }
    if (!AskedBy().empty()) AskForEvaluation();
    job_.command = {"one-quantize"};
    for (const auto& [name, setting] : settings_) {
      const QuantizeOption* option = FindQuantizeOption(name);
      if (option != nullptr && option->use == QuantizeOptionUse::kCommand) continue;
      job_.command.push_back("--" + name);
      if (!IsFlag(name)) job_.command.push_back(setting.value);
    }
  }

  void Set(const ImplantOption& option, const Setting& setting) {
    const absl::Status status =
        SetImplantOption(option, option.is_flag() ? "" : setting.value, job_.implant.settings);
    if (!status.ok()) {
      problems_.push_back(absl::StrCat(Where(option.name, setting), ": ", status.message()));
    }
  }

  void AskForEvaluation() {
    const ImplantJob& job = job_.implant;
    if (job.dry_run) {
      problems_.push_back(AskedBy() + " and --dry_run exclude each other: nothing is written");
    } else if (SameFile(job.input, job.output)) {
      problems_.push_back(AskedBy() +
                          " compares with the float32 model, which the output would "
                          "replace; write to another file");
    } else if (IsNoFile(job.output)) {
      problems_.push_back(absl::StrCat(AskedBy(),
                                       " reads the quantized model again; write it to a "
                                       "file, not to ",
                                       job.output));
    }
    QuantizeEvaluation& evaluation = job_.evaluation.emplace();
    evaluation.asked_by = AskedBy();
    evaluation.float_model = job.input;
    evaluation.quantized_model = job.output;
    evaluation.test_data = Value("test_data");
    job_.implant.also_read.push_back(evaluation.test_data);
    evaluation.data_format = Value("input_data_format");
    evaluation.verbose = job.verbose;
    for (const QuantizeOption& option : OneQuantizeOptions()) {
      const bool metric =
          option.use == QuantizeOptionUse::kEvaluation && absl::StartsWith(option.name, "print_");
      if (metric && Has(option.name)) evaluation.metrics.push_back(absl::StrCat("--", option.name));
    }
    if (Has("save_intermediate")) KeepIntermediate(evaluation);
  }

  void KeepIntermediate(QuantizeEvaluation& evaluation) {
    const fs::path folder = RealPath(job_.implant.output).parent_path();
    evaluation.intermediate_folder = folder;
    const std::string model = folder / evaluation.FakeQuantizedName();
    job_.implant.also_written.push_back(model);
    const std::optional<Overwrite> lost = FindOverwritten(job_.implant);
    if (!lost.has_value() || lost->by != model) return;
    problems_.push_back(absl::StrCat(Where("save_intermediate", settings_.at("save_intermediate")),
                                     " would overwrite ", lost->lost,
                                     " with the model that is compared; give it another name"));
  }

  std::map<std::string, Setting> settings_;  // flags have the value "True"
  std::vector<std::string> problems_;
  QuantizeJob job_;
};

// Where the log goes, or empty: what is no file has none beside it.
std::string LogPath(const std::string& output) {
  return IsNoFile(output) ? "" : RealPath(output).string() + ".log";
}

}  // namespace

absl::StatusOr<bool> ImportsParams(const QuantizeSection& section) {
  if (!section.file->HasOption(section.name, "import_qparam")) return false;
  const absl::StatusOr<std::string> value = section.file->Get(section.name, "import_qparam");
  if (!value.ok()) return value.status();
  return !value->empty();
}

absl::StatusOr<QuantizeJob> MakeQuantizeJob(const std::vector<GivenOption>& given,
                                            const std::optional<QuantizeSection>& section) {
  return JobMaker().Make(given, section);
}

int RunQuantizeJob(const QuantizeJob& job) {
  ImplantJob implant = job.implant;
  const std::string log_path = LogPath(implant.output);
  implant.also_written.push_back(log_path);
  if (const std::optional<Overwrite> lost = FindOverwritten(implant);
      lost.has_value() && lost->by == log_path) {
    std::cerr << "error: " << lost->lost
              << " would be overwritten by the log; write to another file\n";
    return kExitBadCommand;
  }
  LogFile log(log_path);
  if (!log.error().empty()) {
    std::cerr << "error: " << log_path << " can't be written: " << log.error()
              << "; check the folder of the output\n";
    return kExitBadData;
  }
  log.stream() << ShellCommand(job.command) << '\n';
  Tee out(TextsBeside(implant.output), log.stream());
  Tee err(std::cerr, log.stream());
  for (const std::string& warning : job.warnings) err << "warning: " << warning << '\n';
  int code = RunImplant(implant, out, err);
  if (code == kExitBadCommand) return code;  // the log may be what would be lost
  log.Begin();
  if (code == kExitDone && job.evaluation.has_value()) {
    code = Evaluate(*job.evaluation, log.stream(), err);
  }
  if (log.Finish()) return code;
  std::cerr << "error: " << log_path << " can't be written to its end: " << log.error()
            << "; free some space, or write to another disk\n";
  return code == kExitDone ? kExitBadData : code;
}

}  // namespace q_implant
