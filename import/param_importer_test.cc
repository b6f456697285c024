// SPDX-License-Identifier: Apache-2.0
#include "import/param_importer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <filesystem>
#include <fstream>
#include <limits>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "import/testing/npy_writer.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;

using ::q_implant::testing::BytesOf;
using ::q_implant::testing::Npy;
using ::q_implant::testing::NpyFile;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

// A folder with one-element files s.npy (scale 0.5), z.npy (zero point 3), and three-element ones
// s3.npy and z3.npy.
class ParamImporterTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) / "param_importer_test" / "params";
    fs::remove_all(folder_.parent_path());
    fs::create_directories(folder_);
    Write("s.npy", Npy<float>({0.5}));
    Write("z.npy", Npy<int64_t>({3}));
    Write("s3.npy", Npy<float>({0.5, 0.25, 1}));
    Write("z3.npy", Npy<int64_t>({0, 0, 0}));
  }

  void Write(const std::string& name, absl::string_view content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
  }

  Params Import(absl::string_view json) {
    Write("p.json", json);
    diagnostics_ = Diagnostics();
    return ImportParams((folder_ / "p.json").string(), options_, diagnostics_);
  }

  // An entry named 't', that is sound but for what `fields` adds or replaces.
  Params ImportEntry(absl::string_view dtype, absl::string_view scale = "s.npy",
                     absl::string_view zerop = "z.npy", absl::string_view rest = "") {
    return Import(absl::StrCat("{\"t\": {\"dtype\": \"", dtype, "\", \"scale\": \"", scale,
                               "\", \"zerop\": \"", zerop, "\"",
                               rest.empty() ? ", \"quantized_dimension\": 0" : rest, "}}"));
  }

  std::vector<std::string> Messages() const {
    std::vector<std::string> messages;
    for (const Diagnostic& diagnostic : diagnostics_.all()) {
      messages.push_back(absl::StrReplaceAll(diagnostic.ToString(),
                                             {{folder_.string() + "/", ""},
                                              {folder_.string(), "<folder>"},
                                              {folder_.parent_path().string(), "<parent>"}}));
    }
    return messages;
  }

  fs::path folder_;
  ParamImportOptions options_;
  Diagnostics diagnostics_;
};

// The example of the request.
TEST_F(ParamImporterTest, ReadsAConvolution) {
  Write("4.npy", Npy<uint8_t>({10, 200}, "(1, 1, 1, 2)"));
  Write("7.npy", Npy<int32_t>({-7}));
  Write("6.npy", Npy<int64_t>({0}));
  const Params params = Import(R"({
    "ifm": {"dtype": "uint8", "scale": "s.npy", "zerop": "z.npy", "quantized_dimension": 0},
    "ker": {"dtype": "uint8", "scale": "s.npy", "zerop": "z.npy", "value": "4.npy",
            "quantized_dimension": 0},
    "bias": {"dtype": "int32", "scale": "s.npy", "zerop": "6.npy", "value": "7.npy",
             "quantized_dimension": 0},
    "ofm": {"dtype": "uint8", "scale": "s.npy", "zerop": "z.npy", "quantized_dimension": 0}
  })");
  EXPECT_THAT(Messages(), IsEmpty());
  EXPECT_EQ(params.path, (folder_ / "p.json").string());
  ASSERT_EQ(params.entries.size(), 4u);

  const ParamEntry& ifm = params.entries[0];
  EXPECT_EQ(ifm.key, "ifm");
  EXPECT_EQ(ifm.target, "ifm");
  EXPECT_EQ(ifm.dtype, circle::TensorType_UINT8);
  EXPECT_THAT(ifm.scale, ElementsAre(0.5f));
  EXPECT_THAT(ifm.zero_point, ElementsAre(3));
  EXPECT_EQ(ifm.quantized_dimension, 0);
  EXPECT_EQ(ifm.scale_file, "s.npy");
  EXPECT_EQ(ifm.zero_point_file, "z.npy");
  EXPECT_FALSE(ifm.value.has_value());
  EXPECT_FALSE(ifm.pinned());

  const ParamEntry& ker = params.entries[1];
  ASSERT_TRUE(ker.value.has_value());
  EXPECT_EQ(ker.value->type, circle::TensorType_UINT8);
  EXPECT_THAT(ker.value->shape, ElementsAre(1, 1, 1, 2));
  EXPECT_THAT(ker.value->data.span(), ElementsAre(10, 200));
  EXPECT_EQ(ker.value->file, "4.npy");

  EXPECT_EQ(params.entries[2].dtype, circle::TensorType_INT32);
  EXPECT_EQ(params.entries[3].key, "ofm");
}

