// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/pipeline_command.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace q_implant {
namespace {

constexpr char kLoadPlugin[] = "load_pass_plugin";
constexpr char kPrintAfter[] = "print_after";

// Switches of upstream's circle2circle that a value follows; all others of it stand alone.
constexpr std::array<absl::string_view, 6> kUpstreamWithValue = {
    "change_outputs",  "sparsify_block_map", "sparsify_block_size",
    "sparsify_format", "sparsify_tensor",    "sparsify_traversal_order"};

// "--name" or "--name=value".
struct Switch {
  std::string name;
  std::optional<std::string> value;
};

std::optional<Switch> AsSwitch(const std::string& arg) {
  if (arg == "-h") return Switch{"help", std::nullopt};
  if (arg == "-v") return Switch{"version", std::nullopt};
  if (arg == "-V") return Switch{"verbose", std::nullopt};
  if (!absl::StartsWith(arg, "--") || arg.size() == 2) return std::nullopt;
  const size_t equals = arg.find('=');
  if (equals == arg.npos) return Switch{arg.substr(2), std::nullopt};
  return Switch{arg.substr(2, equals - 2), arg.substr(equals + 1)};
}

absl::Status Wrong(std::string problem) { return absl::InvalidArgumentError(std::move(problem)); }

// The value of a switch that needs one: its own, or args[next].
absl::StatusOr<std::string> TakeValue(const Switch& found, absl::string_view what,
                                      absl::Span<const std::string> args, size_t& next) {
  if (found.value.has_value() && !found.value->empty()) return *found.value;
  const bool next_is_value = !found.value.has_value() && next < args.size() &&
                             !args[next].empty() && !AsSwitch(args[next]).has_value();
  if (next_is_value) return args[next++];
  return Wrong(absl::StrCat("--", found.name, " needs a value: ", what));
}

bool* FindFlag(absl::string_view name, PipelineCommand& command) {
  if (name == "help") return &command.help;
  if (name == "version") return &command.version;
  if (name == "list_passes") return &command.list_passes;
  if (name == "verbose") return &command.verbose;
  if (name == "verify_each") return &command.verify_each;
  if (name == "time_passes") return &command.time_passes;
  if (name == "print_after_all") return &command.print_after_all;
  return nullptr;
}

// Switches of the command itself.
bool IsOwnSwitch(absl::string_view name) {
  PipelineCommand command;
  return name == kLoadPlugin || name == kPrintAfter || FindFlag(name, command) != nullptr;
}

constexpr char kLibrary[] = "a shared library";

class Parser {
 public:
  Parser(absl::Span<const std::string> args, const PassRegistry& registry)
      : args_(args), registry_(registry) {}

  absl::StatusOr<PipelineCommand> Parse() {
    for (next_ = 0; next_ < args_.size();) {
      const std::string& arg = args_[next_++];
      if (const std::optional<Switch> found = AsSwitch(arg)) {
        const absl::Status taken = Take(arg, *found);
        if (!taken.ok()) return taken;
      } else if (absl::StartsWith(arg, "-") && arg != "-") {
        return Wrong(absl::StrCat("'", arg,
                                  "' is not a switch (switches begin with two dashes); a file of ",
                                  "this name is ./", arg));
      } else {
        TakePlain(arg);
      }
    }
    if (command_.help || command_.version || command_.list_passes) return command_;
    command_.is_foreign = IsForeign();
    const absl::Status placed = PlaceFiles();
    if (!placed.ok() && !command_.is_foreign) return placed;
    return command_;
  }

 private:
  // An argument that no switch of ours takes. Behind a foreign one it may be that one's value.
  struct Plain {
    std::string text;
    bool foreign;  // the last of step `step`'s switches when it came, at `position`
    size_t step;
    size_t position;
  };

  bool IsForeign() const {
    return !command_.steps.empty() && !loads_plugins_ && !command_.verify_each &&
           !command_.time_passes && !command_.print_after_all && command_.print_after.empty() &&
           std::all_of(command_.steps.begin(), command_.steps.end(),
                       [](const PipelineStep& step) { return step.pass == nullptr; });
  }

  bool AtForeignStep() const { return !command_.steps.empty() && !command_.steps.back().pass; }

  void TakePlain(const std::string& arg) {
    if (!AtForeignStep()) {
      plain_.push_back({arg, false, 0, 0});
      return;
    }
    std::vector<std::string>& switches = command_.steps.back().switches;
    plain_.push_back({arg, true, command_.steps.size() - 1, switches.size()});
    switches.push_back(arg);
  }

  absl::StatusOr<std::string> Value(const Switch& found, absl::string_view what) {
    return TakeValue(found, what, args_, next_);
  }

  absl::Status NoValue(const Switch& found) {
    if (!found.value.has_value()) return absl::OkStatus();
    return Wrong(absl::StrCat("--", found.name, " takes no value"));
  }

  absl::Status Take(const std::string& arg, const Switch& found) {
    if (bool* flag = FindFlag(found.name, command_)) {
      *flag = true;
      return NoValue(found);
    }
    if (found.name == kLoadPlugin) {
      loads_plugins_ = true;
      return Value(found, kLibrary).status();
    }
    if (found.name == kPrintAfter) return TakePrintAfter(found);
    if (const PassRegistry::Entry* pass = CurrentPass()) {
      if (const auto* option = pass->FindOption(found.name)) return TakeOption(found, *option);
    }
    if (const PassRegistry::Entry* pass = registry_.Find(found.name)) return TakePass(found, *pass);
    TakeForeign(arg, found);
    return absl::OkStatus();
  }

