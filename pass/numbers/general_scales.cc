// SPDX-License-Identifier: Apache-2.0
#include "pass/numbers/general_scales.h"

#include <cmath>
#include <string>

#include "absl/strings/str_cat.h"
#include "ir/change_options.h"
#include "ir/quant_params.h"
#include "pass/graph/display_names.h"
#include "pass/graph/node_tensors.h"

namespace q_implant {
namespace {

// A little more than LiteRT's 0.001, for its logarithm is float32's.
bool LooksLikeAPowerOfTwo(const ParamsPtr& params) {
  constexpr double kTolerance = 0.00101;
  if (params == nullptr || params->dtype != circle::TensorType_INT16) return false;
  const double log = std::log2(double{params->scale.front()});
  return std::abs(log - std::round(log)) < kTolerance;
}

bool AllLookLikePowersOfTwo(const Graph& graph, const Node& node) {
  return !node.outputs.empty() && !AnyTensor(node, [&](TensorId id) {
    return !LooksLikeAPowerOfTwo(ParamsOf(graph.tensor(id)));
  });
}

template <typename OptionsT>
bool Set(Model& model, Node& node) {
  const auto* given = node.OptionsAs<typename OptionsT::TableType>();
  if (given != nullptr && !given->pot_scale_int16()) return false;
  ChangeOptions<OptionsT>(model, node, [](OptionsT& options) { options.pot_scale_int16 = false; });
  return true;
}

}  // namespace

bool UseGeneralScales(const Graph& graph, Model& model, Node& node) {
  const bool is_add = node.op() == circle::BuiltinOperator_ADD;
  if (!is_add && node.op() != circle::BuiltinOperator_SUB) return false;
  if (!AllLookLikePowersOfTwo(graph, node)) return false;
  return is_add ? Set<circle::AddOptionsT>(model, node) : Set<circle::SubOptionsT>(model, node);
}

bool UseGeneralScales(Model& model, Diagnostics& diagnostics) {
  size_t count = 0;
  std::string first;
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    for (Node& node : model.graphs[g].nodes) {
      if (!UseGeneralScales(model.graphs[g], model, node)) continue;
      if (count++ == 0) first = DisplayName(model, g, node.outputs[0]);
    }
  }
  if (count == 0) return false;
  diagnostics.Add({.severity = Severity::kRemark,
                   .file = model.path,
                   .tensor = first,
                   .problem = absl::StrCat(
                       "for LiteRT: the int16 node has pot_scale_int16: false now, for the kernel "
                       "for powers of two rounds its scales or refuses them",
                       count == 1 ? "" : absl::StrCat(" (and ", count - 1, " more)"))});
  return true;
}

}  // namespace q_implant
