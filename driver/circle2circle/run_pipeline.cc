// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/run_pipeline.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/import_qparam_pass.h"
#include "driver/jobs/messages.h"
#include "driver/process/one_tools.h"
#include "driver/process/temporary_folder.h"
#include "export/atomic_file.h"
#include "export/circle_exporter.h"
#include "export/same_file.h"
#include "import/circle_importer.h"
#include "import/mapped_file.h"
#include "ir/printer.h"
#include "pass/pass_pipeline.h"

namespace q_implant {
namespace {

std::string DisplayName(const PipelineStep& step) {
  if (step.pass == nullptr) return absl::StrCat("circle2circle ", step.switches.front());
  return absl::StrCat("--", step.pass->name);
}

// What a step names that may be a file: no choice of words ("litert|onert"), but what help texts
// call by a name ("JSON").
std::vector<std::string> FilesOf(const PipelineStep& step) {
  std::vector<std::string> files;
  const auto add = [&](absl::string_view called, const std::string& value) {
    if (!called.empty() && absl::ascii_isupper(static_cast<unsigned char>(called.front()))) {
      files.push_back(value);
    }
  };
  if (step.pass == nullptr) {  // nobody here knows which of its words are files
    for (const std::string& word : step.switches) {
      if (!absl::StartsWith(word, "-")) files.push_back(word);
    }
    return files;
  }
  add(step.pass->argument, step.arguments.argument);
  for (const auto& [name, value] : step.arguments.options) {
    add(step.pass->FindOption(name)->value, value);
  }
  return files;
}

// How long each part of the run took.
class Stopwatch {
 public:
  void Start() { start_ = Clock::now(); }
  void Stop(std::string what) { parts_.emplace_back(std::move(what), Clock::now() - start_); }

  void Print(std::ostream& out) const {
    Seconds all(0);
    for (const auto& [what, time] : parts_) all += time;
    for (const auto& [what, time] : parts_) {
      out << absl::StrFormat("%9.4f s %5.1f %%  %s\n", time.count(),
                             all.count() > 0 ? 100 * time.count() / all.count() : 0, what);
    }
    out << absl::StrFormat("%9.4f s          all\n", all.count());
  }

 private:
  using Clock = std::chrono::steady_clock;
  using Seconds = std::chrono::duration<double>;

  Clock::time_point start_;
  std::vector<std::pair<std::string, Seconds>> parts_;
};

class PipelineRun {
 public:
  PipelineRun(const PipelineCommand& command, std::string upstream, std::ostream& out,
              std::ostream& err)
      : command_(command), upstream_(std::move(upstream)), out_(out), err_(err) {}

  int Run() {
    if (!MakePasses() || !OverwritesNothing(FilesOfCommand())) return kExitWrongUsage;
    file_ = command_.input;
    size_t begin = 0;
    while (begin < command_.steps.size()) {
      size_t end = begin + 1;
      const bool foreign = command_.steps[begin].pass == nullptr;
      while (!foreign && end < command_.steps.size() && command_.steps[end].pass != nullptr) ++end;
      const int code = foreign ? RunForeign(command_.steps[begin]) : RunPasses(begin, end);
      if (code != kExitDone) return code;
      begin = end;
    }
    if (!OverwritesNothing(named_)) return kExitWrongUsage;
    const int code = Write();
    if (code == kExitDone && command_.time_passes) stopwatch_.Print(out_);
    return code;
  }

 private:
  // All of them, before the first runs.
  bool MakePasses() {
    for (const PipelineStep& step : command_.steps) {
      passes_.push_back(nullptr);
      if (step.pass == nullptr) continue;
      absl::StatusOr<std::unique_ptr<Pass>> pass = step.pass->make(step.arguments);
      if (pass.ok() && *pass == nullptr) pass = absl::InvalidArgumentError("made no pass");
      if (!pass.ok()) {
        err_ << "error: " << DisplayName(step) << ": " << pass.status().message() << '\n';
        return false;
      }
      passes_.back() = *std::move(pass);
    }
    return true;
  }

  // The input may be replaced, but not what a pass, or the program, reads.
  bool OverwritesNothing(const std::vector<std::string>& read) {
    const std::optional<Overwrite> lost = FirstOverwritten({command_.output}, read);
    if (lost.has_value()) err_ << "error: " << lost->ToString() << '\n';
    return !lost.has_value();
  }

  std::vector<std::string> FilesOfCommand() const {
    std::vector<std::string> files = command_.plugins;
    for (const PipelineStep& step : command_.steps) {
      for (std::string& file : FilesOf(step)) files.push_back(std::move(file));
    }
    return files;
  }

  int Fail(const absl::Status& status) {
    Diagnostics failed;
    failed.AddStatus(status);
    PrintDiagnostics(failed, command_.verbose, err_);
    // DataLoss is what AtomicFile says of an output that is there.
    if (!absl::IsDataLoss(status)) PrintRefusal(failed.Count(Severity::kError), err_);
    return kExitBadData;
  }

