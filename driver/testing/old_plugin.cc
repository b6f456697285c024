// SPDX-License-Identifier: Apache-2.0
// A plugin that was built with another q-implant: for plugin_loader_test.cc.
#include "pass/pass_plugin.h"

extern "C" const q_implant::PassPlugin* q_implant_pass_plugin() {
  static constexpr q_implant::PassPlugin plugin = {
      "0.0.9", [](q_implant::PassRegistry&) -> absl::Status { __builtin_trap(); }};
  return &plugin;
}
