// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/fold_constant_movers.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// What the pass makes, behind what it tells but for the remarks on what went
// (gone_tensors_test.cc).
std::string Folded(absl::string_view graph, absl::string_view annotations,
                   const QuantizeOptions& options = {}) {
  std::string text;
  for (absl::string_view line : absl::StrSplit(Quantize(graph, annotations, options), '\n')) {
    if (!absl::EndsWith(line, "' stands for the tensor")) absl::StrAppend(&text, line, "\n");
  }
  text.pop_back();  // the split made a last line of nothing
  return text;
}

// The whole pass, for the rule leaves tensors that only go at its end.

constexpr char kTransposed[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,3] = {1, 2, 3, -1, -2, -3}
    const %p: int32[2] = {1, 0}
    %wt: float32[3,2] = TRANSPOSE(%w, %p) {}
    %y: float32[1,3] = FULLY_CONNECTED(%x, %wt, _) {}
  })";

TEST(FoldConstantMoversTest, ParametersOfTheInputFollow) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    tensor %w: int8[] q([1, 0.5, 0.25], 0, axis 1)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q([1, 0.5, 0.25], 0, axis 0) = {1, -1, 4, -4, 12, -12}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, TheValueFollows) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    const %w: int8[2,3] q(1, 0) = {10, 20, 30, 40, 50, 60}
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q(1, 0) = {10, 40, 20, 50, 30, 60}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, ValuesOfFourBitsFollow) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    const %w: int4[2,3] q(1, 0) = {1, 2, 3, -4, -5, -6}
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int4[3,2] q(1, 0) = {1, -4, 2, -5, 3, -6}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, ParametersOfTheOutput) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    const %wt: int8[3,2] q([1, 0.5, 0.25], 0, axis 0) = {1, 2, 3, 4, 5, 6}
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q([1, 0.5, 0.25], 0, axis 0) = {1, 2, 3, 4, 5, 6}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, TheModelsFloatsAreMoved) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    tensor %wt: int8[] q(0.5, 0)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q(0.5, 0) = {2, -2, 4, -4, 6, -6}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, AChain) {
  EXPECT_EQ(Folded(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[6] = {1, 2, 3, -1, -2, -3}
    const %p: int32[2] = {1, 0}
    const %s: int32[2] = {2, 3}
    %m: float32[2,3] = RESHAPE(%w, %s) {}
    %wt: float32[3,2] = TRANSPOSE(%m, %p) {}
    %y: float32[1,3] = FULLY_CONNECTED(%x, %wt, _) {}
  })",
                   R"(
    tensor %x: int8[] q(1, 0)
    tensor %wt: int8[] q(0.5, 0)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q(0.5, 0) = {2, -2, 4, -4, 6, -6}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, WhatOthersReadStays) {
  EXPECT_EQ(Folded(R"(graph (%x: float32[1,2]) -> (%y, %z) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %p: int32[2] = {1, 0}
    %wt: float32[2,2] = TRANSPOSE(%w, %p) {}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %wt, _) {}
    %u: float32[2,2] = SIN(%w)
    %z: float32[2,2] = TRANSPOSE(%u, %p) {}
  })",
                   R"(
    tensor %x: int8[] q(1, 0)
    tensor %wt: int8[] q(0.5, 0)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y, %z) {
    const %wt: int8[2,2] q(0.5, 0) = {2, 6, 4, 8}
    %y: int8[1,2] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
    const %w: float32[2,2] = {1, 2, 3, 4}
    %u: float32[2,2] = SIN(%w)
    const %p: int32[2] = {1, 0}
    %z: float32[2,2] = TRANSPOSE(%u, %p) {}
  })"));
}

TEST(FoldConstantMoversTest, MoversWithoutParametersStay) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %p: int32[2] = {1, 0}
    %wt: float32[2,2] = TRANSPOSE(%w, %p) {}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %wt, _) {}
  })";
  EXPECT_EQ(Folded(kGraph, "tensor %x: float32[]"), Canonical(kGraph));
}

