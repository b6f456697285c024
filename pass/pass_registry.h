// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_PASS_REGISTRY_H_
#define Q_IMPLANT_PASS_PASS_REGISTRY_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "pass/pass.h"

namespace q_implant {

// What a user said about one pass of a pipeline.
struct PassArguments {
  std::string argument = {};  // what follows the name; empty where the pass takes none
  std::vector<std::pair<std::string, std::string>> options = {};  // name, value; in order
};

// Passes by name, as a command line calls them: `--my_pass`, `--my_pass FILE --its_option`.
class PassRegistry {
 public:
  using Factory = std::function<absl::StatusOr<std::unique_ptr<Pass>>(const PassArguments&)>;

  // Something that may stand behind a pass and belongs to it.
  struct Option {
    std::string name;   // without dashes
    std::string value;  // what its value is called in help texts; empty for a flag
    std::string help;   // one line
  };

  struct Entry {
    std::string name;           // without dashes
    std::string help;           // one line
    std::string argument = {};  // what the argument is called in help texts; empty: none
    std::vector<Option> options = {};
    Factory make;  // InvalidArgument for an argument or option that makes no sense

    const Option* FindOption(absl::string_view option) const;
  };

  // Refuses a name that is taken, or that no command line can hold.
  absl::Status Register(Entry entry);

  // The entry, or null.
  const Entry* Find(absl::string_view name) const;

  // Sorted by name.
  std::vector<const Entry*> entries() const;

 private:
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_PASS_REGISTRY_H_
