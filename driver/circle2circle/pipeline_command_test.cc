// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/pipeline_command.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

// Passes: --plain, --reads FILE with the options --flag and --word a|b.
const PassRegistry& Registry() {
  static const PassRegistry& registry = *[] {
    auto* made = new PassRegistry;
    const auto make = [](const PassArguments&) -> absl::StatusOr<std::unique_ptr<Pass>> {
      return absl::UnimplementedError("");
    };
    EXPECT_TRUE(made->Register({.name = "plain", .help = "", .make = make}).ok());
    EXPECT_TRUE(made->Register({.name = "reads",
                                .help = "",
                                .argument = "FILE",
                                .options = {{"flag", "", ""}, {"word", "a|b", ""}},
                                .make = make})
                    .ok());
    return made;
  }();
  return registry;
}

absl::StatusOr<PipelineCommand> Parse(absl::string_view line) {
  std::vector<std::string> args;
  if (!line.empty()) args = absl::StrSplit(line, ' ');
  return ParsePipelineCommand(args, Registry());
}

// "reads(f; flag, word=a) foreign[--x 1] in>out", or what is wrong.
std::string Parsed(absl::string_view line) {
  const absl::StatusOr<PipelineCommand> command = Parse(line);
  if (!command.ok()) return std::string(command.status().message());
  std::string text;
  for (const PipelineStep& step : command->steps) {
    if (step.pass == nullptr) {
      absl::StrAppend(&text, "foreign[", absl::StrJoin(step.switches, " "), "] ");
      continue;
    }
    absl::StrAppend(&text, step.pass->name, "(", step.arguments.argument);
    for (const auto& [name, value] : step.arguments.options) {
      absl::StrAppend(&text, "; ", name, value.empty() ? "" : "=", value);
    }
    absl::StrAppend(&text, ") ");
  }
  return absl::StrCat(text, command->input, ">", command->output);
}

TEST(PipelineCommandTest, NoPass) { EXPECT_EQ(Parsed("in out"), "in>out"); }

TEST(PipelineCommandTest, PassesInOrder) {
  EXPECT_EQ(Parsed("--plain --reads f --plain in out"), "plain() reads(f) plain() in>out");
  EXPECT_EQ(Parsed("in --plain out --reads=f"), "plain() reads(f) in>out");
}

TEST(PipelineCommandTest, OptionsBelongToThePassBefore) {
  EXPECT_EQ(Parsed("--reads f --word a --flag --reads g --word=b in out"),
            "reads(f; word=a; flag) reads(g; word=b) in>out");
}

TEST(PipelineCommandTest, FlagsStandAnywhere) {
  const auto command = Parse(
      "-V --reads f --verify_each --flag --print_after_all in --time_passes out "
      "--print_after=reads");
  ASSERT_TRUE(command.ok()) << command.status();
  EXPECT_TRUE(command->verbose && command->verify_each && command->time_passes &&
              command->print_after_all);
  EXPECT_EQ(command->print_after, std::vector<std::string>{"reads"});
  EXPECT_EQ(command->steps[0].arguments.options.size(), 1u);
  EXPECT_FALSE(command->help || command->version || command->list_passes);
}

TEST(PipelineCommandTest, QuestionsNeedNoFiles) {
  for (const char* line : {"--help", "-h", "--plain --help x y z"}) {
    EXPECT_TRUE(Parse(line)->help) << line;
  }
  EXPECT_TRUE(Parse("--version")->version);
  EXPECT_TRUE(Parse("-v")->version);
  EXPECT_TRUE(Parse("--list_passes")->list_passes);
}

TEST(PipelineCommandTest, ForeignSwitchesSplitThePipeline) {
  EXPECT_EQ(Parsed("--plain --x --y --plain --z in out"),
            "plain() foreign[--x --y] plain() foreign[--z] in>out");
}

// A pass's option is foreign where that pass does not stand before it.
TEST(PipelineCommandTest, OptionsOfNoPassAreForeign) {
  EXPECT_EQ(Parsed("--reads f --plain --flag in out"), "reads(f) plain() foreign[--flag] in>out");
}

TEST(PipelineCommandTest, ForeignSwitchesKeepTheirValues) {
  EXPECT_EQ(Parsed("--change_outputs a,b in out"), "foreign[--change_outputs a,b] in>out");
  EXPECT_EQ(Parsed("in out --change_outputs a,b"), "foreign[--change_outputs a,b] in>out");
  EXPECT_EQ(Parsed("--change_outputs=a in out"), "foreign[--change_outputs=a] in>out");
  EXPECT_EQ(Parsed("--new 1 2 --plain in out"), "foreign[--new 1 2] plain() in>out");
  EXPECT_EQ(Parsed("--new 1 in out"), "foreign[--new 1] in>out");
  EXPECT_EQ(Parsed("--new in out --newer"), "foreign[--new --newer] in>out");
}

