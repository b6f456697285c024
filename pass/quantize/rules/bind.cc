// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/bind.h"

#include <algorithm>
#include <memory>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/tensor_type.h"
#include "pass/graph/holds_reals.h"
#include "pass/graph/kernel_states.h"
#include "pass/graph/moved_constants.h"
#include "pass/graph/tensor_index.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/rules/stateful_nodes.h"

namespace q_implant {
namespace {

// Looking through all names for each of many unknown ones would be quadratic; after some, the list
// says enough.
constexpr size_t kMostSuggestions = 20;

class Binder {
 public:
  Binder(const Model& model, const Params& params, const QuantizeOptions& options, Plan& plan,
         Diagnostics& diagnostics)
      : model_(model),
        params_(params),
        options_(options),
        plan_(plan),
        diagnostics_(diagnostics),
        index_(model) {
    for (const Graph& graph : model.graphs) {
      moved_constants_.push_back(FindMovedConstants(model, graph));
    }
  }

  void Run() {
    for (const ParamEntry& entry : params_.entries) {
      const std::vector<TensorRef> found = index_.Find(entry.target);
      if (found.size() == 1) {
        ++matched_;
        BindEntry(entry, found.front());
      } else if (found.empty()) {
        unknown_.push_back(&entry);
      } else {
        ReportRepeated(entry, found);
      }
    }
    for (const ParamEntry& entry : params_.broken) {
      if (index_.Find(entry.target).empty()) {
        unknown_.push_back(&entry);
      } else {
        ++matched_;
      }
    }
    for (const ParamEntry* entry : unknown_) ReportUnknown(*entry);
  }

 private:
  const Tensor& TensorAt(const TensorRef& ref) const {
    return model_.graphs[ref.graph].tensor(ref.tensor);
  }

  // A constant, or what movers make of one alone: they will be folded.
  bool IsConstant(const TensorRef& ref) const {
    return model_.IsConstant(TensorAt(ref)) ||
           moved_constants_[ref.graph][static_cast<size_t>(ref.tensor)];
  }

  void Report(const ParamEntry& entry, Diagnostic diagnostic) {
    diagnostic.file = params_.path;
    diagnostic.tensor = entry.key;
    diagnostics_.Add(std::move(diagnostic));
  }

  void ReportUnknown(const ParamEntry& entry) {
    std::string advice =
        "see the tensors with --print_before, give a --name_map, or "
        "--ignore_unknown";
    if (suggestions_given_++ < kMostSuggestions) {
      const std::vector<std::string> nearest = NearestNames(entry);
      if (!nearest.empty()) {
        advice = absl::StrCat("the nearest names are '", absl::StrJoin(nearest, "', '"), "'");
      }
    }
    Report(
        entry,
        {.severity = options_.ignore_unknown ? Severity::kWarning : Severity::kError,
         .problem = absl::StrCat("no tensor of ", model_.path, " has this name (", matched_, " of ",
                                 params_.entries.size() + params_.broken.size(), " names matched)"),
         .found =
             entry.target == entry.key ? "" : absl::StrCat("'", entry.target, "' in the name map"),
         .advice = advice});
  }

  // The likeliest first: a name that looks alike and has the value's shape, constants of that
  // shape, other names that look alike.
  std::vector<std::string> NearestNames(const ParamEntry& entry) const {
    constexpr size_t kNames = 3;
    std::vector<std::string> alike = index_.Nearest(entry.target, kNames);
    if (!entry.value.has_value()) return alike;
    std::vector<std::string> of_shape = ConstantsOfShape(entry.value->shape);
    const auto has_shape = [&](const std::string& name) {
      return std::find(of_shape.begin(), of_shape.end(), name) != of_shape.end();
    };
    const auto rest = std::stable_partition(alike.begin(), alike.end(), has_shape);
    std::vector<std::string> names(alike.begin(), rest);
    for (const auto* more : {&of_shape, &alike}) {
      for (const std::string& name : *more) {
        if (names.size() == kNames) return names;
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
      }
    }
    return names;
  }

