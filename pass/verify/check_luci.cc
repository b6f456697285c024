// SPDX-License-Identifier: Apache-2.0
#include "pass/verify/check_luci.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "ir/operators/bias.h"
#include "ir/operators/fixed_output.h"
#include "ir/operators/operator_table.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"

namespace q_implant {
namespace {

using enum circle::TensorType;

class GraphChecker : private GraphView {
 public:
  GraphChecker(const Model& model, size_t graph, Diagnostics& diagnostics)
      : GraphView(model, graph), diagnostics_(diagnostics) {}

  void Run() {
    for (size_t t = 0; t < graph_.tensors.size(); ++t) CheckTensor(static_cast<TensorId>(t));
    for (const Node& node : graph_.nodes) {
      if (RowOf(node).kind != Kind::kConvert) CheckNode(node);
    }
  }

 private:
  void Tell(const std::string& tensor, std::string problem, std::string expected,
            std::string found) {
    diagnostics_.Add({.severity = Severity::kWarning,
                      .file = model_.path,
                      .tensor = tensor,
                      .problem = absl::StrCat("luci: ", problem),
                      .expected = std::move(expected),
                      .found = std::move(found)});
  }

  void CheckTensor(TensorId id) {
    const ParamsPtr params = ParamsOf(graph_.tensor(id));
    if (params == nullptr) return;
    const std::string name = Name(id);
    const circle::TensorType type = params->dtype;
    if (type != TensorType_UINT8 && type != TensorType_INT16 && type != TensorType_INT32 &&
        type != TensorType_INT64) {
      Tell(name, "its quantizer knows no such type", "uint8 or int16, biases int32 or int64",
           TypeName(type));
    }
    if (type != TensorType_INT16) return;
    for (int64_t zero_point : params->zero_point) {
      if (zero_point == 0) continue;
      Tell(name, "int16 is symmetric", "zero point 0", absl::StrCat(zero_point));
      return;
    }
  }

  void CheckNode(const Node& node) {
    const OperatorRow& row = RowOf(node);
    const ParamsPtr data = ParamsAt(node.inputs, FindInput(row, Role::kData));
    if (data == nullptr) return;
    CheckFixedOutput(node, row);
    if (MustHaveEqualSides(node.op())) CheckSides(node, row, *data);
    const ParamsPtr weights = ParamsAt(node.inputs, FindInput(row, Role::kWeights));
    if (weights == nullptr) return;
    if (weights->dtype != data->dtype) {
      Tell(OutputName(model_, graph_index_, node), "weights have the type of the data",
           TypeName(data->dtype), TypeName(weights->dtype));
    }
    if (const ParamsPtr bias = ParamsAt(node.inputs, FindInput(row, Role::kBias))) {
      CheckBias(node, *data, *weights, *bias);
    }
  }

  static bool MustHaveEqualSides(circle::BuiltinOperator op) {
    return op == circle::BuiltinOperator_SPLIT || op == circle::BuiltinOperator_SPLIT_V ||
           op == circle::BuiltinOperator_STRIDED_SLICE || op == circle::BuiltinOperator_UNPACK;
  }

  void CheckFixedOutput(const Node& node, const OperatorRow& row) {
    const ParamsPtr made = ParamsAt(node.outputs, 0);
    const bool checked = row.fixed_output == FixedOutput::kSoftmax ||
                         row.fixed_output == FixedOutput::kLogistic ||
                         row.fixed_output == FixedOutput::kTanh;
    if (made == nullptr || !checked || made->dtype == TensorType_INT8) return;
    const ParamsPtr fixed = FixedOutputParams(row.fixed_output, made->dtype);
    if (fixed == nullptr) return;
    if (made->zero_point == fixed->zero_point &&
        DifferByRoundingOnly(made->scale[0], fixed->scale[0])) {
      return;
    }
    Tell(OutputName(model_, graph_index_, node),
         absl::StrCat(OpName(node), " has fixed parameters"), DescribeParams(*fixed),
         DescribeParams(*made));
  }

  void CheckSides(const Node& node, const OperatorRow& row, const QuantParams& data) {
    const auto check = [&](TensorId id, Role role) {
      if (id == kNoTensor || (role != Role::kData && role != Role::kFill)) return;
      const ParamsPtr params = ParamsOf(graph_.tensor(id));
      if (params == nullptr || SameParams(*params, data)) return;
      Tell(Name(id),
           absl::StrCat(OpName(node), " moves values, so its sides have equal parameters"),
           DescribeParams(data), DescribeParams(*params));
    };
    for (size_t slot = 0; slot < node.inputs.size(); ++slot) {
      check(node.inputs[slot], InputRole(row, slot));
    }
    for (size_t slot = 0; slot < node.outputs.size(); ++slot) {
      check(node.outputs[slot], OutputRole(row, slot));
    }
  }

  void CheckBias(const Node& node, const QuantParams& data, const QuantParams& weights,
                 const QuantParams& bias) {
    const circle::TensorType type =
        data.dtype == TensorType_INT16 ? TensorType_INT64 : TensorType_INT32;
    const std::string name = OutputName(model_, graph_index_, node);
    if (bias.dtype != type) {
      Tell(name, "its bias has another type", TypeName(type), TypeName(bias.dtype));
    }
    if (bias.scale.size() != weights.scale.size()) {
      Tell(name, "its bias has as many scales as its weights", absl::StrCat(weights.scale.size()),
           absl::StrCat(bias.scale.size()));
      return;
    }
    const ParamsPtr wanted = BiasParams(data, weights, type, bias.quantized_dimension);
    for (size_t i = 0; i < bias.scale.size(); ++i) {
      if (bias.zero_point[i] == 0 && DifferByRoundingOnly(bias.scale[i], wanted->scale[i])) {
        continue;
      }
      Tell(name, "its bias has another scale than data x weights", absl::StrCat(wanted->scale[i]),
           absl::StrCat(bias.scale[i]));
      return;
    }
  }

  Diagnostics& diagnostics_;
};

}  // namespace

void CheckLuci(const Model& model, Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) GraphChecker(model, g, diagnostics).Run();
}

}  // namespace q_implant