TEST_F(ParamImporterTest, AnEmptyObjectIsFine) {
  EXPECT_THAT(Import("{}").entries, IsEmpty());
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(ParamImporterTest, AByteOrderMarkIsFine) {
  EXPECT_EQ(Import("\xEF\xBB\xBF{\"t\": {\"dtype\": \"float32\"}}").entries.size(), 1u);
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(ParamImporterTest, KeysArePassedThrough) {
  const Params params = Import(
      R"({"0:a": {"dtype": "float32"}, "#1/2": {"dtype": "float32"}, "b;c\n": {"dtype": "float32"}})");
  ASSERT_EQ(params.entries.size(), 3u);
  EXPECT_EQ(params.entries[0].target, "0:a");
  EXPECT_EQ(params.entries[1].target, "#1/2");
  EXPECT_EQ(params.entries[2].target, "b;c\n");
}

TEST_F(ParamImporterTest, EveryDtypeInAnyCase) {
  Write("z0.npy", Npy<int64_t>({0}));
  const std::pair<const char*, circle::TensorType> kDtypes[] = {
      {"int4", circle::TensorType_INT4},   {"UINT4", circle::TensorType_UINT4},
      {"Int8", circle::TensorType_INT8},   {"uint8", circle::TensorType_UINT8},
      {"INT16", circle::TensorType_INT16}, {"int32", circle::TensorType_INT32},
      {"Int64", circle::TensorType_INT64},
  };
  for (const auto& [name, type] : kDtypes) {
    const Params params = ImportEntry(name, "s.npy", "z0.npy");
    ASSERT_THAT(Messages(), IsEmpty());
    EXPECT_EQ(params.entries[0].dtype, type);
  }
  const Params params = Import(R"({"t": {"dtype": "Float32"}})");
  ASSERT_THAT(Messages(), IsEmpty());
  EXPECT_TRUE(params.entries[0].pinned());
  EXPECT_THAT(params.entries[0].scale, IsEmpty());
}

TEST_F(ParamImporterTest, ScalesOfOtherTypesThatAreFloat32Numbers) {
  const float third = 1.0f / 3;
  Write("s.npy", Npy<double>({0.5, third, 0x1p119f}));
  EXPECT_THAT(ImportEntry("int8", "s.npy", "z3.npy").entries[0].scale,
              ElementsAre(0.5f, third, 0x1p119f));
  Write("s.npy", NpyFile("{'descr': '<f2', 'fortran_order': False, 'shape': (1,)}",
                         BytesOf<uint16_t>({0x3555})));
  EXPECT_THAT(ImportEntry("int8").entries[0].scale, ElementsAre(0.333251953125f));
  Write("s.npy", NpyFile("{'descr': '>f4', 'fortran_order': False, 'shape': ()}",
                         absl::string_view("\x3f\0\0\0", 4)));
  EXPECT_THAT(ImportEntry("int8").entries[0].scale, ElementsAre(0.5f));
  Write("z.npy", Npy<int64_t>({3}, "()"));
  EXPECT_THAT(ImportEntry("int8").entries[0].zero_point, ElementsAre(3));
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(ParamImporterTest, ZeroPointsOfOtherIntegerTypes) {
  Write("z.npy", Npy<int8_t>({-128}));
  EXPECT_THAT(ImportEntry("int8").entries[0].zero_point, ElementsAre(-128));
  Write("z.npy", Npy<uint64_t>({255}));
  EXPECT_THAT(ImportEntry("uint8").entries[0].zero_point, ElementsAre(255));
  Write("z.npy", Npy<int32_t>({std::numeric_limits<int32_t>::min()}));
  EXPECT_THAT(ImportEntry("int32").entries[0].zero_point, ElementsAre(-2147483648));
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(ParamImporterTest, ValuesOfFourBits) {
  Write("v.npy", Npy<int8_t>({-8, 7}));
  const std::string rest = R"(, "value": "v.npy", "quantized_dimension": 0)";
  Params params = ImportEntry("int4", "s.npy", "z.npy", rest);
  ASSERT_THAT(Messages(), IsEmpty());
  EXPECT_EQ(params.entries[0].value->type, circle::TensorType_INT8);
  Write("v.npy", Npy<uint8_t>({0, 15}));
  params = ImportEntry("uint4", "s.npy", "z.npy", rest);
  ASSERT_THAT(Messages(), IsEmpty());
  EXPECT_EQ(params.entries[0].value->type, circle::TensorType_UINT8);
}

TEST_F(ParamImporterTest, OnlySoundEntriesAreReturned) {
  const Params params =
      Import(R"({"a": {"dtype": "float32"}, "b": null, "c": {"dtype": "float32"}})");
  ASSERT_EQ(params.entries.size(), 2u);
  EXPECT_EQ(params.entries[0].key, "a");
  EXPECT_EQ(params.entries[1].key, "c");
}

// --- Errors: the file.

TEST_F(ParamImporterTest, NoFile) {
  ImportParams("/nowhere/p.json", {}, diagnostics_);
  EXPECT_THAT(Messages(), ElementsAre("error: /nowhere/p.json: there is no such file; check the "
                                      "name and the folder"));
}

TEST_F(ParamImporterTest, NotJson) {
  Import("{\"t\": {\"dtype\": \"uint8\",}}");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json:1:24: a comma before '}': expected commas only "
                          "between values; remove it"));
}

TEST_F(ParamImporterTest, NotAnObject) {
  Import("[]");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: the outermost value is not an object: expected "
                          "'{' ... '}', found an array"));
}

TEST_F(ParamImporterTest, AnEmptyKey) {
  EXPECT_THAT(Import(R"({"": {"dtype": "float32"}})").entries, IsEmpty());
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: an entry with an empty name: expected the name "
                          "of a tensor; write '#<graph index>/<tensor index>' for one "
                          "without a name"));
}

