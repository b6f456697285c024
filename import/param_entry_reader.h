// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_PARAM_ENTRY_READER_H_
#define Q_IMPLANT_IMPORT_PARAM_ENTRY_READER_H_

#include <json/value.h>

#include <optional>
#include <string>

#include "import/param_files.h"
#include "ir/diagnostics.h"
#include "ir/params.h"

namespace q_implant {

// Reads one entry of a param file, `param_file` for messages, and checks all of it: each problem
// becomes an error. Nothing where there was one. The entry's target is its key.
std::optional<ParamEntry> ReadParamEntry(const std::string& key, const Json::Value& json,
                                         const std::string& param_file, ParamFiles& files,
                                         Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_PARAM_ENTRY_READER_H_
