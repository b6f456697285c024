// SPDX-License-Identifier: Apache-2.0
#include "import/param_files.h"

#include <filesystem>
#include <system_error>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "import/mapped_file.h"
#include "import/npy_header.h"
#include "import/npy_reader.h"

namespace q_implant {
namespace {

// Smaller files are copied: a process has 65530 mappings (Linux's vm.max_map_count), and a model
// may have more scales than that.
constexpr size_t kLeastMapped = size_t{64} << 10;

// Whether `path` is below `folder`, both without `.`, `..` and symbolic links.
bool IsInside(absl::string_view path, absl::string_view folder) {
  if (folder == "/") return true;
  return absl::ConsumePrefix(&path, folder) && absl::StartsWith(path, "/");
}

absl::Status MissingError(const std::string& name, const std::string& folder,
                          const std::error_code& code) {
  if (code != std::errc::no_such_file_or_directory && code != std::errc::not_a_directory) {
    return NpyError({.file = name,
                     .problem = absl::StrCat("the file can't be opened: ", code.message()),
                     .advice = "check the permissions of the file and of its folders"});
  }
  return NpyError({.file = name,
                   .problem = "there is no such file",
                   .expected = absl::StrCat("it in ", folder, ", the param file's folder"),
                   .advice = absl::StrContains(name, '\\')
                                 ? "write '/' between folders"
                                 : "copy the .npy files along with the param file"});
}

}  // namespace

ParamFiles::ParamFiles(const std::string& param_file, bool allow_outside)
    : folder_(std::filesystem::path(param_file).parent_path().string()),
      allow_outside_(allow_outside) {
  if (folder_.empty()) folder_ = ".";
  std::error_code code;
  real_folder_ = std::filesystem::canonical(folder_, code).string();
}

absl::StatusOr<Array> ParamFiles::Read(const std::string& name) {
  const absl::StatusOr<Bytes> bytes = Load(name);
  if (!bytes.ok()) return bytes.status();
  return ReadNpy(*bytes, name);
}

std::string ParamFiles::PathOf(const std::string& name) const {
  return (std::filesystem::path(folder_) / name).string();
}

absl::StatusOr<std::string> ParamFiles::Resolve(const std::string& name) const {
  if (name.empty()) {
    return NpyError({.problem = "the file name is empty", .expected = "the name of a .npy file"});
  }
  std::error_code code;
  const std::string real = std::filesystem::canonical(PathOf(name), code).string();
  if (code) return MissingError(name, folder_, code);
  if (allow_outside_ || IsInside(real, real_folder_)) return real;
  return NpyError({.file = name,
                   .problem = "the file is outside the param file's folder",
                   .expected = absl::StrCat("a file below ", folder_),
                   .found = real,
                   .advice = "move it there, or give --allow_outside"});
}

absl::StatusOr<Bytes> ParamFiles::Load(const std::string& name) {
  const absl::StatusOr<std::string> path = Resolve(name);
  if (!path.ok()) return path.status();
  if (const auto found = loaded_.find(*path); found != loaded_.end()) return found->second;
  absl::StatusOr<Bytes> bytes = MapRegularFile(*path);
  if (!bytes.ok()) return bytes.status();
  if (bytes->size() < kLeastMapped) {
    const absl::Span<const uint8_t> content = bytes->span();
    bytes = Bytes::Own(std::vector<uint8_t>(content.begin(), content.end()));
  }
  loaded_.emplace(*path, *bytes);
  return bytes;
}

}  // namespace q_implant
