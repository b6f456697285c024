// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/make_float.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/extract/diff_params.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"

namespace q_implant {
namespace {

// The float32 model, behind its warnings, but for notes; the errors where it is refused.
std::string Float(Model model, Target target = Target::kAny) {
  model.path = "m.circle";
  Diagnostics diagnostics;
  const absl::StatusOr<FloatModel> made = MakeFloat(target, model, diagnostics);
  if (!made.ok()) return std::string(made.status().message());
  std::string text;
  for (const Diagnostic& d : diagnostics.all()) {
    if (d.severity != Severity::kNote) absl::StrAppend(&text, d.ToString(), "\n");
  }
  return absl::StrCat(text, PrintModel(model));
}
std::string Float(absl::string_view text, Target target = Target::kAny) {
  return Float(ModelFromText(text), target);
}

std::string Canonical(absl::string_view told, absl::string_view text) {
  return absl::StrCat(told, q_implant::Canonical(text));
}

// Made float32 and quantized again, for no target in particular.
void ExpectIdentity(absl::string_view text) {
  const Model before = ModelFromText(text);
  Model model = ModelFromText(text);
  Diagnostics diagnostics;
  absl::StatusOr<FloatModel> made = MakeFloat(Target::kAny, model, diagnostics);
  ASSERT_TRUE(made.ok()) << made.status();
  QuantizeWithImportedParamsPass pass(
      std::move(made->params),
      {.full_weights_range = true, .keep_bias = true, .check_values = CheckValues::kOff},
      {.model_params = true});
  pass.KeepNodes(std::move(made->kept));
  ASSERT_TRUE(pass.Run(model, diagnostics).ok()) << diagnostics.ToStatus();
  EXPECT_EQ(PrintModel(model), PrintModel(before));
  EXPECT_TRUE(DiffParams(before, model).empty()) << text;
}

TEST(MakeFloatTest, WeightsAndBiases) {
  constexpr char kGraph[] = R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%z) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {-128, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    const %v: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %c: int32[2] q(0.5, 0) = {1, -2}
    %z: int8[1,2] q(2, 5) = FULLY_CONNECTED@4(%y, %v, %c) {}
  })";
  EXPECT_EQ(Float(kGraph), Canonical("", R"(graph (%x: float32[1,2]) -> (%z) {
    const %w: float32[2,2] = {-64, 1, 0.75, 1}
    const %b: float32[2] = {0.25, 0.25}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %b) {}
    const %v: float32[2,2] = {0.5, 1, 1.5, 2}
    const %c: float32[2] = {0.5, -1}
    %z: float32[1,2] = FULLY_CONNECTED@4(%y, %v, %c) {}
  })"));
  ExpectIdentity(kGraph);
}

TEST(MakeFloatTest, BiasesOfScalesThatKernelsDoNotAssume) {
  ExpectIdentity(R"(graph (%x: int8[1,2] q(0.1, 3)) -> (%y) {
    const %w: int8[2,2] q([0.3, 0.7], 0, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q([0.5, 0.5], 0, axis 0) = {1, 2}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })");
}

TEST(MakeFloatTest, Float32InputsAndOutputsBesideIntegerOnes) {
  constexpr char kGraph[] = R"(graph (%x: float32[2], %i: int8[2] q(0.25, 1)) -> (%y, %s) {
    %x_quantized: int8[2] q(0.5, 3) = QUANTIZE(%x) {}
    %s: int8[2] q(1, 0) = ADD(%x_quantized, %i) {}
    %t: int8[2] q(1, 0) = ABS(%s) {}
    %y: float32[2] = DEQUANTIZE@2(%t) {}
  })";
  EXPECT_EQ(Float(kGraph), Canonical("", R"(graph (%x: float32[2], %i: float32[2]) -> (%y, %s) {
    %x_quantized: float32[2] = QUANTIZE(%x) {}
    %s: float32[2] = ADD(%x_quantized, %i) {}
    %t: float32[2] = ABS(%s) {}
    %y: float32[2] = DEQUANTIZE@2(%t) {}
  })"));
  ExpectIdentity(kGraph);
}

