// SPDX-License-Identifier: Apache-2.0
#include "import/json_reader.h"

#include <json/reader.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <new>

#include "absl/status/statusor.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "import/json_scanner.h"
#include "import/mapped_file.h"

namespace q_implant {
namespace {

// For text that passed ScanJson. jsoncpp's strict mode alone lets through comments in objects, bad
// UTF-8, control characters and numbers like 01, 1. and +1 (release 1.9.5).
bool Parse(absl::string_view text, Json::Value* root, std::string* error) {
  try {
    Json::CharReaderBuilder builder;
    Json::CharReaderBuilder::strictMode(&builder.settings_);
    builder["strictRoot"] = false;
    const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
    return reader->parse(text.data(), text.data() + text.size(), root, error);
  } catch (const std::bad_alloc&) {
    throw;  // no fault of the text
  } catch (const std::exception& exception) {
    *error = exception.what();
    return false;
  }
}

}  // namespace

std::optional<Json::Value> ReadJson(absl::string_view text, absl::string_view file,
                                    Diagnostics& diagnostics) {
  absl::ConsumePrefix(&text, "\xEF\xBB\xBF");
  if (!ScanJson(text, file, diagnostics)) return std::nullopt;
  Json::Value root;
  std::string error;
  if (!Parse(text, &root, &error)) {
    diagnostics.Add({.file = std::string(file),
                     .problem = absl::StrCat("jsoncpp can't read this file: ", error)});
    return std::nullopt;
  }
  return root;
}

std::optional<Json::Value> ReadJsonObject(const std::string& path, Diagnostics& diagnostics) {
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  if (!bytes.ok()) {
    diagnostics.AddStatus(bytes.status());
    return std::nullopt;
  }
  const absl::string_view text(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  std::optional<Json::Value> root = ReadJson(text, path, diagnostics);
  if (root && !root->isObject()) {
    diagnostics.Add({.file = path,
                     .problem = "the outermost value is not an object",
                     .expected = "'{' ... '}'",
                     .found = DescribeJson(*root)});
    return std::nullopt;
  }
  return root;
}

std::vector<std::pair<std::string, const Json::Value*>> MembersOf(const Json::Value& object) {
  std::vector<std::pair<std::string, const Json::Value*>> members;
  members.reserve(object.size());
  for (auto member = object.begin(); member != object.end(); ++member) {
    members.emplace_back(member.name(), &*member);
  }
  std::sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
    return a.second->getOffsetStart() < b.second->getOffsetStart();
  });
  return members;
}

std::string DescribeJson(const Json::Value& value) {
  switch (value.type()) {
    case Json::nullValue:
      return "null";
    case Json::booleanValue:
      return value.asBool() ? "true" : "false";
    case Json::stringValue:
      return absl::StrCat("the string '", absl::Utf8SafeCEscape(value.asString()), "'");
    case Json::arrayValue:
      return "an array";
    case Json::objectValue:
      return "an object";
    default:  // asString keeps the ".0" of a whole float
      return absl::StrCat("the number ", value.asString());
  }
}

}  // namespace q_implant
