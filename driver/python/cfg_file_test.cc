// SPDX-License-Identifier: Apache-2.0
// What CfgFile says. What it reads is held against Python's own configparser by cfg_file_test.py.
#include "driver/python/cfg_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace q_implant {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

CfgFile Parsed(absl::string_view text) {
  absl::StatusOr<CfgFile> file = CfgFile::Parse(text, "m.cfg");
  EXPECT_TRUE(file.ok()) << file.status();
  return file.ok() ? *std::move(file) : CfgFile();
}

TEST(CfgFileTest, ReadsSectionsOptionsAndDefaults) {
  const CfgFile file = Parsed(
      "[DEFAULT]\n"
      "dir = out\n"
      "name = n\n"
      "[onecc]\n"
      "one-quantize: True\n"
      "[one-quantize]\n"
      "Output_path = %(dir)s/100%%.circle\n"
      "name =\n");
  EXPECT_THAT(file.Sections(), ElementsAre("onecc", "one-quantize"));
  EXPECT_TRUE(file.HasSection("onecc"));
  EXPECT_FALSE(file.HasSection("one"));
  EXPECT_FALSE(file.HasSection("DEFAULT"));
  EXPECT_TRUE(file.HasOption("one-quantize", "dir"));
  EXPECT_TRUE(file.HasOption("DEFAULT", "dir"));
  EXPECT_FALSE(file.HasOption("one-quantize", "output_path"));
  EXPECT_FALSE(file.HasOption("one", "dir"));
  EXPECT_THAT(file.Keys("one-quantize"), ElementsAre("Output_path", "name", "dir"));
  EXPECT_THAT(file.Keys("DEFAULT"), ElementsAre("dir", "name"));
  EXPECT_THAT(file.Keys("one"), IsEmpty());
  EXPECT_EQ(*file.Get("one-quantize", "Output_path"), "out/100%.circle");
  EXPECT_EQ(*file.Get("one-quantize", "name"), "");
  EXPECT_EQ(*file.Get("onecc", "name"), "n");
  EXPECT_TRUE(*file.GetBoolean("onecc", "one-quantize"));
}

struct BadText {
  const char* name;
  std::string text;
  std::string message;  // of Parse, or of GetBoolean for the option 'a' of [s]
};

class CfgFileErrorTest : public ::testing::TestWithParam<BadText> {};

TEST_P(CfgFileErrorTest, HasItsMessage) {
  const absl::StatusOr<CfgFile> file = CfgFile::Parse(GetParam().text, "m.cfg");
  const absl::Status status = file.ok() ? file->GetBoolean("s", "a").status() : file.status();
  EXPECT_EQ(status.message(), GetParam().message);
}

const char kNeither[] =
    "neither a section header nor an option: expected '[section]', 'key = value', or an indented "
    "line that continues a value, found ";

