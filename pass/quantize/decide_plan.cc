// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/decide_plan.h"

#include "pass/quantize/rules/bind.h"
#include "pass/quantize/rules/crossings.h"
#include "pass/quantize/rules/cut_constants.h"
#include "pass/quantize/rules/dead_channels.h"
#include "pass/quantize/rules/derive.h"
#include "pass/quantize/rules/equalise.h"
#include "pass/quantize/rules/fold_constant_movers.h"
#include "pass/quantize/rules/fold_dequantizes.h"
#include "pass/quantize/rules/fuse_clamps.h"
#include "pass/quantize/rules/graph_io.h"
#include "pass/quantize/rules/integer_nodes.h"
#include "pass/quantize/rules/limit_scales.h"
#include "pass/quantize/rules/propagate.h"
#include "pass/quantize/rules/resemblance.h"
#include "pass/quantize/rules/stateful_nodes.h"
#include "pass/quantize/rules/target_types.h"
#include "pass/quantize/rules/zero_biases.h"
#include "pass/target/dense_as_conv.h"
#include "pass/target/target_node_forms.h"

namespace q_implant {
namespace {

void CheckValuesOf(const PlanContext& c) {
  if (c.options.check_values == CheckValues::kOff) return;
  const bool is_error = c.options.check_values == CheckValues::kError;
  CheckResemblance(c.model, c.plan, is_error ? Severity::kError : Severity::kWarning, c.params.path,
                   c.diagnostics);
}

// Through a fused clamp parameters come further.
void FuseAndPropagate(const PlanContext& c) {
  if (FuseClamps(c.model, c.plan, c.diagnostics)) Propagate(c.model, c.plan);
}

using Context = const PlanContext&;

constexpr PlanStep kBindSteps[] = {
    {"called graphs", [](Context c) { MarkCalledGraphs(c.model, c.plan); }},
    {"bind", [](Context c) { Bind(c.model, c.params, c.options, c.plan, c.diagnostics); }},
    {"io types", [](Context c) { AskForIoTypes(c.model, c.options, c.plan, c.diagnostics); }, true},
    {"resemblance", CheckValuesOf, true},
};

constexpr PlanStep kDecideSteps[] = {
    {"fold", [](Context c) { FoldConstantMovers(c.model, c.plan, c.diagnostics); }},
    {"types", [](Context c) { TakeTargetTypes(c.model, c.plan, c.diagnostics); }},
    {"io forms", PlanIoForms, true},
    {"dequantizes", [](Context c) { FoldDequantizes(c.model, c.plan, c.diagnostics); }},
    {"forms", [](Context c) { WriteTargetForms(c.model, c.plan, c.diagnostics); }},
    {"zero biases", [](Context c) { AddZeroBiases(c.model, c.plan, c.diagnostics); }},
    {"propagate", [](Context c) { Propagate(c.model, c.plan); }},
    {"clamps", FuseAndPropagate},
    {"dense layers", [](Context c) { MakeDenseConvolutions(c.model, c.plan, c.diagnostics); }},
    {"precision", [](Context c) { WritePreciseForms(c.model, c.plan, c.diagnostics); }},
    {"dead channels", [](Context c) { MendDeadChannels(c.model, c.plan, c.diagnostics); }},
    {"state", [](Context c) { PlanStatefulNodes(c.model, c.plan, c.diagnostics); }},
    {"integer nodes", [](Context c) { SelectIntegerNodes(c.model, c.options, c.plan); }},
    {"large constants", [](Context c) { CutConstants(c.model, c.plan, c.diagnostics); }},
    {"equalise", [](Context c) { Equalise(c.model, c.plan); }},
    {"derive", Derive},
    {"limits", [](Context c) { LimitScales(c.model, c.plan); }},
    {"crossings", [](Context c) { PlanCrossings(c.model, c.plan); }},
};

}  // namespace

absl::Span<const PlanStep> BindSteps() { return kBindSteps; }
absl::Span<const PlanStep> DecideSteps() { return kDecideSteps; }

bool RunSteps(absl::Span<const PlanStep> steps, const PlanContext& context) {
  for (const PlanStep& step : steps) {
    step.run(context);
    if (step.ends_with_errors && context.diagnostics.has_errors()) return false;
  }
  return true;
}

}  // namespace q_implant
