// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/extract_params.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/tensor_type.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

const IoTypes kFloat32({circle::TensorType_FLOAT32});
const IoTypes kUint8({circle::TensorType_UINT8});
const IoTypes kInt16({circle::TensorType_INT16});

// The entries, a line each ("%w: int8 scale 0.5 zero point 0, 4 bytes", "%x: float32"), and the
// options.
std::string Extracted(absl::string_view text) {
  Model model = ModelFromText(text);
  model.path = "m.circle";
  Diagnostics diagnostics;
  const absl::StatusOr<ExtractedParams> extracted = ExtractParams(model, diagnostics);
  if (!extracted.ok()) return std::string(extracted.status().message());
  std::string lines;
  for (const ParamEntry& entry : extracted->params.entries) {
    absl::StrAppend(&lines, entry.key, ": ");
    if (entry.pinned()) {
      absl::StrAppend(&lines, "float32\n");
      continue;
    }
    absl::StrAppend(
        &lines,
        DescribeParams({entry.dtype, entry.scale, entry.zero_point, entry.quantized_dimension}),
        entry.value.has_value() ? absl::StrCat(", ", entry.value->data.size(), " bytes of ",
                                               TypeName(entry.value->type))
                                : "",
        "\n");
  }
  for (const auto& [what, types] : {std::pair("inputs ", extracted->input_types),
                                    std::pair("outputs ", extracted->output_types)}) {
    if (!types.as_annotated()) absl::StrAppend(&lines, what, types.ToString(), "\n");
  }
  if (extracted->hybrid) absl::StrAppend(&lines, "hybrid\n");
  if (extracted->weight_only) absl::StrAppend(&lines, "weight only\n");
  if (extracted->keep_bias) absl::StrAppend(&lines, "keep bias\n");
  if (!extracted->unsure.empty()) {
    absl::StrAppend(&lines, "unsure ", absl::StrJoin(extracted->unsure, " "), "\n");
  }
  for (const Diagnostic& d : diagnostics.all()) absl::StrAppend(&lines, d.ToString(), "\n");
  return lines;
}

TEST(ExtractParamsTest, ActivationsAndConstants) {
  EXPECT_EQ(Extracted(R"(graph (%x: int8[1,2] q(0.5, 3), %i: int32[1]) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    const %four: int4[3] q(0.5, 0) = {1, -2, 3}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: int8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    %z: int4[3] q(0.5, 0) = CUSTOM "c"(%four, %i)
  })"),
            "x: int8 scale 0.5 zero point 3\n"
            "w: int8, 2 scales along axis 0, 4 bytes of int8\n"
            "four: int4 scale 0.5 zero point 0, 3 bytes of int8\n"
            "b: int32, 2 scales along axis 0, 8 bytes of int32\n"
            "y: int8 scale 1 zero point 0\n"
            "z: int4 scale 0.5 zero point 0\n");
}

TEST(ExtractParamsTest, WhatTheFloat32ModelHasAsItIs) {
  EXPECT_EQ(Extracted(R"(graph (%x: int8[1,4] q(0.5, 3), %image: uint8[1,4] q(1, 0)) -> (%y) {
    const %axis: int32[1] q(1, 0) = {1}
    %f: float32[1,4] = CAST(%image)
    %y: int8[1,1] q(1, 0) = MEAN(%x, %axis) {}
    %z: int8[1,4] q(1, 0) = CUSTOM "c"(%f)
  })"),
            "x: int8 scale 0.5 zero point 3\n"
            "y: int8 scale 1 zero point 0\n"
            "z: int8 scale 1 zero point 0\n");
}

TEST(ExtractParamsTest, WhatNoEntryCanSay) {
  EXPECT_EQ(
      Extracted(R"(graph (%x: int8[1,2] q([0.5, 0.25], 3, axis 1)) -> (%y) {
    %y: int8[1,2] q(0, 3) = ABS(%x) {}
    %z: int8[1,2] q(1, 3) = ABS(%y) {}
  })"),
      "z: int8 scale 1 zero point 3\n"
      "warning: m.circle: tensor 'x': it gets no entry, because no entry can express its "
      "parameters: an "
      "activation has 2 scales; repair the quantized model, or write an entry by hand\n"
      "warning: m.circle: tensor 'y': it gets no entry, because no entry can express its "
      "parameters: a "
      "scale is 0, no number above 0; repair the quantized model, or write an entry by hand\n");
}

