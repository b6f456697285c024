// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PYTHON_CFG_FILE_H_
#define Q_IMPLANT_DRIVER_PYTHON_CFG_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"

namespace q_implant {

// A configuration file as Python 3.11's configparser.ConfigParser reads it in a UTF-8 locale, with
// option names kept as written (optionxform = str): ONE's cfg files. What that parser accepts is
// accepted with the same meaning, and what it refuses is refused; only an option whose references
// expand to more than 1 MiB is refused here and not there.
//
// The messages of errors are diagnostics, one a line, in the form "error: <path>:<line>: ...".
class CfgFile {
 public:
  // The section that every other section inherits the options of.
  static constexpr absl::string_view kDefaultSection = "DEFAULT";

  // NotFound where there is no file, InvalidArgument with every mistake where it is no cfg file.
  static absl::StatusOr<CfgFile> Read(const std::string& path);
  static absl::StatusOr<CfgFile> Parse(absl::string_view text, const std::string& path);

  // The names of the sections in the order of the file, without DEFAULT.
  std::vector<std::string> Sections() const;
  // Not for DEFAULT.
  bool HasSection(absl::string_view section) const;
  // Whether the section itself or DEFAULT has the option.
  bool HasOption(absl::string_view section, absl::string_view key) const;
  // The options of the section, then those of DEFAULT alone, each in the order of the file. None
  // for a section that is not there.
  std::vector<std::string> Keys(absl::string_view section) const;

  // The value, with %(name)s replaced by the value of that option and %% by %. NotFound where there
  // is no such section or option, InvalidArgument where a reference is wrong.
  absl::StatusOr<std::string> Get(absl::string_view section, absl::string_view key) const;
  // The value as one of 1, yes, true, on or 0, no, false, off, in upper or lower case.
  absl::StatusOr<bool> GetBoolean(absl::string_view section, absl::string_view key) const;

 private:
  struct Option {
    std::string key = {};
    std::string value = {};  // as written, its lines joined by "\n"
    size_t line = 0;         // where it begins, from 1
  };
  struct Section {
    std::string name = {};
    size_t line = 0;
    std::vector<Option> options = {};
    absl::flat_hash_map<std::string, size_t> positions = {};  // in `options`

    const Option* Find(absl::string_view key) const;
  };
  class Parser;
  class Expander;

  // The section of this name, DEFAULT included, or null.
  const Section* FindSection(absl::string_view name) const;
  // That section's option, or DEFAULT's, or null.
  const Option* FindOption(const Section& section, absl::string_view key) const;
  absl::Status OptionError(const Section& section, const Option& option,
                           Diagnostic diagnostic) const;

  std::string path_;
  Section defaults_{.name = std::string(kDefaultSection)};
  std::vector<Section> sections_;
  absl::flat_hash_map<std::string, size_t> positions_;  // in `sections_`
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PYTHON_CFG_FILE_H_
