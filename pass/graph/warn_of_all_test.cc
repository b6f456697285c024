// SPDX-License-Identifier: Apache-2.0
#include "pass/graph/warn_of_all.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

std::string Told(const std::vector<std::string>& names) {
  Diagnostics diagnostics;
  WarnOfAll(names, "m.circle", "it stays float32", "it must", "change it", diagnostics);
  std::string told;
  for (const Diagnostic& d : diagnostics.all()) absl::StrAppend(&told, d.ToString(), "\n");
  return told;
}

TEST(WarnOfAllTest, ANoteForEachOfTheOthers) {
  EXPECT_EQ(Told({}), "");
  EXPECT_EQ(Told({"x"}),
            "warning: m.circle: tensor 'x': it stays float32, since it must; change it\n");
  EXPECT_EQ(Told({"x", "y"}),
            "warning: m.circle: tensor 'x': it stays float32, since it must (likewise 1 more "
            "tensor, which --verbose and --report name); change it\n"
            "note: m.circle: tensor 'y': it stays float32, like 'x'\n");
  EXPECT_EQ(Told({"x", "y", "z"}),
            "warning: m.circle: tensor 'x': it stays float32, since it must (likewise 2 more "
            "tensors, which --verbose and --report name); change it\n"
            "note: m.circle: tensor 'y': it stays float32, like 'x'\n"
            "note: m.circle: tensor 'z': it stays float32, like 'x'\n");
}

}  // namespace
}  // namespace q_implant