TEST(ExtractParamsTest, NamesThatTheFloat32ModelMayNotHave) {
  EXPECT_EQ(Extracted(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    const %tfl.pseudo_qconst: int8[2] q(0.5, 0) = {1, 2}
    %y: int8[2] q(1, 0) = ADD(%x, %tfl.pseudo_qconst) {}
  })"),
            "x: int8 scale 0.5 zero point 3\n"
            "tfl.pseudo_qconst: int8 scale 0.5 zero point 0, 2 bytes of int8\n"
            "y: int8 scale 1 zero point 0\n"
            "unsure tfl.pseudo_qconst\n");
}

// No entry that q-implant would refuse. An intermediate that follows from the output needs none.
TEST(ExtractParamsTest, VariablesAndIntermediates) {
  Model model = ModelFromText(R"(graph (%x: int8[1,1] q(0.5, 3)) -> (%y) {
    const %w: int8[1,1] q(0.25, 0) = {1}
    const %t: int16[1,1] q(0.25, 0) = {1}
    tensor %state: int16[1,1] q(0.125, 0) variable
    tensor %odd: int8[1,1] q(0.125, 0) variable
    tensor %hidden: int8[1,1] q(0.125, 0)
    %s: int8[1,1] q(1, -128) = SVDF(%x, %w, %t, _, %state) {rank: 1}
    %y: int8[1,1] q(1, -128) = LSTM(%s, %w, %odd) {}
  })");
  model.graphs[0].nodes[1].intermediates = std::vector<TensorId>{-1, -1, -1, -1, 5};
  Diagnostics diagnostics;
  const absl::StatusOr<ExtractedParams> extracted = ExtractParams(model, diagnostics);
  ASSERT_TRUE(extracted.ok()) << extracted.status();
  std::string keys;
  for (const ParamEntry& entry : extracted->params.entries) absl::StrAppend(&keys, entry.key, " ");
  EXPECT_EQ(keys, "x w t state s y ");
  ASSERT_EQ(diagnostics.all().size(), 1);
  EXPECT_EQ(diagnostics.all()[0].ToString(),
            "remark: tensor 'odd': it gets no entry: q-implant takes none for this variable");
}

TEST(ExtractParamsTest, TheTwinsOfFloat32InputsAndOutputs) {
  EXPECT_EQ(Extracted(R"(graph (%x: float32[1]) -> (%y) {
    %x_quantized: int8[1] q(0.5, 3) = QUANTIZE(%x) {}
    %made: int8[1] q(1, 0) = ABS(%x_quantized) {}
    %y: float32[1] = DEQUANTIZE(%made) {}
  })"),
            "x: int8 scale 0.5 zero point 3\n"
            "y: int8 scale 1 zero point 0\n"
            "inputs float32\noutputs float32\n");
}

TEST(ExtractParamsTest, WhatOnlyTheQuantizedModelHas) {
  EXPECT_EQ(Extracted(R"(graph (%x: uint8[1,1,1,1] q(0.5, 3), %z: uint8[1,2] q(1, 0)) -> (%y) {
    const %w: uint8[1,1,1,1] q(0.5, 3) = {1}
    const %y_bias: int32[1] q(0.25, 0) = {0}
    const %w_dup: uint8[1,1,1,1] q(0.25, 13) = {9}
    const %w_duplex: uint8[1] q(0.25, 3) = {1}
    %y: uint8[1,1,1,1] q(1, 0) = CONV_2D(%x, %w, %y_bias) {}
    %s_quantized: uint8[1,2] q(0.003921569, 0) = SOFTMAX(%z) {}
    %s: uint8[1,2] q(0.01, 0) = QUANTIZE(%s_quantized) {}
    %s_quantized_1: uint8[1,2] q(0.02, 0) = QUANTIZE(%s) {}
    %t_float: float32[1,2] = COS(%z)
    %t: uint8[1,2] q(0.03, 0) = QUANTIZE(%t_float) {}
    %u: uint8[1,2] q(1, 0) = CUSTOM "c"(%w_dup, %w_duplex, %s_quantized_1, %t)
  })"),
            "x: uint8 scale 0.5 zero point 3\n"
            "z: uint8 scale 1 zero point 0\n"
            "w: uint8 scale 0.5 zero point 3, 1 bytes of uint8\n"
            "w_duplex: uint8 scale 0.25 zero point 3, 1 bytes of uint8\n"
            "y: uint8 scale 1 zero point 0\n"
            "s: uint8 scale 0.01 zero point 0\n"
            "t: uint8 scale 0.03 zero point 0\n"
            "u: uint8 scale 1 zero point 0\n");
}

