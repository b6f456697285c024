// SPDX-License-Identifier: Apache-2.0
#include "ir/dot_printer.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "ir/op_name.h"
#include "ir/quant_params.h"
#include "ir/tensor_type.h"
#include "ir/utf8.h"
#include "ir/value_text.h"

namespace q_implant {
namespace {

constexpr size_t kMostOfName = 60;  // bytes of a name that a picture shows

constexpr char kInteger[] = "#c8e6c9";
constexpr char kFloat[] = "#eceff1";
constexpr char kConversion[] = "#ffe0b2";
constexpr char kConstant[] = "#ffffff";

// A text between double quotes, in which "\n" is a line end.
std::string Quoted(absl::string_view text) {
  return absl::StrCat(
      "\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}, {"\n", "\\n"}}), "\"");
}

std::string Name(const Tensor& tensor) { return Clipped(OneLineText(tensor.name), kMostOfName); }

std::string ParamsLine(const Tensor& tensor) {
  const ParamsPtr params = ParamsOf(tensor);
  if (params == nullptr) return "";
  if (params->per_channel()) return absl::StrCat("\n", params->scale.size(), " scales");
  return absl::StrCat("\nscale ", NumberText(params->scale.front()), ", zero point ",
                      params->zero_point.front());
}

// "ofm\nint8[1,2]\nscale 0.5, zero point 3"
std::string TensorLabel(const Tensor& tensor) {
  return absl::StrCat(Name(tensor), "\n", TypeName(tensor.type), "[",
                      absl::StrJoin(tensor.shape, ","), "]", ParamsLine(tensor));
}

class GraphDrawer {
 public:
  GraphDrawer(const Model& model, const Graph& graph, std::string prefix, std::string& text)
      : model_(model), graph_(graph), prefix_(std::move(prefix)), text_(text) {}

  void Run() {
    from_.resize(graph_.tensors.size());
    for (size_t i = 0; i < graph_.inputs.size(); ++i) DrawEnd("in", i, graph_.inputs[i]);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) DrawNode(n);
    for (size_t n = 0; n < graph_.nodes.size(); ++n) {
      for (TensorId id : graph_.nodes[n].inputs) DrawArrow(id, NodeName(n));
    }
    for (size_t i = 0; i < graph_.outputs.size(); ++i) {
      DrawEnd("out", i, graph_.outputs[i]);
      DrawArrow(graph_.outputs[i], absl::StrCat(prefix_, "out", i));
    }
  }

 private:
  bool Has(TensorId id) const { return id >= 0 && static_cast<size_t>(id) < graph_.tensors.size(); }
  std::string NodeName(size_t n) const { return absl::StrCat(prefix_, "n", n); }

  void DrawBox(const std::string& name, absl::string_view label, absl::string_view more) {
    absl::StrAppend(&text_, "    ", Quoted(name), " [label=", Quoted(label), more, "];\n");
  }

  void DrawEnd(absl::string_view kind, size_t i, TensorId id) {
    if (!Has(id)) return;
    const std::string name = absl::StrCat(prefix_, kind, i);
    DrawBox(name, Name(graph_.tensor(id)), ", shape=oval, fillcolor=\"#bbdefb\"");
    if (kind == "in") from_[static_cast<size_t>(id)] = name;
  }

  void DrawNode(size_t n) {
    const Node& node = graph_.nodes[n];
    DrawBox(NodeName(n), OpName(node), absl::StrCat(", fillcolor=\"", Color(node), "\""));
    for (TensorId id : node.outputs) {
      if (Has(id)) from_[static_cast<size_t>(id)] = NodeName(n);
    }
  }

  const char* Color(const Node& node) const {
    if (node.op() == circle::BuiltinOperator_QUANTIZE ||
        node.op() == circle::BuiltinOperator_DEQUANTIZE) {
      return kConversion;
    }
    for (const auto* ids : {&node.outputs, &node.inputs}) {
      for (TensorId id : *ids) {
        if (Has(id) && graph_.tensor(id).type == circle::TensorType_FLOAT32) return kFloat;
      }
    }
    return kInteger;
  }

  // A constant is a box of its own, for each of its readers the same.
  void DrawArrow(TensorId id, const std::string& to) {
    if (!Has(id)) return;
    std::string& from = from_[static_cast<size_t>(id)];
    const bool constant = from.empty() && model_.IsConstant(graph_.tensor(id));
    if (from.empty()) {
      from = absl::StrCat(prefix_, "t", id);
      DrawBox(from, TensorLabel(graph_.tensor(id)),
              absl::StrCat(", shape=note, fontsize=9, fillcolor=\"", kConstant, "\""));
    }
    const bool is_box = constant || from == absl::StrCat(prefix_, "t", id);
    absl::StrAppend(&text_, "    ", Quoted(from), " -> ", Quoted(to));
    if (!is_box) {
      absl::StrAppend(&text_, " [label=", Quoted(TensorLabel(graph_.tensor(id))), "]");
    }
    absl::StrAppend(&text_, ";\n");
  }

  const Model& model_;
  const Graph& graph_;
  std::string prefix_;  // of the names of its boxes
  std::string& text_;
  std::vector<std::string> from_;  // by tensor: the box that it comes from
};

}  // namespace

void DotPicture::Add(absl::string_view title, const Model& model) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    const std::string prefix = absl::StrCat("m", models_, "g", g, "_");
    const std::string label =
        g == 0 ? std::string(title) : absl::StrCat(title, ", graph ", model.graphs[g].name);
    absl::StrAppend(&frames_, "  subgraph ", Quoted(absl::StrCat("cluster_", prefix)),
                    " {\n    label=", Quoted(label), ";\n");
    GraphDrawer(model, model.graphs[g], prefix, frames_).Run();
    absl::StrAppend(&frames_, "  }\n");
  }
  ++models_;
}

std::string DotPicture::ToString() const {
  return absl::StrCat(
      "digraph {\n"
      "  graph [fontname=\"Helvetica\", margin=16, style=rounded, color=\"#90a4ae\"];\n"
      "  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", fontsize=11];\n"
      "  edge [fontname=\"Helvetica\", fontsize=9];\n",
      frames_, "}\n");
}

}  // namespace q_implant
