// SPDX-License-Identifier: Apache-2.0
#include "pass/target/target_node_forms.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// What is written for a runtime, behind warnings.
std::string Written(Target target, absl::string_view graph, absl::string_view annotations = "") {
  const Outcome outcome = RunPass(graph, annotations, {.target = target});
  std::string warnings;
  for (absl::string_view line : absl::StrSplit(outcome.report, '\n', absl::SkipEmpty())) {
    if (!absl::StartsWith(line, "remark: ")) absl::StrAppend(&warnings, line, "\n");
  }
  return warnings + outcome.model;
}

// x.mean([2, 3]) of PyTorch, which onert refuses: what lies between has the output's parameters.
TEST(TargetNodeFormsTest, KeepsTheDimensionsOfAMean) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,8,4,4]) -> (%y) {
  const %axes: int32[2] = {2, 3}
  %y: float32[1,8] = MEAN(%x, %axes) {keep_dims: false}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %y: uint8[] q(0.25, 7))"),
            Canonical(R"(graph (%x: uint8[1,8,4,4] q(0.5, 3)) -> (%y) {
  const %y_numbers: int32[2] = {2, 3}
  %y_between: uint8[1,8,1,1] q(0.25, 7) = MEAN(%x, %y_numbers) {keep_dims: true}
  const %y_numbers_1: int32[2] = {1, 8}
  %y: uint8[1,8] q(0.25, 7) = RESHAPE(%y_between, %y_numbers_1) {new_shape: [1, 8]}
})"));
}

// Dimensions side by side that go, or stay, are one.
TEST(TargetNodeFormsTest, ReducesMoreThanFourDimensionsAsFewer) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,3,2,4,5]) -> (%y, %z) {
  const %axes: int32[2] = {-3, 3}
  const %every_other: int32[2] = {3, 1}
  %y: float32[2,3,5] = SUM(%x, %axes) {keep_dims: false}
  %z: float32[2,2,5] = REDUCE_MAX(%x, %every_other) {keep_dims: false}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[2,3,2,4,5]) -> (%y, %z) {
  const %x_numbers: int32[3] = {6, 8, 5}
  %x_between: float32[6,8,5] = RESHAPE(%x, %x_numbers) {new_shape: [6, 8, 5]}
  const %y_numbers: int32[1] = {1}
  %y_between: float32[6,1,5] = SUM(%x_between, %y_numbers) {keep_dims: true}
  const %y_numbers_1: int32[3] = {2, 3, 5}
  %y: float32[2,3,5] = RESHAPE(%y_between, %y_numbers_1) {new_shape: [2, 3, 5]}
  const %x_numbers_1: int32[5] = {0, 2, 4, 1, 3}
  %x_between_1: float32[2,2,5,3,4] = TRANSPOSE(%x, %x_numbers_1) {}
  const %x_numbers_2: int32[2] = {20, 12}
  %x_between_2: float32[20,12] = RESHAPE(%x_between_1, %x_numbers_2) {new_shape: [20, 12]}
  const %z_numbers: int32[1] = {1}
  %z_between: float32[20,1] = REDUCE_MAX(%x_between_2, %z_numbers) {keep_dims: true}
  const %z_numbers_1: int32[3] = {2, 2, 5}
  %z: float32[2,2,5] = RESHAPE(%z_between, %z_numbers_1) {new_shape: [2, 2, 5]}
})"));
}

// A batch of any size: the Reshape finds it.
TEST(TargetNodeFormsTest, LeavesOpenSizesOpen) {
  constexpr char kGraph[] = R"(graph (%x: float32[-1,8,4,4]) -> (%y) {
  const %axes: int32[2] = {2, 3}
  %y: float32[-1,8] = MEAN(%x, %axes) {keep_dims: false}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph), Canonical(R"(graph (%x: float32[-1,8,4,4]) -> (%y) {
  const %y_numbers: int32[2] = {2, 3}
  %y_between: float32[-1,8,1,1] = MEAN(%x, %y_numbers) {keep_dims: true}
  const %y_numbers_1: int32[2] = {-1, 8}
  %y: float32[-1,8] = RESHAPE(%y_between, %y_numbers_1) {new_shape: [-1, 8]}
})"));
}

// Where both sides are alike, dimensions are one.
TEST(TargetNodeFormsTest, BroadcastsInFewerDimensions) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,3,2,4,5], %m: float32[2,4,1]) -> (%y) {
  %y: float32[2,3,2,4,5] = MAXIMUM(%x, %m) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[2,3,2,4,5], %m: float32[2,4,1]) -> (%y) {
  const %x_numbers: int32[3] = {6, 8, 5}
  %x_between: float32[6,8,5] = RESHAPE(%x, %x_numbers) {new_shape: [6, 8, 5]}
  const %m_numbers: int32[3] = {1, 8, 1}
  %m_between: float32[1,8,1] = RESHAPE(%m, %m_numbers) {new_shape: [1, 8, 1]}
  %y_between: float32[6,8,5] = MAXIMUM(%x_between, %m_between) {}
  const %y_numbers: int32[5] = {2, 3, 2, 4, 5}
  %y: float32[2,3,2,4,5] = RESHAPE(%y_between, %y_numbers) {new_shape: [2, 3, 2, 4, 5]}
})"));
}

TEST(TargetNodeFormsTest, BroadcastsFirstWhereFourDimensionsDoNotDo) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,1,2,1,5], %m: float32[1,3,1,4,1]) -> (%y) {
  %y: bool[2,3,2,4,5] = LESS(%x, %m) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[2,1,2,1,5], %m: float32[1,3,1,4,1]) -> (%y) {
  const %x_numbers: int32[5] = {2, 3, 2, 4, 5}
  %x_between: float32[2,3,2,4,5] = BROADCAST_TO(%x, %x_numbers) {}
  const %m_numbers: int32[5] = {2, 3, 2, 4, 5}
  %m_between: float32[2,3,2,4,5] = BROADCAST_TO(%m, %m_numbers) {}
  const %x_numbers_1: int32[1] = {240}
  %x_between_1: float32[240] = RESHAPE(%x_between, %x_numbers_1) {new_shape: [240]}
  const %m_numbers_1: int32[1] = {240}
  %m_between_1: float32[240] = RESHAPE(%m_between, %m_numbers_1) {new_shape: [240]}
  %y_between: bool[240] = LESS(%x_between_1, %m_between_1) {}
  const %y_numbers: int32[5] = {2, 3, 2, 4, 5}
  %y: bool[2,3,2,4,5] = RESHAPE(%y_between, %y_numbers) {new_shape: [2, 3, 2, 4, 5]}
})"));
}

