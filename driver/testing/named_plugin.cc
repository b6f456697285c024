// SPDX-License-Identifier: Apache-2.0
// A plugin with a pass named "mine": for plugin_loader_test.cc and circle2circle_test.py.
#include <memory>
#include <stdexcept>
#include <string>

#include "pass/pass_plugin.h"

namespace {

// Appends a word to the model's description; "break" makes a model that is not sound, "complain"
// tells of an error and goes on, "throw" throws.
class DescribingPass : public q_implant::Pass {
 public:
  explicit DescribingPass(std::string word) : word_(std::move(word)) {}
  absl::string_view name() const override { return "mine"; }
  absl::StatusOr<bool> Run(q_implant::Model& model, q_implant::Diagnostics& diagnostics) override {
    diagnostics.Add({.severity = q_implant::Severity::kNote, .problem = "described"});
    model.description.append(word_);
    if (word_ == "complain") diagnostics.Add({.problem = "this is wrong"});
    if (word_ == "throw") throw std::runtime_error("thrown");
    if (word_ == "break") model.graphs.at(0).nodes.at(0).inputs.at(0) = 99;
    return true;
  }

 private:
  std::string word_;
};

absl::Status RegisterPasses(q_implant::PassRegistry& registry) {
  return registry.Register({.name = "mine",
                            .help = "Describe the model",
                            .argument = "WORD",
                            .make = [](const q_implant::PassArguments& arguments)
                                -> absl::StatusOr<std::unique_ptr<q_implant::Pass>> {
                              if (arguments.argument == "nothing") return nullptr;
                              return std::make_unique<DescribingPass>(arguments.argument);
                            }});
}

}  // namespace

extern "C" const q_implant::PassPlugin* q_implant_pass_plugin() {
  static constexpr q_implant::PassPlugin plugin = {q_implant::kVersion, RegisterPasses};
  return &plugin;
}
