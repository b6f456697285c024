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

const IoTypes kFloat32({circle::TensorType_FLOAT32});
const IoTypes kUint8({circle::TensorType_UINT8});

// --- activations ---

TEST(BoundariesTest, AnIslandReadsBehindADequantize) {
  EXPECT_EQ(Quantize("graph (%x: float32[2]) -> (%y) { %y: float32[2] = SIN(%x) }",
                     "tensor %x: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    %y: float32[2] = SIN(%x_dequant)
  })"));
}

TEST(BoundariesTest, AnIslandWritesBeforeAQuantize) {
  EXPECT_EQ(Quantize("graph (%x: float32[2]) -> (%y) { %y: float32[2] = SIN(%x) }",
                     "tensor %y: uint8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: float32[2]) -> (%y) {
    %y_float: float32[2] = SIN(%x)
    %y: uint8[2] q(0.5, 3) = QUANTIZE(%y_float) {}
  })"));
}

// --- float32 values that a runtime's Quantize would wrap ---

constexpr char kFarDivision[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[2] = {1e-9, 4}
    %y: float32[1,2] = DIV(%x, %c) {}
  })";
constexpr char kFarParams[] = "tensor %x: int8[] q(0.5, 0) tensor %y: int16[] q(0.25, 0)";

TEST(BoundariesTest, ForATargetValuesThatAQuantizeWouldWrapAreCutOff) {
  EXPECT_EQ(Quantize(kFarDivision, kFarParams, {.target = Target::kLiteRt}),
            Canonical(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    %x_dequant: float32[1,2] = DEQUANTIZE@2(%x) {}
    const %c: float32[2] = {1e-09, 4}
    %y_float: float32[1,2] = DIV(%x_dequant, %c) {}
    const %y_float_at_most_bound: float32[1] = {8191.75}
    %y_float_at_most: float32[1,2] = MINIMUM(%y_float, %y_float_at_most_bound) {}
    const %y_float_at_least_bound: float32[1] = {-8192}
    %y_float_at_least: float32[1,2] = MAXIMUM(%y_float_at_most, %y_float_at_least_bound) {}
    %y: int16[1,2] q(0.25, 0) = QUANTIZE@2(%y_float_at_least) {}
  })"));
}

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

TEST(BoundariesTest, AnAnnotatedTensorBetweenTwoIslandsIsInteger) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y) {
    %a: float32[2] = SIN(%x)
    %y: float32[2] = COS(%a)
  })",
                     "tensor %a: int16[] q(0.5, 0)"),
            Canonical(R"(graph (%x: float32[2]) -> (%y) {
    %a_float: float32[2] = SIN(%x)
    %a: int16[2] q(0.5, 0) = QUANTIZE@2(%a_float) {}
    %a_dequant: float32[2] = DEQUANTIZE@3(%a) {}
    %y: float32[2] = COS(%a_dequant)
  })"));
}

// A Pad with a float32 value is no integer node, so nothing is gained by what it passed on to %a.
TEST(BoundariesTest, PropagatedParametersGoWhereNoIntegerNodeUsesThem) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y) {
    const %p: int32[1,2] = {0, 0}
    const %f: float32[] = {1}
    %a: float32[2] = PAD(%x, %p, %f) {}
    %y: float32[2] = SIN(%a)
  })",
                     "tensor %x: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    const %p: int32[1,2] = {0, 0}
    const %f: float32[] = {1}
    %a: float32[2] = PAD(%x_dequant, %p, %f) {}
    %y: float32[2] = SIN(%a)
  })"));
}

// The Relu is integer, so the island before it writes what the Relu reads.
TEST(BoundariesTest, PropagatedParametersThatAnIntegerNodeReads) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    %a: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
    %y: float32[1,1] = RELU(%a)
  })",
                     "tensor %y: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    %a_float: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
    %a: int8[1,1] q(0.5, 3) = QUANTIZE(%a_float) {}
    %y: int8[1,1] q(0.5, 3) = RELU(%a)
  })"));
}

TEST(BoundariesTest, OneDequantizeForAllReaders) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%p, %q, %r) {
    %p: float32[2] = SIN(%x)
    %q: float32[2] = COS(%x)
    %r: float32[2] = POW(%x, %x) {}
  })",
                     "tensor %x: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%p, %q, %r) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    %p: float32[2] = SIN(%x_dequant)
    %q: float32[2] = COS(%x_dequant)
    %r: float32[2] = POW(%x_dequant, %x_dequant) {}
  })"));
}

