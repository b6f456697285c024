// SPDX-License-Identifier: Apache-2.0
#include "ir/dot_printer.h"

#include <string>

#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

// What stands between the settings at the top and the end.
std::string Frames(absl::string_view graph) {
  DotPicture picture;
  picture.Add("after", ModelFromText(graph));
  const std::string text = picture.ToString();
  const size_t begin = text.find("  subgraph");
  return text.substr(begin, text.size() - begin - 2);
}

TEST(DotPrinterTest, NodesAreColoredByWhatTheyComputeWith) {
  EXPECT_EQ(Frames(R"(graph (%x: float32[1,2]) -> (%y) {
    const %w: int8[2,2] q([0.5, 0.25], 0, axis 0) = {1, 2, 3, 4}
    %q: int8[1,2] q(0.5, 3) = QUANTIZE(%x)
    %f: int8[1,2] q(0.25, 0) = FULLY_CONNECTED(%q, %w, _) {}
    %y: float32[1,2] = SIN(%x)
  })"),
            R"(  subgraph "cluster_m0g0_" {
    label="after";
    "m0g0_in0" [label="x", shape=oval, fillcolor="#bbdefb"];
    "m0g0_n0" [label="QUANTIZE", fillcolor="#ffe0b2"];
    "m0g0_n1" [label="FULLY_CONNECTED", fillcolor="#c8e6c9"];
    "m0g0_n2" [label="SIN", fillcolor="#eceff1"];
    "m0g0_in0" -> "m0g0_n0" [label="x\nfloat32[1,2]"];
    "m0g0_n0" -> "m0g0_n1" [label="q\nint8[1,2]\nscale 0.5, zero point 3"];
    "m0g0_t1" [label="w\nint8[2,2]\n2 scales", shape=note, fontsize=9, fillcolor="#ffffff"];
    "m0g0_t1" -> "m0g0_n1";
    "m0g0_in0" -> "m0g0_n2" [label="x\nfloat32[1,2]"];
    "m0g0_out0" [label="y", shape=oval, fillcolor="#bbdefb"];
    "m0g0_n2" -> "m0g0_out0" [label="y\nfloat32[1,2]"];
  }
)");
}

TEST(DotPrinterTest, EachModelHasAFrameAndBoxesOfItsOwn) {
  const Model model = ModelFromText("graph (%x: float32[2]) -> (%y) { %y: float32[2] = SIN(%x) }");
  DotPicture picture;
  picture.Add("before", model);
  picture.Add("after", model);
  const std::string text = picture.ToString();
  EXPECT_NE(text.find(R"("m0g0_n0" [label="SIN")"), text.npos) << text;
  EXPECT_NE(text.find(R"("m1g0_n0" [label="SIN")"), text.npos) << text;
  EXPECT_NE(text.find("label=\"before\";"), text.npos) << text;
}

// Whatever a name holds, dot reads the text.
TEST(DotPrinterTest, NamesAreQuoted) {
  Model model = ModelFromText("graph (%x: float32[2]) -> (%x) {}");
  model.graphs[0].tensors[0].name = "a\"b\\c\nd";
  DotPicture picture;
  picture.Add("a", model);
  EXPECT_NE(picture.ToString().find(R"(label="a\"b)"), std::string::npos) << picture.ToString();
  EXPECT_EQ(picture.ToString().find("c\nd"), std::string::npos);
}

TEST(DotPrinterTest, PositionsThatLeadNowhereAreLeftOut) {
  Model model = ModelFromText("graph (%x: float32[2]) -> (%y) { %y: float32[2] = SIN(%x) }");
  model.graphs[0].nodes[0].inputs[0] = 77;
  model.graphs[0].outputs[0] = kNoTensor;
  DotPicture picture;
  picture.Add("a", model);
  EXPECT_EQ(picture.ToString().find("->"), std::string::npos);
}

}  // namespace
}  // namespace q_implant