  std::vector<std::string> ConstantsOfShape(absl::Span<const int64_t> shape) const {
    std::vector<std::string> names;
    for (const Graph& graph : model_.graphs) {
      for (const Tensor& tensor : graph.tensors) {
        if (model_.IsConstant(tensor) && tensor.type == circle::TensorType_FLOAT32 &&
            std::equal(tensor.shape.begin(), tensor.shape.end(), shape.begin(), shape.end())) {
          names.push_back(tensor.name);
        }
      }
    }
    return names;
  }

  void ReportRepeated(const ParamEntry& entry, absl::Span<const TensorRef> found) {
    std::vector<std::string> keys;
    for (const TensorRef& ref : found.subspan(0, 4)) {
      keys.push_back(absl::StrCat("'#", ref.graph, "/", ref.tensor, "'"));
    }
    Report(entry, {.problem = "the name repeats in the model",
                   .expected = "one tensor",
                   .found = absl::StrCat(found.size(), " of this name"),
                   .advice = absl::StrCat("name one by its position: ", absl::StrJoin(keys, ", "),
                                          found.size() > keys.size() ? ", ..." : "")});
  }

  void BindEntry(const ParamEntry& entry, const TensorRef& ref) {
    TensorPlan& planned = plan_.graphs[ref.graph].tensor(ref.tensor);
    if (planned.entry != nullptr) {
      Report(entry, {.problem = absl::StrCat("'", planned.entry->key, "' names the same tensor"),
                     .advice = "keep one of the two entries"});
      return;
    }
    planned.entry = &entry;
    if (!CheckType(entry, ref, planned)) return;
    if (entry.pinned()) {
      planned.origin = Origin::kPinned;
      return;
    }
    bool sound = CheckChannels(entry, ref);
    sound = CheckValue(entry, ref) && sound;
    if (!sound) return;
    planned.origin = Origin::kAnnotated;
    planned.params = ToParams(entry);
    WarnOfAsymmetricInt16(entry, ref, *planned.params);
  }

  // With a target such a tensor stays float32, and TakeTargetTypes says so.
  void WarnOfAsymmetricInt16(const ParamEntry& entry, const TensorRef& ref,
                             const QuantParams& params) {
    if (!IsAsymmetricInt16(params) || IsConstant(ref) || options_.target != Target::kAny) return;
    Report(entry, {.severity = Severity::kWarning,
                   .problem = "the activation is int16 with a zero point, which no known runtime "
                              "computes with; its operators stay float32",
                   .expected = "zero point 0",
                   .found = absl::StrCat(entry.zero_point.front(), " in ", entry.zero_point_file),
                   .advice = "export it with zero point 0 (symmetric), or as int8 or uint8"});
  }

  static ParamsPtr ToParams(const ParamEntry& entry) {
    return std::make_shared<const QuantParams>(
        QuantParams{.dtype = entry.dtype,
                    .scale = entry.scale,
                    .zero_point = entry.zero_point,
                    .quantized_dimension = entry.quantized_dimension});
  }

  // False where there is nothing more to check.
  bool CheckType(const ParamEntry& entry, const TensorRef& ref, TensorPlan& planned) {
    const Tensor& tensor = TensorAt(ref);
    if (const ParamsPtr existing = ParamsOf(tensor); existing != nullptr && !entry.pinned()) {
      CheckAgainstExisting(entry, tensor, *existing);
      planned.entry = nullptr;
      return false;
    }
    const bool constant = model_.IsConstant(tensor);
    if (tensor.type != circle::TensorType_FLOAT32 &&
        !(constant && tensor.type == circle::TensorType_FLOAT16)) {
      Report(entry, {.problem = "only float32 tensors (and float16 constants) can be quantized",
                     .expected = "float32",
                     .found = absl::StrCat(TypeName(tensor.type), " in the model"),
                     .advice = "drop the entry"});
      return false;
    }
    if (tensor.is_variable && !CheckVariable(entry, ref)) return false;
    if (constant && !tensor.is_stored_plainly()) {
      Report(entry, {.problem = "the constant is stored sparse or compressed",
                     .expected = "plain data",
                     .advice = "convert the model without sparsity and compression"});
      return false;
    }
    return true;
  }