// Reshape keeps its input's parameters, which forward gave all the way down to %b.
TEST(BoundariesTest, AMoverWithOtherParametersIsRequantizedBehind) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y) {
    const %shape: int32[1] = {2}
    %a: float32[2] = RESHAPE(%x, %shape) {}
    %y: float32[2] = RESHAPE(%a, %shape) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y) {
    const %shape: int32[1] = {2}
    %a: int8[2] q(1, 3) = RESHAPE(%x, %shape) {}
    %y_quantized: int8[2] q(1, 3) = RESHAPE(%a, %shape) {}
    %y: int8[2] q(2, 0) = QUANTIZE@2(%y_quantized) {}
  })"));
}

TEST(BoundariesTest, OneRequantizeForAllReadersThatWantTheSame) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1], %z: float32[1]) -> (%p, %q, %r) {
    %p: float32[2] = CONCATENATION(%x, %z) {}
    %q: float32[2] = CONCATENATION(%z, %x) {}
    %r: float32[2] = CONCATENATION(%x, %x) {}
  })",
                     R"(
    tensor %x: int8[] q(1, 3)
    tensor %z: int8[] q(2, 0)
    tensor %p: int8[] q(2, 0)
    tensor %q: int8[] q(2, 0)
    tensor %r: int8[] q(4, 0)
  )"),
            Canonical(R"(graph (%x: int8[1] q(1, 3), %z: int8[1] q(2, 0)) -> (%p, %q, %r) {
    %x_quantized: int8[1] q(2, 0) = QUANTIZE@2(%x) {}
    %x_quantized_1: int8[1] q(4, 0) = QUANTIZE@2(%x) {}
    %p: int8[2] q(2, 0) = CONCATENATION(%x_quantized, %z) {}
    %q: int8[2] q(2, 0) = CONCATENATION(%z, %x_quantized) {}
    %r: int8[2] q(4, 0) = CONCATENATION(%x_quantized_1, %x_quantized_1) {}
  })"));
}

TEST(BoundariesTest, FormsOfOneTensorStandNextToItsProducer) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1]) -> (%p, %q, %r) {
    %a: float32[1] = ADD(%x, %x) {}
    %r: float32[1] = SIN(%r0)
    tensor %r0: float32[1]
    %p: float32[2] = CONCATENATION(%a, %a) {}
    %q: float32[1] = SIN(%a)
  })",
                     R"(
    tensor %x: int8[] q(1, 3)
    tensor %a: int8[] q(2, 0)
    tensor %p: int8[] q(4, 0)
  )"),
            Canonical(R"(graph (%x: int8[1] q(1, 3)) -> (%p, %q, %r) {
    %a: int8[1] q(2, 0) = ADD(%x, %x) {}
    %a_quantized: int8[1] q(4, 0) = QUANTIZE@2(%a) {}
    %a_dequant: float32[1] = DEQUANTIZE@2(%a) {}
    tensor %r0: float32[1]
    %r: float32[1] = SIN(%r0)
    %p: int8[2] q(4, 0) = CONCATENATION(%a_quantized, %a_quantized) {}
    %q: float32[1] = SIN(%a_dequant)
  })"));
}

TEST(BoundariesTest, NewNamesAreUniqueInTheModel) {
  EXPECT_EQ(Quantize(R"(
  graph (%x: float32[2], %x_dequant: float32[2]) -> (%y, %z) {
    %y: float32[2] = SIN(%x)
    %z: float32[2] = SIN(%x_dequant)
  }
  graph (%x_dequant_1: float32[2]) -> () {})",
                     R"(tensor %x: int8[] q(0.5, 3))"),
            Canonical(R"(
  graph (%x: int8[2] q(0.5, 3), %x_dequant: float32[2]) -> (%y, %z) {
    %x_dequant_2: float32[2] = DEQUANTIZE@2(%x) {}
    %y: float32[2] = SIN(%x_dequant_2)
    %z: float32[2] = SIN(%x_dequant)
  }
  graph (%x_dequant_1: float32[2]) -> () {})"));
}

TEST(BoundariesTest, NewTensorsKeepTheShape) {
  EXPECT_EQ(Quantize("graph (%x: float32[?,3]) -> (%y) { %y: float32[?,3] = SIN(%x) }",
                     "tensor %x: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: int8[?,3] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[?,3] = DEQUANTIZE@2(%x) {}
    %y: float32[?,3] = SIN(%x_dequant)
  })"));
}

