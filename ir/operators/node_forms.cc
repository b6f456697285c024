// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/node_forms.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "ir/fused_activation.h"
#include "ir/operators/operator_table.h"

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

using Shape = std::vector<int32_t>;

const Tensor* Input(const Graph& graph, const Node& node, size_t slot) {
  if (slot >= node.inputs.size() || node.inputs[slot] == kNoTensor) return nullptr;
  return &graph.tensor(node.inputs[slot]);
}

const Tensor* Output(const Graph& graph, const Node& node, size_t slot) {
  if (slot >= node.outputs.size() || node.outputs[slot] == kNoTensor) return nullptr;
  return &graph.tensor(node.outputs[slot]);
}

Shape InputShape(const Graph& graph, const Node& node, size_t slot) {
  const Tensor* tensor = Input(graph, node, slot);
  return tensor == nullptr ? Shape() : Shape(tensor->shape);
}

bool AnyOfRankOver4(const Graph& graph, const Node& node) {
  for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
    if (InputRole(RowOf(node), slot) != Role::kControl && InputRank(graph, node, slot) > 4) {
      return true;
    }
  }
  return false;
}

bool SidesDiffer(const Graph& graph, const Node& node) {
  for (size_t slot = 1; slot < node.inputs.size(); ++slot) {
    if (InputShape(graph, node, slot) != InputShape(graph, node, 0)) return true;
  }
  return false;
}

bool BroadcastsOfRankOver4(const Graph& graph, const Node& node) {
  return OutputRank(graph, node, 0) > 4 && SidesDiffer(graph, node);
}

bool IsOfNoDimension(const Graph& graph, const Node& node) {
  return InputRank(graph, node, 0) == 0 && InputRank(graph, node, 1) == 0;
}

bool FirstIsInt64(const Graph& graph, const Node& node) {
  return InputIs(graph, node, 0, circle::TensorType_INT64);
}

bool SecondIsInt64(const Graph& graph, const Node& node) {
  return InputIs(graph, node, 1, circle::TensorType_INT64);
}

bool FirstIsInt64OrBool(const Graph& graph, const Node& node) {
  return FirstIsInt64(graph, node) || InputIs(graph, node, 0, circle::TensorType_BOOL);
}

bool FirstIsWideInteger(const Graph& graph, const Node& node) {
  return FirstIsInt64(graph, node) || InputIs(graph, node, 0, circle::TensorType_INT32);
}

bool CastsInt8OrInt16(const Graph& graph, const Node& node) {
  const auto is_one = [](const Tensor* tensor) {
    return tensor != nullptr &&
           (tensor->type == circle::TensorType_INT8 || tensor->type == circle::TensorType_INT16);
  };
  return is_one(Input(graph, node, 0)) || is_one(Output(graph, node, 0));
}

// The kernel does not know the shape of what it makes.
bool LeavesDimensionsOpen(const Graph& graph, const Node& node) {
  const Tensor* made = Output(graph, node, 0);
  return made != nullptr && std::find(made->shape_signature.begin(), made->shape_signature.end(),
                                      -1) != made->shape_signature.end();
}

// onert's ShapeValidator: of four dimensions to fewer, it wants what is left to look like a
// reduction over height and width, or over the channels.
bool LosesOtherDimensions(const Graph& graph, const Node& node) {
  const Shape in = InputShape(graph, node, 0);
  const Tensor* made = Output(graph, node, 0);
  if (made == nullptr || in.size() != 4) return false;
  const Shape out(made->shape);
  if (out.size() == 2) return in[0] != out[0] || in[3] != out[1];
  if (out.size() != 3) return false;
  const bool channels = in[0] == out[0] && in[1] == out[1] && in[2] == out[2];
  const bool flat =
      in[0] == out[0] && (in[1] == out[1] || in[2] == out[1]) && in[3] == 1 && out[2] == 1;
  return !channels && !flat;
}

bool HasOneInput(const Graph&, const Node& node) { return node.inputs.size() < 2; }

bool HasTwoInputs(const Graph&, const Node& node) { return node.inputs.size() < 3; }

bool LacksOptions(const Graph&, const Node& node) { return node.options == nullptr; }

bool IsOfRank1(const Graph& graph, const Node& node) { return InputRank(graph, node, 0) == 1; }

bool IsOfRank3(const Graph& graph, const Node& node) { return InputRank(graph, node, 0) == 3; }

bool MakesRankOver6(const Graph& graph, const Node& node) { return OutputRank(graph, node, 0) > 6; }

bool IsInGroups(const Graph& graph, const Node& node) {
  const Shape data = InputShape(graph, node, 0);
  const Shape weights = InputShape(graph, node, 1);
  return data.size() == 4 && weights.size() == 4 && data[3] != weights[3];
}

