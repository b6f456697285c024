// SPDX-License-Identifier: Apache-2.0
#include "import/model_check.h"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "import/testing/small_model.h"

namespace q_implant {
namespace {

using ::testing::EndsWith;
using ::testing::SizeIs;

constexpr char kDamaged[] =
    "; the file is damaged or its writer has a bug: copy or convert it again";

std::string ErrorOf(const Bytes& file) {
  return std::string(CheckFile(file.span(), "m.circle").message());
}

std::string ErrorOf(const circle::ModelT& model) { return ErrorOf(Packed(model)); }

// The error of the small model after a change.
std::string ErrorAfter(const std::function<void(circle::ModelT&)>& change) {
  circle::ModelT model = SmallModel();
  change(model);
  return ErrorOf(model);
}

circle::SubGraphT& Graph(circle::ModelT& model) { return *model.subgraphs[0]; }
circle::OperatorT& Node(circle::ModelT& model) { return *Graph(model).operators[0]; }
circle::TensorT& Weights(circle::ModelT& model) { return *Graph(model).tensors[1]; }

std::vector<std::string> Lines(const std::string& text) { return absl::StrSplit(text, '\n'); }

Bytes Text(absl::string_view text) { return Bytes::Own({text.begin(), text.end()}); }

TEST(ModelCheckTest, AcceptsAModel) {
  EXPECT_EQ(ErrorOf(SmallModel()), "");
  EXPECT_EQ(ErrorOf(Packed(SmallModel(), "TFL3")), "");
  EXPECT_EQ(ErrorOf(circle::ModelT()), "");
}

// --- the file

TEST(ModelCheckTest, WantsAnIdentifier) {
  EXPECT_EQ(ErrorOf(Text("PK\3\4abc\n, not a model")),
            "error: m.circle: is not a circle or TFLite file: expected \"CIR0\" or \"TFL3\" at "
            "byte 4, found \"abc\\n\"; convert the model to circle first");
  EXPECT_EQ(ErrorOf(Text("CIR0")),
            "error: m.circle: is not a circle or TFLite file: expected \"CIR0\" or \"TFL3\" at "
            "byte 4, found a file of 4 bytes; convert the model to circle first");
}

TEST(ModelCheckTest, NoticesThatTheFileIsCutOff) {
  Bytes file = Packed(SmallModel());
  EXPECT_EQ(ErrorOf(Bytes(file.span().first(file.size() - 20), file.owner())),
            std::string("error: m.circle: its tables are damaged: an offset or a length in them "
                        "points outside of the file or to where nothing can stand") +
                kDamaged);
}

TEST(ModelCheckTest, AcceptsMoreTablesThanTheVerifierDoesByItself) {
  flatbuffers::FlatBufferBuilder builder;
  const auto map = circle::CreateTensorMap(builder, builder.CreateString("x"));
  const std::vector<flatbuffers::Offset<circle::TensorMap>> maps(1'100'000, map);
  const auto tensors = builder.CreateVector(
      std::vector<flatbuffers::Offset<circle::Tensor>>{circle::CreateTensor(builder)});
  const auto graphs = builder.CreateVector(
      std::vector<flatbuffers::Offset<circle::SubGraph>>{circle::CreateSubGraph(builder, tensors)});
  const auto buffers = builder.CreateVector(
      std::vector<flatbuffers::Offset<circle::Buffer>>{circle::CreateBuffer(builder)});
  const auto inputs = builder.CreateVector(maps);
  const auto signatures =
      builder.CreateVector(std::vector<flatbuffers::Offset<circle::SignatureDef>>{
          circle::CreateSignatureDef(builder, inputs)});
  builder.Finish(circle::CreateModel(builder, 0, 0, graphs, 0, buffers, 0, 0, signatures), "CIR0");
  EXPECT_EQ(
      ErrorOf(Bytes(absl::MakeConstSpan(builder.GetBufferPointer(), builder.GetSize()), nullptr)),
      "");
}

// --- operator codes

std::string ErrorOfCode(int8_t deprecated, int32_t builtin) {
  return ErrorAfter([=](circle::ModelT& model) {
    model.operator_codes[0]->deprecated_builtin_code = deprecated;
    model.operator_codes[0]->builtin_code = static_cast<circle::BuiltinOperator>(builtin);
  });
}

int OperatorOf(int8_t deprecated, int32_t builtin) {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(circle::CreateOperatorCode(builder, deprecated, 0, 1,
                                            static_cast<circle::BuiltinOperator>(builtin)));
  return BuiltinOf(*flatbuffers::GetRoot<circle::OperatorCode>(builder.GetBufferPointer()));
}

TEST(ModelCheckTest, FindsTheBuiltinOperator) {
  EXPECT_EQ(OperatorOf(0, 0), circle::BuiltinOperator_ADD);
  EXPECT_EQ(OperatorOf(9, 9), circle::BuiltinOperator_FULLY_CONNECTED);
  EXPECT_EQ(OperatorOf(9, 0), circle::BuiltinOperator_FULLY_CONNECTED) << "an old file";
  EXPECT_EQ(OperatorOf(0, 9), circle::BuiltinOperator_FULLY_CONNECTED) << "the old field not set";
  EXPECT_EQ(OperatorOf(127, 150), circle::BuiltinOperator_GELU);
  EXPECT_EQ(OperatorOf(127, 9999), 9999) << "an operator of a newer version";
  EXPECT_EQ(OperatorOf(-2, -2), circle::BuiltinOperator_INSTANCE_NORM);
  EXPECT_EQ(OperatorOf(-2, 0), circle::BuiltinOperator_INSTANCE_NORM);
  EXPECT_EQ(OperatorOf(0, -2), circle::BuiltinOperator_INSTANCE_NORM);
  EXPECT_EQ(OperatorOf(127, -200), -200);
}

TEST(ModelCheckTest, AcceptsOperatorCodesThatAllReadersUnderstand) {
  for (const auto& [deprecated, builtin] : std::vector<std::pair<int, int>>{{0, 0},
                                                                            {9, 9},
                                                                            {9, 0},
                                                                            {0, 9},
                                                                            {127, 150},
                                                                            {127, 9999},
                                                                            {-2, -2},
                                                                            {-2, 0},
                                                                            {0, -2},
                                                                            {127, -200},
                                                                            {127, 127}}) {
    EXPECT_EQ(ErrorOfCode(static_cast<int8_t>(deprecated), builtin), "")
        << deprecated << " " << builtin;
  }
}

TEST(ModelCheckTest, RefusesOperatorCodesThatReadersUnderstandDifferently) {
  EXPECT_EQ(ErrorOfCode(9, 18),
            std::string("error: m.circle: operator code 0: readers disagree which operator it is, "
                        "for they look into different fields: expected deprecated_builtin_code "
                        "equal to builtin_code, or 127 where that is greater, found "
                        "deprecated_builtin_code 9 and builtin_code 18") +
                kDamaged);
  EXPECT_THAT(ErrorOfCode(127, 0), ::testing::HasSubstr("readers disagree"));
  EXPECT_THAT(ErrorOfCode(127, 9), ::testing::HasSubstr("readers disagree"));
  EXPECT_THAT(ErrorOfCode(-2, -3), ::testing::HasSubstr("readers disagree"));
}

// --- indices

struct IndexCase {
  const char* name;
  std::function<void(circle::ModelT&)> change;
  const char* problem;  // with what is expected and found
};

circle::SignatureDefT& AddSignature(circle::ModelT& model) {
  model.signature_defs.push_back(std::make_unique<circle::SignatureDefT>());
  model.signature_defs[0]->signature_key = "serve";
  return *model.signature_defs[0];
}

std::unique_ptr<circle::TensorMapT> MapTo(uint32_t tensor) {
  auto map = std::make_unique<circle::TensorMapT>();
  map->name = "x";
  map->tensor_index = tensor;
  return map;
}

void SetBlockwise(circle::ModelT& model, int scales, int zero_points) {
  circle::BlockwiseQuantizationT blockwise;
  blockwise.scales = scales;
  blockwise.zero_points = zero_points;
  Weights(model).quantization = std::make_unique<circle::QuantizationParametersT>();
  Weights(model).quantization->details.Set(std::move(blockwise));
}

const IndexCase kIndexCases[] = {
    {"operator_code", [](auto& m) { Node(m).opcode_index = 1; },
     "graph 0, node 0: its operator code names no operator code: expected 0 to 0, found 1"},
    {"no_operator_codes", [](auto& m) { m.operator_codes.clear(); },
     "graph 0, node 0: its operator code names no operator code: expected no index: there are "
     "none, found 0"},
    {"input",
     [](auto& m) {
       Node(m).inputs = {0, 3};
     },
     "graph 0, node 0 (FULLY_CONNECTED): input 1 names no tensor: expected -1 (none) or 0 to 2, "
     "found 3"},
    {"negative_input", [](auto& m) { Node(m).inputs = {-2}; },
     "graph 0, node 0 (FULLY_CONNECTED): input 0 names no tensor: expected -1 (none) or 0 to 2, "
     "found -2"},
    {"output", [](auto& m) { Node(m).outputs = {4}; },
     "graph 0, node 0 (FULLY_CONNECTED): output 0 names no tensor: expected -1 (none) or 0 to 2, "
     "found 4"},
    {"intermediate",
     [](auto& m) {
       Node(m).intermediates = {1, 5};
     },
     "graph 0, node 0 (FULLY_CONNECTED): intermediate 1 names no tensor: expected -1 (none) or 0 "
     "to 2, found 5"},
    {"unknown_operator",
     [](auto& m) {
       m.operator_codes[0]->deprecated_builtin_code = 127;
       m.operator_codes[0]->builtin_code = static_cast<circle::BuiltinOperator>(9999);
       Node(m).outputs = {4};
     },
     "graph 0, node 0 (operator 9999): output 0 names no tensor: expected -1 (none) or 0 to 2, "
     "found 4"},
    {"graph_input", [](auto& m) { Graph(m).inputs = {-1}; },
     "graph 0: graph input 0 names no tensor: expected 0 to 2, found -1"},
    {"graph_output",
     [](auto& m) {
       Graph(m).outputs = {0, 3};
     },
     "graph 0: graph output 1 names no tensor: expected 0 to 2, found 3"},
    {"buffer", [](auto& m) { Graph(m).tensors[2]->buffer = 2; },
     "graph 0, tensor 2: its buffer names no buffer: expected 0 to 1, found 2"},
    {"block_scales", [](auto& m) { SetBlockwise(m, 3, -1); },
     "graph 0, tensor 1: its tensor of scales names no tensor: expected 0 to 2, found 3"},
    {"block_zero_points", [](auto& m) { SetBlockwise(m, 2, 3); },
     "graph 0, tensor 1: its tensor of zero points names no tensor: expected -1 (none) or 0 to 2, "
     "found 3"},
    {"metadata",
     [](auto& m) {
       m.metadata.push_back(std::make_unique<circle::MetadataT>());
       m.metadata[0]->name = "min_runtime_version";
       m.metadata[0]->buffer = 7;
     },
     "metadata 0 'min_runtime_version': its buffer names no buffer: expected 0 to 1, found 7"},
    {"metadata_buffer",
     [](auto& m) {
       m.metadata_buffer = {0, -1};
     },
     "metadata_buffer: element 1 names no buffer: expected 0 to 1, found -1"},
    {"signature_graph", [](auto& m) { AddSignature(m).subgraph_index = 1; },
     "signature 0 'serve': subgraph_index names no graph: expected 0 to 0, found 1"},
    {"signature_input", [](auto& m) { AddSignature(m).inputs.push_back(MapTo(3)); },
     "signature 0 'serve': input 'x' names no tensor: expected 0 to 2, found 3"},
    {"signature_output", [](auto& m) { AddSignature(m).outputs.push_back(MapTo(0xffffffff)); },
     "signature 0 'serve': output 'x' names no tensor: expected 0 to 2, found 4294967295"},
};

TEST(ModelCheckTest, ChecksEveryIndex) {
  for (const IndexCase& wrong : kIndexCases) {
    EXPECT_EQ(ErrorAfter(wrong.change), std::string("error: m.circle: ") + wrong.problem + kDamaged)
        << wrong.name;
  }
}

TEST(ModelCheckTest, AcceptsMinusOneWhereSomethingIsOptional) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              Node(model).inputs = {0, 1, -1};
              Node(model).outputs = {2, -1};
              Node(model).intermediates = {-1};
              SetBlockwise(model, 2, -1);
            }),
            "");
}

