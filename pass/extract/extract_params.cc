// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/extract_params.h"

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ir/operators/bias.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/stateful_forms.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/extract/entry_check.h"
#include "pass/extract/entry_keys.h"
#include "pass/extract/find_io_types.h"
#include "pass/extract/tensor_forms.h"
#include "pass/graph/added_names.h"
#include "pass/graph/calls.h"
#include "pass/graph/conversion_node.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/graph/holds_reals.h"
#include "pass/graph/kernel_states.h"
#include "pass/numbers/constant_data.h"
#include "pass/numbers/exact_params.h"
#include "pass/numbers/param_entry.h"

namespace q_implant {
namespace {

// Whether a constant holds nothing but what stands for 0.
bool IsZero(const Bytes& data) {
  return std::all_of(data.span().begin(), data.span().end(),
                     [](uint8_t byte) { return byte == 0; });
}

bool IsOfBiases(circle::TensorType type) {
  return type == circle::TensorType_INT32 || type == circle::TensorType_INT64;
}

bool SameBytes(const Bytes& a, const Bytes& b) { return a.span() == b.span(); }

// The ends of all graphs that no other calls.
struct FoundIo {
  std::vector<FoundIoType> inputs;
  std::vector<FoundIoType> outputs;
};

// An entry without a key: keys are given when all names are known.
struct FoundEntry {
  size_t graph;
  TensorId id;
  ParamEntry entry;
};

class GraphExtractor : private GraphView {
 public:
  GraphExtractor(const Model& model, size_t index, FoundIo& edges, std::vector<FoundEntry>& found,
                 ExtractedParams& extracted, Diagnostics& diagnostics)
      : GraphView(model, index),
        def_use_(graph_),
        forms_(model, graph_, def_use_),
        edges_(edges),
        found_(found),
        extracted_(extracted),
        diagnostics_(diagnostics),
        duplicates_(graph_.tensors.size()),
        skipped_(graph_.tensors.size(), false),
        pinned_(graph_.tensors.size(), false) {
    changes_.extra.assign(graph_.tensors.size(), false);
    FindDuplicates();
    SkipBetween();
    SkipIntermediates();
  }

  // Through Quantize or Dequantize, or directly.
  bool StandsForQuantized(TensorId id) const {
    return id != kNoTensor && forms_.holder(id) != kNoTensor;
  }

  // Parameters must not spread here.
  void PinIfFloat(TensorId id) {
    if (IsFloat(id) && !IsConstant(id) && !StandsForQuantized(id)) {
      pinned_[static_cast<size_t>(id)] = true;
    }
  }

  void Run(bool called) {
    // What crosses into a graph that a node runs has no options.
    if (!called) ReadEnds();
    for (const Node& node : graph_.nodes) {
      if (!IsConversion(node)) ReadOperator(node);
    }
    for (size_t t = 0; t < graph_.tensors.size(); ++t) ReadTensor(static_cast<TensorId>(t));
    for (const TensorForms::Former& former : forms_.former()) AddFormer(former);
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      if (!forms_.is_original(static_cast<TensorId>(t))) changes_.extra[t] = true;
    }
  }

  // What the float32 model has otherwise.
  const EntryKeys::Changes& changes() const { return changes_; }

 private:
  const std::string& Name(TensorId id) const { return graph_.tensor(id).name; }
  bool IsFloat(TensorId id) const {
    return id != kNoTensor && graph_.tensor(id).type == circle::TensorType_FLOAT32;
  }
  bool IsQuantized(TensorId id) const {
    return id != kNoTensor && ParamsOf(graph_.tensor(id)) != nullptr;
  }
  void Skip(TensorId id) { skipped_[static_cast<size_t>(id)] = true; }

  // The float32 model does not have it.
  void SkipExtra(TensorId id) {
    Skip(id);
    changes_.extra[static_cast<size_t>(id)] = true;
  }

  // What a recurrent operator has inside. Of kernels that are known, what follows from other
  // tensors: the float32 model need not have it. Of others the pass takes no entries for tensors
  // that no node makes or reads.
  void SkipIntermediates() {
    for (const Node& node : graph_.nodes) {
      for (size_t i = 0; i < node.intermediates.size(); ++i) {
        const TensorId id = node.intermediates[i];
        if (id == kNoTensor) continue;
        const ParamsPtr params = ParamsOf(graph_.tensor(id));
        const bool skipped = HasStatefulKernels(node.op())
                                 ? params != nullptr && FollowsFromOthers(node, i, *params)
                                 : def_use_.producer(id) == kNoNode && def_use_.uses(id).empty();
        if (skipped) Skip(id);
      }
    }
  }