bool LacksMultiplier(const Graph&, const Node& node) {
  const auto* options = node.OptionsAs<circle::DepthwiseConv2DOptions>();
  return options != nullptr && options->depth_multiplier() == 0;
}

// It makes two dimensions whatever the option says.
bool MakesRankOver2(const Graph& graph, const Node& node) { return OutputRank(graph, node, 0) > 2; }

bool HasBatchDims(const Graph&, const Node& node) {
  const auto* options = node.OptionsAs<circle::GatherOptions>();
  return options != nullptr && options->batch_dims() != 0;
}

bool ReversesSeveralAxes(const Graph& graph, const Node& node) {
  const Shape axes = InputShape(graph, node, 1);
  return axes.size() == 1 && axes[0] > 1;
}

bool ConditionIsOfLowerRank(const Graph& graph, const Node& node) {
  return InputRank(graph, node, 0) < InputRank(graph, node, 1);
}

bool SaysLessThanItsRank(const Graph& graph, const Node& node) {
  const auto* options = node.OptionsAs<circle::StridedSliceOptions>();
  if (options != nullptr && options->ellipsis_mask() != 0) return true;
  const Shape begin = InputShape(graph, node, 1);
  const int32_t added =
      options == nullptr ? 0 : __builtin_popcount(static_cast<unsigned>(options->new_axis_mask()));
  return begin.size() == 1 && begin[0] < static_cast<int32_t>(InputRank(graph, node, 0)) + added;
}

bool IsFused(const Graph&, const Node& node) {
  return FusedActivation(node) != circle::ActivationFunctionType_NONE;
}

constexpr absl::string_view kOver4 = "of more than 4 dimensions, also in float32";
constexpr absl::string_view kOver4Broadcast =
    "of more than 4 dimensions that broadcasts, also in float32";
constexpr absl::string_view kReduction =
    "of 4 dimensions without keep_dims over other axes than height and width, or the channels, "
    "also in float32";
constexpr absl::string_view kInt64 = "with a second input of int64, also in float32";
constexpr absl::string_view kOpen = "of a shape that is left open, also in float32";

constexpr Verdict kRefused = Verdict::kRefused;
constexpr Verdict kWrong = Verdict::kWrong;

