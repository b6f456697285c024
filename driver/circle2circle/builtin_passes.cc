// SPDX-License-Identifier: Apache-2.0
#include "driver/circle2circle/builtin_passes.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "driver/jobs/implant_options.h"
#include "driver/jobs/import_qparam_pass.h"
#include "pass/rewrite/adapt_to_target_pass.h"
#include "pass/rewrite/convert_eight_bit_pass.h"
#include "pass/rewrite/remove_needless_quantize_pass.h"
#include "pass/rewrite/remove_unused_passes.h"
#include "pass/verify/check_luci.h"

namespace q_implant {
namespace {

using MadePass = absl::StatusOr<std::unique_ptr<Pass>>;

// Warnings only: the model stays as it is.
class CheckLuciPass : public Pass {
 public:
  absl::string_view name() const override { return "check"; }
  absl::StatusOr<bool> Run(Model& model, Diagnostics& diagnostics) override {
    CheckLuci(model, diagnostics);
    return false;
  }
};

MadePass MakeImportQparam(const PassArguments& arguments) {
  ImplantSettings settings;
  for (const auto& [name, value] : arguments.options) {
    const absl::Status set = SetImplantOption(*FindImplantOption(name), value, settings);
    if (!set.ok()) return absl::InvalidArgumentError(absl::StrCat("--", name, ": ", set.message()));
  }
  if (const absl::Status status = CheckSettings(settings); !status.ok()) return status;
  return std::make_unique<ImportQparamPass>(arguments.argument, std::move(settings));
}

// A pass of one word that is an option of --import_qparam too, with the same words.
PassRegistry::Entry EntryLikeOption(const char* name, const char* help,
                                    MadePass (*make)(const ImplantSettings&)) {
  const ImplantOption& option = *FindImplantOption(name);
  return {.name = name,
          .help = help,
          .argument = option.value,
          .make = [&option, make](const PassArguments& arguments) -> MadePass {
            ImplantSettings settings;
            const absl::Status set = SetImplantOption(option, arguments.argument, settings);
            if (!set.ok()) return set;
            return make(settings);
          }};
}

template <typename PassT>
PassRegistry::Entry EntryOf(const char* name, const char* help) {
  return {.name = name, .help = help, .make = [](const PassArguments&) -> MadePass {
            return std::make_unique<PassT>();
          }};
}

PassRegistry::Entry ImportQparamEntry() {
  PassRegistry::Entry entry{
      .name = "import_qparam",
      .help =
          "Put quantization parameters made elsewhere into the float32 model, as q-implant does",
      .argument = "JSON",
      .make = MakeImportQparam};
  for (const ImplantOption& option : ImplantOptions()) {
    entry.options.push_back({option.name, option.value, option.help});
  }
  return entry;
}

}  // namespace

PassRegistry BuiltinPasses() {
  PassRegistry registry;
  for (PassRegistry::Entry& entry : std::vector<PassRegistry::Entry>{
           ImportQparamEntry(),
           EntryLikeOption(
               "eight_bit",
               "Make all 8-bit tensors this type: the same numbers, zero points moved by 128",
               [](const ImplantSettings& settings) -> MadePass {
                 return std::make_unique<ConvertEightBitPass>(settings.eight_bit);
               }),
           EntryLikeOption(
               "target", "Adapt a quantized model to what this runtime computes rightly",
               [](const ImplantSettings& settings) -> MadePass {
                 return std::make_unique<AdaptToTargetPass>(settings.quantize_options.target);
               }),
           EntryLikeOption("check", "Warn of what ONE's own quantizer would not have written",
                           [](const ImplantSettings&) -> MadePass {
                             return std::make_unique<CheckLuciPass>();
                           }),
           EntryOf<RemoveNeedlessQuantizePass>(
               "remove_needless_quantize",
               "Remove Quantize and Dequantize nodes that change nothing, repeat another or feed "
               "nothing"),
           EntryOf<RemoveUnusedTensorsPass>("remove_unused_tensors",
                                            "Remove tensors that nothing refers to"),
           EntryOf<RemoveUnusedBuffersPass>("remove_unused_buffers",
                                            "Remove buffers that no tensor has"),
           EntryOf<RemoveUnusedOperatorCodesPass>("remove_unused_operator_codes",
                                                  "Remove operator codes that no node has")}) {
    registry.Register(std::move(entry)).IgnoreError();  // their names differ
  }
  return registry;
}

}  // namespace q_implant