// --- Errors: an entry.

// Everything is reported at once, in the order of the file.
TEST_F(ParamImporterTest, EveryProblemOfEveryEntry) {
  EXPECT_THAT(Import(R"({"b": {"dtype": 8, "scale": 0.5, "zerop": "gone.npy",
                              "quantized_dimension": 1.5, "extra": 1},
                        "a": {"dtype": "int8"}})")
                  .entries,
              IsEmpty());
  EXPECT_THAT(
      Messages(),
      ElementsAre(
          "error: p.json: tensor 'b': unknown field 'extra': expected dtype, scale, zerop, "
          "quantized_dimension, value; remove it",
          "error: p.json: tensor 'b': 'dtype' is not a string: expected int4, uint4, int8, uint8, "
          "int16, int32, int64, or float32 to keep the tensor float32, found the number 8",
          "error: p.json: tensor 'b': 'scale' is not a file name: expected the name of a .npy "
          "file, "
          "found the number 0.5; save the array with np.save and give the name of its file",
          "error: p.json: tensor 'b': 'zerop': gone.npy: there is no such file: expected it in "
          "<folder>, the param file's folder; copy the .npy files along with the param file",
          "error: p.json: tensor 'b': 'quantized_dimension' is not an axis: expected an integer "
          "from "
          "0 to 2147483647, found the number 1.5",
          "error: p.json: tensor 'a': 'scale' is missing: expected the name of a .npy file with "
          "float32 scales",
          "error: p.json: tensor 'a': 'zerop' is missing: expected the name of a .npy file with "
          "int64 zero points; symmetric parameters have zero points of 0",
          "error: p.json: tensor 'a': 'quantized_dimension' is missing: expected the channel axis, "
          "an integer >= 0; write 0 for parameters of the whole tensor"));
}

TEST_F(ParamImporterTest, AnEntryThatIsNoObject) {
  Import(R"({"t": null, "u": "s.npy"})");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': the entry is not an object: expected an object "
                  "with dtype, scale, zerop, quantized_dimension, value, found null",
                  "error: p.json: tensor 'u': the entry is not an object: expected an object "
                  "with dtype, scale, zerop, quantized_dimension, value, found the string "
                  "'s.npy'"));
}

TEST_F(ParamImporterTest, FieldsUnderOtherNames) {
  for (const auto& [other, field] :
       std::vector<std::pair<std::string, std::string>>{{"zero_point", "zerop"},
                                                        {"zero_points", "zerop"},
                                                        {"zp", "zerop"},
                                                        {"Zerop", "zerop"}}) {
    Import(absl::StrCat(R"({"t": {"dtype": "int8", "scale": "s.npy", ")", other,
                        R"(": "z.npy", "quantized_dimension": 0}})"));
    EXPECT_THAT(Messages(),
                ElementsAre(absl::StrCat("error: p.json: tensor 't': unknown field '", other,
                                         "': expected dtype, scale, zerop, quantized_dimension, "
                                         "value; call it '",
                                         field, "'")));
  }
  Import(
      R"({"t": {"DType": "int8", "scales": "s.npy", "zerop": "z.npy", "axis": 0, "weights": ""}})");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': unknown field 'DType': expected dtype, scale, "
                  "zerop, quantized_dimension, value; call it 'dtype'",
                  "error: p.json: tensor 't': unknown field 'scales': expected dtype, scale, "
                  "zerop, quantized_dimension, value; call it 'scale'",
                  "error: p.json: tensor 't': unknown field 'axis': expected dtype, scale, "
                  "zerop, quantized_dimension, value; call it 'quantized_dimension'",
                  "error: p.json: tensor 't': unknown field 'weights': expected dtype, "
                  "scale, zerop, quantized_dimension, value; call it 'value'"));
  // Both names: there is nothing to rename.
  ImportEntry("int8", "s.npy", "z.npy", R"(, "quantized_dimension": 0, "zero_point": 3)");
  EXPECT_THAT(Messages(), ElementsAre("error: p.json: tensor 't': unknown field 'zero_point': "
                                      "expected dtype, scale, zerop, quantized_dimension, value; "
                                      "remove it"));
}

