// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/tensor_forms.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/strip.h"
#include "pass/graph/added_names.h"
#include "pass/graph/conversion_node.h"
#include "pass/numbers/choose_params.h"
#include "pass/quantize/plan/io_types.h"

namespace q_implant {
namespace {

absl::string_view BaseOfForm(absl::string_view name) {
  for (absl::string_view suffix : {"_float_at_least", "_float", "_quantized", "_dequant"}) {
    if (const absl::string_view base = BaseOfName(name, suffix); !base.empty()) return base;
  }
  return "";
}

bool HasParams(const Graph& graph, TensorId id) { return ParamsOf(graph.tensor(id)) != nullptr; }

}  // namespace

bool IsConvertersName(absl::string_view name) { return absl::StartsWith(name, "tfl."); }

TensorForms::TensorForms(const Model& model, const Graph& graph, const DefUse& def_use)
    : model_(model),
      graph_(graph),
      def_use_(def_use),
      original_(graph.tensors.size()),
      holder_(graph.tensors.size(), kNoTensor) {
  for (const Tensor& tensor : graph.tensors) names_.insert(tensor.name);
  for (const Forms& forms : FindForms()) {
    if (forms.ids.empty()) continue;
    const TensorId original = FindOriginal(forms);
    for (TensorId id : forms.ids) original_[Index(id)] = original;
    holder_[Index(original)] = FindHolder(original, forms);
    FindFormer(original, forms);
  }
}

// By tensor, each in one of them; a tensor's forms stand where its least one is.
std::vector<TensorForms::Forms> TensorForms::FindForms() const {
  std::vector<TensorId> least(graph_.tensors.size());
  std::iota(least.begin(), least.end(), 0);
  const auto find = [&](TensorId id) {
    while (least[Index(id)] != id) id = least[Index(id)] = least[Index(least[Index(id)])];
    return id;
  };
  for (const Node& node : graph_.nodes) {
    if (!IsConversion(node)) continue;
    if (!HasParams(graph_, node.inputs[0]) && !HasParams(graph_, node.outputs[0])) continue;
    const TensorId a = find(node.inputs[0]);
    const TensorId b = find(node.outputs[0]);
    least[Index(std::max(a, b))] = std::min(a, b);
  }
  std::vector<Forms> forms(graph_.tensors.size());
  for (size_t t = 0; t < least.size(); ++t) {
    const auto id = static_cast<TensorId>(t);
    forms[Index(find(id))].ids.push_back(id);
  }
  for (Forms& several : forms) {
    if (several.ids.size() < 2) continue;
    for (TensorId id : several.ids) several.names.insert(graph_.tensor(id).name);
  }
  return forms;
}

bool TensorForms::IsConstant(TensorId id) const {
  return def_use_.producer(id) == kNoNode && model_.IsConstant(graph_.tensor(id));
}

TensorId TensorForms::FindOriginal(const Forms& forms) const {
  if (forms.ids.size() == 1) return forms.ids.front();
  for (TensorId id : forms.ids) {
    if (def_use_.is_input(id)) return id;
    if (IsConstant(id) && !SaysItIsAForm(forms, id)) return id;
  }
  // Unless the output's name was made from another's ("y_dequant"), as other tools do.
  for (TensorId id : forms.ids) {
    if (def_use_.is_output(id) && !IsAddedTo(forms, id)) return id;
  }
  return FindByName(forms);
}

// Whether its name is made from that of another: "x_something" of "x", "x/Dequantize".
bool TensorForms::IsAddedTo(const Forms& forms, TensorId id) const {
  const absl::string_view name = graph_.tensor(id).name;
  if (IsConvertersName(name) || SaysItIsAForm(forms, id)) return true;
  for (size_t end = name.find('_'); end != name.npos; end = name.find('_', end + 1)) {
    if (end > 0 && forms.names.contains(name.substr(0, end))) return true;
  }
  return false;
}

// Whether its name is that of another and a word about quantization.
bool TensorForms::SaysItIsAForm(const Forms& forms, TensorId id) const {
  const absl::string_view name = graph_.tensor(id).name;
  constexpr char kBetween[] = "_/.:;-";
  for (size_t end = name.find_first_of(kBetween); end != name.npos;
       end = name.find_first_of(kBetween, end + 1)) {
    if (end > 0 && forms.names.contains(name.substr(0, end)) &&
        absl::StrContains(absl::AsciiStrToLower(name.substr(end)), "quant")) {
      return true;
    }
  }
  return false;
}

// What no conversion makes, as the others are.
TensorId TensorForms::FindMade(const Forms& forms) const {
  for (TensorId id : forms.ids) {
    const NodeId producer = def_use_.producer(id);
    if (producer == kNoNode || !IsConversion(graph_.nodes[static_cast<size_t>(producer)])) {
      return id;
    }
  }
  return forms.ids.front();
}

// What an operator makes, but where its name says that it is a form ("x_float").
TensorId TensorForms::FindByName(const Forms& forms) const {
  const TensorId made = FindMade(forms);
  if (BaseOfForm(graph_.tensor(made).name).empty() && !SaysItIsAForm(forms, made)) return made;
  std::vector<TensorId> bases;
  for (TensorId id : forms.ids) {
    if (!IsAddedTo(forms, id)) bases.push_back(id);
  }
  if (bases.size() == 1) return bases.front();
  std::vector<TensorId> left;
  for (TensorId id : bases) {
    if (BaseOfForm(graph_.tensor(id).name).empty()) left.push_back(id);
  }
  return left.size() == 1 ? left.front() : made;
}

TensorId TensorForms::FindHolder(TensorId original, const Forms& forms) const {
  if (forms.ids.size() > 1) {
    if (!HasParams(graph_, original)) return Neighbour(original);
    if (const TensorId twin = FindTwin(original, forms); twin != kNoTensor) return twin;
  }
  return HasParams(graph_, original) ? original : kNoTensor;
}

// Of a graph input or output of which only a Quantize is the other side: the form inside that it
// has the numbers of, in another type. Of several forms the pass names the twin first,
// "x_quantized" before "x_quantized_1"; the others are what an operator makes, and the steps of
// conversions, which may have the numbers of the end as well.
TensorId TensorForms::FindTwin(TensorId end, const Forms& forms) const {
  const bool is_input = def_use_.is_input(end);
  if (is_input == def_use_.is_output(end)) return kNoTensor;
  if (def_use_.uses(end).size() != (is_input ? 1 : 0)) return kNoTensor;
  const auto name = [&](TensorId id) -> absl::string_view { return graph_.tensor(id).name; };
  TensorId twin = kNoTensor;
  for (TensorId id : forms.ids) {
    if (!IsNamedAfter(name(id), name(end), "_quantized")) continue;
    const bool is_first = twin == kNoTensor || std::pair(name(id).size(), name(id)) <
                                                   std::pair(name(twin).size(), name(twin));
    if (is_first) twin = id;
  }
  if (twin == kNoTensor) twin = Neighbour(end);
  return twin != kNoTensor && StandsFor(end, twin) ? twin : kNoTensor;
}

// Whether an end asked to be of its type has the parameters it has for a tensor annotated as `id`.
bool TensorForms::StandsFor(TensorId end, TensorId id) const {
  const ParamsPtr params = ParamsOf(graph_.tensor(end));
  const ParamsPtr inside = ParamsOf(graph_.tensor(id));
  return inside != nullptr && inside->dtype != params->dtype && IsIoTypeChoice(params->dtype) &&
         !inside->per_channel() && SameParams(ParamsInType(inside, params->dtype), params);
}

// The form that a form was made of, or else the first that is made of it.
TensorId TensorForms::Neighbour(TensorId id) const {
  if (const NodeId producer = def_use_.producer(id); producer != kNoNode) {
    const Node& node = graph_.nodes[static_cast<size_t>(producer)];
    if (IsConversion(node) && HasParams(graph_, node.inputs[0])) return node.inputs[0];
  }
  for (const Use& use : def_use_.uses(id)) {
    const Node& reader = graph_.nodes[static_cast<size_t>(use.node)];
    if (IsConversion(reader) && HasParams(graph_, reader.outputs[0])) return reader.outputs[0];
  }
  return kNoTensor;
}

void TensorForms::FindFormer(TensorId original, const Forms& forms) {
  for (TensorId id : forms.ids) {
    if (id == original) continue;
    const absl::string_view name = graph_.tensor(id).name;
    const bool is_output = def_use_.is_output(id) && !IsAddedTo(forms, id);
    const absl::string_view base = BaseOfForm(name);
    if (!is_output && (base.empty() || !names_.insert(base).second)) continue;
    if (const TensorId holder = Neighbour(id); holder != kNoTensor) {
      former_.push_back({std::string(is_output ? name : base), holder});
    }
  }
}

}  // namespace q_implant