// Shapes of channel shuffles and windows.
TEST(TargetNodeFormsTest, PadsAndSlicesInFewerDimensions) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,3,4,5]) -> (%y, %z) {
  const %pads: int32[5,2] = {0, 0, 0, 0, 1, 2, 0, 0, 0, 0}
  const %begin: int32[5] = {0, 1, 0, 0, 0}
  const %size: int32[5] = {1, 1, 3, 4, 5}
  %y: float32[1,2,6,4,5] = PAD(%x, %pads) {}
  %z: float32[1,1,3,4,5] = SLICE(%x, %begin, %size) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %y: uint8[] q(0.5, 3)
tensor %z: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: uint8[1,2,3,4,5] q(0.5, 3)) -> (%y, %z) {
  const %x_numbers: int32[3] = {2, 3, 20}
  %x_between: uint8[2,3,20] q(0.5, 3) = RESHAPE(%x, %x_numbers) {new_shape: [2, 3, 20]}
  const %y_numbers_4: int32[3,2] = {0, 0, 1, 2, 0, 0}
  %y_between: uint8[2,6,20] q(0.5, 3) = PAD(%x_between, %y_numbers_4) {}
  const %y_numbers_5: int32[5] = {1, 2, 6, 4, 5}
  %y: uint8[1,2,6,4,5] q(0.5, 3) = RESHAPE(%y_between, %y_numbers_5) {new_shape: [1, 2, 6, 4, 5]}
  const %x_numbers_1: int32[3] = {1, 2, 60}
  %x_between_1: uint8[1,2,60] q(0.5, 3) = RESHAPE(%x, %x_numbers_1) {new_shape: [1, 2, 60]}
  const %z_numbers: int32[3] = {0, 1, 0}
  const %z_numbers_1: int32[3] = {1, 1, 60}
  %z_between: uint8[1,1,60] q(0.5, 3) = SLICE(%x_between_1, %z_numbers, %z_numbers_1) {}
  const %z_numbers_2: int32[5] = {1, 1, 3, 4, 5}
  %z: uint8[1,1,3,4,5] q(0.5, 3) = RESHAPE(%z_between, %z_numbers_2) {new_shape: [1, 1, 3, 4, 5]}
})"));
}

// Every axis is padded.
TEST(TargetNodeFormsTest, PadsOneAxisAfterTheOther) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,1,2,1]) -> (%y) {
  const %pads: int32[5,2] = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0}
  %y: float32[2,2,2,2,2] = PAD(%x, %pads) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph), Canonical(R"(graph (%x: float32[1,2,1,2,1]) -> (%y) {
  const %x_numbers: int32[2] = {1, 4}
  %x_between: float32[1,4] = RESHAPE(%x, %x_numbers) {new_shape: [1, 4]}
  const %y_numbers_4: int32[2,2] = {1, 0, 0, 0}
  %y_between_1: float32[2,4] = PAD(%x_between, %y_numbers_4) {}
  const %y_numbers_5: int32[5] = {2, 2, 1, 2, 1}
  %y_between: float32[2,2,1,2,1] = RESHAPE(%y_between_1, %y_numbers_5) {new_shape: [2, 2, 1, 2, 1]}
  const %y_numbers_6: int32[3] = {4, 1, 2}
  %y_between_3: float32[4,1,2] = RESHAPE(%y_between, %y_numbers_6) {new_shape: [4, 1, 2]}
  const %y_numbers_7: int32[3,2] = {0, 0, 1, 0, 0, 0}
  %y_between_4: float32[4,2,2] = PAD(%y_between_3, %y_numbers_7) {}
  const %y_numbers_8: int32[5] = {2, 2, 2, 2, 1}
  %y_between_2: float32[2,2,2,2,1] = RESHAPE(%y_between_4, %y_numbers_8) {new_shape: [2, 2, 2, 2, 1]}
  const %y_numbers_9: int32[2] = {16, 1}
  %y_between_5: float32[16,1] = RESHAPE(%y_between_2, %y_numbers_9) {new_shape: [16, 1]}
  const %y_numbers_10: int32[2,2] = {0, 0, 1, 0}
  %y_between_6: float32[16,2] = PAD(%y_between_5, %y_numbers_10) {}
  const %y_numbers_11: int32[5] = {2, 2, 2, 2, 2}
  %y: float32[2,2,2,2,2] = RESHAPE(%y_between_6, %y_numbers_11) {new_shape: [2, 2, 2, 2, 2]}
})"));
}

TEST(TargetNodeFormsTest, MultipliesBatchesOfOneDimension) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,1,3,4,8], %m: float32[2,1,3,8,6]) -> (%y) {
  %y: float32[2,1,3,4,6] = BATCH_MATMUL(%x, %m) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[2,1,3,4,8], %m: float32[2,1,3,8,6]) -> (%y) {
  const %x_numbers: int32[3] = {6, 4, 8}
  %x_between: float32[6,4,8] = RESHAPE(%x, %x_numbers) {new_shape: [6, 4, 8]}
  const %m_numbers: int32[3] = {6, 8, 6}
  %m_between: float32[6,8,6] = RESHAPE(%m, %m_numbers) {new_shape: [6, 8, 6]}
  %y_between: float32[6,4,6] = BATCH_MATMUL(%x_between, %m_between) {}
  const %y_numbers: int32[5] = {2, 1, 3, 4, 6}
  %y: float32[2,1,3,4,6] = RESHAPE(%y_between, %y_numbers) {new_shape: [2, 1, 3, 4, 6]}
})"));
}

TEST(TargetNodeFormsTest, WritesOutWhatAFileLeavesOut) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,3]) -> (%a, %b, %c) {
  const %axis: int64[] = {2}
  %a: float32[6] = RESHAPE(%x) {new_shape: [6]}
  %b: float32[2,3] = SQUEEZE(%x)
  %c: int32[1,2] = ARG_MAX(%x, %axis) {output_type: INT32}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[1,2,3]) -> (%a, %b, %c) {
  const %a_numbers: int32[1] = {6}
  %a: float32[6] = RESHAPE(%x, %a_numbers) {new_shape: [6]}
  const %b_numbers: int32[2] = {2, 3}
  %b: float32[2,3] = RESHAPE(%x, %b_numbers) {new_shape: [2, 3]}
  const %c_numbers: int32[] = {2}
  %c: int32[1,2] = ARG_MAX(%x, %c_numbers) {output_type: INT32}
})"));
}