TEST_F(ParamImporterTest, UnknownDtypes) {
  const std::string start =
      "error: p.json: tensor 't': a dtype that can't be imported: expected int4, uint4, int8, "
      "uint8, "
      "int16, int32, int64, or float32 to keep the tensor float32, found ";
  const std::pair<std::string, std::string> kDtypes[] = {
      {"float16", ""},
      {"uint16",
       "; write \"int16\" and subtract 32768 from each zero point and each value: the same "
       "numbers; "
       "runtimes take int16 activations with zero point 0 only"},
      {"bool", ""},
      {"", ""},
      {"qint8", "; write \"int8\""},
      {"torch.quint8", "; write \"uint8\""},
      {"torch.int16", "; write \"int16\""},
  };
  for (const auto& [dtype, advice] : kDtypes) {
    ImportEntry(dtype);
    EXPECT_THAT(Messages(), ElementsAre(absl::StrCat(start, "'", dtype, "'", advice)));
  }
}

TEST_F(ParamImporterTest, NoDtype) {
  Import(R"({"t": {"scale": "s.npy", "zerop": "z.npy", "quantized_dimension": 0}})");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': 'dtype' is missing: expected int4, "
                          "uint4, int8, uint8, int16, int32, int64, or float32 to keep "
                          "the tensor float32"));
}

TEST_F(ParamImporterTest, APinWithParameters) {
  Write("v.npy", Npy<float>({1}));
  ImportEntry("float32", "s.npy", "z.npy", R"(, "quantized_dimension": 0, "value": "v.npy")");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': dtype float32 keeps the tensor "
                          "float32 and takes no parameters: expected dtype alone, found "
                          "scale, zerop, quantized_dimension, value; remove them, or "
                          "give the integer dtype"));
}

TEST_F(ParamImporterTest, FieldsThatAreNoFileNames) {
  Import(R"({"t": {"dtype": "int8", "scale": null, "zerop": [0], "quantized_dimension": 0,
                   "value": {}}})");
  const std::string end = "; save the array with np.save and give the name of its file";
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': 'scale' is not a file name: expected the name "
                  "of a .npy file, found null" +
                      end,
                  "error: p.json: tensor 't': 'zerop' is not a file name: expected the name "
                  "of a .npy file, found an array" +
                      end,
                  "error: p.json: tensor 't': 'value' is not a file name: expected the name "
                  "of a .npy file, found an object" +
                      end));
}

// --- Errors: scale.

TEST_F(ParamImporterTest, ScaleOfAnotherType) {
  Write("s.npy", Npy<int64_t>({1}));
  ImportEntry("int8");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': scale has the wrong type: expected float32, "
                          "found int64 in 's.npy'; save np.asarray(scale, dtype=np.float32)"));
}

TEST_F(ParamImporterTest, ScaleOfAnotherShape) {
  Write("s.npy", Npy<float>({1, 1}, "(2, 1, 1, 1)"));
  ImportEntry("int8");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': scale has the wrong shape: expected [1] or "
                          "[channels], found [2,1,1,1] in 's.npy'; save scale.reshape(-1)"));
  Write("s.npy", Npy<float>({}));
  ImportEntry("int8");
  EXPECT_THAT(Messages(), ElementsAre("error: p.json: tensor 't': scale has the wrong shape: "
                                      "expected [1] or [channels], found [0] in 's.npy'"));
}

TEST_F(ParamImporterTest, ScaleThatIsNotPositive) {
  const std::string start =
      "error: p.json: tensor 't': scale is not positive: expected finite numbers > 0, found ";
  const std::pair<std::vector<double>, std::string> kScales[] = {
      {{1, -0.5, 2}, "-0.5 at index 1 of 's.npy'"},
      {{1, 1, kNaN}, "nan at index 2 of 's.npy'"},
      {{kInfinity, -kInfinity, 1}, "inf at index 0 of 's.npy' (and 1 more)"},
      {{0, -1, -0.0},
       "0 at index 0 of 's.npy' (and 2 more); a channel of zeros may have any positive scale"},
  };
  for (const auto& [scales, found] : kScales) {
    Write("s.npy", Npy(scales));
    ImportEntry("int8", "s.npy", "z3.npy");
    EXPECT_THAT(Messages(), ElementsAre(start + found));
    Write("s.npy", Npy(std::vector<float>(scales.begin(), scales.end())));
    ImportEntry("int8", "s.npy", "z3.npy");
    EXPECT_THAT(Messages(), ElementsAre(start + found));
  }
}

