// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/unique_names.h"

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

TEST(UniqueNamesTest, NumbersWhatIsTaken) {
  UniqueNames names(ModelFromText(R"(
  graph (%x: int8[1], %x_dup: int8[1]) -> () {}
  graph (%x_dup_2: int8[1]) -> () {})"));
  EXPECT_EQ(names.Make("y", "_dup"), "y_dup");
  EXPECT_EQ(names.Make("y", "_dup"), "y_dup_1");
  EXPECT_EQ(names.Make("x", "_dup"), "x_dup_1");
  EXPECT_EQ(names.Make("x", "_dup"), "x_dup_3");
  EXPECT_EQ(names.Make("x", "_float"), "x_float");
}

TEST(UniqueNamesTest, NamesAreNeverEmpty) {
  UniqueNames names(ModelFromText("graph (%#0: int8[1]) -> () {}"));
  EXPECT_EQ(names.Make("", "_dequant"), "_dequant");
}

}  // namespace
}  // namespace q_implant
