// SPDX-License-Identifier: Apache-2.0
#include "export/param_exporter.h"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "export/atomic_file.h"
#include "export/json_text.h"
#include "export/npy_writer.h"
#include "export/same_file.h"
#include "ir/tensor_type.h"
#include "json/json.h"

namespace q_implant {
namespace {

template <typename T>
absl::Span<const uint8_t> BytesOf(const std::vector<T>& values) {
  return {reinterpret_cast<const uint8_t*>(values.data()), values.size() * sizeof(T)};
}

absl::string_view Descr(circle::TensorType type) {
  switch (type) {
    case circle::TensorType_INT8:
      return "|i1";
    case circle::TensorType_UINT8:
      return "|u1";
    case circle::TensorType_INT16:
      return "<i2";
    case circle::TensorType_INT32:
      return "<i4";
    default:
      return "<i8";
  }
}

class Exporter {
 public:
  Exporter(const std::string& folder, FileSystem& files) : folder_(folder), files_(files) {}

  absl::Status Run(const Params& params, absl::Span<const std::string> inputs) {
    if (files_.MakeFolders(folder_) != 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          folder_, ": the folder can't be made: ", strerror(errno), "; choose another one"));
    }
    std::vector<std::string> stems;
    for (const ParamEntry& entry : params.entries) {
      stems.push_back(entry.pinned() ? "" : Stem(entry.key));
    }
    if (absl::Status lost = CheckFiles(params, stems, inputs); !lost.ok()) return lost;
    Json::Value document(Json::objectValue);
    for (size_t i = 0; i < params.entries.size(); ++i) {
      const ParamEntry& entry = params.entries[i];
      absl::StatusOr<Json::Value> json = Write(entry, stems[i]);
      if (!json.ok()) return json.status();
      document[entry.key] = *std::move(json);
    }
    return WriteFileAtomically(ParamFile(), JsonText(document), files_);
  }

 private:
  // Names hold slashes, colons, anything: a file takes what is harmless, and a number where that is
  // taken already, also in other letters' case.
  std::string Stem(const std::string& key) {
    std::string stem;
    for (char c : key) {
      const bool harmless =
          absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_';
      stem.push_back(harmless ? c : '_');
    }
    constexpr size_t kLongest = 120;
    if (stem.size() > kLongest) stem.resize(kLongest);
    if (stem.empty() || stem[0] == '.') stem.insert(0, "_");
    std::string unique = stem;
    for (int n = 1; !taken_.insert(absl::AsciiStrToLower(unique)).second; ++n) {
      unique = absl::StrCat(stem, "_", n);
    }
    return unique;
  }

  std::string ParamFile() const { return absl::StrCat(folder_, "/param.json"); }
  std::string NpyFile(const std::string& stem, const char* field) const {
    return absl::StrCat(folder_, "/", NpyName(stem, field));
  }
  static std::string NpyName(const std::string& stem, const char* field) {
    return absl::StrCat(stem, ".", field, ".npy");
  }

  absl::Status CheckFiles(const Params& params, const std::vector<std::string>& stems,
                          absl::Span<const std::string> inputs) const {
    std::vector<std::string> files = {ParamFile()};
    for (size_t i = 0; i < stems.size(); ++i) {
      const ParamEntry& entry = params.entries[i];
      if (entry.pinned()) continue;
      files.insert(files.end(), {NpyFile(stems[i], "scale"), NpyFile(stems[i], "zerop")});
      if (entry.value.has_value()) files.push_back(NpyFile(stems[i], "value"));
    }
    const std::optional<Overwrite> lost = FirstOverwritten(files, inputs);
    return lost.has_value() ? absl::AlreadyExistsError(lost->ToString()) : absl::OkStatus();
  }

  absl::StatusOr<Json::Value> Write(const ParamEntry& entry, const std::string& stem) {
    Json::Value json(Json::objectValue);
    json["dtype"] = TypeName(entry.dtype);
    if (entry.pinned()) return json;
    const int64_t count = static_cast<int64_t>(entry.scale.size());
    const auto write = [&](const char* field, absl::string_view descr,
                           absl::Span<const int64_t> shape, absl::Span<const uint8_t> bytes) {
      json[field] = NpyName(stem, field);
      return WriteNpy(NpyFile(stem, field), descr, shape, bytes, files_);
    };
    absl::Status status = write("scale", "<f4", {count}, BytesOf(entry.scale));
    if (status.ok()) status = write("zerop", "<i8", {count}, BytesOf(entry.zero_point));
    if (status.ok() && entry.value.has_value()) {
      status =
          write("value", Descr(entry.value->type), entry.value->shape, entry.value->data.span());
    }
    if (!status.ok()) return status;
    json["quantized_dimension"] = entry.quantized_dimension;
    return json;
  }

  const std::string& folder_;
  FileSystem& files_;
  absl::flat_hash_set<std::string> taken_;
};

}  // namespace

absl::Status ExportParams(const Params& params, const std::string& folder,
                          absl::Span<const std::string> inputs, FileSystem& files) {
  return Exporter(folder, files).Run(params, inputs);
}

}  // namespace q_implant
