// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/bind.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

// The errors of the rule, each with a line end.
std::string Errors(const Diagnostics& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    absl::StrAppend(&lines, diagnostic.ToString(), "\n");
  }
  return lines;
}

std::string Errors(absl::string_view graph, absl::string_view annotations) {
  return Errors(PlanUpTo("io types", graph, annotations)->diagnostics);
}

std::string Bound(absl::string_view graph, absl::string_view annotations) {
  const std::unique_ptr<Planned> planned = PlanUpTo("io types", graph, annotations);
  return Errors(planned->diagnostics) + TensorsText(*planned);
}

constexpr char kDense[] = R"(graph main(%x: float32[1,4]) -> (%y) {
  const %w: float32[3,4] = fill(1)
  const %b: float32[3] = {0, 0, 0}
  %y: float32[1,3] = FULLY_CONNECTED(%x, %w, %b) {}
})";

TEST(BindTest, TakesEntriesAsTheyAre) {
  EXPECT_EQ(Bound(kDense, R"(
    tensor %x: uint8[] q(0.5, 128)
    const %w: int8[3,4] q([0.5, 0.25, 0.125], [0, 1, 2], axis 0) = fill(1)
    tensor %y: float32[]
  )"),
            "%x: annotated uint8 q(0.5, 128)\n"
            "%w: annotated int8 q([0.5, 0.25, 0.125], [0, 1, 2], axis 0)\n"
            "%y: pinned\n");
}

TEST(BindTest, OneScaleTakesAnyAxisInsideTheRank) {
  const auto planned = PlanUpTo("io types", kDense, "tensor %w: int8[] q(0.5, 0, axis 1)");
  EXPECT_EQ(Errors(planned->diagnostics), "");
  EXPECT_EQ(planned->plan.graphs[0].tensor(1).params->quantized_dimension, 1);
}

TEST(BindTest, Float16ConstantsCanBeQuantized) {
  EXPECT_EQ(Bound("graph () -> () { const %w: float16[2] = {1, 2} }", "tensor %w: int8[] q(1, 0)"),
            "%w: annotated int8 q(1, 0)\n");
}

// --- keys ---