TEST_F(ParamImporterTest, ScaleThatFloat32CantHold) {
  const std::string start =
      "error: p.json: tensor 't': scale has digits that float32 can't hold: expected float32 "
      "numbers, found ";
  const std::string end = "; save np.asarray(scale, dtype=np.float32)";
  Write("s.npy", Npy<double>({0.1}));
  ImportEntry("int8");
  EXPECT_THAT(Messages(), ElementsAre(start + "0.1 at index 0 of 's.npy'" + end));
  Write("s.npy", Npy<double>({1, 1e39, 1e-60}));
  ImportEntry("int8", "s.npy", "z3.npy");
  EXPECT_THAT(Messages(), ElementsAre(start + "1e+39 at index 1 of 's.npy' (and 1 more)" + end));
}

TEST_F(ParamImporterTest, ASubnormalScaleIsKeptWithAWarning) {
  Write("s.npy", Npy<float>({1, 1e-40f, 1.17549435e-38f}));
  EXPECT_THAT(ImportEntry("int8", "s.npy", "z3.npy").entries[0].scale,
              ElementsAre(1, 1e-40f, 1.17549435e-38f));
  EXPECT_THAT(
      Messages(),
      ElementsAre("warning: p.json: tensor 't': scale is subnormal: runtimes may take it for "
                  "zero: expected at least 1.1754944e-38, found 1e-40 at index 1 of 's.npy'; "
                  "give a channel of zeros an ordinary scale, 1 for example"));
}

TEST_F(ParamImporterTest, AScaleWhoseIntegersAreBeyondFloat32) {
  Write("s.npy", Npy<float>({1, 3e36f, 1}));
  ImportEntry("int8", "s.npy", "z3.npy");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': scale is so large that its integers stand "
                          "for numbers beyond float32: expected at most 2.6584558e+36, found "
                          "3e+36 at index 1 of 's.npy'; give the tensor the range that its values "
                          "have"));
}

TEST_F(ParamImporterTest, ABiasMayHaveAnyScale) {
  Write("s.npy", Npy<float>({1, 3e36f, 1}));
  ImportEntry("int32", "s.npy", "z3.npy");
  EXPECT_THAT(Messages(), ElementsAre());
}

// --- Errors: zerop.

TEST_F(ParamImporterTest, ZeroPointOfAnotherType) {
  Write("z.npy", Npy<float>({0}));
  ImportEntry("int8");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': zerop has the wrong type: expected int64, found "
                  "float32 in 'z.npy'; save np.asarray(zerop, dtype=np.int64)"));
}

TEST_F(ParamImporterTest, ZeroPointOfAnotherShape) {
  Write("z.npy", Npy<int64_t>({0}, "(1, 1)"));
  ImportEntry("int8");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': zerop has the wrong shape: expected [1] or "
                          "[channels], found [1,1] in 'z.npy'; save zerop.reshape(-1)"));
}

TEST_F(ParamImporterTest, ZeroPointsOfAnotherCount) {
  ImportEntry("int8", "s3.npy", "z.npy");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': zerop has another length than scale: expected "
                  "3, as in 's3.npy', found 1 in 'z.npy'; save np.full(3, zerop, np.int64)"));
  ImportEntry("int8", "s.npy", "z3.npy");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': zerop has another length than scale: expected "
                  "1, as in 's.npy', found 3 in 'z3.npy'; save one zero point for each "
                  "scale"));
}

TEST_F(ParamImporterTest, ZeroPointOutsideTheRange) {
  struct Case {
    std::string dtype;
    int64_t zero_point;
    std::string expected;
    std::string advice;
  };
  for (const Case& c : std::vector<Case>{
           {"int4", 8, "-8 to 7", "; is the dtype uint4?"},
           {"uint4", -1, "0 to 15", "; is the dtype int4?"},
           {"uint4", 16, "0 to 15", ""},
           {"int8", 128, "-128 to 127", "; is the dtype uint8?"},
           {"uint8", -128, "0 to 255", "; is the dtype int8?"},
           {"uint8", 256, "0 to 255", ""},
           {"int16", 32768, "-32768 to 32767", ""},
           {"int32", -2147483649, "-2147483648 to 2147483647", ""},
       }) {
    Write("z.npy", Npy<int64_t>({c.zero_point}));
    ImportEntry(c.dtype);
    EXPECT_THAT(Messages(), ElementsAre(absl::StrCat(
                                "error: p.json: tensor 't': zerop is outside the range of ",
                                c.dtype, ": expected ", c.expected, ", found ", c.zero_point,
                                " at index 0 of 'z.npy'", c.advice)));
  }
  Write("z3.npy", Npy<int64_t>({0, 300, -1}));
  ImportEntry("uint8", "s3.npy", "z3.npy");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': zerop is outside the range of uint8: expected 0 "
                  "to 255, found 300 at index 1 of 'z3.npy' (and 1 more)"));
  Write("z.npy", Npy<uint64_t>({uint64_t{1} << 63}));
  ImportEntry("int64");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': zerop is outside the range of int64: expected "
                  "-9223372036854775808 to 9223372036854775807, found 9223372036854775808 at "
                  "index 0 of 'z.npy'"));
}

// --- Errors: quantized_dimension.

