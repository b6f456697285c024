// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_DEPRECATED_FIELDS_H_
#define Q_IMPLANT_IR_DEPRECATED_FIELDS_H_

#include "ir/circle_generated.h"

namespace q_implant {

// Fields that circle.fbs calls deprecated, for which flatc generates nothing. Each stands in the
// slot behind the field it is derived from here. No reader uses them; a file keeps what it has.
inline constexpr flatbuffers::voffset_t kGraphDataFormat =
    circle::SubGraph::VT_NAME + sizeof(flatbuffers::voffset_t);
inline constexpr flatbuffers::voffset_t kSignatureTag =
    circle::SignatureDef::VT_SIGNATURE_KEY + sizeof(flatbuffers::voffset_t);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_DEPRECATED_FIELDS_H_
