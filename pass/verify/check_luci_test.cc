// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/check_luci.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

std::string Checked(absl::string_view text) {
  Model model = ModelFromText(text);
  model.path = "m.circle";
  Diagnostics diagnostics;
  CheckLuci(model, diagnostics);
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    absl::StrAppend(&lines, diagnostic.ToString(), "\n");
  }
  return lines;
}

TEST(CheckLuciTest, WhatLuciMakes) {
  EXPECT_EQ(Checked(R"(graph (%x: uint8[1,2] q(0.5, 3), %h: int16[1,2] q(0.5, 0)) -> () {
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q([0.25, 0.125], 0, axis 0) = {1, 2}
    const %v: int16[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %c: int64[2] q(0.25, 0) = {1, 2}
    %y: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
    %z: int16[1,2] q(1, 0) = FULLY_CONNECTED(%h, %v, %c) {}
    %s: uint8[1,2] q(0.003921569, 0) = SOFTMAX(%y) {}
    %r: uint8[2] q(2, 0) = RESHAPE(%y) {}
    %d: float32[1,2] = DEQUANTIZE(%s) {}
  })"),
            "");
}

TEST(CheckLuciTest, Types) {
  EXPECT_EQ(Checked(R"(graph (%x: int8[1,2] q(0.5, 3), %h: int16[1,2] q(0.5, 4)) -> () {})"),
            "warning: m.circle: tensor 'x': luci: its quantizer knows no such type: expected uint8 "
            "or int16, biases int32 or int64, found int8\n"
            "warning: m.circle: tensor 'h': luci: int16 is symmetric: expected zero point 0, found "
            "4\n");
}

TEST(CheckLuciTest, FixedOutputs) {
  EXPECT_EQ(
      Checked(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> () {
    %s: uint8[1,2] q(0.00390625, 0) = SOFTMAX(%x) {}
  })"),
      "warning: m.circle: tensor 's': luci: SOFTMAX has fixed parameters: expected uint8 scale "
      "0.003921569 zero point 0, found uint8 scale 0.00390625 zero point 0\n");
}

TEST(CheckLuciTest, Sides) {
  EXPECT_EQ(
      Checked(R"(graph (%x: uint8[4] q(0.5, 3), %b: int32[1]) -> () {
    %s: uint8[2] q(0.25, 3) = STRIDED_SLICE(%x, %b, %b, %b) {}
  })"),
      "warning: m.circle: tensor 's': luci: STRIDED_SLICE moves values, so its sides have equal "
      "parameters: expected uint8 scale 0.5 zero point 3, found uint8 scale 0.25 zero point "
      "3\n");
}

TEST(CheckLuciTest, WeightsAndBiases) {
  EXPECT_EQ(
      Checked(R"(graph (%h: int16[1,2] q(0.5, 0)) -> () {
    const %w: uint8[2,2] q(0.5, 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.5, 0) = {1, 2}
    %z: int16[1,2] q(1, 0) = FULLY_CONNECTED(%h, %w, %b) {}
  })"),
      "warning: m.circle: tensor 'z': luci: weights have the type of the data: expected int16, "
      "found uint8\n"
      "warning: m.circle: tensor 'z': luci: its bias has another type: expected int64, found "
      "int32\n"
      "warning: m.circle: tensor 'z': luci: its bias has another scale than data x weights: "
      "expected 0.25, found 0.5\n");
}

TEST(CheckLuciTest, BiasesOfOtherChannels) {
  EXPECT_EQ(Checked(R"(graph (%x: uint8[1,2] q(0.5, 3)) -> () {
    const %w: uint8[2,2] q([0.5, 0.25], 128, axis 0) = {1, 2, 3, 4}
    const %b: int32[2] q(0.25, 0) = {1, 2}
    %y: uint8[1,2] q(1, 0) = FULLY_CONNECTED(%x, %w, %b) {}
  })"),
            "warning: m.circle: tensor 'y': luci: its bias has as many scales as its weights: "
            "expected 2, found 1\n");
}

}  // namespace
}  // namespace q_implant
