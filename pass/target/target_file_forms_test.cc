// SPDX-License-Identifier: Apache-2.0
#include "pass/target/target_file_forms.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

constexpr char kLead[] = ": the file is written in a form that it reads, the model is the same: ";

// What is told, and the model afterwards. A second run changes nothing.
std::string Take(Target target, Model& model) {
  Diagnostics diagnostics;
  const bool changed = TakeTargetFileForms(target, model, diagnostics);
  EXPECT_EQ(changed, diagnostics.Count(Severity::kRemark) == 1);
  Diagnostics second;
  EXPECT_FALSE(TakeTargetFileForms(target, model, second));
  std::string told;
  for (const Diagnostic& d : diagnostics.all()) absl::StrAppend(&told, d.ToString(), "\n");
  return absl::StrCat(told, PrintModel(model));
}

std::string Expected(Target target, absl::string_view changes, absl::string_view text) {
  return absl::StrCat("remark: for ", TargetName(target), kLead, changes, "\n", Canonical(text));
}

constexpr char kGraph[] = R"(
  graph (%x: float32[1,2]) -> (%y) {
    const %c: float32[2] = {1, 2}
    %h: float32[1,2] = RELU(%x)
    %y: float32[1,2] = ADD(%h, %c) {}
  })";

TEST(TargetFileFormsTest, AFileThatIsReadStays) {
  for (Target target : kTargets) {
    Model model = ModelFromText(kGraph);
    EXPECT_EQ(Take(target, model), Canonical(kGraph)) << TargetName(target);
  }
}

TEST(TargetFileFormsTest, TensorsWithoutANameGetAnEmptyOne) {
  Model model = ModelFromText(kGraph);
  for (TensorId id : {0, 2}) model.graphs[0].tensor(id).name = StoredString();
  EXPECT_FALSE(model.graphs[0].tensor(0).name.is_stored());
  const std::string told = Take(Target::kOnert, model);
  EXPECT_EQ(told.substr(0, told.find('\n')),
            absl::StrCat("remark: for onert", kLead, "an empty name where a tensor had none (2)"));
  for (const Tensor& tensor : model.graphs[0].tensors) EXPECT_TRUE(tensor.name.is_stored());
}

TEST(TargetFileFormsTest, ListsAreStored) {
  Model model = ModelFromText(absl::StrCat(kGraph, "graph () -> () {}"));
  model.graphs[1] = Graph();
  EXPECT_EQ(Take(Target::kOnert, model),
            Expected(Target::kOnert, "an empty list where a graph or a node had none (4)",
                     absl::StrCat(kGraph, "graph () -> () {}")));
  EXPECT_TRUE(model.graphs[1].inputs.is_stored() && model.graphs[1].outputs.is_stored() &&
              model.graphs[1].tensors.is_stored() && model.graphs[1].nodes.is_stored());
}

// Abs has no options that say something, Reshape is read without, While has no default.
TEST(TargetFileFormsTest, MissingOptionsGetTheirDefaults) {
  constexpr char before[] = R"(
    graph (%x: float32[1,2]) -> (%s) {
      const %c: int32[2] = {2, 1}
      %a: float32[1,2] = ABS(%x)
      %r: float32[2,1] = RESHAPE(%a, %c)
      %m: float32[2,1] = MUL(%r, %r)
      %n: float32[1] = MEAN(%m, %c)
      %w: float32[1] = WHILE(%n)
      %s: float32[1] = SOFTMAX(%w) {beta: 1.0}
    })";
  constexpr char after[] = R"(
    graph (%x: float32[1,2]) -> (%s) {
      const %c: int32[2] = {2, 1}
      %a: float32[1,2] = ABS(%x)
      %r: float32[2,1] = RESHAPE(%a, %c)
      %m: float32[2,1] = MUL(%r, %r) {}
      %n: float32[1] = MEAN(%m, %c) {}
      %w: float32[1] = WHILE(%n)
      %s: float32[1] = SOFTMAX(%w) {beta: 1.0}
    })";
  Model model = ModelFromText(before);
  EXPECT_EQ(Take(Target::kOnert, model),
            Expected(Target::kOnert, "default options where a node had none (2)", after));
  EXPECT_NE(model.graphs[0].nodes[2].OptionsAs<circle::MulOptions>(), nullptr);
  Model other = ModelFromText(before);
  EXPECT_EQ(Take(Target::kLiteRt, other), Canonical(before));
}

