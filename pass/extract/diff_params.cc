// SPDX-License-Identifier: Apache-2.0
#include "pass/extract/diff_params.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/elements.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/extract/tensor_forms.h"
#include "pass/graph/def_use.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/numbers/constant_data.h"

namespace q_implant {
namespace {

uint64_t Distance(int64_t a, int64_t b) {
  return a > b ? static_cast<uint64_t>(a) - static_cast<uint64_t>(b)
               : static_cast<uint64_t>(b) - static_cast<uint64_t>(a);
}

// How many float32 numbers lie from one positive number to another: their bits count up with them.
uint64_t Ulps(float a, float b) {
  int32_t bits_a = 0;
  int32_t bits_b = 0;
  std::memcpy(&bits_a, &a, sizeof(a));
  std::memcpy(&bits_b, &b, sizeof(b));
  return Distance(bits_a, bits_b);
}

std::string TypeText(const ParamsPtr& params) {
  return params == nullptr ? "float32" : TypeName(params->dtype);
}

std::string ScalesText(const QuantParams& params) {
  if (!params.per_channel()) return "1 scale";
  return absl::StrCat(params.scale.size(), " scales along axis ", params.quantized_dimension);
}

int64_t ValueAt(const Bytes& data, circle::TensorType type, size_t i) {
  const auto load = [&](auto like) {
    return static_cast<int64_t>(LoadElement<decltype(like)>(data.span(), i));
  };
  switch (type) {
    case circle::TensorType_INT8:
      return load(int8_t{});
    case circle::TensorType_INT16:
      return load(int16_t{});
    case circle::TensorType_INT32:
      return load(int32_t{});
    case circle::TensorType_INT64:
      return load(int64_t{});
    default:
      return load(uint8_t{});
  }
}

void DiffParameters(const QuantParams& a, const QuantParams& b, TensorDiff& diff) {
  const bool same_form = a.scale.size() == b.scale.size() &&
                         (!a.per_channel() || a.quantized_dimension == b.quantized_dimension);
  if (!same_form) {
    diff.first_scales = ScalesText(a);
    diff.second_scales = ScalesText(b);
    return;
  }
  for (size_t i = 0; i < a.scale.size(); ++i) {
    const uint64_t ulps = Ulps(a.scale[i], b.scale[i]);
    diff.scale_ulps = std::max(diff.scale_ulps, ulps);
    diff.differing_scales += ulps == 0 ? 0 : 1;
    const uint64_t steps = Distance(a.zero_point[i], b.zero_point[i]);
    diff.zero_point_steps = std::max(diff.zero_point_steps, steps);
    diff.differing_zero_points += steps == 0 ? 0 : 1;
  }
}

void DiffValues(const Bytes& a, const Bytes& b, circle::TensorType type, uint64_t count,
                TensorDiff& diff) {
  if (a.size() != b.size()) {
    diff.other_shape = true;
    return;
  }
  if (a.span() == b.span()) return;
  const bool packed = BitsPerElement(type) == 4;
  const bool is_signed = type == circle::TensorType_INT4;
  const Bytes first = packed ? Bytes::Own(UnpackNibbles(a.span(), count, is_signed)) : a;
  const Bytes second = packed ? Bytes::Own(UnpackNibbles(b.span(), count, is_signed)) : b;
  const circle::TensorType element = is_signed ? circle::TensorType_INT8
                                     : packed  ? circle::TensorType_UINT8
                                               : type;
  count = std::min<uint64_t>(
      count, first.size() * 8 / static_cast<size_t>(std::max(1, BitsPerElement(element))));
  diff.values = count;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t steps = Distance(ValueAt(first, element, i), ValueAt(second, element, i));
    diff.value_steps = std::max(diff.value_steps, steps);
    diff.differing_values += steps == 0 ? 0 : 1;
  }
}

// One of the two models, one of its graphs: tensors by name, and which of them are forms of one.
class Side : private GraphView {
 public:
  using GraphView::Name;
  using GraphView::tensor;

  Side(const Model& model, size_t index)
      : GraphView(model, index), def_use_(graph_), forms_(model, graph_, def_use_) {
    for (size_t t = 0; t < graph_.tensors.size(); ++t) {
      by_name_.try_emplace(Name(static_cast<TensorId>(t)), static_cast<TensorId>(t));
    }
  }

  Side(const Side&) = delete;  // members refer to each other

  size_t size() const { return graph_.tensors.size(); }
  const Bytes& Data(TensorId id) const { return model_.ConstantData(tensor(id)); }
  ParamsPtr Params(TensorId id) const { return ParamsOf(tensor(id)); }
  bool IsEnd(TensorId id) const { return def_use_.is_input(id) || def_use_.is_output(id); }
  TensorId original(TensorId id) const { return forms_.original(id); }
  TensorId holder(TensorId id) const { return forms_.holder(id); }

  TensorId Find(const std::string& name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? kNoTensor : found->second;
  }

 private:
  DefUse def_use_;
  TensorForms forms_;
  absl::flat_hash_map<std::string, TensorId> by_name_;
};

Model OneEmptyGraph() {
  Model model;
  model.graphs.emplace_back();
  return model;
}

class GraphDiffer {
 public:
  GraphDiffer(const Side& first, const Side& second, size_t graph, std::vector<TensorDiff>& diffs)
      : first_(first), second_(second), graph_(graph), diffs_(diffs) {}

