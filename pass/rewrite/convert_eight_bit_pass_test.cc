// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/convert_eight_bit_pass.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// What the pass tells, and the model after it.
std::string Converted(circle::TensorType to, Model model) {
  Diagnostics diagnostics;
  if (!ConvertEightBitPass(to).Run(model, diagnostics).ok()) return "failed";
  return absl::StrCat(diagnostics.all().front().problem, "\n", PrintModel(model));
}

constexpr char kSigned[] = R"(graph (%x: int8[1,2] q(0.5, -3), %h: int16[2] q(1, 0)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {-128, -1, 0, 127}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    const %plain: int8[2] = {-1, 1}
    %y: int8[1,2] q(1, -128) = FULLY_CONNECTED(%x, %w, %b) {}
    %z: int8[1,2] q(1, -128) = CUSTOM "c"(%plain, %h, %y)
  })";
constexpr char kUnsigned[] = R"(graph (%x: uint8[1,2] q(0.5, 125), %h: int16[2] q(1, 0)) -> (%y) {
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {0, 127, 128, 255}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    const %plain: int8[2] = {-1, 1}
    %y: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    %z: uint8[1,2] q(1, 0) = CUSTOM "c"(%plain, %h, %y)
  })";

TEST(ConvertEightBitPassTest, Int8ToUint8) {
  EXPECT_EQ(Converted(circle::TensorType_UINT8, ModelFromText(kSigned)),
            absl::StrCat("4 tensors are uint8 instead of int8, the same numbers with zero points "
                         "moved by 128\n",
                         Canonical(kUnsigned)));
}

TEST(ConvertEightBitPassTest, AndBack) {
  EXPECT_EQ(Converted(circle::TensorType_INT8, ModelFromText(kUnsigned)),
            absl::StrCat("4 tensors are int8 instead of uint8, the same numbers with zero points "
                         "moved by 128\n",
                         Canonical(kSigned)));
}

// Two constants that share their bytes with each other and with one that keeps them.
TEST(ConvertEightBitPassTest, SharedBuffers) {
  Model model = ModelFromText(R"(graph () -> () {
    const %a: int8[2] q(1, 0) = {1, 2}
    const %b: int8[2] q(2, 0) = {1, 2}
    const %plain: int8[2] = {1, 2}
  })");
  for (Tensor& tensor : model.graphs[0].tensors) tensor.buffer = model.graphs[0].tensors[0].buffer;
  Diagnostics diagnostics;
  ASSERT_TRUE(ConvertEightBitPass(circle::TensorType_UINT8).Run(model, diagnostics).ok());
  EXPECT_EQ(PrintModel(model), Canonical(R"(graph () -> () {
    const %a: uint8[2] q(1, 128) buffer 4 = {129, 130}
    const %b: uint8[2] q(2, 128) buffer 4 = {129, 130}
    const %plain: int8[2] = {1, 2}
  })"));
}

// They are of the int16 and float32 operators.
TEST(ConvertEightBitPassTest, WeightsBesideOtherDataStay) {
  Model model = ModelFromText(R"(graph (%h: int16[1,1] q(1, 0), %f: float32[1,1]) -> () {
    const %w: int8[1,1] q(0.5, 0) = {1}
    const %v: int8[1,1] q(0.5, 0) = {1}
    %y: int16[1,1] q(1, 0) = FULLY_CONNECTED(%h, %w, _) {}
    %z: float32[1,1] = FULLY_CONNECTED(%f, %v, _) {}
  })");
  Diagnostics diagnostics;
  const auto changed = ConvertEightBitPass(circle::TensorType_UINT8).Run(model, diagnostics);
  ASSERT_TRUE(changed.ok());
  EXPECT_FALSE(*changed);
  EXPECT_TRUE(diagnostics.all().empty());
}

TEST(ConvertEightBitPassTest, AZeroPointOfNoInt8) {
  Model model = ModelFromText("graph (%x: int8[2] q(1, 9223372036854775807)) -> (%x) {}");
  model.path = "m.circle";
  Diagnostics diagnostics;
  EXPECT_EQ(
      ConvertEightBitPass(circle::TensorType_UINT8).Run(model, diagnostics).status().message(),
      "error: m.circle: tensor 'x': a zero point is not int8; mend the model");
}

TEST(ConvertEightBitPassTest, SparseConstants) {
  Model model = ModelFromText("graph () -> () { const %w: int8[2] q(1, 0) = {1, 2} }");
  model.path = "m.circle";
  model.graphs[0].tensors[0].compression = static_cast<circle::CompressionType>(1);
  Diagnostics diagnostics;
  EXPECT_EQ(
      ConvertEightBitPass(circle::TensorType_UINT8).Run(model, diagnostics).status().message(),
      "error: m.circle: tensor 'w': the constant is stored sparse or compressed: expected "
      "plain data; convert the model without sparsity and compression");
}

}  // namespace
}  // namespace q_implant
