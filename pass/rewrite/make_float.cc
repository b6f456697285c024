// SPDX-License-Identifier: Apache-2.0
#include "pass/rewrite/make_float.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "ir/operators/conversion_kernels.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/graph/buffer_users.h"
#include "pass/graph/conversion_node.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/merge_tensors.h"
#include "pass/graph/remove_tensors.h"
#include "pass/graph/warn_of_all.h"
#include "pass/numbers/constant_data.h"
#include "pass/numbers/param_entry.h"
#include "pass/rewrite/float_forms.h"

namespace q_implant {
namespace {

// Activations that the target does not convert.
struct Dropped {
  std::vector<std::string> names;
  std::string type;  // that of the first, as DescribeType has it
};

class GraphMaker {
 public:
  GraphMaker(Target target, const std::vector<ParamsPtr>& forms, size_t index, Model& model,
             BufferUsers& buffers, Dropped& dropped)
      : target_(target),
        forms_(forms),
        index_(index),
        model_(model),
        graph_(model.graphs[index]),
        buffers_(buffers),
        dropped_(dropped),
        def_use_(graph_),
        gone_(graph_.nodes.size(), false),
        merger_(graph_),
        redirected_(graph_.tensors.size(), kNoTensor),
        has_entry_(graph_.tensors.size(), false),
        was_dropped_(graph_.tensors.size(), false) {}

  void Run(std::vector<ParamEntry>& entries) {
    FoldDequantizes();
    std::vector<std::pair<TensorId, ParamEntry>> taken;
    for (size_t t = 0; t < forms_.size(); ++t) {
      if (forms_[t] == nullptr) continue;
      const auto id = static_cast<TensorId>(t);
      if (IsDropped(id)) {
        was_dropped_[t] = true;
        TellLater(id);
      } else {
        has_entry_[t] = true;
        taken.emplace_back(id, MakeEntry(*forms_[t], graph_.tensor(id).shape, IntegersOf(id)));
      }
      BecomeFloat(id);
    }
    for (size_t n = 0; n < gone_.size(); ++n) {
      if (!gone_[n] && IsConversion(graph_.nodes[n])) gone_[n] = Mend(graph_.nodes[n]);
    }
    Redirect();
    std::sort(went_.begin(), went_.end());
    merger_.Apply(gone_, index_, model_);
    RemoveRedirected();
    for (auto& [id, entry] : taken) {
      id -= CountWentBefore(id);
      entry.key = DisplayName(model_, index_, id);
      entry.target = absl::StrCat("#", index_, "/", id);
      entries.push_back(std::move(entry));
    }
  }

  // By tensor, as they are now: the parameters that Run() dropped.
  std::vector<ParamsPtr> DroppedParams() const {
    std::vector<ParamsPtr> params(graph_.tensors.size());
    for (size_t t = 0; t < forms_.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      const TensorId stands = merger_.Final(id);
      if (!was_dropped_[t] || std::binary_search(went_.begin(), went_.end(), stands)) continue;
      params[static_cast<size_t>(stands - CountWentBefore(stands))] = forms_[t];
    }
    return params;
  }

  // With the positions of nodes among those that are left.
  std::vector<KeptNode> Moved(std::vector<KeptNode> kept) const {
    for (KeptNode& node : kept) {
      node.node -= static_cast<NodeId>(std::count(gone_.begin(), gone_.begin() + node.node, true));
    }
    return kept;
  }

 private:
  const ParamsPtr& Form(TensorId id) const { return forms_[static_cast<size_t>(id)]; }
  bool HasEntry(TensorId id) const { return has_entry_[static_cast<size_t>(id)]; }
  bool IsConstant(TensorId id) const {
    return def_use_.producer(id) == kNoNode && model_.IsConstant(graph_.tensor(id));
  }
  Bytes IntegersOf(TensorId id) const {
    return IsConstant(id) ? model_.ConstantData(graph_.tensor(id)) : Bytes();
  }
  bool IsDropped(TensorId id) const {
    return target_ != Target::kAny && Form(id) != nullptr && !IsConstant(id) &&
           !ConvertsBothWays(Form(id), target_);
  }

  // A constant that integer operators read too, behind a Dequantize that the target gets wrong.
  void FoldDequantizes() {
    for (size_t n = 0; n < gone_.size(); ++n) {
      const Node& node = graph_.nodes[n];
      if (!IsConversion(node) || node.op() != circle::BuiltinOperator_DEQUANTIZE) continue;
      const TensorId from = node.inputs[0];
      const bool folds = target_ != Target::kAny && Form(from) != nullptr && IsConstant(from) &&
                         !def_use_.is_output(node.outputs[0]) &&
                         !def_use_.uses(node.outputs[0]).empty() &&
                         graph_.tensor(from).shape == graph_.tensor(node.outputs[0]).shape &&
                         ConversionVerdict(Form(from), nullptr, target_) != Verdict::kRight;
      if (!folds) continue;
      Tensor& to = graph_.tensor(node.outputs[0]);
      to.buffer = buffers_.Add(model_,
                               DequantizeToFloats(model_.ConstantData(graph_.tensor(from)).span(),
                                                  graph_.tensor(from).shape, *Form(from)),
                               graph_.tensor(from).buffer);
      gone_[n] = true;
    }
  }

  void TellLater(TensorId id) {
    if (dropped_.names.empty()) dropped_.type = DescribeType(*Form(id));
    dropped_.names.push_back(DisplayName(model_, index_, id));
  }