// The node of the small model gets these options, of either union.
template <typename OptionsT>
std::string ErrorOfOptions(OptionsT options) {
  return ErrorAfter([&](circle::ModelT& model) {
    if constexpr (circle::BuiltinOptionsUnionTraits<OptionsT>::enum_value !=
                  circle::BuiltinOptions_NONE) {
      Node(model).builtin_options.Set(std::move(options));
    } else {
      Node(model).builtin_options_2.Set(std::move(options));
    }
  });
}

template <typename OptionsT, typename Index>
std::string ErrorOfCall(Index OptionsT::*field) {
  OptionsT options;
  options.*field = 5;
  return ErrorOfOptions(std::move(options));
}

template <typename OptionsT>
std::string ErrorOfCalls(std::vector<int32_t> OptionsT::*field) {
  OptionsT options;
  options.*field = {0, 5};
  return ErrorOfOptions(std::move(options));
}

std::string NoGraph(const std::string& field) {
  return "error: m.circle: graph 0, node 0 (FULLY_CONNECTED): " + field +
         " names no graph: expected 0 to 0, found 5" + kDamaged;
}

TEST(ModelCheckTest, ChecksTheGraphsThatNodesCall) {
  using namespace circle;  // NOLINT: tables only
  EXPECT_EQ(ErrorOfCall(&CallOptionsT::subgraph), NoGraph("subgraph"));
  EXPECT_EQ(ErrorOfCall(&CallOnceOptionsT::init_subgraph_index), NoGraph("init_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&IfOptionsT::then_subgraph_index), NoGraph("then_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&IfOptionsT::else_subgraph_index), NoGraph("else_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&WhileOptionsT::cond_subgraph_index), NoGraph("cond_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&WhileOptionsT::body_subgraph_index), NoGraph("body_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&StablehloReduceOptionsT::body_subgraph_index),
            NoGraph("body_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&StablehloReduceWindowOptionsT::body_subgraph_index),
            NoGraph("body_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&StablehloScatterOptionsT::update_computation_subgraph_index),
            NoGraph("update_computation_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&StablehloSortOptionsT::comparator_subgraph_index),
            NoGraph("comparator_subgraph_index"));
  EXPECT_EQ(ErrorOfCalls(&StablehloCaseOptionsT::branch_subgraph_indices),
            NoGraph("branch_subgraph_indices"));
  EXPECT_EQ(ErrorOfCall(&StablehloWhileOptionsT::cond_subgraph_index),
            NoGraph("cond_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&StablehloWhileOptionsT::body_subgraph_index),
            NoGraph("body_subgraph_index"));
  EXPECT_EQ(ErrorOfCall(&StableHLOCompositeOptionsT::decomposition_subgraph_index),
            NoGraph("decomposition_subgraph_index"));
  EXPECT_EQ(ErrorOfCalls(&StablehloCustomCallOptionsT::called_computations),
            NoGraph("called_computations"));
}

// --- payloads

// The small model with one more buffer, which has no bytes inside.
Bytes WithAppended(uint64_t offset, uint64_t size) {
  circle::ModelT model = SmallModel();
  model.buffers.push_back(std::make_unique<circle::BufferT>());
  model.buffers[2]->offset = offset;
  model.buffers[2]->size = size;
  return Packed(model);
}

TEST(ModelCheckTest, WantsAppendedBytesInsideTheFile) {
  EXPECT_EQ(ErrorOf(WithAppended(8, 100)), "");
  EXPECT_EQ(ErrorOf(WithAppended(1, 5000)), "") << "a placeholder";
  const size_t size = WithAppended(8, 100).size();
  EXPECT_EQ(ErrorOf(WithAppended(8, size - 8)), "");
  const auto outside = [&](const std::string& found) {
    return absl::StrCat(
        "error: m.circle: buffer 2: its bytes lie outside of the file: expected at most byte ",
        size, ", found ", found, "; the file may be cut off: copy it again");
  };
  EXPECT_EQ(ErrorOf(WithAppended(8, size - 7)),
            outside(absl::StrCat(size - 7, " bytes from byte 8")));
  EXPECT_EQ(ErrorOf(WithAppended(5000, 3)), outside("3 bytes from byte 5000"));
  EXPECT_EQ(ErrorOf(WithAppended(8, ~uint64_t{0})),
            outside("18446744073709551615 bytes from byte 8"));
}

TEST(ModelCheckTest, ChecksTheSizeOfAppendedConstants) {
  circle::ModelT model = SmallModel();
  model.buffers[1]->data.clear();
  model.buffers[1]->offset = 8;
  model.buffers[1]->size = 23;
  EXPECT_THAT(ErrorOf(model), ::testing::HasSubstr("expected 24 bytes for float32[2,3], found 23"));
  model.buffers[1]->offset = 5000;
  EXPECT_THAT(Lines(ErrorOf(model)), SizeIs(1)) << "one problem is told once";
}

TEST(ModelCheckTest, WantsBytesInOnePlace) {
  EXPECT_EQ(
      ErrorAfter([](circle::ModelT& model) {
        model.buffers[1]->offset = 8;
        model.buffers[1]->size = 24;
      }),
      std::string("error: m.circle: buffer 1: its bytes stand in two places: expected either "
                  "bytes inside the flatbuffer or an offset, found 24 bytes inside and offset "
                  "8") +
          kDamaged);
}

TEST(ModelCheckTest, ChecksLargeCustomOptions) {
  circle::ModelT model = SmallModel();
  Node(model).large_custom_options_offset = 5000;
  Node(model).large_custom_options_size = 3;
  const Bytes file = Packed(model);
  EXPECT_EQ(ErrorOf(file),
            absl::StrCat("error: m.circle: graph 0, node 0 (FULLY_CONNECTED): custom options: its "
                         "bytes lie outside of the file: expected at most byte ",
                         file.size(),
                         ", found 3 bytes from byte 5000; the file may be cut off: copy it again"));
}

// --- tensors

TEST(ModelCheckTest, WantsNoNegativeDimension) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              Graph(model).tensors[0]->shape = {-1, 3};
            }),
            "error: m.circle: tensor 'in': graph 0, tensor 0 has a negative dimension: expected "
            "dimensions of 0 and more in its shape, found [-1,3]; only shape_signature may hold "
            "-1, for what is not known");
}

std::string ErrorOfConstant(circle::TensorType type, std::vector<int32_t> shape, size_t bytes) {
  return ErrorAfter([&](circle::ModelT& model) {
    Weights(model).type = type;
    Weights(model).shape = std::move(shape);
    model.buffers[1]->data.resize(bytes);
  });
}

TEST(ModelCheckTest, WantsConstantsOfTheSizeOfTheirShape) {
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_FLOAT32, {2, 3}, 20),
            std::string("error: m.circle: tensor 'weights': graph 0, tensor 1: the constant has "
                        "not the size of its shape: expected 24 bytes for float32[2,3], found 20 "
                        "bytes in buffer 1") +
                kDamaged);
  EXPECT_THAT(ErrorOfConstant(circle::TensorType_INT4, {3, 3}, 9),
              ::testing::HasSubstr("expected 5 bytes for int4[3,3], found 9"));
  EXPECT_THAT(ErrorOfConstant(circle::TensorType_INT8, {1}, 2),
              ::testing::HasSubstr("expected 1 bytes for int8[1], found 2"));
  EXPECT_THAT(ErrorOfConstant(circle::TensorType_FLOAT32, {}, 8),  // the shape is not stored
              ::testing::HasSubstr("expected 4 bytes for float32[], found 8"));
  constexpr int32_t kLarge = 1 << 30;
  EXPECT_THAT(ErrorOfConstant(circle::TensorType_INT8, {kLarge, kLarge, kLarge}, 2),
              ::testing::HasSubstr("expected more than 2^64 bytes"));
}

