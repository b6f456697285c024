// SPDX-License-Identifier: Apache-2.0
// --target: what the rules make of a model for one runtime.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

const IoTypes kFloat32({circle::TensorType_FLOAT32});

const QuantizeOptions kLiteRt = {.target = Target::kLiteRt};
const QuantizeOptions kOnert = {.target = Target::kOnert};

std::string For(const QuantizeOptions& options, absl::string_view graph,
                absl::string_view annotations) {
  return Quantize(graph, annotations, options);
}

TEST(TargetTest, OnertTakesUint8) {
  EXPECT_EQ(For(kOnert, R"(graph (%x: float32[1,2,2,2]) -> (%y) {
    const %w: float32[2,1,1,2] = {1, 2, 3, 4}
    %y: float32[1,2,2,2] = CONV_2D(%x, %w, _) {stride_w: 1, stride_h: 1}
  })",
                R"(
    tensor %x: int8[] q(0.5, -3)
    const %w: int8[2,1,1,2] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
    tensor %y: int8[] q(1, -128))"),
            "remark: model.circle: for onert: 2 activations are uint8 instead of int8, the same "
            "numbers with zero points moved by 128, inputs and outputs among them: 'x', 'y'\n"
            "remark: model.circle: 1 convolution without a bias got one of zeros, for runtimes "
            "refuse them\n" +
                Canonical(R"(graph (%x: uint8[1,2,2,2] q(0.5, 125)) -> (%y) {
    const %w: uint8[2,1,1,2] q([0.5, 0.25], 128, axis 0) = {130, 132, 140, 144}
    const %y_bias: int32[2] q([0.25, 0.125], 0, axis 0) = {0, 0}
    %y: uint8[1,2,2,2] q(1, 0) = CONV_2D(%x, %w, %y_bias) {stride_w: 1, stride_h: 1}
  })"));
}

// onert has no integer Relu, and uses the first scale of a FullyConnected for every channel.
TEST(TargetTest, OnertFusesClampsAndConvolvesPerChannelFullyConnected) {
  EXPECT_EQ(
      For(kOnert, R"(graph (%x: float32[1,2]) -> (%z) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    const %v: float32[2,2] = {1, 2, 3, 4}
    %a: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %y: float32[1,2] = RELU6(%a)
    %z: float32[1,2] = FULLY_CONNECTED(%y, %v, _) {}
  })",
          R"(
    tensor %x: uint8[] q(0.5, 3)
    tensor %w: uint8[] q(0.25, 0)
    tensor %y: uint8[] q(0.1, 0)
    tensor %v: uint8[] q([0.5, 0.25], 0, axis 0)
    tensor %z: uint8[] q(1, 0))"),
      "remark: model.circle: for onert: 1 clamp became part of the operator before (--verbose "
      "names them)\n"
      "remark: model.circle: for onert: 1 FULLY_CONNECTED became a CONV_2D between Reshapes, "
      "for its weights have a scale per channel (--verbose names each)\n" +
          Canonical(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%z) {
    const %w: uint8[2,2] q(0.25, 0) = {4, 8, 12, 16}
    %y: uint8[1,2] q(0.1, 0) = FULLY_CONNECTED(%x, %w, _) {fused_activation_function: RELU6}
    const %y_between_shape: int32[4] = {1, 1, 1, 2}
    %y_between: uint8[1,1,1,2] q(0.1, 0) = RESHAPE(%y, %y_between_shape) {}
    const %v: uint8[2,1,1,2] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
    const %z_bias: int32[2] q([0.05, 0.025], 0, axis 0) = {0, 0}
    %z_between: uint8[1,1,1,2] q(1, 0) = CONV_2D(%y_between, %v, %z_bias) {padding: VALID, stride_w: 1, stride_h: 1}
    const %z_shape: int32[2] = {1, 2}
    %z: uint8[1,2] q(1, 0) = RESHAPE(%z_between, %z_shape) {}
  })"));
}

