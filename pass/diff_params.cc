// SPDX-License-Identifier: Apache-2.0
#include "pass/diff_params.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/constant_data.h"
#include "pass/names.h"

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
  const auto load = [&](auto value) {
    std::memcpy(&value, data.data() + i * sizeof(value), sizeof(value));
    return static_cast<int64_t>(value);
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
  const circle::TensorType element = is_signed ? circle::TensorType_INT8 : type;
  diff.values = count;
  for (uint64_t i = 0; i < count; ++i) {
    const uint64_t steps = Distance(ValueAt(first, element, i), ValueAt(second, element, i));
    diff.value_steps = std::max(diff.value_steps, steps);
    diff.differing_values += steps == 0 ? 0 : 1;
  }
}

class GraphDiffer {
 public:
  GraphDiffer(const Model& first, const Model& second, size_t graph, std::vector<TensorDiff>& diffs)
      : first_(first), second_(second), graph_(graph), diffs_(diffs) {}

  void Run() {
    const absl::flat_hash_map<std::string, TensorId> second = Index(second_);
    const absl::flat_hash_map<std::string, TensorId> first = Index(first_);
    for (TensorId id : Ids(first_)) {
      const auto found = second.find(DisplayName(first_, graph_, id));
      if (found == second.end()) {
        AddMissing(first_, id, TensorDiff::Missing::kSecond);
      } else {
        Compare(id, found->second);
      }
    }
    for (TensorId id : Ids(second_)) {
      if (!first.contains(DisplayName(second_, graph_, id))) {
        AddMissing(second_, id, TensorDiff::Missing::kFirst);
      }
    }
  }

 private:
  std::vector<TensorId> Ids(const Model& model) const {
    std::vector<TensorId> ids;
    if (graph_ >= model.graphs.size()) return ids;
    for (size_t t = 0; t < model.graphs[graph_].tensors.size(); ++t) {
      ids.push_back(static_cast<TensorId>(t));
    }
    return ids;
  }

  absl::flat_hash_map<std::string, TensorId> Index(const Model& model) const {
    absl::flat_hash_map<std::string, TensorId> index;
    for (TensorId id : Ids(model)) index.try_emplace(DisplayName(model, graph_, id), id);
    return index;
  }

  const Tensor& TensorOf(const Model& model, TensorId id) const {
    return model.graphs[graph_].tensor(id);
  }

  void AddMissing(const Model& model, TensorId id, TensorDiff::Missing missing) {
    if (ParamsOf(TensorOf(model, id)) == nullptr) return;
    TensorDiff diff;
    diff.graph = graph_;
    diff.name = DisplayName(model, graph_, id);
    diff.missing = missing;
    diffs_.push_back(std::move(diff));
  }

  void Compare(TensorId a, TensorId b) {
    const Tensor& first = TensorOf(first_, a);
    const Tensor& second = TensorOf(second_, b);
    const ParamsPtr first_params = ParamsOf(first);
    const ParamsPtr second_params = ParamsOf(second);
    if (first_params == nullptr && second_params == nullptr) return;
    TensorDiff diff;
    diff.graph = graph_;
    diff.name = DisplayName(first_, graph_, a);
    if (TypeText(first_params) != TypeText(second_params)) {
      diff.first_type = TypeText(first_params);
      diff.second_type = TypeText(second_params);
    } else {
      DiffParameters(*first_params, *second_params, diff);
      DiffValues(first_.ConstantData(first), second_.ConstantData(second), first_params->dtype,
                 ElementCount(first.shape).value_or(0), diff);
    }
    if (!diff.empty()) diffs_.push_back(std::move(diff));
  }

  const Model& first_;
  const Model& second_;
  size_t graph_;
  std::vector<TensorDiff>& diffs_;
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
  const size_t graphs = std::max(first.graphs.size(), second.graphs.size());
  for (size_t g = 0; g < graphs; ++g) GraphDiffer(first, second, g, diffs).Run();
  return diffs;
}

}  // namespace q_implant
