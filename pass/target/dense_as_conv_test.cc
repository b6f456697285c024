// SPDX-License-Identifier: Apache-2.0
#include "pass/target/dense_as_conv.h"

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

const QuantizeOptions kForOnert = {.target = Target::kOnert};

constexpr char kDense[] = R"(graph (%x: float32[2,3]) -> (%y) {
  const %w: float32[2,3] = {1, -1, 0.5, 0.5, 0.25, -0.5}
  const %b: float32[2] = {1, -1}
  %y: float32[2,2] = FULLY_CONNECTED(%x, %w, %b) {fused_activation_function: RELU}
})";
constexpr char kPerChannel[] = R"(
  tensor %x: uint8[] q(0.5, 128)
  const %w: int8[2,3] q([0.0078125, 0.00390625], 0, axis 0) = {127, -128, 64, 127, 64, -127}
  tensor %y: uint8[] q(0.03125, 0))";

TEST(DenseAsConvTest, LiteRtHasAKernel) {
  EXPECT_EQ(RunPass(kDense, kPerChannel, {.target = Target::kLiteRt}).model.find("CONV_2D"),
            std::string::npos);
}

// Without parameters for the data it would be a float32 convolution: nothing is gained.
TEST(DenseAsConvTest, Float32Stays) {
  EXPECT_EQ(RunPass(kDense, "tensor %w: int8[] q([0.0078125, 0.00390625], 0, axis 0)", kForOnert)
                .model.find("CONV_2D"),
            std::string::npos);
}

// Three dimensions, a batch that is not known, no bias, and weights that a Gather reads too.
TEST(DenseAsConvTest, SharedWeightsAndAnOpenBatch) {
  EXPECT_EQ(RunPass(R"(graph (%x: float32[?,2,3], %i: int32[1]) -> (%y, %row) {
    const %w: float32[2,3] = {1, -1, 0.5, 0.5, 0.25, -0.5}
    %y: float32[?,2,2] = FULLY_CONNECTED(%x, %w, _) {keep_num_dims: true}
    %row: float32[1,3] = GATHER(%w, %i) {}
  })",
                    R"(
    tensor %x: uint8[] q(0.5, 128)
    tensor %w: uint8[] q([0.0078125, 0.00390625], 128, axis 0)
    tensor %y: uint8[] q(0.03125, 0))",
                    kForOnert)
                .model,
            R"(graph (%x: uint8[1,2,3] q(0.5, 128), %i: int32[1]) -> (%y, %row) {
  const %x_between_shape: int32[4] = {-1, 1, 1, 3}
  %x_between: uint8[2,1,1,3] q(0.5, 128) = RESHAPE(%x, %x_between_shape) {}
  const %w_part: uint8[2,1,1,3] q([0.0078125, 0.00390625], 128, axis 0) = {255, 0, 192, 255, 192, 0}
  const %y_between_bias: int32[2] q([0.00390625, 0.001953125], 0, axis 0) = {0, 0}
  %y_between: uint8[2,1,1,2] q(0.03125, 0) = CONV_2D(%x_between, %w_part, %y_between_bias) {padding: VALID, stride_w: 1, stride_h: 1}
  const %y_numbers: int32[3] = {-1, 2, 2}
  %y: uint8[1,2,2] q(0.03125, 0) = RESHAPE(%y_between, %y_numbers) {}
  const %w: float32[2,3] = {0.9921875, -1, 0.5, 0.49609375, 0.25, -0.5}
  %row: float32[1,3] = GATHER(%w, %i) {}
}
)");
}

constexpr char kTwoReaders[] = R"(graph (%x: uint8[1,2] q(0.5, 128)) -> (%z) {
  const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {129, 130, 131, 132}
  const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
  %y: uint8[1,2] q(0.5, 128) = FULLY_CONNECTED(%x, %w, %b) {}
  %z: uint8[1,2] q(1, 128) = FULLY_CONNECTED(%y, %w, %b) {}
})";

