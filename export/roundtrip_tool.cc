// SPDX-License-Identifier: Apache-2.0
// roundtrip_tool IN OUT [LIMIT]: imports a model and exports it again, for roundtrip_test.py.
// LIMIT, in bytes, makes the appended layout begin earlier than at 2 GiB.

#include <cstdlib>
#include <iostream>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "export/circle_exporter.h"
#include "import/circle_importer.h"

namespace q_implant {
namespace {

absl::Status RoundTrip(const std::string& in, const std::string& out,
                       const ExportOptions& options) {
  absl::StatusOr<Model> model = ImportCircle(in);
  if (!model.ok()) return model.status();
  return ExportCircle(*model, out, options);
}

}  // namespace
}  // namespace q_implant

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::cerr << "usage: roundtrip_tool IN OUT [LIMIT]\n";
    return 2;
  }
  q_implant::ExportOptions options;
  if (argc == 4) options.flatbuffer_limit = std::strtoull(argv[3], nullptr, 10);
  const absl::Status status = q_implant::RoundTrip(argv[1], argv[2], options);
  if (status.ok()) return 0;
  std::cerr << status.message() << "\n";
  return 1;
}