  // Whether an entry can say what the form `holder` of a tensor of the float32 model has.
  bool CanSay(TensorId holder) const {
    const Tensor& tensor = graph_.tensor(holder);
    return HoldsReals(graph_, def_use_, holder) &&
           WhyNoEntry(model_, tensor, *ParamsOf(tensor), IsConstant(holder)).empty();
  }

  // As CanSay(), and tells of what it loses.
  bool CanSayOrTell(TensorId id, TensorId holder) {
    if (CanSay(holder)) return true;
    const Tensor& tensor = graph_.tensor(holder);
    if (!HoldsReals(graph_, def_use_, holder)) return false;
    diagnostics_.Add(
        {.severity = Severity::kWarning,
         .file = model_.path,
         .tensor = Name(id),
         .problem = absl::StrCat("it gets no entry, because no entry can express its parameters: ",
                                 WhyNoEntry(model_, tensor, *ParamsOf(tensor), IsConstant(holder))),
         .advice = "repair the quantized model, or write an entry by hand"});
    return false;
  }

  void ReadEnds() {
    for (TensorId id : graph_.inputs) {
      if (!IsConstant(id)) edges_.inputs.push_back(EdgeAt(id));
    }
    for (TensorId id : graph_.outputs) edges_.outputs.push_back(EdgeAt(id));
  }

  // An input that is an output takes the type of an input.
  FoundIoType EdgeAt(TensorId id) const {
    const bool is_both = def_use_.is_input(id) && def_use_.is_output(id);
    const TensorId holder = is_both && IsQuantized(id) ? id : forms_.holder(id);
    FoundIoType edge = {.graph = graph_index_,
                        .type = graph_.tensor(id).type,
                        .original = is_both ? id : forms_.original(id)};
    if (holder == kNoTensor || IsConstant(id)) return edge;
    const bool has_entry = !skipped_[static_cast<size_t>(id)] && CanSay(holder);
    if (has_entry) edge.annotated = graph_.tensor(holder).type;
    // Without an entry it stays float32 there.
    if (!has_entry && HoldsReals(graph_, def_use_, holder)) edge.type = circle::TensorType_FLOAT32;
    return edge;
  }

  void ReadOperator(const Node& node) {
    const OperatorRow& row = RowOf(node);
    SkipAddedBias(node, row);
    CheckBias(node, row);
    if (ComputesInFloat(node, row)) ReadFloatOperator(node, row);
  }

  void SkipAddedBias(const Node& node, const OperatorRow& row) {
    const auto slot = static_cast<size_t>(FindInput(row, Role::kBias));
    if (!row.needs_bias || slot >= node.inputs.size() || node.outputs.empty()) return;
    const TensorId bias = node.inputs[slot];
    if (bias == kNoTensor || node.outputs[0] == kNoTensor || !IsConstant(bias)) return;
    const absl::string_view made = Name(forms_.original(node.outputs[0]));
    // The latter where a Reshape makes the tensor from what the node makes (dense_as_conv.h).
    const absl::string_view dense = BaseOfName(made, kBetween);
    const bool is_named = IsNamedAfter(Name(bias), made, "_bias") ||
                          (!dense.empty() && IsNamedAfter(Name(bias), dense, "_bias"));
    if (is_named && IsZero(model_.ConstantData(graph_.tensor(bias)))) {
      SkipExtra(bias);
    }
  }

