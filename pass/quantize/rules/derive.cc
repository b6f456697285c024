// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/derive.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/elements.h"
#include "ir/operators/bias.h"
#include "ir/operators/node_verdict.h"
#include "ir/operators/operator_table.h"
#include "ir/value_text.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/numbers/choose_params.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/planned_constant.h"

namespace q_implant {
namespace {

class Deriver : private GraphView {
 public:
  Deriver(const PlanContext& context, size_t graph_index)
      : GraphView(context.model, graph_index),
        options_(context.options),
        mode_(context.mode),
        params_path_(context.plan.params_path),
        plan_(context.plan.graphs[graph_index]),
        diagnostics_(context.diagnostics) {}

  void Run() {
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      NodePlan& planned = plan_.nodes[n];
      if (!planned.integer || planned.forms_are_given) continue;
      bias_is_beyond_ = false;
      std::string reason = DeriveNode(graph_.nodes[n], planned);
      if (reason.empty()) continue;
      planned = {.integer = false, .beyond_limits = bias_is_beyond_, .reason = std::move(reason)};
    }
  }

 private:
  // Why the node can't be integer after all; empty where it can.
  std::string DeriveNode(const Node& node, NodePlan& planned) {
    const OperatorRow& row = RowOf(node);
    const circle::TensorType dtype = DataType(node, row, planned);
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      const TensorId id = node.inputs[slot];
      if (id == kNoTensor || !model_.IsConstant(graph_.tensor(id))) continue;
      const Role role = InputRole(row, slot);
      ParamsPtr& in = planned.in[slot];
      if (role == Role::kBias) {
        DeriveBias(node, id, *planned.in[static_cast<size_t>(FindInput(row, Role::kData))],
                   *planned.in[static_cast<size_t>(FindInput(row, Role::kWeights))], in);
        if (in != nullptr && !IsScale(*in)) {
          return absl::StrCat("the scale of its bias '", Name(id),
                              "', data scale x weights scale, is beyond float32");
        }
        // What the model brought quantized no rule makes float32.
        const bool may_stay_float = plan_.tensor(id).origin != Origin::kExisting;
        if (in != nullptr && plan_.target != Target::kAny && may_stay_float) {
          std::string reason = WhyBiasDoesNotFit(id, *in, planned);
          bias_is_beyond_ = !reason.empty();
          if (bias_is_beyond_) return reason;
        }
      } else if (role == Role::kFill) {
        in = planned.in[static_cast<size_t>(FindInput(row, Role::kData))];
      } else if (role == Role::kData && in == nullptr) {
        in = FromValues(id, dtype, planned);
      } else {
        continue;
      }
      if (in == nullptr) {
        return absl::StrCat("the constant '", Name(id), "' holds values that are not finite");
      }
    }
    return WhyNotCompared(row, dtype, planned);
  }

  // Where LiteRT alone has the kernel.
  std::string WhyNotCompared(const OperatorRow& row, circle::TensorType dtype,
                             const NodePlan& planned) const {
    const bool elsewhere =
        plan_.target != Target::kLiteRt && IntegerTypes(row, Target::kOnert).has(dtype);
    std::vector<ParamsPtr> sides;
    for (const ParamsPtr& in : planned.in) {
      if (in != nullptr) sides.push_back(in);
    }
    if (elsewhere || LiteRtCompares(row, sides)) return "";
    return "LiteRT compares 8-bit values rightly only where their scales lie from 1/256 to 1";
  }

  // Kernels may take numbers below the normal ones for 0.
  static bool IsScale(const QuantParams& params) {
    return std::all_of(params.scale.begin(), params.scale.end(), [](float scale) {
      return std::isfinite(scale) && scale >= std::numeric_limits<float>::min();
    });
  }

  // Half of an int32 is left for the sum that a bias is added to; of the int64 beside int16 data
  // LiteRT's kernels multiply 48 bits. What they put out is at most 2^31 steps before it is cut
  // off. Where data x weights is coarser than the output, a bias may be off by more than a step of
  // it; where it is finer by more than 2^32, the kernels multiply by 0 (QuantizeMultiplier), and
  // beside an int64 bias that is not what is left of the sum.
  std::string WhyBiasDoesNotFit(TensorId id, const QuantParams& bias,
                                const NodePlan& planned) const {
    constexpr double kCost = 0.75;  // of a step
    const bool wide = bias.dtype == circle::TensorType_INT64;
    const double most = wide ? std::ldexp(1.0, 46) : std::ldexp(1.0, 30);
    const double output = double{planned.out.front()->scale.front()};
    const std::string name = absl::StrCat("its bias '", Name(id), "'");
    const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
    const absl::Span<const uint8_t> bytes = floats.span();
    for (size_t i = 0; i < bytes.size() / sizeof(float); ++i) {
      const auto value = LoadElement<float>(bytes, i);
      const double scale = double{bias.scale[i % bias.scale.size()]};
      const double integer = std::rint(double{value} / scale);
      if (scale < output * std::ldexp(1.0, -32) && std::abs(double{value}) > kCost * output) {
        return absl::StrCat(name,
                            " is lost, for data scale x weights scale is less than 2^-32 of "
                            "the output's");
      }
      if (std::abs(integer) > most || std::abs(double{value}) > output * std::ldexp(1.0, 30)) {
        return absl::StrCat(name, " is beyond what kernels hold at data scale x weights scale");
      }
      if (std::abs(double{value} - integer * scale) > kCost * output) {
        return absl::StrCat(name,
                            " would be off by more than a step of the output, for data scale "
                            "x weights scale is coarser");
      }
    }
    return "";
  }