// tico leaves a Transpose between a convolution and its Relu.
TEST(TargetTest, OnertFusesClampsThroughMovers) {
  EXPECT_EQ(
      For(kOnert, R"(graph (%x: float32[1,2,2,1]) -> (%y) {
    const %w: float32[1,1,1,1] = {1}
    const %b: float32[1] = {0}
    const %axes: int32[4] = {0, 3, 1, 2}
    %conv: float32[1,2,2,1] = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %t: float32[1,1,2,2] = TRANSPOSE(%conv, %axes) {}
    %y: float32[1,1,2,2] = RELU(%t)
  })",
          R"(
    tensor %x: uint8[] q(0.5, 3)
    tensor %w: uint8[] q(0.25, 0)
    tensor %y: uint8[] q(0.5, 3))"),
      "remark: model.circle: for onert: 1 clamp became part of the operator before (--verbose "
      "names them)\n" +
          Canonical(R"(graph (%x: uint8[1,2,2,1] q(0.5, 3)) -> (%y) {
    const %w: uint8[1,1,1,1] q(0.25, 0) = {4}
    const %b: int32[1] q(0.125, 0) = {0}
    %conv: uint8[1,2,2,1] q(0.5, 3) = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1, fused_activation_function: RELU}
    const %axes: int32[4] = {0, 3, 1, 2}
    %y: uint8[1,1,2,2] q(0.5, 3) = TRANSPOSE(%conv, %axes) {}
  })"));
}

TEST(TargetTest, OnertHasNoInt16) {
  EXPECT_EQ(
      For(kOnert, R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })",
          R"(
    tensor %x: int16[] q(0.5, 0)
    tensor %w: int8[] q([0.5, 0.25], 0, axis 0)
    tensor %y: int16[] q(1, 0))"),
      "warning: model.circle: tensor 'x': for onert: it stays float32, since the runtime "
      "converts no int16 (likewise 1 more tensor, which --verbose and --report name); annotate it "
      "as int8 or uint8\n"
      "remark: model.circle: tensor 'w': for onert: the constant is written as float32 (its "
      "dequantized values), because the operator that reads it stays float32 and the runtime "
      "cannot dequantize it; --verbose says why the operator stays float32\n" +
          Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })"));
}

// PyTorch's X86Inductor: uint8 data beside int8 weights, which no runtime computes.
// With a scale per channel LiteRT wants both int8, with one scale both uint8 will do.
TEST(TargetTest, X86InductorOnBothRuntimes) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,2,1]) -> (%y) {
    const %w: float32[2,1,1,1] = {1, 2}
    const %b: float32[2] = {1, 0}
    %a: float32[1,2,2,2] = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %y: float32[1,2,2,2] = ADD(%a, %x) {}
  })";
  constexpr char kPerChannel[] = R"(
    tensor %x: uint8[] q(0.5, 3)
    const %w: int8[2,1,1,1] q([0.25, 0.5], 0, axis 0) = {4, 4}
    tensor %a: uint8[] q(1, 0)
    tensor %y: uint8[] q(2, 0))";
  EXPECT_EQ(For(kLiteRt, kGraph, kPerChannel),
            "remark: model.circle: for LiteRT: 3 activations are int8 instead of uint8, the same "
            "numbers with zero points moved by 128, inputs and outputs among them: 'x', 'y'\n" +
                Canonical(R"(graph (%x: int8[1,2,2,1] q(0.5, -125)) -> (%y) {
    const %w: int8[2,1,1,1] q([0.25, 0.5], 0, axis 0) = {4, 4}
    const %b: int32[2] q([0.125, 0.25], 0, axis 0) = {8, 0}
    %a: int8[1,2,2,2] q(1, -128) = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %y: int8[1,2,2,2] q(2, -128) = ADD(%a, %x) {}
  })"));
  EXPECT_EQ(For(kOnert, kGraph, kPerChannel),
            Canonical(R"(graph (%x: uint8[1,2,2,1] q(0.5, 3)) -> (%y) {
    const %w: uint8[2,1,1,1] q([0.25, 0.5], 128, axis 0) = {132, 132}
    const %b: int32[2] q([0.125, 0.25], 0, axis 0) = {8, 0}
    %a: uint8[1,2,2,2] q(1, 0) = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %y: uint8[1,2,2,2] q(2, 0) = ADD(%a, %x) {}
  })"));
  EXPECT_EQ(For(kLiteRt, kGraph, R"(
    tensor %x: uint8[] q(0.5, 3)
    const %w: int8[2,1,1,1] q(0.25, 0) = {4, 8}
    tensor %a: uint8[] q(1, 0))"),
            Canonical(R"(graph (%x: uint8[1,2,2,1] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[1,2,2,1] = DEQUANTIZE(%x) {}
    const %w: uint8[2,1,1,1] q(0.25, 128) = {132, 136}
    const %b: int32[2] q(0.125, 0) = {8, 0}
    %a: uint8[1,2,2,2] q(1, 0) = CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %a_dequant: float32[1,2,2,2] = DEQUANTIZE(%a) {}
    %y: float32[1,2,2,2] = ADD(%a_dequant, %x_dequant) {}
  })"));
}