TEST(TargetFileFormsTest, AReshapeGetsAShapeInput) {
  Model model = ModelFromText(R"(
    graph (%x: float32[1,6]) -> (%y) {
      %y: float32[2,3] = RESHAPE(%x) {new_shape: [2, -1]}
    })");
  EXPECT_EQ(Take(Target::kOnert, model),
            Expected(Target::kOnert,
                     "a shape input where a Reshape had the shape in its options only (1)", R"(
    graph (%x: float32[1,6]) -> (%y) {
      const %y_shape: int32[2] = {2, -1}
      %y: float32[2,3] = RESHAPE(%x, %y_shape) {new_shape: [2, -1]}
    })"));
}

TEST(TargetFileFormsTest, ShapesAreThoseOfTheFile) {
  constexpr char before[] = R"(
    graph (%x: float32[?1,2]) -> (%y) {
      %y: float32[?1,2] = RELU(%x)
    })";
  constexpr char after[] = R"(
    graph (%x: float32[1,2]) -> (%y) {
      %y: float32[1,2] = RELU(%x)
    })";
  constexpr char change[] =
      "the shape alone where a shape_signature said that it may change (onert's callers may still "
      "change that of an input) (2)";
  Model model = ModelFromText(before);
  EXPECT_EQ(Take(Target::kOnert, model), Expected(Target::kOnert, change, after));

  // An empty one is no scalar's.
  Model empty = ModelFromText(after);
  for (Tensor& tensor : empty.graphs[0].tensors) tensor.shape_signature.stored_empty = true;
  EXPECT_EQ(Take(Target::kOnert, empty), Expected(Target::kOnert, change, after));
  EXPECT_FALSE(empty.graphs[0].tensor(0).shape_signature.is_stored());

  Model equal = ModelFromText(after);
  equal.graphs[0].tensor(0).shape_signature = equal.graphs[0].tensor(0).shape;
  EXPECT_EQ(Take(Target::kOnert, equal), Canonical(after));
  EXPECT_TRUE(equal.graphs[0].tensor(0).shape_signature.is_stored());

  Model other = ModelFromText(before);
  EXPECT_EQ(Take(Target::kLiteRt, other), Canonical(before));
}

constexpr char kWithoutData[] =
    "no data where the buffer of a computed tensor had data of length 0 (3)";

TEST(TargetFileFormsTest, ComputedTensorsHaveNoData) {
  for (Target target : kTargets) {
    Model model = ModelFromText(kGraph);
    model.buffers[0] = Bytes::Own({});
    EXPECT_EQ(Take(target, model), Expected(target, kWithoutData, kGraph));
    EXPECT_EQ(model.buffers[0].data(), nullptr);
  }
}

// A constant without elements has data, of length 0.
TEST(TargetFileFormsTest, AConstantOfNoElementsStays) {
  constexpr char text[] = R"(
    graph (%x: float32[1,2]) -> (%y) {
      const %c: float32[1,0] = {}
      %y: float32[1,2] = CONCATENATION(%x, %c) {axis: 1}
    })";
  Model model = ModelFromText(text);
  const uint32_t buffer = model.graphs[0].tensor(1).buffer;
  ASSERT_NE(buffer, 0u);
  model.buffers[buffer] = Bytes::Own({});
  EXPECT_EQ(Take(Target::kOnert, model), Canonical(text));
  EXPECT_NE(model.buffers[buffer].data(), nullptr);
}

TEST(TargetFileFormsTest, SparsityAndCustomQuantizationThatSayNothing) {
  Model model = ModelFromText(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    const %c: int8[2] q(0.5, 3) = {1, 2}
    %y: int8[2] q(0.5, 3) = ADD(%x, %c) {}
  })");
  for (Tensor& tensor : model.graphs[0].tensors) {
    tensor.sparsity =
        reinterpret_cast<const circle::SparsityParameters*>(&model);  // never looked into
  }
  model.graphs[0].tensor(0).quantization->details_type =
      circle::QuantizationDetails_CustomQuantization;
  model.graphs[0].tensor(0).quantization->details =
      reinterpret_cast<const flatbuffers::Table*>(&model);
  Diagnostics diagnostics;
  EXPECT_TRUE(TakeTargetFileForms(Target::kOnert, model, diagnostics));
  EXPECT_EQ(diagnostics.all()[0].ToString(),
            absl::StrCat("remark: for onert", kLead,
                         "no sparsity of computed tensors (2); no custom quantization beside a "
                         "scale (1)"));
  for (const Tensor& tensor : model.graphs[0].tensors) {
    EXPECT_EQ(tensor.sparsity == nullptr, tensor.name != "c") << tensor.name;
    EXPECT_EQ(tensor.quantization->details, nullptr) << tensor.name;
  }
}

TEST(TargetFileFormsTest, MetadataHaveData) {
  Model model = ModelFromText(kGraph);
  model.metadata.emplace_back().name = std::string("none");
  model.metadata.back().buffer = 0;
  const std::string told = Take(Target::kOnert, model);
  EXPECT_NE(told.find("data of length 0 where metadata had none (1)"), told.npos) << told;
  EXPECT_NE(model.metadata[0].buffer, 0u);
  EXPECT_NE(model.buffers[model.metadata[0].buffer].data(), nullptr);
  EXPECT_EQ(model.buffers[0].data(), nullptr);
}