  // The states of LSTM and SVDF have integer kernels, which want certain parameters.
  bool CheckVariable(const ParamEntry& entry, const TensorRef& ref) {
    Operand operand = Operand::kNone;
    if (!IsStateOfKernel(model_.graphs[ref.graph], plan_.graphs[ref.graph].def_use, ref.tensor,
                         operand)) {
      Report(entry, {.problem = "a variable keeps its type, for operators write it in place",
                     .expected = "an activation, a constant, or the state of an LSTM or SVDF",
                     .found = "another variable",
                     .advice = "drop the entry"});
      return false;
    }
    if (entry.pinned()) return true;
    const std::string wanted = WhyNotOfState(operand, *ToParams(entry));
    if (wanted.empty()) return true;
    Report(entry, {.problem = "the kernels that write this variable can't have it so",
                   .expected = wanted,
                   .found = DescribeParams(*ToParams(entry)),
                   .advice = "quantize it so, or drop the entry"});
    return false;
  }

  // What says the same as the model is done already.
  void CheckAgainstExisting(const ParamEntry& entry, const Tensor& tensor,
                            const QuantParams& existing) {
    constexpr char kAdvice[] = "start from the float32 model, or drop the entry";
    if (!SameParams(existing, *ToParams(entry))) {
      Report(entry, {.problem = "the model has it quantized already, with other parameters",
                     .expected = absl::StrCat(DescribeParams(existing), " as in the model"),
                     .found = DescribeParams(*ToParams(entry)),
                     .advice = kAdvice});
    } else if (!SameValue(entry, tensor)) {
      Report(entry, {.problem = "the model has it quantized already, with another value",
                     .expected =
                         absl::StrCat("the model's ", model_.ConstantData(tensor).size(), " bytes"),
                     .found = absl::StrCat("others in ", entry.value->file),
                     .advice = kAdvice});
    }
  }

  bool SameValue(const ParamEntry& entry, const Tensor& tensor) const {
    if (!entry.value.has_value()) return true;
    const bool packed = BitsPerElement(entry.dtype) == 4;
    const Bytes value = packed ? PackNibbles(entry.value->data.span()) : entry.value->data;
    return value.span() == model_.ConstantData(tensor).span();
  }

  bool CheckChannels(const ParamEntry& entry, const TensorRef& ref) {
    const Tensor& tensor = TensorAt(ref);
    const auto rank = static_cast<int32_t>(tensor.shape.size());
    const int32_t axis = entry.quantized_dimension;
    if (axis >= std::max(rank, 1)) {
      Report(entry, {.problem = "quantized_dimension lies outside the tensor's rank",
                     .expected = rank == 0 ? "0" : absl::StrCat("0 to ", rank - 1),
                     .found = absl::StrCat(axis),
                     .advice = absl::StrCat("the shape is ", ShapeText(tensor.shape))});
      return false;
    }
    if (entry.scale.size() == 1) return true;
    if (!IsConstant(ref)) {
      Report(entry, {.problem = "an activation can't have a scale per channel",
                     .expected = "1 scale",
                     .found = absl::StrCat(entry.scale.size(), " in ", entry.scale_file),
                     .advice = "quantize activations per tensor"});
      return false;
    }
    const int32_t channels = rank == 0 ? 1 : tensor.shape[static_cast<size_t>(axis)];
    if (entry.scale.size() == static_cast<size_t>(channels)) return true;
    ReportChannelCount(entry, tensor, channels);
    return false;
  }

