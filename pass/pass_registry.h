// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_PASS_REGISTRY_H_
#define Q_IMPLANT_PASS_PASS_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pass/pass.h"

namespace q_implant {

// Passes by name. `argument` is what follows the name on a command line ("--import_qparam FILE"),
// empty for most.
class PassRegistry {
 public:
  using Factory = std::function<absl::StatusOr<std::unique_ptr<Pass>>(absl::string_view argument)>;

  struct Entry {
    std::string name;
    std::string help;      // one line
    std::string argument;  // what the argument is called in help texts; empty where there is none
    Factory make;
  };

  // Refuses a name that is taken.
  absl::Status Register(Entry entry);

  // The entry, or null.
  const Entry* Find(absl::string_view name) const;

  // A new pass; NotFound names the passes there are.
  absl::StatusOr<std::unique_ptr<Pass>> Make(absl::string_view name,
                                             absl::string_view argument) const;

  // Sorted by name.
  std::vector<const Entry*> entries() const;

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_PASS_REGISTRY_H_