TEST(MakeFloatTest, Islands) {
  ExpectIdentity(R"(graph (%x: int8[2] q(0.5, 3), %f: float32[2]) -> (%z, %s, %g) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    %c: float32[2] = COS(%x_dequant) {}
    %sum: float32[2] = ADD(%c, %f) {}
    %g: float32[2] = CUSTOM "mine"(%sum, %c)
    %s: int8[2] q(0.01, 0) = QUANTIZE(%sum) {}
    %other: int8[2] q(0.02, 1) = QUANTIZE(%sum) {}
    %z: int8[2] q(0.03, 2) = MUL(%s, %other) {}
  })");
}

// Parameters would spread through a mover from an integer tensor.
TEST(MakeFloatTest, MoversInIntegersAndInFloat32) {
  ExpectIdentity(R"(graph (%x: int8[2] q(0.5, 3)) -> (%b, %d, %e) {
    const %shape: int32[2] = {1, 2}
    %a: int8[1,2] q(0.5, 3) = RESHAPE(%x, %shape) {}
    %b: int8[1,2] q(0.5, 3) = TILE(%a, %shape) {}
    %a_float: float32[1,2] = DEQUANTIZE@2(%a) {}
    %c: float32[1,2] = TILE(%a_float, %shape) {}
    %d: int8[1,2] q(0.5, 3) = QUANTIZE(%c) {}
    %e: float32[1,2] = RESHAPE(%c, %shape) {}
  })");
}

TEST(MakeFloatTest, Requantize) {
  ExpectIdentity(R"(graph (%a: int8[1,4] q(0.5, 0), %b: uint8[1,4] q(0.25, 7)) -> (%y, %w) {
    %b_other: int8[1,4] q(0.5, 0) = QUANTIZE@2(%b) {}
    %m: int8[1,4] q(0.5, 0) = MAXIMUM(%a, %b_other) {}
    %s: int8[1,4] q(0.00390625, -128) = SOFTMAX(%m) {beta: 1}
    %y: int8[1,4] q(0.005, -128) = QUANTIZE@2(%s) {}
    %wide: int16[1,4] q(0.001, 0) = QUANTIZE@2(%y) {}
    %w: int16[1,4] q(0.002, 0) = ADD(%wide, %wide) {}
  })");
}

TEST(MakeFloatTest, SharedConstants) {
  constexpr char kGraph[] = R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y, %z, %s) {
    const %w: int8[2,2] q(0.5, 0) buffer 1 = {1, 2, 3, 4}
    const %v: int8[2,2] q(0.25, 0) buffer 1 = {1, 2, 3, 4}
    const %c: int32[2] q(0.25, 0) = {5, 6}
    const %c_dup: int32[2] q(0.125, 0) = {10, 12}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %c) {}
    %z: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %v, %c_dup) {}
    const %d: int8[1,2] q(0.5, 3) = {9, 8}
    %t: int8[1,2] q(1, 0) = ADD(%y, %d) {}
    %s: int8[1,2] q(1, 0) = MUL(%t, %d) {}
  })";
  const Model before = ModelFromText(kGraph);
  ExpectIdentity(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y, %z, %s) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %c: int32[2] q(0.25, 0) = {5, 6}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %c) {}
    const %c_dup: int32[2] q(0.25, 0) = {10, 12}
    %z: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %c_dup) {}
    const %d: int8[1,2] q(0.5, 3) = {9, 8}
    %t: int8[1,2] q(1, 0) = ADD(%y, %d) {}
    %s: int8[1,2] q(1, 0) = MUL(%t, %d) {}
  })");
  EXPECT_EQ(Float(kGraph), Canonical("", R"(graph (%x: float32[1,2]) -> (%y, %z, %s) {
    const %w: float32[2,2] = {0.5, 1, 1.5, 2}
    const %c: float32[2] = {1.25, 1.5}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, %c) {}
    const %v: float32[2,2] = {0.25, 0.5, 0.75, 1}
    const %c_dup: float32[2] = {1.25, 1.5}
    %z: float32[1,2] = FULLY_CONNECTED(%x, %v, %c_dup) {}
    const %d: float32[1,2] = {3, 2.5}
    %t: float32[1,2] = ADD(%y, %d) {}
    %s: float32[1,2] = MUL(%t, %d) {}
  })"));
}