// The weights themselves take the new shape where all that read them become convolutions.
TEST(DenseAsConvTest, WeightsOfTwoLayers) {
  const Outcome outcome = RunPass(kTwoReaders, "", kForOnert);
  EXPECT_EQ(outcome.model, R"(graph (%x: uint8[1,2] q(0.5, 128)) -> (%z) {
  const %x_between_shape: int32[4] = {1, 1, 1, 2}
  %x_between: uint8[1,1,1,2] q(0.5, 128) = RESHAPE(%x, %x_between_shape) {}
  const %w: uint8[2,1,1,2] q([0.5, 0.25], 128, axis 0) = {129, 130, 131, 132}
  const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
  %y_between: uint8[1,1,1,2] q(0.5, 128) = CONV_2D(%x_between, %w, %b) {padding: VALID, stride_w: 1, stride_h: 1}
  const %y_shape: int32[2] = {1, 2}
  %y: uint8[1,2] q(0.5, 128) = RESHAPE(%y_between, %y_shape) {}
  %y_between_1: uint8[1,1,1,2] q(0.5, 128) = RESHAPE(%y, %x_between_shape) {}
  %z_between: uint8[1,1,1,2] q(1, 128) = CONV_2D(%y_between_1, %w, %b) {padding: VALID, stride_w: 1, stride_h: 1}
  %z: uint8[1,2] q(1, 128) = RESHAPE(%z_between, %y_shape) {}
}
)");
}

// A twin of what came quantized has its integers.
TEST(DenseAsConvTest, WeightsOfAQuantizedModelThatAnotherNodeReadsToo) {
  const Outcome outcome = RunPass(R"(graph (%x: uint8[1,2] q(0.5, 128)) -> (%y, %f) {
  const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {129, 130, 131, 132}
  const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
  %y: uint8[1,2] q(0.5, 128) = FULLY_CONNECTED(%x, %w, %b) {}
  %f: uint8[1,2] q(0.5, 128) = CUSTOM "mine"(%w)
})",
                                  "", kForOnert);
  EXPECT_NE(
      outcome.model.find("const %w_part: uint8[2,1,1,2] q([0.5, 0.25], 128, axis 0) buffer 1 = "
                         "{129, 130, 131, 132}"),
      std::string::npos)
      << outcome.model;
}

// Beyond what onert's kernel computes rightly the convolution would stay float32.
TEST(DenseAsConvTest, AQuantizedModelWhoseScalesAreTooFarApart) {
  const Outcome outcome = RunPass(R"(graph (%x: uint8[1,2] q(0.5, 128)) -> (%y) {
  const %w: uint8[2,2] q([1e20, 2e20], 128, axis 0) = {129, 130, 131, 132}
  const %b: int32[2] q([5e19, 1e20], 0, axis 0) = {1, 2}
  %y: uint8[1,2] q(0.5, 128) = FULLY_CONNECTED(%x, %w, %b) {}
})",
                                  "", kForOnert);
  EXPECT_TRUE(outcome.ok) << outcome.model;
  EXPECT_EQ(outcome.model.find("CONV_2D"), std::string::npos) << outcome.model;
}

// No rule would make the bias float32, however large it is.
TEST(DenseAsConvTest, AQuantizedModelWhoseBiasIsLarge) {
  const Outcome outcome = RunPass(R"(graph (%x: uint8[1,2] q(0.5, 128)) -> (%y) {
  const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {129, 130, 131, 132}
  const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {2147483647, -2147483648}
  %y: uint8[1,2] q(0.5, 128) = FULLY_CONNECTED(%x, %w, %b) {}
})",
                                  "", kForOnert);
  EXPECT_TRUE(outcome.ok) << outcome.model;
  EXPECT_EQ(outcome.model.find("_float"), std::string::npos) << outcome.model;
}

// Any shape holds what lies between: of Reshapes behind each other the last one is left.
TEST(DenseAsConvTest, ReshapesBehindEachOther) {
  EXPECT_EQ(RunPass(R"(graph (%x: float32[2,3]) -> (%z) {
    const %w: float32[2,3] = {1, -1, 0.5, 0.5, 0.25, -0.5}
    const %four: int32[1] = {4}
    const %one_four: int32[2] = {1, 4}
    %y: float32[2,2] = FULLY_CONNECTED(%x, %w, _) {}
    %u: float32[4] = RESHAPE(%y, %four) {}
    %v: float32[1,4] = RESHAPE(%u, %one_four) {}
    %z: float32[1,4] = LOGISTIC(%v)
  })",
                    R"(
    tensor %x: uint8[] q(0.5, 128)
    const %w: uint8[2,3] q([0.0078125, 0.00390625], 128, axis 0) = {255, 0, 192, 255, 192, 1}
    tensor %v: uint8[] q(0.03125, 0)
    tensor %z: uint8[] q(0.00390625, 0))",
                    kForOnert)
                .model,
            R"(graph (%x: uint8[2,3] q(0.5, 128)) -> (%z) {
  const %x_between_shape: int32[4] = {2, 1, 1, 3}
  %x_between: uint8[2,1,1,3] q(0.5, 128) = RESHAPE(%x, %x_between_shape) {}
  const %w: uint8[2,1,1,3] q([0.0078125, 0.00390625], 128, axis 0) = {255, 0, 192, 255, 192, 1}
  const %y_bias: int32[2] q([0.00390625, 0.001953125], 0, axis 0) = {0, 0}
  %u: uint8[2,1,1,2] q(0.03125, 0) = CONV_2D(%x_between, %w, %y_bias) {padding: VALID, stride_w: 1, stride_h: 1}
  const %one_four: int32[2] = {1, 4}
  %v: uint8[1,4] q(0.03125, 0) = RESHAPE(%u, %one_four) {}
  %z: uint8[1,4] q(0.00390625, 0) = LOGISTIC(%v)
}
)");
}