TEST(BoundariesTest, StaleRangesGoWhereParametersCome) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2] range(-1, 1)) -> (%y) {
    %y: float32[2] range(0, 1) = SIN(%x)
  })",
                     "tensor %x: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    %y: float32[2] range(0, 1) = SIN(%x_dequant)
  })"));
}

TEST(BoundariesTest, IntegerTensorsOfTheModelStay) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2], %q: int8[2] q(0.5, 3)) -> (%y, %z) {
    %d: float32[2] = DEQUANTIZE@2(%q) {}
    %y: float32[2] = ADD(%x, %d) {}
    %z: int8[2] q(0.5, 3) = ABS(%q) {}
  })",
                     "tensor %d: int8[] q(1, 0)  tensor %x: int8[] q(1, 0)"
                     "tensor %y: int8[] q(2, 0)"),
            Canonical(R"(graph (%x: int8[2] q(1, 0), %q: int8[2] q(0.5, 3)) -> (%y, %z) {
    %d_float: float32[2] = DEQUANTIZE@2(%q) {}
    %d: int8[2] q(1, 0) = QUANTIZE(%d_float) {}
    %y: int8[2] q(2, 0) = ADD(%x, %d) {}
    %z: int8[2] q(0.5, 3) = ABS(%q) {}
  })"));
}

// --- several types ---

TEST(BoundariesTest, TypesMeetAtAQuantize) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1], %z: float32[1]) -> (%y) {
    %y: float32[1] = ADD(%x, %z) {}
  })",
                     R"(
    tensor %x: int8[] q(1, 3)
    tensor %z: int16[] q(1, 0)
    tensor %y: int8[] q(1, 3)
  )"),
            Canonical(R"(graph (%x: int8[1] q(1, 3), %z: int16[1] q(1, 0)) -> (%y) {
    %x_quantized: int16[1] q(0.0039979247, 0) = QUANTIZE@2(%x) {}
    %y_quantized: int16[1] q(0.0039979247, 0) = ADD(%x_quantized, %z) {}
    %y: int8[1] q(1, 3) = QUANTIZE@2(%y_quantized) {}
  })"));
}

// --- graph inputs and outputs ---

constexpr char kAdd[] = R"(graph main(%x: float32[2]) -> (%y) {
    %y: float32[2] = ADD(%x, %x) {}
  }
  signature serving_default of graph 0 (in: %x) -> (out: %y))";
constexpr char kAddParams[] = "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)";

TEST(BoundariesTest, InputsAndOutputsTakeTheAnnotatedType) {
  EXPECT_EQ(Quantize(kAdd, kAddParams), Canonical(R"(graph main(%x: int8[2] q(1, 3)) -> (%y) {
    %y: int8[2] q(2, 0) = ADD(%x, %x) {}
  }
  signature serving_default of graph 0 (in: %x) -> (out: %y))"));
}

TEST(BoundariesTest, InputsAndOutputsThatStayFloat32) {
  EXPECT_EQ(Quantize(kAdd, kAddParams, {.input_types = kFloat32, .output_types = kFloat32}),
            Canonical(R"(graph main(%x: float32[2]) -> (%y) {
    %x_quantized: int8[2] q(1, 3) = QUANTIZE(%x) {}
    %y_quantized: int8[2] q(2, 0) = ADD(%x_quantized, %x_quantized) {}
    %y: float32[2] = DEQUANTIZE@2(%y_quantized) {}
  }
  signature serving_default of graph 0 (in: %x) -> (out: %y))"));
}

TEST(BoundariesTest, ReadersOfAnOutputThatStaysFloat32) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y, %z, %s) {
    %y: float32[2] = ADD(%x, %x) {}
    %z: float32[2] = ADD(%y, %y) {}
    %s: float32[2] = SIN(%y)
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"
                     "tensor %z: int8[] q(4, 0)",
                     {.output_types = kFloat32}),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y, %z, %s) {
    %y_quantized: int8[2] q(2, 0) = ADD(%x, %x) {}
    %y: float32[2] = DEQUANTIZE@2(%y_quantized) {}
    %z_quantized: int8[2] q(4, 0) = ADD(%y_quantized, %y_quantized) {}
    %z: float32[2] = DEQUANTIZE@2(%z_quantized) {}
    %s: float32[2] = SIN(%y)
  })"));
}

