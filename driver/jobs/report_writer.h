// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_JOBS_REPORT_WRITER_H_
#define Q_IMPLANT_DRIVER_JOBS_REPORT_WRITER_H_

#include <string>

#include "absl/status/status.h"
#include "export/file_system.h"
#include "ir/diagnostics.h"
#include "pass/quantize/quantize_report.h"

namespace q_implant {

// Writes what a run did as JSON: "done", "tensors", "nodes", "diagnostics" (docs/report.md). The
// file appears whole or not at all.
absl::Status WriteReport(const QuantizeReport& report, const Diagnostics& diagnostics, bool done,
                         const std::string& path, FileSystem& files = FileSystem::Real());

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_JOBS_REPORT_WRITER_H_
