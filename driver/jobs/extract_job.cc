// SPDX-License-Identifier: Apache-2.0
#include "driver/jobs/extract_job.h"

#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "driver/jobs/implant_job.h"
#include "driver/jobs/messages.h"
#include "driver/process/shell_words.h"
#include "export/json_text.h"
#include "export/param_exporter.h"
#include "import/circle_importer.h"
#include "ir/diagnostics.h"
#include "ir/tensor_type.h"
#include "ir/utf8.h"
#include "json/json.h"
#include "pass/extract/diff_params.h"
#include "pass/extract/extract_params.h"
#include "pass/rewrite/undo_eight_bit.h"
#include "pass/target/copy_outputs.h"
#include "pass/target/mend_faults.h"

namespace q_implant {
namespace {

// Edges in the words of a command that makes all 8-bit tensors this type.
IoTypes AfterEightBit(const IoTypes& types, circle::TensorType eight_bit) {
  std::vector<circle::TensorType> after(types.types().begin(), types.types().end());
  for (circle::TensorType& type : after) {
    const bool converts = type == circle::TensorType_UINT8 || type == circle::TensorType_INT8;
    if (converts && eight_bit != circle::TensorType_FLOAT32) type = eight_bit;
  }
  return IoTypes(std::move(after));
}

std::string CommandFor(const ExtractedParams& extracted, circle::TensorType eight_bit,
                       const std::string& folder) {
  std::string command =
      absl::StrCat("q-implant --input FLOAT32_MODEL --param ", ShellQuoted(folder + "/param.json"),
                   " --output QUANTIZED_MODEL");
  for (const auto& [option, types] : {std::pair(" --input_type ", extracted.input_types),
                                      std::pair(" --output_type ", extracted.output_types)}) {
    if (!types.as_annotated()) {
      absl::StrAppend(&command, option, AfterEightBit(types, eight_bit).ToString());
    }
  }
  if (extracted.hybrid) absl::StrAppend(&command, " --hybrid");
  if (extracted.weight_only && !extracted.hybrid) absl::StrAppend(&command, " --weight_only");
  if (extracted.keep_bias) absl::StrAppend(&command, " --keep_bias");
  if (!extracted.unsure.empty()) absl::StrAppend(&command, " --ignore_unknown");
  if (eight_bit != circle::TensorType_FLOAT32) {
    absl::StrAppend(&command, " --eight_bit ", TypeName(eight_bit));
  }
  return command;
}

void TellOfUnsure(const Model& model, const ExtractedParams& extracted, Diagnostics& diagnostics) {
  const size_t count = extracted.unsure.size();
  if (count == 0) return;
  diagnostics.Add(
      {.severity = Severity::kRemark,
       .file = model.path,
       .tensor = extracted.unsure.front(),
       .problem =
           absl::StrCat("the float32 model may call the tensor otherwise",
                        count == 1   ? ""
                        : count == 2 ? " (likewise 1 more tensor)"
                                     : absl::StrCat(" (likewise ", count - 1, " more tensors)")),
       .advice = "the printed command goes on without what it does not find, and names it"});
}

Json::Value DiffJson(const TensorDiff& diff) {
  Json::Value json(Json::objectValue);
  json["graph"] = Json::UInt64{diff.graph};
  json["tensor"] = diff.name;
  json["difference"] = diff.ToString();
  if (diff.missing != TensorDiff::Missing::kNeither) {
    json["missing"] = diff.missing == TensorDiff::Missing::kFirst ? "first" : "second";
  }
  const auto pair = [&](const char* field, const std::string& first, const std::string& second) {
    if (first.empty()) return;
    json[field].append(first);
    json[field].append(second);
  };
  pair("types", diff.first_type, diff.second_type);
  pair("scales", diff.first_scales, diff.second_scales);
  const auto number = [&](const char* field, uint64_t value) {
    if (value > 0) json[field] = Json::UInt64{value};
  };
  number("scale_ulps", diff.scale_ulps);
  number("differing_scales", diff.differing_scales);
  number("zero_point_steps", diff.zero_point_steps);
  number("differing_zero_points", diff.differing_zero_points);
  number("differing_values", diff.differing_values);
  number("values", diff.values);
  number("value_steps", diff.value_steps);
  if (diff.other_shape) json["other_size"] = true;
  return json;
}

void PrintDiffs(const std::vector<TensorDiff>& diffs, bool json, std::ostream& out) {
  if (json) {
    Json::Value document(Json::objectValue);
    document["tensors"] = Json::Value(Json::arrayValue);
    for (const TensorDiff& diff : diffs) document["tensors"].append(DiffJson(diff));
    out << JsonText(document);
    return;
  }
  for (const TensorDiff& diff : diffs) {
    if (diff.graph > 0) out << "graph " << diff.graph << ": ";
    out << OneLineText(diff.name) << ": " << diff.ToString() << '\n';
  }
  if (diffs.empty()) {
    out << "the same quantization parameters and integers\n";
  } else {
    out << diffs.size() << (diffs.size() == 1 ? " tensor differs\n" : " tensors differ\n");
  }
}

}  // namespace

int RunExtract(const std::string& input, const std::string& folder, std::ostream& out,
               std::ostream& err) {
  absl::StatusOr<Model> model = ImportCircle(input);
  if (!model.ok()) {
    PrintStatus(model.status(), err);
    return kExitBadData;
  }
  Diagnostics diagnostics;
  MendFaults(*model, diagnostics);
  UndoOutputCopies(*model);
  const circle::TensorType eight_bit = UndoEightBit(*model);
  const absl::StatusOr<ExtractedParams> extracted = ExtractParams(*model, diagnostics);
  if (extracted.ok()) TellOfUnsure(*model, *extracted, diagnostics);
  PrintDiagnostics(diagnostics, /*verbose=*/true, err);
  if (!extracted.ok()) return kExitBadData;
  if (extracted->params.entries.empty()) {
    err << "error: " << input << ": no tensor has quantization parameters; is it the quantized "
        << "model?\n";
    return kExitBadData;
  }
  const absl::Status written = ExportParams(extracted->params, folder, {input});
  if (!written.ok()) {
    PrintStatus(written, err);
    return absl::IsAlreadyExists(written) ? kExitBadCommand : kExitBadData;
  }
  size_t constants = 0;
  size_t pinned = 0;
  for (const ParamEntry& entry : extracted->params.entries) {
    constants += entry.value.has_value() ? 1 : 0;
    pinned += entry.pinned() ? 1 : 0;
  }
  out << folder << "/param.json: " << extracted->params.entries.size() << " tensors, " << constants
      << " of them with their integers, " << pinned << " kept float32\n"
      << "To put them into the float32 model:\n  " << CommandFor(*extracted, eight_bit, folder)
      << '\n';
  return kExitDone;
}

int RunDiff(const std::string& first, const std::string& second, bool json, std::ostream& out,
            std::ostream& err) {
  absl::StatusOr<Model> a = ImportCircle(first);
  absl::StatusOr<Model> b = ImportCircle(second);
  for (const auto* model : {&a, &b}) {
    if (!model->ok()) PrintStatus(model->status(), err);
  }
  if (!a.ok() || !b.ok()) return kExitTrouble;
  Diagnostics ignored;  // what is compared is what the tables mean
  MendFaults(*a, ignored);
  MendFaults(*b, ignored);
  UndoOutputCopies(*a);
  UndoOutputCopies(*b);
  const std::vector<TensorDiff> diffs = DiffParams(*a, *b);
  PrintDiffs(diffs, json, out);
  return diffs.empty() ? kExitSame : kExitDifferent;
}

}  // namespace q_implant
