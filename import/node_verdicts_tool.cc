// SPDX-License-Identifier: Apache-2.0
// node_verdicts_tool < PATHS: what each runtime makes of each node of the models, by the program's
// tables: a line of JSON a model. Tests hold it against measurements.

#include <iostream>
#include <string>

#include "absl/status/statusor.h"
#include "import/circle_importer.h"
#include "ir/operators/node_verdict.h"
#include "json/json.h"

namespace q_implant {
namespace {

const char* Word(Verdict verdict) {
  return verdict == Verdict::kRight ? "right" : verdict == Verdict::kWrong ? "wrong" : "refused";
}

Json::Value Verdicts(const Model& model) {
  Json::Value nodes(Json::arrayValue);
  for (const Graph& graph : model.graphs) {
    for (const Node& node : graph.nodes) {
      Json::Value value(Json::objectValue);
      value["operator"] = circle::EnumNameBuiltinOperator(node.op());
      for (Target target : kTargets) {
        const NodeVerdict verdict = JudgeNode(graph, node, target);
        value[std::string(TargetOption(target))] = Word(verdict.verdict);
        value[std::string(TargetOption(target)) + " why"] = verdict.why;
      }
      nodes.append(value);
    }
  }
  return nodes;
}

}  // namespace
}  // namespace q_implant

int main() {
  Json::StreamWriterBuilder writer;
  writer["indentation"] = "";
  for (std::string path; std::getline(std::cin, path);) {
    const absl::StatusOr<q_implant::Model> model = q_implant::ImportCircle(path);
    if (!model.ok()) {
      std::cerr << model.status().message() << "\n";
      return 1;
    }
    std::cout << Json::writeString(writer, q_implant::Verdicts(*model)) << "\n";
  }
}