TEST(TargetNodeFormsTest, CountsTransposedAxesFromTheFront) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,3]) -> (%y) {
  const %axes: int32[3] = {0, -1, 1}
  %y: float32[1,3,2] = TRANSPOSE(%x, %axes) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: uint8[1,2,3] q(0.5, 3)) -> (%y) {
  %x_dequant: float32[1,2,3] = DEQUANTIZE(%x) {}
  const %y_numbers: int32[3] = {0, 2, 1}
  %y: float32[1,3,2] = TRANSPOSE(%x_dequant, %y_numbers) {}
})"));
}

// onert ignores keep_num_dims.
TEST(TargetNodeFormsTest, MakesADenseLayerOfTwoDimensions) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,3,2]) -> (%y) {
  const %w: float32[2,2] = {1, 2, 3, 4}
  %y: float32[2,3,2] = FULLY_CONNECTED(%x, %w) {keep_num_dims: true}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %w: uint8[] q(0.25, 0)
tensor %y: uint8[] q(1, 9))"),
            Canonical(R"(graph (%x: uint8[2,3,2] q(0.5, 3)) -> (%y) {
  const %w: uint8[2,2] q(0.25, 0) = {4, 8, 12, 16}
  %y_between: uint8[6,2] q(1, 9) = FULLY_CONNECTED(%x, %w, _) {}
  const %y_numbers: int32[3] = {2, 3, 2}
  %y: uint8[2,3,2] q(1, 9) = RESHAPE(%y_between, %y_numbers) {new_shape: [2, 3, 2]}
})"));
}

// Weights, their scales and the bias in parts.
TEST(TargetNodeFormsTest, TakesGroupsApart) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,1,1,4]) -> (%y) {
  const %w: float32[2,1,1,2] = {1, 2, 3, 4}
  const %b: float32[2] = {0.5, 1}
  %y: float32[1,1,1,2] = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
const %w: uint8[2,1,1,2] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
tensor %y: uint8[] q(1, 9))"),
            Canonical(R"(graph (%x: uint8[1,1,1,4] q(0.5, 3)) -> (%y) {
  const %y_numbers: int32[] = {3}
  %x_between: uint8[1,1,1,2] q(0.5, 3), %x_between_1: uint8[1,1,1,2] q(0.5, 3) = SPLIT(%y_numbers, %x) {num_splits: 2}
  const %w_part: uint8[1,1,1,2] q(0.5, 0) = {2, 4}
  const %b_part: int32[1] q(0.25, 0) = {2}
  %y_between: uint8[1,1,1,1] q(1, 9) = CONV_2D(%x_between, %w_part, %b_part) {stride_w: 1, stride_h: 1}
  const %w_part_1: uint8[1,1,1,2] q(0.25, 0) = {12, 16}
  const %b_part_1: int32[1] q(0.125, 0) = {8}
  %y_between_1: uint8[1,1,1,1] q(1, 9) = CONV_2D(%x_between_1, %w_part_1, %b_part_1) {stride_w: 1, stride_h: 1}
  %y: uint8[1,1,1,2] q(1, 9) = CONCATENATION(%y_between, %y_between_1) {axis: 3}
})"));
}

// Its weights have the channels last.
TEST(TargetNodeFormsTest, MakesADepthwiseConvolutionOfOneChannelAGroup) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,1,2]) -> (%y) {
  const %w: float32[2,2,1,1] = {1, 2, 3, 4}
  %y: float32[1,1,1,2] = CONV_2D(%x, %w, _) {padding: VALID, stride_w: 1, stride_h: 1}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
const %w: uint8[2,2,1,1] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
tensor %y: uint8[] q(1, 9))"),
            Canonical(R"(graph (%x: uint8[1,2,1,2] q(0.5, 3)) -> (%y) {
  const %w_part: uint8[1,2,1,2] q([0.5, 0.25], 0, axis 3) = {2, 12, 4, 16}
  const %y_bias: int32[2] q([0.25, 0.125], 0, axis 0) = {0, 0}
  %y: uint8[1,1,1,2] q(1, 9) = DEPTHWISE_CONV_2D(%x, %w_part, %y_bias) {padding: VALID, stride_w: 1, stride_h: 1, depth_multiplier: 1}
})"));
}

// Zeros between the pixels and around them, and the weights turned round.
TEST(TargetNodeFormsTest, ConvolvesWhatATransposeConvSpreads) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,1,2,1]) -> (%y) {
  const %shape: int32[4] = {1, 1, 4, 2}
  const %w: float32[2,1,2,1] = {1, 2, 3, 4}
  %y: float32[1,1,4,2] = TRANSPOSE_CONV(%shape, %w, %x) {padding: VALID, stride_w: 2, stride_h: 1}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
const %w: uint8[2,1,2,1] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
tensor %y: uint8[] q(1, 9))"),
            Canonical(R"(graph (%x: uint8[1,1,2,1] q(0.5, 3)) -> (%y) {
  const %x_numbers: int32[4] = {1, 2, 1, 1}
  %x_between: uint8[1,2,1,1] q(0.5, 3) = RESHAPE(%x, %x_numbers) {new_shape: [1, 2, 1, 1]}
  const %x_numbers_1: int32[4,2] = {0, 0, 0, 0, 0, 1, 0, 0}
  %x_between_1: uint8[1,2,2,1] q(0.5, 3) = PAD(%x_between, %x_numbers_1) {}
  const %x_numbers_2: int32[4] = {1, 1, 4, 1}
  %x_between_2: uint8[1,1,4,1] q(0.5, 3) = RESHAPE(%x_between_1, %x_numbers_2) {new_shape: [1, 1, 4, 1]}
  const %x_numbers_3: int32[4,2] = {0, 0, 0, 0, 1, 0, 0, 0}
  %x_between_3: uint8[1,1,5,1] q(0.5, 3) = PAD(%x_between_2, %x_numbers_3) {}
  const %w_part: uint8[2,1,2,1] q([0.5, 0.25], 0, axis 0) = {4, 2, 16, 12}
  const %y_bias: int32[2] q([0.25, 0.125], 0, axis 0) = {0, 0}
  %y: uint8[1,1,4,2] q(1, 9) = CONV_2D(%x_between_3, %w_part, %y_bias) {padding: VALID, stride_w: 1, stride_h: 1}
})"));
}

