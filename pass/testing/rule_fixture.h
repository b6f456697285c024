// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TESTING_RULE_FIXTURE_H_
#define Q_IMPLANT_PASS_TESTING_RULE_FIXTURE_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"
#include "ir/diagnostics.h"
#include "ir/model.h"
#include "ir/params.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"

// What the tests of the rules share: a graph and annotations as text in, text out.

namespace q_implant {

// Entries of a param file from lines of the text form of graphs:
//
//   tensor %x: uint8[] q(0.5, 128)               annotated
//   const %w: int8[2] q(0.5, 0, axis 1) = {1, 2} annotated, with a value of this shape
//   tensor %y: float32[]                         pinned
//
// In the order of the lines. The file is params.json; the entry of x names x.scale.npy and so on.
Params ParamsFromText(absl::string_view annotations);

// A run of the pass on "model.circle".
struct Outcome {
  bool ok = false;
  std::string model;   // as text; of a run that failed, the message of its status
  std::string report;  // errors and warnings, each with a line end
  std::string notes;   // likewise
  QuantizeSummary summary;
};
// Values need not resemble the model's, unless that is asked to be an error: any integers will do.
// Nor is anything said of what known runtimes compute wrongly, unless there is a target, and
// weights may stand beside float32 data.
Outcome RunPass(absl::string_view graph, absl::string_view annotations,
                QuantizeOptions options = {}, RunMode mode = {});

// With these options and no others.
Outcome RunPassAsUsersDo(absl::string_view graph, absl::string_view annotations,
                         const QuantizeOptions& options = {}, const RunMode& mode = {});

// The model that the pass makes, behind its warnings; where it fails, the errors only.
std::string Quantize(absl::string_view graph, absl::string_view annotations,
                     const QuantizeOptions& options = {}, const RunMode& mode = {});

// --- single rules ---

struct Planned {
  Model model;
  Params params;
  Plan plan;
  Diagnostics diagnostics;
};

// The plan after the step of this name (decide_plan.h) and those before it. Values need not
// resemble the model's.
std::unique_ptr<Planned> PlanUpTo(absl::string_view last, Model model, Params params,
                                  const QuantizeOptions& options = {});
std::unique_ptr<Planned> PlanUpTo(absl::string_view last, absl::string_view graph,
                                  absl::string_view annotations,
                                  const QuantizeOptions& options = {});

// The tensors that have parameters or are pinned, in the order of the model, a line each:
// "%x: annotated int8 q(0.5, 3)", "%y: propagated from %x int8 q(0.5, 3)", "%z: pinned".
std::string TensorsText(const Planned& planned);

// The nodes that the rules decided about, a line each: "%y = ADD(int8 q(0.5, 3), int8 q(0.5, 0)) ->
// (int8 q(1, 0))" where the node is integer ("-" for a slot without quantized data), else "%y =
// SIN: <reason>".
std::string NodesText(const Planned& planned);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TESTING_RULE_FIXTURE_H_
