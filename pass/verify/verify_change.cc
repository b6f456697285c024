// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/verify_change.h"

#include <algorithm>
#include <cstdint>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "pass/graph/def_use.h"
#include "pass/verify/verify_graph.h"

namespace q_implant {
namespace {

// A problem without the names in it: a node's output may have another one after the change, where
// something converts it, and a fault that the node came with is the same one then.
std::string KindOf(absl::string_view problem) {
  std::string kind;
  bool quoted = false;
  for (char c : problem) {
    if (c == '\'') quoted = !quoted;
    if (!quoted) kind += c;
  }
  return kind;
}

// What is found afterwards beyond as many problems of the same kind as there were before.
void AddNew(const std::vector<std::string>& before, const std::vector<std::string>& after,
            std::vector<std::string>& problems) {
  absl::flat_hash_map<std::string, size_t> had;
  absl::flat_hash_set<absl::string_view> known;
  for (const std::string& problem : before) {
    ++had[KindOf(problem)];
    known.insert(problem);
  }
  for (bool is_known : {true, false}) {  // those of other names last
    for (const std::string& problem : after) {
      if (known.contains(problem) != is_known) continue;
      size_t& left = had[KindOf(problem)];
      if (left == 0) {
        problems.push_back(problem);
      } else {
        --left;
      }
    }
  }
}

bool IsOrphan(const Graph& graph, const DefUse& def_use, TensorId id) {
  return def_use.producer(id) == kNoNode && def_use.uses(id).empty() && !def_use.is_input(id) &&
         !def_use.is_output(id) && !graph.tensor(id).is_variable;
}

// Buffer 0 is the empty one by convention. Counted here and not by FindUsedBuffers, since removals
// go by that.
size_t CountUnusedBuffers(const Model& model) {
  std::vector<bool> used(model.buffers.size(), false);
  const auto use = [&](int64_t buffer) {
    if (buffer >= 0 && static_cast<size_t>(buffer) < used.size()) {
      used[static_cast<size_t>(buffer)] = true;
    }
  };
  use(0);
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) use(tensor.buffer);
  }
  for (const Metadata& metadata : model.metadata) use(metadata.buffer);
  for (int32_t buffer : model.metadata_buffer) use(buffer);
  return static_cast<size_t>(std::count(used.begin(), used.end(), false));
}

}  // namespace

Verification::Counts Verification::CountNames(const Model& model) {
  Counts names;
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) ++names[tensor.name];
  }
  return names;
}

Verification::Counts Verification::CountOrphans(const Model& model) {
  Counts orphans;
  for (const Graph& graph : model.graphs) {
    const DefUse def_use(graph);
    std::vector<bool> intermediate(graph.tensors.size(), false);
    for (const Node& node : graph.nodes) {
      for (TensorId id : node.intermediates) {
        if (id != kNoTensor) intermediate[static_cast<size_t>(id)] = true;
      }
    }
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      if (intermediate[t]) continue;
      if (IsOrphan(graph, def_use, static_cast<TensorId>(t))) ++orphans[graph.tensors[t].name];
    }
  }
  return orphans;
}

Verification::Verification(const Model& before, std::optional<KernelChecks> checks)
    : checks_(checks), faults_(VerifyModel(before)) {
  if (!faults_.empty()) return;  // the rest follows references, which may be among them
  misread_ = Misread(before);
  names_ = CountNames(before);
  orphans_ = CountOrphans(before);
  unused_buffers_ = CountUnusedBuffers(before);
}

std::vector<std::string> Verification::Misread(const Model& model) const {
  return checks_.has_value() ? FindWrongNodes(model, *checks_) : std::vector<std::string>();
}

void Verification::WarnOfFaults(const Model& before, Diagnostics& diagnostics) const {
  constexpr size_t kMost = 5;
  for (size_t i = 0; i < std::min(faults_.size(), kMost); ++i) {
    diagnostics.Add({.severity = Severity::kWarning,
                     .file = before.path,
                     .problem = absl::StrCat("the model came with a fault: ", faults_[i]),
                     .advice = "repair it first: the result will have it too"});
  }
}

void Verification::AddLeftovers(const Model& after, std::vector<std::string>& problems) const {
  for (const auto& [name, count] : CountOrphans(after)) {
    const auto had = orphans_.find(name);
    if (had == orphans_.end() || count > had->second) {
      problems.push_back(absl::StrCat("nothing makes or reads '", name, "' any more"));
    }
  }
  const size_t unused = CountUnusedBuffers(after);
  if (unused > unused_buffers_) {
    problems.push_back(absl::StrCat(unused - unused_buffers_, " buffers are left over"));
  }
}

std::vector<std::string> Verification::Problems(const Model& after) const {
  std::vector<std::string> problems;
  const std::vector<std::string> faults = VerifyModel(after);
  AddNew(faults_, faults, problems);
  if (faults.empty() && faults_.empty()) {
    AddNew(misread_, Misread(after), problems);
    for (const auto& [name, count] : CountNames(after)) {
      const auto had = names_.find(name);
      const size_t allowed = had == names_.end() ? 0 : had->second;
      if (name.empty() && count > allowed) problems.push_back("a new tensor has no name");
      if (!name.empty() && count > std::max<size_t>(allowed, 1)) {
        problems.push_back(absl::StrCat("'", name, "' names ", count, " tensors"));
      }
    }
    if (checks_.has_value()) AddLeftovers(after, problems);
  }
  std::sort(problems.begin(), problems.end());
  return problems;
}

absl::Status Verification::Check(const Model& after, absl::string_view what) const {
  const std::vector<std::string> problems = Problems(after);
  if (problems.empty()) return absl::OkStatus();
  if (!faults_.empty()) {  // which may lead to any others
    return absl::InvalidArgumentError(absl::StrCat(
        "the model came with faults, and ", what, " would have others; repair the model first:\n  ",
        absl::StrJoin(problems, "\n  ")));
  }
  return absl::InternalError(
      absl::StrCat(what, " is not sound, please report this as a bug of q-implant:\n  ",
                   absl::StrJoin(problems, "\n  ")));
}

}  // namespace q_implant
