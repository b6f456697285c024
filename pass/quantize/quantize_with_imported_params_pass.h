// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_QUANTIZE_WITH_IMPORTED_PARAMS_PASS_H_
#define Q_IMPLANT_PASS_QUANTIZE_QUANTIZE_WITH_IMPORTED_PARAMS_PASS_H_

#include <cstddef>
#include <utility>

#include "ir/params.h"
#include "pass/graph/kept_nodes.h"
#include "pass/pass.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"
#include "pass/quantize/quantize_report.h"

namespace q_implant {

// What a run did, for the line at its end.
struct QuantizeSummary {
  size_t annotated = 0;         // tensors that the param file names
  size_t propagated = 0;        // tensors that took a neighbour's parameters
  size_t derived = 0;           // biases and other constants whose parameters follow from others
  size_t left_float = 0;        // float32 tensors of the model that stay float32
  size_t integer_nodes = 0;     // operators that compute in integers
  size_t integer_possible = 0;  // operators that could with parameters: these and float32 ones of
                                // which the target, or any runtime, has integer kernels
  size_t hybrid_nodes = 0;      // of the float32 ones: those with integer weights
};

// Puts imported quantization parameters into a float32 model. Names of tensors are matched against
// the entries, each entry is checked, integers are implanted, everything the entries do not mention
// is derived, propagated or left float32 behind Quantize and Dequantize nodes. Nothing changes
// where an entry does not fit.
//
// docs/rules.md tells the rules; each has a file of its own in rules/, and decide_plan.h has their
// order.
class QuantizeWithImportedParamsPass : public Pass {
 public:
  explicit QuantizeWithImportedParamsPass(Params params, QuantizeOptions options = {},
                                          RunMode mode = {})
      : params_(std::move(params)), options_(std::move(options)), mode_(mode) {}

  absl::string_view name() const override { return "quantize_with_imported_params"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override;

  // Nodes of the model, by graph, that stay as they came: they take and give these forms.
  void KeepNodes(std::vector<std::vector<KeptNode>> kept) { kept_ = std::move(kept); }

  // Of tensors that have no entry, by graph and tensor: parameters that the target does not
  // convert, which their values had.
  void NoteDropped(std::vector<std::vector<ParamsPtr>> dropped) { dropped_ = std::move(dropped); }

  // Of the last run.
  const QuantizeSummary& summary() const { return summary_; }

  // Tensor by tensor, node by node; gathered only where `mode.report`. Of a run that failed
  // before the model was changed it is empty.
  const QuantizeReport& report() const { return report_; }

 private:
  void ReportUnchanged(const Model& model, const Plan& plan);

  // The end of a run without entries, target and demands: the model stays as it is.
  void ReportEmptyImport(const Model& model, const Plan& plan, Diagnostics& diagnostics);

  // Diagnostics about a complete plan: why nodes stay float32, what was adapted.
  void Explain(const Model& model, const Plan& plan, Diagnostics& diagnostics) const;

  // Makes the model what the plan says, and gathers the report. False where there were errors.
  bool CarryOut(Plan& plan, Model& model, Diagnostics& diagnostics);

  Params params_;
  QuantizeOptions options_;
  RunMode mode_;
  std::vector<std::vector<KeptNode>> kept_;
  std::vector<std::vector<ParamsPtr>> dropped_;
  QuantizeSummary summary_;
  QuantizeReport report_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_QUANTIZE_WITH_IMPORTED_PARAMS_PASS_H_