// What counts is the type of the data, not of what is made of it.
TEST(TargetTest, Int8WeightsBesideUint8DataThatBecomeInt8) {
  EXPECT_EQ(For(kLiteRt, R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                R"(
    tensor %x: uint8[] q(0.5, 128)
    tensor %w: int8[] q([0.5, 0.25], 0, axis 0)
    tensor %y: int8[] q(1, 0))"),
            "remark: model.circle: for LiteRT: 1 activation is int8 instead of uint8, the same "
            "numbers with zero points moved by 128, inputs and outputs among them: 'x'\n" +
                Canonical(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })"));
}

TEST(TargetTest, WhatTheTargetLacksIsTold) {
  EXPECT_EQ(RunPass("graph (%x: float32[2]) -> (%y) { const %a: int32[] = {0} "
                    "%y: float32[2] = CUMSUM(%x, %a) {} }",
                    "tensor %x: uint8[] q(0.5, 0)", kOnert)
                .report,
            "warning: model.circle: tensor 'y': onert does not run CUMSUM in float32 either; "
            "q-implant has no replacement for it\n");
}

TEST(TargetTest, WithoutOneMisreadNodesAreTold) {
  EXPECT_EQ(RunPassAsUsersDo("graph (%x: float32[2]) -> (%y) { %y: float32[2] = ABS(%x) {} }",
                             "tensor %x: int8[] q(0.5, 0)  tensor %y: int8[] q(0.5, 0)",
                             {.input_types = kFloat32})
                .report,
            "warning: model.circle: tensor 'x_quantized': onert computes wrong values for "
            "QUANTIZE from float32 to int8; --target onert adapts the model to it; where it is for "
            "another runtime, name that one\n");
}

// What the model came with: onert would use the first scale for all channels.
TEST(TargetTest, DequantizesOfConstantsThatTheModelBrings) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {2, 4, 12, 16}
    const %v: int8[1,2] q(0.5, 0) = {1, 2}
    %f: float32[2,2] = DEQUANTIZE@2(%w) {}
    %g: float32[1,2] = DEQUANTIZE@2(%v) {}
    %z: float32[1,2] = FULLY_CONNECTED(%x, %f, _) {}
    %y: float32[1,2] = ADD(%z, %g) {}
  })";
  EXPECT_EQ(For(kOnert, kGraph, "tensor %x: float32[]"),
            "remark: model.circle: for onert: 1 constant that it does not dequantize became "
            "float32\n" +
                Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %v: int8[1,2] q(0.5, 0) = {1, 2}
    const %f: float32[2,2] = {1, 2, 3, 4}
    %g: float32[1,2] = DEQUANTIZE@2(%v) {}
    %z: float32[1,2] = FULLY_CONNECTED(%x, %f, _) {}
    %y: float32[1,2] = ADD(%z, %g) {}
  })"));
  EXPECT_EQ(For(kLiteRt, kGraph, "tensor %x: float32[]"), Canonical(kGraph));
}