TEST(MakeFloatTest, MixedTypes) {
  ExpectIdentity(R"(graph (%x: uint8[1,2] q(0.5, 3), %y: int16[1,2] q(0.01, 0)) -> (%r, %s, %z) {
    const %w: uint8[2,2] q(0.5, 128) = {1, 2, 3, 255}
    const %b: int32[2] q(0.25, 0) = {1, 2}
    %r: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    const %v: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 127}
    const %c: int64[2] q([0.005, 0.0025], 0, axis 0) = {1, 2}
    %s: int16[1,2] q(1, 0) = FULLY_CONNECTED(%y, %v, %c) {}
    const %four: int4[2,2] q(0.5, 0) = {1, -2, 3, -8}
    %r_signed: int8[1,2] q(1, -128) = QUANTIZE@2(%r) {}
    %z: int8[1,2] q(1, 0) = FULLY_CONNECTED(%r_signed, %four, _) {}
  })");
}

// Neither spread nor widened: the float32 kernels read them as they are.
TEST(MakeFloatTest, HybridWeights) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,2], %i: int32[1]) -> (%y, %z, %u) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    const %v: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %v_float: float32[2,2] = DEQUANTIZE@2(%v) {}
    %z: float32[1,2] = FULLY_CONNECTED(%x, %v_float, _) {}
    const %table: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %u: float32[1,2] = EMBEDDING_LOOKUP(%i, %table)
  })";
  EXPECT_EQ(Float(kGraph), q_implant::Canonical(kGraph));
  ExpectIdentity(kGraph);
  EXPECT_EQ(Float(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })",
                  Target::kOnert),
            q_implant::Canonical(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: float32[2,2] = {0.5, 1, 0.75, 1}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
  })"));
}

// Comparisons make no numbers, but read them.
TEST(MakeFloatTest, Comparisons) {
  ExpectIdentity(R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y) {
    const %c: uint8[2] q(0.25, 0) = {1, 2}
    %y: bool[2] = LESS(%x, %c) {}
  })");
}

TEST(MakeFloatTest, SeveralGraphs) {
  ExpectIdentity(R"(
  graph main(%c: bool[1], %x: int8[2] q(0.5, 0)) -> (%y) {
    %x_dequant: float32[2] = DEQUANTIZE@2(%x) {}
    %y_float: float32[2] = IF(%c, %x_dequant) {then_subgraph_index: 1, else_subgraph_index: 1}
    %y: int8[2] q(0.5, 0) = QUANTIZE(%y_float) {}
  }
  graph branch(%a: float32[2]) -> (%b) {
    %a_quantized: int8[2] q(0.5, 0) = QUANTIZE(%a) {}
    %b_quantized: int8[2] q(0.5, 0) = ABS(%a_quantized) {}
    %b: float32[2] = DEQUANTIZE@2(%b_quantized) {}
  }
  graph entry(%x: int8[2] q(0.25, 0)) -> (%y) {
    %y: int8[2] q(0.5, 0) = ABS(%x) {}
  })");
}

TEST(MakeFloatTest, NamesDoNotMatter) {
  Model model = ModelFromText(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %y: int8[2] q(0.25, 0) = ABS(%x) {}
  })");
  for (Tensor& tensor : model.graphs[0].tensors) tensor.name = std::string("same");
  Diagnostics diagnostics;
  absl::StatusOr<FloatModel> made = MakeFloat(Target::kAny, model, diagnostics);
  ASSERT_TRUE(made.ok());
  QuantizeWithImportedParamsPass pass(std::move(made->params), {}, {.model_params = true});
  pass.KeepNodes(std::move(made->kept));
  ASSERT_TRUE(pass.Run(model, diagnostics).ok()) << diagnostics.ToStatus();
  EXPECT_EQ(model.graphs[0].tensors[0].quantization->scale[0], 0.5f);
  EXPECT_EQ(model.graphs[0].tensors[1].quantization->scale[0], 0.25f);
}

