// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/noop_clamps.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// How many went, and what is left.
std::string Cleaned(absl::string_view text) {
  Model model = ModelFromText(text);
  const size_t count = RemoveNoopClamps(model).size();
  return absl::StrCat(count, "\n", PrintModel(model));
}

std::string Expected(int count, absl::string_view text) {
  return absl::StrCat(count, "\n", Canonical(text));
}

// Whether a clamp of tensors of this type is removed.
bool Goes(absl::string_view clamp, absl::string_view type) {
  Model model = ModelFromText(absl::StrCat("graph (%x: int8[1] q(1, 0)) -> (%y) { %a: ", type,
                                           " = ABS(%x) {} %y: ", type, " = ", clamp, "(%a) }"));
  return RemoveNoopClamps(model).size() == 1;
}

TEST(NoopClampsTest, WhatTheTypeCoversGoes) {
  EXPECT_TRUE(Goes("RELU", "uint8[1] q(0.5, 0)"));
  EXPECT_TRUE(Goes("RELU", "int8[1] q(0.5, -128)"));
  EXPECT_TRUE(Goes("RELU6", "uint8[1] q(0.023529412, 0)"));  // 6 / 255
  EXPECT_TRUE(Goes("RELU6", "int8[1] q(0.02, -128)"));
  EXPECT_TRUE(Goes("RELU_N1_TO_1", "int8[1] q(0.0078125, 0)"));  // -1 to 0.992
  EXPECT_TRUE(Goes("RELU_0_TO_1", "uint8[1] q(0.003921569, 0)"));
}

TEST(NoopClampsTest, WhatIsCutOffStays) {
  EXPECT_FALSE(Goes("RELU", "uint8[1] q(0.5, 1)"));
  EXPECT_FALSE(Goes("RELU", "int8[1] q(0.5, -127)"));
  EXPECT_FALSE(Goes("RELU", "int16[1] q(0.5, 0)"));
  EXPECT_FALSE(Goes("RELU6", "uint8[1] q(0.1, 0)"));
  EXPECT_FALSE(Goes("RELU_N1_TO_1", "int8[1] q(0.01, 0)"));
  EXPECT_FALSE(Goes("RELU_0_TO_1", "int8[1] q(0.0078125, 0)"));
}

// A kernel rounds 6 / scale: 254.67 to 255, which cuts nothing off, but 254.24 to 254.
TEST(NoopClampsTest, BoundsAreRoundedAsKernelsDo) {
  EXPECT_TRUE(Goes("RELU6", "uint8[1] q(0.02356, 0)"));
  EXPECT_FALSE(Goes("RELU6", "uint8[1] q(0.0236, 0)"));
}

TEST(NoopClampsTest, OtherOperatorsStay) {
  EXPECT_FALSE(Goes("ELU", "uint8[1] q(0.5, 0)"));
  EXPECT_FALSE(Goes("RELU", "float32[1]"));
  EXPECT_FALSE(Goes("RELU", "float32[1] q(0.5, 0)"));
}

TEST(NoopClampsTest, DifferentParametersStay) {
  constexpr char kGraph[] = R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %a: uint8[1] q(0.5, 0) = ABS(%x) {}
    %y: uint8[1] q(0.25, 0) = RELU(%a)
  })";
  EXPECT_EQ(Cleaned(kGraph), Expected(0, kGraph));
}

TEST(NoopClampsTest, TheOutputTakesThePlaceOfTheInput) {
  EXPECT_EQ(Cleaned(R"(graph (%x: uint8[1] q(1, 0)) -> (%y, %z) {
    %a: uint8[1] q(0.5, 0) = ABS(%x) {}
    %b: uint8[1] q(0.5, 0) = NEG(%a) {}
    %y: uint8[1] q(0.5, 0) = RELU(%a)
    %z: uint8[1] q(0.5, 0) = ADD(%a, %y) {}
  }
  signature s of graph 0 (in: %x) -> (y: %y, z: %z))"),
            Expected(1, R"(graph (%x: uint8[1] q(1, 0)) -> (%y, %z) {
    %y: uint8[1] q(0.5, 0) = ABS(%x) {}
    %b: uint8[1] q(0.5, 0) = NEG(%y) {}
    %z: uint8[1] q(0.5, 0) = ADD(%y, %y) {}
  }
  signature s of graph 0 (in: %x) -> (y: %y, z: %z))"));
}