// ai-edge-quantizer keeps the name for what the operator makes.
TEST(ExtractParamsTest, NamesThatOtherToolsGive) {
  EXPECT_EQ(Extracted(R"(graph (%z: uint8[1,2] q(1, 0)) -> (%y) {
    %s: uint8[1,2] q(0.003921569, 0) = SOFTMAX(%z) {}
    %s_requant: uint8[1,2] q(0.01, 0) = QUANTIZE(%s) {}
    %t: float32[1,2] = COS(%z)
    %t_quantized: uint8[1,2] q(0.03, 0) = QUANTIZE(%t) {}
    %y: uint8[1,2] q(1, 0) = ADD(%s_requant, %t_quantized) {}
  })"),
            "z: uint8 scale 1 zero point 0\n"
            "s: uint8 scale 0.003921569 zero point 0\n"
            "t: uint8 scale 0.03 zero point 0\n"
            "y: uint8 scale 1 zero point 0\n");
}

// Its integers were rounded from the model's data twice, not from each other: so are they again.
TEST(ExtractParamsTest, ConstantsWithDuplicatesOfOtherValues) {
  EXPECT_EQ(Extracted(R"(graph (%x: int8[1] q(0.5, 0), %z: int16[1] q(0.5, 0)) -> (%y) {
    const %c: int8[1] q(0.5, 0) = {7}
    const %c_dup: int16[1] q(0.001, 0) = {3449}
    %y: int8[1] q(1, 0) = ADD(%x, %c) {}
    %v: int16[1] q(1, 0) = ADD(%z, %c_dup) {}
  })"),
            "x: int8 scale 0.5 zero point 0\n"
            "z: int16 scale 0.5 zero point 0\n"
            "c: int8 scale 0.5 zero point 0\n"
            "y: int8 scale 1 zero point 0\n"
            "v: int16 scale 1 zero point 0\n");
}

// A constant that has such a name beside a tensor that is none is no duplicate.
TEST(ExtractParamsTest, OnlyConstantsHaveDuplicates) {
  EXPECT_EQ(Extracted(R"(graph (%x: int8[1] q(0.5, 0)) -> (%y) {
    const %x_dup: int8[1] q(0.25, 0) = {7}
    %y: int8[1] q(1, 0) = ADD(%x, %x_dup) {}
  })"),
            "x: int8 scale 0.5 zero point 0\n"
            "x_dup: int8 scale 0.25 zero point 0, 1 bytes of int8\n"
            "y: int8 scale 1 zero point 0\n");
}

// The bias of an operator that stays float32: 3 x 0.03125 is a multiple of the scale of data x
// weights, 0.3 is none, but one of a power of two.
TEST(ExtractParamsTest, BiasesThatAreFloat32Again) {
  constexpr char kGraph[] = R"(graph (%x: int8[1,2] q(0.5, 3)) -> () {
    %x_dequant: float32[1,2] = DEQUANTIZE(%x) {}
    const %w: int8[2,2] q(0.0625, 0) = {1, 2, 3, 4}
    %w_dequant: float32[2,2] = DEQUANTIZE(%w) {}
    const %b: float32[2] = {0.09375, $0}
    %y: float32[1,2] = FULLY_CONNECTED(%x_dequant, %w_dequant, %b) {}
  })";
  EXPECT_EQ(Extracted(absl::Substitute(kGraph, "-1.25")),
            "x: int8 scale 0.5 zero point 3\n"
            "w: int8 scale 0.0625 zero point 0, 4 bytes of int8\n"
            "b: int32 scale 0.03125 zero point 0, 8 bytes of int32\n"
            "weight only\n");
  EXPECT_EQ(Extracted(absl::Substitute(kGraph, "0.3")),
            "x: int8 scale 0.5 zero point 3\n"
            "w: int8 scale 0.0625 zero point 0, 4 bytes of int8\n"
            "b: int32 scale 5.9604645e-08 zero point 0, 8 bytes of int32\n"
            "weight only\n");
}