// A runtime that converts no int16 computes all of it in float32.
TEST(MakeFloatTest, WhatTheTargetDoesNotConvert) {
  EXPECT_EQ(
      Float(R"(
  graph (%x: float32[2], %i: int16[2] q(0.5, 0), %j: int8[2] q(0.5, 0)) -> (%y, %z, %k) {
    %x_quantized: int16[2] q(0.5, 0) = QUANTIZE(%x) {}
    %s: int16[2] q(1, 0) = ADD(%x_quantized, %i) {}
    %y: float32[2] = DEQUANTIZE@3(%s) {}
    %t: int16[2] q(2, 0) = QUANTIZE@2(%s) {}
    %z: int8[2] q(1, 0) = QUANTIZE@2(%t) {}
    %u: int16[2] q(2, 0) = QUANTIZE@2(%j) {}
    %k: int16[2] q(2, 0) = MUL(%u, %t) {}
  })",
            Target::kOnert),
      Canonical("warning: m.circle: tensor 'i': for onert: it is float32 now, since the "
                "runtime converts no int16 (likewise 5 more tensors, which --verbose and --report "
                "name); quantize the model to "
                "int8 or uint8 for integers there\n",
                R"(
  graph (%x: float32[2], %i: float32[2], %j: float32[2]) -> (%y, %z, %k) {
    %y: float32[2] = ADD(%x, %i) {}
    %z: float32[2] = QUANTIZE@2(%y) {}
    %u: float32[2] = DEQUANTIZE@3(%j) {}
    %k: float32[2] = MUL(%u, %y) {}
  })"));
}

// An activation that stays as it stands, for no target converts it, beside one that becomes
// float32.
TEST(MakeFloatTest, AQuantizeFromWhatStaysToWhatBecomesFloat32) {
  EXPECT_EQ(
      Float(R"(
  graph (%x: float32[2]) -> (%y) {
    %a: uint4[2] q(0.5, 4) = QUANTIZE@2(%x) {}
    %b: int16[2] q(0.25, 0) = QUANTIZE@2(%a) {}
    %y: int16[2] q(1, 0) = ADD(%b, %b) {}
  })",
            Target::kOnert),
      Canonical("warning: m.circle: tensor 'b': for onert: it is float32 now, since the "
                "runtime converts no int16 (likewise 1 more tensor, which --verbose and --report "
                "name); quantize the model to "
                "int8 or uint8 for integers there\n",
                R"(
  graph (%x: float32[2]) -> (%y) {
    %a: uint4[2] q(0.5, 4) = QUANTIZE@2(%x) {}
    %b: float32[2] = DEQUANTIZE@3(%a) {}
    %y: float32[2] = ADD(%b, %b) {}
  })"));
}

// What goes in leaves the graph as it is, under one name.
TEST(MakeFloatTest, InputsThatAreOutputs) {
  EXPECT_EQ(
      Float(R"(
  graph (%i: int16[2] q(0.5, 0), %j: float32[2]) -> (%y, %e, %f, %g) {
    %e: float32[2] = DEQUANTIZE@3(%i) {}
    %y: float32[2] = ADD(%e, %j) {}
    %f: int16[2] q(1, 0) = QUANTIZE@2(%j) {}
    %g: float32[2] = DEQUANTIZE@3(%f) {}
  }
  signature s of graph 0 (i: %i, j: %j) -> (y: %y, e: %e, f: %f, g: %g))",
            Target::kOnert),
      Canonical("warning: m.circle: tensor 'i': for onert: it is float32 now, since the "
                "runtime converts no int16 (likewise 1 more tensor, which --verbose and --report "
                "name); quantize the model to "
                "int8 or uint8 for integers there\n",
                R"(
  graph (%i: float32[2], %j: float32[2]) -> (%y, %i, %j, %j) {
    %y: float32[2] = ADD(%i, %j) {}
  }
  signature s of graph 0 (i: %i, j: %j) -> (y: %y, e: %i, f: %j, g: %j))"));
}

