// SPDX-License-Identifier: Apache-2.0
#include "pass/pass_registry.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace q_implant {

absl::Status PassRegistry::Register(Entry entry) {
  std::string name = entry.name;
  if (!entries_.try_emplace(name, std::move(entry)).second) {
    return absl::AlreadyExistsError(
        absl::StrCat("a pass named '", name, "' is registered already; choose another name"));
  }
  return absl::OkStatus();
}

const PassRegistry::Entry* PassRegistry::Find(absl::string_view name) const {
  const auto it = entries_.find(std::string(name));
  return it == entries_.end() ? nullptr : &it->second;
}

absl::StatusOr<std::unique_ptr<Pass>> PassRegistry::Make(absl::string_view name,
                                                         absl::string_view argument) const {
  if (const Entry* entry = Find(name)) return entry->make(argument);
  std::string names;
  for (const auto& [known, entry] : entries_) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", known);
  }
  return absl::NotFoundError(absl::StrCat("no pass is named '", name, "'; there are: ", names));
}

std::vector<const PassRegistry::Entry*> PassRegistry::entries() const {
  std::vector<const Entry*> all;
  for (const auto& [name, entry] : entries_) all.push_back(&entry);
  return all;
}

}  // namespace q_implant
