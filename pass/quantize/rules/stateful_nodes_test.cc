// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/stateful_nodes.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/substitute.h"
#include "gtest/gtest.h"
#include "ir/testing/graph_text.h"
#include "pass/testing/rule_fixture.h"

namespace q_implant {
namespace {

constexpr char kSvdf[] = R"(graph (%x: float32[1,2]) -> (%y) {
  const %feature: float32[1,2] = {1, -0.5}
  const %time: float32[1,1] = {0.5}
  const %bias: float32[1] = {0.25}
  tensor %state: float32[1,1] variable
  %y: float32[1,1] = SVDF(%x, %feature, %time, %bias, %state) {rank: 1, fused_activation_function: RELU}
})";
constexpr char kSvdfParams[] = R"(
  tensor %x: int8[] q(0.5, 3)
  tensor %feature: int8[] q(0.25, 0)
  tensor %time: int16[] q(0.125, 0)
  tensor %state: int16[] q(0.0625, 0)
)";

TEST(StatefulNodesTest, Svdf) {
  EXPECT_EQ(Quantize(kSvdf, absl::StrCat(kSvdfParams, "tensor %y: int8[] q(1, -128)")),
            Canonical(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %feature: int8[1,2] q(0.25, 0) = {4, -2}
    const %time: int16[1,1] q(0.125, 0) = {4}
    const %bias: int32[1] q(0.0078125, 0) = {32}
    tensor %state: int16[1,1] q(0.0625, 0) variable
    %y: int8[1,1] q(1, -128) = SVDF(%x, %feature, %time, %bias, %state) {rank: 1, fused_activation_function: RELU}
  })"));
}

// Its kernel cuts off at the least integer, so that has to be 0.
TEST(StatefulNodesTest, AnOutputWithAnotherZeroPoint) {
  EXPECT_EQ(Quantize(kSvdf, absl::StrCat(kSvdfParams, "tensor %y: int8[] q(1, 0)")),
            Canonical(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    const %feature: int8[1,2] q(0.25, 0) = {4, -2}
    const %time: int16[1,1] q(0.125, 0) = {4}
    const %bias: int32[1] q(0.0078125, 0) = {32}
    tensor %state: int16[1,1] q(0.0625, 0) variable
    %y_quantized: int8[1,1] q(0.49803922, -128) = SVDF(%x, %feature, %time, %bias, %state) {rank: 1, fused_activation_function: RELU}
    %y: int8[1,1] q(1, 0) = QUANTIZE@2(%y_quantized) {}
  })"));
}

constexpr char kLstm[] = R"(graph (%x: float32[1,2,1]) -> (%y) {
  const %xi: float32[1,1] = {0.5}
  const %xf: float32[1,1] = {0.25}
  const %xc: float32[1,1] = {-0.5}
  const %xo: float32[1,1] = {1}
  const %ri: float32[1,1] = {0.5}
  const %rf: float32[1,1] = {0.25}
  const %rc: float32[1,1] = {-0.5}
  const %ro: float32[1,1] = {1}
  const %bi: float32[1] = {0.25}
  const %bf: float32[1] = {0.5}
  const %bc: float32[1] = {1}
  const %bo: float32[1] = {0}
  tensor %out: float32[1,1] variable
  tensor %cell: float32[1,1] variable
  %y: float32[1,2,1] = UNIDIRECTIONAL_SEQUENCE_LSTM(%x, %xi, %xf, %xc, %xo, %ri, %rf, %rc, %ro, _, _, _, %bi, %bf, %bc, %bo, _, _, %out, %cell, _, _, _, _) {fused_activation_function: TANH}
})";
constexpr char kLstmParams[] = R"(
  tensor %x: int8[] q(0.5, 3)
  tensor %xi: int8[] q(0.125, 0)
  tensor %xf: int8[] q(0.0625, 0)
  tensor %xc: int8[] q(0.125, 0)
  tensor %xo: int8[] q(0.25, 0)
  tensor %ri: int8[] q(0.125, 0)
  tensor %rf: int8[] q(0.0625, 0)
  tensor %rc: int8[] q(0.125, 0)
  tensor %ro: int8[] q(0.25, 0)
  tensor %y: int8[] q(0.0078125, -4)
)";

