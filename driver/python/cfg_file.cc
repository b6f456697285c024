// SPDX-License-Identifier: Apache-2.0
#include "driver/python/cfg_file.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "driver/python/python_text.h"
#include "import/mapped_file.h"
#include "ir/diagnostics.h"
#include "ir/utf8.h"

namespace q_implant {
namespace {

// configparser.MAX_INTERPOLATION_DEPTH.
constexpr int kMaxDepth = 10;
// Ten options that each name the next one ten times would expand without end.
constexpr size_t kMaxExpansion = size_t{1} << 20;

constexpr absl::string_view kByteOrderMark = "\xEF\xBB\xBF";

std::string Quoted(absl::string_view text) { return absl::StrCat("'", text, "'"); }

std::string At(absl::string_view path, size_t line) { return absl::StrCat(path, ":", line); }

// "[name]" for a section header, which ends with the last ']' of the line: what comes after it is
// ignored. The name is not stripped, and has at least one character.
std::optional<absl::string_view> SectionName(absl::string_view stripped) {
  const size_t end = stripped.rfind(']');
  if (stripped.front() != '[' || end == absl::string_view::npos || end < 2) return std::nullopt;
  return stripped.substr(1, end - 1);
}

}  // namespace

const CfgFile::Option* CfgFile::Section::Find(absl::string_view key) const {
  const auto found = positions.find(key);
  return found == positions.end() ? nullptr : &options[found->second];
}

// Reads the lines of a text into a CfgFile. A mistake does not end the reading unless all that
// follows would be mistakes too.
class CfgFile::Parser {
 public:
  Parser(CfgFile& file, Diagnostics& diagnostics) : file_(file), diagnostics_(diagnostics) {}

  void Parse(absl::string_view text);

 private:
  // False where the rest can't be read.
  bool ReadLine(absl::string_view line);
  void BeginSection(absl::string_view name);
  void ReadOption(absl::string_view stripped);
  void AddNoHeader(absl::string_view stripped);
  void Add(Diagnostic diagnostic);
  bool CheckUtf8(absl::string_view text);
  static void StripValues(Section& section);

  CfgFile& file_;
  Diagnostics& diagnostics_;
  size_t line_ = 0;
  size_t indent_ = 0;           // of the last line that began something
  Section* section_ = nullptr;  // null before the first header
  Option* option_ = nullptr;    // what an indented line would continue
  Option repeated_;             // takes the lines of an option that is there already
};

void CfgFile::Parser::Add(Diagnostic diagnostic) {
  diagnostic.file = At(file_.path_, line_);
  diagnostics_.Add(std::move(diagnostic));
}

bool CfgFile::Parser::CheckUtf8(absl::string_view text) {
  absl::string_view rest = text;
  for (line_ = 1; !rest.empty(); ++line_) {
    const absl::string_view line = TakePythonLine(rest);
    const size_t bad = FindInvalidUtf8(line);
    if (bad == line.size()) continue;
    Add(DescribeInvalidUtf8(text, static_cast<size_t>(line.data() - text.data()) + bad));
    return false;
  }
  return true;
}

void CfgFile::Parser::Parse(absl::string_view text) {
  if (!CheckUtf8(text)) return;
  for (line_ = 1; !text.empty(); ++line_) {
    if (!ReadLine(TakePythonLine(text))) return;
  }
  StripValues(file_.defaults_);
  for (Section& section : file_.sections_) StripValues(section);
}

// Blank lines stand inside a value, not after it.
void CfgFile::Parser::StripValues(Section& section) {
  for (Option& option : section.options) {
    option.value.resize(PythonStripEnd(option.value).size());
  }
}

bool CfgFile::Parser::ReadLine(absl::string_view line) {
  const absl::string_view stripped = PythonStrip(line);
  if (stripped.empty()) {
    if (option_ != nullptr) option_->value.push_back('\n');
    return true;
  }
  if (stripped.front() == '#' || stripped.front() == ';') return true;
  const size_t indent = PythonIndent(line);
  if (option_ != nullptr && indent > indent_) {
    absl::StrAppend(&option_->value, "\n", stripped);
    return true;
  }
  indent_ = indent;
  if (const std::optional<absl::string_view> name = SectionName(stripped)) {
    BeginSection(*name);
  } else if (section_ == nullptr) {
    AddNoHeader(stripped);
    return false;
  } else {
    ReadOption(stripped);
  }
  return true;
}

void CfgFile::Parser::BeginSection(absl::string_view name) {
  option_ = nullptr;
  if (name == kDefaultSection) {  // the only one that may come more than once
    section_ = &file_.defaults_;
    return;
  }
  const auto [position, is_new] = file_.positions_.try_emplace(name, file_.sections_.size());
  if (is_new) {
    file_.sections_.push_back({.name = std::string(name), .line = line_});
  }
  section_ = &file_.sections_[position->second];
  if (is_new) return;
  Add({.problem =
           absl::StrCat("the section [", name, "] is there already, on line ", section_->line),
       .advice = "put the options of both into one"});
}

// "key = value" or "key: value", whichever delimiter comes first.
void CfgFile::Parser::ReadOption(absl::string_view stripped) {
  const size_t delimiter = stripped.find_first_of("=:");
  if (delimiter == absl::string_view::npos) {
    // The option before it stays open, so indented lines that follow are no further mistakes.
    Add({.problem = "neither a section header nor an option",
         .expected = "'[section]', 'key = value', or an indented line that continues a value",
         .found = Quoted(stripped),
         .advice = "an option without a value is written 'key ='"});
    return;
  }
  if (delimiter == 0) {
    Add({.problem = "an option without a name",
         .expected = "'key = value'",
         .found = Quoted(stripped)});
    option_ = nullptr;
    return;
  }
  Option option{.key = std::string(PythonStripEnd(stripped.substr(0, delimiter))),
                .value = std::string(PythonStrip(stripped.substr(delimiter + 1))),
                .line = line_};
  const auto [position, is_new] =
      section_->positions.try_emplace(option.key, section_->options.size());
  if (is_new) {
    section_->options.push_back(std::move(option));
    option_ = &section_->options.back();
    return;
  }
  Add({.problem =
           absl::StrCat("the option ", Quoted(option.key), " of [", section_->name,
                        "] is there already, on line ", section_->options[position->second].line),
       .advice = "keep one of the two"});
  repeated_ = std::move(option);
  option_ = &repeated_;
}

void CfgFile::Parser::AddNoHeader(absl::string_view stripped) {
  const bool marked = line_ == 1 && absl::StartsWith(stripped, kByteOrderMark);
  Add({.problem = "a line before the first section header",
       .expected = "'[section]'",
       .found = Quoted(stripped),
       .advice = marked ? "the file begins with a byte order mark: save it without" : ""});
}

// Replaces the references in the value of one option.
class CfgFile::Expander {
 public:
  Expander(const CfgFile& file, const Section& section, const Option& option)
      : file_(file), section_(section), option_(option) {}

