// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_CIRCLE_IMPORTER_H_
#define Q_IMPLANT_IMPORT_CIRCLE_IMPORTER_H_

#include <string>

#include "absl/status/statusor.h"
#include "ir/bytes.h"
#include "ir/model.h"

namespace q_implant {

// Reads a circle or TFLite file. The file is mapped, not copied: constants, custom options and
// option tables stay views into it, which the model keeps alive.
//
// The model is safe to walk: every index in it names something, every constant has the size that
// its shape and type ask for (see model_check.h). A file that is damaged, or that holds what this
// version would lose, is an InvalidArgument error with one line a problem.
absl::StatusOr<Model> ImportCircle(const std::string& path);

// The same for a file in memory; `path` is for messages and becomes Model::path.
absl::StatusOr<Model> ImportCircle(Bytes file, std::string path);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_CIRCLE_IMPORTER_H_