// Behind each row one of zeros, and one before the first: x0, 2 x0, x1, 2 x1.
TEST(TargetNodeFormsTest, SpreadsTheRowsOfATransposeConv) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,1,1]) -> (%y) {
  const %shape: int32[4] = {1, 4, 1, 1}
  const %w: float32[1,2,1,1] = {1, 2}
  const %b: float32[1] = {0.5}
  %y: float32[1,4,1,1] = TRANSPOSE_CONV(%shape, %w, %x, %b) {padding: VALID, stride_w: 1, stride_h: 2}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph), Canonical(R"(graph (%x: float32[1,2,1,1]) -> (%y) {
  const %x_numbers: int32[4,2] = {0, 0, 0, 0, 0, 1, 0, 0}
  %x_between: float32[1,2,2,1] = PAD(%x, %x_numbers) {}
  const %x_numbers_1: int32[4] = {1, 4, 1, 1}
  %x_between_1: float32[1,4,1,1] = RESHAPE(%x_between, %x_numbers_1) {new_shape: [1, 4, 1, 1]}
  const %x_numbers_2: int32[4,2] = {0, 0, 1, 0, 0, 0, 0, 0}
  %x_between_2: float32[1,5,1,1] = PAD(%x_between_1, %x_numbers_2) {}
  const %w_part: float32[1,2,1,1] = {2, 1}
  const %b: float32[1] = {0.5}
  %y: float32[1,4,1,1] = CONV_2D(%x_between_2, %w_part, %b) {padding: VALID, stride_w: 1, stride_h: 1}
})"));
}

TEST(TargetNodeFormsTest, GivesADepthwiseConvolutionItsMultiplier) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,1,1,2]) -> (%y) {
  const %w: float32[1,1,1,2] = {1, 2}
  const %b: float32[2] = {1, 2}
  %y: float32[1,1,1,2] = DEPTHWISE_CONV_2D(%x, %w, %b) {padding: VALID, stride_w: 1, stride_h: 1}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph), Canonical(R"(graph (%x: float32[1,1,1,2]) -> (%y) {
  const %w: float32[1,1,1,2] = {1, 2}
  const %b: float32[2] = {1, 2}
  %y: float32[1,1,1,2] = DEPTHWISE_CONV_2D(%x, %w, %b) {padding: VALID, stride_w: 1, stride_h: 1, depth_multiplier: 1}
})"));
}

// In integers too, which onert lacks for it.
TEST(TargetNodeFormsTest, SlicesAndGathersWhatAStridedSliceTakes) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,4,6]) -> (%y, %z) {
  const %begin: int32[2] = {0, 1}
  const %end: int32[2] = {0, 3}
  const %ones: int32[2] = {1, 1}
  const %from: int32[3] = {0, 0, 5}
  const %to: int32[3] = {1, 4, 0}
  const %steps: int32[3] = {1, 1, -2}
  %y: float32[1,2,6] = STRIDED_SLICE(%x, %begin, %end, %ones) {begin_mask: 1, end_mask: 1}
  %z: float32[1,4,3] = STRIDED_SLICE(%x, %from, %to, %steps) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %y: uint8[] q(0.5, 3)
tensor %z: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: uint8[1,4,6] q(0.5, 3)) -> (%y, %z) {
  const %y_numbers: int32[3] = {0, 1, 0}
  const %y_numbers_1: int32[3] = {1, 2, 6}
  %y: uint8[1,2,6] q(0.5, 3) = SLICE(%x, %y_numbers, %y_numbers_1) {}
  const %z_numbers: int32[3] = {5, 3, 1}
  %z: uint8[1,4,3] q(0.5, 3) = GATHER(%x, %z_numbers) {axis: 2}
})"));
}

// x[1, 3::-2], which stops before index 0.
TEST(TargetNodeFormsTest, GathersAndDropsADimension) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,4]) -> (%y) {
  const %begin: int32[2] = {1, 3}
  const %end: int32[2] = {2, 0}
  const %steps: int32[2] = {1, -2}
  %y: float32[2] = STRIDED_SLICE(%x, %begin, %end, %steps) {shrink_axis_mask: 1}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %y: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: uint8[2,4] q(0.5, 3)) -> (%y) {
  const %x_numbers: int32[2] = {1, 0}
  const %x_numbers_1: int32[2] = {1, 4}
  %x_between: uint8[1,4] q(0.5, 3) = SLICE(%x, %x_numbers, %x_numbers_1) {}
  const %y_numbers: int32[2] = {3, 1}
  %y_between: uint8[1,2] q(0.5, 3) = GATHER(%x_between, %y_numbers) {axis: 1}
  const %y_numbers_1: int32[1] = {2}
  %y: uint8[2] q(0.5, 3) = RESHAPE(%y_between, %y_numbers_1) {new_shape: [2]}
})"));
}

// Shapes that are not what the node makes: nothing that computes the same is known.
TEST(TargetNodeFormsTest, LeavesShapesThatDoNotFit) {
  constexpr char kGraph[] =
      R"(graph (%x: float32[2,3,2,4,5], %m: float32[7], %g: float32[1,1,1,3]) -> (%y, %z, %s) {
  %y: float32[6,4,5] = MAXIMUM(%x, %m) {}
  const %w: float32[2,1,1,2] = {1, 2, 3, 4}
  const %b: float32[2] = {0.5, 1}
  %z: float32[1,1,1,2] = CONV_2D(%g, %w, %b) {stride_w: 1, stride_h: 1}
  const %begin: int32[1] = {0}
  const %end: int32[1] = {1}
  const %ones: int32[1] = {1}
  %s: float32[5] = STRIDED_SLICE(%m, %begin, %end, %ones) {ellipsis_mask: 2}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            "warning: model.circle: tensor 'y': onert computes wrong values for MAXIMUM of more "
            "than 4 dimensions, also in float32; q-implant has no replacement for it\n"
            "warning: model.circle: tensor 'z': onert computes wrong values for CONV_2D in "
            "groups, also in float32; q-implant has no replacement for it\n"
            "warning: model.circle: tensor 's': onert computes wrong values for STRIDED_SLICE "
            "that leaves dimensions out, also in float32; q-implant has no replacement for it\n" +
                Canonical(kGraph));
}