  absl::StatusOr<std::string> Expand() {
    if (absl::Status status = Append(option_.value, 1); !status.ok()) return status;
    return std::move(expanded_);
  }

 private:
  absl::Status Append(absl::string_view text, int depth);
  // Replaces the reference that begins `text` and takes it off.
  absl::Status AppendReference(absl::string_view& text, int depth);
  // Appends what has no reference, or says that it would be too much.
  absl::Status AppendPlain(absl::string_view text);
  absl::Status Error(Diagnostic diagnostic) const;

  const CfgFile& file_;
  const Section& section_;
  const Option& option_;
  std::string expanded_;
  size_t work_ = 0;  // the pieces and bytes appended
};

absl::Status CfgFile::Expander::Error(Diagnostic diagnostic) const {
  return file_.OptionError(section_, option_, std::move(diagnostic));
}

absl::Status CfgFile::Expander::Append(absl::string_view text, int depth) {
  if (depth > kMaxDepth) {
    return Error({.problem = "the references are too deep",
                  .expected = absl::StrCat("at most ", kMaxDepth - 1, " inside each other"),
                  .advice = "does the option refer to itself?"});
  }
  while (!text.empty()) {
    const size_t percent = std::min(text.find('%'), text.size());
    if (absl::Status status = AppendPlain(text.substr(0, percent)); !status.ok()) return status;
    text.remove_prefix(percent);
    if (absl::ConsumePrefix(&text, "%%")) {
      expanded_.push_back('%');
    } else if (!text.empty()) {
      if (absl::Status status = AppendReference(text, depth); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status CfgFile::Expander::AppendReference(absl::string_view& text, int depth) {
  if (!absl::StartsWith(text, "%(")) {
    return Error({.problem = "a '%' that begins no reference",
                  .expected = "'%(name)s', or '%%' for a percent sign",
                  .found = Quoted(text)});
  }
  const size_t end = text.find(')');
  if (end == 2 || !absl::StartsWith(absl::ClippedSubstr(text, end), ")s")) {
    return Error({.problem = "a bad reference", .expected = "'%(name)s'", .found = Quoted(text)});
  }
  const absl::string_view key = text.substr(2, end - 2);
  text.remove_prefix(end + 2);
  const Option* referred = file_.FindOption(section_, key);
  if (referred == nullptr) {
    return Error({.problem = absl::StrCat("%(", key, ")s refers to no option"),
                  .expected = absl::StrCat("one of [", section_.name, "] or [DEFAULT]")});
  }
  if (absl::StrContains(referred->value, '%')) return Append(referred->value, depth + 1);
  return AppendPlain(referred->value);
}

absl::Status CfgFile::Expander::AppendPlain(absl::string_view text) {
  work_ += 1 + text.size();
  if (work_ > option_.value.size() + kMaxExpansion) {
    return Error({.problem = absl::StrCat("the references expand to more than ",
                                          kMaxExpansion >> 20, " MiB")});
  }
  absl::StrAppend(&expanded_, text);
  return absl::OkStatus();
}

absl::StatusOr<CfgFile> CfgFile::Read(const std::string& path) {
  const absl::StatusOr<Bytes> bytes = MapFile(path);
  if (!bytes.ok()) return bytes.status();
  return Parse({reinterpret_cast<const char*>(bytes->data()), bytes->size()}, path);
}

absl::StatusOr<CfgFile> CfgFile::Parse(absl::string_view text, const std::string& path) {
  CfgFile file;
  file.path_ = path;
  Diagnostics diagnostics;
  Parser(file, diagnostics).Parse(text);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  return file;
}

const CfgFile::Section* CfgFile::FindSection(absl::string_view name) const {
  if (name == kDefaultSection) return &defaults_;
  const auto found = positions_.find(name);
  return found == positions_.end() ? nullptr : &sections_[found->second];
}

const CfgFile::Option* CfgFile::FindOption(const Section& section, absl::string_view key) const {
  const Option* own = section.Find(key);
  return own != nullptr ? own : defaults_.Find(key);
}

absl::Status CfgFile::OptionError(const Section& section, const Option& option,
                                  Diagnostic diagnostic) const {
  diagnostic.file = At(path_, option.line);
  diagnostic.problem =
      absl::StrCat("option ", Quoted(option.key), " of [", section.name, "]: ", diagnostic.problem);
  return ErrorStatus(absl::StatusCode::kInvalidArgument, std::move(diagnostic));
}

std::vector<std::string> CfgFile::Sections() const {
  std::vector<std::string> names;
  for (const Section& section : sections_) names.push_back(section.name);
  return names;
}

bool CfgFile::HasSection(absl::string_view section) const { return positions_.contains(section); }

bool CfgFile::HasOption(absl::string_view section, absl::string_view key) const {
  const Section* found = FindSection(section);
  return found != nullptr && FindOption(*found, key) != nullptr;
}

std::vector<std::string> CfgFile::Keys(absl::string_view section) const {
  const Section* found = FindSection(section);
  if (found == nullptr) return {};
  std::vector<std::string> keys;
  for (const Option& option : found->options) keys.push_back(option.key);
  if (found == &defaults_) return keys;
  for (const Option& option : defaults_.options) {
    if (found->Find(option.key) == nullptr) keys.push_back(option.key);
  }
  return keys;
}

absl::StatusOr<std::string> CfgFile::Get(absl::string_view section, absl::string_view key) const {
  const Section* found = FindSection(section);
  if (found == nullptr) {
    return ErrorStatus(
        absl::StatusCode::kNotFound,
        {.file = path_, .problem = absl::StrCat("there is no section [", section, "]")});
  }
  const Option* option = FindOption(*found, key);
  if (option == nullptr) {
    return ErrorStatus(
        absl::StatusCode::kNotFound,
        {.file = path_,
         .problem = absl::StrCat("the section [", section, "] has no option ", Quoted(key))});
  }
  return Expander(*this, *found, *option).Expand();
}

absl::StatusOr<bool> CfgFile::GetBoolean(absl::string_view section, absl::string_view key) const {
  const absl::StatusOr<std::string> value = Get(section, key);
  if (!value.ok()) return value.status();
  const std::string word = absl::AsciiStrToLower(*value);
  if (word == "1" || word == "yes" || word == "true" || word == "on") return true;
  if (word == "0" || word == "no" || word == "false" || word == "off") return false;
  const Section& found = *FindSection(section);
  return OptionError(found, *FindOption(found, key),
                     {.problem = "neither true nor false",
                      .expected = "one of 1, yes, true, on, 0, no, false, off",
                      .found = Quoted(*value)});
}

}  // namespace q_implant