// "%s" went with the Relu behind it.
TEST(ExtractParamsTest, TensorsThatWentWithAClamp) {
  EXPECT_EQ(Extracted(R"(graph (%z: uint8[1,2] q(1, 0)) -> (%y) {
    %z_dequant: float32[1,2] = DEQUANTIZE(%z) {}
    %s_float: float32[1,2] = COS(%z_dequant)
    %r: uint8[1,2] q(0.01, 0) = QUANTIZE(%s_float) {}
    %s_quantized: int8[1,2] q(0.01, -128) = QUANTIZE(%r) {}
    %y: int8[1,2] q(1, 0) = ABS(%s_quantized) {}
  })"),
            "z: uint8 scale 1 zero point 0\n"
            "r: uint8 scale 0.01 zero point 0\n"
            "y: int8 scale 1 zero point 0\n"
            "s: uint8 scale 0.01 zero point 0\n"
            "unsure s\n");
}

TEST(ExtractParamsTest, TwoOutputsWithOneForm) {
  EXPECT_EQ(Extracted(R"(graph (%z: uint8[1,2] q(1, 0)) -> (%s, %r) {
    %r_quantized: uint8[1,2] q(0.01, 0) = LOGISTIC(%z)
    %s: float32[1,2] = DEQUANTIZE(%r_quantized) {}
    %r: float32[1,2] = DEQUANTIZE(%r_quantized) {}
  })"),
            "z: uint8 scale 1 zero point 0\n"
            "s: uint8 scale 0.01 zero point 0\n"
            "r: uint8 scale 0.01 zero point 0\n"
            "outputs float32\nunsure r\n");
}

// An input that is an output too comes out of a Dequantize of its own.
TEST(ExtractParamsTest, AnInputThatIsAnOutput) {
  EXPECT_EQ(Extracted(R"(graph (%x: float32[1]) -> (%x_dequant) {
    %x_quantized: int8[1] q(0.5, 3) = QUANTIZE(%x) {}
    %x_dequant: float32[1] = DEQUANTIZE(%x_quantized) {}
  })"),
            "x: int8 scale 0.5 zero point 3\ninputs float32\noutputs float32\n");
}

TEST(ExtractParamsTest, Float32BesideMoversIsPinned) {
  EXPECT_EQ(Extracted(R"(graph (%x: uint8[2] q(1, 0), %i: int32[1]) -> (%z) {
    %x_dequant: float32[2] = DEQUANTIZE(%x) {}
    %y: float32[2] = RESHAPE(%x_dequant, %i) {}
    %z: float32[2] = COS(%y)
  })"),
            "x: uint8 scale 1 zero point 0\ny: float32\n");
}

TEST(ExtractParamsTest, Options) {
  EXPECT_EQ(Extracted(R"(graph (%x: float32[1,2], %q: int8[1,2] q(0.5, 3)) -> () {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.125, 0) = {1, 2}
    %y: float32[1,2] = FULLY_CONNECTED(%x, %w, _) {}
    %z: int8[1,2] q(1, 0) = FULLY_CONNECTED(%q, %w, %b) {}
  })"),
            "q: int8 scale 0.5 zero point 3\n"
            "w: int8 scale 0.5 zero point 0, 4 bytes of int8\n"
            "b: int32 scale 0.125 zero point 0, 8 bytes of int32\n"
            "z: int8 scale 1 zero point 0\n"
            "hybrid\nweight only\nkeep bias\n");
}

TEST(ExtractParamsTest, NamesThatRepeatGoByPosition) {
  Model model = ModelFromText("graph (%a: int8[1] q(1, 0), %b: int8[1] q(1, 0)) -> () {}");
  model.graphs[0].tensors[1].name = std::string("a");
  Diagnostics diagnostics;
  const auto extracted = ExtractParams(model, diagnostics);
  ASSERT_TRUE(extracted.ok());
  ASSERT_EQ(extracted->params.entries.size(), 2u);
  EXPECT_EQ(extracted->params.entries[1].key, "#0/1");
}