// clang-format off
constexpr NodeForm kForms[] = {
    {BuiltinOperator_CONCATENATION, Target::kAny, IsFused, kWrong, "with a fused activation, also in float32"},
    {BuiltinOperator_RESHAPE, Target::kAny, SecondIsInt64, kRefused, "to a shape of int64, also in float32"},

    {BuiltinOperator_MEAN, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_SUM, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_REDUCE_MAX, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_REDUCE_PROD, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_MEAN, Target::kOnert, LosesOtherDimensions, kRefused, kReduction},
    {BuiltinOperator_SUM, Target::kOnert, LosesOtherDimensions, kRefused, kReduction},
    {BuiltinOperator_REDUCE_MAX, Target::kOnert, LosesOtherDimensions, kRefused, kReduction},
    {BuiltinOperator_REDUCE_PROD, Target::kOnert, LosesOtherDimensions, kRefused, kReduction},
    {BuiltinOperator_REDUCE_ANY, Target::kOnert, LosesOtherDimensions, kRefused, kReduction},
    {BuiltinOperator_REDUCE_ALL, Target::kOnert, LosesOtherDimensions, kRefused, kReduction},

    {BuiltinOperator_MAXIMUM, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_MINIMUM, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_LESS, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_LESS_EQUAL, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_GREATER, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_GREATER_EQUAL, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_EQUAL, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_NOT_EQUAL, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_SLICE, Target::kOnert, AnyOfRankOver4, kWrong, kOver4},
    {BuiltinOperator_PAD, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_PADV2, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_BATCH_MATMUL, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_SQUARED_DIFFERENCE, Target::kOnert, AnyOfRankOver4, kRefused, kOver4},
    {BuiltinOperator_SQUARED_DIFFERENCE, Target::kOnert, IsOfNoDimension, kRefused, "of no dimension, also in float32"},
    {BuiltinOperator_FLOOR_DIV, Target::kOnert, BroadcastsOfRankOver4, kWrong, kOver4Broadcast},
    {BuiltinOperator_SELECT_V2, Target::kOnert, BroadcastsOfRankOver4, kWrong, kOver4Broadcast},
    {BuiltinOperator_RESHAPE, Target::kOnert, MakesRankOver6, kWrong, "to more than 6 dimensions, also in float32"},

    {BuiltinOperator_RESHAPE, Target::kOnert, HasOneInput, kRefused, "of one input, also in float32"},
    {BuiltinOperator_FULLY_CONNECTED, Target::kOnert, HasTwoInputs, kRefused, "of two inputs"},  // it takes a third of -1
    {BuiltinOperator_FULLY_CONNECTED, Target::kOnert, IsOfRank1, kRefused, "of one dimension, also in float32"},
    {BuiltinOperator_FULLY_CONNECTED, Target::kOnert, MakesRankOver2, kWrong, "with keep_num_dims, also in float32"},
    {BuiltinOperator_SPACE_TO_BATCH_ND, Target::kOnert, IsOfRank3, kRefused, "of 3 dimensions, also in float32"},
    {BuiltinOperator_BATCH_TO_SPACE_ND, Target::kOnert, IsOfRank3, kRefused, "of 3 dimensions, also in float32"},
    {BuiltinOperator_SELECT, Target::kOnert, ConditionIsOfLowerRank, kRefused, "with a condition of fewer dimensions, also in float32"},

    {BuiltinOperator_CONV_2D, Target::kOnert, IsInGroups, kWrong, "in groups, also in float32"},
    {BuiltinOperator_DEPTHWISE_CONV_2D, Target::kOnert, LacksMultiplier, kWrong, "with depth_multiplier 0, also in float32"},
    {BuiltinOperator_GATHER, Target::kOnert, HasBatchDims, kWrong, "with batch_dims, also in float32"},
    {BuiltinOperator_REVERSE_V2, Target::kOnert, ReversesSeveralAxes, kRefused, "along several axes, also in float32"},
    {BuiltinOperator_STRIDED_SLICE, Target::kOnert, SaysLessThanItsRank, kWrong, "that leaves dimensions out, also in float32"},
    {BuiltinOperator_SQUEEZE, Target::kOnert, LacksOptions, kRefused, "without options, also in float32"},

    {BuiltinOperator_ARG_MAX, Target::kOnert, SecondIsInt64, kRefused, kInt64},
    {BuiltinOperator_ARG_MIN, Target::kOnert, SecondIsInt64, kRefused, kInt64},
    {BuiltinOperator_BROADCAST_TO, Target::kOnert, SecondIsInt64, kRefused, kInt64},
    {BuiltinOperator_PAD, Target::kOnert, SecondIsInt64, kRefused, kInt64},
    {BuiltinOperator_TILE, Target::kOnert, SecondIsInt64, kWrong, kInt64},

    {BuiltinOperator_MAXIMUM, Target::kOnert, FirstIsWideInteger, kRefused, "of int32 or int64"},
    {BuiltinOperator_MINIMUM, Target::kOnert, FirstIsInt64, kRefused, "of int64"},
    {BuiltinOperator_SLICE, Target::kOnert, FirstIsWideInteger, kRefused, "of int32 or int64"},
    {BuiltinOperator_TILE, Target::kOnert, FirstIsWideInteger, kRefused, "of int32 or int64"},
    {BuiltinOperator_TRANSPOSE, Target::kOnert, FirstIsInt64OrBool, kRefused, "of int64 or bool"},
    {BuiltinOperator_GATHER, Target::kOnert, FirstIsInt64, kRefused, "of int64"},
    {BuiltinOperator_ONE_HOT, Target::kOnert, FirstIsInt64, kWrong, "of int64"},
    {BuiltinOperator_CAST, Target::kOnert, CastsInt8OrInt16, kRefused, "of int8 or int16"},

    {BuiltinOperator_ADD_N, Target::kOnert, LeavesDimensionsOpen, kRefused, kOpen},
    {BuiltinOperator_LOG_SOFTMAX, Target::kOnert, LeavesDimensionsOpen, kRefused, kOpen},
    {BuiltinOperator_DEPTH_TO_SPACE, Target::kOnert, LeavesDimensionsOpen, kRefused, kOpen},
    {BuiltinOperator_SPACE_TO_DEPTH, Target::kOnert, LeavesDimensionsOpen, kRefused, kOpen},
    {BuiltinOperator_BATCH_TO_SPACE_ND, Target::kOnert, LeavesDimensionsOpen, kRefused, kOpen},
};
// clang-format on

}  // namespace

size_t InputRank(const Graph& graph, const Node& node, size_t slot) {
  const Tensor* tensor = Input(graph, node, slot);
  return tensor == nullptr ? 0 : tensor->shape.size();
}

size_t OutputRank(const Graph& graph, const Node& node, size_t slot) {
  const Tensor* tensor = Output(graph, node, slot);
  return tensor == nullptr ? 0 : tensor->shape.size();
}

bool InputIs(const Graph& graph, const Node& node, size_t slot, circle::TensorType type) {
  const Tensor* tensor = Input(graph, node, slot);
  return tensor != nullptr && tensor->type == type;
}

const NodeForm* FindOddForm(const Graph& graph, const Node& node, Target runtime) {
  for (const NodeForm& form : kForms) {
    const bool concerns =
        form.op == node.op() && (form.runtime == runtime || form.runtime == Target::kAny);
    if (concerns && form.holds(graph, node)) return &form;
  }
  return nullptr;
}

}  // namespace q_implant
