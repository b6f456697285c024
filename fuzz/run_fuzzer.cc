// SPDX-License-Identifier: Apache-2.0
// A whole run on a model whose fields were changed, with random parameters and options. No status
// may be kInternal, and every output is taken by the importer, by extraction, by the adaptation and
// by the other passes; export of import is byte-stable.

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "export/circle_exporter.h"
#include "fuzz/change_model.h"
#include "import/circle_importer.h"
#include "pass/adapt_to_target_pass.h"
#include "pass/convert_eight_bit_pass.h"
#include "pass/extract_params.h"
#include "pass/mend_faults.h"
#include "pass/quantize_with_imported_params_pass.h"
#include "pass/remove_needless_quantize_pass.h"
#include "pass/remove_unused_passes.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace q_implant {
namespace {

void Require(bool holds, const char* what, const absl::Status& status = absl::OkStatus()) {
  if (holds && status.code() != absl::StatusCode::kInternal) return;
  std::fprintf(stderr, "%s: %s\n", what, status.ToString().c_str());
  abort();
}

QuantParams RandomParams(std::minstd_rand& random) {
  constexpr circle::TensorType kTypes[] = {circle::TensorType_UINT8, circle::TensorType_INT8,
                                           circle::TensorType_INT16};
  constexpr float kScales[] = {0.5f, 0.01f, 1e-6f, 1};
  QuantParams params{.dtype = kTypes[random() % 3], .scale = {kScales[random() % 4]}};
  params.zero_point = {
      params.dtype == circle::TensorType_UINT8 ? static_cast<int64_t>(random() % 256) : 0};
  return params;
}

// Entries for some of the model's tensors.
Params RandomEntries(const Model& model, std::minstd_rand& random) {
  Params params;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    for (size_t t = 0; t < model.graphs[g].tensors.size(); ++t) {
      const Tensor& tensor = model.graphs[g].tensors[t];
      if (tensor.type != circle::TensorType_FLOAT32 || random() % 4 == 0) continue;
      ParamEntry entry = MakeEntry(RandomParams(random), tensor.shape, Bytes());
      entry.key = entry.target = "#" + std::to_string(g) + "/" + std::to_string(t);
      params.entries.push_back(std::move(entry));
    }
  }
  return params;
}

// What becomes of the model after a pass that succeeds: the same as the importer makes of its file.
void CheckOutput(const Model& model, const char* after) {
  const auto bytes = ExportCircleToBytes(model);
  Require(bytes.ok(), after, bytes.status());
  const auto again = ImportCircle(Bytes::Own(*bytes), "again.circle");
  Require(again.ok(), after, again.status());
  Require(*ExportCircleToBytes(*again) == *bytes, after);
}

void RunPass(Pass&& pass, const Bytes& file) {
  auto model = ImportCircle(file, "m.circle");
  Require(model.ok(), "import", model.status());
  Diagnostics diagnostics;
  const auto changed = pass.Run(*model, diagnostics);
  Require(changed.ok() || diagnostics.has_errors(), pass.name().data(), changed.status());
  if (changed.ok()) CheckOutput(*model, pass.name().data());
}

void Extract(const Bytes& file) {
  auto model = ImportCircle(file, "m.circle");
  Diagnostics diagnostics;
  MendFaults(*model, diagnostics);
  const auto extracted = ExtractParams(*model, diagnostics);
  Require(extracted.ok() || diagnostics.has_errors(), "extract", extracted.status());
}

void RunOthers(const Bytes& file) {
  Extract(file);
  for (Target target : kTargets) RunPass(AdaptToTargetPass(target), file);
  RunPass(ConvertEightBitPass(circle::TensorType_UINT8), file);
  RunPass(ConvertEightBitPass(circle::TensorType_INT8), file);
  RunPass(RemoveNeedlessQuantizePass(), file);
  RunPass(RemoveUnusedTensorsPass(), file);
  RunPass(RemoveUnusedBuffersPass(), file);
  RunPass(RemoveUnusedOperatorCodesPass(), file);
}

void Run(const Bytes& file) {
  auto model = ImportCircle(file, "m.circle");
  if (!model.ok()) return Require(true, "import", model.status());
  CheckOutput(*model, "import");
  std::minstd_rand random(static_cast<uint32_t>(file.size() * 31 + file.span()[file.size() / 2]));
  QuantizeOptions options;
  options.target = static_cast<Target>(random() % 3);
  options.hybrid = random() % 2 == 0;
  options.keep_bias = random() % 4 == 0;
  options.report = random() % 2 == 0;
  QuantizeWithImportedParamsPass pass(RandomEntries(*model, random), options);
  Diagnostics diagnostics;
  const auto changed = pass.Run(*model, diagnostics);
  Require(changed.ok() || diagnostics.has_errors(), "quantize", changed.status());
  if (changed.ok()) {
    CheckOutput(*model, "quantize");
    RunOthers(Bytes::Own(*ExportCircleToBytes(*model)));
  }
  RunOthers(file);
}

}  // namespace
}  // namespace q_implant

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned int seed) {
  using namespace q_implant;
  std::minstd_rand random(seed);
  flatbuffers::Verifier verifier(data, size);
  if (random() % 16 == 0 || size < 8 || !verifier.VerifyBuffer<circle::Model>(nullptr)) {
    return LLVMFuzzerMutate(data, size, max_size);
  }
  const std::unique_ptr<circle::ModelT> model(circle::GetModel(data)->UnPack());
  for (auto changes = 1 + random() % 3; changes > 0; --changes) ChangeModel(*model, random);
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(circle::CreateModel(builder, model.get()), "CIR0");
  if (builder.GetSize() > max_size) return size;
  std::copy_n(builder.GetBufferPointer(), builder.GetSize(), data);
  return builder.GetSize();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 0) q_implant::Run(q_implant::Bytes::Own({data, data + size}));
  return 0;
}
