// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_PASS_PIPELINE_H_
#define Q_IMPLANT_PASS_PASS_PIPELINE_H_

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/pass.h"

namespace q_implant {

// Passes run one after the other. A pipeline is a pass itself, so pipelines nest.
class PassPipeline : public Pass {
 public:
  // Called around each pass that succeeds: to print the model, to take times.
  using BeforeEach = std::function<void(const Pass&, const Model&)>;
  using AfterEach = std::function<void(const Pass&, const Model&, bool changed)>;

  absl::string_view name() const override { return "pipeline"; }

  // `label` is what users call the pass, where that is not its own name: a switch of the command.
  void Add(std::unique_ptr<Pass> pass, std::string label = "");
  void set_before_each(BeforeEach observer) { before_each_ = std::move(observer); }
  void set_after_each(AfterEach observer) { after_each_ = std::move(observer); }

  // Whether every pass must leave a model that is sound as a graph (verify_graph.h), or the run
  // fails with that pass's label. Looks at the whole model twice a pass.
  void set_verify_each(bool verify) { verify_each_ = verify; }

  size_t size() const { return steps_.size(); }

  // Stops at the first pass that fails or tells of an error; its status then begins with that
  // pass's label.
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;

 private:
  struct Step {
    std::unique_ptr<Pass> pass;
    std::string label;
  };
  absl::StatusOr<bool> RunOne(Pass& pass, Model& model, Diagnostics& diagnostics) const;

  std::vector<Step> steps_;
  BeforeEach before_each_;
  AfterEach after_each_;
  bool verify_each_ = false;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_PASS_PIPELINE_H_
