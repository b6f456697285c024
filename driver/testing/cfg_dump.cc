// SPDX-License-Identifier: Apache-2.0
// cfg_dump: what CfgFile reads in the texts on standard input, for cfg_file_test.py. Before each
// text stands a line with its size in bytes. Writes a line of JSON for each: {"error": text}, or
// {"sections": [[name, [[key, value, boolean], ...]], ...]} with DEFAULT as the last section; a
// value or boolean that is an error is {"error": text}.

#include <json/value.h>
#include <json/writer.h>

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "driver/python/cfg_file.h"

namespace q_implant {
namespace {

Json::Value Error(const absl::Status& status) {
  Json::Value error(Json::objectValue);
  error["error"] = std::string(status.message());
  return error;
}

template <typename T>
Json::Value ValueOrError(const absl::StatusOr<T>& value) {
  return value.ok() ? Json::Value(*value) : Error(value.status());
}

Json::Value Pair(Json::Value first, Json::Value second) {
  Json::Value pair(Json::arrayValue);
  pair.append(std::move(first));
  pair.append(std::move(second));
  return pair;
}

Json::Value Options(const CfgFile& file, const std::string& section) {
  Json::Value options(Json::arrayValue);
  for (const std::string& key : file.Keys(section)) {
    Json::Value option = Pair(key, ValueOrError(file.Get(section, key)));
    option.append(ValueOrError(file.GetBoolean(section, key)));
    options.append(std::move(option));
  }
  return options;
}

Json::Value Dump(const std::string& text) {
  const absl::StatusOr<CfgFile> file = CfgFile::Parse(text, "m.cfg");
  if (!file.ok()) return Error(file.status());
  std::vector<std::string> names = file->Sections();
  names.emplace_back(CfgFile::kDefaultSection);
  Json::Value sections(Json::arrayValue);
  for (const std::string& name : names) sections.append(Pair(name, Options(*file, name)));
  Json::Value dump(Json::objectValue);
  dump["sections"] = std::move(sections);
  return dump;
}

}  // namespace
}  // namespace q_implant

int main() {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  builder["emitUTF8"] = true;
  const std::unique_ptr<Json::StreamWriter> writer(builder.newStreamWriter());
  for (size_t size; std::cin >> size;) {
    std::cin.ignore();  // the end of the line
    std::string text(size, '\0');
    std::cin.read(text.data(), static_cast<std::streamsize>(size));
    writer->write(q_implant::Dump(text), &std::cout);
    std::cout << "\n";
  }
  return std::cin.eof() ? 0 : 1;
}
