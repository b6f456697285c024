// SPDX-License-Identifier: Apache-2.0
#include "ir/node_verdict.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/conversion_kernels.h"
#include "ir/fixed_output.h"
#include "ir/operator_table.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "ir/weights_kernels.h"

namespace q_implant {
namespace {

class Judge {
 public:
  Judge(const Graph& graph, const Node& node, Target target)
      : graph_(graph), node_(node), row_(RowOf(node)), target_(target) {}

  NodeVerdict Run() const {
    if (row_.kind == Kind::kConvert) return JudgeConversion();
    if (NodeVerdict bias = JudgeMissingBias(); bias.verdict != Verdict::kRight) return bias;
    const std::vector<ParamsPtr> sides = Sides();
    return sides.empty() ? JudgeFloat() : JudgeInteger(sides);
  }

 private:
  bool Given(const std::vector<TensorId>& ids, size_t slot) const {
    return slot < ids.size() && ids[slot] != kNoTensor;
  }
  ParamsPtr ParamsAt(const std::vector<TensorId>& ids, size_t slot) const {
    return Given(ids, slot) ? ParamsOf(graph_.tensor(ids[slot])) : nullptr;
  }
  std::optional<circle::TensorType> TypeAt(const std::vector<TensorId>& ids, size_t slot) const {
    if (!Given(ids, slot)) return std::nullopt;
    return graph_.tensor(ids[slot]).type;
  }

  NodeVerdict JudgeConversion() const {
    const auto from = TypeAt(node_.inputs, 0);
    const auto to = TypeAt(node_.outputs, 0);
    if (!from.has_value() || !to.has_value() || *from == circle::TensorType_FLOAT16) return {};
    const ParamsPtr source = ParamsAt(node_.inputs, 0);
    const Verdict verdict = ConversionVerdict(source, ParamsAt(node_.outputs, 0), target_);
    return {verdict, absl::StrCat("from ", source == nullptr ? "float32" : DescribeParams(*source),
                                  " to ", TypeName(*to))};
  }

  NodeVerdict JudgeMissingBias() const {
    const int slot = FindInput(row_, Role::kBias);
    if (!row_.needs_bias || slot < 0 || Given(node_.inputs, static_cast<size_t>(slot))) return {};
    return {Verdict::kRefused, "without a bias"};
  }

  // The parameters of the node's data; of a float32 node none, whatever its weights are.
  std::vector<ParamsPtr> Sides() const {
    std::vector<ParamsPtr> sides;
    for (size_t slot = 0; slot < node_.outputs.size(); ++slot) {
      if (OutputRole(row_, slot) != Role::kData || !Given(node_.outputs, slot)) continue;
      const ParamsPtr params = ParamsAt(node_.outputs, slot);
      if (params == nullptr) return {};
      sides.push_back(params);
    }
    for (size_t slot = 0; slot < node_.inputs.size(); ++slot) {
      const Role role = InputRole(row_, slot);
      if (role != Role::kData && role != Role::kFill) continue;
      if (const ParamsPtr params = ParamsAt(node_.inputs, slot)) sides.push_back(params);
    }
    return sides;
  }

  NodeVerdict JudgeFloat() const {
    const ParamsPtr weights = ParamsAt(node_.inputs, 1);
    if (weights != nullptr && InputRole(row_, 1) != Role::kControl) {
      const HybridKernels& kernels = row_.hybrid.kernels(target_);
      const TypeSet types = weights->per_channel() ? kernels.per_channel : kernels.per_tensor;
      if (types.has(weights->dtype)) return {};
      return {Verdict::kWrong,
              absl::StrCat("with weights of ", DescribeParams(*weights), " beside float32 data")};
    }
    if (target_ == Target::kOnert && row_.onert_lacks_float) {
      return {Verdict::kRefused, "in float32 too"};
    }
    return {};
  }

  NodeVerdict JudgeInteger(const std::vector<ParamsPtr>& sides) const {
    const circle::TensorType type = sides.front()->dtype;
    const std::string of_type = absl::StrCat("with ", TypeName(type), " data");
    const KernelTypes& kernels = target_ == Target::kLiteRt ? row_.litert : row_.onert;
    if (!IntegerTypes(row_, target_).has(type)) {
      return {kernels.wrong.has(type) ? Verdict::kWrong : Verdict::kRefused, of_type};
    }
    if (NeedsEqualSides(row_, type, target_) &&
        !std::all_of(sides.begin(), sides.end(),
                     [&](const ParamsPtr& side) { return SameParams(side, sides.front()); })) {
      return {kernels.misread.has(type) ? Verdict::kWrong : Verdict::kRefused,
              absl::StrCat(of_type, " and different parameters on its sides")};
    }
    if (NodeVerdict fixed = JudgeFixedOutput(type); fixed.verdict != Verdict::kRight) return fixed;
    return JudgeWeights(type);
  }

  NodeVerdict JudgeFixedOutput(circle::TensorType type) const {
    const ParamsPtr made = ParamsAt(node_.outputs, 0);
    const ParamsPtr fixed = FixedOutputParams(row_.fixed_output, type);
    if (made == nullptr || fixed == nullptr || IsFixedOutput(row_.fixed_output, *made)) return {};
    return {Verdict::kWrong,
            absl::StrCat("with output parameters other than ", DescribeParams(*fixed))};
  }

  NodeVerdict JudgeWeights(circle::TensorType type) const {
    const int slot = FindInput(row_, Role::kWeights);
    const ParamsPtr weights =
        slot < 0 ? nullptr : ParamsAt(node_.inputs, static_cast<size_t>(slot));
    if (weights == nullptr) return {};
    const WeightsSupport support = WeightsSupportOf(node_.op(), type, *weights);
    return {target_ == Target::kLiteRt ? support.litert : support.onert,
            absl::StrCat("with weights of ", DescribeParams(*weights), " beside ", TypeName(type),
                         " data")};
  }

  const Graph& graph_;
  const Node& node_;
  const OperatorRow& row_;
  Target target_;
};

}  // namespace

NodeVerdict JudgeNode(const Graph& graph, const Node& node, Target target) {
  NodeVerdict verdict = Judge(graph, node, target).Run();
  if (verdict.verdict == Verdict::kRight) verdict.why.clear();
  return verdict;
}

}  // namespace q_implant
