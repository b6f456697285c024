// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/implant_job.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "driver/jobs/import_qparam_pass.h"
#include "driver/jobs/messages.h"
#include "driver/jobs/report_writer.h"
#include "export/atomic_file.h"
#include "export/circle_exporter.h"
#include "import/circle_importer.h"
#include "ir/diagnostics.h"
#include "ir/dot_printer.h"
#include "ir/printer.h"

namespace q_implant {
namespace {

int Refuse(size_t errors, std::ostream& err) {
  PrintRefusal(errors, err);
  return kExitBadData;
}

std::string SizeBefore(const std::string& path) {
  std::error_code error;
  const uintmax_t size = std::filesystem::file_size(path, error);
  return error ? "read from a stream" : absl::StrCat(size, " bytes before");
}

int RefuseOverwrite(const Overwrite& overwrite, std::ostream& err) {
  err << "error: " << overwrite.ToString() << '\n';
  return kExitBadCommand;
}

void PrintClosingLine(const ImplantJob& job, const QuantizeSummary& summary,
                      const Diagnostics& diagnostics, const std::string& before,
                      std::ostream& out) {
  std::error_code ignored;
  const uintmax_t size_after = std::filesystem::file_size(job.output, ignored);
  out << job.output << ": " << summary.annotated
      << (summary.annotated == 1 ? " tensor annotated, " : " tensors annotated, ")
      << summary.propagated << " propagated, " << summary.derived << " derived, "
      << summary.left_float << " left float32; " << summary.integer_nodes << " of "
      << summary.integer_possible << " operators integer; ";
  if (summary.hybrid_nodes > 0) out << summary.hybrid_nodes << " hybrid; ";
  if (const size_t warnings = diagnostics.Count(Severity::kWarning); warnings > 0) {
    out << warnings << (warnings == 1 ? " warning; " : " warnings; ");
  }
  out << before << ", ";
  if (job.dry_run) {
    out << "nothing written (--dry_run)\n";
  } else if (ignored) {
    out << "written to a stream\n";
  } else {
    out << size_after << " after\n";
  }
}

// The picture first: the output appears only where all went well.
absl::Status WriteFiles(const ImplantJob& job, const Model& model, const DotPicture& picture) {
  if (!job.dot.empty()) {
    const absl::Status status = WriteFileAtomically(job.dot, picture.ToString());
    if (!status.ok()) return status;
  }
  return job.dry_run ? absl::OkStatus() : ExportCircle(model, job.output);
}

// The job but for its report. Everything that goes wrong is in the diagnostics.
int Implant(const ImplantJob& job, QuantizeReport& report, Diagnostics& diagnostics,
            std::ostream& out, std::ostream& err) {
  // Everything is read before the first error ends the run, so that one report tells all.
  absl::StatusOr<Model> model = ImportCircle(job.input);
  diagnostics.AddStatus(model.status());
  ImplantSettings settings = job.settings;
  settings.report = !job.report.empty();
  ImportQparamPass pass(job.param, std::move(settings));
  pass.Read(diagnostics);
  if (const std::optional<Overwrite> lost = FindOverwritten(job, pass.files()); lost.has_value()) {
    return RefuseOverwrite(*lost, err);
  }
  if (!model.ok()) {
    PrintDiagnostics(diagnostics, job.verbose, err);
    return Refuse(diagnostics.Count(Severity::kError), err);
  }
  const std::string before = SizeBefore(job.input);
  DotPicture picture;
  if (job.print_before) out << PrintModel(*model);
  if (!job.dot.empty()) picture.Add("before", *model);
  const absl::StatusOr<bool> changed = pass.Run(*model, diagnostics);
  report = pass.report();
  if (!changed.ok() && !diagnostics.has_errors()) diagnostics.AddStatus(changed.status());
  PrintDiagnostics(diagnostics, job.verbose, err);
  if (!changed.ok()) return Refuse(diagnostics.Count(Severity::kError), err);
  if (job.print_after) out << PrintModel(*model);
  if (!job.dot.empty()) picture.Add("after", *model);
  if (const absl::Status status = WriteFiles(job, *model, picture); !status.ok()) {
    diagnostics.AddStatus(status);
    PrintStatus(status, err);
    return kExitBadData;
  }
  PrintClosingLine(job, pass.summary(), diagnostics, before, out);
  return kExitDone;
}

}  // namespace

std::optional<Overwrite> FindOverwritten(const ImplantJob& job,
                                         const std::vector<std::string>& named) {
  std::vector<std::string> written = {job.output, job.report, job.dot};
  written.insert(written.end(), job.also_written.begin(), job.also_written.end());
  std::vector<std::string> read = named;
  read.insert(read.end(), job.also_read.begin(), job.also_read.end());
  read.insert(read.end(), {job.param, job.settings.import_options.name_map_path});
  std::optional<Overwrite> lost = FirstOverwritten(written, read);
  if (lost.has_value()) return lost;
  written.erase(written.begin());
  return FirstOverwritten(written, {job.input});
}

int RunImplant(const ImplantJob& job, std::ostream& out, std::ostream& err) {
  if (const std::optional<Overwrite> lost = FindOverwritten(job); lost.has_value()) {
    return RefuseOverwrite(*lost, err);
  }
  QuantizeReport report;
  Diagnostics diagnostics;
  const int exit_code = Implant(job, report, diagnostics, out, err);
  if (job.report.empty() || exit_code == kExitBadCommand) return exit_code;
  const absl::Status written = WriteReport(report, diagnostics, exit_code == kExitDone, job.report);
  if (written.ok()) return exit_code;
  PrintStatus(written, err);
  return kExitBadData;
}

}  // namespace q_implant