  void Run() {
    for (size_t t = 0; t < first_.size(); ++t) {
      const auto a = static_cast<TensorId>(t);
      const TensorId b = second_.Find(first_.Name(a));
      if (b == kNoTensor) {
        AddMissing(first_, second_, a, TensorDiff::Missing::kSecond);
      } else {
        CompareNamesakes(a, b);
      }
    }
    for (size_t t = 0; t < second_.size(); ++t) {
      const auto b = static_cast<TensorId>(t);
      if (first_.Find(second_.Name(b)) == kNoTensor) {
        AddMissing(second_, first_, b, TensorDiff::Missing::kFirst);
      }
    }
  }

 private:
  // Tools call the form that has a tensor's parameters otherwise ("tfl.quantize", "x_quantized"),
  // or the float32 one. So a tensor that has them in one model alone is looked for as a form.
  void CompareNamesakes(TensorId a, TensorId b) {
    const bool of_one = (first_.Params(a) == nullptr) != (second_.Params(b) == nullptr);
    const bool ends = first_.IsEnd(a) && second_.IsEnd(b);
    const TensorId holder_a = first_.holder(a);
    const TensorId holder_b = second_.holder(b);
    if (!of_one || ends || holder_a == kNoTensor || holder_b == kNoTensor) {
      Compare(a, b, first_.Name(a));
    } else if (first_.Params(a) == nullptr ? holder_b == b : holder_a == a) {
      Compare(holder_a, holder_b, first_.Name(a));
    }
  }

  void AddMissing(const Side& here, const Side& there, TensorId id, TensorDiff::Missing missing) {
    if (here.Params(id) == nullptr) return;
    const TensorId original = here.original(id);
    const TensorId other = there.Find(here.Name(original));
    if (here.holder(id) == id && other != kNoTensor && there.holder(other) != kNoTensor) {
      const TensorId form = there.holder(other);
      const bool is_first = missing == TensorDiff::Missing::kSecond;
      Compare(is_first ? id : form, is_first ? form : id, here.Name(original));
      return;
    }
    TensorDiff diff;
    diff.graph = graph_;
    diff.name = here.Name(id);
    diff.missing = missing;
    diffs_.push_back(std::move(diff));
  }

  void Compare(TensorId a, TensorId b, std::string name) {
    const ParamsPtr first = first_.Params(a);
    const ParamsPtr second = second_.Params(b);
    if ((first == nullptr && second == nullptr) || !compared_.insert({a, b}).second) return;
    TensorDiff diff;
    diff.graph = graph_;
    diff.name = std::move(name);
    if (TypeText(first) != TypeText(second)) {
      diff.first_type = TypeText(first);
      diff.second_type = TypeText(second);
    } else {
      DiffParameters(*first, *second, diff);
      // A form that a Quantize makes of a constant has no integers in the file.
      const bool made = first_.Name(a) != second_.Name(b) &&
                        (first_.Data(a).size() == 0 || second_.Data(b).size() == 0);
      if (!made) {
        DiffValues(first_.Data(a), second_.Data(b), first->dtype,
                   ElementCount(first_.tensor(a).shape).value_or(0), diff);
      }
    }
    if (!diff.empty()) diffs_.push_back(std::move(diff));
  }

  const Side& first_;
  const Side& second_;
  size_t graph_;
  std::vector<TensorDiff>& diffs_;
  absl::flat_hash_set<std::pair<TensorId, TensorId>> compared_;
};

}  // namespace

bool TensorDiff::empty() const {
  return missing == Missing::kNeither && first_type.empty() && first_scales.empty() &&
         differing_scales == 0 && differing_zero_points == 0 && differing_values == 0 &&
         !other_shape;
}

std::string TensorDiff::ToString() const {
  if (missing == Missing::kFirst) return "only in the second";
  if (missing == Missing::kSecond) return "only in the first";
  if (!first_type.empty()) return absl::StrCat(first_type, " and ", second_type);
  std::vector<std::string> parts;
  if (!first_scales.empty()) parts.push_back(absl::StrCat(first_scales, " and ", second_scales));
  const auto in_channels = [](uint64_t count) {
    return count == 1 ? "" : absl::StrCat(" in ", count, " channels");
  };
  if (differing_scales > 0) {
    parts.push_back(absl::StrCat("scale ", scale_ulps, scale_ulps == 1 ? " ulp" : " ulps", " apart",
                                 in_channels(differing_scales)));
  }
  if (differing_zero_points > 0) {
    parts.push_back(absl::StrCat("zero point ", zero_point_steps, " apart",
                                 in_channels(differing_zero_points)));
  }
  if (differing_values > 0) {
    parts.push_back(
        absl::StrCat(differing_values, " of ", values, " values differ, by up to ", value_steps));
  }
  if (other_shape) parts.push_back("constants of different sizes");
  return absl::StrJoin(parts, "; ");
}

std::vector<TensorDiff> DiffParams(const Model& first, const Model& second) {
  std::vector<TensorDiff> diffs;
  const Model nothing = OneEmptyGraph();
  const size_t graphs = std::max(first.graphs.size(), second.graphs.size());
  for (size_t g = 0; g < graphs; ++g) {
    const auto side = [&](const Model& model) {
      return g < model.graphs.size() ? Side(model, g) : Side(nothing, 0);
    };
    GraphDiffer(side(first), side(second), g, diffs).Run();
  }
  return diffs;
}

}  // namespace q_implant
