// SPDX-License-Identifier: Apache-2.0
#include "driver/python/arguments.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace q_implant {
namespace {

std::string Short(const ArgumentOption& option) {
  if (option.name.size() == 1) return "-" + option.name;
  return option.letter == 0 ? "" : std::string{'-', option.letter};
}

std::string Long(const ArgumentOption& option) {
  return option.name.size() == 1 ? "" : "--" + option.name;
}

// "-i/--input_path", as messages call an option.
std::string Label(const ArgumentOption& option) {
  std::vector<std::string> names;
  for (const std::string& name : {Short(option), Long(option)}) {
    if (!name.empty()) names.push_back(name);
  }
  return absl::StrJoin(names, "/");
}

// Python's r"^-\d+$|^-\d*\.\d+$".
bool LooksLikeNegativeNumber(absl::string_view word) {
  const auto digits = [](absl::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return absl::ascii_isdigit(c); });
  };
  word.remove_prefix(1);
  const size_t point = word.find('.');
  const absl::string_view last = point == word.npos ? word : word.substr(point + 1);
  return !last.empty() && digits(last) && (point == word.npos || digits(word.substr(0, point)));
}

class Parser {
 public:
  Parser(absl::Span<const ArgumentOption> options, absl::Span<const std::string> words)
      : options_(options), words_(words) {}

  Arguments Parse() {
    // What each word is comes first: an ambiguous option is told before everything else.
    bool only_values = false;
    for (const std::string& word : words_) {
      const bool separator = word == "--" && !only_values;
      kinds_.push_back(separator     ? Word{.kind = Kind::kSeparator}
                       : only_values ? Word{}
                                     : Classify(word));
      only_values = only_values || separator;
    }
    while (next_ < words_.size()) Take();
    if (arguments_.problem.empty() && !unrecognized_.empty()) {
      arguments_.problem =
          absl::StrCat("unrecognized arguments: ", absl::StrJoin(unrecognized_, " "));
    }
    return std::move(arguments_);
  }

 private:
  enum class Kind { kValue, kOption, kSeparator };
  struct Word {
    Kind kind = Kind::kValue;
    const ArgumentOption* option = nullptr;  // null: an option that nobody knows
    std::string written = {};                // the option as it stands there, "-i"
    std::optional<std::string> value = {};   // what is joined to it
  };

  void Problem(std::string text) {
    if (arguments_.problem.empty()) arguments_.problem = std::move(text);
  }

  const ArgumentOption* Find(absl::string_view word) const {
    for (const ArgumentOption& option : options_) {
      if (word == Short(option) || word == Long(option)) return &option;
    }
    return nullptr;
  }

  Word Classify(const std::string& word) {
    if (word.size() < 2 || word[0] != '-') return {};
    if (const ArgumentOption* option = Find(word)) return {Kind::kOption, option, word};
    const size_t sign = word.find('=');
    if (sign != word.npos) {
      const std::string name = word.substr(0, sign);
      if (const ArgumentOption* option = Find(name)) {
        return {Kind::kOption, option, name, word.substr(sign + 1)};
      }
    }
    const std::vector<Word> meant = Meant(word, sign);
    if (meant.size() > 1) {
      Problem(absl::StrCat("ambiguous option: ", word, " could match ",
                           absl::StrJoin(meant, ", ", [](std::string* out, const Word& match) {
                             out->append(match.written);
                           })));
    }
    if (!meant.empty()) return meant.front();
    if (LooksLikeNegativeNumber(word) || absl::StrContains(word, ' ')) return {};
    return {.kind = Kind::kOption, .written = word};
  }

  // The options that a word may mean: all that a long one is a prefix of, or a letter with more
  // behind it.
  std::vector<Word> Meant(const std::string& word, size_t sign) const {
    std::vector<Word> meant;
    for (const ArgumentOption& option : options_) {
      if (word[1] != '-') {
        if (Short(option) == word.substr(0, 2)) {
          meant.push_back({Kind::kOption, &option, Short(option), word.substr(2)});
        }
      } else if (absl::StartsWith(Long(option), word.substr(0, sign))) {
        Word match{Kind::kOption, &option, Long(option)};
        if (sign != word.npos) match.value = word.substr(sign + 1);
        meant.push_back(std::move(match));
      }
    }
    return meant;
  }

  void Take() {
    const Word& word = kinds_[next_];
    if (word.kind != Kind::kOption || word.option == nullptr) {
      unrecognized_.push_back(words_[next_]);
      ++next_;
      return;
    }
    ++next_;
    TakeOption(*word.option, word.written, word.value);
  }

  void TakeOption(const ArgumentOption& option, const std::string& written,
                  const std::optional<std::string>& joined) {
    if (option.has_value) {
      Give(option, joined.has_value() ? joined : NextValue());
      return;
    }
    if (!joined.has_value()) {
      Give(option, "");
      return;
    }
    // Letters may be joined: -Vi is -V -i.
    const ArgumentOption* further =
        written[1] == '-' || joined->empty() ? nullptr : Find(std::string{'-', (*joined)[0]});
    if (further == nullptr) {
      Problem(
          absl::StrCat("argument ", Label(option), ": ignored explicit argument '", *joined, "'"));
      return;
    }
    Give(option, "");
    const std::string rest = joined->substr(1);
    TakeOption(*further, Short(*further), rest.empty() ? std::nullopt : std::optional(rest));
  }

  std::optional<std::string> NextValue() {
    if (next_ == words_.size() || kinds_[next_].kind != Kind::kValue) return std::nullopt;
    return words_[next_++];
  }

  void Give(const ArgumentOption& option, std::optional<std::string> value) {
    if (option.name == "help") {
      if (arguments_.problem.empty()) arguments_.help = true;
    } else if (value.has_value()) {
      arguments_.given.push_back({option.name, *std::move(value)});
    } else {
      Problem(absl::StrCat("argument ", Label(option), ": expected one argument"));
      arguments_.given.push_back({option.name, ""});
    }
  }

  absl::Span<const ArgumentOption> options_;
  absl::Span<const std::string> words_;
  std::vector<Word> kinds_;
  size_t next_ = 0;
  std::vector<std::string> unrecognized_;
  Arguments arguments_;
};

}  // namespace

bool Arguments::Has(absl::string_view name) const {
  return std::any_of(given.begin(), given.end(),
                     [&](const GivenOption& option) { return option.name == name; });
}

std::string Arguments::Value(absl::string_view name) const {
  const auto last = std::find_if(given.rbegin(), given.rend(),
                                 [&](const GivenOption& option) { return option.name == name; });
  return last == given.rend() ? "" : last->value;
}

Arguments ParseArguments(absl::Span<const ArgumentOption> options,
                         absl::Span<const std::string> words) {
  return Parser(options, words).Parse();
}

}  // namespace q_implant