constexpr char kTwoGraphs[] = R"(
  graph main(%x#0: float32[1], %x#1: float32[1]) -> () { tensor %0:y: float32[1] }
  graph other(%x: float32[1], %#1: float32[1]) -> () { tensor %y: float32[1] })";

TEST(BindTest, KeysOfOneGraph) {
  EXPECT_EQ(Bound(kTwoGraphs, R"(tensor %"1:x": int8[] q(1, 0)  tensor %"1:y": int8[] q(2, 0))"),
            "%x: annotated int8 q(1, 0)\n%y: annotated int8 q(2, 0)\n");
}

TEST(BindTest, KeysOfPositions) {
  EXPECT_EQ(Bound(kTwoGraphs, R"(tensor %"#0/1": int8[] q(1, 0)  tensor %"#1/1": int8[] q(2, 0))"),
            "%x: annotated int8 q(1, 0)\n%: annotated int8 q(2, 0)\n");
}

TEST(BindTest, TheExactNameWinsOverOtherReadings) {
  EXPECT_EQ(Bound(kTwoGraphs, R"(tensor %"0:y": int8[] q(1, 0))"),
            "%0:y: annotated int8 q(1, 0)\n");
}

TEST(BindTest, RepeatedNamesDoNotMatterWhereNobodyAnnotatesThem) {
  EXPECT_EQ(Bound(kTwoGraphs, "tensor %y: int8[] q(1, 0)"), "%y: annotated int8 q(1, 0)\n");
}

TEST(BindTest, RepeatedName) {
  EXPECT_EQ(Errors(kTwoGraphs, "tensor %x: int8[] q(1, 0)"),
            "error: params.json: tensor 'x': the name repeats in the model: expected one tensor, "
            "found 3 of this name; name one by its position: '#0/0', '#0/1', '#1/0'\n");
  EXPECT_EQ(Errors(kTwoGraphs, "tensor %\"0:x\": int8[] q(1, 0)"),
            "error: params.json: tensor '0:x': the name repeats in the model: expected one tensor, "
            "found 2 of this name; name one by its position: '#0/0', '#0/1'\n");
}

TEST(BindTest, RepeatedNameListsFourPositions) {
  EXPECT_EQ(Errors("graph (%x#0: float32[1], %x#1: float32[1], %x#2: float32[1],"
                   " %x#3: float32[1], %x#4: float32[1]) -> () {}",
                   "tensor %x: int8[] q(1, 0)"),
            "error: params.json: tensor 'x': the name repeats in the model: expected one tensor, "
            "found 5 of this name; name one by its position: '#0/0', '#0/1', '#0/2', '#0/3', "
            "...\n");
}

TEST(BindTest, TwoEntriesForOneTensor) {
  EXPECT_EQ(Errors(kDense, R"(tensor %x: int8[] q(1, 0)  tensor %"#0/0": int8[] q(1, 0))"),
            "error: params.json: tensor '#0/0': 'x' names the same tensor; keep one of the two "
            "entries\n");
}

// --- unknown names ---

std::string Unknown(absl::string_view key, absl::string_view rest) {
  return absl::StrCat("error: params.json: tensor '", key,
                      "': no tensor of model.circle has this name (", rest, "\n");
}

TEST(BindTest, UnknownNameWithTheNearest) {
  EXPECT_EQ(Errors("graph (%conv1.weight: float32[1], %conv2.weight: float32[1],"
                   " %unrelated: float32[1]) -> () {}",
                   "tensor %conv1.weigth: int8[] q(1, 0)"),
            Unknown("conv1.weigth",
                    "0 of 1 names matched); the nearest names are 'conv1.weight', 'conv2.weight'"));
}

TEST(BindTest, UnknownNameWrittenAnotherWay) {
  EXPECT_EQ(Errors("graph (%Body/Conv1/Weight: float32[1], %other: float32[1]) -> () {}",
                   "tensor %body.conv1.weight: int8[] q(1, 0)"),
            Unknown("body.conv1.weight",
                    "0 of 1 names matched); the nearest names are 'Body/Conv1/Weight'"));
}

TEST(BindTest, UnknownNameThatIsAPartOfAJoinedOne) {
  EXPECT_EQ(Errors("graph (%\"dense/MatMul;dense/BiasAdd\": float32[1]) -> () {}",
                   "tensor %dense/BiasAdd: int8[] q(1, 0)"),
            Unknown("dense/BiasAdd",
                    "0 of 1 names matched); the nearest names are 'dense/MatMul;dense/BiasAdd'"));
}

TEST(BindTest, UnknownNameWithACommonEnding) {
  EXPECT_EQ(
      Errors("graph (%model/block3/conv/kernel: float32[1], %model/pool: float32[1]) -> () {}",
             "tensor %net.features.block3.conv.kernel: int8[] q(1, 0)"),
      Unknown("net.features.block3.conv.kernel",
              "0 of 1 names matched); the nearest names are 'model/block3/conv/kernel'"));
}

TEST(BindTest, UnknownNameWithAValueOfAConstantsShape) {
  EXPECT_EQ(Errors(kDense, "const %p_fc_weight: int8[3,4] q(1, 0) = fill(1)"),
            Unknown("p_fc_weight", "0 of 1 names matched); the nearest names are 'w'"));
}

// First what looks alike and has the shape, then the shape, then what looks alike.
TEST(BindTest, UnknownNameWithAValueInOrderOfLikelihood) {
  EXPECT_EQ(Errors(R"(graph () -> () {
    const %conv1.weight: float32[2] = {1, 2}
    const %kernel: float32[3] = {1, 2, 3}
    const %conv2.weight: float32[3] = {1, 2, 3}
    const %bias: float32[1] = {1}
  })",
                   "const %conv3.weight: int8[3] q(1, 0) = {1, 2, 3}"),
            Unknown("conv3.weight",
                    "0 of 1 names matched); the nearest names are 'conv2.weight', 'kernel', "
                    "'conv1.weight'"));
}

// An entry with an error of its own still has a name to look at.
TEST(BindTest, NamesOfBrokenEntries) {
  Params params = ParamsFromText("tensor %x: int8[] q(1, 0)");
  params.broken = {{.key = "w", .target = "w"}, {.key = "conv", .target = "conv"}};
  Model model = ModelFromText(kDense);
  model.path = "model.circle";
  EXPECT_EQ(Errors(PlanUpTo("io types", std::move(model), params)->diagnostics),
            Unknown("conv",
                    "2 of 3 names matched); see the tensors with --print_before, give a "
                    "--name_map, or --ignore_unknown"));
}

TEST(BindTest, UnknownNameUnlikeAll) {
  EXPECT_EQ(
      Errors(kDense, "tensor %conv: int8[] q(1, 0)"),
      Unknown("conv",
              "0 of 1 names matched); see the tensors with --print_before, give a --name_map, or "
              "--ignore_unknown"));
}

TEST(BindTest, UnknownNamesComeLastAndCountTheOthers) {
  EXPECT_EQ(
      Errors(kDense,
             "tensor %conv: int8[] q(1, 0)  tensor %x: int8[] q(1, 0)"
             "tensor %w: int8[] q(1, 0, axis 2)"),
      "error: params.json: tensor 'w': quantized_dimension lies outside the tensor's rank: "
      "expected 0 to 1, found 2; the shape is [3,4]\n" +
          Unknown(
              "conv",
              "2 of 3 names matched); see the tensors with --print_before, give a --name_map, or "
              "--ignore_unknown"));
}

TEST(BindTest, UnknownNameFromTheNameMap) {
  Params params = ParamsFromText("tensor %conv: int8[] q(1, 0)");
  params.entries[0].target = "features.0";
  EXPECT_EQ(
      Errors(PlanUpTo("io types", ModelFromText(kDense), params)->diagnostics),
      "error: params.json: tensor 'conv': no tensor of  has this name (0 of 1 names matched): "
      "found 'features.0' in the name map; see the tensors with --print_before, give a --name_map, "
      "or "
      "--ignore_unknown\n");
}

TEST(BindTest, OnlyTheFirstUnknownNamesGetSuggestions) {
  std::string annotations;
  for (int i = 0; i < 21; ++i) {
    absl::StrAppend(&annotations, "tensor %layer.weight", i, "x: int8[] q(1, 0)\n");
  }
  const std::string errors = Errors("graph (%layer.weight: float32[1]) -> () {}", annotations);
  EXPECT_THAT(errors, testing::HasSubstr(Unknown("layer.weight19x",
                                                 "0 of 21 names matched); the nearest names are "
                                                 "'layer.weight'")));
  EXPECT_THAT(errors, testing::HasSubstr(
                          Unknown("layer.weight20x",
                                  "0 of 21 names matched); see the tensors with "
                                  "--print_before, give a --name_map, or --ignore_unknown")));
}

// --- types ---

TEST(BindTest, OnlyFloat32CanBeQuantized) {
  EXPECT_EQ(Errors("graph (%ids: int32[1]) -> () {}", "tensor %ids: int8[] q(1, 0)"),
            "error: params.json: tensor 'ids': only float32 tensors (and float16 constants) can be "
            "quantized: expected float32, found int32 in the model; drop the entry\n");
  EXPECT_EQ(Errors("graph (%half: float16[1]) -> () {}", "tensor %half: int8[] q(1, 0)"),
            "error: params.json: tensor 'half': only float32 tensors (and float16 constants) can "
            "be quantized: expected float32, found float16 in the model; drop the entry\n");
}

TEST(BindTest, OnlyFloat32CanBePinned) {
  EXPECT_EQ(Errors("graph (%q: int8[1] q(0.5, 3)) -> () {}", "tensor %q: float32[]"),
            "error: params.json: tensor 'q': only float32 tensors (and float16 constants) can be "
            "quantized: expected float32, found int8 in the model; drop the entry\n");
}

constexpr char kQuantized[] = "graph (%q: int8[1] q(0.5, 3)) -> () {}";

TEST(BindTest, AlreadyQuantizedAlikeIsDone) {
  EXPECT_EQ(Bound(kQuantized, "tensor %q: int8[] q(0.5, 3)"), "%q: existing int8 q(0.5, 3)\n");
}

TEST(BindTest, AlreadyQuantizedOtherwise) {
  EXPECT_EQ(Errors(kQuantized, "tensor %q: int8[] q(0.25, 3)"),
            "error: params.json: tensor 'q': the model has it quantized already, with other "
            "parameters: expected int8 scale 0.5 zero point 3 as in the model, found int8 scale "
            "0.25 zero point 3; start from the float32 model, or drop the entry\n");
  EXPECT_EQ(Errors(kQuantized, "tensor %q: uint8[] q(0.5, 3)"),
            "error: params.json: tensor 'q': the model has it quantized already, with other "
            "parameters: expected int8 scale 0.5 zero point 3 as in the model, found uint8 scale "
            "0.5 zero point 3; start from the float32 model, or drop the entry\n");
}

TEST(BindTest, AlreadyQuantizedWithTheSameValue) {
  constexpr char kGraph[] = "graph () -> () { const %w: int8[2] q(0.5, 0) = {1, -2} }";
  EXPECT_EQ(Bound(kGraph, "const %w: int8[2] q(0.5, 0) = {1, -2}"),
            "%w: existing int8 q(0.5, 0)\n");
  constexpr char kPacked[] = "graph () -> () { const %w: int4[3] q(0.5, 0) = {1, -2, 7} }";
  EXPECT_EQ(Bound(kPacked, "const %w: int4[3] q(0.5, 0) = {1, -2, 7}"),
            "%w: existing int4 q(0.5, 0)\n");
}

TEST(BindTest, AlreadyQuantizedWithAnotherValue) {
  EXPECT_EQ(Errors("graph () -> () { const %w: int8[2] q(0.5, 0) = {1, -2} }",
                   "const %w: int8[2] q(0.5, 0) = {1, -3}"),
            "error: params.json: tensor 'w': the model has it quantized already, with another "
            "value: expected the model's 2 bytes, found others in w.npy; start from the float32 "
            "model, or drop the entry\n");
}

TEST(BindTest, Variable) {
  EXPECT_EQ(Errors("graph () -> () { tensor %state: float32[1] variable }",
                   "tensor %state: int8[] q(1, 0)"),
            "error: params.json: tensor 'state': a variable keeps its type, for operators write it "
            "in place: expected an activation, a constant, or the state of an LSTM or SVDF, found "
            "another variable; drop the entry\n");
}

TEST(BindTest, TheStateOfAnIntegerKernel) {
  constexpr char kGraph[] = R"(graph (%x: float32[1,1]) -> (%y) {
    const %w: float32[1,1] = {1}
    tensor %state: float32[1,1] variable
    %y: float32[1,1] = SVDF(%x, %w, %w, _, %state) {rank: 1}
  })";
  EXPECT_EQ(Bound(kGraph, "tensor %state: int16[] q(1, 0)"), "%state: annotated int16 q(1, 0)\n");
  EXPECT_EQ(
      Errors(kGraph, "tensor %state: int8[] q(1, 0)"),
      "error: params.json: tensor 'state': the kernels that write this variable can't have it "
      "so: expected int16 with one scale and zero point 0, found int8 scale 1 zero point 0; "
      "quantize it so, or drop the entry\n");
}

