// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/plugin_loader.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/version.h"

namespace q_implant {
namespace {

// A library of driver/testing.
std::string Library(const char* name) {
  return absl::StrCat(Q_IMPLANT_TEST_PLUGINS, "/lib", name, ".so");
}

TEST(PluginLoaderTest, RegistersPasses) {
  PassRegistry registry;
  ASSERT_EQ(LoadPassPlugin(Library("named_plugin"), registry), absl::OkStatus());
  const PassRegistry::Entry* entry = registry.Find("mine");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry->help, "Describe the model");
  const auto pass = entry->make({.argument = "word"});
  ASSERT_TRUE(pass.ok());
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ((*pass)->Run(model, diagnostics), absl::StatusOr<bool>(true));
  EXPECT_EQ(model.description, "word");
}

TEST(PluginLoaderTest, RefusesATakenName) {
  PassRegistry registry;
  ASSERT_TRUE(LoadPassPlugin(Library("named_plugin"), registry).ok());
  EXPECT_EQ(LoadPassPlugin(Library("named_plugin"), registry).message(),
            absl::StrCat(Library("named_plugin"),
                         ": a pass named 'mine' is registered already; choose another name"));
}

// Its passes are not asked for: what they would be given may be laid out otherwise.
TEST(PluginLoaderTest, RefusesAnotherVersion) {
  PassRegistry registry;
  EXPECT_EQ(LoadPassPlugin(Library("old_plugin"), registry).message(),
            absl::StrCat(Library("old_plugin"), ": was built for q-implant 0.0.9, this is ",
                         kVersion, "; build it again"));
}

TEST(PluginLoaderTest, RefusesOtherLibraries) {
  PassRegistry registry;
  EXPECT_EQ(LoadPassPlugin(Library("no_plugin"), registry).message(),
            absl::StrCat(Library("no_plugin"),
                         ": is no plugin: it has no function q_implant_pass_plugin; see "
                         "pass/pass_plugin.h"));
}

TEST(PluginLoaderTest, RefusesWhatIsNoLibrary) {
  PassRegistry registry;
  EXPECT_THAT(std::string(LoadPassPlugin("/nowhere/libx.so", registry).message()),
              testing::AllOf(testing::StartsWith("/nowhere/libx.so: can't be loaded: "),
                             testing::HasSubstr("No such file or directory")));
  EXPECT_EQ(registry.entries().size(), 0u);
}

}  // namespace
}  // namespace q_implant
