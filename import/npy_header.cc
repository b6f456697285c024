// SPDX-License-Identifier: Apache-2.0
#include "import/npy_header.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"

namespace q_implant {
namespace {

constexpr absl::string_view kMagic = "\x93NUMPY";
constexpr absl::string_view kSaveAgain = "save the array again with np.save";

// The literal {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }: keys in any order,
// either quotes, Python 2's 3L for long integers. Each function returns false at what it does not
// expect; `error()` is then the error.
class DictParser {
 public:
  DictParser(absl::string_view text, absl::string_view name) : text_(text), name_(name) {}

  bool Parse(NpyHeader* header);
  const absl::Status& error() const { return error_; }

 private:
  bool ParseField(NpyHeader* header);
  bool ParseDescr(std::string* descr);
  bool ParseString(std::string* string);
  bool ParseBool(bool* value);
  bool ParseShape(std::vector<int64_t>* shape);
  bool ParseDimension(int64_t* dimension);

  bool Skip(absl::string_view token);
  bool Expect(absl::string_view token) {
    return Skip(token) || Fail(absl::StrCat("'", token, "'"));
  }
  bool Fail(std::string expected);
  bool FailWith(Diagnostic diagnostic);

  absl::string_view text_;
  absl::string_view name_;
  size_t at_ = 0;
  std::vector<std::string> seen_;
  absl::Status error_;
};

bool DictParser::Parse(NpyHeader* header) {
  if (!Expect("{")) return false;
  while (!Skip("}")) {
    if (!ParseField(header)) return false;
    if (Skip("}")) break;
    if (!Skip(",")) return Fail("',' or '}'");
  }
  Skip("");
  if (at_ != text_.size()) return Fail("the end of the header");
  for (absl::string_view key : {"descr", "fortran_order", "shape"}) {
    if (std::find(seen_.begin(), seen_.end(), key) == seen_.end()) {
      return FailWith({.problem = absl::StrCat("the header has no '", key, "'"),
                       .expected = "descr, fortran_order and shape"});
    }
  }
  return true;
}

bool DictParser::ParseField(NpyHeader* header) {
  std::string key;
  if (!ParseString(&key)) return Fail("a name in quotes");
  if (std::find(seen_.begin(), seen_.end(), key) != seen_.end()) {
    return FailWith(
        {.problem = absl::StrCat("the header has '", absl::CHexEscape(key), "' twice")});
  }
  seen_.push_back(key);
  if (!Expect(":")) return false;
  if (key == "descr") return ParseDescr(&header->descr);
  if (key == "fortran_order") return ParseBool(&header->fortran_order);
  if (key == "shape") return ParseShape(&header->shape);
  return FailWith({.problem = "the header has an unknown name",
                   .expected = "descr, fortran_order and shape",
                   .found = absl::StrCat("'", absl::CHexEscape(key), "'")});
}

bool DictParser::ParseDescr(std::string* descr) {
  if (ParseString(descr)) return true;
  if (!Skip("[") && !Skip("(")) return Fail("a type in quotes");
  return FailWith({.problem = "a structured array",
                   .expected = "an array of plain numbers",
                   .advice = "save one field of it"});
}

// Leaves the position where it was when there is no string.
bool DictParser::ParseString(std::string* string) {
  Skip("");
  if (at_ == text_.size() || (text_[at_] != '\'' && text_[at_] != '"')) return false;
  const size_t end = text_.find(text_[at_], at_ + 1);
  if (end == absl::string_view::npos) return false;
  const absl::string_view inside = text_.substr(at_ + 1, end - at_ - 1);
  if (absl::StrContains(inside, '\\')) return false;
  *string = std::string(inside);
  at_ = end + 1;
  return true;
}

bool DictParser::ParseBool(bool* value) {
  *value = Skip("True");
  return *value || Skip("False") || Fail("True or False");
}

bool DictParser::ParseShape(std::vector<int64_t>* shape) {
  if (!Expect("(")) return false;
  bool comma = true;
  while (!Skip(")")) {
    int64_t dimension = 0;
    if (!comma) return Fail("',' or ')'");
    if (!ParseDimension(&dimension)) return false;
    shape->push_back(dimension);
    comma = Skip(",");
  }
  // (3) is a number to Python, (3,) a tuple.
  return shape->size() != 1 || comma || Fail("a tuple, (3,) for one dimension");
}

bool DictParser::ParseDimension(int64_t* dimension) {
  Skip("");
  size_t end = at_;
  while (end < text_.size() && absl::ascii_isdigit(text_[end])) ++end;
  const absl::string_view digits = text_.substr(at_, end - at_);
  const bool leading_zero = digits.size() > 1 && digits[0] == '0';
  if (digits.empty() || leading_zero) return Fail("a dimension >= 0");
  if (!absl::SimpleAtoi(digits, dimension)) {
    return FailWith({.problem = "a dimension is too large", .found = std::string(digits)});
  }
  at_ = end;
  Skip("L");
  return true;
}

// Skips blanks, then `token`, where it is.
bool DictParser::Skip(absl::string_view token) {
  while (at_ < text_.size() && absl::ascii_isspace(text_[at_])) ++at_;
  if (!absl::StartsWith(text_.substr(at_), token)) return false;
  at_ += token.size();
  return true;
}

bool DictParser::Fail(std::string expected) {
  const bool end = at_ >= text_.size();
  return FailWith(
      {.problem = absl::StrCat("the header is wrong at its byte ", at_),
       .expected = std::move(expected),
       .found = end ? "its end" : absl::StrCat("'", absl::CHexEscape(text_.substr(at_, 8)), "'"),
       .advice = std::string(kSaveAgain)});
}

bool DictParser::FailWith(Diagnostic diagnostic) {
  diagnostic.file = std::string(name_);
  if (error_.ok()) error_ = NpyError(diagnostic);
  return false;
}

// What a file is that is none of ours, by how it begins.
std::string AdviceFor(absl::string_view text) {
  if (absl::StartsWith(text, "PK")) {
    return "this is a .npz (or .zip, .pt) archive: save each array with np.save";
  }
  if (absl::StartsWith(text, "\x80")) return "this is a pickle: save the array with np.save";
  return "save the array with np.save";
}

}  // namespace

absl::Status NpyError(Diagnostic diagnostic) {
  return ErrorStatus(absl::StatusCode::kInvalidArgument, std::move(diagnostic));
}

absl::StatusOr<NpyHeader> ReadNpyHeader(absl::Span<const uint8_t> file, absl::string_view name) {
  const absl::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto error = [&](Diagnostic diagnostic) {
    diagnostic.file = std::string(name);
    return NpyError(diagnostic);
  };
  if (text.empty()) return error({.problem = "the file is empty", .expected = "a .npy file"});
  if (!absl::StartsWith(text, kMagic)) {
    return error({.problem = "not a .npy file",
                  .expected = "it to begin with '\\x93NUMPY'",
                  .found = absl::StrCat("'", absl::CHexEscape(text.substr(0, 6)), "'"),
                  .advice = AdviceFor(text)});
  }
  const Diagnostic cut_off = {.problem = "the header is cut off",
                              .found = absl::StrCat("a file of ", file.size(), " bytes"),
                              .advice = "copy or save the file again"};
  if (file.size() < 10) return error(cut_off);
  const int major = file[6], minor = file[7];
  if (major < 1 || major > 3 || minor != 0) {
    return error({.problem = "an unknown version of the .npy format",
                  .expected = "1.0, 2.0 or 3.0",
                  .found = absl::StrCat(major, ".", minor),
                  .advice = std::string(kSaveAgain)});
  }
  const size_t start = major == 1 ? 10 : 12;
  if (file.size() < start) return error(cut_off);
  size_t length = file[8] | static_cast<size_t>(file[9]) << 8;
  if (major > 1)
    length |= static_cast<size_t>(file[10]) << 16 | static_cast<size_t>(file[11]) << 24;
  if (length > file.size() - start) {
    Diagnostic diagnostic = cut_off;
    diagnostic.expected = absl::StrCat(length, " bytes of header");
    return error(diagnostic);
  }
  NpyHeader header;
  DictParser parser(text.substr(start, length), name);
  if (!parser.Parse(&header)) return parser.error();
  header.data_offset = start + length;
  return header;
}

}  // namespace q_implant
