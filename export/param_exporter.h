// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_PARAM_EXPORTER_H_
#define Q_IMPLANT_EXPORT_PARAM_EXPORTER_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "export/file_system.h"
#include "ir/params.h"

namespace q_implant {

// The inverse of ImportParams: writes folder/param.json and a .npy file for each scale, zero point
// and value, named after the tensor. The folder is made where it is not there; files of these names
// are replaced. param.json comes last, so that one that is there is whole.
// AlreadyExists, before anything is written, where one of the files is one of `inputs`, or two of
// them are one (links).
absl::Status ExportParams(const Params& params, const std::string& folder,
                          absl::Span<const std::string> inputs,
                          FileSystem& files = FileSystem::Real());

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_PARAM_EXPORTER_H_
