// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/needed_forms.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/quant_params.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

std::string FormText(const ParamsPtr& form) {
  return form == nullptr ? "float32" : DescribeParams(*form);
}

// "%x: <own form> <- <form>, <form>", with the role where it has one, a line for each tensor.
std::string DemandsText(absl::string_view graph, absl::string_view annotations,
                        const QuantizeOptions& options = {}) {
  const auto planned = PlanUpTo("derive", graph, annotations, options);
  const Graph& first = planned->model.graphs[0];
  const std::vector<NeededForms> demands =
      FindNeededForms(planned->model, first, planned->plan.graphs[0]);
  std::string lines;
  for (size_t t = 0; t < demands.size(); ++t) {
    absl::StrAppend(&lines, "%", first.tensors[t].name, ": ", FormText(demands[t].own));
    const char* separator = " <- ";
    for (const ParamsPtr& form : demands[t].forms) {
      absl::StrAppend(&lines, separator, FormText(form));
      separator = ", ";
    }
    absl::StrAppend(&lines, demands[t].is_weights ? " (weights)" : "",
                    demands[t].is_bias && !demands[t].forms.empty() ? " (bias)" : "", "\n");
  }
  return lines;
}

TEST(NeededFormsTest, EachFormOnceInTheOrderOfTheNodes) {
  EXPECT_EQ(DemandsText(R"(graph (%x: float32[1]) -> () {
    %p: float32[2] = CONCATENATION(%x, %x) {}
    %q: float32[1] = SIN(%x)
    %r: float32[2] = CONCATENATION(%x, %x) {}
    %s: float32[1] = COS(%x)
  })",
                        "tensor %x: int8[] q(1, 3)  tensor %p: int8[] q(2, 0)"
                        "tensor %r: int8[] q(2, 0)"),
            "%x: int8 scale 1 zero point 3 <- int8 scale 2 zero point 0, float32\n"
            "%p: int8 scale 2 zero point 0\n"
            "%q: float32\n"
            "%r: int8 scale 2 zero point 0\n"
            "%s: float32\n");
}

TEST(NeededFormsTest, WeightsAndBiases) {
  EXPECT_EQ(DemandsText(R"(graph (%x: float32[1,1]) -> () {
    const %w: float32[1,1] = {1}
    const %b: float32[1] = {1}
    const %c: float32[1] = {1}
    %p: float32[1,1] = FULLY_CONNECTED(%x, %w, %b) {}
    %q: float32[1,1] = FULLY_CONNECTED(%x, %w, %c) {}
    %r: float32[1] = SIN(%c)
  })",
                        "tensor %x: int8[] q(1, 3)  tensor %w: int8[] q(1, 0)"
                        "tensor %p: int8[] q(2, 0)"),
            "%x: int8 scale 1 zero point 3 <- int8 scale 1 zero point 3, float32\n"
            "%w: int8 scale 1 zero point 0 <- int8 scale 1 zero point 0, float32 (weights)\n"
            "%b: int32 scale 1 zero point 0 <- int32 scale 1 zero point 0 (bias)\n"
            "%c: float32 <- float32\n"
            "%p: int8 scale 2 zero point 0\n"
            "%q: float32\n"
            "%r: float32\n");
}

}  // namespace
}  // namespace q_implant
