// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/stateful_forms.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ir/fused_activation.h"
#include "ir/node.h"
#include "ir/tensor_type.h"

namespace q_implant {
namespace {

// The slots of an LSTM's inputs; of those for each gate the first, in the order input, forget,
// cell, output.
enum LstmSlot : size_t {
  kX = 0,
  kInputWeights = 1,
  kRecurrentWeights = 5,
  kPeephole = 9,  // input, forget, output
  kGateBias = 12,
  kProjection = 16,
  kProjectionBias = 17,
  kOutputState = 18,
  kCellState = 19,
  kNorm = 20,
  kLstmInputs = 24,
  kInputsWithoutNorm = 20,
};
constexpr size_t kGates = 4;
constexpr size_t kForget = 1;  // the first gate that every LSTM has
constexpr size_t kHidden = 4;  // the intermediate behind those of the gates

// Before a projection: sigmoid times tanh lies between -1 and 1.
constexpr float kHiddenScale = 1.0f / 128;

enum SvdfSlot : size_t { kFeature = 1, kTime = 2, kSvdfBias = 3, kState = 4, kSvdfInputs = 5 };

// A letter an input: X input, M matrix, V vector, B bias, O C W states.
constexpr absl::string_view kLstmOperands = "XMMMMMMMMVVVBBBBMBOCVVVV";
constexpr absl::string_view kSvdfOperands = "XMVBW";

absl::string_view OperandsOf(circle::BuiltinOperator op) {
  switch (op) {
    case circle::BuiltinOperator_LSTM:
    case circle::BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM:
      return kLstmOperands;
    case circle::BuiltinOperator_SVDF:
      return kSvdfOperands;
    default:
      return "";
  }
}

ParamsPtr OneScale(circle::TensorType type, float scale, int64_t zero_point = 0) {
  return std::make_shared<const QuantParams>(
      QuantParams{.dtype = type, .scale = {scale}, .zero_point = {zero_point}});
}

bool IsSymmetric(const QuantParams& params, circle::TensorType type) {
  return params.dtype == type && !params.per_channel() && params.zero_point.front() == 0;
}

bool IsCellScale(float scale) {
  int exponent = 0;
  return std::frexp(scale, &exponent) == 0.5f && exponent - 1 >= -15 && exponent - 1 <= -9;
}

bool IsGiven(const Node& node, size_t slot) {
  return slot < node.inputs.size() && node.inputs[slot] != kNoTensor;
}
bool AreGiven(const Node& node, std::initializer_list<size_t> slots) {
  return std::all_of(slots.begin(), slots.end(), [&](size_t slot) { return IsGiven(node, slot); });
}

bool IsMeasuredLstm(const Node& node) {
  const size_t count = node.inputs.size();
  const auto* single = node.OptionsAs<circle::LSTMOptions>();
  const auto* sequence = node.OptionsAs<circle::UnidirectionalSequenceLSTMOptions>();
  const bool basic = single != nullptr && single->kernel_type() != circle::LSTMKernelType_FULL;
  const bool diagonal = sequence != nullptr && sequence->diagonal_recurrent_tensors();
  return !basic && !diagonal && FusedActivation(node) == circle::ActivationFunctionType_TANH &&
         (count == kLstmInputs || count == kInputsWithoutNorm) &&
         AreGiven(node, {kX, kInputWeights + 1, kInputWeights + 2, kInputWeights + 3,
                         kRecurrentWeights + 1, kRecurrentWeights + 2, kRecurrentWeights + 3,
                         kGateBias + 1, kGateBias + 2, kGateBias + 3, kOutputState, kCellState});
}

class Finder {
 public:
  Finder(const Graph& graph, const Node& node, const std::function<ParamsPtr(TensorId)>& params_of,
         StatefulForms& forms)
      : graph_(graph), node_(node), params_of_(params_of), forms_(forms) {}

  std::string Run() {
    const bool is_svdf = node_.op() == circle::BuiltinOperator_SVDF;
    if (!HasMeasuredForm(node_)) {
      forms_.otherwise = Verdict::kUnmeasured;
      return "nobody measured a form of it with these inputs and options";
    }
    std::string reason = WhyOddOptions();
    if (!reason.empty()) return reason;
    forms_.in.assign(node_.inputs.size(), nullptr);
    forms_.out.assign(1, nullptr);
    reason = TakeOutput();
    for (size_t slot = 0; slot < node_.inputs.size() && reason.empty(); ++slot) {
      if (Given(slot)) reason = TakeInput(slot);
    }
    if (!reason.empty()) return reason;
    return is_svdf ? FinishSvdf() : FinishLstm();
  }