TEST(TargetFileFormsTest, ConstantsLeaveTheFirstBuffer) {
  Model model = ModelFromText(kGraph);
  uint32_t empty = model.AddBuffer(Bytes());
  for (Tensor& tensor : model.graphs[0].tensors) {
    if (tensor.buffer != 0) std::swap(model.buffers[0], model.buffers[tensor.buffer]);
    tensor.buffer = tensor.buffer == 0 ? empty : 0;
  }
  EXPECT_EQ(
      Take(Target::kLiteRt, model),
      Expected(Target::kLiteRt, "a buffer of its own for a constant in buffer 0 (1)", kGraph));
}

TEST(TargetFileFormsTest, AnAxisThatIsNotThere) {
  constexpr char after[] = R"(
    graph (%x: uint8[1,2] q(0.5, 3)) -> (%y) {
      %y: uint8[1,2] q(0.5, 3) = ABS(%x) {}
    })";
  Model model = ModelFromText(after);
  model.graphs[0].tensor(0).quantization->quantized_dimension = 3;
  EXPECT_EQ(Take(Target::kLiteRt, model),
            Expected(Target::kLiteRt,
                     "axis 0 where a tensor of one scale named an axis that it lacks (1)", after));
  EXPECT_EQ(model.graphs[0].tensor(0).quantization->quantized_dimension, 0);
}

TEST(TargetFileFormsTest, VersionsAndKeysOfALiteRtFile) {
  Model model = ModelFromText(kGraph);
  model.identifier = "TFL3";
  model.version = 0;
  model.signature_defs.emplace_back();
  model.AddOperatorCode({.builtin = static_cast<circle::BuiltinOperator>(9999), .custom_code = {}});
  model.AddOperatorCode({.builtin = circle::BuiltinOperator_CUSTOM, .custom_code = {}});
  const OperatorCode* old = model.AddOperatorCode(
      {.builtin = circle::BuiltinOperator_RELU, .custom_code = {}, .version = 0});
  model.graphs[0].nodes[0].code = old;
  const std::string told = Take(Target::kLiteRt, model);
  EXPECT_EQ(told.substr(0, told.find('\n')),
            absl::StrCat("remark: for LiteRT", kLead,
                         "an empty key where a signature had none (1); version 3 of the file's "
                         "format (1); operator codes that it does not know and no node names are "
                         "gone (2); version 1 where an operator had a lower one (1)"));
  EXPECT_EQ(model.version, 3u);
  EXPECT_TRUE(model.signature_defs[0].signature_key.is_stored());
  EXPECT_EQ(model.operator_codes().size(), 3u);
  EXPECT_EQ(model.graphs[0].nodes[0].op(), circle::BuiltinOperator_RELU);
  EXPECT_EQ(model.graphs[0].nodes[0].code->version, 1);
}

TEST(TargetFileFormsTest, TensorsOfOtherTypesGoWhereNothingNamesThem) {
  Model model = ModelFromText(R"(
    graph (%x: float32[1,2]) -> (%y) {
      tensor %s: string[1]
      tensor %d: float64[1,2]
      const %u: int4[2] = {1, 2}
      tensor %f: float32[1,2]
      %y: float32[1,2] = CUSTOM "c"(%x, %s)
    })");
  EXPECT_EQ(Take(Target::kOnert, model),
            absl::StrCat("remark: for onert", kLead,
                         "tensors that nothing refers to and it can't load are gone (2)\n"
                         "warning: tensor 's': onert does not load a model with a tensor of this "
                         "type (string); convert the model without it\n",
                         Canonical(R"(
    graph (%x: float32[1,2]) -> (%y) {
      tensor %s: string[1]
      tensor %f: float32[1,2]
      %y: float32[1,2] = CUSTOM "c"(%x, %s)
    })")));
}

TEST(TargetFileFormsTest, VariablesWithAValueAreTold) {
  Model model = ModelFromText(kGraph);
  for (Tensor& tensor : model.graphs[0].tensors) tensor.is_variable = tensor.name == "c";
  const std::string told = Take(Target::kOnert, model);
  EXPECT_EQ(
      told.substr(0, told.find('\n')),
      "warning: tensor 'c': onert does not load a model with a variable with an initial value "
      "(float32); convert the model without it");
}

// Nothing is read of what is not there: the view is longer than what is behind it.
TEST(TargetFileFormsTest, ModelsBeyondTwoGibibytesAreTold) {
  Model model = ModelFromText(kGraph);
  static const uint8_t byte = 0;
  model.AddBuffer(Bytes(absl::MakeConstSpan(&byte, size_t{1} << 31), nullptr));
  const std::string told = Take(Target::kOnert, model);
  EXPECT_EQ(
      told.substr(0, told.find('\n')),
      "warning: onert does not load a model of 2147483656 bytes of constants; make it smaller "
      "than 2 GiB");
  Model other = ModelFromText(kGraph);
  other.AddBuffer(Bytes(absl::MakeConstSpan(&byte, size_t{1} << 31), nullptr));
  EXPECT_EQ(Take(Target::kLiteRt, other), Canonical(kGraph));
}

}  // namespace
}  // namespace q_implant
