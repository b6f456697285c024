// SPDX-License-Identifier: Apache-2.0
// Prints the operator table as JSON, for tests and documents that hold it against measurements.

#include <iostream>

#include "ir/operators/conversion_kernels.h"
#include "ir/operators/measured_types.h"
#include "ir/operators/operator_table.h"
#include "ir/operators/scale_limits.h"
#include "ir/operators/weights_kernels.h"
#include "ir/tensor_type.h"
#include "json/json.h"

namespace q_implant {
namespace {

Json::Value Types(TypeSet types) {
  Json::Value names(Json::arrayValue);
  for (circle::TensorType type : circle::EnumValuesTensorType()) {
    if (types.has(type)) names.append(TypeName(type));
  }
  return names;
}

Json::Value Kernels(const KernelTypes& kernels) {
  Json::Value value(Json::objectValue);
  value["any"] = Types(kernels.any);
  value["equal"] = Types(kernels.equal);
  value["wrong"] = Types(kernels.wrong);
  value["misread"] = Types(kernels.misread);
  return value;
}

Json::Value Row(const OperatorRow& row) {
  Json::Value value(Json::objectValue);
  value["inputs"] = std::string(row.inputs);
  value["outputs"] = std::string(row.outputs);
  value["channel_axis"] = row.channel_axis;
  value["measured"] = Types(MeasuredTypes(row.op));
  value["litert"] = Kernels(row.litert);
  value["onert"] = Kernels(row.onert);
  value["beside_int16"] = Types(row.beside_int16);
  value["needs_bias"] = row.needs_bias;
  value["fuses_clamps"] = row.fuses_clamps;
  value["litert_compares"] = row.litert_compares;
  value["onert_lacks_float"] = row.onert_lacks_float;
  value["hybrid"]["axis"] = row.hybrid.axis;
  for (Target target : kTargets) {
    const HybridKernels& kernels = row.hybrid.kernels(target);
    Json::Value& hybrid = value["hybrid"][target == Target::kLiteRt ? "litert" : "onert"];
    hybrid["per_tensor"] = Types(kernels.per_tensor);
    hybrid["per_channel"] = Types(kernels.per_channel);
  }
  return value;
}

const char* Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kRefused:
      return "refused";
    case Verdict::kRight:
      return "right";
    case Verdict::kWrong:
      return "wrong";
    case Verdict::kUnmeasured:
      return "unmeasured";
  }
  return "";
}

Json::Value Kernel(const WeightsKernel& kernel) {
  Json::Value value(Json::objectValue);
  value["operator"] = circle::EnumNameBuiltinOperator(kernel.op);
  value["data"] = TypeName(kernel.data);
  value["weights"] = TypeName(kernel.weights);
  value["litert per_tensor"] = Word(kernel.litert_per_tensor);
  value["litert per_channel"] = Word(kernel.litert_per_channel);
  value["onert per_tensor"] = Word(kernel.onert_per_tensor);
  value["onert per_channel"] = Word(kernel.onert_per_channel);
  return value;
}

Json::Value Conversion(const ConversionKernel& kernel) {
  Json::Value value(Json::objectValue);
  value["from"] = TypeName(kernel.from);
  value["to"] = TypeName(kernel.to);
  value["litert"] = Word(kernel.litert);
  value["onert"] = Word(kernel.onert);
  value["litert per_channel"] = Word(kernel.litert_per_channel);
  value["onert per_channel"] = Word(kernel.onert_per_channel);
  return value;
}

const char* Word(Beyond beyond) {
  switch (beyond) {
    case Beyond::kWrong:
      return "wrong";
    case Beyond::kRefused:
      return "refused";
    case Beyond::kCrashes:
      return "crashed";
  }
  return "";
}

Json::Value Limit(const ScaleLimit& limit) {
  Json::Value value(Json::objectValue);
  value["operator"] = circle::EnumNameBuiltinOperator(limit.op);
  value["types"] = Types(limit.types);
  value["runtime"] = std::string(TargetOption(limit.target));
  value["ratio"] = std::string(RatioText(limit.ratio));
  value["least"] = limit.least;
  value["greatest"] = limit.greatest;
  value["beyond"] = Word(limit.beyond);
  value["clamped"] = limit.clamped;
  return value;
}

}  // namespace
}  // namespace q_implant

int main() {
  Json::Value table(Json::objectValue);
  for (const q_implant::OperatorRow& row : q_implant::AllOperatorRows()) {
    table[circle::EnumNameBuiltinOperator(row.op)] = q_implant::Row(row);
  }
  Json::Value facts(Json::objectValue);
  facts["operators"] = table;
  for (const q_implant::WeightsKernel& kernel : q_implant::AllWeightsKernels()) {
    facts["weights"].append(q_implant::Kernel(kernel));
  }
  for (const q_implant::ConversionKernel& kernel : q_implant::AllConversionKernels()) {
    facts["conversions"].append(q_implant::Conversion(kernel));
  }
  for (const q_implant::ScaleLimit& limit : q_implant::AllScaleLimits()) {
    facts["scale_limits"].append(q_implant::Limit(limit));
  }
  std::cout << facts << "\n";
}