TEST(TargetNodeFormsTest, SplitsAndStacksWithOtherMovers) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,5], %v: float32[5]) -> (%a, %b, %p) {
  const %sizes: int32[2] = {2, 3}
  const %axis: int32[] = {1}
  %a: float32[2,2], %b: float32[2,3] = SPLIT_V(%x, %sizes, %axis) {num_splits: 2}
  %u: float32[5], %w: float32[5] = UNPACK(%x) {num: 2}
  %p: float32[3,5] = PACK(%v, %u, %w) {values_count: 3}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %v: uint8[] q(0.5, 3)
tensor %a: uint8[] q(0.5, 3)
tensor %b: uint8[] q(0.5, 3)
tensor %p: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: uint8[2,5] q(0.5, 3), %v: uint8[5] q(0.5, 3)) -> (%a, %b, %p) {
  const %a_numbers: int32[2] = {0, 0}
  const %a_numbers_1: int32[2] = {2, 2}
  %a: uint8[2,2] q(0.5, 3) = SLICE(%x, %a_numbers, %a_numbers_1) {}
  const %b_numbers: int32[2] = {0, 2}
  const %b_numbers_1: int32[2] = {2, 3}
  %b: uint8[2,3] q(0.5, 3) = SLICE(%x, %b_numbers, %b_numbers_1) {}
  const %x_numbers: int32[] = {0}
  %u_between: uint8[1,5] q(0.5, 3), %w_between: uint8[1,5] q(0.5, 3) = SPLIT(%x_numbers, %x) {num_splits: 2}
  const %u_numbers: int32[1] = {5}
  %u: uint8[5] q(0.5, 3) = RESHAPE(%u_between, %u_numbers) {new_shape: [5]}
  const %w_numbers: int32[1] = {5}
  %w: uint8[5] q(0.5, 3) = RESHAPE(%w_between, %w_numbers) {new_shape: [5]}
  const %v_numbers: int32[2] = {1, 5}
  %v_between: uint8[1,5] q(0.5, 3) = RESHAPE(%v, %v_numbers) {new_shape: [1, 5]}
  const %u_numbers_1: int32[2] = {1, 5}
  %u_between_1: uint8[1,5] q(0.5, 3) = RESHAPE(%u, %u_numbers_1) {new_shape: [1, 5]}
  const %w_numbers_1: int32[2] = {1, 5}
  %w_between_1: uint8[1,5] q(0.5, 3) = RESHAPE(%w, %w_numbers_1) {new_shape: [1, 5]}
  %p: uint8[3,5] q(0.5, 3) = CONCATENATION(%v_between, %u_between_1, %w_between_1) {}
})"));
}

TEST(TargetNodeFormsTest, PicksWithGather) {
  constexpr char kGraph[] = R"(graph (%ids: int32[2], %x: float32[1,2,3,1]) -> (%e, %m, %r) {
  const %table: float32[3,2] = {1, 2, 3, 4, 5, 6}
  const %pads: int32[4,2] = {0, 0, 0, 1, 0, 0, 0, 0}
  const %size: int32[2] = {4, 3}
  %e: float32[2,2] = EMBEDDING_LOOKUP(%ids, %table)
  %m: float32[1,3,3,1] = MIRROR_PAD(%x, %pads) {mode: REFLECT}
  %r: float32[1,4,3,1] = RESIZE_NEAREST_NEIGHBOR(%x, %size) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %table: uint8[] q(0.5, 3)
tensor %e: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%ids: int32[2], %x: float32[1,2,3,1]) -> (%e, %m, %r) {
  const %table: uint8[3,2] q(0.5, 3) = {5, 7, 9, 11, 13, 15}
  %e: uint8[2,2] q(0.5, 3) = GATHER(%table, %ids) {}
  const %m_numbers: int32[3] = {0, 1, 0}
  %m: float32[1,3,3,1] = GATHER(%x, %m_numbers) {axis: 1}
  const %r_numbers: int32[4] = {0, 0, 1, 1}
  %r: float32[1,4,3,1] = GATHER(%x, %r_numbers) {axis: 1}
})"));
}

// Columns 1.5 and 4.5, rounded away from 0 and kept within the four.
TEST(TargetNodeFormsTest, PicksTheNearestOfAlignedPixelCentres) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,1,4,1]) -> (%y) {
  const %size: int32[2] = {1, 2}
  %y: float32[1,1,2,1] = RESIZE_NEAREST_NEIGHBOR(%x, %size) {align_corners: true, half_pixel_centers: true}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph), Canonical(R"(graph (%x: float32[1,1,4,1]) -> (%y) {
  const %y_numbers: int32[2] = {2, 3}
  %y: float32[1,1,2,1] = GATHER(%x, %y_numbers) {axis: 2}
})"));
}

TEST(TargetNodeFormsTest, CountsThroughBatchesAndDimensions) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,3,2]) -> (%g, %n) {
  const %rows: int32[2,1] = {1, 2}
  const %places: int32[2,2] = {0, 1, 1, 2}
  %g: float32[2,1,2] = GATHER(%x, %rows) {axis: 1, batch_dims: 1}
  %n: float32[2,2] = GATHER_ND(%x, %places) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph), Canonical(R"(graph (%x: float32[2,3,2]) -> (%g, %n) {
  const %x_numbers: int32[2] = {6, 2}
  %x_between: float32[6,2] = RESHAPE(%x, %x_numbers) {new_shape: [6, 2]}
  const %g_numbers: int32[2] = {1, 5}
  %g_between: float32[2,2] = GATHER(%x_between, %g_numbers) {}
  const %g_numbers_1: int32[3] = {2, 1, 2}
  %g: float32[2,1,2] = RESHAPE(%g_between, %g_numbers_1) {new_shape: [2, 1, 2]}
  const %x_numbers_1: int32[2] = {6, 2}
  %x_between_1: float32[6,2] = RESHAPE(%x, %x_numbers_1) {new_shape: [6, 2]}
  const %n_numbers: int32[2] = {1, 5}
  %n: float32[2,2] = GATHER(%x_between_1, %n_numbers) {}
})"));
}