  absl::Status NeedModel() {
    if (model_.has_value()) return absl::OkStatus();
    stopwatch_.Start();
    absl::StatusOr<Model> model = ImportCircle(file_);
    if (!model.ok()) return model.status();
    stopwatch_.Stop(absl::StrCat("read ", file_ == command_.input ? file_ : "it again"));
    model_ = *std::move(model);
    return absl::OkStatus();
  }

  // Steps that are passes, as one pipeline.
  int RunPasses(size_t begin, size_t end) {
    if (const absl::Status status = NeedModel(); !status.ok()) return Fail(status);
    Diagnostics diagnostics;
    PassPipeline pipeline;
    pipeline.set_verify_each(command_.verify_each);
    for (size_t s = begin; s < end; ++s) {
      pipeline.Add(std::move(passes_[s]), DisplayName(command_.steps[s]));
    }
    size_t done = begin;
    pipeline.set_before_each([this](const Pass&, const Model&) { stopwatch_.Start(); });
    pipeline.set_after_each([&](const Pass& pass, const Model& model, bool changed) {
      const PipelineStep& step = command_.steps[done++];
      if (const auto* import = dynamic_cast<const ImportQparamPass*>(&pass)) {
        named_.insert(named_.end(), import->files().begin(), import->files().end());
      }
      stopwatch_.Stop(DisplayName(step));
      diagnostics.Add({.severity = Severity::kNote,
                       .problem = absl::StrCat(DisplayName(step), changed ? " changed the model"
                                                                          : " changed nothing")});
      if (PrintsAfter(step)) out_ << "// after " << DisplayName(step) << '\n' << PrintModel(model);
    });
    const absl::StatusOr<bool> changed = pipeline.Run(*model_, diagnostics);
    if (!changed.ok() && !diagnostics.has_errors()) diagnostics.AddStatus(changed.status());
    PrintDiagnostics(diagnostics, command_.verbose, err_);
    if (changed.ok()) return kExitDone;
    PrintRefusal(diagnostics.Count(Severity::kError), err_);
    return kExitBadData;
  }

  bool PrintsAfter(const PipelineStep& step) const {
    return command_.print_after_all ||
           std::find(command_.print_after.begin(), command_.print_after.end(), step.pass->name) !=
               command_.print_after.end();
  }

  // The model goes to the other circle2circle in a file and comes back in one.
  int RunForeign(const PipelineStep& step) {
    if (!temporary_.has_value()) {
      absl::StatusOr<TemporaryFolder> folder = TemporaryFolder::Create();
      if (!folder.ok()) return Fail(folder.status());
      temporary_.emplace(*std::move(folder));
    }
    if (model_.has_value()) {
      file_ = NextFile();
      if (const absl::Status status = WriteModel(file_); !status.ok()) return Fail(status);
    }
    const std::string result = NextFile();
    std::vector<std::string> tool = {upstream_};
    tool.insert(tool.end(), step.switches.begin(), step.switches.end());
    if (command_.verbose) tool.push_back("--verbose");
    tool.push_back(file_);
    tool.push_back(result);
    stopwatch_.Start();
    const absl::StatusOr<int> code = RunTool(tool);
    if (!code.ok()) return Fail(code.status());
    stopwatch_.Stop(DisplayName(step));
    if (*code != 0) {
      err_ << "error: " << upstream_ << " failed with exit code " << *code
           << "; nothing was written\n";
      return *code;
    }
    std::error_code ignored;
    if (!std::filesystem::exists(result, ignored)) {
      return Fail(absl::FailedPreconditionError(
          absl::StrCat(upstream_, " wrote no model, though its exit code is 0")));
    }
    file_ = result;
    model_.reset();
    return kExitDone;
  }

  std::string NextFile() { return absl::StrCat(temporary_->path(), "/", files_++, ".circle"); }

  absl::Status WriteModel(const std::string& path) {
    stopwatch_.Start();
    absl::Status status = ExportCircle(*model_, path);
    stopwatch_.Stop(absl::StrCat("write ", path == command_.output ? path : "it between"));
    return status;
  }

  // The bytes of the last foreign step as they are.
  absl::Status CopyFile() {
    const absl::StatusOr<Bytes> bytes = MapFile(file_);
    if (!bytes.ok()) return bytes.status();
    return WriteFileAtomically(command_.output, {bytes->span()});
  }

  int Write() {
    const bool foreign_last = !command_.steps.empty() && command_.steps.back().pass == nullptr;
    absl::Status status = foreign_last ? CopyFile() : NeedModel();
    if (status.ok() && !foreign_last) status = WriteModel(command_.output);
    return status.ok() ? kExitDone : Fail(status);
  }

  const PipelineCommand& command_;
  std::string upstream_;
  std::ostream& out_;
  std::ostream& err_;
  std::vector<std::unique_ptr<Pass>> passes_;  // by step; null for another circle2circle's
  std::optional<Model> model_;                 // else the model is what stands in file_
  std::string file_;
  std::vector<std::string> named_;  // files that only a pass knows
  std::optional<TemporaryFolder> temporary_;
  int files_ = 0;
  Stopwatch stopwatch_;
};

}  // namespace

int RunPipeline(const PipelineCommand& command, const std::string& upstream, std::ostream& out,
                std::ostream& err) {
  return PipelineRun(command, upstream, out, err).Run();
}

}  // namespace q_implant