  void CheckBias(const Node& node, const OperatorRow& row) {
    if (HasStatefulKernels(node.op())) return;  // of which --keep_bias says nothing
    const ParamsPtr data = ParamsAt(node.inputs, FindInput(row, Role::kData));
    const ParamsPtr weights = ParamsAt(node.inputs, FindInput(row, Role::kWeights));
    const ParamsPtr bias = ParamsAt(node.inputs, FindInput(row, Role::kBias));
    if (data == nullptr || weights == nullptr || bias == nullptr) return;
    if (!IsBiasOf(*bias, *data, *weights)) extracted_.keep_bias = true;
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

  void ReadFloatOperator(const Node& node, const OperatorRow& row) {
    const HybridKernels& hybrid = row.hybrid.kernels(Target::kAny);
    if (node.inputs.size() > 1 && IsQuantized(node.inputs[1]) &&
        !(hybrid.per_tensor | hybrid.per_channel).empty()) {
      extracted_.hybrid = true;
    }
    if (ReadsWeightsAlone(node, row)) extracted_.weight_only = true;
    if (row.kind == Kind::kMover || row.kind == Kind::kClamp) PinNeighbours(node, row);
  }

  // Weights behind a Dequantize beside data that has no integers.
  bool ReadsWeightsAlone(const Node& node, const OperatorRow& row) const {
    const int slot =
        node.op() == circle::BuiltinOperator_BATCH_MATMUL ? 1 : FindInput(row, Role::kWeights);
    const auto at = static_cast<size_t>(slot);
    if (slot < 0 || at >= node.inputs.size() || !StandsForQuantized(node.inputs[at]) ||
        !IsConstant(forms_.holder(node.inputs[at]))) {
      return false;
    }
    for (size_t i = 0; i < node.inputs.size(); ++i) {
      const bool data = i != at && InputRole(row, i) == Role::kData && IsFloat(node.inputs[i]);
      if (data && !StandsForQuantized(node.inputs[i])) return true;
    }
    return !node.outputs.empty() && IsFloat(node.outputs[0]) &&
           !StandsForQuantized(node.outputs[0]);
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
    for (TensorId id : data) PinIfFloat(id);
  }

  void ReadTensor(TensorId id) {
    const Tensor& tensor = graph_.tensor(id);
    if (ParamsOf(tensor) != nullptr && !tensor.is_stored_plainly()) {
      diagnostics_.Add({.file = model_.path,
                        .tensor = Name(id),
                        .problem = "the constant is stored sparse or compressed",
                        .expected = "plain integers",
                        .advice = "no entry of a param file can say this"});
      return;
    }
    if (tensor.quantization.has_value() && tensor.quantization->details != nullptr) {
      diagnostics_.Add({.file = model_.path,
                        .tensor = Name(id),
                        .problem = "the tensor has blockwise or custom quantization",
                        .expected = "scales and zero points, one or one for each channel",
                        .advice = "no entry of a param file can say this"});
      return;
    }
    if (skipped_[static_cast<size_t>(id)] || !forms_.is_original(id)) return;
    if (const ParamsPtr params = ParamsOf(tensor)) {
      if (tensor.is_variable && !TakesEntry(id, *params)) {
        diagnostics_.Add({.severity = Severity::kRemark,
                          .file = model_.path,
                          .tensor = Name(id),
                          .problem = "it gets no entry: q-implant takes none for this variable"});
        return;
      }
    }
    if (IsConstant(id)) {
      ReadConstant(id);
    } else if (const TensorId holder = forms_.holder(id); holder != kNoTensor) {
      if (CanSayOrTell(id, holder)) Add(id, EntryOf(holder));
    } else if (pinned_[static_cast<size_t>(id)] && !IsCutOff(id)) {
      Add(id, {});
    }
  }

  // What --target put between float32 values and their Quantize (FormMaker::CutOff).
  bool IsCutOff(TensorId id) const {
    return absl::EndsWith(Name(id), "_at_most") || absl::EndsWith(Name(id), "_at_least");
  }

  bool TakesEntry(TensorId variable, const QuantParams& params) const {
    Operand operand = Operand::kNone;
    return IsStateOfKernel(graph_, def_use_, variable, operand) &&
           WhyNotOfState(operand, params).empty();
  }

  void ReadConstant(TensorId id) {
    const TensorId holder = forms_.holder(id);
    if (holder == kNoTensor) {
      ReadFloatConstant(id);
      return;
    }
    if (!CanSayOrTell(id, holder)) return;
    ParamEntry entry = EntryOf(holder);
    // Where the duplicates have other integers than the constant's would give, all of them were
    // made from the model's float32 data.
    if (!DuplicatesFollow(id, ParamsOf(graph_.tensor(holder)))) {
      if (IsOfBiases(entry.dtype)) return;
      entry.value.reset();
    }
    Add(id, std::move(entry));
  }

  bool DuplicatesFollow(TensorId id, const ParamsPtr& params) const {
    const Tensor& tensor = graph_.tensor(id);
    const std::vector<TensorId>& duplicates = duplicates_[static_cast<size_t>(id)];
    return std::all_of(duplicates.begin(), duplicates.end(), [&](TensorId duplicate) {
      const Tensor& other = graph_.tensor(duplicate);
      const ParamsPtr wanted = ParamsOf(other);
      const Bytes& data = model_.ConstantData(tensor);
      return wanted == nullptr ||
             SameBytes(Requantize(data.span(), tensor.shape, *params, *wanted).data,
                       model_.ConstantData(other));
    });
  }

  // Integers that became float32 again where an operator reads them so: those of a bias that was
  // annotated with the scale that its data and weights give, or that a duplicate has, or another
  // one: then any scales that give the same numbers.
  void ReadFloatConstant(TensorId id) {
    if (!IsFloat(id) || !graph_.tensor(id).is_stored_plainly()) return;
    for (const ParamsPtr& params : PossibleBiasParams(id)) {
      const Tensor& tensor = graph_.tensor(id);
      const Bytes& floats = model_.ConstantData(tensor);
      const auto integers =
          QuantizeFloats(floats.span(), tensor.shape, *params, WeightsRange::kFull);
      if (!integers.ok() || IsZero(integers->data)) continue;
      if (!SameBytes(DequantizeToFloats(integers->data.span(), tensor.shape, *params), floats)) {
        continue;
      }
      Add(id, MakeEntry(*params, tensor.shape, integers->data));
      return;
    }
  }

  // The parameters that a float32 constant may have had as a bias.
  std::vector<ParamsPtr> PossibleBiasParams(TensorId id) const {
    std::vector<ParamsPtr> found;
    for (const Use& use : def_use_.uses(id)) {
      const Node& node = graph_.nodes[static_cast<size_t>(use.node)];
      const OperatorRow& row = RowOf(node);
      if (InputRole(row, static_cast<size_t>(use.slot)) != Role::kBias) return {};
      const ParamsPtr data = OwnParamsAt(node, FindInput(row, Role::kData));
      const ParamsPtr weights = OwnParamsAt(node, FindInput(row, Role::kWeights));
      const uint64_t count = ElementCount(graph_.tensor(id).shape).value_or(0);
      if (data == nullptr || weights == nullptr) continue;
      if (weights->per_channel() && weights->scale.size() != count) continue;
      const bool wide = data->dtype == circle::TensorType_INT16;
      found.push_back(BiasParams(*data, *weights,
                                 wide ? circle::TensorType_INT64 : circle::TensorType_INT32, 0));
    }
    if (def_use_.uses(id).empty()) return {};
    for (TensorId duplicate : duplicates_[static_cast<size_t>(id)]) {
      ParamsPtr params = ParamsOf(graph_.tensor(duplicate));
      if (params != nullptr && IsOfBiases(params->dtype)) found.push_back(std::move(params));
    }
    if (found.empty()) return {};
    const Tensor& tensor = graph_.tensor(id);
    if (tensor.shape.size() == 1) {
      found.push_back(ExactParams(model_.ConstantData(tensor).span()));
    }
    if (found.back() == nullptr) found.pop_back();
    return found;
  }

  // Of the tensor, whatever form of it the node reads.
  ParamsPtr OwnParamsAt(const Node& node, int slot) const {
    const auto s = static_cast<size_t>(slot);
    if (slot < 0 || s >= node.inputs.size() || node.inputs[s] == kNoTensor) return nullptr;
    const TensorId holder = forms_.holder(node.inputs[s]);
    return holder == kNoTensor ? nullptr : ParamsOf(graph_.tensor(holder));
  }

  // Whether the float32 model has it is a guess.
  void AddFormer(const TensorForms::Former& former) {
    if (!CanSay(former.holder)) return;
    changes_.former.push_back(former.name);
    ParamEntry entry = EntryOf(former.holder);
    entry.value.reset();
    entry.target = former.name;
    extracted_.unsure.push_back(former.name);
    found_.push_back({graph_index_, former.holder, std::move(entry)});
  }

  // Constants that the pass, or ai-edge-quantizer ("_duplicated"), made from another constant: they
  // get no entry.
  void FindDuplicates() {
    absl::flat_hash_map<absl::string_view, TensorId> constants;
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      if (IsConstant(id) && !Name(id).empty()) constants.emplace(Name(id), id);
    }
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      if (!IsConstant(id)) continue;
      for (absl::string_view suffix : {"_dup", "_duplicated", "_dequant"}) {
        const auto base = constants.find(BaseOfName(Name(id), suffix));
        if (base == constants.end() || base->second == id) continue;
        if (graph_.tensor(base->second).shape != graph_.tensor(id).shape) continue;
        duplicates_[static_cast<size_t>(base->second)].push_back(id);
        SkipExtra(id);
      }
    }
  }

