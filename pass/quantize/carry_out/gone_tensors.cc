// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/gone_tensors.h"

#include "absl/strings/str_cat.h"
#include "pass/graph/display_names.h"

namespace q_implant {

GoneTensors::GoneTensors(const Model& model, const Plan& plan, bool annotations) {
  for (size_t g = 0; g < plan.graphs.size(); ++g) {
    const GraphPlan& graph = plan.graphs[g];
    for (size_t t = 0; annotations && t < graph.tensors.size(); ++t) {
      if (graph.tensors[t].origin != Origin::kAnnotated) continue;
      annotated_.emplace(g, DisplayName(model, g, static_cast<TensorId>(t)));
    }
    for (const MergedTensor& merged : graph.merged) {
      if (!graph.tensor(merged.goes).unused) continue;
      AddGone({g, DisplayName(model, g, merged.goes)}, DisplayName(model, g, merged.stays),
              merged.how);
    }
  }
}

void GoneTensors::Add(const std::vector<RemovedClamp>& clamps) {
  for (const RemovedClamp& clamp : clamps) {
    AddGone({clamp.graph, clamp.goes}, clamp.stays,
            absl::StrCat("a ", clamp.op, " that cut nothing off was removed"));
  }
}

// A constant of which several movers were carried out is the first of them.
void GoneTensors::AddGone(Name name, std::string stays, std::string how) {
  if (stays_.try_emplace(name, std::move(stays)).second) {
    gone_.push_back({std::move(name), std::move(how)});
  }
}

std::string GoneTensors::StandsFor(size_t graph, const std::string& name) const {
  std::string stands;
  for (auto found = stays_.find(Name(graph, name)); found != stays_.end();
       found = stays_.find(Name(graph, stands))) {
    stands = found->second;
  }
  return stands;
}

void GoneTensors::Tell(const std::string& path, Diagnostics& diagnostics) const {
  constexpr size_t kMost = 5;
  size_t annotated = 0;
  for (const Gone& gone : gone_) {
    const bool counts = annotated_.contains(gone.name) && ++annotated <= kMost;
    diagnostics.Add(
        {.severity = counts ? Severity::kRemark : Severity::kNote,
         .file = path,
         .tensor = gone.name.second,
         .problem = absl::StrCat(gone.how, "; '", StandsFor(gone.name.first, gone.name.second),
                                 "' stands for the tensor")});
  }
  if (annotated <= kMost) return;
  const size_t more = annotated - kMost;
  diagnostics.Add(
      {.severity = Severity::kRemark,
       .file = path,
       .problem = absl::StrCat(more, " more annotated ", more == 1 ? "tensor went" : "tensors went",
                               " likewise (--verbose and --report name what stands "
                               "for each)")});
}

}  // namespace q_implant
