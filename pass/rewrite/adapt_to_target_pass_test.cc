// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/adapt_to_target_pass.h"

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/extract/diff_params.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

struct Adapted {
  absl::StatusOr<bool> changed;
  std::string told;  // but for notes
  Model model;
};

Adapted AdaptModel(Model model, Target target) {
  model.path = "m.circle";
  Diagnostics diagnostics;
  absl::StatusOr<bool> changed = AdaptToTargetPass(target).Run(model, diagnostics);
  std::string told;
  for (const Diagnostic& d : diagnostics.all()) {
    if (d.severity != Severity::kNote) absl::StrAppend(&told, d.ToString(), "\n");
  }
  return {std::move(changed), std::move(told), std::move(model)};
}

// The adapted model, behind what is told; the status where that fails. A second run changes
// nothing.
std::string Adapt(absl::string_view text, Target target) {
  Adapted first = AdaptModel(ModelFromText(text), target);
  if (!first.changed.ok()) return std::string(first.changed.status().message());
  EXPECT_TRUE(*first.changed);
  const std::string once = PrintModel(first.model);
  const Adapted second = AdaptModel(std::move(first.model), target);
  EXPECT_TRUE(second.changed.ok()) << second.changed.status();
  EXPECT_EQ(PrintModel(second.model), once);
  return absl::StrCat(first.told, once);
}

std::string Expected(absl::string_view told, absl::string_view text) {
  return absl::StrCat(told, Canonical(text));
}

void ExpectUnchanged(absl::string_view text, Target target) {
  const Adapted adapted = AdaptModel(ModelFromText(text), target);
  ASSERT_TRUE(adapted.changed.ok()) << adapted.changed.status();
  EXPECT_FALSE(*adapted.changed);
  EXPECT_EQ(adapted.told, "");
  EXPECT_EQ(PrintModel(adapted.model), Canonical(text));
}

TEST(AdaptToTargetTest, FaultsAreMendedWhereThatIsCertainAndToldElse) {
  constexpr char kGraph[] = R"(graph (%x: int8[1,1,1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[1,1,1,2] q([0.5, 0.25], 0, axis 3) = {1, 2}
    const %b: int32[2] q([0.25, 0.125], 0, axis $0) = {1, 2}
    const %unread: int8[4] q([0.25, 0.125], 0, axis $0) = {1, 2, 3, 4}
    %y: int8[1,1,1,2] q(1, 0) = DEPTHWISE_CONV_2D(%x, %w, %b) {stride_w: 1, stride_h: 1, depth_multiplier: 1}
  })";
  const std::string fault =
      "warning: m.circle: the model came with a fault: graph 0: 'unread' has 2 scales along axis "
      "$0, which is not that long; repair it first: the result will have it too\n";
  const Adapted mended = AdaptModel(ModelFromText(absl::Substitute(kGraph, 3)), Target::kLiteRt);
  EXPECT_TRUE(*mended.changed);
  EXPECT_EQ(
      mended.told,
      absl::StrCat("remark: m.circle: tensor 'b': the model came with a fault, which is corrected: "
                   "its quantized_dimension is 0 now, the only dimension of [2] that "
                   "is as long as its 2 scales: the file had 3\n",
                   absl::Substitute(fault, 3)));
  const Adapted told = AdaptModel(ModelFromText(absl::Substitute(kGraph, 0)), Target::kLiteRt);
  EXPECT_FALSE(*told.changed);
  EXPECT_EQ(told.told, absl::Substitute(fault, 0));
}

TEST(AdaptToTargetTest, Names) {
  EXPECT_EQ(AdaptToTargetPass(Target::kLiteRt).name(), "adapt_to_litert");
  EXPECT_EQ(AdaptToTargetPass(Target::kOnert).name(), "adapt_to_onert");
}

