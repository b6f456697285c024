// SPDX-License-Identifier: Apache-2.0
#include "import/param_importer.h"

#include <optional>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "import/json_reader.h"
#include "import/name_map.h"
#include "import/param_entry_reader.h"
#include "import/param_files.h"

namespace q_implant {
namespace {

// The tensors that entries mean, and whether each is meant once.
class Targets {
 public:
  Targets(const std::string& param_file, Diagnostics& diagnostics)
      : param_file_(param_file), diagnostics_(diagnostics) {}

  bool Add(const std::string& key, const std::string& target) {
    const auto [first, inserted] = keys_.try_emplace(target, key);
    if (inserted) return true;
    diagnostics_.Add({.file = param_file_,
                      .tensor = key,
                      .problem = absl::StrCat("with the name map it means '", target,
                                              "', as does '", first->second, "'"),
                      .expected = "one entry for each tensor",
                      .advice = "correct the name map, or remove one of the two entries"});
    return false;
  }

 private:
  const std::string& param_file_;
  Diagnostics& diagnostics_;
  absl::flat_hash_map<std::string, std::string> keys_;  // by target
};

// The files of an entry, also of one that is wrong elsewhere.
void AddFiles(const Json::Value& entry, const ParamFiles& files, std::vector<std::string>& paths) {
  if (!entry.isObject()) return;
  for (const char* field : {"scale", "zerop", "value"}) {
    const Json::Value& name = entry[field];
    if (name.isString() && !name.asString().empty()) paths.push_back(files.PathOf(name.asString()));
  }
}

}  // namespace

Params ImportParams(const std::string& json_path, const ParamImportOptions& options,
                    Diagnostics& diagnostics) {
  Params params = {.path = json_path};
  NameMap names;
  if (!options.name_map_path.empty()) names = NameMap::Read(options.name_map_path, diagnostics);
  const std::optional<Json::Value> root = ReadJsonObject(json_path, diagnostics);
  if (!root) return params;

  ParamFiles files(json_path, options.allow_outside);
  Targets targets(json_path, diagnostics);
  std::vector<std::string> keys;
  for (const auto& [key, json] : MembersOf(*root)) {
    keys.push_back(key);
    const bool named = !key.empty();
    AddFiles(*json, files, params.files);
    if (!named) {
      diagnostics.Add({.file = json_path,
                       .problem = "an entry with an empty name",
                       .expected = "the name of a tensor",
                       .advice = "write '#<graph index>/<tensor index>' for one without a name"});
    }
    std::optional<ParamEntry> entry = ReadParamEntry(key, *json, json_path, files, diagnostics);
    const bool alone = named && targets.Add(key, names.TargetOf(key));
    if (!named) continue;
    if (!entry || !alone) {
      params.broken.push_back({.key = key, .target = names.TargetOf(key)});
      continue;
    }
    entry->target = names.TargetOf(key);
    params.entries.push_back(*std::move(entry));
  }
  names.NoteUnused(keys, diagnostics);
  return params;
}

}  // namespace q_implant
