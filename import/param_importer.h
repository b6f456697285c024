// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_PARAM_IMPORTER_H_
#define Q_IMPLANT_IMPORT_PARAM_IMPORTER_H_

#include <string>

#include "ir/diagnostics.h"
#include "ir/params.h"

namespace q_implant {

struct ParamImportOptions {
  std::string name_map_path;   // none where empty
  bool allow_outside = false;  // files outside the param file's folder may be named
};

// Reads a param file and the .npy files that it names; docs/param-format.md is the format. Every
// entry is checked, alone: what it means for a model is not asked here. Each problem becomes a
// diagnostic; the entries without an error are returned in the order of the file, of the others
// only their names.
Params ImportParams(const std::string& json_path, const ParamImportOptions& options,
                    Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_PARAM_IMPORTER_H_