TEST(ModelCheckTest, AcceptsConstantsOfTheirSize) {
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_INT4, {3, 3}, 5), "");
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_FLOAT32, {}, 4), "");
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_BFLOAT16, {3, 3}, 18), "");
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_COMPLEX128, {1}, 16), "");
}

TEST(ModelCheckTest, CannotTellTheSizeOfSomeConstants) {
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_STRING, {2}, 7), "");
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_GGML_Q4_0, {2, 32}, 7), "");
  EXPECT_EQ(ErrorOfConstant(circle::TensorType_MXFP4, {2, 32}, 7), "");
  EXPECT_EQ(ErrorOfConstant(static_cast<circle::TensorType>(99), {2, 32}, 7), "");
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              model.buffers[1]->data.resize(7);
              Weights(model).compression_type = circle::CompressionType_HUFFMAN;
            }),
            "");
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              model.buffers[1]->data.resize(8);
              Weights(model).sparsity = std::make_unique<circle::SparsityParametersT>();
            }),
            "");
}

TEST(ModelCheckTest, WantsAZeroPointPerScale) {
  const auto error = [](std::vector<float> scale, std::vector<int64_t> zero_point) {
    return ErrorAfter([&](circle::ModelT& model) {
      Weights(model).quantization = std::make_unique<circle::QuantizationParametersT>();
      Weights(model).quantization->scale = scale;
      Weights(model).quantization->zero_point = zero_point;
    });
  };
  EXPECT_EQ(error({1, 2}, {0, 0}), "");
  EXPECT_EQ(error({1, 2}, {}), "");
  EXPECT_EQ(error({}, {0}), "");
  EXPECT_EQ(error({1, 2}, {0}),
            std::string("error: m.circle: tensor 'weights': graph 0, tensor 1 has not one zero "
                        "point per scale: expected 2 zero points, or none, found 1") +
                kDamaged);
}