TEST(BindTest, CompressedConstant) {
  Model model = ModelFromText("graph () -> () { const %w: float32[2] = {1, 2} }");
  model.graphs[0].tensor(0).compression = circle::CompressionType_HUFFMAN;
  const Params params = ParamsFromText("tensor %w: int8[] q(1, 0)");
  EXPECT_EQ(Errors(PlanUpTo("io types", std::move(model), params)->diagnostics),
            "error: params.json: tensor 'w': the constant is stored sparse or compressed: expected "
            "plain data; convert the model without sparsity and compression\n");
}

// --- channels ---

TEST(BindTest, AxisOutsideTheRank) {
  EXPECT_EQ(Errors(kDense, "tensor %x: int8[] q(1, 0, axis 2)"),
            "error: params.json: tensor 'x': quantized_dimension lies outside the tensor's rank: "
            "expected 0 to 1, found 2; the shape is [1,4]\n");
  EXPECT_EQ(Errors("graph (%s: float32[]) -> () {}", "tensor %s: int8[] q(1, 0, axis 1)"),
            "error: params.json: tensor 's': quantized_dimension lies outside the tensor's rank: "
            "expected 0, found 1; the shape is []\n");
}

TEST(BindTest, ScalePerChannelOfAnActivation) {
  EXPECT_EQ(Errors(kDense, "tensor %x: int8[] q(4 x 1, 0, axis 1)"),
            "error: params.json: tensor 'x': an activation can't have a scale per channel: "
            "expected 1 scale, found 4 in x.scale.npy; quantize activations per tensor\n");
}

