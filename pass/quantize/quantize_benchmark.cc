// SPDX-License-Identifier: Apache-2.0
// How the time of a run grows with the number of nodes, beside that of importing the same model.
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "export/circle_exporter.h"
#include "import/circle_importer.h"
#include "ir/testing/long_chain.h"
#include "pass/quantize/quantize_with_imported_params_pass.h"

namespace q_implant {
namespace {

void BM_Import(benchmark::State& state) {
  const Model model = LongChain(static_cast<size_t>(state.range(0)));
  const Bytes file = Bytes::Own(*ExportCircleToBytes(model));
  for (auto _ : state) benchmark::DoNotOptimize(ImportCircle(file, "long.circle"));
  state.SetComplexityN(state.range(0));
}

void BM_QuantizePass(benchmark::State& state) {
  const auto nodes = static_cast<size_t>(state.range(0));
  for (auto _ : state) {
    state.PauseTiming();
    Model model = LongChain(nodes);
    QuantizeWithImportedParamsPass pass(LongChainParams(nodes));
    Diagnostics diagnostics;
    state.ResumeTiming();
    if (!pass.Run(model, diagnostics).ok()) state.SkipWithError("the pass failed");
    state.PauseTiming();
    { const Model gone = std::move(model); }
    state.ResumeTiming();
  }
  state.SetComplexityN(state.range(0));
}

BENCHMARK(BM_Import)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();
BENCHMARK(BM_QuantizePass)
    ->RangeMultiplier(10)
    ->Range(1000, 100000)
    ->Unit(benchmark::kMillisecond)
    ->Complexity();

}  // namespace
}  // namespace q_implant
