// SPDX-License-Identifier: Apache-2.0
#include "pass/testing/rule_fixture.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "ir/printer.h"
#include "ir/tensor_type.h"
#include "ir/testing/graph_text.h"
#include "ir/value_text.h"
#include "pass/quantize/decide_plan.h"

namespace q_implant {
namespace {

// Values of 4-bit types come one a byte, with their sign.
void Unpack(Array& value) {
  const bool is_signed = value.type == circle::TensorType_INT4;
  std::vector<uint8_t> bytes;
  for (uint8_t pair : value.data.span()) {
    for (int nibble : {pair & 15, pair >> 4}) {
      bytes.push_back(static_cast<uint8_t>(is_signed && nibble >= 8 ? nibble - 16 : nibble));
    }
  }
  size_t count = 1;
  for (int64_t dim : value.shape) count *= static_cast<size_t>(dim);
  bytes.resize(count);
  value.data = Bytes::Own(std::move(bytes));
  value.type = is_signed ? circle::TensorType_INT8 : circle::TensorType_UINT8;
}

ParamEntry EntryOf(const Model& model, const Tensor& tensor) {
  ParamEntry entry{.key = tensor.name, .target = tensor.name, .dtype = tensor.type};
  if (entry.pinned()) return entry;
  entry.scale = tensor.quantization->scale;
  entry.zero_point = tensor.quantization->zero_point;
  entry.quantized_dimension = tensor.quantization->quantized_dimension;
  entry.scale_file = absl::StrCat(entry.key, ".scale.npy");
  entry.zero_point_file = absl::StrCat(entry.key, ".zerop.npy");
  if (model.IsConstant(tensor)) {
    Array& value = entry.value.emplace();
    value.type = tensor.type;
    value.shape.assign(tensor.shape.begin(), tensor.shape.end());
    value.data = model.ConstantData(tensor);
    value.file = absl::StrCat(entry.key, ".npy");
    if (BitsPerElement(value.type) == 4) Unpack(value);
  }
  return entry;
}

Model NamedModel(absl::string_view graph) {
  Model model = ModelFromText(graph);
  model.path = "model.circle";
  return model;
}

std::string Lines(const Diagnostics& diagnostics, bool notes) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    if ((diagnostic.severity == Severity::kNote) == notes) {
      absl::StrAppend(&lines, diagnostic.ToString(), "\n");
    }
  }
  return lines;
}

std::string ParamsText(const ParamsPtr& params) {
  if (params == nullptr) return "-";
  const std::vector<int64_t>& zero_points = params->zero_point;
  const bool alike = std::all_of(zero_points.begin(), zero_points.end(),
                                 [&](int64_t zero) { return zero == zero_points.front(); });
  return absl::StrCat(
      TypeName(params->dtype), " q(", NumbersText(params->scale), ", ",
      alike ? absl::StrCat(zero_points.front()) : NumbersText(zero_points),
      params->per_channel() ? absl::StrCat(", axis ", params->quantized_dimension) : "", ")");
}

std::string ParamsTexts(const std::vector<ParamsPtr>& params) {
  return absl::StrJoin(params, ", ", [](std::string* out, const ParamsPtr& one) {
    absl::StrAppend(out, ParamsText(one));
  });
}

std::string OriginText(const StoredVector<Graph>& graphs, size_t graph, const TensorPlan& planned) {
  switch (planned.origin) {
    case Origin::kNone:
      return "";
    case Origin::kAnnotated:
      return "annotated ";
    case Origin::kPropagated:
      return absl::StrCat("propagated from %",
                          graphs[planned.from_graph.value_or(graph)].tensor(planned.from).name,
                          " ");
    case Origin::kExisting:
      return "existing ";
    case Origin::kPinned:
      return "pinned";
    case Origin::kUnsupported:
      return "unsupported";
    case Origin::kLeftFloat:
      return "left float32";
  }
  return "";
}

}  // namespace

Params ParamsFromText(absl::string_view annotations) {
  const Model model = ModelFromText(absl::StrCat("graph () -> () {", annotations, "}"));
  Params params{.path = "params.json"};
  for (const Tensor& tensor : model.graphs[0].tensors) {
    params.entries.push_back(EntryOf(model, tensor));
  }
  return params;
}

