// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/resemblance.h"

#include <cmath>
#include <cstring>
#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/numbers/quantization_error.h"

namespace q_implant {
namespace {

// The model's weights are 0 1 2 3 4 5 6 7 8, as [3,3]; the value is `integers` at scale 1.
std::string Check(std::vector<uint8_t> integers, Severity severity = Severity::kWarning,
                  const char* weights = "= ramp(0, 1)") {
  const Model model =
      ModelFromText(std::string("graph (%x: float32[1,3]) -> (%y) {\n"
                                "  const %w: float32[3,3] ") +
                    weights + "\n  %y: float32[1,3] = FULLY_CONNECTED(%x, %w, _) {}\n}");
  ParamEntry entry = {.key = "w", .target = "w", .dtype = circle::TensorType_INT8};
  entry.value = Array{.type = circle::TensorType_INT8,
                      .shape = {3, 3},
                      .data = Bytes::Own(std::move(integers)),
                      .file = "w.npy"};
  Plan plan(model);
  for (size_t t = 0; t < model.graphs[0].tensors.size(); ++t) {
    if (model.graphs[0].tensors[t].name != "w") continue;
    plan.graphs[0].tensors[t] = {
        .origin = Origin::kAnnotated,
        .params = std::make_shared<const QuantParams>(
            QuantParams{.dtype = circle::TensorType_INT8, .scale = {1}, .zero_point = {0}}),
        .entry = &entry};
  }
  Diagnostics diagnostics;
  CheckResemblance(model, plan, severity, "p.json", diagnostics);
  return diagnostics.all().empty() ? "" : diagnostics.all().front().ToString();
}

TEST(ResemblanceTest, TrainedValuesNearTheFloatsAreFine) {
  EXPECT_EQ(Check({0, 1, 2, 3, 4, 5, 6, 7, 8}), "");
  EXPECT_EQ(Check({1, 0, 3, 2, 5, 4, 7, 6, 9}), "");
}

// Signal 204, noise of the transposed value (0 3 6 1 4 7 2 5 8): 2 * (4 + 16 + 4) = 48, 6.3 dB: too
// like; so the transposed layout is shown with weights of both signs.
TEST(ResemblanceTest, AWrongLayoutIsNamedWithTheTranspositionThatFits) {
  // -4 -3 -2 -1 0 1 2 3 4 against its transpose -4 -1 2 -3 0 3 -2 1 4: signal 60, noise 2 * (4 + 16
  // + 4) = 48, 1.0 dB.
  EXPECT_EQ(Check({252, 255, 2, 253, 0, 3, 254, 1, 4}, Severity::kWarning, "= ramp(-4, 1)"),
            "warning: p.json: tensor 'w': the value does not resemble the model's float32 data: "
            "expected a signal-to-noise ratio of 3 dB or more, found 1 dB in 'w.npy'; "
            "np.transpose(value, (1, 0)) would resemble it");
}

// Signal 204; each element off by its double: noise 4 * 204, -6 dB.
TEST(ResemblanceTest, AnotherTensorsValueIsReported) {
  EXPECT_EQ(Check({0, 255, 254, 253, 252, 251, 250, 249, 248}, Severity::kError),
            "error: p.json: tensor 'w': the value does not resemble the model's float32 data: "
            "expected a signal-to-noise ratio of 3 dB or more, found -6 dB in 'w.npy'; is it the "
            "value of this tensor? --check_values=off leaves out this check");
}

TEST(ResemblanceTest, AllZeroSidesAreLeftAlone) {
  EXPECT_EQ(Check(std::vector<uint8_t>(9, 0)), "");
  EXPECT_EQ(Check({0, 1, 2, 3, 4, 5, 6, 7, 8}, Severity::kWarning, "= fill(0)"), "");
}

TEST(ResemblanceTest, ErrorsAreCountedInScalesOfTheirChannel) {
  const std::vector<float> floats = {1.0f, 2.0f, 3.0f, 4.5f};
  std::vector<uint8_t> bytes(16);
  std::memcpy(bytes.data(), floats.data(), 16);
  const std::vector<uint8_t> integers = {2, 4, 3, 4};
  const QuantParams params = {.dtype = circle::TensorType_UINT8,
                              .scale = {0.5f, 1.0f},
                              .zero_point = {0, 0},
                              .quantized_dimension = 0};
  const QuantizationError error = CompareWithFloats(bytes, integers, {2, 2}, params);
  EXPECT_DOUBLE_EQ(error.greatest_steps, 0.5);
  // Signal 1 + 4 + 9 + 20.25, noise 0.25.
  EXPECT_NEAR(error.snr_db, 10 * std::log10(34.25 / 0.25), 1e-9);
}

}  // namespace
}  // namespace q_implant
