// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/constant_converter.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/plan/planned_constant.h"

namespace q_implant {

bool ConstantConverter::TakesIntegers(TensorId id) const {
  const TensorPlan& planned = plan_.tensor(id);
  const ParamsPtr& own = Demand(id).own;
  return own != nullptr &&
         (planned.origin != Origin::kExisting || !SameParams(own, planned.params));
}

bool ConstantConverter::BecomesFloat(TensorId id) const {
  const TensorPlan& planned = plan_.tensor(id);
  return Demand(id).own == nullptr && planned.params != nullptr && planned.entry != nullptr;
}

// Nothing after an error, which has been told.
std::optional<ConstantConverter::NewData> ConstantConverter::Make(TensorId id) {
  const NeededForms& demand = Demand(id);
  NewData made;
  if (demand.float_copy || BecomesFloat(id)) {
    std::optional<Bytes> floats = QuantizedFloats(id);
    if (!floats.has_value()) return std::nullopt;
    made.floats = *std::move(floats);
  }
  for (const ParamsPtr& form : demand.forms) {
    if (form == nullptr || SameParams(form, demand.own)) continue;
    std::optional<Bytes> integers = Integers(id, *form);
    if (!integers.has_value()) return std::nullopt;
    made.others.emplace_back(form, *std::move(integers));
  }
  if (TakesIntegers(id)) {
    std::optional<Bytes> integers = Integers(id, *demand.own);
    if (!integers.has_value()) return std::nullopt;
    made.own = *std::move(integers);
  }
  return made;
}

bool ConstantConverter::Convert(TensorId id) {
  const NeededForms& demand = Demand(id);
  const uint32_t source = graph_.tensor(id).buffer;
  std::optional<NewData> made = Make(id);
  if (!made.has_value()) return false;
  if (TakesIntegers(id)) {
    SetParams(*demand.own, graph_.tensor(id));
    buffers_.SetData(model_, graph_.tensor(id), std::move(made->own));
  } else if (BecomesFloat(id)) {
    BecomeFloat(id, made->floats);
  }
  forms_.Add(id, demand.own, id);
  if (demand.float_copy) {
    const TensorId copy = forms_.NewTensor(id, "_dequant", nullptr);
    graph_.tensor(copy).buffer = buffers_.Add(model_, std::move(made->floats), source);
    forms_.Add(id, nullptr, copy);
  }
  for (auto& [form, data] : made->others) {
    const TensorId duplicate = forms_.NewTensor(id, "_dup", form);
    graph_.tensor(duplicate).buffer = buffers_.Add(model_, std::move(data), source);
    forms_.Add(id, form, duplicate);
  }
  return true;
}

// What the annotation makes of the constant, as float32: the values that its integers stand for,
// imported or not.
std::optional<Bytes> ConstantConverter::QuantizedFloats(TensorId id) {
  const ParamsPtr& params = plan_.tensor(id).params;
  const std::optional<Bytes> integers = Integers(id, *params);
  if (!integers.has_value()) return std::nullopt;
  return DequantizeToFloats(integers->span(), graph_.tensor(id).shape, *params);
}

// A bias that float32 nodes read (no runtime dequantizes int32), a constant that leaves the graph
// as float32, or one that the target can't dequantize: its integers become float32 again.
void ConstantConverter::BecomeFloat(TensorId id, Bytes floats) {
  Tensor& tensor = graph_.tensor(id);
  tensor.type = circle::TensorType_FLOAT32;
  tensor.quantization.reset();
  buffers_.SetData(model_, tensor, std::move(floats));
  if (plan_.def_use.is_output(id)) return;
  if (!Demand(id).is_bias) {
    float_again_.push_back(DisplayName(model_, graph_index_, id));
    return;
  }
  diagnostics_.Add({.severity = Severity::kWarning,
                    .file = model_.path,
                    .tensor = DisplayName(model_, graph_index_, id),
                    .problem = "the bias is written as float32 (its dequantized values), because "
                               "its operator stays float32",
                    .advice = "--verbose says why the operator stays float32"});
}

std::optional<Bytes> ConstantConverter::Integers(TensorId id, const QuantParams& params) {
  const Tensor& tensor = graph_.tensor(id);
  const TensorPlan& planned = plan_.tensor(id);
  // Weights are quantized as annotated, whatever form a kernel reads them in, and so are outputs,
  // whatever form they leave in.
  const auto leaves = plan_.outputs.forms.find(id);
  const bool leaves_so = leaves != plan_.outputs.forms.end() && leaves->second != nullptr &&
                         SameParams(*leaves->second, params);
  const bool as_annotated = (Demand(id).is_weights || leaves_so) && planned.entry != nullptr &&
                            planned.params != nullptr && !SameParams(*planned.params, params);
  const QuantParams& first = as_annotated ? *planned.params : params;
  absl::StatusOr<QuantizedData> result =
      ImplantConstant(model_, tensor, planned, first, RangeFor(id, first));
  if (!result.ok()) {
    diagnostics_.Add({.severity = Severity::kError,
                      .file = model_.path,
                      .tensor = DisplayName(model_, graph_index_, id),
                      .problem = "the constant can't be quantized",
                      .expected = "numbers",
                      .found = std::string(result.status().message()),
                      .advice = "repair the model, or import the integers with 'value'"});
    return std::nullopt;
  }
  // Toolchains choose scales that cut off a few weights; a bias must fit.
  const uint64_t elements = ElementCount(tensor.shape).value_or(0);
  const uint64_t tolerated = Demand(id).is_bias ? 0 : std::max<uint64_t>(8, elements / 20);
  if (result->saturated > tolerated && !planned.cut_off) {
    WarnOfSaturation(id, result->saturated, elements);
  }
  if (as_annotated) {
    return Requantize(result->data.span(), tensor.shape, first, params).data;
  }
  return std::move(result->data);
}

void ConstantConverter::WarnOfSaturation(TensorId id, uint64_t saturated, uint64_t elements) {
  diagnostics_.Add({.severity = Severity::kWarning,
                    .file = model_.path,
                    .tensor = DisplayName(model_, graph_index_, id),
                    .problem = absl::StrCat(saturated, " of ", elements,
                                            " values do not fit the integers and were cut off"),
                    .advice = Demand(id).is_bias ? "use larger scales for the data or the weights"
                                                 : "use a larger scale"});
}

// Signed symmetric weights leave out -128: kernels may then negate them, and LiteRT's do.
WeightsRange ConstantConverter::RangeFor(TensorId id, const QuantParams& params) const {
  const bool symmetric = RangeOf(params.dtype)->min < 0 &&
                         std::all_of(params.zero_point.begin(), params.zero_point.end(),
                                     [](int64_t zero_point) { return zero_point == 0; });
  return symmetric && Demand(id).is_weights && !full_weights_range_ ? WeightsRange::kNarrow
                                                                    : WeightsRange::kFull;
}

}  // namespace q_implant