TEST(BindTest, ChannelCount) {
  EXPECT_EQ(Errors(kDense, "tensor %w: int8[] q(4 x 1, 0, axis 0)"),
            "error: params.json: tensor 'w': the number of scales does not fit the channels: "
            "expected 1 or 3, the size of dimension 0 of [3,4], found 4 in w.scale.npy; dimension "
            "1 of the shape [3,4] has that size: is it the channel axis?\n");
  EXPECT_EQ(Errors(kDense, "tensor %w: int8[] q(2 x 1, 0, axis 1)"),
            "error: params.json: tensor 'w': the number of scales does not fit the channels: "
            "expected 1 or 4, the size of dimension 1 of [3,4], found 2 in w.scale.npy; export one "
            "scale for each channel\n");
}

// --- values ---

TEST(BindTest, ValueOfAnActivation) {
  EXPECT_EQ(Errors(kDense, "const %x: int8[1,4] q(1, 0) = fill(1)"),
            "error: params.json: tensor 'x': an activation can't have a value: expected no "
            "'value', found x.npy; drop 'value': it is for weights and other constants\n");
}

TEST(BindTest, ShapeOfTheValue) {
  EXPECT_EQ(Errors(kDense, "const %w: int8[4,3] q(1, 0) = fill(1)"),
            "error: params.json: tensor 'w': the value's shape is not the tensor's: expected "
            "[3,4], found [4,3] in w.npy; np.transpose(value, (1, 0)) would have the shape\n");
  EXPECT_EQ(Errors(kDense, "const %w: int8[12] q(1, 0) = fill(1)"),
            "error: params.json: tensor 'w': the value's shape is not the tensor's: expected "
            "[3,4], found [12] in w.npy; save the value in the model's layout\n");
  EXPECT_EQ(Errors(kDense, "const %w: int8[3,5] q(1, 0) = fill(1)"),
            "error: params.json: tensor 'w': the value's shape is not the tensor's: expected "
            "[3,4], found [3,5] in w.npy; save the value in the model's layout\n");
}

