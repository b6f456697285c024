// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/undo_eight_bit.h"

#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/rewrite/convert_eight_bit_pass.h"

namespace q_implant {
namespace {

constexpr char kInt8[] = R"(graph (%x: int8[1,2] q(0.5, -3)) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {-127, -1, 0, 127}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: int8[1,2] q(1, -128) = FULLY_CONNECTED(%x, %w, %b) {}
  })";

void ExpectUnchanged(absl::string_view text) {
  Model model = ModelFromText(text);
  EXPECT_EQ(UndoEightBit(model), circle::TensorType_FLOAT32);
  EXPECT_EQ(PrintModel(model), Canonical(text));
}

// No kernel takes uint8 weights per channel.
TEST(UndoEightBitTest, WhatOnlyAConversionMakesIsTakenBack) {
  Model model = ModelFromText(kInt8);
  Diagnostics diagnostics;
  ASSERT_TRUE(ConvertEightBitPass(circle::TensorType_UINT8).Run(model, diagnostics).ok());
  ASSERT_NE(PrintModel(model), Canonical(kInt8));
  EXPECT_EQ(UndoEightBit(model), circle::TensorType_UINT8);
  EXPECT_EQ(PrintModel(model), Canonical(kInt8));
}

TEST(UndoEightBitTest, WhatIsRightStays) {
  ExpectUnchanged(kInt8);
  ExpectUnchanged(R"(graph (%x: uint8[2] q(0.5, 128)) -> (%y) {
    %y: uint8[2] q(0.00390625, 0) = LOGISTIC(%x)
  })");
}

TEST(UndoEightBitTest, WhatIsWrongEitherWayStays) {
  ExpectUnchanged(R"(graph (%x: uint8[2] q(0.5, 128)) -> (%y) {
    %y: uint8[2] q(0.5, 128) = LOGISTIC(%x)
  })");
}

// The conversion leaves one type.
TEST(UndoEightBitTest, ModelsOfBothTypesStay) {
  ExpectUnchanged(R"(graph (%x: uint8[1,2] q(0.5, 125), %z: int8[2] q(1, 0)) -> (%y, %v) {
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {1, 127, 128, 255}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    %y: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    %v: int8[2] q(0.5, 0) = ABS(%z) {}
  })");
}

}  // namespace
}  // namespace q_implant
