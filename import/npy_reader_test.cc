// SPDX-License-Identifier: Apache-2.0
#include "import/npy_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/strip.h"
#include "import/array_values.h"
#include "import/mapped_file.h"
#include "import/testing/npy_writer.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

using ::q_implant::testing::BytesOf;
using ::q_implant::testing::Npy;
using ::q_implant::testing::NpyFile;
using ::q_implant::testing::ToBytes;
using ::testing::ElementsAre;

// "int8[2,3] -3 -2 -1 0 1 100", or the error.
std::string Describe(const absl::StatusOr<Array>& array) {
  if (!array.ok()) return std::string(absl::StripPrefix(array.status().message(), "error: "));
  std::string text = TypeName(array->type) + ShapeText(array->shape);
  for (size_t i = 0; i < CountOf(*array); ++i) text += " " + ElementText(*array, i);
  return text;
}

std::string Read(absl::string_view file) { return Describe(ReadNpy(ToBytes(file), "x.npy")); }

// A file of three float32 (12 bytes of data) under another header.
std::string ReadHeader(absl::string_view header) {
  return Read(NpyFile(header, BytesOf<float>({0, 0.5, 1})));
}

struct NumpyFile {
  const char* name;
  const char* content;
};

class NumpyFileTest : public ::testing::TestWithParam<NumpyFile> {};

