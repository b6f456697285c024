// SPDX-License-Identifier: Apache-2.0
#include "pass/target/copy_outputs.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kOne[] =
    "remark: for onert: 1 graph output that nodes inside read is made by a Reshape that copies "
    "what "
    "they read, for onert may overwrite it: 'y'\n";

// What is told, and the model afterwards. A second run changes nothing.
std::string Copy(absl::string_view text) {
  Model model = ModelFromText(text);
  Diagnostics diagnostics;
  CopyOutputsForOnert(model, diagnostics);
  std::string told;
  for (const Diagnostic& d : diagnostics.all()) absl::StrAppend(&told, d.ToString(), "\n");
  Diagnostics second;
  EXPECT_TRUE(CopyOutputsForOnert(model, second).empty());
  EXPECT_TRUE(second.all().empty());
  return absl::StrCat(told, PrintModel(model));
}

std::string Expected(absl::string_view told, absl::string_view text) {
  return absl::StrCat(told, Canonical(text));
}

// Also where it is the only output: onert runs nodes that no output needs.
TEST(CopyOutputsTest, AnOutputThatANodeReads) {
  EXPECT_EQ(Copy(R"(graph (%x: float32[2,3]) -> (%y) {
    %y: float32[2,3] = COS(%x) {}
    %z: float32[2,3] = COS(%y) {}
  })"),
            Expected(kOne, R"(graph (%x: float32[2,3]) -> (%y) {
    %y_between: float32[2,3] = COS(%x) {}
    %z: float32[2,3] = COS(%y_between) {}
    const %y_numbers: int32[2] = {2, 3}
    %y: float32[2,3] = RESHAPE(%y_between, %y_numbers) {new_shape: [2, 3]}
  })"));
}

// Twice among the outputs, read in two slots, named by a signature.
TEST(CopyOutputsTest, EveryUseIsOfWhatIsCopied) {
  EXPECT_EQ(Copy(R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y, %z, %y) {
    %y: uint8[2] q(1, 4) = ADD(%x, %x) {}
    %z: uint8[2] q(2, 4) = ADD(%y, %y) {}
  }
  signature serving of graph 0 (x: %x) -> (y: %y, z: %z))"),
            Expected(kOne, R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y, %z, %y) {
    %y_between: uint8[2] q(1, 4) = ADD(%x, %x) {}
    %z: uint8[2] q(2, 4) = ADD(%y_between, %y_between) {}
    const %y_numbers: int32[1] = {2}
    %y: uint8[2] q(1, 4) = RESHAPE(%y_between, %y_numbers) {new_shape: [2]}
  }
  signature serving of graph 0 (x: %x) -> (y: %y, z: %z))"));
}

TEST(CopyOutputsTest, OfOtherTypesAndOfNoDimensions) {
  EXPECT_EQ(Copy(R"(graph (%x: float32[2,3]) -> (%y, %z) {
    const %axis: int32[1] = {0}
    %i: int32[] = RANK(%x) {}
    %y: int32[] = ADD(%i, %i) {}
    %z: int32[] = ADD(%y, %i) {}
  })"),
            Expected(kOne, R"(graph (%x: float32[2,3]) -> (%y, %z) {
    %i: int32[] = RANK(%x) {}
    %y_between: int32[] = ADD(%i, %i) {}
    %z: int32[] = ADD(%y_between, %i) {}
    const %y_numbers: int32[0] = {}
    %y: int32[] = RESHAPE(%y_between, %y_numbers) {}
    const %axis: int32[1] = {0}
  })"));
}

TEST(CopyOutputsTest, AnOpenSizeIsFound) {
  EXPECT_EQ(Copy(R"(graph (%x: float32[?1,3]) -> (%y, %z) {
    %y: float32[?1,3] = COS(%x) {}
    %z: float32[?1,3] = COS(%y) {}
  })"),
            Expected(kOne, R"(graph (%x: float32[?1,3]) -> (%y, %z) {
    %y_between: float32[?1,3] = COS(%x) {}
    %z: float32[?1,3] = COS(%y_between) {}
    const %y_numbers: int32[2] = {-1, 3}
    %y: float32[?1,3] = RESHAPE(%y_between, %y_numbers) {new_shape: [-1, 3]}
  })"));
}

// Inputs, constants, what no node reads, and outputs of graphs that a node runs.
TEST(CopyOutputsTest, WhatIsNotOverwrittenStays) {
  constexpr char kGraphs[] = R"(graph (%x: float32[2], %c: bool[1]) -> (%x, %k, %y, %z) {
    const %k: float32[2] = {1, 2}
    %y: float32[2] = ADD(%x, %k) {}
    %z: float32[2], %v: float32[2] = IF(%c, %x) {then_subgraph_index: 1, else_subgraph_index: 1}
  }
  graph branch(%a: float32[2]) -> (%b, %d) {
    %b: float32[2] = COS(%a) {}
    %d: float32[2] = COS(%b) {}
  })";
  EXPECT_EQ(Copy(kGraphs), Canonical(kGraphs));
}