TEST(TargetNodeFormsTest, ComputesWhatOnertLacksInFloat32) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,2,1]) -> (%a, %b, %c, %d, %e) {
  const %slope: float32[1,1,1] = {0.25}
  const %axis: int32[1] = {3}
  %a: float32[1,2,2,1] = HARD_SWISH(%x) {}
  %b: float32[1,2,2,1] = PRELU(%x, %slope)
  %c: float32[1,2,2,1] = CEIL(%x)
  %d: float32[1,2,2,1] = RELU_N1_TO_1(%x)
  %e: float32[1,2,2] = REDUCE_MIN(%x, %axis) {keep_dims: false}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[1,2,2,1]) -> (%a, %b, %c, %d, %e) {
  const %x_constant: float32[] = {3}
  %x_between: float32[1,2,2,1] = ADD(%x, %x_constant) {fused_activation_function: RELU6}
  const %x_constant_1: float32[] = {0.16666667}
  %x_between_1: float32[1,2,2,1] = MUL(%x_between, %x_constant_1) {}
  %a: float32[1,2,2,1] = MUL(%x, %x_between_1) {}
  %x_between_2: float32[1,2,2,1] = RELU(%x)
  %x_between_3: float32[1,2,2,1] = NEG(%x) {}
  %x_between_4: float32[1,2,2,1] = RELU(%x_between_3)
  const %slope: float32[1,1,1] = {0.25}
  %x_between_5: float32[1,2,2,1] = MUL(%x_between_4, %slope) {}
  %b: float32[1,2,2,1] = SUB(%x_between_2, %x_between_5) {}
  %x_between_6: float32[1,2,2,1] = NEG(%x) {}
  %x_between_7: float32[1,2,2,1] = FLOOR(%x_between_6)
  %c: float32[1,2,2,1] = NEG(%x_between_7) {}
  const %x_constant_2: float32[] = {1}
  %d_between: float32[1,2,2,1] = MINIMUM(%x, %x_constant_2) {}
  const %x_constant_3: float32[] = {-1}
  %d: float32[1,2,2,1] = MAXIMUM(%d_between, %x_constant_3) {}
  %x_between_8: float32[1,2,2,1] = NEG(%x) {}
  const %axis: int32[1] = {3}
  %e_between: float32[1,2,2] = REDUCE_MAX(%x_between_8, %axis) {}
  %e: float32[1,2,2] = NEG(%e_between) {}
})"));
}

// The constant has fewer elements than the shape that the others have.
TEST(TargetNodeFormsTest, LeavesAPackOfDifferentSizes) {
  constexpr char kGraph[] = R"(graph (%x: float32[64]) -> (%y) {
  const %c: float32[2] = {1, 2}
  %y: float32[2,64] = PACK(%x, %c) {values_count: 2}
})";
  const std::string written = Written(Target::kOnert, kGraph);
  EXPECT_TRUE(absl::EndsWith(written, Canonical(kGraph))) << written;
}

TEST(TargetNodeFormsTest, LeavesSizesThatCannotBeDividedOrCounted) {
  for (const char* shape : {"0,2,0,2,3", "2147483647,2,2147483647,2,2147483647"}) {
    const std::string graph = absl::StrCat("graph (%x: float32[", shape, R"(]) -> (%y) {
  const %axes: int32[2] = {0, 2}
  %y: float32[2,2,3] = SUM(%x, %axes) {keep_dims: false}
})");
    const std::string written = Written(Target::kOnert, graph);
    EXPECT_TRUE(absl::EndsWith(written, Canonical(graph))) << written;
  }
}

// A step of x is more than 1 here: the bounds are in the steps of y.
TEST(TargetNodeFormsTest, ClampsInTheStepsOfTheOutput) {
  EXPECT_EQ(Written(Target::kOnert, R"(graph (%x: float32[2]) -> (%y) {
  %y: float32[2] = RELU_N1_TO_1(%x)
})",
                    R"(tensor %x: uint8[] q(0.75, 128)
tensor %y: uint8[] q(0.0078125, 128))"),
            Canonical(R"(graph (%x: uint8[2] q(0.75, 128)) -> (%y) {
  %x_dequant: float32[2] = DEQUANTIZE(%x) {}
  %x_quantized: uint8[2] q(0.0078125, 128) = QUANTIZE(%x_dequant) {}
  const %x_constant: uint8[] q(0.0078125, 128) = {255}
  %y_between: uint8[2] q(0.0078125, 128) = MINIMUM(%x_quantized, %x_constant) {}
  const %x_constant_1: uint8[] q(0.0078125, 128) = {0}
  %y: uint8[2] q(0.0078125, 128) = MAXIMUM(%y_between, %x_constant_1) {}
})"));
}

// Nor do they become integers of x where the output leaves as float32.
TEST(TargetNodeFormsTest, ClampsToFloat32Outputs) {
  EXPECT_EQ(Written(Target::kOnert, R"(graph (%x: float32[2]) -> (%y) {
  %y: float32[2] = RELU_N1_TO_1(%x)
})",
                    "tensor %x: uint8[] q(4, 128)"),
            Canonical(R"(graph (%x: uint8[2] q(4, 128)) -> (%y) {
  %x_dequant: float32[2] = DEQUANTIZE(%x) {}
  const %x_constant: float32[] = {1}
  %y_between: float32[2] = MINIMUM(%x_dequant, %x_constant) {}
  const %x_constant_1: float32[] = {-1}
  %y: float32[2] = MAXIMUM(%y_between, %x_constant_1) {}
})"));
}

// onert's ELU is exp(x) - 1, which is 0 or 6e-8 where it should be 3e-8.
TEST(TargetNodeFormsTest, ComputesAnEluOfSmallStepsPrecisely) {
  constexpr char kGraph[] = R"(graph (%x: float32[4]) -> (%y) {
  %y: float32[4] = ELU(%x)
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(1e-8, 128)
tensor %y: uint8[] q(1e-8, 128))"),
            Canonical(R"(graph (%x: uint8[4] q(1e-8, 128)) -> (%y) {
  %x_dequant: float32[4] = DEQUANTIZE(%x) {}
  const %x_constant: float32[] = {0}
  %x_between: float32[4] = MAXIMUM(%x_dequant, %x_constant) {}
  const %x_constant_1: float32[] = {0}
  %x_between_1: float32[4] = MINIMUM(%x_dequant, %x_constant_1) {}
  const %x_constant_2: float32[] = {0.5}
  %x_between_2: float32[4] = MUL(%x_between_1, %x_constant_2) {}
  %x_between_3: float32[4] = TANH(%x_between_2)
  %x_between_4: float32[4] = EXP(%x_between_1) {}
  const %x_constant_3: float32[] = {1}
  %x_between_5: float32[4] = ADD(%x_between_4, %x_constant_3) {}
  %x_between_6: float32[4] = MUL(%x_between_3, %x_between_5) {}
  %y_float: float32[4] = ADD(%x_between, %x_between_6) {}
  %y: uint8[4] q(1e-08, 128) = QUANTIZE(%y_float) {}
})"));
}