TEST(FoldConstantMoversTest, TheMoverOfAPinnedConstantStays) {
  EXPECT_EQ(Folded(kTransposed, "tensor %w: float32[]  tensor %x: int8[] q(1, 0)"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    %x_dequant: float32[1,2] = DEQUANTIZE@2(%x) {}
    const %w: float32[2,3] = {1, 2, 3, -1, -2, -3}
    const %p: int32[2] = {1, 0}
    %wt: float32[3,2] = TRANSPOSE(%w, %p) {}
    %y: float32[1,3] = FULLY_CONNECTED(%x_dequant, %wt, _) {}
  })"));
}

// Six values of three scales can't keep them in a row.
TEST(FoldConstantMoversTest, TheMoverStaysWhereTheAxisIsMerged) {
  EXPECT_EQ(Folded(R"(graph (%x: float32[6]) -> (%y) {
    const %c: float32[3,2] = {1, 2, 3, 4, 5, 6}
    %d: float32[6] = RESHAPE(%c) {}
    %y: float32[6] = POW(%x, %d) {}
  })",
                   "tensor %c: int8[] q([1, 2, 1], 0, axis 0)"),
            Canonical(R"(graph (%x: float32[6]) -> (%y) {
    const %c: int8[3,2] q([1, 2, 1], 0, axis 0) = {1, 2, 2, 2, 5, 6}
    %c_dequant: float32[3,2] = DEQUANTIZE@2(%c) {}
    %d: float32[6] = RESHAPE(%c_dequant) {}
    %y: float32[6] = POW(%x, %d) {}
  })"));
}

TEST(FoldConstantMoversTest, ASharedBufferStays) {
  EXPECT_EQ(Folded(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[1,2] buffer 1 = {1, 2}
    const %e: float32[2] buffer 1 = {1, 2}
    %d: float32[2] = RESHAPE(%c) {}
    %a: float32[2] = POW(%x, %d) {}
    %y: float32[2] = POW(%a, %e) {}
  })",
                   "tensor %c: int8[] q(0.5, 0)"),
            Canonical(R"(graph (%x: float32[2]) -> (%y) {
    const %d: int8[2] q(0.5, 0) = {2, 4}
    %d_dequant: float32[2] = DEQUANTIZE@2(%d) {}
    %a: float32[2] = POW(%x, %d_dequant) {}
    const %e: float32[2] = {1, 2}
    %y: float32[2] = POW(%a, %e) {}
  })"));
}

// Both annotated: the integers that someone trusts must not be made anew from the floats.
TEST(FoldConstantMoversTest, TheInputsValueInTheOutputsParameters) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    const %w: int8[2,3] q(1, 0) = {10, 20, 30, 40, 50, 60}
    tensor %wt: int8[] q(1, 0)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q(1, 0) = {10, 40, 20, 50, 30, 60}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, TheInputsValueInOtherParametersOfTheOutput) {
  EXPECT_EQ(Folded(kTransposed, R"(
    tensor %x: int8[] q(1, 0)
    const %w: int8[2,3] q(1, 0) = {10, 20, 30, 40, 50, 60}
    tensor %wt: int8[] q(10, 0)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q(10, 0) = {1, 4, 2, 5, 3, 6}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

TEST(FoldConstantMoversTest, TheMoverToAGraphOutputStays) {
  constexpr char kGraph[] = R"(graph () -> (%d) {
    const %c: float32[1,2] = {1, 2}
    %d: float32[2] = RESHAPE(%c) {}
  })";
  EXPECT_EQ(Folded(kGraph, "tensor %d: int8[] q(0.5, 0)"), Canonical(R"(graph () -> (%d) {
    const %c: int8[1,2] q(0.5, 0) = {2, 4}
    %d: int8[2] q(0.5, 0) = RESHAPE(%c) {}
  })"));
  EXPECT_EQ(Folded(kGraph, "const %d: int8[2] q([0.5, 1], 0, axis 0) = {7, 8}"),
            "error: params.json: tensor 'd': an activation can't have a scale per channel: "
            "expected 1 scale, found 2 in d.scale.npy; quantize activations per tensor\n"
            "error: params.json: tensor 'd': an activation can't have a value: expected no "
            "'value', found d.npy; drop 'value': it is for weights and other constants\n");
}

// Models that were made smaller hold float16 weights behind a Dequantize: either may be named.
TEST(FoldConstantMoversTest, Float16) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %half: float16[3,2] = {1, 2, 3, 4, 5, 6}
    %w: float32[3,2] = DEQUANTIZE(%half) {}
    %y: float32[1,3] = FULLY_CONNECTED(%x, %w, _) {}
  })";
  const std::string after = Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %w: int8[3,2] q([1, 0.5, 1], 0, axis 0) = {1, 2, 6, 8, 5, 6}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })");
  for (const char* weights :
       {"tensor %half: int8[] q([1, 0.5, 1], 0, axis 0)",
        "const %half: int8[3,2] q([1, 0.5, 1], 0, axis 0) = {1, 2, 6, 8, 5, 6}",
        "tensor %w: int8[] q([1, 0.5, 1], 0, axis 0)",
        "const %w: int8[3,2] q([1, 0.5, 1], 0, axis 0) = {1, 2, 6, 8, 5, 6}"}) {
    EXPECT_EQ(Folded(kGraph, absl::StrCat(weights, R"(
      tensor %x: int8[] q(1, 0)
      tensor %y: int8[] q(2, 0))")),
              after)
        << weights;
  }
}