TEST(AdaptToTargetTest, WhatIsRightStays) {
  constexpr char kInt8[] = R"(graph (%x: int8[1,1,1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,1,1,2] q([0.5, 0.25], 0, axis 0) = {-128, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %c: int8[1,1,1,2] q(1, 0) = CONV_2D@3(%x, %w, %b) {stride_w: 1, stride_h: 1}
    %y: int8[1,1,1,2] q(1, 0) = ADD(%c, %c) {}
  })";
  ExpectUnchanged(kInt8, Target::kLiteRt);
  ExpectUnchanged(kInt8, Target::kOnert);
  ExpectUnchanged(R"(graph (%x: float32[1,2]) -> (%y) {
    %x_quantized: uint8[1,2] q(0.5, 3) = QUANTIZE(%x) {}
    const %w: uint8[2,2] q(0.5, 128) = {1, 2, 3, 4}
    const %b: int32[2] q(0.25, 0) = {1, 2}
    %d: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x_quantized, %w, %b) {}
    %y: float32[1,2] = DEQUANTIZE(%d) {}
  })",
                  Target::kOnert);
}

// Where no rule could mend anything, what is wrong is told all the same.
TEST(AdaptToTargetTest, Float32ThatTheTargetLacks) {
  const Adapted adapted =
      AdaptModel(ModelFromText("graph (%x: float32[2]) -> (%y) { const %a: int32[] = {0} "
                               "%y: float32[2] = CUMSUM(%x, %a) {} }"),
                 Target::kOnert);
  ASSERT_TRUE(adapted.changed.ok());
  EXPECT_FALSE(*adapted.changed);
  EXPECT_EQ(adapted.told,
            "warning: m.circle: tensor 'y': onert does not run CUMSUM in float32 either; q-implant "
            "has no replacement for it\n");
}

TEST(AdaptToTargetTest, Float32InAnotherForm) {
  EXPECT_EQ(Adapt(R"(graph (%x: float32[1,8,4,4]) -> (%y) {
    const %axes: int32[2] = {2, 3}
    %y: float32[1,8] = MEAN(%x, %axes) {keep_dims: false}
  })",
                  Target::kOnert),
            Expected("remark: m.circle: for onert: 1 node is written in another form, which it "
                     "computes (--verbose names them)\n",
                     R"(graph (%x: float32[1,8,4,4]) -> (%y) {
    const %y_numbers: int32[2] = {2, 3}
    %y_between: float32[1,8,1,1] = MEAN(%x, %y_numbers) {keep_dims: true}
    const %y_numbers_1: int32[2] = {1, 8}
    %y: float32[1,8] = RESHAPE(%y_between, %y_numbers_1) {new_shape: [1, 8]}
  })"));
}

TEST(AdaptToTargetTest, Int8ForOnert) {
  EXPECT_EQ(Adapt(R"(graph (%x: float32[1,2]) -> (%y) {
    %x_quantized: int8[1,2] q(0.5, 3) = QUANTIZE(%x) {}
    const %w: int8[2,2] q(0.5, 0) = {-128, 2, 3, 4}
    const %b: int32[2] q(0.25, 0) = {1, 2}
    %d: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x_quantized, %w, %b) {}
    %d_other: int8[1,2] q(2, 1) = QUANTIZE@2(%d) {}
    %m: int8[1,2] q(2, 1) = MAXIMUM(%d_other, %d_other) {}
    %y: float32[1,2] = DEQUANTIZE@2(%m) {}
  })",
                  Target::kOnert),
            Expected("remark: m.circle: for onert: 4 activations are uint8 instead of int8, the "
                     "same numbers with zero points moved by 128\n",
                     R"(graph (%x: float32[1,2]) -> (%y) {
    %x_quantized: uint8[1,2] q(0.5, 131) = QUANTIZE(%x) {}
    const %w: uint8[2,2] q(0.5, 128) = {0, 130, 131, 132}
    const %b: int32[2] q(0.25, 0) = {1, 2}
    %d: uint8[1,2] q(1, 128) = FULLY_CONNECTED(%x_quantized, %w, %b) {}
    %d_other_dequant: float32[1,2] = DEQUANTIZE@2(%d) {}
    %d_other: uint8[1,2] q(2, 129) = QUANTIZE(%d_other_dequant) {}
    %m: uint8[1,2] q(2, 129) = MAXIMUM(%d_other, %d_other) {}
    %y: float32[1,2] = DEQUANTIZE@2(%m) {}
  })"));
}