TEST(StatefulNodesTest, Lstm) {
  EXPECT_EQ(Quantize(kLstm, absl::StrCat(kLstmParams, "tensor %cell: int16[] q(0.0009765625, 0)")),
            Canonical(R"(graph (%x: int8[1,2,1] q(0.5, 3)) -> (%y) {
    const %xi: int8[1,1] q(0.125, 0) = {4}
    const %xf: int8[1,1] q(0.0625, 0) = {4}
    const %xc: int8[1,1] q(0.125, 0) = {-4}
    const %xo: int8[1,1] q(0.25, 0) = {4}
    const %ri: int8[1,1] q(0.125, 0) = {4}
    const %rf: int8[1,1] q(0.0625, 0) = {4}
    const %rc: int8[1,1] q(0.125, 0) = {-4}
    const %ro: int8[1,1] q(0.25, 0) = {4}
    const %bi: int32[1] q(0.0625, 0) = {4}
    const %bf: int32[1] q(0.03125, 0) = {16}
    const %bc: int32[1] q(0.0625, 0) = {16}
    const %bo: int32[1] q(0.125, 0) = {0}
    tensor %out: int8[1,1] q(0.0078125, -4) variable
    tensor %cell: int16[1,1] q(0.0009765625, 0) variable
    tensor %y_intermediate: int8[1,2,1] q(0.0078125, -4)
    %y: int8[1,2,1] q(0.0078125, -4) = UNIDIRECTIONAL_SEQUENCE_LSTM(%x, %xi, %xf, %xc, %xo, %ri, %rf, %rc, %ro, _, _, _, %bi, %bf, %bc, %bo, _, _, %out, %cell, _, _, _, _) intermediates(_, _, _, _, %y_intermediate) {fused_activation_function: TANH}
  })"));
}

TEST(StatefulNodesTest, ACellStateWithoutAnEntry) {
  const Outcome outcome = RunPass(kLstm, kLstmParams);
  EXPECT_NE(outcome.model.find("tensor %cell: int16[1,1] q(0.00048828125, 0) variable"),
            std::string::npos)
      << outcome.model;
  EXPECT_EQ(outcome.report,
            "remark: model.circle: tensor 'cell': the cell state has no entry; it is int16 scale "
            "0.00048828125 zero point 0, which holds -16 to 16; give it an entry: int16, zero "
            "point 0, a power of two\n");
}

TEST(StatefulNodesTest, WhatStaysFloat32TakesItsStatesWithIt) {
  const Outcome outcome =
      RunPass(kSvdf, "tensor %x: int8[] q(0.5, 3)\ntensor %state: int16[] q(0.0625, 0)");
  EXPECT_EQ(outcome.notes,
            "note: model.circle: tensor 'y': SVDF stays float32: 'y' has no parameters\n");
  EXPECT_EQ(outcome.model, Canonical(R"(graph (%x: int8[1,2] q(0.5, 3)) -> (%y) {
    %x_dequant: float32[1,2] = DEQUANTIZE@2(%x) {}
    const %feature: float32[1,2] = {1, -0.5}
    const %time: float32[1,1] = {0.5}
    const %bias: float32[1] = {0.25}
    tensor %state: float32[1,1] variable
    %y: float32[1,1] = SVDF(%x_dequant, %feature, %time, %bias, %state) {rank: 1, fused_activation_function: RELU}
  })"));
}

TEST(StatefulNodesTest, WhyAnSvdfStaysFloat32) {
  const auto why = [](absl::string_view graph, absl::string_view more) {
    return RunPass(graph, absl::StrCat(
                              "tensor %x: int8[] q(0.5, 3)\ntensor %y: int8[] q(1, -128)\n", more))
        .notes;
  };
  constexpr char kLead[] = "note: model.circle: tensor 'y': SVDF stays float32: ";
  EXPECT_EQ(why(kSvdf, "tensor %time: float32[]"),
            absl::StrCat(kLead, "'time' is pinned to float32\n"));
  const std::string constant = absl::StrReplaceAll(
      kSvdf, {{"tensor %state: float32[1,1] variable", "const %state: float32[1,1] = {0}"}});
  EXPECT_EQ(why(constant, ""),
            absl::StrCat(kLead, "its state 'state' is no variable of its own that starts at 0\n"));
}

// The kernel writes the output into it.
TEST(StatefulNodesTest, AStateThatIsAnnotatedOtherwise) {
  EXPECT_EQ(RunPass(kLstm, absl::StrCat(kLstmParams,
                                        "tensor %cell: int16[] q(0.0009765625, 0)\n"
                                        "tensor %out: int8[] q(0.5, 0)"))
                .report,
            "warning: model.circle: tensor 'out': its kernels read other parameters here than were "
            "annotated; those were written: expected int8 scale 0.0078125 zero point -4, found the "
            "annotation int8 scale 0.5 zero point 0\n");
}

