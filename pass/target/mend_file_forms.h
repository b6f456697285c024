// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_PASS_TARGET_MEND_FILE_FORMS_H_
#define Q_IMPLANT_PASS_TARGET_MEND_FILE_FORMS_H_

#include <cstddef>

#include "ir/model.h"

// What TakeTargetFileForms (target_file_forms.h) lists: each gives one thing of a model the form
// that a runtime reads, and returns how many it changed. The model computes what it did.

namespace q_implant {

// Why onert does not load a model that holds the tensor; null where it does.
const char* WhyOnertRefuses(const Model& model, const Tensor& tensor);

// mend_tensor_forms.cc: tensors and their buffers.
size_t RemoveUnreadTensors(Model& model);
size_t NameTensors(Model& model);
size_t DropShapeSignatures(Model& model);
size_t DropSparsityWithoutData(Model& model);
size_t DropCustomQuantization(Model& model);
size_t MendChannelAxes(Model& model);
size_t EmptyBuffersOfRuntimeTensors(Model& model);
size_t StoreDataOfMetadata(Model& model);
size_t MoveConstantsOutOfFirstBuffer(Model& model);

// mend_node_forms.cc: graphs, nodes, and what the model says of them.
size_t StoreLists(Model& model);
size_t AddDefaultOptions(Model& model);
size_t AddShapeInputs(Model& model);
size_t NameSignatures(Model& model);
size_t MendVersion(Model& model);
size_t RemoveUnknownOperatorCodes(Model& model);
size_t MendOperatorVersions(Model& model);

}  // namespace q_implant

#endif  // Q_IMPLANT_PASS_TARGET_MEND_FILE_FORMS_H_
