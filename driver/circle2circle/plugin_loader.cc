// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/plugin_loader.h"

#include <dlfcn.h>

#include <filesystem>
#include <system_error>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "pass/pass_plugin.h"

namespace q_implant {
namespace {

std::string PathToLoad(const std::string& path) {
  std::error_code ignored;
  const bool here = !absl::StrContains(path, '/') && std::filesystem::exists(path, ignored);
  return here ? absl::StrCat("./", path) : path;
}

}  // namespace

absl::Status LoadPassPlugin(const std::string& path, PassRegistry& registry) {
  void* library = dlopen(PathToLoad(path).c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": can't be loaded: ", dlerror()));
  }
  const auto entry = reinterpret_cast<PassPluginEntry>(dlsym(library, kPassPluginEntry));
  if (entry == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": is no plugin: it has no function ",
                                                   kPassPluginEntry, "; see pass/pass_plugin.h"));
  }
  const PassPlugin* plugin = entry();
  const bool has_version = plugin != nullptr && plugin->version != nullptr;
  const absl::string_view version = has_version ? plugin->version : "";
  if (version != kVersion) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": was built for q-implant ",
                                                      version.empty() ? "?" : version, ", this is ",
                                                      kVersion, "; build it again"));
  }
  if (plugin->register_passes == nullptr) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": has no passes to register"));
  }
  const absl::Status registered = plugin->register_passes(registry);
  if (registered.ok()) return registered;
  return absl::Status(registered.code(), absl::StrCat(path, ": ", registered.message()));
}

}  // namespace q_implant