TEST(AdaptToTargetTest, Uint8WithChannelsForLiteRt) {
  EXPECT_EQ(Adapt(R"(graph (%x: uint8[1,1,1,2] q(0.5, 3)) -> (%y) {
    const %w: uint8[2,1,1,2] q([0.5, 0.25], 128, axis 0) = {0, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: uint8[1,1,1,2] q(1, 0) = CONV_2D@3(%x, %w, %b) {stride_w: 1, stride_h: 1}
  })",
                  Target::kLiteRt),
            Expected("remark: m.circle: for LiteRT: 2 activations are int8 instead of uint8, the "
                     "same numbers with zero points moved by 128, inputs and outputs among them: "
                     "'x', 'y'\n",
                     R"(graph (%x: int8[1,1,1,2] q(0.5, -125)) -> (%y) {
    const %w: int8[2,1,1,2] q([0.5, 0.25], 0, axis 0) = {-128, -126, -125, -124}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: int8[1,1,1,2] q(1, -128) = CONV_2D@3(%x, %w, %b) {stride_w: 1, stride_h: 1}
  })"));
}

TEST(AdaptToTargetTest, OutputsThatOnertOverwrites) {
  EXPECT_EQ(Adapt(R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y, %z) {
    %y: uint8[2] q(1, 4) = ADD(%x, %x) {}
    %z: uint8[2] q(2, 4) = ADD(%y, %y) {}
  })",
                  Target::kOnert),
            Expected("remark: m.circle: for onert: 1 graph output that nodes inside read is made "
                     "by a Reshape that copies what they read, for onert may overwrite it: 'y'\n",
                     R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y, %z) {
    %y_between: uint8[2] q(1, 4) = ADD(%x, %x) {}
    %z: uint8[2] q(2, 4) = ADD(%y_between, %y_between) {}
    const %y_numbers: int32[1] = {2}
    %y: uint8[2] q(1, 4) = RESHAPE(%y_between, %y_numbers) {new_shape: [2]}
  })"));
}

TEST(AdaptToTargetTest, AFloat32KernelThatIsTooCoarse) {
  const auto graph = [](const char* scale) {
    return absl::Substitute(R"(graph (%x: uint8[2] q($0, 128)) -> (%y) {
    %f: float32[2] = DEQUANTIZE(%x)
    %e: float32[2] = ELU(%f)
    %y: uint8[2] q($0, 128) = QUANTIZE(%e)
  })",
                            scale);
  };
  EXPECT_NE(Adapt(graph("1e-8"), Target::kOnert).find(" TANH("), std::string::npos);
  EXPECT_NE(Adapt(R"(graph (%x: int16[2] q(1e-8, 0)) -> (%y) {
    %y: int16[2] q(1e-8, 0) = ELU(%x)
  })",
                  Target::kOnert)
                .find(" TANH("),
            std::string::npos);
  ExpectUnchanged(graph("1e-8"), Target::kLiteRt);
  ExpectUnchanged(graph("0.01"), Target::kOnert);
}

TEST(AdaptToTargetTest, EqualSides) {
  EXPECT_EQ(Adapt(R"(graph (%a: int8[1,4] q(0.5, 0), %b: int8[1,4] q(0.25, 0)) -> (%y) {
    %y: int8[1,4] q(0.5, 0) = MAXIMUM(%a, %b) {}
  })",
                  Target::kLiteRt),
            Expected("", R"(graph (%a: int8[1,4] q(0.5, 0), %b: int8[1,4] q(0.25, 0)) -> (%y) {
    %b_quantized: int8[1,4] q(0.5, 0) = QUANTIZE@2(%b) {}
    %y: int8[1,4] q(0.5, 0) = MAXIMUM(%a, %b_quantized) {}
  })"));
}