// Also where parameters came through a mover, and of five dimensions, which onert's Maximum lacks.
TEST(TargetNodeFormsTest, TheStepsOfAnEluMayBeKnownOnOneSideOnly) {
  const auto is_written = [](absl::string_view annotations) {
    return Written(Target::kOnert, R"(graph (%w: float32[1,2,1,2,1]) -> (%z) {
  const %shape: int32[5] = {2, 1, 1, 2, 1}
  %x: float32[2,1,1,2,1] = RESHAPE(%w, %shape)
  %y: float32[2,1,1,2,1] = ELU(%x)
  %z: float32[2,1,1,2,1] = COS(%y)
})",
                   annotations)
               .find(" TANH(") != std::string::npos;
  };
  EXPECT_TRUE(is_written("tensor %w: uint8[] q(1e-8, 128)"));
  EXPECT_TRUE(is_written("tensor %w: int8[] q(1e-8, 0)"));
  EXPECT_TRUE(is_written("tensor %y: uint8[] q(1e-8, 128)"));
  EXPECT_TRUE(is_written("tensor %y: int16[] q(1e-8, 0)"));  // which stays float32
  EXPECT_FALSE(is_written("tensor %w: uint8[] q(0.01, 128)"));
  EXPECT_FALSE(is_written("tensor %y: int16[] q(0.01, 0)"));
  EXPECT_FALSE(is_written("tensor %y: float32[]"));
  EXPECT_FALSE(is_written("tensor %y: uint8[] q(0.01, 128)"));
  EXPECT_FALSE(is_written("tensor %z: uint8[] q(1e-8, 128)"));
}

TEST(TargetNodeFormsTest, ComputesSignsRangesAndNormsInFloat32) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,2,1]) -> (%s, %r, %p, %q) {
  %s: float32[1,2,2,1] = SIGN(%x)
  %r: float32[1,2,2,1] = RELU_0_TO_1(%x)
  %p: float32[1,1,1,1] = L2_POOL_2D(%x) {padding: VALID, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
  %q: float32[1,1,1,1] = L2_POOL_2D(%x) {padding: VALID, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2, fused_activation_function: RELU6}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            Canonical(R"(graph (%x: float32[1,2,2,1]) -> (%s, %r, %p, %q) {
  const %x_constant: float32[] = {0}
  %x_between: bool[1,2,2,1] = GREATER(%x, %x_constant) {}
  %x_between_1: float32[1,2,2,1] = CAST(%x_between) {in_data_type: BOOL}
  const %x_constant_1: float32[] = {0}
  %x_between_2: bool[1,2,2,1] = LESS(%x, %x_constant_1) {}
  %x_between_3: float32[1,2,2,1] = CAST(%x_between_2) {in_data_type: BOOL}
  %s: float32[1,2,2,1] = SUB(%x_between_1, %x_between_3) {}
  %x_between_4: float32[1,2,2,1] = RELU(%x)
  const %x_constant_2: float32[] = {1}
  %r: float32[1,2,2,1] = MINIMUM(%x_between_4, %x_constant_2) {}
  %x_between_5: float32[1,2,2,1] = SQUARE(%x)
  %p_between: float32[1,1,1,1] = AVERAGE_POOL_2D(%x_between_5) {padding: VALID, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
  %p: float32[1,1,1,1] = SQRT(%p_between)
  %x_between_6: float32[1,2,2,1] = SQUARE(%x)
  %q_between: float32[1,1,1,1] = AVERAGE_POOL_2D(%x_between_6) {padding: VALID, stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
  %q_between_1: float32[1,1,1,1] = SQRT(%q_between)
  %q: float32[1,1,1,1] = RELU6(%q_between_1)
})"));
}

TEST(TargetNodeFormsTest, RepeatsAndReversesWithGather) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,3], %i: int32[1,4]) -> (%t, %b, %r, %s) {
  const %times: int32[2] = {1, 2}
  const %shape: int32[3] = {1, 2, 3}
  const %axis: int32[1] = {-1}
  const %begin: int32[2] = {0, 1}
  const %size: int32[2] = {1, 2}
  %t: float32[1,6] = TILE(%x, %times) {}
  %b: float32[1,2,3] = BROADCAST_TO(%x, %shape) {}
  %r: float32[1,3] = REVERSE_V2(%x, %axis) {}
  %s: int32[1,2] = SLICE(%i, %begin, %size) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph, R"(tensor %x: uint8[] q(0.5, 3)
tensor %t: uint8[] q(0.5, 3)
tensor %b: uint8[] q(0.5, 3)
tensor %r: uint8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: uint8[1,3] q(0.5, 3), %i: int32[1,4]) -> (%t, %b, %r, %s) {
  const %t_numbers: int32[6] = {0, 1, 2, 0, 1, 2}
  %t: uint8[1,6] q(0.5, 3) = GATHER(%x, %t_numbers) {axis: 1}
  const %x_numbers: int32[3] = {1, 1, 3}
  %x_between: uint8[1,1,3] q(0.5, 3) = RESHAPE(%x, %x_numbers) {new_shape: [1, 1, 3]}
  const %b_numbers: int32[2] = {0, 0}
  %b: uint8[1,2,3] q(0.5, 3) = GATHER(%x_between, %b_numbers) {axis: 1}
  const %r_numbers: int32[3] = {2, 1, 0}
  %r: uint8[1,3] q(0.5, 3) = GATHER(%x, %r_numbers) {axis: 1}
  const %s_numbers_8: int32[2] = {1, 2}
  %s: int32[1,2] = GATHER(%i, %s_numbers_8) {axis: 1}
})"));
}