// The int8 form is only on the way from int16 to uint8.
TEST(ExtractParamsTest, TheTwinOfAnEndOfAnotherType) {
  EXPECT_EQ(Extracted(R"(graph (%x: int16[2] q(0.0019531846, 0)) -> (%y) {
    %x_quantized_1: int8[2] q(0.5, 0) = QUANTIZE@2(%x) {}
    %x_quantized: uint8[2] q(0.5, 128) = QUANTIZE@2(%x_quantized_1) {}
    %y_quantized: uint8[2] q(0.5, 128) = ABS(%x_quantized) {}
    %y: int8[2] q(0.5, 0) = QUANTIZE@2(%y_quantized) {}
  })"),
            "x: uint8 scale 0.5 zero point 128\n"
            "y: uint8 scale 0.5 zero point 128\n"
            "inputs int16\n"
            "outputs int8\n");
}

// As TensorFlow's converter names them.
TEST(ExtractParamsTest, TheTwinOfAnEndOfAnotherTypeByAnyName) {
  EXPECT_EQ(Extracted(R"(graph (%x: uint8[2] q(0.5, 128)) -> (%y) {
    %tfl: int8[2] q(0.5, 0) = QUANTIZE@2(%x) {}
    %abs: int8[2] q(0.5, 0) = ABS(%tfl) {}
    %y: uint8[2] q(0.5, 128) = QUANTIZE@2(%abs) {}
  })"),
            "x: int8 scale 0.5 zero point 0\n"
            "y: int8 scale 0.5 zero point 0\n"
            "inputs uint8\n"
            "outputs uint8\n");
}

// A reader wants other numbers, or others read the input itself.
TEST(ExtractParamsTest, AnInputThatIsWhatItIsAnnotatedAs) {
  EXPECT_EQ(Extracted(R"(graph (%x: uint8[2] q(0.5, 128)) -> (%y) {
    %x_quantized: int8[2] q(0.25, 0) = QUANTIZE@2(%x) {}
    %y: int8[2] q(0.25, 0) = ABS(%x_quantized) {}
  })"),
            "x: uint8 scale 0.5 zero point 128\n"
            "y: int8 scale 0.25 zero point 0\n");
  EXPECT_EQ(Extracted(R"(graph (%x: uint8[2] q(0.5, 128)) -> (%y, %z) {
    %x_quantized: int8[2] q(0.5, 0) = QUANTIZE@2(%x) {}
    %y: int8[2] q(0.5, 0) = ABS(%x_quantized) {}
    %z: uint8[2] q(0.5, 128) = ABS(%x) {}
  })"),
            "x: uint8 scale 0.5 zero point 128\n"
            "y: int8 scale 0.5 zero point 0\n"
            "z: uint8 scale 0.5 zero point 128\n");
}

// What the pass made, taken out and put in again, is what the pass made.
TEST(ExtractParamsTest, IsTheInverseOfThePass) {
  constexpr char kGraph[] = R"(graph (%a: float32[1,4], %b: float32[1,4]) -> (%y) {
    const %w: float32[4,4] = {1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8}
    const %c: float32[4] = {1, 2, 3, 4}
    %greater: float32[1,4] = MAXIMUM(%a, %b) {}
    %dense: float32[1,4] = FULLY_CONNECTED(%greater, %w, %c) {}
    %sum: float32[1,4] = ADD(%dense, %c) {}
    %cosine: float32[1,4] = COS(%sum)
    %y: float32[1,4] = SOFTMAX(%cosine) {beta: 1}
  })";
  for (const QuantizeOptions& options :
       {QuantizeOptions{}, QuantizeOptions{.input_types = kFloat32, .output_types = kFloat32},
        QuantizeOptions{.input_types = kUint8, .output_types = kUint8},
        QuantizeOptions{.input_types = kInt16, .output_types = kInt16},
        QuantizeOptions{.input_types = IoTypes::Parse("float32,uint8").value()}}) {
    const std::string before = RunPass(kGraph, R"(
      tensor %a: int8[] q(0.5, 0)
      tensor %b: int8[] q(0.25, 0)
      tensor %greater: int8[] q(0.5, 0)
      tensor %w: int8[] q([0.1, 0.2, 0.1, 0.2], 0, axis 0)
      tensor %dense: int8[] q(1, 0)
      tensor %sum: int8[] q(1, 0)
      tensor %cosine: int8[] q(0.0078125, 0)
      tensor %y: int8[] q(0.005, -128))",
                                       options)
                                   .model;
    Model quantized = ModelFromText(before);
    Diagnostics diagnostics;
    absl::StatusOr<ExtractedParams> extracted = ExtractParams(quantized, diagnostics);
    ASSERT_TRUE(extracted.ok());
    EXPECT_EQ(extracted->input_types, options.input_types);
    EXPECT_EQ(extracted->output_types, options.output_types);
    Model model = ModelFromText(kGraph);
    QuantizeOptions again = {.input_types = extracted->input_types,
                             .output_types = extracted->output_types,
                             .check_values = CheckValues::kOff};
    QuantizeWithImportedParamsPass pass(std::move(extracted->params), again);
    ASSERT_TRUE(pass.Run(model, diagnostics).ok()) << diagnostics.ToStatus();
    EXPECT_EQ(PrintModel(model), before);
  }
}