  void ReportChannelCount(const ParamEntry& entry, const Tensor& tensor, int32_t channels) {
    std::string advice = "export one scale for each channel";
    const auto fits = std::find(tensor.shape.begin(), tensor.shape.end(),
                                static_cast<int32_t>(entry.scale.size()));
    if (fits != tensor.shape.end()) {
      advice = absl::StrCat("dimension ", fits - tensor.shape.begin(), " of the shape ",
                            ShapeText(tensor.shape), " has that size: is it the channel axis?");
    }
    Report(entry,
           {.problem = "the number of scales does not fit the channels",
            .expected = absl::StrCat("1 or ", channels, ", the size of dimension ",
                                     entry.quantized_dimension, " of ", ShapeText(tensor.shape)),
            .found = absl::StrCat(entry.scale.size(), " in ", entry.scale_file),
            .advice = advice});
  }

  bool CheckValue(const ParamEntry& entry, const TensorRef& ref) {
    if (!entry.value.has_value()) return true;
    const Tensor& tensor = TensorAt(ref);
    if (!IsConstant(ref)) {
      Report(entry, {.problem = "an activation can't have a value",
                     .expected = "no 'value'",
                     .found = entry.value->file,
                     .advice = "drop 'value': it is for weights and other constants"});
      return false;
    }
    const auto& shape = entry.value->shape;
    if (std::equal(tensor.shape.begin(), tensor.shape.end(), shape.begin(), shape.end())) {
      return true;
    }
    Report(entry, {.problem = "the value's shape is not the tensor's",
                   .expected = ShapeText(tensor.shape),
                   .found = absl::StrCat(ShapeText(shape), " in ", entry.value->file),
                   .advice = ShapeAdvice(tensor.shape, shape)});
    return false;
  }

  // PyTorch keeps channels first (OIHW), circle last (OHWI): the usual reason for a shape that does
  // not fit.
  static std::string ShapeAdvice(absl::Span<const int32_t> wanted,
                                 absl::Span<const int64_t> given) {
    if (wanted.size() != given.size()) return "save the value in the model's layout";
    std::vector<int> axes(wanted.size());
    std::iota(axes.begin(), axes.end(), 0);
    // At most 4! orders; beyond rank 4 no converter transposes weights.
    if (axes.size() > 4) return "save the value in the model's layout";
    do {
      const bool fits = std::equal(
          axes.begin(), axes.end(), wanted.begin(),
          [&](int axis, int32_t dim) { return given[static_cast<size_t>(axis)] == dim; });
      if (fits) {
        return absl::StrCat("np.transpose(value, (", absl::StrJoin(axes, ", "),
                            ")) would have the shape");
      }
    } while (std::next_permutation(axes.begin(), axes.end()));
    return "save the value in the model's layout";
  }

  const Model& model_;
  const Params& params_;
  const QuantizeOptions& options_;
  Plan& plan_;
  Diagnostics& diagnostics_;
  TensorIndex index_;
  std::vector<std::vector<bool>> moved_constants_;  // by graph and tensor
  std::vector<const ParamEntry*> unknown_;
  size_t matched_ = 0;
  size_t suggestions_given_ = 0;
};

// The parameters that the model brings take part in every rule.
void TakeExisting(const Model& model, Plan& plan) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const auto id = static_cast<TensorId>(t);
      if (ParamsPtr params = ParamsOfReals(graph, plan.graphs[g].def_use, id)) {
        plan.graphs[g].tensors[t] = {.origin = Origin::kExisting, .params = std::move(params)};
      }
    }
  }
}

}  // namespace

void Bind(const Model& model, const Params& params, const QuantizeOptions& options, Plan& plan,
          Diagnostics& diagnostics) {
  plan.params_path = params.path;
  TakeExisting(model, plan);
  Binder(model, params, options, plan, diagnostics).Run();
}

}  // namespace q_implant