// As for float32, what the tensor is annotated as is kept: inside, all read the twin.
TEST(BoundariesTest, ReadersOfAnInputOfAnotherType) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1]) -> (%p, %q, %s) {
    %p: float32[2] = CONCATENATION(%x, %x) {}
    %q: float32[1] = SIN(%x)
    %s: float32[1] = ABS(%x) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %p: int8[] q(2, 0)"
                     "tensor %s: int8[] q(1, 3)",
                     {.input_types = kUint8}),
            Canonical(R"(graph (%x: uint8[1] q(1, 131)) -> (%p, %q, %s) {
    %x_quantized: int8[1] q(1, 3) = QUANTIZE@2(%x) {}
    %x_quantized_1: int8[1] q(2, 0) = QUANTIZE@2(%x_quantized) {}
    %x_dequant: float32[1] = DEQUANTIZE@2(%x_quantized) {}
    %p: int8[2] q(2, 0) = CONCATENATION(%x_quantized_1, %x_quantized_1) {}
    %q: float32[1] = SIN(%x_dequant)
    %s: int8[1] q(1, 3) = ABS(%x_quantized) {}
  })"));
}

TEST(BoundariesTest, ReadersOfAnOutputOfAnotherType) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y, %z, %s) {
    %y: float32[2] = ADD(%x, %x) {}
    %z: float32[2] = SIN(%y)
    %s: float32[2] = ABS(%y) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"
                     "tensor %z: int8[] q(0.5, 0) tensor %s: int8[] q(2, 0)",
                     {.output_types = kUint8}),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y, %z, %s) {
    %y_quantized: int8[2] q(2, 0) = ADD(%x, %x) {}
    %y: uint8[2] q(2, 128) = QUANTIZE@2(%y_quantized) {}
    %y_dequant: float32[2] = DEQUANTIZE@2(%y_quantized) {}
    %z_float: float32[2] = SIN(%y_dequant)
    %z_quantized: int8[2] q(0.5, 0) = QUANTIZE@2(%z_float) {}
    %z: uint8[2] q(0.5, 128) = QUANTIZE@2(%z_quantized) {}
    %s_quantized: int8[2] q(2, 0) = ABS(%y_quantized) {}
    %s: uint8[2] q(2, 128) = QUANTIZE@2(%s_quantized) {}
  })"));
}

TEST(BoundariesTest, UntouchedInputsAndOutputsStay) {
  EXPECT_EQ(
      Quantize(R"(graph (%x: float32[2], %i: int32[2]) -> (%y, %j) {
    %y: float32[2] = SIN(%x)
    %j: int32[2] = ADD(%i, %i) {}
    %a: float32[2] = COS(%x)
  })",
               "tensor %a: int8[] q(1, 3)", {.input_types = kFloat32, .output_types = kFloat32}),
      Canonical(R"(graph (%x: float32[2], %i: int32[2]) -> (%y, %j) {
    %y: float32[2] = SIN(%x)
    %j: int32[2] = ADD(%i, %i) {}
    %a_float: float32[2] = COS(%x)
    %a: int8[2] q(1, 3) = QUANTIZE(%a_float) {}
  })"));
}

TEST(BoundariesTest, AnInputThatNobodyReadsGetsNoTwin) {
  EXPECT_EQ(Quantize("graph (%x: float32[2]) -> () {}", "tensor %x: int8[] q(1, 3)",
                     {.input_types = kFloat32}),
            Canonical("graph (%x: float32[2]) -> () {}"));
  EXPECT_EQ(Quantize("graph (%x: float32[2]) -> () {}", "tensor %x: int8[] q(1, 3)",
                     {.input_types = kUint8}),
            Canonical("graph (%x: uint8[2] q(1, 131)) -> () {}"));
}

constexpr char kThrough[] = R"(graph (%x: float32[2]) -> (%x, %y) {
    %y: float32[2] = ADD(%x, %x) {}
  }
  signature s of graph 0 (in: %x) -> (same: %x, out: %y))";

TEST(BoundariesTest, AnInputThatIsAnOutputTakesTheType) {
  EXPECT_EQ(Quantize(kThrough, kAddParams), Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%x, %y) {
    %y: int8[2] q(2, 0) = ADD(%x, %x) {}
  }
  signature s of graph 0 (in: %x) -> (same: %x, out: %y))"));
}

