// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/operator_table.h"

#include <gtest/gtest.h>

#include "ir/operators/stateful_forms.h"

namespace q_implant {
namespace {

TEST(OperatorTable, HasARowForEveryOperatorOfTheSchema) {
  ASSERT_EQ(AllOperatorRows().size(), std::size(circle::EnumValuesBuiltinOperator()));
  for (size_t i = 0; i < AllOperatorRows().size(); ++i) {
    EXPECT_EQ(AllOperatorRows()[i].op, circle::EnumValuesBuiltinOperator()[i]);
  }
}

TEST(OperatorTable, UsesOnlyKnownRoleLetters) {
  for (const OperatorRow& row : AllOperatorRows()) {
    for (absl::string_view roles : {row.inputs, row.outputs}) {
      EXPECT_EQ(roles.find_first_not_of("DWBF-*"), absl::string_view::npos)
          << circle::EnumNameBuiltinOperator(row.op) << " " << roles;
      EXPECT_TRUE(roles.find('*') == absl::string_view::npos || roles.find('*') == roles.size() - 1)
          << circle::EnumNameBuiltinOperator(row.op) << " " << roles;
    }
  }
}

TEST(OperatorTable, NamesAChannelAxisExactlyWhereThereAreWeights) {
  for (const OperatorRow& row : AllOperatorRows()) {
    if (HasStatefulKernels(row.op)) continue;  // they take one scale
    EXPECT_EQ(FindInput(row, Role::kWeights) >= 0, row.channel_axis >= 0)
        << circle::EnumNameBuiltinOperator(row.op);
  }
}

TEST(OperatorTable, ClaimsNoIntegerKernelForIslandsAndCalls) {
  for (const OperatorRow& row : AllOperatorRows()) {
    const bool computes_integers =
        row.kind == Kind::kCompute || row.kind == Kind::kMover || row.kind == Kind::kClamp;
    EXPECT_EQ(computes_integers, !IntegerTypes(row).empty())
        << circle::EnumNameBuiltinOperator(row.op);
  }
}

TEST(OperatorTable, WhatTellsYesFromNoIsNoData) {
  using enum circle::BuiltinOperator;
  for (const circle::BuiltinOperator op :
       {BuiltinOperator_LESS, BuiltinOperator_LESS_EQUAL, BuiltinOperator_GREATER,
        BuiltinOperator_GREATER_EQUAL, BuiltinOperator_EQUAL, BuiltinOperator_NOT_EQUAL}) {
    EXPECT_EQ(OutputRole(RowOf(op), 0), Role::kControl) << circle::EnumNameBuiltinOperator(op);
    EXPECT_TRUE(RowOf(op).litert_compares) << circle::EnumNameBuiltinOperator(op);
  }
}

TEST(OperatorTable, AnUnknownOperatorIsAnIsland) {
  EXPECT_EQ(RowOf(static_cast<circle::BuiltinOperator>(4711)).kind, Kind::kIsland);
  EXPECT_EQ(RowOf(circle::BuiltinOperator_CUSTOM).kind, Kind::kIsland);
}

TEST(OperatorTable, TheLastRoleRepeatsWhereTheRowSaysSo) {
  const OperatorRow& concat = RowOf(circle::BuiltinOperator_CONCATENATION);
  EXPECT_EQ(InputRole(concat, 0), Role::kData);
  EXPECT_EQ(InputRole(concat, 17), Role::kData);
  const OperatorRow& conv = RowOf(circle::BuiltinOperator_CONV_2D);
  EXPECT_EQ(InputRole(conv, 0), Role::kData);
  EXPECT_EQ(InputRole(conv, 1), Role::kWeights);
  EXPECT_EQ(InputRole(conv, 2), Role::kBias);
  EXPECT_EQ(InputRole(conv, 3), Role::kControl);
  EXPECT_EQ(FindInput(RowOf(circle::BuiltinOperator_TRANSPOSE_CONV), Role::kData), 2);
  EXPECT_EQ(FindInput(concat, Role::kBias), -1);
}

TEST(OperatorTable, InputsBehindABiasMayBeLeftOut) {
  using enum circle::BuiltinOperator;
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_CONV_2D)), 2u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_TRANSPOSE_CONV)), 3u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_CONCATENATION)), 1u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_PADV2)), 3u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_RESHAPE)), 1u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_SPLIT)), 2u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_SVDF)), 3u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM)), 12u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_LSTM)), 5u) << "a basic one";
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_WHILE)), 0u);
  EXPECT_EQ(LeastInputs(RowOf(BuiltinOperator_CUSTOM)), 0u);
}

TEST(OperatorTable, OnlyAKernelThatRescalesMayHaveDifferentSides) {
  const OperatorRow& concat = RowOf(circle::BuiltinOperator_CONCATENATION);
  EXPECT_FALSE(NeedsEqualSides(concat, circle::TensorType_UINT8));
  EXPECT_TRUE(NeedsEqualSides(concat, circle::TensorType_INT8));
  EXPECT_TRUE(
      NeedsEqualSides(RowOf(circle::BuiltinOperator_AVERAGE_POOL_2D), circle::TensorType_INT8));
  EXPECT_FALSE(NeedsEqualSides(RowOf(circle::BuiltinOperator_ADD), circle::TensorType_INT8));
}

}  // namespace
}  // namespace q_implant
