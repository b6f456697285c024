// SPDX-License-Identifier: Apache-2.0
#include "import/order_check.h"

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "import/model_check.h"
#include "ir/operators/operator_table.h"
#include "ir/tensor.h"

namespace q_implant {
namespace {

constexpr absl::string_view kAdvice =
    "the file is damaged or its writer has a bug: convert the model again";

template <typename T>
absl::Span<const T> Numbers(const flatbuffers::Vector<T>* vector) {
  if (vector == nullptr) return {};
  return {vector->data(), vector->size()};
}

class GraphChecker {
 public:
  GraphChecker(const circle::Model& model, size_t index,
               const std::function<void(Diagnostic)>& report)
      : model_(model),
        index_(index),
        graph_(*model.subgraphs()->Get(static_cast<flatbuffers::uoffset_t>(index))),
        report_(report) {}

  void Check() {
    if (graph_.operators() == nullptr) return;
    makers_.assign(graph_.tensors() == nullptr ? 0 : graph_.tensors()->size(), kNoNode);
    for (TensorId input : Numbers(graph_.inputs())) makers_[static_cast<size_t>(input)] = kInput;
    for (size_t n = 0; n < graph_.operators()->size(); ++n) CheckOutputs(n);
    for (size_t n = 0; n < graph_.operators()->size(); ++n) CheckInputs(n);
  }

 private:
  static constexpr int64_t kNoNode = -1;
  static constexpr int64_t kInput = -2;

  const circle::Operator& NodeAt(size_t n) const {
    return *graph_.operators()->Get(static_cast<flatbuffers::uoffset_t>(n));
  }

  const circle::Tensor& TensorAt(TensorId id) const {
    return *graph_.tensors()->Get(static_cast<flatbuffers::uoffset_t>(id));
  }

  const OperatorRow& RowAt(size_t n) const {
    return RowOf(BuiltinOf(*model_.operator_codes()->Get(NodeAt(n).opcode_index())));
  }

  bool IsConstant(TensorId id) const {
    const circle::Buffer& buffer = *model_.buffers()->Get(TensorAt(id).buffer());
    if (IsAppended(buffer.offset())) return buffer.size() > 0;
    return buffer.data() != nullptr && buffer.data()->size() > 0;
  }

  std::string Where(size_t n) const {
    const auto op = BuiltinOf(*model_.operator_codes()->Get(NodeAt(n).opcode_index()));
    const std::string name = circle::EnumNameBuiltinOperator(op);
    return absl::StrCat("graph ", index_, ", node ", n, " (",
                        name.empty() ? absl::StrCat("operator ", op) : name, ")");
  }

  void Report(size_t n, TensorId id, std::string problem, std::string expected) {
    const bool named = id != kNoTensor && TensorAt(id).name() != nullptr;
    report_({.tensor = named ? TensorAt(id).name()->str() : "",
             .problem = absl::StrCat(Where(n), " ", problem),
             .expected = std::move(expected),
             .advice = std::string(kAdvice)});
  }

  void CheckOutputs(size_t n) {
    const auto outputs = Numbers(NodeAt(n).outputs());
    if (RowAt(n).kind != Kind::kIsland && RowAt(n).kind != Kind::kCall &&
        (outputs.empty() || outputs[0] == kNoTensor)) {
      Report(n, kNoTensor, "has no output", "at least 1");
    }
    for (TensorId id : outputs) {
      if (id == kNoTensor || TensorAt(id).is_variable()) continue;
      int64_t& maker = makers_[static_cast<size_t>(id)];
      const std::string makes = absl::StrCat("makes tensor ", id);
      if (maker == kInput) {
        Report(n, id, absl::StrCat(makes, ", which is an input of the graph"), "another tensor");
      } else if (IsConstant(id)) {
        Report(n, id, absl::StrCat(makes, ", which is a constant"), "a tensor without data");
      } else if (maker != kNoNode) {
        Report(n, id, absl::StrCat(makes, ", which node ", maker, " makes too"),
               "one node that makes a tensor");
      } else {
        maker = static_cast<int64_t>(n);
      }
    }
  }

  // Runtimes refuse any other Quantize and Dequantize.
  void CheckConversion(size_t n, size_t inputs) {
    const size_t outputs = Numbers(NodeAt(n).outputs()).size();
    if (inputs <= 1 && outputs <= 1) return;
    report_({.problem = absl::StrCat(Where(n), " has too many operands"),
             .expected = "1 input and 1 output",
             .found = absl::StrCat(inputs, " and ", outputs),
             .advice = std::string(kAdvice)});
  }

  void CheckInputs(size_t n) {
    const auto inputs = Numbers(NodeAt(n).inputs());
    const OperatorRow& row = RowAt(n);
    const size_t least = LeastInputs(row);
    if (inputs.size() < least) {
      report_({.problem = absl::StrCat(Where(n), " has too few inputs"),
               .expected = absl::StrCat("at least ", least),
               .found = absl::StrCat(inputs.size()),
               .advice = std::string(kAdvice)});
    }
    if (row.kind == Kind::kConvert) CheckConversion(n, inputs.size());
    for (size_t slot = 0; slot < inputs.size(); ++slot) {
      const TensorId id = inputs[slot];
      if (id == kNoTensor) {
        if (slot < least && IsNeeded(row, slot)) {
          Report(n, id, absl::StrCat("lacks input ", slot), "a tensor, and not -1 (none)");
        }
      } else if (makers_[static_cast<size_t>(id)] >= static_cast<int64_t>(n)) {
        const int64_t maker = makers_[static_cast<size_t>(id)];
        const bool itself = maker == static_cast<int64_t>(n);
        Report(n, id,
               absl::StrCat("reads tensor ", id, " before ",
                            itself ? "it" : absl::StrCat("node ", maker), " makes it"),
               "nodes in the order in which they run, and no cycle");
      }
    }
  }

  // An LSTM without an input gate or without a projection has no weights for them.
  static bool IsNeeded(const OperatorRow& row, size_t slot) {
    const Role role = InputRole(row, slot);
    return role == Role::kData || role == Role::kFill ||
           (role == Role::kWeights && row.kind != Kind::kIsland);
  }

  const circle::Model& model_;
  size_t index_;
  const circle::SubGraph& graph_;
  const std::function<void(Diagnostic)>& report_;
  std::vector<int64_t> makers_;  // by tensor
};

}  // namespace

void CheckOrder(const circle::Model& model, const std::function<void(Diagnostic)>& report) {
  const size_t graphs = model.subgraphs() == nullptr ? 0 : model.subgraphs()->size();
  for (size_t g = 0; g < graphs; ++g) GraphChecker(model, g, report).Check();
}

}  // namespace q_implant
