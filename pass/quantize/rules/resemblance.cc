// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/resemblance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/elements.h"
#include "ir/tensor_type.h"
#include "pass/numbers/constant_data.h"
#include "pass/numbers/quantization_error.h"

namespace q_implant {
namespace {

constexpr double kLeastDb = 3;
constexpr size_t kSample = 16384;  // elements; a large constant is looked at in even steps

// Where the element at `index` of the result of np.transpose(value, axes) stands in the value.
class TransposedIndex {
 public:
  TransposedIndex(absl::Span<const int32_t> shape, absl::Span<const int> axes) : shape_(shape) {
    // The value has the tensor's shape before it is transposed, and must have it after.
    for (int axis : axes) {
      strides_.push_back(*ElementCount(shape.subspan(static_cast<size_t>(axis) + 1)));
    }
  }

  size_t operator()(size_t index) const {
    size_t source = 0;
    for (size_t axis = shape_.size(); axis-- > 0;) {
      const auto size = static_cast<size_t>(shape_[axis]);
      source += index % size * strides_[axis];
      index /= size;
    }
    return source;
  }

 private:
  absl::Span<const int32_t> shape_;
  std::vector<size_t> strides_;
};

class Comparison {
 public:
  Comparison(absl::Span<const uint8_t> floats, const Array& value, absl::Span<const int32_t> shape,
             const QuantParams& params)
      : floats_(floats), value_(value), shape_(shape), params_(params) {
    count_ = floats.size() / sizeof(float);
    step_ = std::max<size_t>(1, count_ / kSample) | 1;  // odd: sizes are mostly even
  }

  // Nothing where either side is all zero.
  std::optional<double> Db(absl::Span<const int> axes) const {
    const TransposedIndex source(shape_, axes);
    const size_t run = ChannelRun();
    double signal = 0;
    double noise = 0;
    double meant = 0;
    for (size_t i = 0; i < count_; i += step_) {
      const size_t channel = params_.per_channel() ? i / run % params_.scale.size() : 0;
      const double real = static_cast<double>(params_.scale[channel]) *
                          static_cast<double>(IntegerAt(source(i)) - params_.zero_point[channel]);
      const double wanted = static_cast<double>(LoadElement<float>(floats_, i));
      signal += wanted * wanted;
      meant += real * real;
      noise += (wanted - real) * (wanted - real);
    }
    if (signal == 0 || meant == 0 || !std::isfinite(signal)) return std::nullopt;
    return ToDb(signal, noise);
  }

  // The transposition under which the value resembles the floats best, where one does.
  std::optional<std::vector<int>> FindAxes() const {
    std::vector<int> axes(shape_.size());
    std::iota(axes.begin(), axes.end(), 0);
    if (axes.size() > 4) return std::nullopt;
    std::optional<std::vector<int>> best;
    double best_db = kLeastDb;
    while (std::next_permutation(axes.begin(), axes.end())) {
      const bool same_shape = std::equal(
          axes.begin(), axes.end(), shape_.begin(),
          [&](int axis, int32_t size) { return shape_[static_cast<size_t>(axis)] == size; });
      const std::optional<double> db = same_shape ? Db(axes) : std::nullopt;
      if (db.has_value() && *db > best_db) {
        best_db = *db;
        best = axes;
      }
    }
    return best;
  }

 private:
  size_t ChannelRun() const {
    if (!params_.per_channel()) return 1;
    return *ElementCount(shape_.subspan(static_cast<size_t>(params_.quantized_dimension) + 1));
  }

  int64_t IntegerAt(size_t i) const {
    switch (BitsPerElement(value_.type)) {
      case 8:
        return value_.type == circle::TensorType_UINT8 ? int64_t{value_.data.data()[i]}
                                                       : Load<int8_t>(i);
      case 16:
        return Load<int16_t>(i);
      case 32:
        return Load<int32_t>(i);
      default:
        return Load<int64_t>(i);
    }
  }

  template <typename T>
  T Load(size_t i) const {
    return LoadElement<T>(value_.data, i);
  }

  absl::Span<const uint8_t> floats_;
  const Array& value_;
  absl::Span<const int32_t> shape_;
  const QuantParams& params_;
  size_t count_ = 0;
  size_t step_ = 1;
};

void CheckConstant(const Tensor& tensor, const Bytes& floats, const TensorPlan& planned,
                   Severity severity, const std::string& param_file, Diagnostics& diagnostics) {
  std::vector<int> identity(tensor.shape.size());
  std::iota(identity.begin(), identity.end(), 0);
  const Comparison comparison(floats.span(), *planned.entry->value, tensor.shape, *planned.params);
  const std::optional<double> db = comparison.Db(identity);
  if (!db.has_value() || *db >= kLeastDb) return;
  std::string advice = "is it the value of this tensor? --check_values=off leaves out this check";
  if (const auto axes = comparison.FindAxes()) {
    advice =
        absl::StrCat("np.transpose(value, (", absl::StrJoin(*axes, ", "), ")) would resemble it");
  }
  diagnostics.Add({.severity = severity,
                   .file = param_file,
                   .tensor = planned.entry->key,
                   .problem = "the value does not resemble the model's float32 data",
                   .expected = absl::StrCat("a signal-to-noise ratio of ", kLeastDb, " dB or more"),
                   .found = absl::StrCat(std::round(*db * 10) / 10, " dB in '",
                                         planned.entry->value->file, "'"),
                   .advice = std::move(advice)});
}

}  // namespace

void CheckResemblance(const Model& model, const Plan& plan, Severity severity,
                      const std::string& param_file, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const Graph& graph = model.graphs[g];
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const Tensor& tensor = graph.tensors[t];
      const TensorPlan& planned = plan.graphs[g].tensors[t];
      if (planned.origin != Origin::kAnnotated || !planned.entry->value.has_value() ||
          tensor.type != circle::TensorType_FLOAT32 || !model.IsConstant(tensor)) {
        continue;
      }
      CheckConstant(tensor, model.ConstantData(tensor), planned, severity, param_file, diagnostics);
    }
  }
}

}  // namespace q_implant
