// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_NEWER_SCHEMA_H_
#define Q_IMPLANT_IMPORT_NEWER_SCHEMA_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace q_implant {

// Walks every table of a verified file and calls `report` for what a reader of this schema cannot
// see and would lose, or would see wrongly:
//
// - a field beyond those the schema has, an options table of a type it does not know: a newer
//   version of the format wrote them;
// - a table where the union's type says that there is none;
// - what is damaged where the Verifier does not look: in deprecated fields, and in tables that
//   TFLite numbers otherwise (see quantization_details.h).
//
// `where` is the path to the table, "subgraphs[0].operators[3].builtin_options".
using SchemaReport = absl::FunctionRef<void(absl::string_view where, std::string problem)>;
void CheckSchema(absl::Span<const uint8_t> file, SchemaReport report);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_NEWER_SCHEMA_H_