TEST(BoundariesTest, AnInputThatIsAnOutputComesOutAsANewTensor) {
  EXPECT_EQ(Quantize(kThrough, kAddParams, {.input_types = kFloat32}),
            Canonical(R"(graph (%x: float32[2]) -> (%x_quantized, %y) {
    %x_quantized: int8[2] q(1, 3) = QUANTIZE(%x) {}
    %y: int8[2] q(2, 0) = ADD(%x_quantized, %x_quantized) {}
  }
  signature s of graph 0 (in: %x) -> (same: %x_quantized, out: %y))"));
  EXPECT_EQ(Quantize(kThrough, kAddParams, {.output_types = kFloat32}),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%x_dequant, %y) {
    %y_quantized: int8[2] q(2, 0) = ADD(%x, %x) {}
    %y: float32[2] = DEQUANTIZE@2(%y_quantized) {}
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
  }
  signature s of graph 0 (in: %x) -> (same: %x_dequant, out: %y))"));
}

TEST(BoundariesTest, AnInputThatIsAnOutputOfAnotherType) {
  EXPECT_EQ(Quantize(kThrough, kAddParams, {.output_types = kUint8}),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%x_quantized, %y) {
    %y_quantized: int8[2] q(2, 0) = ADD(%x, %x) {}
    %y: uint8[2] q(2, 128) = QUANTIZE@2(%y_quantized) {}
    %x_quantized: uint8[2] q(1, 131) = QUANTIZE@2(%x) {}
  }
  signature s of graph 0 (in: %x) -> (same: %x_quantized, out: %y))"));
  EXPECT_EQ(Quantize(kThrough, kAddParams, {.input_types = kUint8, .output_types = kFloat32}),
            Canonical(R"(graph (%x: uint8[2] q(1, 131)) -> (%x_dequant, %y) {
    %x_quantized: int8[2] q(1, 3) = QUANTIZE@2(%x) {}
    %y_quantized: int8[2] q(2, 0) = ADD(%x_quantized, %x_quantized) {}
    %y: float32[2] = DEQUANTIZE@2(%y_quantized) {}
    %x_dequant: float32[2] = DEQUANTIZE@2(%x_quantized) {}
  }
  signature s of graph 0 (in: %x) -> (same: %x_dequant, out: %y))"));
}

TEST(BoundariesTest, AConstantThatIsAnOutput) {
  constexpr char kGraph[] = R"(graph () -> (%c) { const %c: float32[2] = {1, 2} })";
  EXPECT_EQ(Quantize(kGraph, "tensor %c: int8[] q(0.5, 3)"),
            Canonical("graph () -> (%c) { const %c: int8[2] q(0.5, 3) = {5, 7} }"));
  EXPECT_EQ(Quantize(kGraph, "tensor %c: int8[] q(0.5, 3)", {.output_types = kFloat32}),
            Canonical(kGraph));
  EXPECT_EQ(Quantize(kGraph, "const %c: int8[2] q(0.5, 3) = {5, 9}", {.output_types = kFloat32}),
            Canonical("graph () -> (%c) { const %c: float32[2] = {1, 3} }"));
  EXPECT_EQ(Quantize(kGraph, "const %c: int8[2] q(0.5, 3) = {5, 9}", {.output_types = kUint8}),
            Canonical("graph () -> (%c) { const %c: uint8[2] q(0.5, 131) = {133, 137} }"));
}

// Both readers get what the annotation makes of it: 0.75 is 1 in steps of 0.5.
TEST(BoundariesTest, ReadersOfAConstantThatIsAnOutputOfAnotherType) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1], %f: float32[1]) -> (%c, %y, %z) {
    const %c: float32[1] = {0.75}
    %y: float32[1] = ADD(%x, %c) {}
    %z: float32[1] = POW(%f, %c) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %c: int8[] q(0.5, 0)"
                     "tensor %y: int8[] q(2, 0)",
                     {.output_types = IoTypes({circle::TensorType_INT16, circle::TensorType_INT8,
                                               circle::TensorType_FLOAT32})}),
            Canonical(R"(graph (%x: int8[1] q(1, 3), %f: float32[1]) -> (%c, %y, %z) {
    const %c: int16[1] q(0.0019531846, 0) = {512}
    const %c_dup: int8[1] q(0.5, 0) = {2}
    %y: int8[1] q(2, 0) = ADD(%x, %c_dup) {}
    const %c_dequant: float32[1] = {1}
    %z: float32[1] = POW(%f, %c_dequant) {}
  })"));
}

// --- constants ---

