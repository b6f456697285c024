// SPDX-License-Identifier: Apache-2.0
#include "pass/target/target_file_forms.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/target/mend_file_forms.h"

namespace q_implant {
namespace {

struct FormRule {
  std::vector<Target> targets;  // who does not read the other form
  const char* now;              // what stands in its place, for the remark
  size_t (*mend)(Model&);
};

// What runtimes do with these forms is measured: testdata/file_forms, whose tests hold this list
// against it.
const std::vector<FormRule>& FormRules() {
  static const auto& rules = *new std::vector<FormRule>{
      {{Target::kOnert},
       "tensors that nothing refers to and it can't load are gone",
       RemoveUnreadTensors},
      {{Target::kOnert}, "an empty name where a tensor had none", NameTensors},
      {{Target::kOnert}, "an empty list where a graph or a node had none", StoreLists},
      {{Target::kOnert}, "default options where a node had none", AddDefaultOptions},
      {{Target::kOnert},
       "a shape input where a Reshape had the shape in its options only",
       AddShapeInputs},
      {{Target::kOnert},
       "the shape alone where a shape_signature said that it may change (onert's callers may still "
       "change that of an input)",
       DropShapeSignatures},
      {{Target::kOnert}, "no sparsity of computed tensors", DropSparsityWithoutData},
      {{Target::kOnert}, "no custom quantization beside a scale", DropCustomQuantization},
      {{Target::kOnert}, "data of length 0 where metadata had none", StoreDataOfMetadata},
      {{Target::kLiteRt, Target::kOnert},
       "no data where the buffer of a computed tensor had data of length 0",
       EmptyBuffersOfRuntimeTensors},
      {{Target::kLiteRt},
       "a buffer of its own for a constant in buffer 0",
       MoveConstantsOutOfFirstBuffer},
      {{Target::kLiteRt},
       "axis 0 where a tensor of one scale named an axis that it lacks",
       MendChannelAxes},
      {{Target::kLiteRt}, "an empty key where a signature had none", NameSignatures},
      {{Target::kLiteRt}, "version 3 of the file's format", MendVersion},
      {{Target::kLiteRt},
       "operator codes that it does not know and no node names are gone",
       RemoveUnknownOperatorCodes},
      {{Target::kLiteRt}, "version 1 where an operator had a lower one", MendOperatorVersions},
  };
  return rules;
}

void Warn(const Model& model, std::string tensor, std::string problem, std::string advice,
          Diagnostics& diagnostics) {
  diagnostics.Add({.severity = Severity::kWarning,
                   .file = model.path,
                   .tensor = std::move(tensor),
                   .problem = std::move(problem),
                   .advice = std::move(advice)});
}

void WarnOfUnreadTensors(const Model& model, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    for (size_t t = 0; t < model.graphs[g].tensors.size(); ++t) {
      const Tensor& tensor = model.graphs[g].tensors[t];
      const char* why = WhyOnertRefuses(model, tensor);
      if (why == nullptr) continue;
      Warn(model, DisplayName(model, g, static_cast<TensorId>(t)),
           absl::StrCat("onert does not load a model with ", why, " (", TypeName(tensor.type), ")"),
           "convert the model without it", diagnostics);
    }
  }
}

// The exporter puts constants behind the flatbuffer then (circle_exporter.h), where onert does not
// look for them.
void WarnOfSize(const Model& model, Diagnostics& diagnostics) {
  uint64_t bytes = 0;
  absl::flat_hash_set<std::pair<const uint8_t*, size_t>> seen;
  for (const Buffer& buffer : model.buffers) {
    if (seen.insert({buffer.data(), buffer.size()}).second) bytes += buffer.size();
  }
  if (bytes < FLATBUFFERS_MAX_BUFFER_SIZE) return;
  Warn(model, "", absl::StrCat("onert does not load a model of ", bytes, " bytes of constants"),
       "make it smaller than 2 GiB", diagnostics);
}

}  // namespace

bool TakeTargetFileForms(Target target, Model& model, Diagnostics& diagnostics) {
  std::vector<std::string> changes;
  for (const FormRule& rule : FormRules()) {
    if (std::find(rule.targets.begin(), rule.targets.end(), target) == rule.targets.end()) continue;
    const size_t count = rule.mend(model);
    if (count > 0) changes.push_back(absl::StrCat(rule.now, " (", count, ")"));
  }
  if (!changes.empty()) {
    diagnostics.Add({.severity = Severity::kRemark,
                     .file = model.path,
                     .problem = absl::StrCat("for ", TargetName(target),
                                             ": the file is written in a form that it reads, the "
                                             "model is the same: ",
                                             absl::StrJoin(changes, "; "))});
  }
  if (target == Target::kOnert) {
    WarnOfUnreadTensors(model, diagnostics);
    WarnOfSize(model, diagnostics);
  }
  return !changes.empty();
}

}  // namespace q_implant
