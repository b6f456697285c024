// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_OPERATOR_TABLE_H_
#define Q_IMPLANT_IR_OPERATORS_OPERATOR_TABLE_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/node.h"
#include "ir/operators/target.h"
#include "ir/operators/type_set.h"

namespace q_implant {

// What an operator does to the values it is given, as far as quantization cares.
enum class Kind : uint8_t {
  kIsland,   // no integer kernel is claimed: float32 whatever stands around it
  kCompute,  // makes new values: the output has parameters of its own
  kMover,  // only moves or picks values: every output value is an input value (or, in a pad, zero)
  kClamp,  // a mover that cuts values off: Relu and its kind
  kCall,   // runs other graphs: float32 at each crossing, but for composites
  kConvert,  // changes the representation: Quantize, Dequantize
};

// What an input or output is for. The letters are those of OperatorRow::inputs and ::outputs.
enum class Role : char {
  kData = 'D',     // values computed with
  kWeights = 'W',  // learned values with a channel axis: parameters are imported, never derived
  kBias = 'B',     // added to the accumulator: parameters follow from data and weights
  kFill = 'F',     // a value that fills gaps: takes the parameters of the data
  kControl = '-',  // shapes, axes, indices, conditions: never quantized
};

// What the operator's integer kernels put out whatever the annotation says: luci's values in uint8
// and int16, LiteRT's in int8.
enum class FixedOutput : uint8_t {
  kNone,
  kSoftmax,
  kLogistic,
  kTanh,
  kLogSoftmax,
  kL2Normalization
};

// The activation types for which a runtime's kernels compute the right thing, to within one step
// (the best of int16's lookup tables: 50 dB). A type in none of the sets is refused.
struct KernelTypes {
  TypeSet any = {};    // whatever the parameters of the sides
  TypeSet equal = {};  // only where all data sides have equal parameters
  // Of `equal`: with different parameters it runs, and computes something else. The others refuse.
  TypeSet misread = {};
  TypeSet wrong = {};  // it runs, and computes something else
};

// The weights types, signed and with zero point 0, that a float32 kernel takes as they are
// ("hybrid"). They are input 1 of every operator that has such kernels.
struct HybridKernels {
  TypeSet per_tensor = {};
  TypeSet per_channel = {};  // along HybridTypes::axis
};
struct HybridTypes {
  HybridKernels litert = {};
  HybridKernels onert = {};
  int8_t axis = 0;

  // What the target computes rightly; of kAny, LiteRT, of whose types onert's are a part.
  const HybridKernels& kernels(Target target) const {
    return target == Target::kOnert ? onert : litert;
  }
};

// What quantization needs to know of an operator. A row that is all defaults is an island.
struct OperatorRow {
  circle::BuiltinOperator op;
  Kind kind = Kind::kIsland;

  // One Role letter an input; '*' after the last repeats it. Outputs default to one of data.
  absl::string_view inputs = "D*";
  absl::string_view outputs = "D*";

  // Which axis of the weights holds the output channels, or -1: where per-channel scales may lie.
  int8_t channel_axis = -1;

  FixedOutput fixed_output = FixedOutput::kNone;

  // Operators with weights: beside uint8 data uint8 per-tensor ones, beside int8 and int16 data
  // int8 ones with a scale per channel.
  KernelTypes litert = {};
  KernelTypes onert = {};

  // Convolutions without a bias are refused by LiteRT and onert, or crash them.
  bool needs_bias = false;

  // Kernels compute rightly with a clamp (RELU, RELU6, ...) as their fused activation.
  bool fuses_clamps = false;

  // onert fails on the operator in float32 too, where all its data is.
  bool onert_lacks_float = false;

  // LiteRT's 8-bit kernel compares real numbers with 8 bits behind the point: values closer than
  // 1/256 are equal to it, and at a scale of 1 or more it computes nonsense or aborts.
  bool litert_compares = false;

  // LiteRT's. Types that constant input 1 may have, with one scale, beside int16 data.
  TypeSet beside_int16 = {};

  HybridTypes hybrid = {};
};

// The row of a node's operator; an island for custom and unknown operators.
const OperatorRow& RowOf(const Node& node);
const OperatorRow& RowOf(circle::BuiltinOperator op);

// Every row, in the order of the enum: one for each operator of the schema.
absl::Span<const OperatorRow> AllOperatorRows();

// The role of input or output number `slot`; kControl beyond what the row names.
Role InputRole(const OperatorRow& row, size_t slot);
Role OutputRole(const OperatorRow& row, size_t slot);

// The slot of the first input with this role, or -1.
int FindInput(const OperatorRow& row, Role role);

// How many inputs a node must have for its operator to compute anything: up to the last one of
// data, weights or fill, where no bias stands before it (those, and what follows them, may be left
// out). 0 for operators that nothing is claimed of.
size_t LeastInputs(const OperatorRow& row);

// The activation types that the target computes rightly; of kAny, that some runtime does.
TypeSet IntegerTypes(const OperatorRow& row, Target target = Target::kAny);

// True where the target's kernels do not convert between different parameters of this type's data
// sides, so that these must be equal; of kAny, no runtime's.
bool NeedsEqualSides(const OperatorRow& row, circle::TensorType type, Target target = Target::kAny);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_OPERATOR_TABLE_H_