TEST(ModelCheckTest, WantsCompleteSparsity) {
  const auto error = [](size_t axes, circle::DimensionType format) {
    return ErrorAfter([=](circle::ModelT& model) {
      Weights(model).sparsity = std::make_unique<circle::SparsityParametersT>();
      Weights(model).sparsity->traversal_order = {0, 1};
      for (size_t i = 0; i < axes; ++i) {
        auto axis = std::make_unique<circle::DimensionMetadataT>();
        axis->format = format;
        Weights(model).sparsity->dim_metadata.push_back(std::move(axis));
      }
    });
  };
  EXPECT_EQ(error(2, circle::DimensionType_DENSE), "");
  EXPECT_EQ(error(1, circle::DimensionType_DENSE),
            std::string("error: m.circle: tensor 'weights': graph 0, tensor 1: its sparsity does "
                        "not describe the axes that it orders: expected 2 axes, as in "
                        "traversal_order, found 1 in dim_metadata") +
                kDamaged);
  EXPECT_THAT(
      error(2, circle::DimensionType_SPARSE_CSR),
      EndsWith(std::string("error: m.circle: tensor 'weights': graph 0, tensor 1: axis 1 of "
                           "its sparsity is incomplete: expected array_segments and "
                           "array_indices, for it is SPARSE_CSR") +
               kDamaged));
}

