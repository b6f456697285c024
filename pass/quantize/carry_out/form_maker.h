// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_FORM_MAKER_H_
#define Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_FORM_MAKER_H_

#include <cstddef>
#include <vector>

#include "ir/model.h"
#include "ir/operators/target.h"
#include "ir/quant_params.h"
#include "pass/graph/buffer_users.h"
#include "pass/graph/unique_names.h"

namespace q_implant {

// While the boundaries of a graph are made: which tensor holds which form of a tensor, and the
// tensors and conversions that make further ones. A form is float32 (null) or integer with
// parameters.
class FormMaker {
 public:
  // All of them must outlive it.
  FormMaker(Target target, size_t graph_index, Model& model, UniqueNames& names,
            BufferUsers& buffers);

  // `holder` has this form of `id` from now on. The first that is told is the tensor's own.
  void Add(TensorId id, const ParamsPtr& form, TensorId holder);
  bool Holds(TensorId id, const ParamsPtr& form) const;
  bool OwnIsFloat(TensorId id) const { return Of(id).front().form == nullptr; }

  // The tensor that holds a form; the tensor's own where none does, for readers that take it as it
  // is.
  TensorId Holder(TensorId id, const ParamsPtr& form) const;

  // Makes a form out of the tensor's own, where nobody holds it: in `into`, or in a new tensor.
  // What lies on the way to it, where the target gets no direct conversion right, is for readers
  // too.
  void Make(TensorId id, const ParamsPtr& form, std::vector<Node>& nodes,
            TensorId into = kNoTensor);

  // One conversion, or several where the target gets no direct one right; what lies between is
  // named after `id`.
  void Convert(TensorId from, TensorId to, TensorId id, std::vector<Node>& nodes);

  // Float32 values cut off, by a Minimum and a Maximum, at what integers of this form stand for.
  // Returns the tensor that holds them.
  TensorId CutOff(TensorId from, const QuantParams& form, std::vector<Node>& nodes);

  // A new tensor beside `beside`: same shape, another name and form, no data.
  TensorId NewTensor(TensorId beside, const char* suffix, const ParamsPtr& form);

 private:
  struct Held {
    ParamsPtr form;
    TensorId holder;
  };

  const std::vector<Held>& Of(TensorId id) const { return held_[static_cast<size_t>(id)]; }
  TensorId NewForm(TensorId id, const ParamsPtr& form);
  void ConvertDirectly(TensorId from, TensorId to, std::vector<Node>& nodes);
  TensorId Bound(TensorId from, double value);
  const OperatorCode* ConversionCode(bool to_float, circle::TensorType from, circle::TensorType to);

  Target target_;
  Model& model_;
  Graph& graph_;
  UniqueNames& names_;
  BufferUsers& buffers_;
  std::vector<std::vector<Held>> held_;  // by tensor
  const flatbuffers::Table* quantize_options_;
  const flatbuffers::Table* dequantize_options_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_QUANTIZE_CARRY_OUT_FORM_MAKER_H_