TEST(BindTest, ValueInPyTorchsLayout) {
  EXPECT_EQ(Errors("graph () -> () { const %w: float32[2,3,3,5] = fill(1) }",
                   "const %w: int8[2,5,3,3] q(1, 0) = fill(1)"),
            "error: params.json: tensor 'w': the value's shape is not the tensor's: expected "
            "[2,3,3,5], found [2,5,3,3] in w.npy; np.transpose(value, (0, 2, 3, 1)) would have "
            "the shape\n");
}

// --- the report ---

TEST(BindTest, EveryProblemOfARunIsReported) {
  EXPECT_EQ(Errors(kDense, R"(
    const %w: int8[4,3] q(2 x 1, 0, axis 0) = fill(1)
    const %x: int8[1,4] q(4 x 1, 0, axis 1) = fill(1)
  )"),
            "error: params.json: tensor 'w': the number of scales does not fit the channels: "
            "expected 1 or 3, the size of dimension 0 of [3,4], found 2 in w.scale.npy; export one "
            "scale for each channel\n"
            "error: params.json: tensor 'w': the value's shape is not the tensor's: expected "
            "[3,4], found [4,3] in w.npy; np.transpose(value, (1, 0)) would have the shape\n"
            "error: params.json: tensor 'x': an activation can't have a scale per channel: "
            "expected 1 scale, found 4 in x.scale.npy; quantize activations per tensor\n"
            "error: params.json: tensor 'x': an activation can't have a value: expected no "
            "'value', found x.npy; drop 'value': it is for weights and other constants\n");
}