TEST(TargetTest, OnertDequantizesNoFloat16) {
  EXPECT_EQ(For(kOnert, R"(graph (%x: float32[2]) -> (%y) {
    const %h: float16[2] = {1, 2}
    %c: float32[2] = DEQUANTIZE(%h) {}
    %y: float32[2] = POW(%x, %c) {}
  })",
                "tensor %x: float32[]"),
            "remark: model.circle: for onert: 1 constant that it does not dequantize became "
            "float32\n" +
                Canonical(R"(graph (%x: float32[2]) -> (%y) {
    const %c: float32[2] = {1, 2}
    %y: float32[2] = POW(%x, %c) {}
  })"));
}

// onert refuses a FullyConnected of two inputs.
TEST(TargetTest, AFullyConnectedNamesTheBiasThatItLacks) {
  Model model = ModelFromText(R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w) {}
  })");
  QuantizeWithImportedParamsPass pass(ParamsFromText("tensor %x: uint8[] q(1, 0)"), kOnert);
  Diagnostics diagnostics;
  ASSERT_TRUE(pass.Run(model, diagnostics).ok());
  const Node& node = model.graphs[0].nodes.back();
  ASSERT_EQ(node.inputs.size(), 3u);
  EXPECT_EQ(node.inputs[2], kNoTensor);
}

// With or without 'value': what the annotation makes of the weights, not what they were.
TEST(TargetTest, ConstantsThatAreFloat32AgainAreQuantizedAllTheSame) {
  EXPECT_EQ(RunPass(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {0.1, 0.2, 0.3, 1}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                    "tensor %w: int8[] q([0.25, 0.5], 0, axis 0)", kOnert)
                .model,
            Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {0, 0.25, 0.5, 1}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })"));
}

// Parameters reach the clamp through a mover.
// What the model brought quantized takes the form that comes out: no rule would convert it.
TEST(TargetTest, OnertFusesClampsThroughMoversOfAQuantizedModel) {
  EXPECT_EQ(For(kOnert, R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%z) {
    const %w: uint8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %shape: int32[2] = {2, 1}
    %a: uint8[1,2] q(0.5, 100) = FULLY_CONNECTED(%x, %w, _) {}
    %b: uint8[2,1] q(0.5, 100) = RESHAPE(%a, %shape) {}
    %y: uint8[2,1] q(0.25, 0) = RELU(%b)
    %z: uint8[2,1] q(0.25, 0) = RESHAPE(%y, %shape) {}
  })",
                ""),
            "remark: model.circle: for onert: 1 clamp became part of the operator before "
            "(--verbose names them)\n" +
                Canonical(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%z) {
    const %w: uint8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %shape: int32[2] = {2, 1}
    %a: uint8[1,2] q(0.25, 0) = FULLY_CONNECTED(%x, %w, _) {fused_activation_function: RELU}
    %y: uint8[2,1] q(0.25, 0) = RESHAPE(%a, %shape) {}
    %z: uint8[2,1] q(0.25, 0) = RESHAPE(%y, %shape) {}
  })"));
}