TEST(BoundariesTest, WeightsOfAnIslandStandBehindADequantize) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, -1, 0.5, 0.25}
    %a: float32[1,2] = SIN(%x)
    %y: float32[1,2] = FULLY_CONNECTED(%a, %w, _) {}
  })",
                     "tensor %w: int8[] q(0.25, 0)"),
            Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    %a: float32[1,2] = SIN(%x)
    const %w: int8[2,2] q(0.25, 0) = {4, -4, 2, 1}
    %w_dequant: float32[2,2] = DEQUANTIZE@2(%w) {}
    %y: float32[1,2] = FULLY_CONNECTED(%a, %w_dequant, _) {}
  })"));
}

TEST(BoundariesTest, WeightsThatAnIntegerNodeAndAnIslandShare) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2], %u: float32[1,2]) -> (%y, %v) {
    const %w: float32[2,2] = {1, -1, 0.5, 0.25}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %v: float32[1,2] = FULLY_CONNECTED(%u, %w, _) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %w: int8[] q(0.25, 0)"
                     "tensor %y: int8[] q(2, 0)"),
            Canonical(R"(graph (%x: int8[1,2] q(1, 3), %u: float32[1,2]) -> (%y, %v) {
    const %w: int8[2,2] q(0.25, 0) = {4, -4, 2, 1}
    %y: int8[1,2] q(2, 0) = FULLY_CONNECTED(%x, %w, _) {}
    %w_dequant: float32[2,2] = DEQUANTIZE@2(%w) {}
    %v: float32[1,2] = FULLY_CONNECTED(%u, %w_dequant, _) {}
  })"));
}

// Addends whose parameters were derived: the float32 constant stays for the island.
TEST(BoundariesTest, AConstantThatAnIntegerNodeAndAnIslandShare) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y, %z) {
    const %c: float32[2] = {0, 5}
    %y: float32[2] = ADD(%x, %c) {}
    %z: float32[2] = SIN(%c)
  })",
                     kAddParams),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y, %z) {
    const %c_dup: int8[2] q(0.019607844, -128) = {-128, 127}
    %y: int8[2] q(2, 0) = ADD(%x, %c_dup) {}
    const %c: float32[2] = {0, 5}
    %z: float32[2] = SIN(%c)
  })"));
}

// The constant takes the form that its first reader wants.
TEST(BoundariesTest, AConstantOfWhichTwoIntegerNodesWantDifferentThings) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y, %z, %t) {
    const %c: float32[2] = {0, 6}
    %y: float32[2] = MAXIMUM(%x, %c) {}
    %z: float32[2] = MAXIMUM(%x, %c) {}
    %t: float32[2] = MINIMUM(%x, %c) {}
  })",
                     R"(
    tensor %x: int8[] q(1, 3)
    tensor %y: int8[] q(1, 3)
    tensor %z: int8[] q(2, 1)
    tensor %t: int8[] q(1, 3)
  )"),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y, %z, %t) {
    %x_quantized: int8[2] q(2, 1) = QUANTIZE@2(%x) {}
    const %c: int8[2] q(1, 3) = {3, 9}
    %y: int8[2] q(1, 3) = MAXIMUM(%x, %c) {}
    const %c_dup: int8[2] q(2, 1) = {1, 4}
    %z: int8[2] q(2, 1) = MAXIMUM(%x_quantized, %c_dup) {}
    %t: int8[2] q(1, 3) = MINIMUM(%x, %c) {}
  })"));
}

TEST(BoundariesTest, ABiasThatTwoIntegerNodesShare) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,1]) -> (%y, %z) {
    const %w: float32[1,1] = {1}
    const %v: float32[1,1] = {2}
    const %b: float32[1] = {1}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
    %z: float32[1,1] = FULLY_CONNECTED(%x, %v, %b) {}
  })",
                     R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %w: int8[] q(0.25, 0)
    tensor %v: int8[] q(0.5, 0)
    tensor %y: int8[] q(1, 0)
    tensor %z: int8[] q(2, 0)
  )"),
            Canonical(R"(graph (%x: int8[1,1] q(0.5, 3)) -> (%y, %z) {
    const %w: int8[1,1] q(0.25, 0) = {4}
    const %b: int32[1] q(0.125, 0) = {8}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    const %v: int8[1,1] q(0.5, 0) = {4}
    const %b_dup: int32[1] q(0.25, 0) = {4}
    %z: int8[1,1] q(2, 0) = FULLY_CONNECTED(%x, %v, %b_dup) {}
  })"));
}

constexpr char kBiasIsFloat[] =
    "warning: model.circle: tensor 'b': the bias is float32 again, with the values that its "
    "integers stand for, since its operator stays float32; --verbose says why the operator does\n";

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