TEST(AdaptToTargetTest, Int16IsFloat32OnOnert) {
  EXPECT_EQ(
      Adapt(R"(graph (%x: int16[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {-128, 2, 3, 4}
    %y: int16[1,2] q(1, 0) = FULLY_CONNECTED@4(%x, %w, _) {}
  })",
            Target::kOnert),
      Expected("warning: m.circle: tensor 'x': for onert: it is float32 now, since the "
               "runtime converts no int16 (likewise 1 more tensor, which --verbose and --report "
               "name); quantize the model to "
               "int8 or uint8 for integers there\n"
               "remark: m.circle: tensor 'w': for onert: the constant is written as float32 (its "
               "dequantized values), because the operator that reads it stays float32 and the "
               "runtime cannot dequantize it; --verbose says why the operator stays float32\n",
               R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {-64, 1, 0.75, 1}
    %y: float32[1,2] = FULLY_CONNECTED@4(%x, %w, _) {}
  })"));
}

TEST(AdaptToTargetTest, BiasesThatKernelsMisread) {
  EXPECT_EQ(Adapt(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.5, 0) = {3, -4}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })",
                  Target::kLiteRt),
            Expected("warning: m.circle: tensor 'b': the bias has other parameters than kernels "
                     "assume; it was rescaled: expected scale 0.25 (data scale x weights scale) "
                     "and zero point 0, found scale 0.5 and zero point 0\n",
                     R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.25, 0) = {6, -8}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })"));
}

TEST(AdaptToTargetTest, Float32ThatCanBeMended) {
  EXPECT_EQ(Adapt(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %d: float32[1,2] = FULLY_CONNECTED(%x, %w) {}
    const %h: float16[2] = 4 bytes
    %f: float32[2] = DEQUANTIZE(%h) {}
    %y: float32[1,2] = ADD(%d, %f) {}
  })",
                  Target::kOnert),
            Expected("remark: m.circle: for onert: 1 constant that it does not dequantize became "
                     "float32\n",
                     R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {1, 2, 3, 4}
    %d: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    const %f: float32[2] = {0, 0}
    %y: float32[1,2] = ADD(%d, %f) {}
  })"));
}

// What crosses is float32, on both sides.
TEST(AdaptToTargetTest, QuantizedTensorsThatCrossToOtherGraphs) {
  EXPECT_EQ(Adapt(R"(
  graph main(%c: bool[1], %x: int8[2] q(0.5, 0)) -> (%y) {
    %y: int8[2] q(0.5, 0) = IF(%c, %x) {then_subgraph_index: 1, else_subgraph_index: 1}
  }
  graph branch(%a: int8[2] q(0.5, 0)) -> (%b) {
    %b: int8[2] q(0.5, 0) = LOGISTIC(%a)
  })",
                  Target::kOnert),
            Expected("remark: m.circle: for onert: 4 activations are uint8 instead of int8, the "
                     "same numbers with zero points moved by 128, inputs and outputs among them: "
                     "'x', 'y'\n",
                     R"(
  graph main(%c: bool[1], %x: uint8[2] q(0.5, 128)) -> (%y) {
    %x_dequant: float32[2] = DEQUANTIZE(%x) {}
    %y_float: float32[2] = IF(%c, %x_dequant) {then_subgraph_index: 1, else_subgraph_index: 1}
    %y: uint8[2] q(0.5, 128) = QUANTIZE(%y_float) {}
  }
  graph branch(%a: float32[2]) -> (%b) {
    %a_quantized: uint8[2] q(0.5, 128) = QUANTIZE(%a) {}
    %b_quantized_1: uint8[2] q(0.00390625, 0) = LOGISTIC(%a_quantized)
    %b_dequant: float32[2] = DEQUANTIZE(%b_quantized_1) {}
    %b_quantized: uint8[2] q(0.5, 128) = QUANTIZE(%b_dequant) {}
    %b: float32[2] = DEQUANTIZE(%b_quantized) {}
  })"));
}

constexpr char kUnmeasured[] =
    "remark: m.circle: tensor 'y': q-implant has not measured mine with int8 data on onert; it is "
    "written as it came; compare what the runtime computes with the float32 model\n";