TEST(MakeFloatTest, WhatTheTargetDoesNotDequantize) {
  EXPECT_EQ(Float(R"(graph (%x: int8[1,2] q(1, 0), %f: float32[1,2]) -> (%y, %z) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, _) {}
    %v: float32[2,2] = DEQUANTIZE@2(%w) {}
    %z: float32[1,2] = FULLY_CONNECTED(%f, %v, _) {}
  })",
                  Target::kOnert),
            q_implant::Canonical(R"(graph (%x: float32[1,2], %f: float32[1,2]) -> (%y, %z) {
    const %w: float32[2,2] = {0.5, 1, 0.75, 1}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    const %v: float32[2,2] = {0.5, 1, 0.75, 1}
    %z: float32[1,2] = FULLY_CONNECTED(%f, %v, _) {}
  })"));
}

// --- kept ---

// Their activations become float32 for the rules' sake; the pass gives them their forms back.
TEST(MakeFloatTest, OperatorsThatNobodyKnows) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    const %w: int8[2] q(0.5, 0) = {1, 2}
    %r: int8[2] q(0.5, 0) = RELU(%x)
    %m: int8[2] q(0.25, 3) = CUSTOM "mine"(%r, %w)
    %a: int8[2] q(0.5, 0) = ADD(%m, %w) {}
    %y: float32[2] = CAST(%a) {}
  })";
  EXPECT_EQ(Float(kGraph), q_implant::Canonical(R"(graph (%x: float32[2]) -> (%y) {
    const %w: int8[2] q(0.5, 0) = {1, 2}
    %r: float32[2] = RELU(%x)
    %m: float32[2] = CUSTOM "mine"(%r, %w)
    %a: float32[2] = ADD(%m, %w) {}
    %y: float32[2] = CAST(%a) {}
  })"));
  ExpectIdentity(kGraph);
}

// A constant that only such an operator reads stays what it is.
TEST(MakeFloatTest, ConstantsOfOperatorsThatNobodyKnows) {
  constexpr char kGraph[] = R"(graph (%x: float32[2]) -> (%y) {
    const %w: int8[2] q(0.5, 0) = {1, 2}
    const %axis: int32[1] q(1, 0) = {0}
    %y: float32[2] = CUSTOM "mine"(%x, %w)
    %z: float32[1] = MEAN(%x, %axis) {}
  })";
  EXPECT_EQ(Float(kGraph), q_implant::Canonical(kGraph));
  ExpectIdentity(kGraph);
}

// What old writers give it means nothing, here as elsewhere.
TEST(MakeFloatTest, AxesWithAScaleBesideAVariable) {
  ExpectIdentity(R"(graph () -> (%y) {
    const %axis: int32[1] q(1, 0) = {0}
    tensor %state: int8[2] q(0.5, 0) variable
    %y: int8[1] q(0.25, 0) = MEAN(%state, %axis) {}
  })");
}

// Nor does a scale that is no number: what it is of stays.
TEST(MakeFloatTest, AScaleThatIsNoneBesideAVariable) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    const %w: int8[2] q(0, 0) = {1, 2}
    tensor %state: int8[2] q(0.5, 0) variable
    %y: int8[2] q(0.25, 0) = CONCATENATION(%x, %state, %w) {}
  })";
  ExpectIdentity(kGraph);
}

// --- refused ---

TEST(MakeFloatTest, IntegersWhoseMeaningIsNotKnown) {
  EXPECT_EQ(Float(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] = {1, 2, 3, 4}
    %y: int8[1,2] q(0.5, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })"),
            "error: m.circle: tensor 'w': what its integers stand for beside the quantized data of "
            "FULLY_CONNECTED 'y' is not known here: expected one scale, or one for each channel, "
            "found int8 without a scale; quantize the model otherwise");
  EXPECT_EQ(Float(R"(graph (%x: int8[1,2] q(0.5, 0), %b: int32[2] q(0.25, 0)) -> (%y) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(0.5, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })"),
            "error: m.circle: tensor 'b': what its integers stand for beside the quantized data of "
            "FULLY_CONNECTED 'y' is not known here: expected uint8, int8 or int16 with one scale, "
            "found int32 computed at run time; quantize the model otherwise");
}

