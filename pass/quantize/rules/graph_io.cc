// SPDX-License-Identifier: Apache-2.0
#include "pass/quantize/rules/graph_io.h"

#include <string>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "ir/operators/conversion_kernels.h"
#include "ir/tensor_type.h"
#include "pass/graph/display_names.h"
#include "pass/graph/graph_view.h"
#include "pass/numbers/choose_params.h"
#include "pass/quantize/plan/why_float.h"

namespace q_implant {
namespace {

constexpr char kChoices[] = "float32, uint8, int8 or int16";

// The inputs of graphs, or the outputs.
struct Side {
  bool output;
  const char* option;
  const char* noun;

  const StoredVector<TensorId>& Of(const Graph& graph) const {
    return output ? graph.outputs : graph.inputs;
  }
  IoPlan& Of(GraphPlan& plan) const { return output ? plan.outputs : plan.inputs; }
  const IoPlan& Of(const GraphPlan& plan) const { return output ? plan.outputs : plan.inputs; }
  const IoTypes& Of(const QuantizeOptions& options) const {
    return output ? options.output_types : options.input_types;
  }
};

constexpr Side kSides[] = {{false, "--input_type", "input"}, {true, "--output_type", "output"}};

std::string FoundIn(const Side& side, circle::TensorType type) {
  return absl::StrCat(TypeName(type), " in ", side.option);
}

// The types that one side of a graph is asked to take.
class IoAsker : private GraphView {
 public:
  IoAsker(const Model& model, size_t graph, const Side& side, const IoTypes& types, IoPlan& edge,
          Diagnostics& diagnostics)
      : GraphView(model, graph),
        side_(side),
        types_(types),
        edge_(edge),
        diagnostics_(diagnostics) {}

  void AskForAll(circle::TensorType type) {
    for (TensorId id : side_.Of(graph_)) {
      if (HoldsFloats(id)) edge_.types.emplace(id, type);
    }
  }

  void AskForEach() {
    const StoredVector<TensorId>& ids = side_.Of(graph_);
    if (types_.types().size() != ids.size()) {
      ReportCount();
      return;
    }
    for (size_t i = 0; i < ids.size(); ++i) AskFor(ids[i], types_.types()[i]);
  }

 private:
  // An input that has data of its own is a constant to every rule.
  bool HoldsFloats(TensorId id) const {
    const Tensor& tensor = graph_.tensor(id);
    return tensor.type == circle::TensorType_FLOAT32 &&
           (side_.output || !model_.IsConstant(tensor));
  }

  void AskFor(TensorId id, circle::TensorType type) {
    const circle::TensorType in_model = graph_.tensor(id).type;
    if (!HoldsFloats(id)) {
      if (type == in_model) return;
      Report(id, "only float32 inputs and outputs are quantized",
             absl::StrCat(TypeName(in_model), " as in the model"), type);
    } else if (!IsIoTypeChoice(type)) {
      Report(id,
             absl::StrCat("an ", side_.noun, " that is float32 in the model can't take this type"),
             kChoices, type);
    } else if (const auto [asked, is_new] = edge_.types.emplace(id, type);
               !is_new && asked->second != type) {
      Report(id,
             absl::StrCat("it is several of the ", side_.noun, "s, but can't have several types"),
             TypeName(asked->second), type);
    }
  }

  void Report(TensorId id, std::string problem, std::string expected, circle::TensorType found) {
    diagnostics_.Add({.file = model_.path,
                      .tensor = Name(id),
                      .problem = std::move(problem),
                      .expected = std::move(expected),
                      .found = FoundIn(side_, found)});
  }

  void ReportCount() {
    const StoredVector<TensorId>& ids = side_.Of(graph_);
    const auto name = [&](std::string* out, TensorId id) {
      absl::StrAppend(out, "'", Name(id), "'");
    };
    diagnostics_.Add(
        {.file = model_.path,
         .problem = absl::StrCat(side_.option, " does not give as many types as the model has ",
                                 side_.noun, "s"),
         .expected =
             absl::StrCat(ids.size(), ids.empty() ? "" : ", for ", absl::StrJoin(ids, ", ", name)),
         .found = absl::StrCat(types_.types().size(), " in '", types_.ToString(), "'"),
         .advice = absl::StrCat("give one type for each ", side_.noun, ", or one for all")});
  }

  const Side& side_;
  const IoTypes& types_;
  IoPlan& edge_;
  Diagnostics& diagnostics_;
};

// The forms of one side of a graph.
class IoFormPlanner : private GraphView {
 public:
  IoFormPlanner(const PlanContext& context, size_t graph, const Side& side, IoPlan& edge)
      : GraphView(context.model, graph),
        side_(side),
        options_(context.options),
        mode_(context.mode),
        params_path_(context.plan.params_path),
        plan_(context.plan.graphs[graph]),
        edge_(edge),
        diagnostics_(context.diagnostics) {}

  void Run() {
    for (TensorId id : side_.Of(graph_)) {
      const auto asked = edge_.types.find(id);
      if (asked == edge_.types.end() || edge_.forms.contains(id)) continue;
      const ParamsPtr& own = plan_.tensor(id).params;
      if (own != nullptr) {
        PlanForm(id, own, asked->second);
      } else if (asked->second != circle::TensorType_FLOAT32 && reported_.insert(id).second) {
        ReportWithoutParams(id, asked->second);
      }
    }
  }

