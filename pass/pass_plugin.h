// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_PASS_PLUGIN_H_
#define Q_IMPLANT_PASS_PASS_PLUGIN_H_

#include "ir/version.h"
#include "pass/pass_registry.h"

// A plugin is a shared library with one function, which gives a PassPlugin:
//
//   absl::Status RegisterPasses(q_implant::PassRegistry& registry) {
//     return registry.Register({.name = "my_pass", .help = "...", .make = ...});
//   }
//
//   extern "C" const q_implant::PassPlugin* q_implant_pass_plugin() {
//     static constexpr q_implant::PassPlugin plugin = {q_implant::kVersion, RegisterPasses};
//     return &plugin;
//   }
//
// It is linked with q-implant::plugin, which is headers: the libraries are the program's. Passes
// share models in memory with the program that loads them, so both must be of the same version of
// q-implant, to the last digit, and built by compatible compilers.

namespace q_implant {

struct PassPlugin {
  // kVersion, as the plugin was compiled with it. The program reads nothing else before it has
  // compared this, so it stays the first member.
  const char* version;

  // Adds the plugin's passes.
  absl::Status (*register_passes)(PassRegistry& registry);
};

using PassPluginEntry = const PassPlugin* (*)();

// What the function is called.
inline constexpr char kPassPluginEntry[] = "q_implant_pass_plugin";

}  // namespace q_implant

// Declared so that it is seen from outside where a plugin is built with -fvisibility=hidden.
extern "C" __attribute__((visibility("default"))) const q_implant::PassPlugin*
q_implant_pass_plugin();

#endif  // Q_IMPLANT_PASS_PASS_PLUGIN_H_
