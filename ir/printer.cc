// SPDX-License-Identifier: Apache-2.0
#include "ir/printer.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/option_text.h"
#include "ir/tensor_type.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

// How each tensor of a graph is called in the text, by position. What a name does not tell apart
// has its position behind it.
std::vector<std::string> TensorNames(const Graph& graph) {
  std::unordered_map<std::string, int> uses;
  for (const Tensor& tensor : graph.tensors) ++uses[tensor.name];
  std::vector<std::string> names;
  names.reserve(graph.tensors.size());
  for (const Tensor& tensor : graph.tensors) {
    std::string text = absl::StrCat("%", tensor.name.empty() ? "" : NameText(tensor.name));
    if (tensor.name.empty() || uses[tensor.name] > 1) absl::StrAppend(&text, "#", names.size());
    names.push_back(std::move(text));
  }
  return names;
}

// How many tensors of the model use each buffer.
std::vector<uint32_t> CountBufferUsers(const Model& model) {
  std::vector<uint32_t> users(model.buffers.size());
  for (const Graph& graph : model.graphs) {
    for (const Tensor& tensor : graph.tensors) {
      if (tensor.buffer < users.size()) ++users[tensor.buffer];
    }
  }
  return users;
}

std::string ShapeText(const Tensor& tensor) {
  if (tensor.shape.empty() && !tensor.shape.is_stored() && !tensor.has_rank) return "[*]";
  const bool marked = tensor.shape_signature.size() == tensor.shape.size();
  std::vector<std::string> dims;
  for (size_t i = 0; i < tensor.shape.size(); ++i) {
    const bool dynamic = marked && tensor.shape_signature[i] == -1;
    const bool plain_unknown = dynamic && tensor.shape[i] == 1;
    dims.push_back(
        absl::StrCat(dynamic ? "?" : "", plain_unknown ? "" : NumberText(tensor.shape[i])));
  }
  return absl::StrCat("[", absl::StrJoin(dims, ","), "]");
}

std::string ZeroPointText(const Quantization& quantization) {
  const absl::Span<const int64_t> zeros = quantization.zero_point;
  if (zeros.empty()) return "";
  const bool all_equal =
      std::all_of(zeros.begin(), zeros.end(), [&](int64_t zero) { return zero == zeros[0]; });
  if (all_equal && zeros.size() == quantization.scale.size()) {
    return absl::StrCat(", ", NumberText(zeros[0]));
  }
  if (zeros.size() == 1) return absl::StrCat(", [", NumberText(zeros[0]), "]");
  return absl::StrCat(", ", NumbersText(zeros));
}

std::string QuantizationText(const Quantization& quantization) {
  std::string text;
  if (!quantization.scale.empty() || !quantization.zero_point.empty()) {
    absl::StrAppend(&text, " q(", NumbersText(quantization.scale), ZeroPointText(quantization));
    if (quantization.scale.size() > 1 || quantization.quantized_dimension != 0) {
      absl::StrAppend(&text, ", axis ", quantization.quantized_dimension);
    }
    absl::StrAppend(&text, ")");
  }
  if (!quantization.min.empty() || !quantization.max.empty()) {
    absl::StrAppend(&text, " range(", NumbersText(quantization.min), ", ",
                    NumbersText(quantization.max), ")");
  }
  if (quantization.details != nullptr) {
    const char* name = circle::EnumNameQuantizationDetails(quantization.details_type);
    absl::StrAppend(&text, " ", name, " ", TableText(name, *quantization.details));
  }
  return text;
}

std::string TypeText(const Tensor& tensor) {
  std::string text = absl::StrCat(TypeName(tensor.type), ShapeText(tensor));
  if (tensor.quantization.has_value()) {
    absl::StrAppend(&text, QuantizationText(*tensor.quantization));
  }
  if (tensor.is_variable) absl::StrAppend(&text, " variable");
  if (tensor.sparsity != nullptr) absl::StrAppend(&text, " sparse");
  if (tensor.compression != circle::CompressionType_NONE) absl::StrAppend(&text, " compressed");
  if (!tensor.variant_tensors.empty()) {
    absl::StrAppend(&text, " variants(", tensor.variant_tensors.size(), ")");
  }
  return text;
}

// "CONV_2D", "CONV_2D@3" for version 3, "CUSTOM \"Name\"", "OP_999" for an unknown operator.
std::string OperatorText(const OperatorCode& code) {
  const char* name = circle::EnumNameBuiltinOperator(code.builtin);
  std::string text = *name == '\0' ? absl::StrCat("OP_", static_cast<int>(code.builtin)) : name;
  if (code.version != 1) absl::StrAppend(&text, "@", code.version);
  if (!code.custom_code.empty()) {
    absl::StrAppend(&text, " \"", absl::Utf8SafeCEscape(code.custom_code), "\"");
  }
  return text;
}

class GraphPrinter {
 public:
  GraphPrinter(const Model& model, const Graph& graph, const std::vector<std::string>& names,
               const std::vector<uint32_t>& buffer_users)
      : model_(model),
        graph_(graph),
        names_(names),
        buffer_users_(buffer_users),
        shown_(names.size(), false),
        produced_(names.size(), false) {
    for (const Node& node : graph.nodes) {
      for (TensorId id : node.outputs) {
        if (IsTensor(id)) produced_[id] = true;
      }
    }
  }

  std::string Print() {
    PrintHeader();
    for (const Node& node : graph_.nodes) {
      PrintSources(node.inputs);
      PrintSources(node.intermediates);
      PrintNode(node);
    }
    for (size_t id = 0; id < names_.size(); ++id) PrintSource(static_cast<TensorId>(id));
    out_ += "}\n";
    return std::move(out_);
  }

