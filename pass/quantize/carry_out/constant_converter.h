// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_CONSTANT_CONVERTER_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_CONSTANT_CONVERTER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ir/diagnostics.h"
#include "ir/model.h"
#include "pass/graph/buffer_users.h"
#include "pass/numbers/constant_data.h"
#include "pass/quantize/carry_out/form_maker.h"
#include "pass/quantize/carry_out/needed_forms.h"
#include "pass/quantize/plan/plan.h"
#include "pass/quantize/plan/quantize_options.h"

namespace q_implant {

// While the boundaries of a graph are made: gives constants the forms that are demanded, by
// converting their data, and duplicates them where readers want different ones.
class ConstantConverter {
 public:
  // All must outlive it. `float_again` gets the names of constants that the target can't
  // dequantize; errors (a constant that holds NaN) and warnings go into the diagnostics.
  ConstantConverter(const QuantizeOptions& options, const GraphPlan& plan,
                    const std::vector<NeededForms>& demands, size_t graph_index, Model& model,
                    FormMaker& forms, BufferUsers& buffers, std::vector<std::string>& float_again,
                    Diagnostics& diagnostics)
      : full_weights_range_(options.full_weights_range),
        plan_(plan),
        demands_(demands),
        graph_index_(graph_index),
        model_(model),
        graph_(model.graphs[graph_index]),
        forms_(forms),
        buffers_(buffers),
        float_again_(float_again),
        diagnostics_(diagnostics) {}

  // False where it can't be converted, which has been told: it is as before, and has no form.
  bool Convert(TensorId id);

 private:
  // What is to be made of a constant. All of it is made before the constant changes.
  struct NewData {
    Bytes own;     // integers in its own form
    Bytes floats;  // for a float32 copy of it, or for itself
    std::vector<std::pair<ParamsPtr, Bytes>> others;
  };

  bool TakesIntegers(TensorId id) const;
  bool BecomesFloat(TensorId id) const;
  std::optional<NewData> Make(TensorId id);
  const NeededForms& Demand(TensorId id) const { return demands_[static_cast<size_t>(id)]; }
  std::optional<Bytes> QuantizedFloats(TensorId id);
  void BecomeFloat(TensorId id, Bytes floats);
  std::optional<Bytes> Integers(TensorId id, const QuantParams& params);
  void WarnOfSaturation(TensorId id, uint64_t saturated, uint64_t elements);
  WeightsRange RangeFor(TensorId id, const QuantParams& params) const;

  bool full_weights_range_;
  const GraphPlan& plan_;
  const std::vector<NeededForms>& demands_;
  size_t graph_index_;
  Model& model_;
  Graph& graph_;
  FormMaker& forms_;
  BufferUsers& buffers_;
  std::vector<std::string>& float_again_;
  Diagnostics& diagnostics_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_CONSTANT_CONVERTER_H_