TEST_F(ParamImporterTest, QuantizedDimensionThatIsNoAxis) {
  const std::string start =
      "error: p.json: tensor 't': 'quantized_dimension' is not an axis: expected an integer from 0 "
      "to 2147483647, found ";
  for (const auto& [json, found] : std::vector<std::pair<std::string, std::string>>{
           {"0.0", "the number 0.0"},
           {"true", "true"},
           {"null", "null"},
           {"\"0\"", "the string '0'"},
           {"[0]", "an array"},
           {"2147483648", "the number 2147483648"},
           {"9223372036854775808", "the number 9223372036854775808"},
           {"-1e3", "the number -1000.0"}}) {
    ImportEntry("int8", "s.npy", "z.npy", absl::StrCat(", \"quantized_dimension\": ", json));
    EXPECT_THAT(Messages(), ElementsAre(start + found));
  }
  EXPECT_EQ(ImportEntry("int8", "s.npy", "z.npy", ", \"quantized_dimension\": 2147483647")
                .entries[0]
                .quantized_dimension,
            2147483647);
}

TEST_F(ParamImporterTest, NegativeQuantizedDimension) {
  const std::string start =
      "error: p.json: tensor 't': 'quantized_dimension' is negative: expected the channel axis, an "
      "integer >= 0, found ";
  ImportEntry("int8", "s.npy", "z.npy", ", \"quantized_dimension\": -1");
  EXPECT_THAT(Messages(),
              ElementsAre(start + "-1; count from the front: write the tensor's rank minus 1"));
  Write("v.npy", Npy<int8_t>({1, 2}, "(1, 1, 1, 2)"));
  ImportEntry("int8", "s.npy", "z.npy", R"(, "value": "v.npy", "quantized_dimension": -1)");
  EXPECT_THAT(Messages(), ElementsAre(start + "-1; write 3: 'value' has 4 axes"));
  ImportEntry("int8", "s.npy", "z.npy", R"(, "value": "v.npy", "quantized_dimension": -4)");
  EXPECT_THAT(Messages(), ElementsAre(start + "-4; write 0: 'value' has 4 axes"));
  ImportEntry("int8", "s.npy", "z.npy", R"(, "value": "v.npy", "quantized_dimension": -5)");
  EXPECT_THAT(Messages(),
              ElementsAre(start + "-5; count from the front: write the tensor's rank minus 5"));
}

// --- Errors: value.

TEST_F(ParamImporterTest, ValueOfAnotherType) {
  const std::string rest = R"(, "value": "v.npy", "quantized_dimension": 0)";
  const std::string start =
      "error: p.json: tensor 't': value has another type than dtype: expected ";
  Write("v.npy", Npy<float>({1}));
  ImportEntry("int8", "s.npy", "z.npy", rest);
  EXPECT_THAT(Messages(),
              ElementsAre(start + "int8, found float32 in 'v.npy'; value takes the "
                                  "quantized integers; without it the model's own values "
                                  "are quantized"));
  Write("v.npy", Npy<int64_t>({1}));
  ImportEntry("int32", "s.npy", "z.npy", rest);
  EXPECT_THAT(Messages(), ElementsAre(start + "int32, found int64 in 'v.npy'; save "
                                              "np.asarray(value, dtype=np.int32)"));
  Write("v.npy", Npy<uint8_t>({1}));
  ImportEntry("int4", "s.npy", "z.npy", rest);
  EXPECT_THAT(Messages(), ElementsAre(start + "int8 holding the values of int4, found uint8 in "
                                              "'v.npy'; save np.asarray(value, dtype=np.int8)"));
  Write("v.npy", NpyFile("{'descr': '|b1', 'fortran_order': False, 'shape': (1,)}", "\1"));
  ImportEntry("uint4", "s.npy", "z.npy", rest);
  EXPECT_THAT(Messages(), ElementsAre(start + "uint8 holding the values of uint4, found bool in "
                                              "'v.npy'; save np.asarray(value, dtype=np.uint8)"));
}

TEST_F(ParamImporterTest, ValueOutsideFourBits) {
  const std::string rest = R"(, "value": "v.npy", "quantized_dimension": 0)";
  const std::string end = "; save one value a byte, not two packed ones";
  Write("v.npy", Npy<int8_t>({7, 8, -8, -9}));
  ImportEntry("int4", "s.npy", "z.npy", rest);
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': value is outside the range of int4: expected -8 "
                  "to 7, found 8 at index 1 of 'v.npy' (and 1 more)" +
                  end));
  Write("v.npy", Npy<uint8_t>({15, 0, 0x21}));
  ImportEntry("uint4", "s.npy", "z.npy", rest);
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': value is outside the range of uint4: expected 0 "
                  "to 15, found 33 at index 2 of 'v.npy'" +
                  end));
}

// --- Errors: files.

