// SPDX-License-Identifier: Apache-2.0
// Any bytes: what the scanner takes, the reader behind it takes too; of all else there is an error.

#include <cstdlib>
#include <optional>

#include "import/json_reader.h"
#include "import/json_scanner.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace q_implant;
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  Diagnostics of_scanner;
  Diagnostics of_reader;
  const bool sound = ScanJson(text, "p.json", of_scanner);
  const std::optional<Json::Value> root = ReadJson(text, "p.json", of_reader);
  if (sound == of_scanner.has_errors() || root.has_value() == of_reader.has_errors()) abort();
  if (sound && !root.has_value()) abort();
  if (root.has_value()) DescribeJson(*root);
  if (root.has_value() && root->isObject()) MembersOf(*root);
  return 0;
}
