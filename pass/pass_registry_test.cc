// SPDX-License-Identifier: Apache-2.0
#include "pass/pass_registry.h"

#include <memory>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "pass/pass_pipeline.h"

namespace q_implant {
namespace {

// Makes a pipeline, or says what it was asked with.
PassRegistry::Entry EntryOf(std::string name) {
  return {.name = std::move(name),
          .help = "does nothing",
          .options = {{"loud", "", "says more"}},
          .make = [](const PassArguments& arguments) -> absl::StatusOr<std::unique_ptr<Pass>> {
            if (!arguments.argument.empty()) return absl::InvalidArgumentError(arguments.argument);
            return std::make_unique<PassPipeline>();
          }};
}

TEST(PassRegistryTest, MakesPassesByName) {
  PassRegistry registry;
  ASSERT_TRUE(registry.Register(EntryOf("a")).ok());
  const auto first = registry.Find("a")->make({});
  const auto second = registry.Find("a")->make({});
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_NE(first->get(), second->get());
}

TEST(PassRegistryTest, HandsOnTheArgument) {
  PassRegistry registry;
  ASSERT_TRUE(registry.Register(EntryOf("a")).ok());
  EXPECT_EQ(registry.Find("a")->make({.argument = "file.json"}).status(),
            absl::InvalidArgumentError("file.json"));
}

TEST(PassRegistryTest, RefusesATakenName) {
  PassRegistry registry;
  ASSERT_TRUE(registry.Register(EntryOf("a")).ok());
  PassRegistry::Entry other = EntryOf("a");
  other.help = "another";
  EXPECT_EQ(
      registry.Register(other),
      absl::AlreadyExistsError("a pass named 'a' is registered already; choose another name"));
  EXPECT_EQ(registry.Find("a")->help, "does nothing");
}

TEST(PassRegistryTest, RefusesWhatNoCommandLineCanHold) {
  PassRegistry registry;
  for (const char* name : {"", "--a", "a b", "a=b"}) {
    EXPECT_EQ(registry.Register(EntryOf(name)).code(), absl::StatusCode::kInvalidArgument) << name;
  }
  EXPECT_EQ(registry.Register(EntryOf("a=b")).message(),
            "a pass can't be named 'a=b'; use letters, digits, _ and -, no dash in front");
}

TEST(PassRegistryTest, FindsAndLists) {
  PassRegistry registry;
  ASSERT_TRUE(registry.Register(EntryOf("b")).ok());
  ASSERT_TRUE(registry.Register(EntryOf("a")).ok());
  EXPECT_EQ(registry.Find("c"), nullptr);
  ASSERT_EQ(registry.entries().size(), 2u);
  EXPECT_EQ(registry.entries()[0], registry.Find("a"));
  EXPECT_EQ(registry.entries()[1], registry.Find("b"));
  EXPECT_EQ(registry.Find("a")->FindOption("loud")->help, "says more");
  EXPECT_EQ(registry.Find("a")->FindOption("quiet"), nullptr);
}

}  // namespace
}  // namespace q_implant