// It would stay float32, and read what the model brought quantized.
TEST(TargetTest, OnertDoesNotConvolveWithWeightsThatNoConvolutionTakes) {
  const Outcome of_faulty = RunPass(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%y) {
    const %w: uint8[3,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4, 5, 6}
    const %b: int32[3] q(0.25, 0) = {1, 2, 3}
    %y: uint8[1,3] q(0.5, 100) = FULLY_CONNECTED(%x, %w, %b) {}
  })",
                                    "", kOnert);
  EXPECT_TRUE(of_faulty.ok) << of_faulty.model;
  EXPECT_FALSE(absl::StrContains(of_faulty.model, "CONV_2D")) << of_faulty.model;
  const Outcome of_int16 = RunPass(R"(graph (%x: float32[3,2]) -> (%y) {
    const %w: int16[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %y: float32[3,2] = FULLY_CONNECTED(%x, %w) {}
  })",
                                   R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %y: int8[] q(1, 12))",
                                   kOnert);
  EXPECT_TRUE(of_int16.ok) << of_int16.model;
  EXPECT_FALSE(absl::StrContains(of_int16.model, "CONV_2D")) << of_int16.model;
}

// A constant may be a graph input as well, and stays one when it has lost its last reader.
TEST(TargetTest, AConstantInputWhoseReaderIsCarriedOutStays) {
  Model model = ModelFromText(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int4[2,2] q([0.5, 0.25], 0, axis 1) = {1, 2, 3, 4}
    %d: float32[2,2] = DEQUANTIZE@3(%w) {}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %d, _) {}
  })");
  Graph& graph = model.graphs[0];
  const TensorId w = graph.nodes[0].inputs[0];
  graph.inputs.push_back(w);
  Diagnostics diagnostics;
  QuantizeWithImportedParamsPass pass(Params(), kOnert);
  ASSERT_TRUE(pass.Run(model, diagnostics).ok());
  ASSERT_EQ(graph.inputs.size(), 2u);
  EXPECT_EQ(graph.tensor(graph.inputs[1]).name, "w");
}

TEST(TargetTest, OnertFusesAClampBeforeAReshape) {
  EXPECT_EQ(
      For(kOnert, R"(graph (%x: float32[1,2], %i: int32[1]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %a: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %b: float32[1,2] = RELU(%a)
    %y: float32[2] = RESHAPE(%b, %i) {}
  })",
          R"(
    tensor %x: uint8[] q(0.5, 3)
    tensor %w: uint8[] q(0.25, 0)
    tensor %y: uint8[] q(0.1, 0))"),
      "remark: model.circle: for onert: 1 clamp became part of the operator before (--verbose "
      "names them)\n" +
          Canonical(R"(graph (%x: uint8[1,2] q(0.5, 3), %i: int32[1]) -> (%y) {
    const %w: uint8[2,2] q(0.25, 0) = {4, 8, 12, 16}
    %b: uint8[1,2] q(0.1, 0) = FULLY_CONNECTED(%x, %w, _) {fused_activation_function: RELU}
    %y: uint8[2] q(0.1, 0) = RESHAPE(%b, %i) {}
  })"));
}

// Clamps that stay: what leaves float32, what is read twice, pinned, or cuts off less than its
// input.
TEST(TargetTest, ClampsThatOnertComputesInFloat32) {
  const auto fuses = [](absl::string_view more, absl::string_view params) {
    return RunPass(
               absl::StrCat(R"(graph (%x: float32[1,2]) -> (%z) {
      const %w: float32[2,2] = {1, 2, 3, 4}
      %a: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
      %y: float32[1,2] = RELU(%a))",
                            more, "}"),
               absl::StrCat("tensor %x: uint8[] q(0.5, 3)  tensor %w: uint8[] q(0.25, 0)", params),
               kOnert)
               .model.find("fused_activation_function: RELU") != std::string::npos;
  };
  constexpr char kRead[] = "%z: float32[1,2] = COS(%y) {}";
  EXPECT_TRUE(fuses(kRead, "tensor %y: uint8[] q(1, 0)"));
  EXPECT_TRUE(fuses(kRead, "tensor %a: uint8[] q(1, 0)"));
  EXPECT_TRUE(fuses(kRead, "tensor %a: uint8[] q(1, 0) tensor %y: uint8[] q(1, 0)"));
  EXPECT_FALSE(fuses(kRead, "tensor %a: uint8[] q(0.1, 0) tensor %y: uint8[] q(1, 0)"));
  EXPECT_FALSE(fuses(kRead, "tensor %y: uint8[] q(1, 0) tensor %a: float32[]"));
  EXPECT_FALSE(fuses("%z: float32[1,2] = ADD(%y, %a) {}", "tensor %y: uint8[] q(1, 0)"));
}

