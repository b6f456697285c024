// SPDX-License-Identifier: Apache-2.0
// arguments_dump: what ParseArguments makes of command lines of one-quantize, for
// arguments_test.py. The first line of output has the options, [[name, letter, whether a value
// follows], ...]. Then, each line of standard input is a JSON list of words, each of output
// {"problem": text}, or {"given": {name: value}}.

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "driver/onecc/one_quantize_options.h"
#include "driver/python/arguments.h"
#include "json/json.h"

namespace q_implant {
namespace {

Json::Value Dump(const std::vector<std::string>& words) {
  const Arguments arguments = ParseArguments(QuantizeArguments(), words);
  Json::Value json(Json::objectValue);
  if (!arguments.problem.empty()) {
    json["problem"] = arguments.problem;
    return json;
  }
  json["given"] = Json::Value(Json::objectValue);
  for (const GivenOption& option : arguments.given) json["given"][option.name] = option.value;
  return json;
}

Json::Value Options() {
  Json::Value options(Json::arrayValue);
  for (const ArgumentOption& option : QuantizeArguments()) {
    Json::Value json(Json::arrayValue);
    json.append(option.name);
    json.append(option.letter == 0 ? "" : std::string(1, option.letter));
    json.append(option.has_value);
    options.append(json);
  }
  return options;
}

int Main() {
  Json::StreamWriterBuilder builder;
  builder["indentation"] = "";
  std::cout << Json::writeString(builder, Options()) << '\n';
  std::string line;
  while (std::getline(std::cin, line)) {
    Json::Value list;
    const std::unique_ptr<Json::CharReader> reader(Json::CharReaderBuilder().newCharReader());
    reader->parse(line.data(), line.data() + line.size(), &list, nullptr);
    std::vector<std::string> words;
    for (const Json::Value& word : list) words.push_back(word.asString());
    std::cout << Json::writeString(builder, Dump(words)) << '\n';
  }
  return 0;
}

}  // namespace
}  // namespace q_implant

int main() { return q_implant::Main(); }
