// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/carry_out/form_maker.h"

#include <algorithm>
#include <utility>

#include "ir/elements.h"
#include "ir/operators/conversion_kernels.h"

namespace q_implant {

FormMaker::FormMaker(Target target, size_t graph_index, Model& model, UniqueNames& names,
                     BufferUsers& buffers)
    : target_(target),
      model_(model),
      graph_(model.graphs[graph_index]),
      names_(names),
      buffers_(buffers),
      held_(graph_.tensors.size()),
      quantize_options_(model.AddOptions(circle::QuantizeOptionsT())),
      dequantize_options_(model.AddOptions(circle::DequantizeOptionsT())) {}

void FormMaker::Add(TensorId id, const ParamsPtr& form, TensorId holder) {
  held_[static_cast<size_t>(id)].push_back({form, holder});
}

bool FormMaker::Holds(TensorId id, const ParamsPtr& form) const {
  return std::any_of(Of(id).begin(), Of(id).end(),
                     [&](const Held& held) { return SameParams(held.form, form); });
}

TensorId FormMaker::Holder(TensorId id, const ParamsPtr& form) const {
  for (const Held& held : Of(id)) {
    if (SameParams(held.form, form)) return held.holder;
  }
  return Of(id).empty() ? id : Of(id).front().holder;
}

void FormMaker::Make(TensorId id, const ParamsPtr& form, std::vector<Node>& nodes, TensorId into) {
  if (Holds(id, form)) return;
  const Held own = Of(id).front();
  TensorId from = own.holder;
  bool whole = true;  // nothing was cut off yet by an integer form in between
  for (const ParamsPtr& step : ConversionPath(own.form, form, target_)) {
    if (whole && Holds(id, step)) {
      from = Holder(id, step);
    } else {
      const TensorId made = NewForm(id, step);
      ConvertDirectly(from, made, nodes);
      if (whole) Add(id, step, made);
      from = made;
    }
    whole = whole && step == nullptr;
  }
  if (into == kNoTensor) into = NewForm(id, form);
  ConvertDirectly(from, into, nodes);
  Add(id, form, into);
}

void FormMaker::Convert(TensorId from, TensorId to, TensorId id, std::vector<Node>& nodes) {
  const std::vector<ParamsPtr> path =
      ConversionPath(ParamsOf(graph_.tensor(from)), ParamsOf(graph_.tensor(to)), target_);
  for (const ParamsPtr& form : path) {
    const TensorId middle = NewForm(id, form);
    ConvertDirectly(from, middle, nodes);
    from = middle;
  }
  ConvertDirectly(from, to, nodes);
}

TensorId FormMaker::NewForm(TensorId id, const ParamsPtr& form) {
  return NewTensor(id, form == nullptr ? "_dequant" : "_quantized", form);
}

TensorId FormMaker::NewTensor(TensorId beside, const char* suffix, const ParamsPtr& form) {
  Tensor tensor = graph_.tensor(beside);
  tensor.name = names_.Make(tensor.name, suffix);
  tensor.buffer = buffers_.Empty(model_);
  tensor.is_variable = false;
  tensor.quantization.reset();
  tensor.type = circle::TensorType_FLOAT32;
  if (form != nullptr) SetParams(*form, tensor);
  return graph_.AddTensor(std::move(tensor));
}

TensorId FormMaker::CutOff(TensorId from, const QuantParams& form, std::vector<Node>& nodes) {
  const flatbuffers::Table* options = model_.AddOptions(circle::MaximumMinimumOptionsT());
  const TensorId uncut = from;
  for (const auto& [op, value] : {std::pair(circle::BuiltinOperator_MINIMUM, form.real_max()),
                                  std::pair(circle::BuiltinOperator_MAXIMUM, form.real_min())}) {
    const bool high = op == circle::BuiltinOperator_MINIMUM;
    const TensorId made = NewTensor(uncut, high ? "_at_most" : "_at_least", nullptr);
    Node node;
    node.code = model_.FindOrAddOperatorCode(op, 1);
    node.inputs = std::vector<TensorId>{from, Bound(made, value)};
    node.outputs = std::vector<TensorId>{made};
    node.options_type = circle::BuiltinOptions_MaximumMinimumOptions;
    node.options = options;
    nodes.push_back(std::move(node));
    from = made;
  }
  return from;
}

TensorId FormMaker::Bound(TensorId from, double value) {
  const auto number = static_cast<float>(value);
  Tensor bound;
  bound.name = names_.Make(graph_.tensor(from).name, "_bound");
  bound.shape = std::vector<int32_t>{1};
  bound.has_rank = true;
  bound.buffer = buffers_.Add(model_, Bytes::Own(ElementBytes<float>({number})), 0);
  return graph_.AddTensor(std::move(bound));
}

void FormMaker::ConvertDirectly(TensorId from, TensorId to, std::vector<Node>& nodes) {
  const bool to_float = graph_.tensor(to).type == circle::TensorType_FLOAT32;
  Node node;
  node.code = ConversionCode(to_float, graph_.tensor(from).type, graph_.tensor(to).type);
  node.inputs = std::vector<TensorId>{from};
  node.outputs = std::vector<TensorId>{to};
  if (to_float) {
    node.options_type = circle::BuiltinOptions_DequantizeOptions;
    node.options = dequantize_options_;
  } else {
    node.options_type = circle::BuiltinOptions_QuantizeOptions;
    node.options = quantize_options_;
  }
  nodes.push_back(std::move(node));
}

// LiteRT's register.cc: Quantize 1 (uint8, int8 from float), 2 (also between integers), 3 (int4
// and more); Dequantize 1 (uint8), 2 (int8), 3 (int16).
const OperatorCode* FormMaker::ConversionCode(bool to_float, circle::TensorType from,
                                              circle::TensorType to) {
  if (to_float) {
    const int32_t version = from == circle::TensorType_UINT8  ? 1
                            : from == circle::TensorType_INT8 ? 2
                                                              : 3;
    return model_.FindOrAddOperatorCode(circle::BuiltinOperator_DEQUANTIZE, version);
  }
  const bool plain = from == circle::TensorType_FLOAT32 &&
                     (to == circle::TensorType_UINT8 || to == circle::TensorType_INT8);
  return model_.FindOrAddOperatorCode(circle::BuiltinOperator_QUANTIZE, plain ? 1 : 2);
}

}  // namespace q_implant