TEST_P(NumpyFileTest, IsReadAsNumpyMeantIt) {
  const std::string path = std::string(Q_IMPLANT_TESTDATA "/npy/") + GetParam().name + ".npy";
  const absl::StatusOr<Bytes> file = MapFile(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(Describe(ReadNpy(*file, "x.npy")), GetParam().content);
}

INSTANTIATE_TEST_SUITE_P(
    All, NumpyFileTest,
    ::testing::ValuesIn(std::vector<NumpyFile>{
        {"int8", "int8[2,3] -3 -2 -1 0 1 100"},
        {"int16", "int16[2,3] -3 -2 -1 0 1 100"},
        {"int32", "int32[2,3] -3 -2 -1 0 1 100"},
        {"int64", "int64[2,3] -3 -2 -1 0 1 100"},
        {"uint8", "uint8[2,3] 3 2 1 0 1 100"},
        {"uint16", "uint16[2,3] 3 2 1 0 1 100"},
        {"uint32", "uint32[2,3] 3 2 1 0 1 100"},
        {"uint64", "uint64[2,3] 3 2 1 0 1 100"},
        {"float16", "float16[2,3] -3 -2 -1 0 1 100"},
        {"float32", "float32[2,3] -3 -2 -1 0 1 100"},
        {"float64", "float64[2,3] -3 -2 -1 0 1 100"},
        {"big_endian", "int32[2,3] -3 -2 -1 0 1 100"},
        {"fortran", "int32[2,3] -3 -2 -1 0 1 100"},
        {"big_endian_fortran", "float64[2,3] -3 -2 -1 0 1 100"},
        {"version1", "int32[2,3] -3 -2 -1 0 1 100"},
        {"version2", "int32[2,3] -3 -2 -1 0 1 100"},
        {"version3", "int32[2,3] -3 -2 -1 0 1 100"},
        {"scalar", "float32[] 0.5"},
        {"object",
         "x.npy: an array of Python objects: expected integers or floats of up to 64 bits, found "
         "'|O'; save it with np.save(..., np.asarray(x, dtype=np.float32)), or with the integer "
         "dtype it should have"},
        {"bfloat16",
         "x.npy: an array of a type that numpy itself does not have: expected integers or floats "
         "of "
         "up to 64 bits, found '<V2'; bfloat16, float8 and int4 arrays lose their type in a .npy "
         "file: convert them first, x.astype(np.float32) or x.astype(np.int8)"},
        {"structured",
         "x.npy: a structured array: expected an array of plain numbers; save one field of it"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(NpyReaderTest, ReadsBools) {
  const absl::StatusOr<Bytes> file = MapFile(Q_IMPLANT_TESTDATA "/npy/bool.npy");
  ASSERT_TRUE(file.ok()) << file.status();
  const absl::StatusOr<Array> array = ReadNpy(*file, "bool.npy");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->type, circle::TensorType_BOOL);
  EXPECT_THAT(array->data.span(), ElementsAre(0, 0, 0, 0, 1, 1));
}

TEST(NpyReaderTest, DataIsAViewOfTheFile) {
  const Bytes file = ToBytes(Npy<int16_t>({1, 2, 3, 4}, "(2, 2)"));
  const absl::StatusOr<Array> array = ReadNpy(file, "x.npy");
  ASSERT_TRUE(array.ok()) << array.status();
  EXPECT_EQ(array->data.owner(), file.owner());
  EXPECT_EQ(array->data.data(), file.data() + file.size() - 8);
  EXPECT_EQ(array->file, "x.npy");
  EXPECT_THAT(array->shape, ElementsAre(2, 2));
}

TEST(NpyReaderTest, DataStaysAViewWhereOrderAndEndianMakeNoDifference) {
  for (const char* header : {"{'descr': '|i1', 'fortran_order': True, 'shape': (1, 4)}",
                             "{'descr': '>i1', 'fortran_order': True, 'shape': (4,)}"}) {
    const Bytes file = ToBytes(NpyFile(header, "abcd"));
    const absl::StatusOr<Array> array = ReadNpy(file, "x.npy");
    ASSERT_TRUE(array.ok()) << array.status();
    EXPECT_EQ(array->data.owner(), file.owner()) << header;
  }
}

TEST(NpyReaderTest, EmptyArrays) {
  EXPECT_EQ(Read(Npy<float>({}, "(0,)")), "float32[0]");
  EXPECT_EQ(Read(Npy<float>({}, "(2, 0, 3)")), "float32[2,0,3]");
  EXPECT_EQ(Read(Npy<float>({}, "(9223372036854775807, 9223372036854775807, 0)")),
            "float32[9223372036854775807,9223372036854775807,0]");
}

TEST(NpyReaderTest, HeadersThatPythonReadsAlike) {
  for (const char* header : {
           "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }      \n",
           "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)}",
           "{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"<f4\"}",
           "  { 'shape' : ( 3 , ) , 'descr' : 'f4' , 'fortran_order' : True }\t\n",
           "{'descr': '=f4', 'fortran_order': False, 'shape': (3L,), }",
           "{'descr': '|f4', 'fortran_order': False,\n 'shape': (3,), }",
       }) {
    EXPECT_EQ(ReadHeader(header), "float32[3] 0 0.5 1") << header;
  }
  EXPECT_EQ(ReadHeader("{'descr': '<f4', 'fortran_order': False, 'shape': (1L, 3L)}"),
            "float32[1,3] 0 0.5 1");
}

struct BadHeader {
  const char* name;
  std::string header;
  std::string message;
};

class NpyHeaderErrorTest : public ::testing::TestWithParam<BadHeader> {};

TEST_P(NpyHeaderErrorTest, HasItsMessage) {
  EXPECT_EQ(ReadHeader(GetParam().header), "x.npy: " + GetParam().message);
}

std::string Dict(absl::string_view descr, absl::string_view fortran_order,
                 absl::string_view shape) {
  return absl::StrCat("{'descr': ", descr, ", 'fortran_order': ", fortran_order,
                      ", 'shape': ", shape, "}");
}

std::string WrongAt(int byte, absl::string_view expected, absl::string_view found) {
  return absl::StrCat("the header is wrong at its byte ", byte, ": expected ", expected, ", found ",
                      found, "; save the array again with np.save");
}

std::string WrongType(absl::string_view problem, absl::string_view found) {
  return absl::StrCat(problem, ": expected integers or floats of up to 64 bits, found '", found,
                      "'; convert it before saving");
}

const std::string kTooLarge =
    "the shape is too large: expected an array that fits into memory, found float32 ";

INSTANTIATE_TEST_SUITE_P(
    All, NpyHeaderErrorTest,
    ::testing::ValuesIn(std::vector<BadHeader>{
        {"Empty", "", WrongAt(0, "'{'", "its end")},
        {"NoDict", "['descr']", WrongAt(0, "'{'", "'[\\'descr\\''")},
        {"NoName", "{descr: 1}", WrongAt(1, "a name in quotes", "'descr: 1'")},
        {"EscapeInName", "{'des\\x63r': 1}", WrongAt(1, "a name in quotes", "'\\'des\\\\x63'")},
        {"UnendedName", "{'descr", WrongAt(1, "a name in quotes", "'\\'descr'")},
        {"NoColon", "{'descr' '<f4'}", WrongAt(9, "':'", "'\\'<f4\\'}'")},
        {"NoComma", "{'descr': '<f4' 'shape': (3,)}", WrongAt(16, "',' or '}'", "'\\'shape\\':'")},
        {"NoEnd", "{'descr': '<f4', ", WrongAt(17, "a name in quotes", "its end")},
        {"AfterEnd", Dict("'<f4'", "False", "(3,)") + "x",
         WrongAt(55, "the end of the header", "'x'")},
        {"NoType", Dict("None", "False", "(3,)"), WrongAt(10, "a type in quotes", "'None, \\'f'")},
        {"NoBool", Dict("'<f4'", "0", "(3,)"), WrongAt(34, "True or False", "'0, \\'shap'")},
        {"NoTuple", Dict("'<f4'", "False", "[3]"), WrongAt(50, "'('", "'[3]}'")},
        {"NumberForTuple", Dict("'<f4'", "False", "(3)"),
         WrongAt(53, "a tuple, (3,) for one dimension", "'}'")},
        {"NegativeDimension", Dict("'<f4'", "False", "(-3,)"),
         WrongAt(51, "a dimension >= 0", "'-3,)}'")},
        {"LeadingZero", Dict("'<f4'", "False", "(03,)"),
         WrongAt(51, "a dimension >= 0", "'03,)}'")},
        {"NoCommaInShape", Dict("'<f4'", "False", "(3 1)"), WrongAt(53, "',' or ')'", "'1)}'")},
        {"OnlyCommaInShape", Dict("'<f4'", "False", "(,)"),
         WrongAt(51, "a dimension >= 0", "',)}'")},
        {"UnendedShape", "{'shape': (3,", WrongAt(13, "a dimension >= 0", "its end")},
        {"HugeDimension", Dict("'<f4'", "False", "(9223372036854775808,)"),
         "a dimension is too large: found 9223372036854775808"},
        {"TooLargeForBytes", Dict("'<f4'", "False", "(9223372036854775807,)"),
         kTooLarge + "[9223372036854775807]; save the array again with np.save"},
        {"OverflowToLittle", Dict("'<f4'", "False", "(4294967296, 4294967296)"),
         kTooLarge + "[4294967296,4294967296]; save the array again with np.save"},
        {"NoDescr", "{'fortran_order': False, 'shape': (3,)}",
         "the header has no 'descr': expected descr, fortran_order and shape"},
        {"NoOrder", "{'descr': '<f4', 'shape': (3,)}",
         "the header has no 'fortran_order': expected descr, fortran_order and shape"},
        {"NoShape", "{'descr': '<f4', 'fortran_order': False}",
         "the header has no 'shape': expected descr, fortran_order and shape"},
        {"Twice", "{'descr': '<f4', 'descr': '<f4'}", "the header has 'descr' twice"},
        {"UnknownName", "{'descr': '<f4', 'dtype': '<f4'}",
         "the header has an unknown name: expected descr, fortran_order and shape, found 'dtype'"},
        {"Structured", Dict("[('a', '<f4')]", "False", "(3,)"),
         "a structured array: expected an array of plain numbers; save one field of it"},
        {"SubArray", Dict("('<f4', (3,))", "False", "(1,)"),
         "a structured array: expected an array of plain numbers; save one field of it"},
        {"Complex", Dict("'<c8'", "False", "(3,)"),
         WrongType("an array of complex numbers", "<c8")},
        {"Bytes", Dict("'|S4'", "False", "(3,)"), WrongType("an array of strings", "|S4")},
        {"String", Dict("'<U1'", "False", "(3,)"), WrongType("an array of strings", "<U1")},
        {"LongDouble", Dict("'<f16'", "False", "(3,)"),
         WrongType("an array of a type that is not supported", "<f16")},
        {"NoKind", Dict("'<'", "False", "(3,)"),
         WrongType("an array of a type that is not supported", "<")},
        {"ControlCharacters", Dict("'\n4'", "False", "(3,)"),
         WrongType("an array of a type that is not supported", "\\n4")},
        {"CutOff", Dict("'<f4'", "False", "(4,)"),
         "the data is cut off: expected 16 bytes for float32 [4], found 12; copy or save the file "
         "again"},
        {"BytesAfter", Dict("'<f4'", "False", "(2,)"),
         "bytes after the data: expected 8 bytes for float32 [2], found 12; save one array a file, "
         "with np.save"},
    }),
    [](const auto& info) { return info.param.name; });

TEST(NpyReaderTest, FilesOfOtherKinds) {
  EXPECT_EQ(Read(""), "x.npy: the file is empty: expected a .npy file");
  EXPECT_EQ(
      Read("PK\x03\x04zip"),
      "x.npy: not a .npy file: expected it to begin with '\\x93NUMPY', found "
      "'PK\\x03\\x04zi'; this is a .npz (or .zip, .pt) archive: save each array with np.save");
  EXPECT_EQ(Read("\x80\x04."),
            "x.npy: not a .npy file: expected it to begin with '\\x93NUMPY', found '\\x80\\x04.'; "
            "this is a pickle: save the array with np.save");
  EXPECT_EQ(Read("0.5"),
            "x.npy: not a .npy file: expected it to begin with '\\x93NUMPY', found '0.5'; save the "
            "array with np.save");
}

TEST(NpyReaderTest, UnknownVersions) {
  const std::string rest = "; save the array again with np.save";
  const std::string start =
      "x.npy: an unknown version of the .npy format: expected 1.0, 2.0 or 3.0, found ";
  EXPECT_EQ(Read(NpyFile("{}", "", 4)), start + "4.0" + rest);
  EXPECT_EQ(Read(NpyFile("{}", "", 0)), start + "0.0" + rest);
  std::string file = Npy<float>({1});
  file[7] = 1;
  EXPECT_EQ(Read(file), start + "1.1" + rest);
}

TEST(NpyReaderTest, HeadersCutOff) {
  EXPECT_EQ(Read("\x93NUMPY\x01"),
            "x.npy: the header is cut off: found a file of 7 bytes; copy or save the file again");
  EXPECT_EQ(Read(NpyFile("", "", 2).substr(0, 11)),
            "x.npy: the header is cut off: found a file of 11 bytes; copy or save the file again");
  EXPECT_EQ(Read(NpyFile("{'descr': '<f4'}", "").substr(0, 20)),
            "x.npy: the header is cut off: expected 16 bytes of header, found a file of 20 bytes; "
            "copy or save the file again");
  EXPECT_EQ(Read(std::string("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF", 12)),
            "x.npy: the header is cut off: expected 4294967295 bytes of header, found a file of 12 "
            "bytes; copy or save the file again");
}

// Wherever a file is cut, the answer is an error, never a read beyond its end.
TEST(NpyReaderTest, EveryTruncationIsAnError) {
  for (int major : {1, 2, 3}) {
    const std::string file = NpyFile("{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
                                     BytesOf<float>({1, 2, 3}), major);
    for (size_t size = 0; size < file.size(); ++size) {
      EXPECT_FALSE(ReadNpy(ToBytes(file.substr(0, size)), "x.npy").ok()) << size;
    }
    EXPECT_TRUE(ReadNpy(ToBytes(file), "x.npy").ok());
  }
}

}  // namespace
}  // namespace q_implant
