// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/boundaries.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

using ::testing::HasSubstr;

// --- float32 values that a runtime's Quantize would wrap ---

constexpr char kFarDivision[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[2] = {1e-9, 4}
    %y: float32[1,2] = DIV(%x, %c) {}
  })";
constexpr char kFarParams[] = "tensor %x: int8[] q(0.5, 0) tensor %y: int16[] q(0.25, 0)";

TEST(BoundariesTest, WithoutATargetTheyAreToldOf) {
  const Outcome outcome = RunPassAsUsersDo(kFarDivision, kFarParams);
  EXPECT_EQ(outcome.report,
            "warning: model.circle: tensor 'y': the float32 values that become this tensor may be "
            "as large as 6.4e+10, more than 2^30 steps of its scale 0.25; the QUANTIZE of "
            "LiteRT and onert turns values beyond 2^31 steps into the wrong end of the range; give "
            "the tensor the range that its values have, or name the runtime (--target), so that "
            "the values are cut off before\n");
}

// onert's Minimum and Maximum take four dimensions at most.
TEST(BoundariesTest, WhereTheyCannotBeCutOffTheyAreToldOf) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,1,1,1,2]) -> (%y) {
    const %c: float32[2] = {1e-9, 4}
    %y: float32[1,1,1,1,2] = DIV(%x, %c) {}
  })";
  const Outcome outcome =
      RunPassAsUsersDo(kGraph, "tensor %x: uint8[] q(0.5, 0) tensor %y: uint8[] q(0.25, 0)",
                       {.target = Target::kOnert});
  EXPECT_THAT(outcome.report,
              HasSubstr("warning: model.circle: tensor 'y': the float32 values that become this "
                        "tensor may be as large as 1.275e+11, more than 2^30 steps of its "
                        "scale 0.25; the QUANTIZE of onert turns values beyond 2^31 steps into the "
                        "wrong end of the range; give the tensor the range that its values have"));
}

// --- constants ---

constexpr char kBiasIsFloat[] =
    "warning: model.circle: tensor 'b': the bias is written as float32 (its dequantized values), "
    "because its operator stays float32; --verbose says why the operator stays float32\n";

// No runtime dequantizes int32.
TEST(BoundariesTest, ABiasOfAnIslandBecomesFloat32Again) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    const %b: float32[1] = {1}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
  })",
                     "const %b: int32[1] q(0.125, 2) = {18}"),
            kBiasIsFloat + Canonical(R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    const %b: float32[1] = {2}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
  })"));
}

TEST(BoundariesTest, ABiasThatAnIntegerNodeAndAnIslandShare) {
  EXPECT_EQ(
      Quantize(R"(graph (%x: float32[1,1], %u: float32[1,1]) -> (%y, %v) {
    const %w: float32[1,1] = {1}
    const %b: float32[1] = {1}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
    %v: float32[1,1] = FULLY_CONNECTED(%u, %w, %b) {}
  })",
               R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %w: int8[] q(0.25, 0)
    tensor %y: int8[] q(1, 0)
    const %b: int32[1] q(0.125, 0) = {16}
  )"),
      kBiasIsFloat + Canonical(R"(graph (%x: int8[1,1] q(0.5, 3), %u: float32[1,1]) -> (%y, %v) {
    const %w: int8[1,1] q(0.25, 0) = {4}
    const %b_dup: int32[1] q(0.125, 0) = {16}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, %b_dup) {}
    %w_dequant: float32[1,1] = DEQUANTIZE@2(%w) {}
    const %b: float32[1] = {2}
    %v: float32[1,1] = FULLY_CONNECTED(%u, %w_dequant, %b) {}
  })"));
}

// A constant that takes several forms is told of once, and nothing is made of what could not be.
TEST(BoundariesTest, NaNInAConstantThatStaysFloat32IsAnErrorToo) {
  constexpr char kError[] =
      ": the constant can't be quantized: expected numbers, found NaN at element 1; repair the "
      "model, or import the integers with 'value'\n";
  for (const char* type : {"int32", "int16", "int4", "int8"}) {
    EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
      const %w: float32[2,2] = {1, 2, 0.5, 0.25}
      const %b: float32[2] = {1, nan}
      %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
    })",
                       absl::StrCat("tensor %b: ", type, "[] q(0.25, 0)")),
              absl::StrCat("error: model.circle: tensor 'b'", kError))
        << type;
  }
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y, %z) {
    const %c: float32[2] = {1, nan}
    const %d: float32[2] = {1, nan}
    %y: float32[2] = ADD(%x, %c) {}
    %s: float32[2] = SIN(%c)
    %z: float32[2] = ADD(%s, %d) {}
  })",
                     "tensor %x: int8[] q(1, 0) tensor %y: int8[] q(1, 0) "
                     "tensor %c: int8[] q(1, 0) tensor %d: int4[] q(1, 0)"),
            absl::StrCat("error: model.circle: tensor 'c'", kError,
                         "error: model.circle: tensor 'd'", kError));
}

// --- ranges ---

