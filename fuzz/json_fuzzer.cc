// SPDX-License-Identifier: Apache-2.0
// What the scanner takes, every reader takes: JsonCpp in its strict mode.

#include <cstdlib>
#include <memory>

#include "import/json_scanner.h"
#include "json/json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto* text = reinterpret_cast<const char*>(data);
  q_implant::Diagnostics diagnostics;
  if (!q_implant::ScanJson({text, size}, "p.json", diagnostics)) {
    if (!diagnostics.has_errors()) abort();
    return 0;
  }
  Json::CharReaderBuilder builder;
  Json::Value value;
  std::string errors;
  const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
  reader->parse(text, text + size, &value, &errors);
  return 0;
}
