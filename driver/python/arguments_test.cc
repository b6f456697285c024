// SPDX-License-Identifier: Apache-2.0
#include "driver/python/arguments.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

const ArgumentOption kOptions[] = {
    {"input_path", 'i', true},
    {"input_data", 'd', true},
    {"verbose", 'V', false},
    {"profile", 'p', false},
    {"check", 0, true},
    {"check_values", 0, true},
    {"O", 0, true},
    {"help", 'h', false},
};

// What was understood, "input_path=a, verbose="; and "help"; and the problem.
std::string Parse(const std::vector<std::string>& words) {
  const Arguments arguments = ParseArguments(kOptions, words);
  std::string text =
      absl::StrJoin(arguments.given, ", ", [](std::string* out, const GivenOption& option) {
        absl::StrAppend(out, option.name, "=", option.value);
      });
  if (arguments.help) text += " help";
  if (!arguments.problem.empty()) text += " ! " + arguments.problem;
  return text;
}

TEST(ArgumentsTest, ReadsOptionsAsTheyAreWritten) {
  EXPECT_EQ(Parse({}), "");
  EXPECT_EQ(Parse({"--input_path", "a", "-V"}), "input_path=a, verbose=");
  EXPECT_EQ(Parse({"-i", "a", "--verbose"}), "input_path=a, verbose=");
  EXPECT_EQ(Parse({"--input_path=a=b", "-d=c", "-ie", "-if=g"}),
            "input_path=a=b, input_data=c, input_path=e, input_path=f=g");
  EXPECT_EQ(Parse({"--input_path="}), "input_path=");
  EXPECT_EQ(Parse({"-Vpia"}), "verbose=, profile=, input_path=a");
  EXPECT_EQ(Parse({"-Vpi", "a"}), "verbose=, profile=, input_path=a");
  EXPECT_EQ(Parse({"-O", "1", "-O2"}), "O=1, O=2");
}

TEST(ArgumentsTest, CompletesNames) {
  EXPECT_EQ(Parse({"--input_p", "a", "--verb", "--input_d=b"}),
            "input_path=a, verbose=, input_data=b");
  EXPECT_EQ(Parse({"--check", "a"}), "check=a") << "a whole name is no prefix";
  EXPECT_EQ(Parse({"--input=a"}),
            "input_path=a ! ambiguous option: --input=a could match --input_path, --input_data");
  EXPECT_EQ(Parse({"--chec", "a"}),
            "check=a ! ambiguous option: --chec could match --check, --check_values");
}

TEST(ArgumentsTest, KnowsWhichWordsAreValues) {
  EXPECT_EQ(Parse({"-i", "-1", "-d", "-.5"}), "input_path=-1, input_data=-.5");
  EXPECT_EQ(Parse({"-i", "-a b"}), "input_path=-a b");
  EXPECT_EQ(Parse({"-i", "-", "-d", ""}), "input_path=-, input_data=");
  EXPECT_EQ(Parse({"-i", "--", "-V"}),
            "input_path= ! argument -i/--input_path: expected one argument");
  EXPECT_EQ(Parse({"-V", "--", "-i"}), "verbose= ! unrecognized arguments: -- -i");
  EXPECT_EQ(Parse({"--input_path=-V"}), "input_path=-V");
  EXPECT_EQ(Parse({"-i", "-x"}), "input_path= ! argument -i/--input_path: expected one argument");
  EXPECT_EQ(Parse({"-i", "-1."}), "input_path= ! argument -i/--input_path: expected one argument");
  EXPECT_EQ(Parse({"-i", "-V"}),
            "input_path=, verbose= ! argument -i/--input_path: expected one argument");
  EXPECT_EQ(Parse({"-O"}), "O= ! argument -O: expected one argument");
}

TEST(ArgumentsTest, SaysWhatNobodyKnows) {
  EXPECT_EQ(Parse({"a", "-V", "--foo", "b", "-x"}),
            "verbose= ! unrecognized arguments: a --foo b -x");
  EXPECT_EQ(Parse({"--verbose=1"}), " ! argument -V/--verbose: ignored explicit argument '1'");
  EXPECT_EQ(Parse({"-Vx"}), " ! argument -V/--verbose: ignored explicit argument 'x'");
}

TEST(ArgumentsTest, HelpCountsWhereNothingIsWrongBefore) {
  EXPECT_EQ(Parse({"-V", "--he", "-i"}),
            "verbose=, input_path= help ! argument -i/--input_path: expected one argument");
  EXPECT_EQ(Parse({"-x", "-h"}), " help ! unrecognized arguments: -x");
  EXPECT_EQ(Parse({"-i", "-h"}), "input_path= ! argument -i/--input_path: expected one argument");
}

TEST(ArgumentsTest, TheLastOneCounts) {
  const std::vector<std::string> words = {"-i", "a", "-i", "b"};
  const Arguments arguments = ParseArguments(kOptions, words);
  EXPECT_EQ(arguments.Value("input_path"), "b");
  EXPECT_TRUE(arguments.Has("input_path"));
  EXPECT_FALSE(arguments.Has("verbose"));
  EXPECT_EQ(arguments.Value("verbose"), "");
}

}  // namespace
}  // namespace q_implant