// The graph output has no parameters, so the clamp is float32, and the annotated tensor stays.
TEST(TargetTest, AClampThatLeavesAsFloat32IsNotFused) {
  EXPECT_EQ(For(kOnert, R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %a: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %y: float32[1,2] = RELU(%a)
  })",
                R"(
    tensor %x: uint8[] q(0.5, 3)
    tensor %w: uint8[] q(0.25, 0)
    tensor %a: uint8[] q(0.1, 0))"),
            "remark: model.circle: tensor 'y': RELU stays float32: onert has no integer kernel\n" +
                Canonical(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%y) {
    const %w: uint8[2,2] q(0.25, 0) = {4, 8, 12, 16}
    %a: uint8[1,2] q(0.1, 0) = FULLY_CONNECTED(%x, %w, _) {}
    %a_dequant: float32[1,2] = DEQUANTIZE(%a) {}
    %y: float32[1,2] = RELU(%a_dequant)
  })"));
}

// Weights are quantized in the annotated type, and then moved: {10, 2} in int4 is {7, 2}.
TEST(TargetTest, WeightsAreQuantizedAsAnnotated) {
  EXPECT_NE(For(kOnert, R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[1,2] = {10, -2}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                R"(
    tensor %x: uint8[] q(0.5, 0)
    tensor %w: int4[] q(1, 0)
    tensor %y: uint8[] q(1, 0))")
                .find("const %w: uint8[1,2] q(1, 128) = {135, 126}"),
            std::string::npos);
}

TEST(TargetTest, WithoutParametersToo) {
  EXPECT_EQ(RunPass(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[1,2] q(0.25, 0) = {4, 8}
    %y: int8[1,1] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })",
                    "", kOnert)
                .report,
            "warning: model.circle: tensor 'y': onert does not run FULLY_CONNECTED with int8 data; "
            "q-implant has no replacement for it\n");
}

// Nobody pinned it: the note, the counts and the report say whose choice it was.
TEST(TargetTest, WhatTheTargetDoesNotConvertIsUnsupportedNotPinned) {
  Model model = ModelFromText(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[1,2] = {1, 2}
    %y: float32[1,1] = FULLY_CONNECTED(%x, %w, _) {}
  })");
  model.path = "model.circle";
  QuantizeWithImportedParamsPass pass(ParamsFromText(R"(
    tensor %x: int16[] q(0.5, 0) tensor %w: int8[] q(0.5, 0) tensor %y: int16[] q(0.5, 0))"),
                                      {.target = Target::kOnert}, {.report = true});
  Diagnostics diagnostics;
  ASSERT_TRUE(pass.Run(model, diagnostics).ok());
  std::string told;
  for (const Diagnostic& one : diagnostics.all()) absl::StrAppend(&told, one.ToString(), "\n");
  EXPECT_TRUE(absl::StrContains(told,
                                "tensor 'y': FULLY_CONNECTED stays float32: 'x' is int16, "
                                "which onert does not convert\n"))
      << told;
  EXPECT_EQ(pass.summary().annotated, 3u);
  std::string how;
  for (const TensorReport& tensor : pass.report().tensors) {
    absl::StrAppend(&how, tensor.name, " ", tensor.how, "; ");
  }
  EXPECT_EQ(how, "x unsupported; w annotated; y unsupported; w_dequant inserted; ");
}

}  // namespace
}  // namespace q_implant