// What nobody measured stays, with the tensors it touches; its neighbours are adapted.
TEST(AdaptToTargetTest, WhatNobodyMeasured) {
  EXPECT_EQ(Adapt(R"(graph (%x: int8[2] q(0.5, 0)) -> (%z) {
    %s: int8[2] q(0.25, 0) = TANH(%x)
    const %w: int8[2] q(0.5, 0) = {1, 2}
    %y: int8[2] q(0.5, 0) = CUSTOM "mine"(%s, %w)
    %z: int8[2] q(0.5, 0) = TANH(%y)
  })",
                  Target::kOnert),
            Expected(absl::StrCat("remark: m.circle: for onert: 2 activations are uint8 instead of "
                                  "int8, the same numbers with zero points moved by 128, inputs "
                                  "and outputs among them: 'x', 'z'\n",
                                  kUnmeasured),
                     R"(graph (%x: uint8[2] q(0.5, 128)) -> (%z) {
    %s_quantized: uint8[2] q(0.0078125, 128) = TANH(%x)
    %s: int8[2] q(0.25, 0) = QUANTIZE@2(%s_quantized) {}
    const %w: int8[2] q(0.5, 0) = {1, 2}
    %y: int8[2] q(0.5, 0) = CUSTOM "mine"(%s, %w)
    %y_quantized: uint8[2] q(0.5, 128) = QUANTIZE@2(%y) {}
    %z_quantized: uint8[2] q(0.0078125, 128) = TANH(%y_quantized)
    %z_dequant: float32[2] = DEQUANTIZE(%z_quantized) {}
    %z: uint8[2] q(0.5, 128) = QUANTIZE@2(%z_dequant) {}
  })"));
}

TEST(AdaptToTargetTest, ModelsThatNobodyMeasuredStay) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %s: int8[2] q(0.5, 0) = ADD(%x, %x) {}
    %y: int8[2] q(0.5, 0) = CUSTOM "mine"(%s)
  })";
  const Adapted adapted = AdaptModel(ModelFromText(kGraph), Target::kOnert);
  ASSERT_TRUE(adapted.changed.ok()) << adapted.changed.status();
  EXPECT_FALSE(*adapted.changed);
  EXPECT_EQ(adapted.told, kUnmeasured);
  EXPECT_EQ(PrintModel(adapted.model), Canonical(kGraph));
}

// Conversions keep the versions of what they converted before, which are not lower.
TEST(AdaptToTargetPassTest, ScalesThatAreTooFarApart) {
  EXPECT_EQ(Adapt(R"(graph (%x: int16[2] q(1, 0), %z: int16[2] q(80000, 0)) -> (%y) {
    %y: int16[2] q(4, 0) = ADD(%x, %z) {}
  })",
                  Target::kLiteRt),
            Canonical(R"(graph (%x: int16[2] q(1, 0), %z: int16[2] q(80000, 0)) -> (%y) {
    %z_quantized: int16[2] q(5.000244, 0) = QUANTIZE@2(%z) {}
    %y: int16[2] q(4, 0) = ADD(%x, %z_quantized) {}
  })"));
}

// LiteRT's kernel for powers of two refuses these.
TEST(AdaptToTargetPassTest, AnInt16AddOfPowersOfTwo) {
  EXPECT_EQ(Adapt(R"(graph (%x: int16[2] q(0.25, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = ADD(%x, %x) {}
  })",
                  Target::kLiteRt),
            Expected("remark: m.circle: tensor 'y': for LiteRT: the int16 node has "
                     "pot_scale_int16: false now, for the kernel for powers of two rounds its "
                     "scales or refuses them\n",
                     R"(graph (%x: int16[2] q(0.25, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = ADD(%x, %x) {pot_scale_int16: false}
  })"));
}

