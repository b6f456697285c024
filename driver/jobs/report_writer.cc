// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/report_writer.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/strip.h"
#include "export/atomic_file.h"
#include "export/json_text.h"
#include "ir/tensor_type.h"
#include "json/json.h"
#include "pass/numbers/quantization_error.h"

namespace q_implant {
namespace {

// JSON has no infinity: a constant without any error has no "snr_db".
Json::Value ErrorJson(const QuantizationError& error) {
  Json::Value json(Json::objectValue);
  if (std::isfinite(error.snr_db)) json["snr_db"] = error.snr_db;
  json["greatest_steps"] = error.greatest_steps;
  return json;
}

Json::Value ParamsJson(const QuantParams& params) {
  Json::Value json(Json::objectValue);
  json["dtype"] = TypeName(params.dtype);
  for (float scale : params.scale) json["scale"].append(scale);
  for (int64_t zero_point : params.zero_point) json["zero_point"].append(Json::Int64{zero_point});
  json["quantized_dimension"] = params.quantized_dimension;
  return json;
}

Json::Value TensorJson(const TensorReport& tensor) {
  Json::Value json(Json::objectValue);
  json["graph"] = Json::UInt64{tensor.graph};
  json["name"] = tensor.name;
  json["how"] = tensor.how;
  if (!tensor.from.empty()) json["from"] = tensor.from;
  if (!tensor.stands_for_it.empty()) json["stands_for_it"] = tensor.stands_for_it;
  if (tensor.params != nullptr) json["quantization"] = ParamsJson(*tensor.params);
  if (tensor.error.has_value()) json["error"] = ErrorJson(*tensor.error);
  return json;
}

Json::Value NodeJson(const NodeReport& node) {
  Json::Value json(Json::objectValue);
  json["graph"] = Json::UInt64{node.graph};
  json["op"] = node.op;
  json["output"] = node.output;
  json["mode"] = node.mode;
  if (!node.reason.empty()) json["reason"] = node.reason;
  return json;
}

Json::Value DiagnosticJson(const Diagnostic& diagnostic) {
  Json::Value json(Json::objectValue);
  json["severity"] = SeverityName(diagnostic.severity);
  const std::pair<const char*, const std::string*> fields[] = {
      {"file", &diagnostic.file},       {"tensor", &diagnostic.tensor},
      {"problem", &diagnostic.problem}, {"expected", &diagnostic.expected},
      {"found", &diagnostic.found},     {"advice", &diagnostic.advice}};
  for (const auto& [name, text] : fields) {
    if (!text->empty()) json[name] = *text;
  }
  return json;
}

}  // namespace

absl::Status WriteReport(const QuantizeReport& report, const Diagnostics& diagnostics, bool done,
                         const std::string& path, FileSystem& files) {
  Json::Value json(Json::objectValue);
  json["done"] = done;
  json["tensors"] = Json::Value(Json::arrayValue);
  json["nodes"] = Json::Value(Json::arrayValue);
  json["diagnostics"] = Json::Value(Json::arrayValue);
  for (const TensorReport& tensor : report.tensors) json["tensors"].append(TensorJson(tensor));
  for (const NodeReport& node : report.nodes) json["nodes"].append(NodeJson(node));
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    json["diagnostics"].append(DiagnosticJson(diagnostic));
  }
  if (const std::string more = diagnostics.MoreErrors(); !more.empty()) {
    json["diagnostics"].append(
        DiagnosticJson({.problem = std::string(absl::StripPrefix(more, "error: "))}));
  }
  return WriteFileAtomically(path, JsonText(json), files);
}

}  // namespace q_implant