 private:
  bool Given(size_t slot) const { return IsGiven(node_, slot); }
  std::string Name(TensorId id) const { return absl::StrCat("'", graph_.tensor(id).name, "'"); }
  std::string Unfit(TensorId id, absl::string_view wanted) const {
    const ParamsPtr params = params_of_(id);
    if (params == nullptr) return absl::StrCat(Name(id), " has no parameters");
    return absl::StrCat(Name(id), " is ", DescribeParams(*params), ", its kernels want ", wanted);
  }

  // What no choice of parameters mends.
  std::string WhyOddOptions() {
    if (node_.op() == circle::BuiltinOperator_SVDF) {
      if (FusedActivation(node_) == circle::ActivationFunctionType_RELU) return "";
      forms_.otherwise = Verdict::kRefused;
      return "its int8 kernel takes no other activation than RELU";
    }
    const auto* single = node_.OptionsAs<circle::LSTMOptions>();
    const auto* sequence = node_.OptionsAs<circle::UnidirectionalSequenceLSTMOptions>();
    const bool clips = (single != nullptr && single->proj_clip() != 0) ||
                       (sequence != nullptr && sequence->proj_clip() != 0);
    return clips ? "its int8 kernels clip a projection's integers without their zero point" : "";
  }

  std::string TakeOutput() {
    const TensorId id = node_.outputs[0];
    const ParamsPtr params = params_of_(id);
    if (params == nullptr || params->dtype != circle::TensorType_INT8 || params->per_channel()) {
      return Unfit(id, "int8 with one scale");
    }
    forms_.out[0] = params;
    return "";
  }

  std::string TakeInput(size_t slot) {
    const TensorId id = node_.inputs[slot];
    ParamsPtr params = params_of_(id);
    switch (OperandAt(node_.op(), slot)) {
      case Operand::kInput:
        if (params == nullptr || params->dtype != circle::TensorType_INT8 ||
            params->per_channel()) {
          return Unfit(id, "int8 with one scale");
        }
        break;
      case Operand::kMatrix:
        if (params == nullptr || !IsSymmetric(*params, circle::TensorType_INT8)) {
          return Unfit(id, "int8 with one scale and zero point 0");
        }
        break;
      case Operand::kVector:
        if (params == nullptr || !IsSymmetric(*params, circle::TensorType_INT16)) {
          return Unfit(id, "int16 with one scale and zero point 0");
        }
        break;
      case Operand::kOutputState:
        params = forms_.out[0];
        break;
      case Operand::kCellState:
        if (params == nullptr) params = OneScale(circle::TensorType_INT16, 1.0f / 2048);
        [[fallthrough]];
      case Operand::kWideState:
        if (params == nullptr) return Unfit(id, "int16");
        if (std::string why = WhyNotOfState(OperandAt(node_.op(), slot), *params); !why.empty()) {
          return absl::StrCat(Name(id), " is ", DescribeParams(*params), ", its kernels want ",
                              why);
        }
        break;
      case Operand::kBias:  // when all others are known
      case Operand::kNone:
        return "";
    }
    forms_.in[slot] = std::move(params);
    return "";
  }

  float Scale(size_t slot) const { return forms_.in[slot]->scale.front(); }

  // A bias of another scale than this is taken to have it all the same. One that differs in the
  // last bits stays as it is.
  void SetBias(size_t slot, float scale) {
    if (!Given(slot)) return;
    const ParamsPtr params = params_of_(node_.inputs[slot]);
    const bool fits = params != nullptr && IsSymmetric(*params, circle::TensorType_INT32) &&
                      DifferByRoundingOnly(params->scale.front(), scale);
    forms_.in[slot] = fits ? params : OneScale(circle::TensorType_INT32, scale);
  }

  std::string FinishLstm() {
    const bool norm = Given(kNorm + kForget);
    const bool projects = Given(kProjection);
    std::string reason = FindIntermediates(norm, projects);
    if (!reason.empty()) return reason;
    for (size_t gate = 0; gate < kGates; ++gate) {
      if (!Given(kInputWeights + gate)) continue;
      if (norm && !Given(kNorm + gate)) return "a gate of it has no normalization";
      // The bias is added behind the normalization, whose result has 10 bits behind the point.
      SetBias(kGateBias + gate,
              norm ? Scale(kNorm + gate) / 1024 : Scale(kX) * Scale(kInputWeights + gate));
    }
    if (projects) {
      SetBias(kProjectionBias, forms_.intermediates[kHidden]->scale.front() * Scale(kProjection));
    }
    return "";
  }