  // The type of the node's data: that of an activation, for constants follow.
  circle::TensorType DataType(const Node& node, const OperatorRow& row,
                              const NodePlan& planned) const {
    for (const ParamsPtr& out : planned.out) {
      if (out != nullptr) return out->dtype;
    }
    for (size_t slot = 0; slot < planned.in.size(); ++slot) {
      if (planned.in[slot] != nullptr && InputRole(row, slot) == Role::kData &&
          !model_.IsConstant(graph_.tensor(node.inputs[slot]))) {
        return planned.in[slot]->dtype;
      }
    }
    return circle::TensorType_INT8;
  }

  // Null where a value is not finite. Zeros alone take the parameters of what the node makes, or
  // reads: LiteRT aborts where scales are too far apart.
  ParamsPtr FromValues(TensorId id, circle::TensorType dtype, const NodePlan& planned) const {
    const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
    float least = 0;
    float greatest = 0;
    if (!FiniteRange(floats.span(), least, greatest)) return nullptr;
    if (least == 0 && greatest == 0) {
      for (const auto* sides : {&planned.out, &planned.in}) {
        for (const ParamsPtr& params : *sides) {
          if (params != nullptr && params->dtype == dtype && !params->per_channel()) return params;
        }
      }
    }
    return ChooseParams(dtype, least, greatest);
  }

  bool IsFinite(TensorId id) const {
    const Bytes floats = FloatData(model_, graph_.tensor(id), plan_.tensor(id));
    float least = 0;
    float greatest = 0;
    return FiniteRange(floats.span(), least, greatest);
  }

  // Sets `bias` to null where a float value is not finite.
  void DeriveBias(const Node& node, TensorId id, const QuantParams& data,
                  const QuantParams& weights, ParamsPtr& bias) {
    const TensorPlan& planned = plan_.tensor(id);
    // [channels], or [1, channels] as some converters write it.
    const auto rank = static_cast<int32_t>(graph_.tensor(id).shape.size());
    const ParamsPtr derived =
        BiasParams(data, weights, BiasType(node, data.dtype), std::max(rank - 1, 0));
    if (planned.params == nullptr) {
      bias = IsFinite(id) ? derived : nullptr;
      return;
    }
    if (options_.keep_bias && planned.params->dtype == derived->dtype) {
      bias = planned.params;
      return;
    }
    bias = KeepsScales(*planned.params, *derived) ? InAxisOf(*planned.params, *derived) : derived;
    WarnOfRescaledBias(id, *planned.params, *derived);
  }

  // Scales that are data x weights but for rounding are written as they were imported.
  static bool KeepsScales(const QuantParams& given, const QuantParams& derived) {
    if (given.dtype != derived.dtype || given.scale.size() != derived.scale.size()) return false;
    for (size_t i = 0; i < given.scale.size(); ++i) {
      if (given.zero_point[i] != 0 || !DifferByRoundingOnly(given.scale[i], derived.scale[i])) {
        return false;
      }
    }
    return true;
  }

  static ParamsPtr InAxisOf(QuantParams given, const QuantParams& derived) {
    given.quantized_dimension = derived.quantized_dimension;
    return std::make_shared<const QuantParams>(std::move(given));
  }

  // Where they differ by more than rounding: toolchains multiply the scales in float32 or in
  // double.
  void WarnOfRescaledBias(TensorId id, const QuantParams& given, const QuantParams& derived) {
    const size_t channels = std::max(given.scale.size(), derived.scale.size());
    for (size_t channel = 0; channel < channels; ++channel) {
      const float scale = derived.scale[derived.per_channel() ? channel : 0];
      const size_t i = given.per_channel() ? channel : 0;
      if (given.zero_point[i] == 0 && DifferByRoundingOnly(given.scale[i], scale)) continue;
      diagnostics_.Add(
          {.severity = Severity::kWarning,
           .file = plan_.tensor(id).entry == nullptr ? model_.path : params_path_,
           .tensor = Name(id),
           .problem = "the bias has other parameters than kernels assume; it was rescaled",
           .expected = absl::StrCat("scale ", NumberText(scale),
                                    " (data scale x weights scale) and zero point 0",
                                    channels > 1 ? absl::StrCat(" in channel ", channel) : ""),
           .found = absl::StrCat("scale ", NumberText(given.scale[i]), " and zero point ",
                                 given.zero_point[i]),
           .advice =
               mode_.model_params ? ""
               : options_.keep_bias
                   ? "export the bias with that scale and type"
                   : "export the bias with that scale, or keep it as it is with --keep_bias"});
      return;
    }
  }

  const QuantizeOptions& options_;
  const RunMode& mode_;
  const std::string& params_path_;
  GraphPlan& plan_;
  Diagnostics& diagnostics_;
  bool bias_is_beyond_ = false;  // why the node at hand is not integer
};

}  // namespace

void Derive(const PlanContext& context) {
  for (size_t g = 0; g < context.model.graphs.size(); ++g) {
    Deriver(context, g).Run();
  }
}

}  // namespace q_implant
