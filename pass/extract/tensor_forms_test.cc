// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/tensor_forms.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// "form: original, holder" of every form that is not the original, and "former = holder".
std::string FormsOf(absl::string_view text) {
  const Model model = ModelFromText(text);
  const Graph& graph = model.graphs[0];
  const DefUse def_use(graph);
  const TensorForms forms(model, graph, def_use);
  const auto name = [&](TensorId id) {
    return id == kNoTensor ? std::string("none") : std::string(graph.tensor(id).name);
  };
  std::string lines;
  for (size_t t = 0; t < graph.tensors.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    if (forms.is_original(id)) continue;
    absl::StrAppend(&lines, name(id), ": ", name(forms.original(id)), ", ", name(forms.holder(id)),
                    "\n");
  }
  for (const TensorForms::Former& former : forms.former()) {
    absl::StrAppend(&lines, former.name, " = ", name(former.holder), "\n");
  }
  return lines;
}

TEST(TensorFormsTest, AnInputWithItsFormsIsTheInput) {
  EXPECT_EQ(FormsOf(R"(graph (%x: float32[1]) -> (%y) {
    %x_quantized: int8[1] q(0.5, 3) = QUANTIZE(%x) {}
    %x_quantized_1: uint8[1] q(0.5, 131) = QUANTIZE(%x_quantized) {}
    %y: uint8[1] q(1, 0) = ABS(%x_quantized_1) {}
  })"),
            "x_quantized: x, x_quantized\n"
            "x_quantized_1: x, x_quantized\n");
}

TEST(TensorFormsTest, ATensorBetweenWhatIsMadeAndWhatIsReadHasTheName) {
  EXPECT_EQ(FormsOf(R"(graph (%x: int8[1] q(1, 0)) -> (%z) {
    %y_quantized: int8[1] q(0.25, 0) = LOGISTIC(%x)
    %y: int8[1] q(0.5, 0) = QUANTIZE(%y_quantized) {}
    %y_quantized_1: int8[1] q(0.125, 0) = QUANTIZE(%y) {}
    %z: int8[1] q(1, 0) = ABS(%y_quantized_1) {}
  })"),
            "y_quantized: y, y\n"
            "y_quantized_1: y, y\n");
}

// Its numbers in another type, inside: what it was annotated as.
TEST(TensorFormsTest, AnOutputOfAnotherTypeHasATwin) {
  EXPECT_EQ(FormsOf(R"(graph (%x: int8[1] q(1, 0)) -> (%y) {
    %y_quantized_1: int8[1] q(0.25, 0) = LOGISTIC(%x)
    %y_quantized: int8[1] q(0.5, -128) = QUANTIZE(%y_quantized_1) {}
    %y: uint8[1] q(0.5, 0) = QUANTIZE(%y_quantized) {}
  })"),
            "y_quantized_1: y, y_quantized\n"
            "y_quantized: y, y_quantized\n");
}

// No kernel quantizes int16 to uint8, so the way goes over the same numbers in int8.
TEST(TensorFormsTest, AStepOfAConversionIsNoTwin) {
  EXPECT_EQ(FormsOf(R"(graph (%x: int16[1] q(1, 0)) -> (%y) {
    %y_quantized: int16[1] q(0.25, 0) = ABS(%x) {}
    %y_quantized_1: int8[1] q(0.5, -128) = QUANTIZE(%y_quantized) {}
    %y: uint8[1] q(0.5, 0) = QUANTIZE(%y_quantized_1) {}
  })"),
            "y_quantized: y, y\n"
            "y_quantized_1: y, y\n");
}

TEST(TensorFormsTest, ConstantsKeepTheirNames) {
  EXPECT_EQ(FormsOf(R"(graph (%x: float32[1]) -> (%y) {
    const %c: int8[1] q(0.5, 0) = {1}
    %other: float32[1] = DEQUANTIZE(%c) {}
    %y: float32[1] = ADD(%x, %other) {}
  })"),
            "other: c, c\n");
}

// Of names that tell nothing the first that has parameters counts.
TEST(TensorFormsTest, NamesThatTellNothing) {
  EXPECT_EQ(FormsOf(R"(graph (%x: int8[1] q(1, 0)) -> (%z) {
    %a: int8[1] q(0.25, 0) = LOGISTIC(%x)
    %b: int8[1] q(0.5, 0) = QUANTIZE(%a) {}
    %c: int8[1] q(0.125, 0) = QUANTIZE(%b) {}
    %z: int8[1] q(1, 0) = ABS(%c) {}
  })"),
            "b: a, a\n"
            "c: a, a\n");
}

// TFLite's converter.
TEST(TensorFormsTest, WhatAnOperatorMakesHasTheNameWhateverAQuantizeMakes) {
  EXPECT_EQ(FormsOf(R"(graph (%x: float32[1]) -> (%z) {
    %cast: float32[1] = COS(%x)
    %tfl.quantize: int8[1] q(0.25, 0) = QUANTIZE(%cast) {}
    %a_float: float32[1] = COS(%tfl.quantize)
    %tfl.quantize1: int8[1] q(0.25, 0) = QUANTIZE(%a_float) {}
    %y: int8[1] q(1, 0) = ADD(%tfl.quantize, %tfl.quantize1) {}
    %tfl.dequantize: float32[1] = DEQUANTIZE(%y) {}
    %z: float32[1] = COS(%tfl.dequantize)
  })"),
            "tfl.quantize: cast, tfl.quantize\n"
            "tfl.quantize1: a_float, tfl.quantize1\n"
            "tfl.dequantize: y, y\n");
}

TEST(TensorFormsTest, AnOutputOrConstantThatSaysItIsAFormIsNone) {
  EXPECT_EQ(FormsOf(R"(graph (%x: float32[1]) -> (%y/Dequantize, %tfl.dequantize) {
    const %w_quantized: int8[1] q(0.5, 0) = {1}
    %w: float32[1] = DEQUANTIZE(%w_quantized) {}
    %y: int8[1] q(1, 0) = CUSTOM "c"(%x, %w)
    %y/Dequantize: float32[1] = DEQUANTIZE(%y) {}
    %z: int8[1] q(1, 0) = CUSTOM "c"(%x)
    %tfl.dequantize: float32[1] = DEQUANTIZE(%z) {}
  })"),
            "w_quantized: w, w_quantized\n"
            "y/Dequantize: y, y\n"
            "tfl.dequantize: z, z\n");
}

TEST(TensorFormsTest, AFormerTensorHasTheParametersNextToItsName) {
  EXPECT_EQ(FormsOf(R"(graph (%x: float32[1]) -> (%z) {
    %s_float: float32[1] = COS(%x)
    %r_quantized: int8[1] q(0.25, 0) = QUANTIZE(%s_float) {}
    %r: int8[1] q(0.5, 0) = QUANTIZE(%r_quantized) {}
    %z: int8[1] q(1, 0) = ABS(%r) {}
  })"),
            "s_float: r, r\n"
            "r_quantized: r, r\n"
            "s = r_quantized\n");
}

TEST(TensorFormsTest, WithoutParametersNothingIsAForm) {
  EXPECT_EQ(FormsOf(R"(graph (%x: float16[1]) -> (%y) {
    %y: float32[1] = DEQUANTIZE(%x) {}
  })"),
            "");
}

}  // namespace
}  // namespace q_implant
