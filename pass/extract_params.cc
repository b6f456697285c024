// SPDX-License-Identifier: Apache-2.0
#include "pass/extract_params.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "ir/operator_table.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/constant_data.h"
#include "pass/def_use.h"
#include "pass/names.h"

namespace q_implant {
namespace {

// True for "<base><suffix>", also with the "_1" that makes a name unique.
bool IsNamedAfter(absl::string_view name, absl::string_view base, absl::string_view suffix) {
  if (base.empty() || !absl::ConsumePrefix(&name, base) || !absl::ConsumePrefix(&name, suffix)) {
    return false;
  }
  if (name.empty()) return true;
  return absl::ConsumePrefix(&name, "_") && !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return '0' <= c && c <= '9'; });
}

// True for "name_something" of "name".
bool IsLongerNameOf(absl::string_view name, absl::string_view base) {
  return !base.empty() && absl::ConsumePrefix(&name, base) && absl::ConsumePrefix(&name, "_");
}

// Whether a constant holds nothing but what stands for 0.
bool IsZero(const Bytes& data) {
  return std::all_of(data.span().begin(), data.span().end(),
                     [](uint8_t byte) { return byte == 0; });
}

class GraphExtractor {
 public:
  GraphExtractor(const Model& model, size_t index, ExtractedParams& extracted,
                 Diagnostics& diagnostics)
      : model_(model),
        index_(index),
        graph_(model.graphs[index]),
        def_use_(graph_),
        extracted_(extracted),
        diagnostics_(diagnostics),
        named_by_(graph_.tensors.size()),
        skipped_(graph_.tensors.size(), false),
        pinned_(graph_.tensors.size(), false) {
    for (size_t t = 0; t < named_by_.size(); ++t) named_by_[t] = static_cast<TensorId>(t);
    for (const Tensor& tensor : graph_.tensors) names_.insert(tensor.name);
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      duplicated_.insert(BaseOfDuplicate(static_cast<TensorId>(t)));
    }
    duplicated_.erase("");
  }

  void Run() {
    for (const Node& node : graph_.nodes) {
      if (IsConversion(node)) FindTwins(node);
    }
    for (const Node& node : graph_.nodes) {
      if (IsConversion(node) && node.op() == circle::BuiltinOperator_QUANTIZE) ReadQuantize(node);
    }
    for (const Node& node : graph_.nodes) {
      if (!IsConversion(node)) ReadOperator(node);
    }
    for (size_t t = 0; t < graph_.tensors.size(); ++t) ReadTensor(static_cast<TensorId>(t));
  }

 private:
  const std::string& Name(TensorId id) const { return graph_.tensor(id).name; }
  bool IsFloat(TensorId id) const {
    return id != kNoTensor && graph_.tensor(id).type == circle::TensorType_FLOAT32;
  }
  bool IsQuantized(TensorId id) const {
    return id != kNoTensor && ParamsOf(graph_.tensor(id)) != nullptr;
  }
  bool IsConstant(TensorId id) const {
    return def_use_.producer(id) == kNoNode && model_.IsConstant(graph_.tensor(id));
  }
  void Skip(TensorId id) { skipped_[static_cast<size_t>(id)] = true; }

  const Node* ProducerOf(TensorId id) const {
    const NodeId producer = def_use_.producer(id);
    return producer == kNoNode ? nullptr : &graph_.nodes[static_cast<size_t>(producer)];
  }
  static bool IsConversion(const Node& node) {
    return RowOf(node).kind == Kind::kConvert && node.inputs.size() == 1 &&
           node.outputs.size() == 1 && node.inputs[0] != kNoTensor && node.outputs[0] != kNoTensor;
  }

  // The float32 model has no Quantize and Dequantize: both sides are one tensor there. Of a graph
  // input or output it has that one's name.
  void FindTwins(const Node& node) {
    const TensorId from = node.inputs[0];
    const TensorId to = node.outputs[0];
    if (node.op() == circle::BuiltinOperator_DEQUANTIZE) {
      if (!IsQuantized(from) || !def_use_.is_output(to) || def_use_.is_input(from) ||
          IsConstant(from)) {
        return;
      }
      // Unless the output's name was made from the twin's ("y_dequant"), as other tools do.
      if (!IsLongerNameOf(Name(to), Name(from))) named_by_[static_cast<size_t>(from)] = to;
      extracted_.float_outputs = true;
    } else if (IsFloat(from) && def_use_.is_input(from)) {
      named_by_[static_cast<size_t>(to)] = from;
      extracted_.float_inputs = true;
    }
  }
  bool IsTwin(TensorId id) const { return named_by_[static_cast<size_t>(id)] != id; }

  void ReadQuantize(const Node& node) {
    const TensorId from = node.inputs[0];
    const TensorId to = node.outputs[0];
    const Node* producer = ProducerOf(from);
    const bool requantizes = IsQuantized(from) || (producer != nullptr && IsConversion(*producer));
    if (requantizes) {
      const bool from_is_new =
          !IsTwin(from) && (IsTwin(to) || IsNamedAfter(Name(from), Name(to), "_quantized"));
      Skip(from_is_new ? from : to);
    } else if (producer != nullptr && IsLongerNameOf(Name(to), Name(from))) {
      named_by_[static_cast<size_t>(to)] = from;  // other tools name what a Quantize makes anew
    }
  }

  void ReadOperator(const Node& node) {
    const OperatorRow& row = RowOf(node);
    SkipAddedBias(node, row);
    CheckBias(node, row);
    if (ComputesInFloat(node, row)) ReadFloatOperator(node, row);
  }

  ParamsPtr ParamsAt(const Node& node, int slot) const {
    const auto s = static_cast<size_t>(slot);
    if (slot < 0 || s >= node.inputs.size() || node.inputs[s] == kNoTensor) return nullptr;
    return ParamsOf(graph_.tensor(node.inputs[s]));
  }

  void SkipAddedBias(const Node& node, const OperatorRow& row) {
    const auto slot = static_cast<size_t>(FindInput(row, Role::kBias));
    if (!row.needs_bias || slot >= node.inputs.size() || node.outputs.empty()) return;
    const TensorId bias = node.inputs[slot];
    if (bias == kNoTensor || node.outputs[0] == kNoTensor || !IsConstant(bias)) return;
    const TensorId made = named_by_[static_cast<size_t>(node.outputs[0])];
    if (IsNamedAfter(Name(bias), Name(made), "_bias") &&
        IsZero(model_.ConstantData(graph_.tensor(bias)))) {
      Skip(bias);
    }
  }

  void CheckBias(const Node& node, const OperatorRow& row) {
    const ParamsPtr data = ParamsAt(node, FindInput(row, Role::kData));
    const ParamsPtr weights = ParamsAt(node, FindInput(row, Role::kWeights));
    const ParamsPtr bias = ParamsAt(node, FindInput(row, Role::kBias));
    if (data == nullptr || weights == nullptr || bias == nullptr) return;
    if (bias->scale.size() != weights->scale.size()) {
      extracted_.keep_bias = true;
      return;
    }
    for (size_t i = 0; i < bias->scale.size(); ++i) {
      if (bias->zero_point[i] != 0 ||
          !DifferByRoundingOnly(bias->scale[i], data->scale[0] * weights->scale[i])) {
        extracted_.keep_bias = true;
      }
    }
  }

  // Not where an output or input of data is an integer all the same: some tools leave unread
  // outputs of a Split float32.
  bool ComputesInFloat(const Node& node, const OperatorRow& row) const {
    bool makes_float = false;
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      if (OutputRole(row, slot) != Role::kData) continue;
      if (IsQuantized(node.outputs[slot])) return false;
      makes_float = makes_float || IsFloat(node.outputs[slot]);
    }
    return makes_float;
  }

  // Through Quantize or Dequantize, or directly.
  bool StandsForQuantized(TensorId id) const {
    if (id == kNoTensor) return false;
    if (IsQuantized(id)) return true;
    if (const Node* producer = ProducerOf(id);
        producer != nullptr && IsConversion(*producer) && IsQuantized(producer->inputs[0])) {
      return true;
    }
    for (const Use& use : def_use_.uses(id)) {
      const Node& reader = graph_.nodes[static_cast<size_t>(use.node)];
      if (IsConversion(reader) && IsQuantized(reader.outputs[0])) return true;
    }
    return false;
  }

  void ReadFloatOperator(const Node& node, const OperatorRow& row) {
    const HybridKernels& hybrid = row.hybrid.kernels(Target::kAny);
    if (node.inputs.size() > 1 && IsQuantized(node.inputs[1]) &&
        !(hybrid.per_tensor | hybrid.per_channel).empty()) {
      extracted_.hybrid = true;
    }
    if (row.kind == Kind::kMover || row.kind == Kind::kClamp) PinNeighbours(node, row);
  }

  // Parameters would spread through a mover to what is float32 here.
  void PinNeighbours(const Node& node, const OperatorRow& row) {
    std::vector<TensorId> data;
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      if (InputRole(row, slot) == Role::kData) data.push_back(node.inputs[slot]);
    }
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      if (OutputRole(row, slot) == Role::kData) data.push_back(node.outputs[slot]);
    }
    const bool touched =
        std::any_of(data.begin(), data.end(), [&](TensorId id) { return StandsForQuantized(id); });
    if (!touched) return;
    for (TensorId id : data) {
      if (IsFloat(id) && !IsConstant(id) && !StandsForQuantized(id)) {
        pinned_[static_cast<size_t>(id)] = true;
      }
    }
  }

  void ReadTensor(TensorId id) {
    const Tensor& tensor = graph_.tensor(id);
    if (ParamsOf(tensor) != nullptr && !tensor.is_stored_plainly()) {
      diagnostics_.Add({.file = model_.path,
                        .tensor = DisplayName(model_, index_, id),
                        .problem = "the constant is stored sparse or compressed",
                        .expected = "plain integers",
                        .advice = "there is no entry of a param file that says it"});
      return;
    }
    if (tensor.quantization.has_value() && tensor.quantization->details != nullptr) {
      diagnostics_.Add({.file = model_.path,
                        .tensor = DisplayName(model_, index_, id),
                        .problem = "the tensor has blockwise or custom quantization",
                        .expected = "scales and zero points, one or one for each channel",
                        .advice = "there is no entry of a param file that says it"});
      return;
    }
    const ParamsPtr params = ParamsOf(tensor);
    if (skipped_[static_cast<size_t>(id)] || IsBiasWithDuplicates(id)) return;
    if (pinned_[static_cast<size_t>(id)]) {
      Add(id, {});
    } else if (params != nullptr && !IsDuplicate(id)) {
      Add(id, EntryOf(tensor, *params));
    }
  }

  // A bias of several layers has other integers in each: they follow from the model's float32 data.
  bool IsBiasWithDuplicates(TensorId id) const {
    if (!IsConstant(id) || !duplicated_.contains(Name(id))) return false;
    const circle::TensorType type = graph_.tensor(id).type;
    return type == circle::TensorType_INT32 || type == circle::TensorType_INT64;
  }

  bool IsDuplicate(TensorId id) const { return !BaseOfDuplicate(id).empty(); }

  // The name of the constant that this one duplicates, or empty.
  std::string BaseOfDuplicate(TensorId id) const {
    if (!IsConstant(id)) return "";
    // "_duplicated": ai-edge-quantizer's.
    for (absl::string_view suffix : {"_dup", "_duplicated"}) {
      const std::string& name = Name(id);
      const size_t at = name.rfind(std::string(suffix));
      if (at == std::string::npos || at == 0) continue;
      const std::string base = name.substr(0, at);
      if (names_.contains(base) && IsNamedAfter(name, base, suffix)) return base;
    }
    return "";
  }

  ParamEntry EntryOf(const Tensor& tensor, const QuantParams& params) const {
    ParamEntry entry{.dtype = params.dtype,
                     .scale = params.scale,
                     .zero_point = params.zero_point,
                     .quantized_dimension = params.quantized_dimension};
    if (!model_.IsConstant(tensor)) return entry;
    const bool packed = BitsPerElement(params.dtype) == 4;
    const Bytes& data = model_.ConstantData(tensor);
    Array value;
    value.type = !packed                                   ? params.dtype
                 : params.dtype == circle::TensorType_INT4 ? circle::TensorType_INT8
                                                           : circle::TensorType_UINT8;
    value.shape.assign(tensor.shape.begin(), tensor.shape.end());
    value.data = packed
                     ? Bytes::Own(UnpackNibbles(data.span(), ElementCount(tensor.shape).value_or(0),
                                                params.dtype == circle::TensorType_INT4))
                     : data;
    entry.value = std::move(value);
    return entry;
  }

  void Add(TensorId id, ParamEntry entry) {
    const TensorId named = named_by_[static_cast<size_t>(id)];
    if (!added_.insert(named).second) return;
    entry.key = absl::StrCat(index_, "/", named);  // keys are given when all names are known
    extracted_.params.entries.push_back(std::move(entry));
    extracted_.params.entries.back().target = Name(named);
  }

  const Model& model_;
  size_t index_;
  const Graph& graph_;
  DefUse def_use_;
  ExtractedParams& extracted_;
  Diagnostics& diagnostics_;
  std::vector<TensorId> named_by_;  // by tensor: the one whose name the float32 model has for it
  std::vector<bool> skipped_;
  std::vector<bool> pinned_;
  absl::flat_hash_set<std::string> names_;
  absl::flat_hash_set<std::string> duplicated_;  // names of constants that others duplicate
  absl::flat_hash_set<TensorId> added_;
};

// Keys as docs/param-format.md has them: the name, else the position where it repeats or is empty.
void GiveKeys(const Model& model, Params& params) {
  absl::flat_hash_map<std::string, size_t> count;
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) ++count[tensor.name];
  }
  for (ParamEntry& entry : params.entries) {
    const bool unique = !entry.target.empty() && count[entry.target] == 1;
    entry.key = unique ? entry.target : absl::StrCat("#", entry.key);
    entry.target = entry.key;
  }
}

}  // namespace

absl::StatusOr<ExtractedParams> ExtractParams(const Model& model, Diagnostics& diagnostics) {
  ExtractedParams extracted;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    GraphExtractor(model, g, extracted, diagnostics).Run();
  }
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  GiveKeys(model, extracted.params);
  return extracted;
}

}  // namespace q_implant