// Of the ends of a graph that a composite runs, as of all tensors; they are no ends of the model.
TEST(ExtractParamsTest, CrossingsOfComposites) {
  EXPECT_EQ(Extracted(R"(graph (%x: int8[1] q(0.5, 3)) -> (%y, %z) {
    %y: int8[1] q(1, 0) = STABLEHLO_COMPOSITE(%x) {decomposition_subgraph_index: 1}
    %f: float32[1] = DEQUANTIZE(%x) {}
    %z: float32[1] = STABLEHLO_COMPOSITE(%f) {decomposition_subgraph_index: 2}
  }
  graph (%a: int8[1] q(0.5, 3)) -> (%b) {
    %b: int8[1] q(1, 0) = ABS(%a) {}
  }
  graph (%c: float32[1]) -> (%d) {
    const %k: int8[1] q(0.5, 0) = {1}
    %k_dequant: float32[1] = DEQUANTIZE(%k) {}
    %d: float32[1] = ADD(%c, %k_dequant) {}
  })"),
            R"(x: int8 scale 0.5 zero point 3
y: int8 scale 1 zero point 0
a: int8 scale 0.5 zero point 3
b: int8 scale 1 zero point 0
c: float32
k: int8 scale 0.5 zero point 0, 1 bytes of int8
)");
}

TEST(ExtractParamsTest, WeightsAlone) {
  constexpr char kGraph[] = R"(graph (%x: $0, %q: int8[1,2] q(0.5, 3)) -> (%z) {
    const %w: int8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    %v: float32[2,2] = DEQUANTIZE(%w) {}
    %f: float32[1,2] = DEQUANTIZE(%q) {}
    %y: float32[1,2] = FULLY_CONNECTED($1, %v, _) {}
    %z: int8[1,2] q(0.25, 0) = QUANTIZE(%y) {}
  })";
  EXPECT_EQ(Extracted(absl::Substitute(kGraph, "float32[1,2]", "%x")),
            "q: int8 scale 0.5 zero point 3\n"
            "w: int8 scale 0.5 zero point 0, 4 bytes of int8\n"
            "z: int8 scale 0.25 zero point 0\n"
            "weight only\n");
  EXPECT_EQ(Extracted(absl::Substitute(kGraph, "float32[1,2]", "%f")),
            "q: int8 scale 0.5 zero point 3\n"
            "w: int8 scale 0.5 zero point 0, 4 bytes of int8\n"
            "z: int8 scale 0.25 zero point 0\n");
}

TEST(ExtractParamsTest, AConstantThatIsStoredSparse) {
  Model model = ModelFromText("graph () -> () { const %w: int8[2] q(0.5, 0) = {1, 2} }");
  model.path = "m.circle";
  model.graphs[0].tensor(0).sparsity =
      reinterpret_cast<const circle::SparsityParameters*>(&model);  // never looked into
  Diagnostics diagnostics;
  EXPECT_FALSE(ExtractParams(model, diagnostics).ok());
  EXPECT_EQ(diagnostics.ToStatus().message(),
            "error: m.circle: tensor 'w': the constant is stored sparse or compressed: expected "
            "plain integers; no entry of a param file can say this");
}

}  // namespace
}  // namespace q_implant