TEST(NoopClampsTest, AGraphInputTakesThePlaceOfTheOutput) {
  EXPECT_EQ(Cleaned(R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %a: uint8[1] q(1, 0) = RELU(%x)
    %y: uint8[1] q(1, 0) = ABS(%a) {}
  })"),
            Expected(1, R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %y: uint8[1] q(1, 0) = ABS(%x) {}
  })"));
}

TEST(NoopClampsTest, AGraphOutputTakesThePlaceOfTheOutput) {
  EXPECT_EQ(Cleaned(R"(graph (%x: uint8[1] q(1, 0)) -> (%a, %y) {
    %a: uint8[1] q(1, 0) = ABS(%x) {}
    %b: uint8[1] q(1, 0) = RELU(%a)
    %y: uint8[1] q(1, 0) = ABS(%b) {}
  })"),
            Expected(1, R"(graph (%x: uint8[1] q(1, 0)) -> (%a, %y) {
    %a: uint8[1] q(1, 0) = ABS(%x) {}
    %y: uint8[1] q(1, 0) = ABS(%a) {}
  })"));
}

TEST(NoopClampsTest, BetweenTensorsThatMustStayTheClampStays) {
  constexpr char kGraph[] = R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %y: uint8[1] q(1, 0) = RELU(%x)
  })";
  EXPECT_EQ(Cleaned(kGraph), Expected(0, kGraph));
}

TEST(NoopClampsTest, Chains) {
  EXPECT_EQ(Cleaned(R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %a: uint8[1] q(1, 0) = ABS(%x) {}
    %b: uint8[1] q(1, 0) = RELU(%a)
    %c: uint8[1] q(1, 0) = RELU(%b)
    %y: uint8[1] q(1, 0) = RELU(%c)
  })"),
            Expected(3, R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %y: uint8[1] q(1, 0) = ABS(%x) {}
  })"));
  EXPECT_EQ(Cleaned(R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %a: uint8[1] q(1, 0) = RELU(%x)
    %b: uint8[1] q(1, 0) = RELU(%a)
    %y: uint8[1] q(1, 0) = RELU(%b)
  })"),
            Expected(2, R"(graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %y: uint8[1] q(1, 0) = RELU(%x)
  })"));
}

TEST(NoopClampsTest, TwoClampsOfOneTensor) {
  EXPECT_EQ(Cleaned(R"(graph (%x: uint8[1] q(1, 0)) -> (%y, %z) {
    %a: uint8[1] q(1, 0) = ABS(%x) {}
    %y: uint8[1] q(1, 0) = RELU(%a)
    %z: uint8[1] q(1, 0) = RELU(%a)
  })"),
            Expected(1, R"(graph (%x: uint8[1] q(1, 0)) -> (%y, %z) {
    %y: uint8[1] q(1, 0) = ABS(%x) {}
    %z: uint8[1] q(1, 0) = RELU(%y)
  })"));
}

TEST(NoopClampsTest, EveryGraph) {
  EXPECT_EQ(Cleaned(R"(
  graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %a: uint8[1] q(1, 0) = RELU(%x)
    %y: uint8[1] q(1, 0) = ABS(%a) {}
  }
  graph (%x: uint8[1] q(1, 0)) -> (%y) {
    %a: uint8[1] q(1, 0) = RELU(%x)
    %y: uint8[1] q(1, 0) = ABS(%a) {}
  })"),
            Expected(2, R"(
  graph (%x: uint8[1] q(1, 0)) -> (%y) { %y: uint8[1] q(1, 0) = ABS(%x) {} }
  graph (%x: uint8[1] q(1, 0)) -> (%y) { %y: uint8[1] q(1, 0) = ABS(%x) {} })"));
}

}  // namespace
}  // namespace q_implant
