// SPDX-License-Identifier: Apache-2.0
// A plugin with a pass that nobody could call: for circle2circle_test.py.
#include "pass/pass_pipeline.h"
#include "pass/pass_plugin.h"

namespace {

absl::StatusOr<std::unique_ptr<q_implant::Pass>> Make(const q_implant::PassArguments&) {
  return std::make_unique<q_implant::PassPipeline>();
}

absl::Status RegisterPasses(q_implant::PassRegistry& registry) {
  return registry.Register({.name = "verbose", .help = "", .make = Make});
}

}  // namespace

extern "C" const q_implant::PassPlugin* q_implant_pass_plugin() {
  static constexpr q_implant::PassPlugin plugin = {q_implant::kVersion, RegisterPasses};
  return &plugin;
}
