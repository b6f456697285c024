// SPDX-License-Identifier: Apache-2.0
#include "export/json_text.h"

#include "ir/utf8.h"

namespace q_implant {

std::string JsonText(const Json::Value& document) {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "  ";
  builder["precision"] = 9;  // enough to read a float32 back exactly
  builder["emitUTF8"] = true;
  // It copies what is in strings, so all bytes that are not UTF-8 stand in strings: there a
  // backslash is written as two.
  return WithEscapedBytes(Json::writeString(builder, document), R"(\\x)") + "\n";
}

}  // namespace q_implant
