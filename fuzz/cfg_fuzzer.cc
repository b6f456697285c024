// SPDX-License-Identifier: Apache-2.0
// Whatever is in a cfg file, each value is there or there is a reason.

#include <cstdlib>

#include "driver/python/cfg_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto cfg =
      q_implant::CfgFile::Parse({reinterpret_cast<const char*>(data), size}, "one.cfg");
  if (!cfg.ok()) return 0;
  for (const std::string& section : cfg->Sections()) {
    for (const std::string& key : cfg->Keys(section)) {
      const auto value = cfg->Get(section, key);
      if (!value.ok() && value.status().message().empty()) abort();
      (void)cfg->GetBoolean(section, key);
    }
  }
  return 0;
}