TEST(BindTest, NothingChangesWhereAnEntryDoesNotFit) {
  Model model = ModelFromText(kDense);
  const Params params = ParamsFromText(R"(
    tensor %x: int8[] q(0.5, 0)  tensor %w: int8[] q(0.5, 0)  tensor %y: int8[] q(1, 0)
    tensor %b: int32[] q(2 x 0.25, 0)
  )");
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed =
      QuantizeWithImportedParamsPass(params).Run(model, diagnostics);
  EXPECT_EQ(changed.status().message(),
            "error: params.json: tensor 'b': the number of scales does not fit the channels: "
            "expected 1 or 3, the size of dimension 0 of [3], found 2 in b.scale.npy; export one "
            "scale for each channel");
  EXPECT_EQ(PrintModel(model), Canonical(kDense));
}

// --- int16 with a zero point ---

constexpr char kSum[] = R"(graph (%x: float32[1]) -> (%y) {
  const %c: float32[1] = {1}
  %y: float32[1] = ADD(%x, %c) {}
})";

TEST(BindTest, Int16WithAZeroPoint) {
  const Outcome outcome = RunPass(kSum, R"(
    tensor %x: int16[] q(0.001, 100)
    tensor %y: int16[] q(0.002, 0))");
  EXPECT_TRUE(outcome.ok);
  EXPECT_EQ(outcome.report,
            "warning: params.json: tensor 'x': the activation is int16 with a zero point, which no "
            "known runtime computes with; its operators stay float32: expected zero point 0, found "
            "100 in x.zerop.npy; export it with zero point 0 (symmetric), or as int8 or uint8\n");
}

TEST(BindTest, Int16WithAZeroPointForATarget) {
  const Outcome outcome = RunPass(kSum, R"(
    tensor %x: int16[] q(0.001, 100)
    tensor %y: int16[] q(0.002, 0))",
                                  {.target = Target::kLiteRt});
  EXPECT_EQ(
      outcome.report,
      "warning: model.circle: tensor 'x': for LiteRT: it stays float32, since the runtime "
      "converts no int16 with a zero point; export it with zero point 0, or as int8 or uint8\n");
  EXPECT_EQ(outcome.model, R"(graph (%x: float32[1]) -> (%y) {
  const %c: float32[1] = {1}
  %y_float: float32[1] = ADD(%x, %c) {}
  %y: int16[1] q(0.002, 0) = QUANTIZE@2(%y_float) {}
}
)");
}

}  // namespace
}  // namespace q_implant
