// SPDX-License-Identifier: Apache-2.0
#include "pass/target/mend_faults.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"

namespace q_implant {
namespace {

enum Kind : size_t { kUnread, kZeroPoints, kOneScale, kNoAxis, kAxis, kKinds };

// What was mended of one kind.
struct Mended {
  size_t count = 0;
  std::string tensor;  // the first
  std::string problem;
};

template <typename T>
bool AllTheSame(const std::vector<T>& values) {
  return std::adjacent_find(values.begin(), values.end(), std::not_equal_to<T>()) == values.end();
}

bool HasAxis(const Tensor& tensor, int32_t axis) {
  return axis >= 0 && static_cast<size_t>(axis) < std::max<size_t>(tensor.shape.size(), 1);
}

bool ChannelsFit(const Tensor& tensor, const Quantization& quantization) {
  const auto axis = static_cast<size_t>(quantization.quantized_dimension);
  return HasAxis(tensor, quantization.quantized_dimension) && axis < tensor.shape.size() &&
         static_cast<size_t>(tensor.shape[axis]) == quantization.scale.size();
}

bool IsSound(const Tensor& tensor, const Quantization& quantization) {
  return quantization.scale.size() == quantization.zero_point.size() &&
         (quantization.per_channel() ? ChannelsFit(tensor, quantization)
                                     : HasAxis(tensor, quantization.quantized_dimension));
}

// The only dimension with as many elements as there are scales.
std::optional<int32_t> OnlyAxis(const Tensor& tensor, size_t scales) {
  const auto size = static_cast<int32_t>(scales);
  if (std::count(tensor.shape.begin(), tensor.shape.end(), size) != 1) return std::nullopt;
  return static_cast<int32_t>(std::find(tensor.shape.begin(), tensor.shape.end(), size) -
                              tensor.shape.begin());
}

class Mender {
 public:
  Mender(Model& model, Diagnostics& diagnostics) : model_(model), diagnostics_(diagnostics) {}

  bool Run() {
    for (size_t g = 0; g < model_.graphs.size(); ++g) {
      for (size_t t = 0; t < model_.graphs[g].tensors.size(); ++t) {
        graph_ = g;
        id_ = static_cast<TensorId>(t);
        Tensor& tensor = model_.graphs[g].tensors[t];
        if (tensor.quantization.has_value() && tensor.quantization->details == nullptr &&
            !tensor.quantization->scale.empty()) {
          Mend(tensor, *tensor.quantization);
        }
      }
    }
    Tell();
    return std::any_of(mended_.begin(), mended_.end(), [](const Mended& m) { return m.count > 0; });
  }

 private:
  void Note(Kind kind, std::string problem) {
    if (mended_[kind].count++ > 0) return;
    mended_[kind].tensor = DisplayName(model_, graph_, id_);
    mended_[kind].problem = std::move(problem);
  }

  void Mend(const Tensor& tensor, Quantization& quantization) {
    if (!RangeOf(tensor.type).has_value()) return DropUnread(tensor, quantization);
    if (!IsQuantizedType(tensor.type)) return;  // integers that no rule here knows
    MendZeroPoints(quantization);
    MendScales(tensor, quantization);
    MendAxis(tensor, quantization);
  }

  void DropUnread(const Tensor& tensor, Quantization& quantization) {
    if (IsSound(tensor, quantization)) return;
    Note(kUnread, absl::StrCat("the scales of a ", TypeName(tensor.type),
                               " tensor, which nothing reads and runtimes refuse as they stand, "
                               "went"));
    quantization.scale = {};
    quantization.zero_point = {};
    quantization.quantized_dimension = 0;
  }

  // Other numbers of zero points never get here: the importer refuses them, as runtimes do.
  void MendZeroPoints(Quantization& quantization) {
    const size_t scales = quantization.scale.size();
    if (!quantization.zero_point.empty()) return;
    quantization.zero_point.assign(scales, 0);
    Note(kZeroPoints, absl::StrCat("its ", scales, scales == 1 ? " scale has" : " scales have",
                                   " the zero point 0 now: the file had no zero points"));
  }

  // Equal scales along an axis stay: kernels want them so.
  void MendScales(const Tensor& tensor, Quantization& quantization) {
    const size_t scales = quantization.scale.size();
    const bool has_channels = model_.IsConstant(tensor) && OnlyOrOwnAxis(tensor, quantization);
    if (scales == 1 || has_channels || !AllTheSame(quantization.scale) ||
        quantization.zero_point.size() != scales || !AllTheSame(quantization.zero_point)) {
      return;
    }
    quantization.scale.resize(1);
    quantization.zero_point.resize(1);
    Note(kOneScale,
         absl::StrCat("it has 1 scale now: the file had ", scales, " that are all the same, for ",
                      model_.IsConstant(tensor) ? "a constant without so many channels"
                                                : "an activation, which has no channels"));
  }

  static bool OnlyOrOwnAxis(const Tensor& tensor, const Quantization& quantization) {
    return ChannelsFit(tensor, quantization) ||
           OnlyAxis(tensor, quantization.scale.size()).has_value();
  }

  void MendAxis(const Tensor& tensor, Quantization& quantization) {
    const int32_t axis = quantization.quantized_dimension;
    if (!quantization.per_channel()) {
      if (HasAxis(tensor, axis)) return;
      quantization.quantized_dimension = 0;
      return Note(kNoAxis, absl::StrCat("its quantized_dimension is 0 now: of 1 scale it means "
                                        "nothing, and the tensor has no dimension ",
                                        axis));
    }
    if (ChannelsFit(tensor, quantization) || !model_.IsConstant(tensor)) return;
    const std::optional<int32_t> only = OnlyAxis(tensor, quantization.scale.size());
    if (!only.has_value()) return;
    quantization.quantized_dimension = *only;
    Note(kAxis, absl::StrCat("its quantized_dimension is ", *only, " now, the only dimension of ",
                             ShapeText(tensor.shape), " that is as long as its ",
                             quantization.scale.size(), " scales: the file had ", axis));
  }

  void Tell() {
    for (const Mended& mended : mended_) {
      if (mended.count == 0) continue;
      const size_t more = mended.count - 1;
      diagnostics_.Add({.severity = Severity::kRemark,
                        .file = model_.path,
                        .tensor = mended.tensor,
                        .problem = absl::StrCat(
                            "the model came with a fault, which is corrected: ", mended.problem,
                            more == 0   ? ""
                            : more == 1 ? " (likewise 1 more tensor)"
                                        : absl::StrCat(" (likewise ", more, " more tensors)"))});
    }
  }

  Model& model_;
  Diagnostics& diagnostics_;
  size_t graph_ = 0;
  TensorId id_ = kNoTensor;
  std::array<Mended, kKinds> mended_;
};

}  // namespace

bool MendFaults(Model& model, Diagnostics& diagnostics) { return Mender(model, diagnostics).Run(); }

}  // namespace q_implant
