// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/added_names.h"

#include "gtest/gtest.h"

namespace q_implant {
namespace {

TEST(AddedNamesTest, Names) {
  EXPECT_TRUE(IsNamedAfter("x_float", "x", "_float"));
  EXPECT_TRUE(IsNamedAfter("x_float_12", "x", "_float"));
  EXPECT_FALSE(IsNamedAfter("x_floats", "x", "_float"));
  EXPECT_FALSE(IsNamedAfter("x_float_", "x", "_float"));
  EXPECT_FALSE(IsNamedAfter("_float", "", "_float"));
  EXPECT_EQ(BaseOfName("x_dup_dup_1", "_dup"), "x_dup");
  EXPECT_EQ(BaseOfName("x_duplex", "_dup"), "");
}

}  // namespace
}  // namespace q_implant