TEST(BoundariesTest, AnAnnotatedConstantThatNobodyReads) {
  EXPECT_EQ(Quantize("graph () -> () { const %c: float32[2] = {1, 2} }",
                     "const %c: uint4[2] q(0.5, 3) = {15, 0}"),
            Canonical("graph () -> () { const %c: uint4[2] q(0.5, 3) = {15, 0} }"));
}

// Data can't have a scale per channel, so the node stays float32.
TEST(BoundariesTest, AConstantWithAScalePerChannelElsewhere) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {1, 2}
    %y: float32[2] = ADD(%x, %c) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"
                     "tensor %c: int8[] q([0.5, 0.25], 0, axis 0)"),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    const %c: int8[2] q([0.5, 0.25], 0, axis 0) = {2, 8}
    %c_dequant: float32[2] = DEQUANTIZE@2(%c) {}
    %y_float: float32[2] = ADD(%x_dequant, %c_dequant) {}
    %y: int8[2] q(2, 0) = QUANTIZE(%y_float) {}
  })"));
}

// What reads float16 reads the integers just as well. A Dequantize to a graph output is not folded.
TEST(BoundariesTest, AnAnnotatedFloat16ConstantBehindItsDequantize) {
  EXPECT_EQ(Quantize(R"(graph () -> (%c) {
    const %h: float16[2] = {1, 2}
    %c: float32[2] = DEQUANTIZE@3(%h) {}
  })",
                     "tensor %h: int8[] q(0.5, 3)"),
            Canonical(R"(graph () -> (%c) {
    const %h: int8[2] q(0.5, 3) = {5, 7}
    %c: float32[2] = DEQUANTIZE@3(%h) {}
  })"));
}

TEST(BoundariesTest, AConstantThatHoldsNaNIsAnError) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, nan, 0.5, 0.25}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                     "tensor %w: int8[] q(0.25, 0)"),
            "error: model.circle: tensor 'w': the constant can't be quantized: expected numbers, "
            "found NaN at element 1; mend the model, or import the integers with 'value'\n");
}

// A constant that takes several forms is told of once, and nothing is made of what could not be.
TEST(BoundariesTest, NaNInAConstantThatStaysFloat32IsAnErrorToo) {
  constexpr char kError[] =
      ": the constant can't be quantized: expected numbers, found NaN at element 1; mend the "
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

TEST(BoundariesTest, OtherConstantsUseTheWholeRange) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {-100, 100}
    %y: float32[2] = ADD(%x, %c) {}
  })",
                     "tensor %x: int8[] q(1, 3)  tensor %y: int8[] q(2, 0)"
                     "tensor %c: int8[] q(0.5, 0)"),
            Canonical(R"(graph (%x: int8[2] q(1, 3)) -> (%y) {
    const %c: int8[2] q(0.5, 0) = {-128, 127}
    %y: int8[2] q(2, 0) = ADD(%x, %c) {}
  })"));
}

// --- shared buffers ---

TEST(BoundariesTest, ASharedBufferIsNeverOverwritten) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] buffer 1 = {1, 2}
    const %d: float32[2] buffer 1 = {1, 2}
    const %e: float32[2] buffer 1 = {1, 2}
    %a: float32[2] = POW(%x, %c) {}
    %b: float32[2] = POW(%a, %d) {}
    %y: float32[2] = POW(%b, %e) {}
  })",
                     "tensor %c: int8[] q(0.5, 3)  tensor %d: int8[] q(1, 0)"),
            Canonical(R"(graph (%x: float32[2]) -> (%y) {
    const %c: int8[2] q(0.5, 3) = {5, 7}
    %c_dequant: float32[2] = DEQUANTIZE@2(%c) {}
    %a: float32[2] = POW(%x, %c_dequant) {}
    const %d: int8[2] q(1, 0) = {1, 2}
    %d_dequant: float32[2] = DEQUANTIZE@2(%d) {}
    %b: float32[2] = POW(%a, %d_dequant) {}
    const %e: float32[2] = {1, 2}
    %y: float32[2] = POW(%b, %e) {}
  })"));
}

TEST(BoundariesTest, ABufferSharedAcrossGraphs) {
  EXPECT_EQ(Quantize(R"(
  graph () -> () { const %c: float32[2] buffer 1 = {1, 2} }
  graph () -> () { const %d: float32[2] buffer 1 = {1, 2} })",
                     "tensor %c: int8[] q(0.5, 3)"),
            Canonical(R"(
  graph () -> () { const %c: int8[2] q(0.5, 3) = {5, 7} }
  graph () -> () { const %d: float32[2] = {1, 2} })"));
}

