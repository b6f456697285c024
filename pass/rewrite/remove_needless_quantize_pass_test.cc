// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/remove_needless_quantize_pass.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/testing/graph_text.h"

namespace q_implant {
namespace {

using testing::ElementsAre;

struct Result {
  std::string graph;
  std::vector<std::string> notes;
};

Result Clean(absl::string_view text) {
  Model model = ModelFromText(text);
  Diagnostics diagnostics;
  const absl::StatusOr<bool> changed = RemoveNeedlessQuantizePass().Run(model, diagnostics);
  Result result{.graph = PrintModel(model), .notes = {}};
  for (const Diagnostic& note : diagnostics.all()) result.notes.push_back(note.ToString());
  EXPECT_EQ(changed, absl::StatusOr<bool>(result.graph != Canonical(text)));
  EXPECT_EQ(result.notes.empty(), result.graph == Canonical(text));
  return result;
}

void ExpectUnchanged(absl::string_view text) { EXPECT_EQ(Clean(text).graph, Canonical(text)); }

TEST(RemoveNeedlessQuantizeTest, BetweenEqualParameters) {
  const Result result = Clean(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %q: int8[2] q(0.5, 3) = QUANTIZE(%x) {}
    %y: int8[2] q(1, 0) = ABS(%q) {}
  })");
  EXPECT_EQ(result.graph, Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: int8[2] q(1, 0) = ABS(%x) {}
  })"));
  EXPECT_THAT(result.notes,
              ElementsAre("note: tensor 'q': a needless QUANTIZE went; 'x' holds the same"));
}

TEST(RemoveNeedlessQuantizeTest, BetweenOtherParametersStays) {
  ExpectUnchanged(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %q: int8[2] q(0.5, 4) = QUANTIZE(%x) {}
    %u: uint8[2] q(0.5, 132) = QUANTIZE(%x) {}
    %y: int8[2] q(1, 0) = CUSTOM "c"(%q, %u)
  })");
}

// A graph output keeps its name; what made the other tensor makes it instead.
TEST(RemoveNeedlessQuantizeTest, OutputsKeepTheirNames) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(1, 0)) -> (%y) {
    %a: int8[2] q(0.5, 3) = ABS(%x) {}
    %z: int8[2] q(1, 0) = ABS(%a) {}
    %y: int8[2] q(0.5, 3) = QUANTIZE(%a) {}
  })")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(1, 0)) -> (%y) {
    %y: int8[2] q(0.5, 3) = ABS(%x) {}
    %z: int8[2] q(1, 0) = ABS(%y) {}
  })"));
}

// onert would give its memory away.
TEST(RemoveNeedlessQuantizeTest, OneOfSeveralOutputsDoesNotComeToBeReadInside) {
  ExpectUnchanged(R"(graph (%x: int8[2] q(1, 0)) -> (%y, %z) {
    %a: int8[2] q(0.5, 3) = ABS(%x) {}
    %z: int8[2] q(1, 0) = ABS(%a) {}
    %y: int8[2] q(0.5, 3) = QUANTIZE(%a) {}
  })");
  ExpectUnchanged(R"(graph (%x: int8[2] q(1, 0)) -> (%y, %z) {
    %y: float32[2] = DEQUANTIZE(%x) {}
    %f: float32[2] = DEQUANTIZE(%x) {}
    %z: float32[2] = ABS(%f) {}
  })");
  ExpectUnchanged(R"(graph (%x: int8[2] q(1, 0)) -> (%y, %f) {
    %a: int8[2] q(0.5, 3) = ABS(%x) {}
    %f: float32[2] = DEQUANTIZE(%a) {}
    %y: int8[2] q(0.5, 3) = QUANTIZE(%f) {}
  })");
}

// Not by what goes, and not more than it was.
TEST(RemoveNeedlessQuantizeTest, SeveralOutputsThatMayBeMade) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(1, 0)) -> (%y, %z, %v) {
    %a: int8[2] q(0.5, 3) = ABS(%x) {}
    %f: float32[2] = DEQUANTIZE(%a) {}
    %q: int8[2] q(0.5, 3) = QUANTIZE(%f) {}
    %f2: float32[2] = DEQUANTIZE(%q) {}
    %y: int8[2] q(0.5, 3) = QUANTIZE(%f2) {}
    %b: int8[2] q(0.5, 3) = ABS(%x) {}
    %z: int8[2] q(0.5, 3) = QUANTIZE(%b) {}
    %v: int8[2] q(0.5, 3) = ABS(%x) {}
    %r: int8[2] q(0.5, 3) = QUANTIZE(%v) {}
    %s: int8[2] q(0.5, 3) = ABS(%r) {}
  })")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(1, 0)) -> (%y, %z, %v) {
    %y: int8[2] q(0.5, 3) = ABS(%x) {}
    %z: int8[2] q(0.5, 3) = ABS(%x) {}
    %v: int8[2] q(0.5, 3) = ABS(%x) {}
    %s: int8[2] q(0.5, 3) = ABS(%v) {}
  })"));
}

TEST(RemoveNeedlessQuantizeTest, StaysBetweenAnInputAndAnOutput) {
  ExpectUnchanged(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: int8[2] q(0.5, 3) = QUANTIZE(%x) {}
  })");
}