// Of PyTorch's observer, behind zeros alone.
TEST(AdaptToTargetPassTest, ADeadActivation) {
  EXPECT_EQ(
      Adapt(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {4, 8}
    %y: int8[1,2] q(1.1920929e-07, -128) = FULLY_CONNECTED(%x, %w, %b) {fused_activation_function: RELU}
  })",
            Target::kLiteRt),
      Expected(
          "warning: m.circle: tensor 'y': FULLY_CONNECTED stays float32: on LiteRT, data scale "
          "x weights scale / output scale is 2.1e+06; its kernel is right below 256\n"
          "warning: m.circle: tensor 'b': the bias is written as float32 (its dequantized values), "
          "because its operator stays float32; --verbose says why the operator stays float32\n",
          R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[1,2] = DEQUANTIZE@2(%x) {}
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %w_dequant: float32[2,2] = DEQUANTIZE@2(%w) {}
    const %b: float32[2] = {1, 1}
    %y_float: float32[1,2] = FULLY_CONNECTED(%x_dequant, %w_dequant, %b) {fused_activation_function: RELU}
    const %y_float_at_most_bound: float32[1] = {3.0398369e-05}
    %y_float_at_most: float32[1,2] = MINIMUM(%y_float, %y_float_at_most_bound) {}
    const %y_float_at_least_bound: float32[1] = {0}
    %y_float_at_least: float32[1,2] = MAXIMUM(%y_float_at_most, %y_float_at_least_bound) {}
    %y: int8[1,2] q(1.1920929e-07, -128) = QUANTIZE(%y_float_at_least) {}
  })"));
}

std::string WithoutVersions(absl::string_view text) {
  return absl::StrReplaceAll(text, {{"@2(", "("}});
}

// Quantized for a target at once, or first for none and then adapted.
TEST(AdaptToTargetTest, GivesWhatQuantizingForTheTargetGives) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2,2,2], %c: float32[1,2,2,2]) -> (%y) {
    const %w: float32[2,1,1,2] = {1, 2, 3, 4}
    %conv: float32[1,2,2,2] = CONV_2D(%x, %w, _) {stride_w: 1, stride_h: 1}
    %relu: float32[1,2,2,2] = RELU6(%conv)
    %pool: float32[1,1,1,2] = AVERAGE_POOL_2D(%relu) {stride_w: 2, stride_h: 2, filter_width: 2, filter_height: 2}
    %greater: float32[1,2,2,2] = MAXIMUM(%relu, %c) {}
    %sine: float32[1,2,2,2] = SIN(%greater)
    %y: float32[1,2,2,2] = ADD(%sine, %pool) {}
  })";
  constexpr char kParams[] = R"(
    tensor %x: int8[] q(0.5, 3)
    tensor %c: int8[] q(0.1, -128)
    tensor %w: int8[] q([0.05, 0.06], 0, axis 0)
    tensor %relu: int8[] q(0.1, -128)
    tensor %pool: int8[] q(0.1, -128)
    tensor %greater: int8[] q(0.1, -128)
    tensor %sine: int8[] q(0.0078125, 0)
    tensor %y: int8[] q(0.1, -100))";
  for (const Target target : kTargets) {
    const Outcome direct = RunPass(kGraph, kParams, {.target = target});
    ASSERT_TRUE(direct.ok) << direct.model;
    const Outcome plain = RunPass(kGraph, kParams);
    ASSERT_TRUE(plain.ok) << plain.model;
    const Adapted adapted = AdaptModel(ModelFromText(plain.model), target);
    ASSERT_TRUE(adapted.changed.ok()) << adapted.changed.status();
    EXPECT_EQ(WithoutVersions(PrintModel(adapted.model)), WithoutVersions(direct.model));
  }
}

// --- nodes that stay as they came, for they read a quantized variable

TEST(AdaptToTargetTest, AKeptConvolutionGetsNoBias) {
  const std::string adapted = Adapt(R"(graph (%x: int8[1,2,2,1] q(0.5, 0)) -> (%y, %z) {
    tensor %w: int8[1,1,1,1] q(0.5, 0) variable
    %y: int8[1,2,2,1] q(1, 0) = CONV_2D(%x, %w) {stride_w: 1, stride_h: 1}
    %z: int8[1,2,2,1] q(0.25, 0) = AVERAGE_POOL_2D(%x) {stride_w: 1, stride_h: 1, filter_width: 1, filter_height: 1}
  })",
                                    Target::kLiteRt);
  EXPECT_TRUE(absl::StrContains(adapted, "q(1, 0) = CONV_2D(%x, %w) {")) << adapted;
}

