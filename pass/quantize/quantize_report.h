// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_QUANTIZE_REPORT_H_
#define Q_IMPLANT_PASS_QUANTIZE_QUANTIZE_REPORT_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "ir/bytes.h"
#include "ir/model.h"
#include "ir/quant_params.h"
#include "pass/numbers/quantization_error.h"
#include "pass/quantize/carry_out/gone_tensors.h"
#include "pass/quantize/carry_out/noop_clamps.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/rules/resemblance.h"

namespace q_implant {

// How a tensor of the result came by what it has.
struct TensorReport {
  size_t graph = 0;
  std::string name;
  // "annotated", "propagated", "derived", "inserted", "pinned", "existing", "float32"; "other" for
  // tensors that never held float32 values; "removed" for those the result no longer has.
  std::string how;
  std::string from;                        // of a propagated one: the tensor they came from
  std::string stands_for_it;               // of a removed one: the tensor that does, if any
  ParamsPtr params;                        // null where it has none
  std::optional<QuantizationError> error;  // of a constant that was float32: against that data
};

struct NodeReport {
  size_t graph = 0;
  std::string op;
  std::string output;  // the name of its first output
  std::string mode;    // "integer", "hybrid", "float32", "inserted", "other"; "removed" of a clamp
  std::string reason;  // of a float32 or hybrid one: why it is not integer
};

struct QuantizeReport {
  std::vector<TensorReport> tensors;
  std::vector<NodeReport> nodes;

  // A later pass changed parameters: takes those of tensors of these names.
  void TakeParamsFrom(const Model& model);
};

// Gathers a report around the steps that change the model.
class QuantizeReporter {
 public:
  // Before boundaries are made: notes what the plan says and keeps the constants' float32 data.
  void Plan(const Model& model, const q_implant::Plan& plan);

  // After that, while tensors still have their positions.
  // `origins` is what MakeBoundaries returned.
  void Carried(const Model& model, const std::vector<std::vector<NodeId>>& origins);

  // At the end: what went is marked, and what was inserted is listed. `copied_outputs` is what
  // CopyOutputsForOnert() returned.
  void Finish(const Model& model, const std::vector<RemovedClamp>& removed, const GoneTensors& gone,
              const std::vector<std::string>& copied_outputs);

  QuantizeReport Take() { return std::move(report_); }

 private:
  void NoteOutputs(const Model& model, size_t graph, const std::vector<NodeId>& origins);
  void ListInserted(const Model& model, size_t graph,
                    const absl::flat_hash_set<std::string>& tensors,
                    const absl::flat_hash_set<std::string>& outputs);

  QuantizeReport report_;
  std::vector<size_t> first_tensor_;  // by graph: where its tensors begin in report_.tensors
  std::vector<size_t> tensor_count_;  // by graph: how many there were
  std::vector<Bytes> floats_;         // by position in report_.tensors
  std::vector<size_t> node_count_;
  std::vector<size_t> first_node_;    // by graph: where its nodes begin in report_.nodes
  std::vector<std::string> outputs_;  // by position in report_.nodes: what its output is called now
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_QUANTIZE_REPORT_H_