  // What stands between the nodes that another node became for a target (form_writer.h).
  void SkipBetween() {
    absl::flat_hash_set<absl::string_view> names;
    for (const Tensor& tensor : graph_.tensors) names.insert(tensor.name);
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      const absl::string_view base = BaseOfName(Name(id), kBetween);
      if (!base.empty() && names.contains(base)) SkipExtra(id);
    }
  }

  // Whether a constant is the filter of a convolution that was a FullyConnected (dense_as_conv.h).
  bool IsDenseFilter(TensorId id) const {
    const auto uses = def_use_.uses(id);
    return IsConstant(id) && std::any_of(uses.begin(), uses.end(), [&](const Use& use) {
             const Node& node = graph_.nodes[static_cast<size_t>(use.node)];
             const TensorId data = node.inputs[0];
             return node.op() == circle::BuiltinOperator_CONV_2D && use.slot == 1 &&
                    data != kNoTensor && IsReshapedBetween(data);
           });
  }
  bool IsReshapedBetween(TensorId id) const {
    const NodeId producer = def_use_.producer(id);
    if (producer == kNoNode) return false;
    const Node& node = graph_.nodes[static_cast<size_t>(producer)];
    return node.op() == circle::BuiltinOperator_RESHAPE && node.inputs[0] != kNoTensor &&
           IsNamedAfter(Name(id), Name(node.inputs[0]), kBetween);
  }

  ParamEntry EntryOf(TensorId id) const {
    const Tensor& tensor = graph_.tensor(id);
    const Bytes integers = IsConstant(id) ? model_.ConstantData(tensor) : Bytes();
    if (!IsDenseFilter(id) || tensor.shape.size() != 4) {
      return MakeEntry(*ParamsOf(tensor), tensor.shape, integers);
    }
    const std::vector<int32_t> shape = {tensor.shape[0], tensor.shape[3]};
    return MakeEntry(*ParamsOf(tensor), shape, integers);
  }

  void Add(TensorId id, ParamEntry entry) {
    entry.target = Name(id);
    const auto is_after = [&](const char* suffix) {
      return IsConstant(id) && !BaseOfName(Name(id), suffix).empty();
    };
    if (IsConvertersName(Name(id)) || is_after(kPart) || is_after(kConstant)) {
      extracted_.unsure.push_back(Name(id));
    }
    found_.push_back({graph_index_, id, std::move(entry)});
  }

  DefUse def_use_;
  TensorForms forms_;
  FoundIo& edges_;
  std::vector<FoundEntry>& found_;
  ExtractedParams& extracted_;
  Diagnostics& diagnostics_;
  std::vector<std::vector<TensorId>> duplicates_;  // by constant: those made from it
  std::vector<bool> skipped_;
  std::vector<bool> pinned_;
  EntryKeys::Changes changes_;
};