TEST(AdaptToTargetTest, AKeptClampIsNotFused) {
  const std::string adapted = Adapt(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%z) {
    const %v: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {1, 2, 3, 4}
    %a: uint8[1,2] q(1, 3) = FULLY_CONNECTED(%x, %v, _) {}
    %r: uint8[1,2] q(1, 3) variable = RELU(%a)
    const %w: uint8[2,2] q(0.5, 128) = {1, 2, 3, 4}
    %z: uint8[1,2] q(2, 0) = FULLY_CONNECTED(%r, %w, _) {}
  })",
                                    Target::kOnert);
  EXPECT_TRUE(absl::StrContains(adapted, "= RELU(%a)")) << adapted;
}

// It is a bias for the one that stays, and can't be the other's weights.
TEST(AdaptToTargetTest, ABiasOfAKeptNodeIsNoOtherNodesWeights) {
  const std::string adapted = Adapt(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y, %z) {
    tensor %w: int8[2,2] q(0.5, 0) variable
    const %b: int32[2] q(0.25, 0) = {1, 2}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    const %d: int8[2] q(0.5, 0) = {1, 2}
    %z: int8[1,2] q(1, 0) = MUL(%d, %b) {}
  })",
                                    Target::kLiteRt);
  EXPECT_TRUE(absl::StrContains(adapted, "tensor 'b': what its integers stand for")) << adapted;
}

TEST(AdaptToTargetTest, ADenseLayerOfTooManyOperandsIsNoConvolution) {
  const std::string adapted = Adapt(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> (%y) {
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    const %more: uint8[2] q(0.5, 3) = {1, 2}
    %y: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b, %more) {}
  })",
                                    Target::kOnert);
  EXPECT_TRUE(absl::StrContains(adapted, "= FULLY_CONNECTED(")) << adapted;
}

// --- models that no runtime computes

TEST(AdaptToTargetTest, IntegersBesideBooleans) {
  EXPECT_EQ(Adapt(R"(graph (%a: int16[2] q(0.5, 0), %b: int16[2] q(0.5, 0)) -> (%y) {
    %y: bool[2] = ADD(%a, %b) {}
  })",
                  Target::kOnert),
            "error: m.circle: tensor 'y': what its integers stand for beside the quantized data of "
            "ADD 'y' is not known here: expected uint8, int8 or int16 with one scale, found bool "
            "without a scale; quantize the model otherwise");
}

// onert gets both Dequantizes wrong, and a constant as large as the other says can't be made.
TEST(AdaptToTargetTest, DequantizesOfNothingAndOfAnotherShape) {
  const std::string adapted = Adapt(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %f: float32[2,2] = DEQUANTIZE(%w)
    %unread: float32[2,2] = DEQUANTIZE(%w)
    const %v: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %g: float32[2147483647,2] = DEQUANTIZE(%v)
    %a: float32[1,2] = FULLY_CONNECTED(%x, %f, _) {}
    %y: float32[1,2] = FULLY_CONNECTED(%a, %g, _) {}
  })",
                                    Target::kOnert);
  EXPECT_TRUE(absl::StrContains(adapted, "const %f: float32[2,2] = {0.5, 1, 0.75, 1}")) << adapted;
  EXPECT_TRUE(absl::StrContains(adapted, "%unread: float32[2,2] = DEQUANTIZE(%w)")) << adapted;
  EXPECT_TRUE(absl::StrContains(adapted, "= DEQUANTIZE(%v)")) << adapted;
}

// The importer refuses such files; a Model can be made otherwise.
TEST(AdaptToTargetTest, CallsOfGraphsThatAreNotThere) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: int8[2] q(0.5, 3) = WHILE(%x) {cond_subgraph_index: 7, body_subgraph_index: 1}
  })";
  const Adapted adapted = AdaptModel(ModelFromText(kGraph), Target::kOnert);
  EXPECT_EQ(adapted.told,
            "remark: m.circle: tensor 'y': q-implant has not measured WHILE with int8 data on "
            "onert; it is written as it came; compare what the runtime computes with the float32 "
            "model\n");
  EXPECT_EQ(PrintModel(adapted.model), Canonical(kGraph));
}

}  // namespace
}  // namespace q_implant