// Which arguments are the models is then not asked.
TEST(PipelineCommandTest, ForeignAltogether) {
  for (const char* line : {"--x in out", "in out --new value", "--x", "--x in -V"}) {
    const auto command = Parse(line);
    ASSERT_TRUE(command.ok()) << line;
    EXPECT_TRUE(command->is_foreign) << line;
  }
  for (const char* line : {"in out", "--x --plain in out", "--x --verify_each in out",
                           "--load_pass_plugin p.so --x in out"}) {
    EXPECT_FALSE(Parse(line)->is_foreign) << line;
  }
}

// As one-optimize calls circle2circle.
TEST(PipelineCommandTest, FilesMayStandInFront) {
  EXPECT_EQ(Parsed("in out --new --plain --newer"),
            "foreign[--new] plain() foreign[--newer] in>out");
  EXPECT_EQ(Parsed("in out --new 1 --plain --newer 2"),
            "foreign[--new 1] plain() foreign[--newer 2] in>out");
  EXPECT_EQ(Parsed("in --new 1 out --plain"), "'in' is one argument too many");
}

TEST(PipelineCommandTest, WhatIsWrong) {
  EXPECT_EQ(Parsed(""), "the input and the output model are missing");
  EXPECT_EQ(Parsed("--plain in"), "the output model is missing: there is only 'in'");
  EXPECT_EQ(Parsed("a in out"), "'a' is one argument too many");
  EXPECT_EQ(Parsed("--plain a in out"), "'a' is one argument too many");
  EXPECT_EQ(Parsed("--plain=1 in out"), "--plain takes no value");
  EXPECT_EQ(Parsed("--verify_each=1 in out"), "--verify_each takes no value");
  EXPECT_EQ(Parsed("--reads"), "--reads needs a value: FILE");
  EXPECT_EQ(Parsed("--reads --plain in out"), "--reads needs a value: FILE");
  EXPECT_EQ(Parsed("--reads= in out"), "--reads needs a value: FILE");
  EXPECT_EQ(Parsed("--reads f --word"), "--word needs a value: a|b");
  EXPECT_EQ(Parsed("--reads f --flag=1 in out"), "--flag takes no value");
  EXPECT_EQ(Parsed("--print_after in in out"), "--print_after=in: no such pass is to run");
  EXPECT_EQ(Parsed("--print_after=reads --plain in out"),
            "--print_after=reads: no such pass is to run");
  EXPECT_EQ(Parsed("-O1 in out"),
            "'-O1' is not a switch (switches begin with two dashes); a file of this name is ./-O1");
}

TEST(PipelineCommandTest, EmptyNames) {
  const std::vector<std::string> args = {"in", ""};
  EXPECT_EQ(ParsePipelineCommand(args, Registry()).status().message(),
            "the name of a model is empty");
}

TEST(PipelineCommandTest, Plugins) {
  const std::vector<std::string> args = {"--load_pass_plugin", "a.so", "--load_pass_plugin=b.so",
                                         "in"};
  EXPECT_EQ(*FindPlugins(args), (std::vector<std::string>{"a.so", "b.so"}));
  EXPECT_EQ(Parsed("--load_pass_plugin a.so --plain in out"), "plain() in>out");
  for (const char* last : {"--load_pass_plugin", "--load_pass_plugin="}) {
    for (const char* next : {"", "--verbose"}) {
      EXPECT_EQ(FindPlugins(std::vector<std::string>{last, next}).status().message(),
                "--load_pass_plugin needs a value: a shared library");
    }
    EXPECT_FALSE(FindPlugins(std::vector<std::string>{last}).ok());
  }
}

TEST(PipelineCommandTest, NamesThatCanNotBeCalled) {
  EXPECT_EQ(CheckNames(Registry()), absl::OkStatus());
  for (const char* name : {"help", "list_passes", "load_pass_plugin", "print_after",
                           "print_after_all", "time_passes", "verbose", "verify_each", "version"}) {
    PassRegistry registry;
    ASSERT_TRUE(registry.Register({.name = name, .help = "", .make = nullptr}).ok());
    EXPECT_EQ(CheckNames(registry).message(),
              absl::StrCat("a pass can't be named '", name, "': --", name,
                           " is a switch of circle2circle; choose another name"));
    PassRegistry with_option;
    ASSERT_TRUE(
        with_option
            .Register({.name = "p", .help = "", .options = {{name, "", ""}}, .make = nullptr})
            .ok());
    EXPECT_EQ(CheckNames(with_option).message(),
              absl::StrCat("an option of --p can't be named '", name, "': --", name,
                           " is a switch of circle2circle; choose another name"));
  }
}

}  // namespace
}  // namespace q_implant