Outcome RunPass(absl::string_view graph, absl::string_view annotations, QuantizeOptions options,
                RunMode mode) {
  if (options.check_values != CheckValues::kError) options.check_values = CheckValues::kOff;
  options.weight_only = true;
  mode.warn_of_runtimes = false;
  return RunPassAsUsersDo(graph, annotations, options, mode);
}

Outcome RunPassAsUsersDo(absl::string_view graph, absl::string_view annotations,
                         const QuantizeOptions& options, const RunMode& mode) {
  Model model = NamedModel(graph);
  QuantizeWithImportedParamsPass pass(ParamsFromText(annotations), options, mode);
  Diagnostics diagnostics;
  const absl::StatusOr<bool> result = pass.Run(model, diagnostics);
  return {.ok = result.ok(),
          .model = result.ok() ? PrintModel(model) : std::string(result.status().message()),
          .report = Lines(diagnostics, /*notes=*/false),
          .notes = Lines(diagnostics, /*notes=*/true),
          .summary = pass.summary()};
}

std::string Quantize(absl::string_view graph, absl::string_view annotations,
                     const QuantizeOptions& options, const RunMode& mode) {
  const Outcome outcome = RunPass(graph, annotations, options, mode);
  return outcome.ok ? outcome.report + outcome.model : outcome.model + "\n";
}

std::unique_ptr<Planned> PlanUpTo(absl::string_view last, Model model, Params params,
                                  const QuantizeOptions& options) {
  Plan plan(model, options.target);
  auto planned = std::make_unique<Planned>(
      Planned{std::move(model), std::move(params), std::move(plan), Diagnostics()});
  QuantizeOptions given = options;
  given.check_values = CheckValues::kOff;
  const RunMode mode;
  const PlanContext context = {planned->model, planned->params, given,
                               mode,           planned->plan,   planned->diagnostics};
  for (const absl::Span<const PlanStep> steps : {BindSteps(), DecideSteps()}) {
    for (const PlanStep& step : steps) {
      step.run(context);
      if (step.name == last) return planned;
    }
  }
  ADD_FAILURE() << "the plan has no step '" << last << "'";
  return planned;
}

std::unique_ptr<Planned> PlanUpTo(absl::string_view last, absl::string_view graph,
                                  absl::string_view annotations, const QuantizeOptions& options) {
  return PlanUpTo(last, NamedModel(graph), ParamsFromText(annotations), options);
}

std::string TensorsText(const Planned& planned) {
  std::string lines;
  for (size_t g = 0; g < planned.model.graphs.size(); ++g) {
    const Graph& graph = planned.model.graphs[g];
    for (size_t t = 0; t < graph.tensors.size(); ++t) {
      const TensorPlan& tensor = planned.plan.graphs[g].tensors[t];
      if (tensor.origin == Origin::kNone) continue;
      absl::StrAppend(&lines, "%", graph.tensors[t].name, ": ",
                      OriginText(planned.model.graphs, g, tensor),
                      tensor.params == nullptr ? "" : ParamsText(tensor.params), "\n");
    }
  }
  return lines;
}

std::string NodesText(const Planned& planned) {
  std::string lines;
  for (size_t g = 0; g < planned.model.graphs.size(); ++g) {
    const Graph& graph = planned.model.graphs[g];
    for (size_t n = 0; n < graph.nodes.size(); ++n) {
      const Node& node = graph.nodes[n];
      const NodePlan& plan = planned.plan.graphs[g].nodes[n];
      if (!plan.integer && plan.reason.empty()) continue;
      absl::StrAppend(&lines, "%", graph.tensor(node.outputs[0]).name, " = ",
                      circle::EnumNameBuiltinOperator(node.op()));
      if (plan.integer) {
        absl::StrAppend(&lines, "(", ParamsTexts(plan.in), ") -> (", ParamsTexts(plan.out), ")\n");
      } else {
        absl::StrAppend(&lines, ": ", plan.reason, "\n");
      }
    }
  }
  return lines;
}

}  // namespace q_implant
