// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IMPORT_JSON_READER_H_
#define Q_IMPLANT_IMPORT_JSON_READER_H_

#include <json/value.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"

namespace q_implant {

// Parses JSON text, with or without a UTF-8 byte order mark. Nothing, and at least one error, for
// what ScanJson refuses.
std::optional<Json::Value> ReadJson(absl::string_view text, absl::string_view file,
                                    Diagnostics& diagnostics);

// The same for a file whose outermost value must be an object.
std::optional<Json::Value> ReadJsonObject(const std::string& path, Diagnostics& diagnostics);

// The members of an object in the order of the text. (jsoncpp itself gives them sorted.) The
// pointers live as long as `object`.
std::vector<std::pair<std::string, const Json::Value*>> MembersOf(const Json::Value& object);

// What messages call a value: "null", "true", "the number 0.5", "the string 'x'", "an array",
// "an object".
std::string DescribeJson(const Json::Value& value);

}  // namespace q_implant

#endif  // Q_IMPLANT_IMPORT_JSON_READER_H_