TEST(StatefulNodesTest, AVariableWhoseReadersDiffer) {
  const Outcome outcome = RunPass(R"(graph (%x: float32[2]) -> (%a, %b) {
    %handle: resource[] = VAR_HANDLE() {shared_name: "v"}
    ASSIGN_VARIABLE(%handle, %x) {}
    %a: float32[2] = READ_VARIABLE(%handle) {}
    %b: float32[2] = READ_VARIABLE(%handle) {}
  })",
                                  R"(
    tensor %x: int8[] q(0.5, 0)
    tensor %a: int8[] q(0.5, 0)
    tensor %b: int8[] q(0.25, 0))");
  EXPECT_NE(outcome.notes.find("READ_VARIABLE stays float32: the readers of its variable have "
                               "different parameters"),
            std::string::npos)
      << outcome.notes;
}

TEST(StatefulNodesTest, ABiasOfAnotherScale) {
  EXPECT_EQ(RunPass(kSvdf, absl::StrCat(kSvdfParams, "tensor %y: int8[] q(1, -128)\n",
                                        "const %bias: int32[1] q(0.015625, 0) = {16}"))
                .report,
            "warning: model.circle: tensor 'bias': the bias has other parameters than kernels "
            "assume; it was rescaled: expected int32 scale 0.0078125 zero point 0, found int32 "
            "scale 0.015625 zero point 0; export the bias with that scale\n");
}

TEST(StatefulNodesTest, OnertHasNoneOfThem) {
  EXPECT_NE(RunPass(kSvdf, absl::StrCat(kSvdfParams, "tensor %y: int8[] q(1, -128)"),
                    {.target = Target::kOnert})
                .report.find("SVDF stays float32: onert has no integer kernel"),
            std::string::npos);
}

constexpr char kVariable[] = R"(
graph main(%x: float32[2]) -> (%y) {
  CALL_ONCE() {init_subgraph_index: 1}
  %handle: resource[] = VAR_HANDLE() {shared_name: "v"}
  %old: float32[2] = READ_VARIABLE(%handle) {}
  %y: float32[2] = ADD(%x, %old) {}
  ASSIGN_VARIABLE(%handle, %y) {}
}
graph start() -> () {
  %handle_1: resource[] = VAR_HANDLE() {shared_name: "v"}
  const %zero: float32[2] = {0, 1}
  ASSIGN_VARIABLE(%handle_1, %zero) {}
})";

TEST(StatefulNodesTest, AVariableWithAValueThatStaysFloat32) {
  const Outcome outcome =
      RunPass(kVariable, "tensor %x: int8[] q(0.5, 0)\ntensor %old: int8[] q(1, 0)");
  EXPECT_NE(outcome.notes.find("READ_VARIABLE stays float32: a value that is written to its "
                               "variable has no parameters"),
            std::string::npos)
      << outcome.notes;
  EXPECT_NE(outcome.model.find("%old_float: float32[2] = READ_VARIABLE(%handle) {}"),
            std::string::npos)
      << outcome.model;
}

TEST(StatefulNodesTest, VariablesOfInt16) {
  constexpr char kParams[] = R"(
    tensor %x: int16[] q(0.5, 0)
    tensor %old: int16[] q(0.25, $0)
    tensor %y: int16[] q(0.75, 0))";
  EXPECT_NE(RunPass(kVariable, absl::Substitute(kParams, 0))
                .model.find("%old: int16[2] q(0.25, 0) = READ_VARIABLE(%handle) {}"),
            std::string::npos);
  EXPECT_NE(RunPass(kVariable, absl::Substitute(kParams, 1))
                .notes.find("READ_VARIABLE stays float32: nobody measured variables of its "
                            "parameters"),
            std::string::npos);
}

// A model that came with readers and writers that mean different numbers.
TEST(StatefulNodesTest, AVariableThatIsMisread) {
  EXPECT_EQ(RunPassAsUsersDo(R"(graph (%x: int8[2] q(0.5, 0)) -> (%y) {
    %handle: resource[] = VAR_HANDLE() {shared_name: "v"}
    ASSIGN_VARIABLE(%handle, %x) {}
    %y: int8[2] q(0.25, 0) = READ_VARIABLE(%handle) {}
  })",
                             "")
                .report,
            "warning: model.circle: tensor 'y': LiteRT takes the bytes of variable '/v' for other "
            "numbers than were written: expected the same parameters where it is read and "
            "written, found 'x' is int8 scale 0.5 zero point 0, 'y' is int8 scale 0.25 zero point "
            "0; quantize all of them alike\n");
}

}  // namespace
}  // namespace q_implant