// Two open sizes, and more dimensions than onert's Reshape takes.
TEST(CopyOutputsTest, WhatNoReshapeCopiesIsAWarning) {
  for (const char* shape : {"[?1,?1]", "[1,1,1,1,1,1,1]", "[*]"}) {
    const std::string text =
        absl::StrCat("graph (%x: float32", shape, ") -> (%y) {\n%y: float32", shape,
                     " = COS(%x) {}\n%z: float32", shape, " = COS(%y) {}\n}");
    EXPECT_EQ(Copy(text), Canonical(text));
    EXPECT_NE(RunPass(text, "", {.target = Target::kOnert})
                  .report.find("warning: model.circle: tensor 'y': onert may overwrite this graph "
                               "output, for nodes inside read it; let a node of its own make it, "
                               "which no other node reads, and compare it with another runtime"),
              std::string::npos)
        << shape;
  }
}

std::string Undo(absl::string_view text) {
  Model model = ModelFromText(text);
  UndoOutputCopies(model);
  return PrintModel(model);
}

TEST(CopyOutputsTest, Undone) {
  EXPECT_EQ(Undo(R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y, %z) {
    %y_between: uint8[2] q(1, 4) = ADD(%x, %x) {}
    %z: uint8[2] q(2, 4) = ADD(%y_between, %y_between) {}
    const %y_numbers: int32[1] = {2}
    %y: uint8[2] q(1, 4) = RESHAPE(%y_between, %y_numbers) {new_shape: [2]}
  })"),
            Canonical(R"(graph (%x: uint8[2] q(0.5, 3)) -> (%y, %z) {
    %y: uint8[2] q(1, 4) = ADD(%x, %x) {}
    %z: uint8[2] q(2, 4) = ADD(%y, %y) {}
    const %y_numbers: int32[1] = {2}
  })"));
}

// Another shape, other parameters, another name, of what no other node reads, of an output.
TEST(CopyOutputsTest, OtherReshapesStay) {
  for (const char* text : {R"(graph (%x: float32[2]) -> (%y, %z) {
    %y_between: float32[2] = COS(%x) {}
    %z: float32[2] = COS(%y_between) {}
    %y: float32[1,2] = RESHAPE(%y_between) {new_shape: [1, 2]}
  })",
                           R"(graph (%x: uint8[2] q(1, 0)) -> (%y, %z) {
    %y_between: uint8[2] q(1, 0) = RESHAPE(%x) {new_shape: [2]}
    %z: uint8[2] q(1, 0) = RESHAPE(%y_between) {new_shape: [2]}
    %y: uint8[2] q(2, 0) = RESHAPE(%y_between) {new_shape: [2]}
  })",
                           R"(graph (%x: float32[2]) -> (%y, %z) {
    %w: float32[2] = COS(%x) {}
    %z: float32[2] = COS(%w) {}
    %y: float32[2] = RESHAPE(%w) {new_shape: [2]}
  })",
                           R"(graph (%x: float32[2]) -> (%y) {
    %y_between: float32[2] = COS(%x) {}
    %y: float32[2] = RESHAPE(%y_between) {new_shape: [2]}
  })",
                           R"(graph (%x: float32[2]) -> (%y, %y_between) {
    %y_between: float32[2] = COS(%x) {}
    %z: float32[2] = COS(%y_between) {}
    %y: float32[2] = RESHAPE(%y_between) {new_shape: [2]}
  })"}) {
    EXPECT_EQ(Undo(text), Canonical(text));
  }
}

TEST(CopyOutputsTest, PartOfATarget) {
  constexpr char kGraph[] = R"(graph (%x: float32[2]) -> (%y, %z) {
    %y: float32[2] = COS(%x) {}
    %z: float32[2] = COS(%y) {}
  })";
  const Outcome outcome = RunPass(kGraph, "tensor %x: uint8[] q(1, 0)", {.target = Target::kOnert});
  EXPECT_EQ(outcome.report,
            absl::StrCat("remark: model.circle: ", absl::StripPrefix(kOne, "remark: ")));
  EXPECT_EQ(outcome.model, Canonical(R"(graph (%x: uint8[2] q(1, 0)) -> (%y, %z) {
    %x_dequant: float32[2] = DEQUANTIZE(%x) {}
    %y_between: float32[2] = COS(%x_dequant) {}
    %z: float32[2] = COS(%y_between) {}
    const %y_numbers: int32[1] = {2}
    %y: float32[2] = RESHAPE(%y_between, %y_numbers) {new_shape: [2]}
  })"));
  EXPECT_EQ(RunPass(kGraph, "tensor %x: uint8[] q(1, 0)", {.target = Target::kLiteRt})
                .model.find("RESHAPE"),
            std::string::npos);
}

}  // namespace
}  // namespace q_implant