TEST(ModelCheckTest, LeavesNamesAlone) {
  EXPECT_EQ(ErrorAfter([](circle::ModelT& model) {
              for (auto& tensor : Graph(model).tensors) tensor->name = "same";
              Graph(model).tensors[0]->name = "";
            }),
            "");
}

// --- all together

TEST(ModelCheckTest, TellsAllProblemsAtOnce) {
  const std::string error = ErrorAfter([](circle::ModelT& model) {
    Node(model).inputs = {7};
    Graph(model).outputs = {8};
    model.metadata_buffer = {9};
  });
  EXPECT_THAT(Lines(error), SizeIs(3)) << error;
}

TEST(ModelCheckTest, TellsNoMoreThanOneWantsToRead) {
  const std::string error =
      ErrorAfter([](circle::ModelT& model) { Node(model).inputs.assign(50, 99); });
  EXPECT_THAT(Lines(error), SizeIs(21));
  EXPECT_THAT(error, EndsWith("\nerror: m.circle: and 30 more problems"));
}

// --- what a newer version of the format wrote

TEST(ModelCheckTest, RefusesWhatItWouldLose) {
  flatbuffers::FlatBufferBuilder builder;
  circle::ModelBuilder model(builder);
  builder.AddElement<uint32_t>(circle::Model::VT_SIGNATURE_DEFS + 2, 1);
  builder.Finish(model.Finish(), "CIR0");
  EXPECT_EQ(
      ErrorOf(Bytes(absl::MakeConstSpan(builder.GetBufferPointer(), builder.GetSize()), nullptr)),
      "error: m.circle: the file: table Model has a field number 8, which is not known here; "
      "it would be lost: update this program, or convert the model for an older version of "
      "the format");
}

}  // namespace
}  // namespace q_implant
