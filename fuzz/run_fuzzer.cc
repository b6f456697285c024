// SPDX-License-Identifier: Apache-2.0
// A whole run on a model whose fields were changed. No status may be kInternal. What a pass leaves
// is taken by the importer, and is byte for byte the same when it is exported again; extraction,
// the adaptation and every other pass take what comes in and what comes out, or say why not.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "export/circle_exporter.h"
#include "fuzz/change_model.h"
#include "fuzz/choices.h"
#include "import/circle_importer.h"
#include "ir/printer.h"
#include "pass/extract/diff_params.h"
#include "pass/extract/extract_params.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"
#include "pass/rewrite/adapt_to_target_pass.h"
#include "pass/rewrite/convert_eight_bit_pass.h"
#include "pass/rewrite/remove_needless_quantize_pass.h"
#include "pass/rewrite/remove_unused_passes.h"
#include "pass/target/mend_faults.h"
#include "pass/verify/check_luci.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace q_implant {
namespace {

void Require(bool holds, absl::string_view what, const absl::Status& status = absl::OkStatus()) {
  if (holds && status.code() != absl::StatusCode::kInternal) return;
  std::fprintf(stderr, "%.*s: %s\n", static_cast<int>(what.size()), what.data(),
               status.ToString().c_str());
  abort();
}

Model Import(const Bytes& file, absl::string_view what) {
  absl::StatusOr<Model> model = ImportCircle(file, "m.circle");
  Require(model.ok(), what, model.status());
  return *std::move(model);
}

// The file that a pass which succeeded leaves: the importer takes it and loses nothing.
Bytes Export(const Model& model, absl::string_view what) {
  auto bytes = ExportCircleToBytes(model);
  Require(bytes.ok(), what, bytes.status());
  const Bytes file = Bytes::Own(*std::move(bytes));
  const auto again = ExportCircleToBytes(Import(file, what));
  Require(again.ok() && file.span() == absl::MakeConstSpan(*again), what, again.status());
  return file;
}

// A pass that fails says why.
bool Succeeds(Pass& pass, Model& model) {
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed = pass.Run(model, diagnostics);
  Require(changed.ok() || !changed.status().message().empty(), pass.name(), changed.status());
  return changed.ok();
}

void RunPass(Pass&& pass, const Bytes& file) {
  Model model = Import(file, pass.name());
  if (Succeeds(pass, model)) Export(model, pass.name());
}

// What was taken out goes in again, or there is a reason.
void Extract(const Bytes& file, const Bytes& original) {
  Model model = Import(file, "extract");
  Diagnostics diagnostics;
  MendFaults(model, diagnostics);
  auto extracted = ExtractParams(model, diagnostics);
  Require(extracted.ok() || diagnostics.has_errors(), "extract", extracted.status());
  if (!extracted.ok()) return;
  const QuantizeOptions options = {.input_types = extracted->input_types,
                                   .output_types = extracted->output_types,
                                   .keep_bias = extracted->keep_bias,
                                   .ignore_unknown = !extracted->unsure.empty(),
                                   .weight_only = extracted->weight_only,
                                   .hybrid = extracted->hybrid};
  RunPass(QuantizeWithImportedParamsPass(std::move(extracted->params), options), original);
}

void RunOthers(const Bytes& file, const Bytes& original) {
  Extract(file, original);
  for (Target target : kTargets) RunPass(AdaptToTargetPass(target), file);
  for (circle::TensorType type : {circle::TensorType_UINT8, circle::TensorType_INT8}) {
    RunPass(ConvertEightBitPass(type), file);
  }
  RunPass(RemoveNeedlessQuantizePass(), file);
  RunPass(RemoveUnusedTensorsPass(), file);
  RunPass(RemoveUnusedBuffersPass(), file);
  RunPass(RemoveUnusedOperatorCodesPass(), file);
}

// The file that the import of parameters makes of it; null bytes where it says why not.
Bytes Quantized(const Bytes& file, const Choices& choices) {
  Model model = Import(file, "import");
  QuantizeWithImportedParamsPass pass(EntriesFor(choices, model), OptionsFor(choices),
                                      ModeFor(choices));
  if (!Succeeds(pass, model)) return {};
  const circle::TensorType eight_bit = EightBitFor(choices);
  const bool converts = eight_bit != circle::TensorType_FLOAT32;
  ConvertEightBitPass convert(eight_bit);
  if (converts && !Succeeds(convert, model)) return {};
  return Export(model, pass.name());
}

void LookAt(const Bytes& file, const Bytes& quantized) {
  const Model before = Import(file, "before");
  const Model after = Import(quantized, "after");
  PrintModel(after);
  DiffParams(before, after);
  Diagnostics diagnostics;
  CheckLuci(after, diagnostics);
}

void Run(const Bytes& file) {
  const auto model = ImportCircle(file, "m.circle");
  if (!model.ok()) return Require(!model.status().message().empty(), "import", model.status());
  Export(*model, "import");
  const Bytes quantized = Quantized(file, Choices::Of(file.span()));
  RunOthers(file, file);
  if (quantized.data() == nullptr) return;
  LookAt(file, quantized);
  RunOthers(quantized, file);
}

Choices Changed(Choices choices, std::minstd_rand& random) {
  if (random() % 4 == 0) {
    choices.entries = static_cast<uint32_t>(random());
  } else if (random() % 4 == 0) {
    choices.options ^= uint32_t{1} << random() % 20;
  }
  return choices;
}

}  // namespace
}  // namespace q_implant

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  using namespace q_implant;
  std::minstd_rand random(seed);
  const Choices choices = Changed(Choices::Of({data, size}), random);
  flatbuffers::Verifier verifier(data, size);
  if (random() % 16 == 0 || size < 8 || !verifier.VerifyBuffer<circle::Model>(nullptr)) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::vector<uint8_t> file = ChangedModel({data, size}, random);
  if (file.size() + Choices::kSize > max_size) return size;
  std::copy(file.begin(), file.end(), data);
  choices.WriteTo(data + file.size());
  return file.size() + Choices::kSize;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  q_implant::Run(q_implant::Bytes::Own({data, data + size}));
  return 0;
}