// Parameters would spread through composites to what is float32 on one side of a crossing.
void PinAtCrossings(const Model& model, std::deque<GraphExtractor>& graphs) {
  for (const Crossing& crossing : FindCrossings(model)) {
    bool touched = graphs[crossing.called].StandsForQuantized(crossing.inner);
    for (const Crossing::Outer& outer : crossing.outer) {
      touched = touched || graphs[outer.graph].StandsForQuantized(outer.tensor);
    }
    if (!touched) continue;
    graphs[crossing.called].PinIfFloat(crossing.inner);
    for (const Crossing::Outer& outer : crossing.outer) {
      graphs[outer.graph].PinIfFloat(outer.tensor);
    }
  }
}

void GiveKeys(const EntryKeys& keys, std::vector<FoundEntry> found, ExtractedParams& extracted) {
  for (FoundEntry& f : found) {
    const std::string name = f.entry.target;
    f.entry.key = keys.KeyOf(f.graph, f.id, name);
    f.entry.target = f.entry.key;
    if (EntryKeys::IsPosition(f.entry.key, name)) extracted.unsure.push_back(f.entry.key);
    extracted.params.entries.push_back(std::move(f.entry));
  }
}

}  // namespace

absl::StatusOr<ExtractedParams> ExtractParams(const Model& model, Diagnostics& diagnostics) {
  ExtractedParams extracted;
  FoundIo edges;
  std::vector<FoundEntry> found;
  std::vector<EntryKeys::Changes> changes;
  const std::vector<bool> called = FindCalledGraphs(model);
  std::deque<GraphExtractor> graphs;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    graphs.emplace_back(model, g, edges, found, extracted, diagnostics);
  }
  PinAtCrossings(model, graphs);
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    graphs[g].Run(called[g]);
    changes.push_back(graphs[g].changes());
  }
  extracted.input_types = FindIoTypes(edges.inputs);
  extracted.output_types = FindIoTypes(edges.outputs);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  GiveKeys(EntryKeys(model, changes), std::move(found), extracted);
  return extracted;
}

}  // namespace q_implant