TEST_F(ParamImporterTest, AFileThatIsNotNpy) {
  Write("s.npy", "0.5");
  ImportEntry("int8");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': 'scale': s.npy: not a .npy file: expected it to "
                  "begin with '\\x93NUMPY', found '0.5'; save the array with np.save"));
}

TEST_F(ParamImporterTest, AnEmptyFileName) {
  ImportEntry("int8", "");
  EXPECT_THAT(Messages(), ElementsAre("error: p.json: tensor 't': 'scale': the file name is empty: "
                                      "expected the name of a .npy file"));
}

TEST_F(ParamImporterTest, AFolderForAFile) {
  fs::create_directory(folder_ / "sub");
  ImportEntry("int8", "sub");
  EXPECT_THAT(Messages(),
              ElementsAre("error: p.json: tensor 't': 'scale': sub: is a folder; name a "
                          "file inside it"));
}

TEST_F(ParamImporterTest, AMissingFile) {
  const std::string start = "error: p.json: tensor 't': 'scale': ";
  const std::string end =
      ": there is no such file: expected it in <folder>, the param file's folder; ";
  ImportEntry("int8", "gone/s.npy");
  EXPECT_THAT(Messages(), ElementsAre(start + "gone/s.npy" + end +
                                      "copy the .npy files along with the param file"));
  ImportEntry("int8", "s.npy/s.npy");
  EXPECT_THAT(Messages(), ElementsAre(start + "s.npy/s.npy" + end +
                                      "copy the .npy files along with the param file"));
  ImportEntry("int8", "sub\\\\s.npy");
  EXPECT_THAT(Messages(), ElementsAre(start + "sub\\s.npy" + end + "write '/' between folders"));
}

TEST_F(ParamImporterTest, ALoopOfLinks) {
  fs::create_symlink("loop.npy", folder_ / "loop.npy");
  ImportEntry("int8", "loop.npy");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': 'scale': loop.npy: the file can't be opened: Too "
                  "many levels of symbolic links; check the permissions of the file and of "
                  "its folders"));
}

TEST_F(ParamImporterTest, FilesOutsideTheFolder) {
  fs::copy(folder_ / "s.npy", folder_.parent_path() / "out.npy");
  fs::create_directory(folder_.parent_path() / "params_too");  // a prefix is not a parent
  fs::copy(folder_ / "s.npy", folder_.parent_path() / "params_too" / "s.npy");
  fs::create_symlink("../out.npy", folder_ / "link.npy");
  fs::create_symlink("..", folder_ / "up");
  const std::string absolute = (folder_.parent_path() / "out.npy").string();
  const std::pair<std::string, std::string> kNames[] = {
      {"../out.npy", "<parent>/out.npy"},
      {"link.npy", "<parent>/out.npy"},
      {"up/out.npy", "<parent>/out.npy"},
      {"../params_too/s.npy", "<folder>_too/s.npy"},
  };
  for (const auto& [name, real] : kNames) {
    ImportEntry("int8", name);
    EXPECT_THAT(Messages(), ElementsAre(absl::StrCat(
                                "error: p.json: tensor 't': 'scale': ", name,
                                ": the file is outside the param file's folder: expected a "
                                "file below <folder>, found ",
                                real, "; move it there, or give --allow_outside")));
  }
  ImportEntry("int8", absolute);
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: p.json: tensor 't': 'scale': <parent>/out.npy: the file is outside "
                  "the param file's folder: expected a file below <folder>, found "
                  "<parent>/out.npy; move it there, or give --allow_outside"));

  options_.allow_outside = true;
  for (const auto& [name, real] : kNames) {
    EXPECT_THAT(ImportEntry("int8", name).entries[0].scale, ElementsAre(0.5f)) << name;
  }
  EXPECT_THAT(ImportEntry("int8", absolute).entries[0].scale, ElementsAre(0.5f));
}

TEST_F(ParamImporterTest, NamesThatStayInsideTheFolder) {
  fs::create_directory(folder_ / "sub");
  fs::copy(folder_ / "s.npy", folder_ / "sub" / "s.npy");
  fs::create_symlink("sub", folder_ / "link");
  for (const std::string name :
       {"sub/s.npy", "./s.npy", "sub/../s.npy", "link/s.npy", "../params/s.npy", "sub//s.npy"}) {
    EXPECT_EQ(ImportEntry("int8", name).entries.size(), 1u) << name;
    EXPECT_EQ(ImportEntry("int8", (folder_ / name).string()).entries.size(), 1u) << name;
  }
  EXPECT_THAT(Messages(), IsEmpty());
}