TEST(MakeFloatTest, BlockwiseAndSparse) {
  Model blockwise = ModelFromText(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(0.5, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })");
  Quantization& quantization = *blockwise.graphs[0].tensors[1].quantization;
  quantization.scale.clear();
  quantization.details_type = circle::QuantizationDetails_CustomQuantization;
  quantization.details = blockwise.AddOptions(circle::CustomQuantizationT());
  EXPECT_NE(Float(std::move(blockwise)).find("found blockwise or custom quantization"),
            std::string::npos);
  Model sparse = ModelFromText(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(0.5, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })");
  sparse.graphs[0].tensors[1].compression = circle::CompressionType_HUFFMAN;
  EXPECT_EQ(Float(std::move(sparse)),
            "error: m.circle: tensor 'w': the constant is stored sparse or compressed: expected "
            "plain integers; convert the model without sparsity and compression");
}

TEST(MakeFloatTest, ParametersThatAreNone) {
  EXPECT_NE(Float("graph (%x: int8[2] q(0, 0)) -> (%y) { %y: int8[2] q(1, 0) = ABS(%x) {} }")
                .find("tensor 'x': a scale is not a number above 0; mend the model"),
            std::string::npos);
  EXPECT_NE(Float("graph (%x: int8[2] q(1, 300)) -> (%y) { %y: int8[2] q(1, 0) = ABS(%x) {} }")
                .find("tensor 'x': a zero point is not int8; mend the model"),
            std::string::npos);
  EXPECT_NE(Float("graph (%x: int8[2] q([1, 2], 0)) -> (%y) { %y: int8[2] q(1, 0) = ABS(%x) {} }")
                .find("tensor 'x': an activation has a scale per channel"),
            std::string::npos);
  EXPECT_NE(Float(R"(graph (%x: int8[1,2] q(0.5, 0)) -> (%y) {
    const %w: int8[2,2] q([0.5, 1, 2], 0) = {1, 2, 3, 4}
    %y: int8[1,2] q(0.5, 0) = FULLY_CONNECTED(%x, %w, _) {}
  })")
                .find("tensor 'w': the number of scales does not fit the channels: expected the "
                      "size of dimension 0 of [2,2], found 3 scales and 3 zero points"),
            std::string::npos);
}

TEST(MakeFloatTest, NamesThatArePositions) {
  EXPECT_EQ(Float(R"(graph (%x: int8[2] q(1, 0), %"#0/0": float32[2]) -> (%y) {
    %y: int8[2] q(1, 0) = ABS(%x) {}
  })"),
            "error: m.circle: tensor 'x': its position is also the name of a tensor; rename that "
            "tensor, '#0/0'");
}

TEST(MakeFloatTest, Variables) {
  constexpr char kGraph[] = R"(graph (%x: int8[2] q(1, 0)) -> (%y) {
    tensor %v: int8[2] q(1, 0) variable
    %y: int8[2] q(1, 0) = ADD(%x, %v) {}
  })";
  EXPECT_EQ(Float(kGraph), q_implant::Canonical(R"(graph (%x: float32[2]) -> (%y) {
    tensor %v: int8[2] q(1, 0) variable
    %y: float32[2] = ADD(%x, %v) {}
  })"));
  ExpectIdentity(kGraph);
}

TEST(MakeFloatTest, GraphsThatTakeIntegersWithoutAScale) {
  EXPECT_NE(Float(R"(
  graph main(%c: bool[1], %x: int8[2] q(0.5, 0)) -> (%y) {
    %y: int8[2] q(0.5, 0) = IF(%c, %x) {then_subgraph_index: 1, else_subgraph_index: 1}
  }
  graph branch(%a: int8[2]) -> (%b) {
    %b: int8[2] = TILE(%a, _) {}
  })")
                .find("tensor 'a': a graph that IF 'y' runs takes or gives integers without a "
                      "scale, beside quantized ones: expected float32, or one scale, found int8"),
            std::string::npos);
}

}  // namespace
}  // namespace q_implant