TEST(RemoveNeedlessQuantizeTest, BehindADequantizeOfTheSame) {
  const Result result = Clean(R"(graph (%x: int16[2] q(0.5, 0)) -> (%y) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %q: int16[2] q(0.5, 0) = QUANTIZE(%f) {}
    %y: int16[2] q(1, 0) = ABS(%q) {}
  })");
  EXPECT_EQ(result.graph, Canonical(R"(graph (%x: int16[2] q(0.5, 0)) -> (%y) {
    %y: int16[2] q(1, 0) = ABS(%x) {}
  })"));
  EXPECT_THAT(result.notes,
              ElementsAre("note: tensor 'q': a needless QUANTIZE went; 'x' holds the same",
                          "note: tensor 'f': a DEQUANTIZE whose result nothing read was removed"));
}

TEST(RemoveNeedlessQuantizeTest, TheDequantizeStaysForItsOtherReaders) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y, %f) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %q: int8[2] q(0.5, 0) = QUANTIZE(%f) {}
    %y: int8[2] q(1, 0) = ABS(%q) {}
  })")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y, %f) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %y: int8[2] q(1, 0) = ABS(%x) {}
  })"));
}

// A float32 does not keep every int32.
TEST(RemoveNeedlessQuantizeTest, WideIntegersStay) {
  ExpectUnchanged(R"(graph (%x: int32[2] q(0.5, 0)) -> (%y) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %y: int32[2] q(0.5, 0) = QUANTIZE(%f) {}
  })");
}

// It rounds.
TEST(RemoveNeedlessQuantizeTest, ADequantizeBehindAQuantizeStays) {
  ExpectUnchanged(R"(graph (%x: float32[2]) -> (%y) {
    %q: int8[2] q(0.5, 0) = QUANTIZE(%x) {}
    %f: float32[2] = DEQUANTIZE(%q) {}
    %y: float32[2] = ABS(%f) {}
  })");
}

TEST(RemoveNeedlessQuantizeTest, OneOfAKindIsEnough) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %a: float32[2] = ABS(%f) {}
    %f2: float32[2] = DEQUANTIZE(%x) {}
    %u: uint8[2] q(1, 128) = QUANTIZE(%x) {}
    %u2: uint8[2] q(1, 128) = QUANTIZE(%x) {}
    %u3: uint8[2] q(1, 127) = QUANTIZE(%x) {}
    %y: float32[2] = CUSTOM "c"(%a, %f2, %u, %u2, %u3)
  })")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %a: float32[2] = ABS(%f) {}
    %u: uint8[2] q(1, 128) = QUANTIZE(%x) {}
    %u3: uint8[2] q(1, 127) = QUANTIZE(%x) {}
    %y: float32[2] = CUSTOM "c"(%a, %f, %u, %u, %u3)
  })"));
}

// Integer to float32 to the same integers, and what was made of those twice.
TEST(RemoveNeedlessQuantizeTest, ChainsGoWhole) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %f: float32[2] = DEQUANTIZE(%x) {}
    %q: int8[2] q(0.5, 0) = QUANTIZE(%f) {}
    %f2: float32[2] = DEQUANTIZE(%q) {}
    %q2: int8[2] q(0.5, 0) = QUANTIZE(%f2) {}
    %y: int8[2] q(1, 0) = ABS(%q2) {}
  })")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %y: int8[2] q(1, 0) = ABS(%x) {}
  })"));
}

TEST(RemoveNeedlessQuantizeTest, VariablesAreLeftAlone) {
  ExpectUnchanged(R"(graph () -> (%y) {
    tensor %v: int8[2] q(0.5, 0) variable
    %f: float32[2] = DEQUANTIZE(%v) {}
    %f2: float32[2] = DEQUANTIZE(%v) {}
    %y: float32[2] = CUSTOM "c"(%f, %f2)
  })");
}

// Converters name graph outputs only; runtimes take any tensor.
TEST(RemoveNeedlessQuantizeTest, SignaturesMayNameWhatIsNoOutput) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: float32[2] = DEQUANTIZE(%x) {}
    %f: float32[2] = DEQUANTIZE(%x) {}
    %q: int8[2] q(0.5, 3) = QUANTIZE(%x) {}
    %u: uint8[2] q(0.5, 131) = QUANTIZE(%x) {}
  }
  signature s of graph 0 (x: %x) -> (f: %f, q: %q, u: %u))")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%y) {
    %y: float32[2] = DEQUANTIZE(%x) {}
    %u: uint8[2] q(0.5, 131) = QUANTIZE(%x) {}
  }
  signature s of graph 0 (x: %x) -> (f: %y, q: %x, u: %u))"));
}

TEST(RemoveNeedlessQuantizeTest, EveryGraph) {
  EXPECT_EQ(Clean(R"(graph (%x: int8[2] q(0.5, 3)) -> (%x) {}
  graph (%a: int8[2] q(0.5, 3)) -> (%a) { %b: int8[2] q(1, 0) = QUANTIZE(%a) {} })")
                .graph,
            Canonical(R"(graph (%x: int8[2] q(0.5, 3)) -> (%x) {}
  graph (%a: int8[2] q(0.5, 3)) -> (%a) {})"));
}

}  // namespace
}  // namespace q_implant
