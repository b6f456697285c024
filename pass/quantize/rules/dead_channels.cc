// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/dead_channels.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/elements.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor_type.h"
#include "ir/value_text.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/planned_constant.h"

namespace q_implant {
namespace {

// Sums of products are added to the bias in int32, so it may take half of the range.
constexpr double kMostBias = 0x1p30;
// The bias of a dead channel is rounded to one part in a million, where no other channel tells a
// scale.
constexpr double kBiasSteps = 0x1p20;

class ChannelMender : private GraphView {
 public:
  ChannelMender(const Model& model, size_t graph_index, const std::string& params_path,
                GraphPlan& plan, Diagnostics& diagnostics)
      : GraphView(model, graph_index),
        params_path_(params_path),
        plan_(plan),
        diagnostics_(diagnostics) {}

  void Run() {
    for (const Node& node : graph_.nodes) {
      const OperatorRow& row = RowOf(node);
      const TensorId data = InputAt(node, FindInput(row, Role::kData));
      const TensorId weights = InputAt(node, FindInput(row, Role::kWeights));
      const TensorId bias = InputAt(node, FindInput(row, Role::kBias));
      if (data == kNoTensor || weights == kNoTensor || bias == kNoTensor) continue;
      if (IsOfInt32(data) && MayChange(weights) && IsConstant(bias)) Mend(data, weights, bias);
    }
  }

 private:
  static TensorId InputAt(const Node& node, int slot) {
    const auto s = static_cast<size_t>(slot);
    return slot < 0 || s >= node.inputs.size() ? kNoTensor : node.inputs[s];
  }
  // Beside int16 data a bias is int64.
  bool IsOfInt32(TensorId data) const {
    const ParamsPtr& params = plan_.tensor(data).params;
    return params != nullptr && !params->per_channel() && BitsPerElement(params->dtype) == 8;
  }
  bool MayChange(TensorId weights) const {
    const TensorPlan& planned = plan_.tensor(weights);
    return planned.entry != nullptr && planned.params != nullptr && IsConstant(weights);
  }

  void Mend(TensorId data, TensorId weights, TensorId bias) {
    const QuantParams& params = *plan_.tensor(weights).params;
    const double data_scale = plan_.tensor(data).params->scale.front();
    const std::vector<double> wanted = LeastScales(bias, data_scale, params.scale.size());
    std::vector<size_t> tight;
    float live = 0;
    for (size_t c = 0; c < wanted.size(); ++c) {
      if (static_cast<double>(params.scale[c]) < wanted[c]) {
        tight.push_back(c);
      } else {
        live = std::max(live, params.scale[c]);
      }
    }
    if (tight.empty()) return;
    const std::vector<bool> is_zero = FindZeroChannels(weights);
    std::vector<size_t> dead;
    std::vector<size_t> full;
    for (size_t c : tight) (is_zero[c] ? dead : full).push_back(c);
    if (!dead.empty()) GiveScales(weights, dead, wanted, live);
    // Of one scale for all, the constant that is cut off says enough.
    if (!full.empty() && wanted.size() > 1) WarnOfFullChannels(weights, bias, full);
  }

  // By channel: the least scale of weights at which the bias fits. None where the bias has as many
  // values as nobody can tell channels of, or one that is not finite.
  std::vector<double> LeastScales(TensorId bias, double data_scale, size_t channels) const {
    const Bytes floats = FloatData(model_, graph_.tensor(bias), plan_.tensor(bias));
    const size_t count = floats.size() / sizeof(float);
    std::vector<double> scales(channels, 0);
    if (channels != 1 && count != channels) return {};
    for (size_t i = 0; i < count; ++i) {
      const auto value = LoadElement<float>(floats.span(), i);
      if (!std::isfinite(value)) return {};
      double& scale = scales[channels == 1 ? 0 : i];
      scale = std::max(scale, std::abs(static_cast<double>(value)) / (data_scale * kMostBias));
    }
    return scales;
  }

  // By channel: whether all its integers stand for 0.
  std::vector<bool> FindZeroChannels(TensorId weights) const {
    const QuantParams& params = *plan_.tensor(weights).params;
    std::vector<bool> is_zero(params.scale.size(), false);
    const Tensor& tensor = graph_.tensor(weights);
    const auto integers =
        ImplantConstant(model_, tensor, plan_.tensor(weights), params, WeightsRange::kFull);
    if (!integers.ok()) return is_zero;  // told when the constant is converted
    is_zero.assign(params.scale.size(), true);
    const Bytes reals = DequantizeToFloats(integers->data.span(), tensor.shape, params);
    const size_t run =
        params.per_channel()
            ? ElementCount(absl::MakeConstSpan(tensor.shape)
                               .subspan(static_cast<size_t>(params.quantized_dimension) + 1))
                  .value_or(1)
            : reals.size();
    for (size_t i = 0; i < reals.size() / sizeof(float); ++i) {
      const auto real = LoadElement<float>(reals.span(), i);
      if (real != 0) is_zero[i / run % is_zero.size()] = false;
    }
    return is_zero;
  }

  // That of the coarsest live channel, or more where the bias needs it.
  void GiveScales(TensorId weights, const std::vector<size_t>& dead,
                  const std::vector<double>& wanted, float live) {
    const QuantParams before = *plan_.tensor(weights).params;
    QuantParams mended = before;
    for (size_t c : dead) {
      const double least = live > 0 ? wanted[c] : wanted[c] * (kMostBias / kBiasSteps);
      mended.scale[c] = std::max(live, static_cast<float>(least * 1.0001));
    }
    plan_.tensor(weights).params = std::make_shared<const QuantParams>(std::move(mended));
    Warn(weights, dead, dead.size() == 1 ? "is" : "are",
         "all zero, and the bias does not fit int32 at such a small scale; another scale, which "
         "says the same of zeros, was written",
         absl::StrCat("scale ", NumberText(before.scale[dead.front()])),
         "check the layer: a channel that is all zero can be removed");
  }

  void WarnOfFullChannels(TensorId weights, TensorId bias, const std::vector<size_t>& full) {
    Warn(weights, full, full.size() == 1 ? "has" : "have",
         absl::StrCat("so small a scale that the bias '", Name(bias), "' does not fit int32"),
         absl::StrCat("scale ", NumberText(plan_.tensor(weights).params->scale[full.front()])),
         "use larger scales for the data or the weights");
  }

  void Warn(TensorId weights, const std::vector<size_t>& channels, absl::string_view verb,
            absl::string_view what, std::string found, std::string advice) {
    constexpr size_t kNamed = 5;
    const size_t named = std::min(channels.size(), kNamed);
    const std::string more =
        channels.size() > named ? absl::StrCat(" and ", channels.size() - named, " more") : "";
    diagnostics_.Add({.severity = Severity::kWarning,
                      .file = params_path_,
                      .tensor = Name(weights),
                      .problem = absl::StrCat(
                          channels.size() == 1 ? "channel " : "channels ",
                          absl::StrJoin(absl::MakeConstSpan(channels).subspan(0, named), ", "),
                          more, " ", verb, " ", what),
                      .found = std::move(found),
                      .advice = std::move(advice)});
  }

  const std::string& params_path_;
  GraphPlan& plan_;
  Diagnostics& diagnostics_;
};

}  // namespace

void MendDeadChannels(const Model& model, Plan& plan, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    ChannelMender(model, g, plan.params_path, plan.graphs[g], diagnostics).Run();
  }
}

}  // namespace q_implant
