// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/pipeline_help.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace q_implant {
namespace {

constexpr size_t kHelpColumn = 34;

// A switch in the first column, what it does in the second.
std::string Line(std::string name, absl::string_view help) {
  std::string line = absl::StrCat("  ", name);
  if (line.size() + 2 > kHelpColumn) {
    absl::StrAppend(&line, "\n", std::string(kHelpColumn, ' '));
  } else {
    line.resize(kHelpColumn, ' ');
  }
  return absl::StrCat(line, help, "\n");
}

std::string Called(absl::string_view name, absl::string_view value) {
  return absl::StrCat("--", name, value.empty() ? "" : " ", value);
}

}  // namespace

std::string PassList(const PassRegistry& registry) {
  std::string text;
  for (const PassRegistry::Entry* entry : registry.entries()) {
    absl::StrAppend(&text, Line(Called(entry->name, entry->argument), entry->help));
  }
  return text;
}

std::string PipelineHelp(const PassRegistry& registry) {
  std::string text =
      "Runs passes over a circle or TFLite model, in the order in which they are named.\n"
      "Usage: circle2circle [passes in order] INPUT OUTPUT\n\n"
      "Passes:\n";
  absl::StrAppend(&text, PassList(registry));
  for (const PassRegistry::Entry* entry : registry.entries()) {
    if (entry->options.empty()) continue;
    absl::StrAppend(&text, "\nOptions of --", entry->name, ", behind it:\n");
    for (const PassRegistry::Option& option : entry->options) {
      absl::StrAppend(&text, Line(Called(option.name, option.value), option.help));
    }
  }
  absl::StrAppend(
      &text, "\nPipeline:\n",
      Line("--load_pass_plugin FILE", "Load passes from a shared library; may be repeated"),
      Line("--verify_each", "Fail where a pass leaves a model that is not sound"), "\nOutput:\n",
      Line("--print_after_all", "Print the model as text after each pass"),
      Line("--print_after PASS", "Print it after this one; may be repeated"),
      Line("--time_passes", "Print how long each pass took"),
      Line("-V, --verbose", "Tell also what each pass did"),
      Line("--list_passes", "Print the passes"), Line("-v, --version", "Print the version"),
      Line("-h, --help", "Print this text"));
  absl::StrAppend(
      &text,
      "\nExample:\n"
      "  circle2circle --import_qparam param.json --target onert --remove_unused_buffers \\\n"
      "      model.circle quantized.circle\n\n"
      "Switches that are none of these go to the next circle2circle on PATH, ONE's own, in their\n"
      "place between the passes.\n\n"
      "Exit codes: 0 done, 1 the data is wrong (nothing was written), 255 the command is wrong;\n"
      "that of the other circle2circle where it failed.\n");
  return text;
}

}  // namespace q_implant
