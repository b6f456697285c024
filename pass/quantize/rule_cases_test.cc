// SPDX-License-Identifier: Apache-2.0
// Runs the *.cases files of pass/ (pass/testing/rule_case.h). With Q_IMPLANT_WRITE_CASES=1 in the
// environment each file is written anew, with what the program makes of its cases now.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "pass/testing/rule_case.h"

namespace q_implant {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> CaseFiles() {
  std::vector<fs::path> paths;
  for (const auto& entry : fs::recursive_directory_iterator(Q_IMPLANT_TESTDATA "/../pass")) {
    if (entry.path().extension() == ".cases") paths.push_back(entry.path());
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string TextOf(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

struct NamedCase {
  std::string file;  // "derive"
  RuleCase rule_case;
};

std::vector<NamedCase> AllCases() {
  std::vector<NamedCase> all;
  for (const fs::path& path : CaseFiles()) {
    for (RuleCase& one : CasesFromText(TextOf(path)).cases) {
      all.push_back({path.stem().string(), std::move(one)});
    }
  }
  return all;
}

void PrintTo(const NamedCase& one, std::ostream* out) {
  *out << one.file << ".cases: " << one.rule_case.name;
}

class RuleCasesTest : public testing::TestWithParam<NamedCase> {};

TEST_P(RuleCasesTest, GivesWhatTheFileSays) {
  const RuleCase& one = GetParam().rule_case;
  if (std::getenv("Q_IMPLANT_WRITE_CASES") != nullptr) return;  // written anew below
  EXPECT_EQ(one.result, ResultOf(one)) << one.comment << one.before;
}

INSTANTIATE_TEST_SUITE_P(Cases, RuleCasesTest, testing::ValuesIn(AllCases()), [](const auto& info) {
  return info.param.file + "_" + info.param.rule_case.name;
});

TEST(RuleCaseFilesTest, AreAsTheyWouldBeWritten) {
  const std::vector<fs::path> paths = CaseFiles();
  EXPECT_GT(paths.size(), 5u);
  for (const fs::path& path : paths) {
    CaseFile file = CasesFromText(TextOf(path));
    if (std::getenv("Q_IMPLANT_WRITE_CASES") != nullptr) {
      for (RuleCase& one : file.cases) one.result = ResultOf(one);
      std::ofstream(path) << CasesText(file);
    }
    EXPECT_EQ(CasesText(file), TextOf(path)) << path;
  }
}

}  // namespace
}  // namespace q_implant
