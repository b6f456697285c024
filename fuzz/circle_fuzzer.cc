// SPDX-License-Identifier: Apache-2.0
// Any bytes: the importer takes them or says why not; what it takes is exported, and then byte for
// byte the same again.

#include <cstdlib>

#include "export/circle_exporter.h"
#include "import/circle_importer.h"
#include "ir/printer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace q_implant;
  const auto model = ImportCircle(Bytes::Own({data, data + size}), "m.circle");
  if (!model.ok()) return model.status().message().empty() ? abort(), 0 : 0;
  PrintModel(*model);
  const auto once = ExportCircleToBytes(*model);
  if (!once.ok()) return 0;
  const auto again = ImportCircle(Bytes::Own(*once), "again.circle");
  if (!again.ok() || *ExportCircleToBytes(*again) != *once) abort();
  return 0;
}
