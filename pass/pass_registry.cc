// SPDX-License-Identifier: Apache-2.0
#include "pass/pass_registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace q_implant {
namespace {

bool IsName(absl::string_view name) {
  return !name.empty() && name.front() != '-' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '_' || c == '-';
         });
}

}  // namespace

const PassRegistry::Option* PassRegistry::Entry::FindOption(absl::string_view option) const {
  for (const Option& known : options) {
    if (known.name == option) return &known;
  }
  return nullptr;
}

absl::Status PassRegistry::Register(Entry entry) {
  std::string name = entry.name;
  if (!IsName(name)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "a pass can't be named '", name, "'; use letters, digits, _ and -, no dash in front"));
  }
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

std::vector<const PassRegistry::Entry*> PassRegistry::entries() const {
  std::vector<const Entry*> all;
  for (const auto& [name, entry] : entries_) all.push_back(&entry);
  return all;
}

}  // namespace q_implant