TEST(BoundariesTest, SymmetricSignedWeightsLeaveOutTheLeastInteger) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[1,2] = {-100, 100}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
  })";
  const auto after = [](absl::string_view type, absl::string_view q, absl::string_view data) {
    return Canonical(absl::StrCat("graph (%x: float32[1,2]) -> (%y) { const %w: ", type, "[1,2] q(",
                                  q, ") = ", data,
                                  "%w_dequant: float32[1,2] = DEQUANTIZE@2(%w) {}"
                                  "%y: float32[1,1] = FULLY_CONNECTED(%x, %w_dequant, _) {} }"));
  };
  EXPECT_EQ(Quantize(kGraph, "tensor %w: int8[] q(0.5, 0)"),
            after("int8", "0.5, 0", "{-127, 127}"));
  EXPECT_EQ(Quantize(kGraph, "tensor %w: int8[] q(0.5, 0)", {.full_weights_range = true}),
            after("int8", "0.5, 0", "{-128, 127}"));
  EXPECT_EQ(Quantize(kGraph, "tensor %w: int8[] q(0.5, 1)"),
            after("int8", "0.5, 1", "{-128, 127}"));
}

// --- calls ---

constexpr char kTwoGraphs[] = R"(
  graph a(%x: float32[1,2]) -> (%y) {
    const %w: float32[1,2] buffer 1 = {1, 2}
    const %b: float32[1] buffer 2 = {3}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
  }
  graph b(%x2: float32[1,2]) -> (%y2) {
    const %w2: float32[1,2] buffer 1 = {1, 2}
    const %b2: float32[1] buffer 2 = {3}
    %y2: float32[1,1] = FULLY_CONNECTED(%x2, %w2, %b2) {}
  })";
constexpr char kActivations[] = R"(
  tensor %x: int8[] q(0.5, 3)
  tensor %y: int8[] q(0.25, 3)
  tensor %x2: int8[] q(0.5, 1)
  tensor %y2: int8[] q(0.75, 3)
)";

// Weights and bias, over two graphs.
TEST(BoundariesTest, ConstantsOfOneBufferAndEqualParametersShareOne) {
  const std::string shared = Canonical(R"(
  graph a(%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[1,2] q(0.5, 0) buffer 1 = {2, 4}
    const %b: int32[1] q(0.25, 0) buffer 2 = {12}
    %y: int8[1,1] q(0.25, 3) = FULLY_CONNECTED(%x, %w, %b) {}
  }
  graph b(%x2: int8[1,2] q(0.5, 1)) -> (%y2) {
    const %w2: int8[1,2] q(0.5, 0) buffer 1 = {2, 4}
    const %b2: int32[1] q(0.25, 0) buffer 2 = {12}
    %y2: int8[1,1] q(0.75, 3) = FULLY_CONNECTED(%x2, %w2, %b2) {}
  })");
  EXPECT_EQ(Quantize(kTwoGraphs, absl::StrCat(kActivations, R"(
    tensor %w: int8[] q(0.5, 0)
    tensor %w2: int8[] q(0.5, 0)
  )")),
            shared);
  // Values of two files.
  EXPECT_EQ(Quantize(kTwoGraphs, absl::StrCat(kActivations, R"(
    const %w: int8[1,2] q(0.5, 0) = {2, 4}
    const %w2: int8[1,2] q(0.5, 0) = {2, 4}
  )")),
            shared);
}

TEST(BoundariesTest, ConstantsOfOneBufferThatComeToOtherIntegersPart) {
  EXPECT_EQ(Quantize(kTwoGraphs, absl::StrCat(kActivations, R"(
    tensor %w: int8[] q(0.5, 0)
    tensor %w2: int8[] q(0.25, 0)
  )")),
            Canonical(R"(
  graph a(%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[1,2] q(0.5, 0) = {2, 4}
    const %b: int32[1] q(0.25, 0) = {12}
    %y: int8[1,1] q(0.25, 3) = FULLY_CONNECTED(%x, %w, %b) {}
  }
  graph b(%x2: int8[1,2] q(0.5, 1)) -> (%y2) {
    const %w2: int8[1,2] q(0.25, 0) = {4, 8}
    const %b2: int32[1] q(0.125, 0) = {24}
    %y2: int8[1,1] q(0.75, 3) = FULLY_CONNECTED(%x2, %w2, %b2) {}
  })"));
}

TEST(BoundariesTest, BiasesOfZerosShareABuffer) {
  const Outcome outcome = RunPass(R"(graph (%x: float32[1,2,2,1]) -> (%y) {
    const %v: float32[1,1,1,1] = {1}
    const %w: float32[1,1,1,1] = {2}
    %h: float32[1,2,2,1] = CONV_2D(%x, %v) {padding: VALID, stride_w: 1, stride_h: 1}
    %y: float32[1,2,2,1] = CONV_2D(%h, %w) {padding: VALID, stride_w: 1, stride_h: 1}
  })",
                                  R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %h: int8[] q(0.25, 3)
    tensor %y: int8[] q(0.25, 3)
    tensor %v: int8[] q(0.5, 0)
    tensor %w: int8[] q(0.5, 0)
  )");
  EXPECT_NE(outcome.model.find("%h_bias: int32[1] q(0.25, 0) buffer 3 = {0}"), outcome.model.npos)
      << outcome.model;
  EXPECT_NE(outcome.model.find("%y_bias: int32[1] q(0.125, 0) buffer 3 = {0}"), outcome.model.npos)
      << outcome.model;
}

}  // namespace
}  // namespace q_implant