  ParamsPtr Intermediate(size_t i) const {
    const bool given = i < node_.intermediates.size() && node_.intermediates[i] != kNoTensor;
    return given ? params_of_(node_.intermediates[i]) : nullptr;
  }

  std::string FindIntermediates(bool norm, bool projects) {
    forms_.intermediates.assign(kGates + 1, nullptr);
    for (size_t gate = 0; norm && gate < kGates; ++gate) {
      const ParamsPtr sum = Intermediate(gate);
      if (sum == nullptr || !IsSymmetric(*sum, circle::TensorType_INT16)) {
        return "its intermediates, the sums before each normalization, are not all int16 with one "
               "scale and zero point 0";
      }
      forms_.intermediates[gate] = sum;
    }
    ParamsPtr hidden = projects ? Intermediate(kHidden) : forms_.out[0];
    if (hidden == nullptr) hidden = OneScale(circle::TensorType_INT8, kHiddenScale);
    if (hidden->dtype != circle::TensorType_INT8 || hidden->per_channel()) {
      return "its hidden intermediate is not int8 with one scale";
    }
    forms_.intermediates[kHidden] = std::move(hidden);
    return "";
  }

  std::string FinishSvdf() {
    const float reach = static_cast<float>(forms_.out[0]->real_max());
    if (forms_.out[0]->zero_point.front() != -128) {
      if (!(reach > 0)) return "its output holds no number above 0";
      forms_.out[0] = OneScale(circle::TensorType_INT8, reach / 255, -128);
    }
    SetBias(kSvdfBias, Scale(kState) * Scale(kTime));
    return "";
  }

  const Graph& graph_;
  const Node& node_;
  const std::function<ParamsPtr(TensorId)>& params_of_;
  StatefulForms& forms_;
};

}  // namespace

bool HasStatefulKernels(circle::BuiltinOperator op) { return !OperandsOf(op).empty(); }

Operand OperandAt(circle::BuiltinOperator op, size_t slot) {
  const absl::string_view operands = OperandsOf(op);
  switch (slot < operands.size() ? operands[slot] : ' ') {
    case 'X':
      return Operand::kInput;
    case 'M':
      return Operand::kMatrix;
    case 'V':
      return Operand::kVector;
    case 'B':
      return Operand::kBias;
    case 'O':
      return Operand::kOutputState;
    case 'C':
      return Operand::kCellState;
    case 'W':
      return Operand::kWideState;
    default:
      return Operand::kNone;
  }
}

std::string WhyNotOfState(Operand operand, const QuantParams& params) {
  if (operand == Operand::kOutputState) {
    const bool fits = params.dtype == circle::TensorType_INT8 && !params.per_channel();
    return fits ? "" : "int8 with one scale";
  }
  const bool wide = IsSymmetric(params, circle::TensorType_INT16);
  if (operand == Operand::kWideState) return wide ? "" : "int16 with one scale and zero point 0";
  if (wide && IsCellScale(params.scale.front())) return "";
  return "int16 with zero point 0 and a scale that is a power of two from 2^-15 to 2^-9";
}

bool HasMeasuredForm(const Node& node) {
  if (!HasStatefulKernels(node.op())) return true;
  const bool has_output = node.outputs.size() == 1 && node.outputs[0] != kNoTensor;
  if (node.op() != circle::BuiltinOperator_SVDF) return has_output && IsMeasuredLstm(node);
  return has_output && node.inputs.size() == kSvdfInputs &&
         AreGiven(node, {kX, kFeature, kTime, kState});
}

bool FollowsFromOthers(const Node& node, size_t intermediate, const QuantParams& params) {
  if (node.op() == circle::BuiltinOperator_SVDF) return false;
  if (intermediate < kHidden) return !IsGiven(node, kNorm + kForget);
  return !IsGiven(node, kProjection) ||
         SameParams(params, *OneScale(circle::TensorType_INT8, kHiddenScale));
}

std::string FindStatefulForms(const Graph& graph, const Node& node,
                              const std::function<ParamsPtr(TensorId)>& params_of,
                              StatefulForms& forms) {
  return Finder(graph, node, params_of, forms).Run();
}

}  // namespace q_implant