 private:
  bool IsTensor(TensorId id) const { return id >= 0 && static_cast<size_t>(id) < names_.size(); }

  std::string Name(TensorId id) const {
    if (id == kNoTensor) return "_";
    return IsTensor(id) ? names_[id] : absl::StrCat("%<no tensor ", id, ">");
  }

  std::string Names(const std::vector<TensorId>& ids) const {
    return absl::StrJoin(ids, ", ", [this](std::string* out, TensorId id) { *out += Name(id); });
  }

  // Name and type where the tensor comes up first, from then on the name.
  std::string Shown(TensorId id) {
    if (!IsTensor(id) || shown_[id]) return Name(id);
    shown_[id] = true;
    return absl::StrCat(Name(id), ": ", TypeText(graph_.tensor(id)));
  }

  bool IsConstant(const Tensor& tensor) const {
    return tensor.buffer < model_.buffers.size() && model_.IsConstant(tensor);
  }

  void PrintHeader() {
    out_ = "graph ";
    if (!graph_.name.empty()) out_ += NameText(graph_.name);
    out_ += absl::StrCat("(", AllShown(graph_.inputs), ") -> (", Names(graph_.outputs), ") {\n");
  }

  std::string AllShown(const std::vector<TensorId>& ids) {
    return absl::StrJoin(ids, ", ", [this](std::string* out, TensorId id) { *out += Shown(id); });
  }

  void PrintSources(const std::vector<TensorId>& ids) {
    for (TensorId id : ids) PrintSource(id);
  }

  // A tensor that no node makes.
  void PrintSource(TensorId id) {
    if (!IsTensor(id) || shown_[id] || produced_[id]) return;
    const Tensor& tensor = graph_.tensor(id);
    const bool constant = IsConstant(tensor);
    absl::StrAppend(&out_, "  ", constant ? "const " : "tensor ", Shown(id));
    if (constant) {
      if (buffer_users_[tensor.buffer] > 1) absl::StrAppend(&out_, " buffer ", tensor.buffer);
      absl::StrAppend(&out_, " = ",
                      DataText(tensor.type, tensor.shape, model_.ConstantData(tensor).span()));
    }
    out_ += "\n";
  }

  void PrintNode(const Node& node) {
    absl::StrAppend(&out_, "  ", AllShown(node.outputs), node.outputs.empty() ? "" : " = ",
                    OperatorText(*node.code), "(", Names(node.inputs), ")");
    if (!node.intermediates.empty()) {
      absl::StrAppend(&out_, " intermediates(", Names(node.intermediates), ")");
    }
    PrintMutations(node);
    out_ += OptionsText(node);
    if (!node.custom_options.empty()) {
      absl::StrAppend(&out_, " custom_options ", node.custom_options.size(), " bytes");
    }
    out_ += "\n";
  }

  void PrintMutations(const Node& node) {
    std::vector<size_t> slots;
    for (size_t i = 0; i < node.mutating_variable_inputs.size(); ++i) {
      if (node.mutating_variable_inputs[i] != 0) slots.push_back(i);
    }
    if (!slots.empty()) absl::StrAppend(&out_, " mutates(", absl::StrJoin(slots, ", "), ")");
  }

  const Model& model_;
  const Graph& graph_;
  const std::vector<std::string>& names_;
  const std::vector<uint32_t>& buffer_users_;
  std::vector<bool> shown_;
  std::vector<bool> produced_;
  std::string out_;
};

// Nothing for what a model that was made from nothing has.
std::string ModelLine(const Model& model) {
  if (model.identifier == "CIR0" && model.version == 0 && model.description.empty()) return "";
  std::string line = absl::StrCat("model ", model.identifier, " version ", model.version);
  if (!model.description.empty()) {
    absl::StrAppend(&line, " \"", absl::Utf8SafeCEscape(model.description), "\"");
  }
  return line + "\n";
}

std::string MapText(const std::vector<TensorMap>& maps, const std::vector<std::string>& names) {
  return absl::StrJoin(maps, ", ", [&](std::string* out, const TensorMap& map) {
    const bool known = map.tensor >= 0 && static_cast<size_t>(map.tensor) < names.size();
    absl::StrAppend(out, NameText(map.name), ": ",
                    known ? names[map.tensor] : absl::StrCat("%<no tensor ", map.tensor, ">"));
  });
}

}  // namespace

std::string PrintGraph(const Model& model, const Graph& graph) {
  return GraphPrinter(model, graph, TensorNames(graph), CountBufferUsers(model)).Print();
}

std::string PrintModel(const Model& model) {
  const std::vector<uint32_t> buffer_users = CountBufferUsers(model);
  std::vector<std::vector<std::string>> names;
  std::string out = ModelLine(model);
  for (const Graph& graph : model.graphs) {
    names.push_back(TensorNames(graph));
    out += GraphPrinter(model, graph, names.back(), buffer_users).Print();
  }
  const std::vector<std::string> no_names;
  for (const SignatureDef& signature : model.signature_defs) {
    const auto& of_graph = signature.graph < names.size() ? names[signature.graph] : no_names;
    absl::StrAppend(&out, "signature ", NameText(signature.signature_key), " of graph ",
                    signature.graph, " (", MapText(signature.inputs, of_graph), ") -> (",
                    MapText(signature.outputs, of_graph), ")\n");
  }
  for (const Metadata& metadata : model.metadata) {
    const bool known = metadata.buffer < model.buffers.size();
    absl::StrAppend(&out, "metadata ", NameText(metadata.name), " ",
                    known ? model.buffers[metadata.buffer].size() : 0, " bytes\n");
  }
  return out;
}

}  // namespace q_implant
