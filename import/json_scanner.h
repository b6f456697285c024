// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_JSON_SCANNER_H_
#define Q_IMPLANT_IMPORT_JSON_SCANNER_H_

#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"

namespace q_implant {

// Whether `text`, UTF-8 without a byte order mark, is one JSON value as RFC 8259 has it. Stricter
// than the RFC where a reader could misunderstand: no key twice in an object, no U+0000, no half of
// a surrogate pair, no number beyond a double, at most 64 objects and arrays inside each other.
//
// Adds an error for each repeated key and for the first mistake of any other kind, which ends the
// scan. Their `file` is "<file>:<line>:<column>", counted from 1, columns in bytes.
bool ScanJson(absl::string_view text, absl::string_view file, Diagnostics& diagnostics);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_JSON_SCANNER_H_