 private:
  void PlanForm(TensorId id, const ParamsPtr& own, circle::TensorType type) {
    const ParamsPtr form = FormFor(own, type);
    edge_.forms.emplace(id, form);
    if (form == nullptr || SameParams(form, own) || CanConvert(id, own, form)) return;
    const std::string converts = options_.target == Target::kAny
                                     ? "no known runtime converts "
                                     : absl::StrCat(TargetName(options_.target), " converts no ");
    const std::string inside = absl::StrCat(TypeName(own->dtype), ", as which it is annotated");
    diagnostics_.Add({.file = model_.path,
                      .tensor = Name(id),
                      .problem = side_.output
                                     ? absl::StrCat(converts, inside, ", to ", TypeName(type))
                                     : absl::StrCat(converts, TypeName(type), " to ", inside),
                      .expected = "a type that can be converted",
                      .found = FoundIn(side_, type),
                      .advice = "ask for float32"});
  }

  ParamsPtr FormFor(const ParamsPtr& own, circle::TensorType type) const {
    if (type == circle::TensorType_FLOAT32) return nullptr;
    // It will be of that type anyway.
    if (type == mode_.later_eight_bit && InOtherEightBitType(own) != nullptr) return own;
    return ParamsInType(own, type);
  }

  // A constant is converted here.
  bool CanConvert(TensorId id, const ParamsPtr& own, const ParamsPtr& form) const {
    if (model_.IsConstant(graph_.tensor(id))) return IsIoTypeChoice(own->dtype);
    bool right = false;
    if (side_.output) {
      ConversionPath(own, form, options_.target, &right);
    } else {
      ConversionPath(form, own, options_.target, &right);
    }
    return right;
  }

  void ReportWithoutParams(TensorId id, circle::TensorType type) {
    const TensorPlan& planned = plan_.tensor(id);
    std::string problem = "it has no parameters, so it stays float32";
    std::string advice = "annotate it";
    if (planned.entry != nullptr && planned.entry->pinned()) {
      problem = absl::StrCat(params_path_, " keeps it float32");
      advice = "give it parameters there";
    } else if (planned.origin == Origin::kUnsupported) {
      problem = absl::StrCat("it ", WhyFloat(planned, options_.target), ", so it stays float32");
      advice = "annotate it as int8 or uint8";
    }
    diagnostics_.Add({.file = model_.path,
                      .tensor = Name(id),
                      .problem = std::move(problem),
                      .expected = absl::StrCat(TypeName(type), ", as ", side_.option, " says"),
                      .advice = absl::StrCat(advice, ", or ask for float32")});
  }

  const Side& side_;
  const QuantizeOptions& options_;
  const RunMode& mode_;
  const std::string& params_path_;
  const GraphPlan& plan_;
  IoPlan& edge_;
  Diagnostics& diagnostics_;
  absl::flat_hash_set<TensorId> reported_;  // a tensor may be several of the outputs
};

}  // namespace

void AskForIoTypes(const Model& model, const QuantizeOptions& options, Plan& plan,
                   Diagnostics& diagnostics) {
  for (size_t g = 0; g < model.graphs.size(); ++g) {
    for (const Side& side : kSides) {
      const IoTypes& types = side.Of(options);
      IoAsker asker(model, g, side, types, side.Of(plan.graphs[g]), diagnostics);
      if (plan.graphs[g].composite) continue;
      if (plan.graphs[g].called) {
        asker.AskForAll(circle::TensorType_FLOAT32);
      } else if (types.one_for_all()) {
        asker.AskForAll(types.types().front());
      } else if (!types.as_annotated() && g == 0) {
        asker.AskForEach();
      }
    }
  }
}

void PlanIoForms(const PlanContext& context) {
  for (size_t g = 0; g < context.model.graphs.size(); ++g) {
    for (const Side& side : kSides) {
      IoFormPlanner(context, g, side, side.Of(context.plan.graphs[g])).Run();
    }
  }
}

IoCheck::IoCheck(const Model& before, const Plan& plan) {
  for (size_t g = 0; g < before.graphs.size(); ++g) {
    for (const Side& side : kSides) {
      const IoPlan& edge = side.Of(plan.graphs[g]);
      const StoredVector<TensorId>& ids = side.Of(before.graphs[g]);
      for (size_t i = 0; i < ids.size(); ++i) {
        const auto planned = edge.forms.find(ids[i]);
        if (planned == edge.forms.end()) continue;
        expected_.push_back({g, side.output, i, planned->second});
      }
    }
  }
}

absl::Status IoCheck::Check(const Model& after) const {
  std::vector<std::string> problems;
  for (const Expected& expected : expected_) {
    const Graph& graph = after.graphs[expected.graph];
    const Side& side = kSides[expected.output ? 1 : 0];
    const TensorId id = side.Of(graph)[expected.position];
    const Tensor& tensor = graph.tensor(id);
    const bool as_expected = expected.form == nullptr ? tensor.type == circle::TensorType_FLOAT32
                                                      : SameParams(ParamsOf(tensor), expected.form);
    if (as_expected) continue;
    problems.push_back(
        absl::StrCat("the ", side.noun, " '", DisplayName(after, expected.graph, id), "' is ",
                     TypeName(tensor.type), " instead of ",
                     expected.form == nullptr ? "float32" : DescribeParams(*expected.form)));
  }
  if (problems.empty()) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "the quantized model is not sound, please report this as a bug of q-implant:\n  ",
      absl::StrJoin(problems, "\n  ")));
}

}  // namespace q_implant
