// SPDX-License-Identifier: Apache-2.0
#include "ir/diagnostics.h"

#include <gtest/gtest.h>

namespace q_implant {
namespace {

TEST(Diagnostics, ALineNamesFileTensorExpectedFoundAndWhatToDo) {
  const Diagnostic diagnostic = {.severity = Severity::kError,
                                 .file = "p.json",
                                 .tensor = "ker",
                                 .problem = "the number of scales does not fit",
                                 .expected = "1 or 8",
                                 .found = "4",
                                 .advice = "export one scale per output channel"};
  EXPECT_EQ(diagnostic.ToString(),
            "error: p.json: tensor 'ker': the number of scales does not fit: expected 1 or 8, "
            "found 4; export one "
            "scale per output channel");
}

TEST(Diagnostics, EmptyFieldsLeaveNothingBehind) {
  EXPECT_EQ((Diagnostic{.severity = Severity::kNote, .problem = "all is well"}).ToString(),
            "note: all is well");
  EXPECT_EQ(
      (Diagnostic{
           .severity = Severity::kWarning, .file = "m.circle", .problem = "odd", .found = "7"})
          .ToString(),
      "warning: m.circle: odd: found 7");
}

TEST(Diagnostics, ALineStaysOneLine) {
  EXPECT_EQ((Diagnostic{.tensor = "a\nb\t\xc3\xa9", .problem = "odd"}).ToString(),
            "error: tensor 'a\\x0ab\\x09\xc3\xa9': odd");
}

TEST(Diagnostics, TheStatusHoldsEveryErrorAndNoWarning) {
  Diagnostics diagnostics;
  EXPECT_TRUE(diagnostics.ToStatus().ok());
  diagnostics.Add({.severity = Severity::kWarning, .problem = "w"});
  EXPECT_TRUE(diagnostics.ToStatus().ok());
  diagnostics.Add({.problem = "a"});
  diagnostics.Add({.problem = "b"});
  EXPECT_TRUE(diagnostics.has_errors());
  EXPECT_EQ(diagnostics.ToStatus().message(), "error: a\nerror: b");
}

TEST(Diagnostics, ALineIsTextAndClipsNames) {
  const std::string name(300, 'n');
  const std::string clipped = std::string(200, 'n') + "...";
  EXPECT_EQ((Diagnostic{.tensor = name, .problem = "odd"}).ToString(),
            "error: tensor '" + clipped + "': odd");
  EXPECT_EQ((Diagnostic{.problem = "'" + name + "' can't be, for it isn't ('" + name + "')",
                        .found = "what '" + name + "' has"})
                .ToString(),
            "error: '" + clipped + "' can't be, for it isn't ('" + clipped + "'): found what '" +
                clipped + "' has");
  const std::string text = "LiteRT's " + std::string(300, 't') + " 'a'";
  EXPECT_EQ((Diagnostic{.problem = text}).ToString(), "error: " + text) << "no name";
  EXPECT_EQ((Diagnostic{.tensor = "\xE9\xE2\x80\xAE", .problem = "odd"}).ToString(),
            "error: tensor '\\xe9\\u202e': odd");
}

TEST(Diagnostics, ManyErrorsAreCountedAndNotKept) {
  Diagnostics diagnostics;
  for (int i = 0; i < 100; ++i) diagnostics.Add({.problem = "e"});
  EXPECT_EQ(diagnostics.MoreErrors(), "");
  diagnostics.Add({.problem = "e"});
  EXPECT_EQ(diagnostics.MoreErrors(), "error: and 1 more error");
  diagnostics.Add({.severity = Severity::kWarning, .problem = "w"});
  diagnostics.Add({.problem = "e"});
  EXPECT_EQ(diagnostics.Count(Severity::kError), 102u);
  EXPECT_EQ(diagnostics.all().size(), 101u);
  const std::string message(diagnostics.ToStatus().message());
  EXPECT_EQ(message.substr(message.size() - 33), "error: e\nerror: and 2 more errors");
}

// --- statuses that carry errors ---

const Diagnostic kMissing = {.file = "p.json",
                             .tensor = "x",
                             .problem = "'scale' is missing: 1:2\nno line of its own",
                             .expected = "a name",
                             .found = "",
                             .advice = "save it"};

void ExpectSame(const Diagnostic& a, const Diagnostic& b) {
  EXPECT_EQ(a.ToString(), b.ToString());
  EXPECT_EQ(a.file, b.file);
  EXPECT_EQ(a.tensor, b.tensor);
  EXPECT_EQ(a.problem, b.problem);
  EXPECT_EQ(a.expected, b.expected);
  EXPECT_EQ(a.found, b.found);
  EXPECT_EQ(a.advice, b.advice);
}

TEST(ErrorStatusTest, TheFieldsComeBack) {
  const absl::Status status = ErrorStatus(absl::StatusCode::kNotFound, kMissing);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(), kMissing.ToString());
  ExpectSame(ErrorOf(status), kMissing);
}

TEST(ErrorStatusTest, ManyErrorsComeBackAndHowManyMoreThereWere) {
  Diagnostics many;
  for (size_t i = 0; i < Diagnostics::kMostErrors + 7; ++i) many.Add(kMissing);
  many.Add({.severity = Severity::kWarning, .problem = "no error"});
  Diagnostics back;
  back.AddStatus(many.ToStatus());
  EXPECT_EQ(back.Count(Severity::kError), Diagnostics::kMostErrors + 7);
  EXPECT_EQ(back.all().size(), Diagnostics::kMostErrors);
  EXPECT_EQ(back.MoreErrors(), "error: and 7 more errors");
  ExpectSame(back.all().back(), kMissing);
}

TEST(ErrorStatusTest, OfOtherStatusesTheLinesAreTheProblems) {
  Diagnostics diagnostics;
  diagnostics.AddStatus(absl::InternalError("error: one\ntwo:\n  a\n  b"));
  diagnostics.AddStatus(absl::OkStatus());
  ASSERT_EQ(diagnostics.all().size(), 2u);
  EXPECT_EQ(diagnostics.all()[0].problem, "one");
  EXPECT_EQ(diagnostics.all()[1].problem, "two: a; b");
  EXPECT_EQ(ErrorOf(absl::OkStatus()).problem, "");
}

}  // namespace
}  // namespace q_implant