INSTANTIATE_TEST_SUITE_P(
    All, CfgFileErrorTest,
    ::testing::ValuesIn(std::vector<BadText>{
        {"NoHeader", "# c\r\n\r a = 1\n[s]\n",
         "error: m.cfg:3: a line before the first section header: expected '[section]', found "
         "'a = 1'"},
        {"ByteOrderMark", "\xEF\xBB\xBF[s]\n",
         "error: m.cfg:1: a line before the first section header: expected '[section]', found "
         "'\xEF\xBB\xBF[s]'; the file begins with a byte order mark: save it without"},
        {"NoDelimiter", "[s]\na\n",
         absl::StrCat("error: m.cfg:2: ", kNeither,
                      "'a'; an option without a value is written 'key ='")},
        {"NoName", "[s]\n = a\n",
         "error: m.cfg:2: an option without a name: expected 'key = value', found '= a'"},
        {"SectionTwice", "[s]\n[t]\n[s]\n",
         "error: m.cfg:3: the section [s] is there already, on line 1; put the options of both "
         "into one"},
        {"OptionTwice", "[s]\n\na=1\na=2\n",
         "error: m.cfg:4: the option 'a' of [s] is there already, on line 3; keep one of the two"},
        {"Everything", "[s]\na\n=1\n[s]\na=1\na:2\n",
         absl::StrCat("error: m.cfg:2: ", kNeither,
                      "'a'; an option without a value is written 'key ='\n",
                      "error: m.cfg:3: an option without a name: expected 'key = value', found "
                      "'=1'\n"
                      "error: m.cfg:4: the section [s] is there already, on line 1; put the "
                      "options of both into one\n"
                      "error: m.cfg:6: the option 'a' of [s] is there already, on line 5; keep one "
                      "of the two")},
        {"Latin1", "[s]\ra=\xE9\n",
         "error: m.cfg:2: not UTF-8: expected UTF-8 text, found the byte 0xe9; save the file as "
         "UTF-8"},
        {"Utf16", std::string("\xFF\xFE[\0s\0", 6),
         "error: m.cfg:1: not UTF-8: expected UTF-8 text, found the byte 0xff; this is UTF-16: "
         "save the file as UTF-8"},
        {"NoSection", "[t]\na=1\n", "error: m.cfg: there is no section [s]"},
        {"NoOption", "[s]\nb=1\n", "error: m.cfg: the section [s] has no option 'a'"},
        {"NoBoolean", "[s]\nb=\na=\n  maybe\n",
         "error: m.cfg:3: option 'a' of [s]: neither true nor false: expected one of 1, yes, true, "
         "on, 0, no, false, off, found '\\x0amaybe'"},
        {"NoReference", "[s]\na=50% off\n",
         "error: m.cfg:2: option 'a' of [s]: a '%' that begins no reference: expected '%(name)s', "
         "or '%%' for a percent sign, found '% off'"},
        {"BadReference", "[DEFAULT]\na=%(b)\n[s]\n",
         "error: m.cfg:2: option 'a' of [s]: a bad reference: expected '%(name)s', found '%(b)'"},
        {"UnknownReference", "[s]\nb=%(c)s\na=%(b)s\n",
         "error: m.cfg:3: option 'a' of [s]: %(c)s refers to no option: expected one of [s] or "
         "[DEFAULT]"},
        {"ReferenceToItself", "[s]\na=%(a)s\n",
         "error: m.cfg:2: option 'a' of [s]: the references are too deep: expected at most 9 "
         "inside each other; does the option refer to itself?"},
    }),
    [](const auto& test) { return test.param.name; });

// Each of nine options names the next one ten times.
TEST(CfgFileTest, ExplosionsAreErrors) {
  for (const char* last : {"", "x", "%%"}) {
    std::string text = absl::StrCat("[s]\nj=", last, "\n");
    for (char key = 'a'; key < 'j'; ++key) {
      absl::StrAppend(&text, std::string(1, key), "=");
      for (int i = 0; i < 10; ++i) absl::StrAppend(&text, "%(", std::string(1, key + 1), ")s");
      absl::StrAppend(&text, "\n");
    }
    EXPECT_EQ(Parsed(text).Get("s", "a").status().message(),
              "error: m.cfg:3: option 'a' of [s]: the references expand to more than 1 MiB");
  }
}

TEST(CfgFileTest, ALongValueIsNoExplosion) {
  std::string value;
  for (int i = 0; i < 1 << 20; ++i) value += "x%%";
  absl::StatusOr<std::string> read = Parsed(absl::StrCat("[s]\na=", value, "\n")).Get("s", "a");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->size(), size_t{2} << 20);
}

TEST(CfgFileTest, StatusesTellWhatIsMissing) {
  const CfgFile file = Parsed("[s]\na=%\n");
  EXPECT_EQ(file.Get("t", "a").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(file.GetBoolean("s", "b").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(file.Get("s", "a").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(CfgFileTest, ReadsAFile) {
  const std::string path = ::testing::TempDir() + "/cfg_file_test.cfg";
  std::ofstream(path) << "[s]\na=1\n";
  const absl::StatusOr<CfgFile> file = CfgFile::Read(path);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(*file->Get("s", "a"), "1");
  std::ofstream(path) << "a=1\n";
  EXPECT_EQ(CfgFile::Read(path).status().message(),
            absl::StrCat("error: ", path,
                         ":1: a line before the first section header: expected '[section]', found "
                         "'a=1'"));
  std::ofstream(path, std::ios::trunc).close();
  EXPECT_THAT(CfgFile::Read(path)->Sections(), IsEmpty());
}

TEST(CfgFileTest, AFileMustBeThere) {
  const absl::Status status = CfgFile::Read("/nowhere/m.cfg").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(status.message(),
            "error: /nowhere/m.cfg: there is no such file; check the name and the folder");
}

}  // namespace
}  // namespace q_implant
