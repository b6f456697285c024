// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_EXTRACT_TENSOR_FORMS_H_
#define Q_IMPLANT_PASS_EXTRACT_TENSOR_FORMS_H_

#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "ir/model.h"
#include "ir/quant_params.h"
#include "pass/graph/def_use.h"

namespace q_implant {

// Where a float32 model has one tensor, a quantized one may have several forms of it, with Quantize
// and Dequantize nodes between them. Which of them is the tensor, by its name, and which parameters
// it was given.
//
// The tensor is a constant, graph input or graph output among them, else what an operator makes.
// But names win that say otherwise: that after which the others are named ("x_quantized",
// "x_float").
class TensorForms {
 public:
  TensorForms(const Model& model, const Graph& graph, const DefUse& def_use);

  // The form that has the name of the float32 model's tensor.
  TensorId original(TensorId id) const { return original_[Index(id)]; }
  bool is_original(TensorId id) const { return original(id) == id; }

  // The form that has the tensor's own parameters; kNoTensor where none has parameters.
  TensorId holder(TensorId id) const { return holder_[Index(original(id))]; }

  // A tensor of the float32 model that shares its form with another: a clamp between the two, which
  // cut nothing off, went. It left its name to a graph output or to a form ("x_float").
  struct Former {
    std::string name;
    TensorId holder;  // has its parameters
  };
  const std::vector<Former>& former() const { return former_; }

 private:
  struct Forms {
    std::vector<TensorId> ids = {};
    absl::flat_hash_set<absl::string_view> names = {};  // where there are several
  };

  static size_t Index(TensorId id) { return static_cast<size_t>(id); }
  std::vector<Forms> FindForms() const;
  bool IsConstant(TensorId id) const;
  TensorId FindOriginal(const Forms& forms) const;
  TensorId FindByName(const Forms& forms) const;
  TensorId FindMade(const Forms& forms) const;
  bool SaysItIsAForm(const Forms& forms, TensorId id) const;
  TensorId FindHolder(TensorId original, const Forms& forms) const;
  TensorId FindTwin(TensorId end, const Forms& forms) const;
  bool StandsFor(TensorId end, TensorId id) const;
  TensorId Neighbour(TensorId id) const;
  bool IsAddedTo(const Forms& forms, TensorId id) const;
  void FindFormer(TensorId original, const Forms& forms);

  const Model& model_;
  const Graph& graph_;
  const DefUse& def_use_;
  absl::flat_hash_set<absl::string_view> names_;  // with those of former_
  std::vector<TensorId> original_;
  std::vector<TensorId> holder_;
  std::vector<Former> former_;
};

// Whether TFLite's converter made the name while it quantized ("tfl.quantize1",
// "tfl.pseudo_qconst"): the float32 model calls the tensor otherwise.
bool IsConvertersName(absl::string_view name);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_EXTRACT_TENSOR_FORMS_H_