// It keeps its shape, though one Reshape alone reads it (as a copy, for onert gives no output to
// readers).
TEST(DenseAsConvTest, AnOutputThatIsReshapedToo) {
  EXPECT_EQ(RunPass(R"(graph (%x: float32[2,3]) -> (%y, %z) {
    const %w: float32[2,3] = {1, -1, 0.5, 0.5, 0.25, -0.5}
    const %four: int32[1] = {4}
    %y: float32[2,2] = FULLY_CONNECTED(%x, %w, _) {}
    %u: float32[4] = RESHAPE(%y, %four) {}
    %z: float32[4] = LOGISTIC(%u)
  })",
                    R"(
    tensor %x: uint8[] q(0.5, 128)
    const %w: uint8[2,3] q([0.0078125, 0.00390625], 128, axis 0) = {255, 0, 192, 255, 192, 1}
    tensor %y: uint8[] q(0.03125, 0)
    tensor %z: uint8[] q(0.00390625, 0))",
                    kForOnert)
                .model,
            R"(graph (%x: uint8[2,3] q(0.5, 128)) -> (%y, %z) {
  const %x_between_shape: int32[4] = {2, 1, 1, 3}
  %x_between: uint8[2,1,1,3] q(0.5, 128) = RESHAPE(%x, %x_between_shape) {}
  const %w: uint8[2,1,1,3] q([0.0078125, 0.00390625], 128, axis 0) = {255, 0, 192, 255, 192, 1}
  const %y_bias: int32[2] q([0.00390625, 0.001953125], 0, axis 0) = {0, 0}
  %y_between: uint8[2,1,1,2] q(0.03125, 0) = CONV_2D(%x_between, %w, %y_bias) {padding: VALID, stride_w: 1, stride_h: 1}
  const %y_shape: int32[2] = {2, 2}
  %y_between_1: uint8[2,2] q(0.03125, 0) = RESHAPE(%y_between, %y_shape) {}
  const %four: int32[1] = {4}
  %u: uint8[4] q(0.03125, 0) = RESHAPE(%y_between_1, %four) {}
  %z: uint8[4] q(0.00390625, 0) = LOGISTIC(%u)
  const %y_numbers: int32[2] = {2, 2}
  %y: uint8[2,2] q(0.03125, 0) = RESHAPE(%y_between_1, %y_numbers) {new_shape: [2, 2]}
}
)");
}

// The importer refuses such files; a Model can be made otherwise.
TEST(DenseAsConvTest, LayersThatLackOperandsOrMakeTwoTensors) {
  constexpr char kAnnotations[] = R"(
    tensor %x: uint8[] q(0.5, 128)
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {129, 130, 131, 132}
    tensor %y: uint8[] q(0.5, 128))";
  for (const char* node : {"%y: float32[1,2] = FULLY_CONNECTED(_, %w, _) {}",
                           "%y: float32[1,2] = FULLY_CONNECTED(%x, _, _) {}",
                           "%y: float32[1,2], %z: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}"}) {
    const Outcome outcome = RunPass(absl::StrCat("graph (%x: float32[1,2]) -> (%y) {"
                                                 "const %w: float32[2,2] = {1, 2, 3, 4} ",
                                                 node, " }"),
                                    kAnnotations, kForOnert);
    EXPECT_TRUE(outcome.ok) << outcome.model;
    EXPECT_NE(outcome.model.find("FULLY_CONNECTED("), std::string::npos) << outcome.model;
  }
}

}  // namespace
}  // namespace q_implant