// Converters write biases as float16 too, and external tools annotate none.
TEST(FoldConstantMoversTest, Float16Biases) {
  EXPECT_EQ(Folded(R"(graph (%x: float32[1,1]) -> (%y) {
    const %half: float16[1,1] = {1}
    const %half_bias: float16[1] = {0.5}
    %w: float32[1,1] = DEQUANTIZE(%half) {}
    %b: float32[1] = DEQUANTIZE(%half_bias) {}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
  })",
                   "tensor %x: int8[] q(1, 0)  tensor %w: int8[] q(0.5, 0)"
                   "tensor %y: int8[] q(1, 0)"),
            Canonical(R"(graph (%x: int8[1,1] q(1, 0)) -> (%y) {
    const %w: int8[1,1] q(0.5, 0) = {2}
    const %b: int32[1] q(0.5, 0) = {1}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })"));
}

// What nobody reads is not left over as a constant.
TEST(FoldConstantMoversTest, AMoverOfWhatNobodyReads) {
  EXPECT_EQ(Folded(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,3] = {1, 2, 3, -1, -2, -3}
    const %p: int32[2] = {1, 0}
    %wt: float32[3,2] = TRANSPOSE(%w, %p) {}
    %y: float32[1,3] = FULLY_CONNECTED(%x, %wt, _) {}
    %unread: float32[3,2] = TRANSPOSE(%w, %p) {}
  })",
                   R"(
    tensor %x: int8[] q(1, 0)
    tensor %w: int8[] q([1, 0.5, 0.25], 0, axis 1)
    tensor %y: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 0)) -> (%y) {
    const %wt: int8[3,2] q([1, 0.5, 0.25], 0, axis 0) = {1, -1, 4, -4, 12, -12}
    %y: int8[1,3] q(2, 0) = FULLY_CONNECTED(%x, %wt, _) {}
  })"));
}

// SIN reads the floats, while the annotation has gone to what the TRANSPOSE made.
TEST(FoldConstantMoversTest, TellsOfAConstantThatOthersReadToo) {
  EXPECT_EQ(RunPass(R"(graph (%x: float32[1,2]) -> (%y, %z) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %p: int32[2] = {1, 0}
    %v: float32[2,2] = TRANSPOSE(%w, %p) {}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %v, _) {}
    %z: float32[2,2] = SIN(%w)
  })",
                    R"(
    tensor %x: int8[] q(0.5, 0)
    tensor %w: int8[] q(0.5, 0)
    tensor %y: int8[] q(0.5, 0))")
                .notes,
            "note: model.circle: tensor 'w': a TRANSPOSE of it was carried out; 'v' is a constant "
            "now\nnote: model.circle: tensor 'z': SIN stays float32: the operator has no integer "
            "kernel\n");
}

}  // namespace
}  // namespace q_implant
