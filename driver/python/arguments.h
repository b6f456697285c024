// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PYTHON_ARGUMENTS_H_
#define Q_IMPLANT_DRIVER_PYTHON_ARGUMENTS_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace q_implant {

// An option as Python's argparse knows it.
struct ArgumentOption {
  std::string name;  // without dashes; "O" is -O alone
  char letter = 0;   // "-i" beside "--input_path", or 0
  bool has_value = true;
};

struct GivenOption {
  std::string name;
  std::string value;  // empty for flags
};

struct Arguments {
  std::vector<GivenOption> given;  // all that could be made out, also where something is wrong
  bool help = false;               // the option "help" stands before whatever is wrong
  std::string problem;             // the first thing that is wrong, in argparse's words, or empty

  bool Has(absl::string_view name) const;
  // The value of the last one of this name, or empty.
  std::string Value(absl::string_view name) const;
};

// Reads a command line of options, without positional arguments, as Python 3.11's argparse does:
// --name=value, unambiguous prefixes of long names, -iVALUE and joined flags (-Vi VALUE). A word
// that begins with '-' is a value only where it looks like a negative number or holds a blank.
Arguments ParseArguments(absl::Span<const ArgumentOption> options,
                         absl::Span<const std::string> words);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PYTHON_ARGUMENTS_H_
