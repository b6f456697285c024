// SPDX-License-Identifier: Apache-2.0
#include "pass/pass_pipeline.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;

// Appends its name to the model's description and gives a result.
class NamingPass : public Pass {
 public:
  NamingPass(std::string name, absl::StatusOr<bool> result)
      : name_(std::move(name)), result_(std::move(result)) {}
  absl::string_view name() const override { return name_; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override {
    model.description.append(name_);
    diagnostics.Add({.severity = Severity::kNote, .problem = name_});
    return result_;
  }

 private:
  std::string name_;
  absl::StatusOr<bool> result_;
};

std::unique_ptr<Pass> Named(std::string name, absl::StatusOr<bool> result) {
  return std::make_unique<NamingPass>(std::move(name), std::move(result));
}

TEST(PassPipelineTest, RunsPassesInOrder) {
  PassPipeline pipeline;
  pipeline.Add(Named("a", false));
  pipeline.Add(Named("b", false));
  EXPECT_EQ(pipeline.size(), 2u);
  EXPECT_EQ(pipeline.name(), "pipeline");
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ(pipeline.Run(model, diagnostics), absl::StatusOr<bool>(false));
  EXPECT_EQ(model.description, "ab");
  ASSERT_EQ(diagnostics.all().size(), 2u);
  EXPECT_EQ(diagnostics.all()[1].problem, "b");
}

TEST(PassPipelineTest, ChangesWhereAnyPassDoes) {
  for (const auto& [first, second] :
       {std::pair(true, false), std::pair(false, true), std::pair(true, true)}) {
    PassPipeline pipeline;
    pipeline.Add(Named("a", first));
    pipeline.Add(Named("b", second));
    Model model;
    Diagnostics diagnostics;
    EXPECT_EQ(pipeline.Run(model, diagnostics), absl::StatusOr<bool>(true));
  }
}

TEST(PassPipelineTest, AnEmptyPipelineChangesNothing) {
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ(PassPipeline().Run(model, diagnostics), absl::StatusOr<bool>(false));
}

TEST(PassPipelineTest, StopsAtTheFirstFailureAndNamesThePass) {
  PassPipeline pipeline;
  pipeline.Add(Named("a", true));
  pipeline.Add(Named("b", absl::NotFoundError("no such thing")));
  pipeline.Add(Named("c", true));
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ(pipeline.Run(model, diagnostics).status(), absl::NotFoundError("b: no such thing"));
  EXPECT_EQ(model.description, "ab");
}

TEST(PassPipelineTest, ALabelIsWhatUsersCallAPass) {
  PassPipeline pipeline;
  pipeline.Add(Named("adapt_to_onert", absl::NotFoundError("no such thing")), "--target onert");
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ(pipeline.Run(model, diagnostics).status(),
            absl::NotFoundError("--target onert: no such thing"));
}

// Whatever its status says.
TEST(PassPipelineTest, StopsAtAPassThatTellsOfAnError) {
  class Complaining : public Pass {
   public:
    absl::string_view name() const override { return "complaining"; }
    absl::StatusOr<bool> Run(Model&, Diagnostics& diagnostics) override {
      diagnostics.Add({.problem = "oh"});
      return true;
    }
  };
  PassPipeline pipeline;
  pipeline.Add(std::make_unique<Complaining>());
  pipeline.Add(Named("b", true));
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ(pipeline.Run(model, diagnostics).status(),
            absl::InvalidArgumentError("complaining: error: oh"));
  EXPECT_EQ(model.description, "");
}

TEST(PassPipelineTest, ObserversSeeTheModelAroundEachPass) {
  PassPipeline pipeline;
  pipeline.Add(Named("a", true));
  pipeline.Add(Named("b", false));
  std::vector<std::string> seen;
  pipeline.set_before_each([&](const Pass& pass, const Model& model) {
    seen.push_back(absl::StrCat("before ", pass.name(), ": ", model.description));
  });
  pipeline.set_after_each([&](const Pass& pass, const Model& model, bool changed) {
    seen.push_back(
        absl::StrCat("after ", pass.name(), ": ", model.description, changed ? ", changed" : ""));
  });
  Model model;
  Diagnostics diagnostics;
  ASSERT_TRUE(pipeline.Run(model, diagnostics).ok());
  EXPECT_THAT(seen, ElementsAre("before a: ", "after a: a, changed", "before b: a", "after b: ab"));
}

// Leaves a node that reads a tensor which is not there.
class BreakingPass : public Pass {
 public:
  absl::string_view name() const override { return "breaking"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics&) override {
    model.graphs[0].nodes[0].inputs[0] = 99;
    return true;
  }
};

TEST(PassPipelineTest, VerifiesEachPassWhereAsked) {
  for (const bool verify : {false, true}) {
    PassPipeline pipeline;
    pipeline.Add(Named("a", false));
    pipeline.Add(std::make_unique<BreakingPass>());
    pipeline.Add(Named("c", false));
    pipeline.set_verify_each(verify);
    Model model = ModelFromText("graph (%x: float32[1]) -> (%y) { %y: float32[1] = ABS(%x) {} }");
    Diagnostics diagnostics;
    const absl::Status status = pipeline.Run(model, diagnostics).status();
    EXPECT_EQ(status.ok(), !verify);
    EXPECT_EQ(model.description, verify ? "a" : "ac");
    if (verify) {
      EXPECT_THAT(std::string(status.message()),
                  testing::StartsWith("breaking: the pass left a model that is not sound:\n  "));
    }
  }
}

TEST(PassPipelineTest, PipelinesNest) {
  auto inner = std::make_unique<PassPipeline>();
  inner->Add(Named("a", absl::InternalError("oh")));
  PassPipeline outer;
  outer.Add(std::move(inner));
  Model model;
  Diagnostics diagnostics;
  EXPECT_EQ(outer.Run(model, diagnostics).status(), absl::InternalError("pipeline: a: oh"));
}

}  // namespace
}  // namespace q_implant
