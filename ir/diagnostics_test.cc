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

}  // namespace
}  // namespace q_implant
