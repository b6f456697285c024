// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_JSON_TEXT_H_
#define Q_IMPLANT_EXPORT_JSON_TEXT_H_

#include <string>

#include "json/json.h"

namespace q_implant {

// The document as a file holds it: indented UTF-8 that any parser takes, with a newline at its end.
// Bytes of names that are not UTF-8 stand as the text "\xe9".
std::string JsonText(const Json::Value& document);

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_JSON_TEXT_H_