// --- calls ---

TEST(BoundariesTest, WhatCrossesACallIsFloat32) {
  EXPECT_EQ(Quantize(R"(
  graph main(%x: float32[1]) -> (%y) {
    %y: float32[1] = WHILE(%x) {cond_subgraph_index: 1, body_subgraph_index: 2}
  }
  graph cond(%i: float32[1]) -> (%c) { %c: bool[1] = LESS(%i, %i) {} }
  graph body(%a: float32[1]) -> (%b) { %b: float32[1] = ADD(%a, %a) {} })",
                     R"(
    tensor %x: int8[] q(1, 3)
    tensor %y: int8[] q(2, 0)
    tensor %i: int8[] q(0.5, 3)
    tensor %a: int8[] q(1, 3)
    tensor %b: int8[] q(2, 0)
  )"),
            Canonical(R"(
  graph main(%x: int8[1] q(1, 3)) -> (%y) {
    %x_dequant: float32[1] = DEQUANTIZE@2(%x) {}
    %y_float: float32[1] = WHILE(%x_dequant) {cond_subgraph_index: 1, body_subgraph_index: 2}
    %y: int8[1] q(2, 0) = QUANTIZE(%y_float) {}
  }
  graph cond(%i: float32[1]) -> (%c) {
    %i_quantized: int8[1] q(0.5, 3) = QUANTIZE(%i) {}
    %c: bool[1] = LESS(%i_quantized, %i_quantized) {}
  }
  graph body(%a: float32[1]) -> (%b) {
    %a_quantized: int8[1] q(1, 3) = QUANTIZE(%a) {}
    %b_quantized: int8[1] q(2, 0) = ADD(%a_quantized, %a_quantized) {}
    %b: float32[1] = DEQUANTIZE@2(%b_quantized) {}
  })"));
}

// No runtime dequantizes uint4; without a target what was told is written.
TEST(BoundariesTest, AConstantThatNoRuntimeDequantizes) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[1,2] = {1, 2}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                     "tensor %w: uint4[] q(0.5, 3)"),
            Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: uint4[1,2] q(0.5, 3) = {5, 7}
    %w_dequant: float32[1,2] = DEQUANTIZE@3(%w) {}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w_dequant, _) {}
  })"));
}

// TensorFlow's converter of 2019 gave them one; it means nothing.
TEST(BoundariesTest, AShapeWithAScaleIsReadAsItIs) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2]) -> (%z) {
    const %c: int32[2] q(1) = {2, 1}
    %y: float32[2,1] = RESHAPE(%x, %c)
    %z: float32[2,1] = SIN(%y)
  })",
                     "tensor %x: int8[] q(0.5, 3)\ntensor %y: int8[] q(0.5, 3)"),
            Canonical(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%z) {
    const %c: int32[2] q(1) = {2, 1}
    %y: int8[2,1] q(0.5, 3) = RESHAPE(%x, %c)
    %y_dequant: float32[2,1] = DEQUANTIZE@2(%y) {}
    %z: float32[2,1] = SIN(%y_dequant)
  })"));
}

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

// onert requantizes over float32, which SIN reads as well: one Dequantize does for both.
TEST(BoundariesTest, AFormInBetweenThatIsThereAlready) {
  EXPECT_EQ(Quantize(R"(graph (%x: float32[1,2], %z: float32[1,2]) -> (%s, %y) {
    %s: float32[1,2] = SIN(%x)
    %y: float32[1,2] = MAXIMUM(%x, %z) {}
  })",
                     R"(
    tensor %x: uint8[] q(0.5, 3)
    tensor %z: uint8[] q(0.25, 7)
    tensor %y: uint8[] q(0.25, 7)
  )",
                     {.target = Target::kOnert}),
            R"(graph (%x: uint8[1,2] q(0.5, 3), %z: uint8[1,2] q(0.25, 7)) -> (%s, %y) {
  %x_dequant: float32[1,2] = DEQUANTIZE(%x) {}
  %x_quantized: uint8[1,2] q(0.25, 7) = QUANTIZE(%x_dequant) {}
  %s: float32[1,2] = SIN(%x_dequant)
  %y: uint8[1,2] q(0.25, 7) = MAXIMUM(%x_quantized, %z) {}
}
)");
}

}  // namespace
}  // namespace q_implant