  const PassRegistry::Entry* CurrentPass() const {
    return command_.steps.empty() ? nullptr : command_.steps.back().pass;
  }

  absl::Status TakePrintAfter(const Switch& found) {
    const absl::StatusOr<std::string> name = Value(found, "the name of a pass");
    if (!name.ok()) return name.status();
    command_.print_after.emplace_back(absl::StripPrefix(*name, "--"));
    return absl::OkStatus();
  }

  absl::Status TakeOption(const Switch& found, const PassRegistry::Option& option) {
    std::string value;
    if (option.value.empty()) {
      const absl::Status status = NoValue(found);
      if (!status.ok()) return status;
    } else {
      absl::StatusOr<std::string> given = Value(found, option.value);
      if (!given.ok()) return given.status();
      value = *std::move(given);
    }
    command_.steps.back().arguments.options.emplace_back(option.name, std::move(value));
    return absl::OkStatus();
  }

  absl::Status TakePass(const Switch& found, const PassRegistry::Entry& pass) {
    PipelineStep step{.pass = &pass};
    if (pass.argument.empty()) {
      const absl::Status status = NoValue(found);
      if (!status.ok()) return status;
    } else {
      absl::StatusOr<std::string> argument = Value(found, pass.argument);
      if (!argument.ok()) return argument.status();
      step.arguments.argument = *std::move(argument);
    }
    command_.steps.push_back(std::move(step));
    return absl::OkStatus();
  }

  void TakeForeign(const std::string& arg, const Switch& found) {
    if (!AtForeignStep()) command_.steps.push_back({});
    std::vector<std::string>& switches = command_.steps.back().switches;
    switches.push_back(arg);
    const bool has_value = std::find(kUpstreamWithValue.begin(), kUpstreamWithValue.end(),
                                     found.name) != kUpstreamWithValue.end();
    if (has_value && !found.value.has_value() && next_ < args_.size()) {
      switches.push_back(args_[next_++]);
    }
  }

  // Where just two arguments can be no values of foreign switches they are the files, as ONE's
  // tools put them first; else the last two are. The others must follow foreign switches.
  absl::Status PlaceFiles() {
    const auto is_foreign = [](const Plain& plain) { return plain.foreign; };
    if (std::count_if(plain_.begin(), plain_.end(), is_foreign) + 2 == std::ssize(plain_)) {
      std::erase_if(plain_, is_foreign);
    }
    for (std::string* file : {&command_.output, &command_.input}) {
      if (plain_.empty()) return Wrong("the input and the output model are missing");
      const Plain& last = plain_.back();
      *file = last.text;
      if (last.foreign) {
        std::vector<std::string>& switches = command_.steps[last.step].switches;
        switches.erase(switches.begin() + static_cast<ptrdiff_t>(last.position));
      }
      plain_.pop_back();
      if (file->empty()) return Wrong("the name of a model is empty");
      if (plain_.empty() && file == &command_.output) {
        return Wrong(absl::StrCat("the output model is missing: there is only '", *file, "'"));
      }
    }
    for (const Plain& rest : plain_) {
      if (!rest.foreign) return Wrong(absl::StrCat("'", rest.text, "' is one argument too many"));
    }
    for (const std::string& name : command_.print_after) {
      const bool runs =
          std::any_of(command_.steps.begin(), command_.steps.end(), [&](const PipelineStep& step) {
            return step.pass != nullptr && step.pass->name == name;
          });
      if (!runs) return Wrong(absl::StrCat("--print_after=", name, ": no such pass is to run"));
    }
    return absl::OkStatus();
  }

  absl::Span<const std::string> args_;
  const PassRegistry& registry_;
  size_t next_ = 0;
  std::vector<Plain> plain_;
  bool loads_plugins_ = false;
  PipelineCommand command_;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> FindPlugins(absl::Span<const std::string> args) {
  std::vector<std::string> plugins;
  for (size_t next = 0; next < args.size();) {
    const std::optional<Switch> found = AsSwitch(args[next++]);
    if (!found.has_value() || found->name != kLoadPlugin) continue;
    absl::StatusOr<std::string> plugin = TakeValue(*found, kLibrary, args, next);
    if (!plugin.ok()) return plugin.status();
    plugins.push_back(*std::move(plugin));
  }
  return plugins;
}

absl::Status CheckNames(const PassRegistry& registry) {
  const auto check = [](absl::string_view what, absl::string_view name) {
    if (!IsOwnSwitch(name)) return absl::OkStatus();
    return Wrong(absl::StrCat(what, " can't be named '", name, "': --", name,
                              " is a switch of circle2circle; choose another name"));
  };
  for (const PassRegistry::Entry* pass : registry.entries()) {
    absl::Status status = check("a pass", pass->name);
    for (const PassRegistry::Option& option : pass->options) {
      status.Update(check(absl::StrCat("an option of --", pass->name), option.name));
    }
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::StatusOr<PipelineCommand> ParsePipelineCommand(absl::Span<const std::string> args,
                                                     const PassRegistry& registry) {
  return Parser(args, registry).Parse();
}

}  // namespace q_implant