TEST(TargetNodeFormsTest, AsksFor32BitsAndOneAxisAtATime) {
  constexpr char kGraph[] =
      R"(graph (%x: float32[2,3], %c: bool[2], %k: int64[], %w: float32[1,4,2]) -> (%s, %r, %a, %w_batches) {
  const %axes: int32[2] = {1, 0}
  const %block: int32[1] = {2}
  const %margins: int32[1,2] = {0, 2}
  %s: float32[2,3] = SELECT(%c, %x, %x) {}
  %r: float32[2,3] = REVERSE_V2(%x, %axes) {}
  %a: int32[2] = ARG_MAX(%x, %k) {output_type: INT32}
  %w_batches: float32[2,3,2] = SPACE_TO_BATCH_ND(%w, %block, %margins) {}
})";
  EXPECT_EQ(
      Written(Target::kOnert, kGraph),
      Canonical(
          R"(graph (%x: float32[2,3], %c: bool[2], %k: int64[], %w: float32[1,4,2]) -> (%s, %r, %a, %w_batches) {
  const %c_numbers: int32[2] = {2, 1}
  %c_between: bool[2,1] = RESHAPE(%c, %c_numbers) {new_shape: [2, 1]}
  %s: float32[2,3] = SELECT_V2(%c_between, %x, %x) {}
  const %r_numbers: int32[1] = {1}
  %r_between: float32[2,3] = REVERSE_V2(%x, %r_numbers) {}
  const %r_numbers_1: int32[1] = {0}
  %r: float32[2,3] = REVERSE_V2(%r_between, %r_numbers_1) {}
  %k_between: int32[] = CAST(%k) {in_data_type: INT64, out_data_type: INT32}
  %a: int32[2] = ARG_MAX(%x, %k_between) {output_type: INT32}
  const %w_numbers: int32[4] = {1, 4, 1, 2}
  %w_between: float32[1,4,1,2] = RESHAPE(%w, %w_numbers) {new_shape: [1, 4, 1, 2]}
  const %w_batches_numbers: int32[2] = {2, 1}
  const %w_batches_numbers_1: int32[2,2] = {0, 2, 0, 0}
  %w_batches_between: float32[2,3,1,2] = SPACE_TO_BATCH_ND(%w_between, %w_batches_numbers, %w_batches_numbers_1) {}
  const %w_batches_numbers_2: int32[3] = {2, 3, 2}
  %w_batches: float32[2,3,2] = RESHAPE(%w_batches_between, %w_batches_numbers_2) {new_shape: [2, 3, 2]}
})"));
}

// A warning names it.
TEST(TargetNodeFormsTest, LeavesWhatHasNoOtherForm) {
  constexpr char kGraph[] = R"(graph (%x: float32[4,3], %ids: int32[2,1]) -> (%y) {
  %y: float32[2,3] = GATHER_ND(%x, %ids) {}
})";
  EXPECT_EQ(Written(Target::kOnert, kGraph),
            "warning: model.circle: tensor 'y': onert does not run GATHER_ND in float32 either; "
            "q-implant has no replacement for it\n" +
                Canonical(R"(graph (%x: float32[4,3], %ids: int32[2,1]) -> (%y) {
  %y: float32[2,3] = GATHER_ND(%x, %ids) {}
})"));
}

// Neither runtime reads its fused activation.
TEST(TargetNodeFormsTest, PutsAClampBehindAConcatenation) {
  constexpr char kGraph[] = R"(graph (%x: float32[2]) -> (%y) {
  %y: float32[4] = CONCATENATION(%x, %x) {fused_activation_function: RELU}
})";
  EXPECT_EQ(Written(Target::kLiteRt, kGraph, R"(tensor %x: int8[] q(0.5, 3)
tensor %y: int8[] q(0.5, 3))"),
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
  %y_between: int8[4] q(0.5, 3) = CONCATENATION(%x, %x) {}
  %y: int8[4] q(0.5, 3) = RELU(%y_between)
})"));
}

TEST(TargetNodeFormsTest, ReadsShapesOfInt64) {
  constexpr char kGraph[] = R"(graph (%x: float32[2,3]) -> (%y) {
  const %shape: int64[1] = {6}
  %y: float32[6] = RESHAPE(%x, %shape) {}
})";
  EXPECT_EQ(Written(Target::kLiteRt, kGraph), Canonical(R"(graph (%x: float32[2,3]) -> (%y) {
  const %y_numbers: int32[1] = {6}
  %y: float32[6] = RESHAPE(%x, %y_numbers) {new_shape: [6]}
})"));
}

TEST(TargetNodeFormsTest, TellsHowManyAndWhich) {
  const Outcome outcome = RunPass(R"(graph (%x: float32[1,8,4,4]) -> (%y) {
    const %axes: int32[2] = {2, 3}
    %y: float32[1,8] = MEAN(%x, %axes) {keep_dims: false}
  })",
                                  "", {.target = Target::kOnert});
  EXPECT_EQ(outcome.report,
            "remark: model.circle: for onert: 1 node is written in another form, which it computes "
            "(--verbose names them)\n");
  EXPECT_EQ(outcome.notes,
            "note: model.circle: tensor 'y': MEAN is written as MEAN, RESHAPE for onert\n");
}

// LiteRT computes them, and without a target nothing is adapted.
TEST(TargetNodeFormsTest, StayWhereTheyAreRight) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,8,4,4]) -> (%y) {
    const %axes: int32[2] = {2, 3}
    %y: float32[1,8] = MEAN(%x, %axes) {keep_dims: false}
  })";
  EXPECT_EQ(Written(Target::kLiteRt, kGraph), Canonical(kGraph));
  EXPECT_EQ(Written(Target::kAny, kGraph), Canonical(kGraph));
}

// Of what the model brought quantized nothing becomes float32: no rule would convert it, and onert
// has no integer Neg.
TEST(TargetNodeFormsTest, LeavesAQuantizedNodeThatItCouldWriteInFloat32Only) {
  constexpr char kGraph[] = R"(graph (%x: int8[2,3] q(0.5, 3), %i: int32[2]) -> (%y, %z, %u) {
  const %table: int8[2,3] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4, 5, 6}
  const %other: uint8[2,3] q(0.5, 0) = {1, 2, 3, 4, 5, 6}
  const %axes: int32[1] = {1}
  %y: int8[2,1] q(0.5, 3) = REDUCE_MIN(%x, %axes) {keep_dims: true}
  %z: float32[2,3] = EMBEDDING_LOOKUP(%i, %table)
  %u: uint8[2,3] q(0.25, 0) = EMBEDDING_LOOKUP(%i, %other)
})";
  const std::string written = Written(Target::kOnert, kGraph);
  EXPECT_TRUE(absl::EndsWith(written, Canonical(kGraph))) << written;
  EXPECT_TRUE(absl::StrContains(written, "onert does not run REDUCE_MIN")) << written;
}

}  // namespace
}  // namespace q_implant