  void BecomeFloat(TensorId id) {
    Tensor& tensor = graph_.tensor(id);
    if (IsConstant(id)) {
      Bytes floats =
          DequantizeToFloats(model_.ConstantData(tensor).span(), tensor.shape, *Form(id));
      buffers_.SetData(model_, tensor, std::move(floats));
    }
    tensor.type = circle::TensorType_FLOAT32;
    tensor.quantization.reset();
  }

  // A conversion beside a dropped tensor converts less than before, or nothing: then it goes.
  bool Mend(Node& node) {
    const TensorId from = node.inputs[0];
    const TensorId to = node.outputs[0];
    const bool quantizes = node.op() == circle::BuiltinOperator_QUANTIZE;
    const TensorId side = quantizes ? to : from;
    if (Form(side) == nullptr || HasEntry(side)) return false;
    const bool stays = graph_.tensor(from).type != circle::TensorType_FLOAT32;
    if (quantizes && (HasEntry(from) || stays)) {
      // Version 2 takes uint8 and int8, 3 the others (LiteRT's register.cc).
      node.code = model_.FindOrAddOperatorCode(circle::BuiltinOperator_DEQUANTIZE, stays ? 3 : 2);
      node.options_type = circle::BuiltinOptions_DequantizeOptions;
      node.options = model_.AddOptions(circle::DequantizeOptionsT());
    } else if (graph_.tensor(from).type == circle::TensorType_FLOAT32) {
      Merge(from, to);
      return true;
    }
    return false;
  }

  void Merge(TensorId from, TensorId to) {
    if (const auto merged = merger_.Merge(from, to); merged.has_value()) {
      went_.push_back(merged->goes);
      return;
    }
    // Neither may go, so the graph output leaves as what it is made from: an input, a constant,
    // another output.
    const TensorId source = Leaving(merger_.Final(from));
    redirected_[static_cast<size_t>(to)] = source;
  }

  TensorId Leaving(TensorId id) const {
    const TensorId to = redirected_[static_cast<size_t>(id)];
    return to == kNoTensor ? id : to;
  }

  // Before tensors move.
  void Redirect() {
    const auto follow = [&](std::vector<TensorId>& ids) {
      for (TensorId& id : ids) {
        if (id != kNoTensor) id = Leaving(merger_.Final(id));
      }
    };
    for (Node& node : graph_.nodes) follow(node.inputs);
    follow(graph_.outputs);
    for (SignatureDef& signature : model_.signature_defs) {
      if (signature.graph != index_) continue;
      for (TensorMap& output : signature.outputs) output.tensor = Leaving(output.tensor);
    }
  }

  void RemoveRedirected() {
    std::vector<TensorId> unused;
    std::vector<TensorId> went;
    for (size_t t = 0; t < redirected_.size(); ++t) {
      if (redirected_[t] == kNoTensor) continue;
      went.push_back(static_cast<TensorId>(t));
      unused.push_back(went.back() - CountWentBefore(went.back()));
    }
    RemoveTensors(unused, index_, model_);
    went_.insert(went_.end(), went.begin(), went.end());
    std::sort(went_.begin(), went_.end());
  }

  TensorId CountWentBefore(TensorId id) const {
    return static_cast<TensorId>(std::lower_bound(went_.begin(), went_.end(), id) - went_.begin());
  }

  Target target_;
  const std::vector<ParamsPtr>& forms_;  // by tensor: what it was, where it becomes float32
  size_t index_;
  Model& model_;
  Graph& graph_;
  BufferUsers& buffers_;
  Dropped& dropped_;
  DefUse def_use_;
  std::vector<bool> gone_;  // by node
  TensorMerger merger_;
  std::vector<TensorId> went_;
  std::vector<TensorId> redirected_;  // by tensor: what leaves the graph instead of an output
  std::vector<bool> has_entry_;
  std::vector<bool> was_dropped_;
};

void TellOfDropped(Target target, const Model& model, const Dropped& dropped,
                   Diagnostics& diagnostics) {
  WarnOfAll(dropped.names, model.path,
            absl::StrCat("for ", TargetName(target), ": it is float32 now"),
            absl::StrCat("the runtime converts no ", dropped.type),
            "quantize the model to int8 or uint8 for integers there", diagnostics);
}

// A name that looks like a position wins over it.
void CheckPositions(const Model& model, const Params& params, Diagnostics& diagnostics) {
  absl::flat_hash_set<absl::string_view> names;
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) {
      if (!tensor.name.empty() && tensor.name[0] == '#') names.insert(tensor.name);
    }
  }
  for (const ParamEntry& entry : params.entries) {
    if (!names.contains(entry.target)) continue;
    diagnostics.Add({.file = model.path,
                     .tensor = entry.key,
                     .problem = "its position is also the name of a tensor",
                     .advice = absl::StrCat("rename that tensor, '", entry.target, "'")});
  }
}

}  // namespace

absl::StatusOr<FloatModel> MakeFloat(Target target, Model& model, Diagnostics& diagnostics) {
  std::vector<FloatForms> forms;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    forms.push_back(FindFloatForms(target, model, g, diagnostics));
  }
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  FloatModel made;
  made.params.path = model.path;
  Dropped dropped;
  BufferUsers buffers(model);
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    GraphMaker maker(target, forms[g].tensors, g, model, buffers, dropped);
    maker.Run(made.params.entries);
    made.kept.push_back(maker.Moved(std::move(forms[g].kept)));
    made.dropped.push_back(maker.DroppedParams());
  }
  TellOfDropped(target, model, dropped, diagnostics);
  CheckPositions(model, made.params, diagnostics);
  if (diagnostics.has_errors()) return diagnostics.ToStatus();
  return made;
}

}  // namespace q_implant