TEST_F(ParamImporterTest, NamesAreRelativeToTheParamFileNotToTheProcess) {
  const fs::path before = fs::current_path();
  const auto go_back = absl::MakeCleanup([&] { fs::current_path(before); });
  Write("p.json", R"({"t": {"dtype": "int8", "scale": "s.npy", "zerop": "z.npy",
                            "quantized_dimension": 0}})");
  fs::current_path(folder_);
  EXPECT_EQ(ImportParams("p.json", {}, diagnostics_).entries.size(), 1u);
  fs::current_path(folder_.parent_path());
  EXPECT_EQ(ImportParams("params/p.json", {}, diagnostics_).entries.size(), 1u);
  EXPECT_EQ(ImportParams("params/../params/p.json", {}, diagnostics_).entries.size(), 1u);
  EXPECT_THAT(Messages(), IsEmpty());
}

// A file is read once, however it is spelt; its arrays share the bytes.
TEST_F(ParamImporterTest, AFileOfSeveralEntriesIsReadOnce) {
  Write("v.npy", Npy(std::vector<int8_t>(100000)));
  const Params params = Import(R"({
    "a": {"dtype": "int8", "scale": "s.npy", "zerop": "z.npy", "quantized_dimension": 0,
          "value": "v.npy"},
    "b": {"dtype": "int8", "scale": "s.npy", "zerop": "z.npy", "quantized_dimension": 0,
          "value": "./v.npy"}})");
  ASSERT_EQ(params.entries.size(), 2u);
  EXPECT_EQ(params.entries[0].value->data.data(), params.entries[1].value->data.data());
  EXPECT_EQ(params.entries[1].value->file, "./v.npy");
}

int CountMappings() {
  std::ifstream maps("/proc/self/maps");
  int count = 0;
  for (std::string line; std::getline(maps, line);) ++count;
  return count;
}

// Thousands of files cost neither descriptors nor mappings that last.
TEST_F(ParamImporterTest, ManySmallFiles) {
  constexpr int kFiles = 300;
  std::string json = "{";
  for (int i = 0; i < kFiles; ++i) {
    const std::string name = absl::StrCat("v", i, ".npy");
    Write(name, Npy<int8_t>({1, 2, 3}));
    absl::StrAppend(&json, i == 0 ? "" : ",", "\"", i, R"(": {"dtype": "int8", "scale": "s.npy",
                    "zerop": "z.npy", "quantized_dimension": 0, "value": ")",
                    name, "\"}");
  }
  struct rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const auto restore = absl::MakeCleanup([&] { setrlimit(RLIMIT_NOFILE, &before); });
  struct rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const int mappings = CountMappings();
  const Params params = Import(json + "}");
  EXPECT_EQ(params.entries.size(), static_cast<size_t>(kFiles));
  EXPECT_THAT(Messages(), IsEmpty());
  EXPECT_LT(CountMappings(), mappings + kFiles / 2);
}

// --- The name map.

TEST_F(ParamImporterTest, TheNameMapSetsTargets) {
  Write("names.json", R"({"conv.weight": "ker", "spare": "x"})");
  options_.name_map_path = (folder_ / "names.json").string();
  const Params params =
      Import(R"({"conv.weight": {"dtype": "float32"}, "ofm": {"dtype": "float32"}})");
  ASSERT_EQ(params.entries.size(), 2u);
  EXPECT_EQ(params.entries[0].key, "conv.weight");
  EXPECT_EQ(params.entries[0].target, "ker");
  EXPECT_EQ(params.entries[1].target, "ofm");
  EXPECT_THAT(Messages(),
              ElementsAre("note: names.json: 1 of 2 names in the name map are not in the "
                          "param file: found 'spare'"));
}

TEST_F(ParamImporterTest, TwoEntriesOfOneTensor) {
  Write("names.json", R"({"a": "ker", "b": "ker", "c": "ofm"})");
  options_.name_map_path = (folder_ / "names.json").string();
  const Params params = Import(R"({"a": {"dtype": "float32"}, "b": {"dtype": "float32"},
                                   "c": {"dtype": "float32"}, "ofm": null})");
  EXPECT_EQ(params.entries.size(), 2u);
  EXPECT_THAT(
      Messages(),
      ElementsAre(
          "error: p.json: tensor 'b': with the name map it means 'ker', as does 'a': expected "
          "one entry for each tensor; correct the name map, or remove one of the two entries",
          "error: p.json: tensor 'ofm': the entry is not an object: expected an object with "
          "dtype, scale, zerop, quantized_dimension, value, found null",
          "error: p.json: tensor 'ofm': with the name map it means 'ofm', as does 'c': "
          "expected one entry for each tensor; correct the name map, or remove one of the two "
          "entries"));
}

TEST_F(ParamImporterTest, ABadNameMapDoesNotHideTheEntries) {
  options_.name_map_path = "/nowhere/names.json";
  Import(R"({"t": null})");
  EXPECT_THAT(
      Messages(),
      ElementsAre("error: /nowhere/names.json: there is no such file; check the name and the "
                  "folder",
                  "error: p.json: tensor 't': the entry is not an object: expected an object "
                  "with dtype, scale, zerop, quantized_dimension, value, found null"));
}

}  // namespace
}  // namespace q_implant
