// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_SCALE_LIMITS_H_
#define Q_IMPLANT_IR_OPERATORS_SCALE_LIMITS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "ir/circle_generated.h"
#include "ir/graph.h"
#include "ir/node.h"
#include "ir/operators/target.h"
#include "ir/operators/type_set.h"
#include "ir/quant_params.h"

namespace q_implant {

// What of a node's scales a kernel's arithmetic bounds. The input scale of an operator with several
// inputs of data is the greatest of theirs.
enum class ScaleRatio : uint8_t {
  kInputToOutput,        // input / output
  kInputToInput,         // the least input / the greatest
  kProductToOutput,      // the product of two inputs, or of data and weights / output
  kSquareToOutput,       // input squared / output
  kSumToOutput,          // the greatest sum that a node adds up, in steps of the output
  kInverseRootToOutput,  // 1 / (root of input x output)
  kInput,                // the input itself
  kOutput,               // the output itself
};

// "input scale / output scale": for messages.
absl::string_view RatioText(ScaleRatio ratio);

enum class Beyond : uint8_t { kWrong, kRefused, kCrashes };

// A kernel is right where least <= ratio < greatest. Measured:
// testdata/operator_claims/limits.json.
struct ScaleLimit {
  circle::BuiltinOperator op;
  TypeSet types;  // of the data
  Target target;  // a runtime
  ScaleRatio ratio;
  double least = 0;
  double greatest = 0;  // 0: none
  Beyond beyond = Beyond::kWrong;
  bool clamped = false;  // only with a fused Relu6 or Relu_N1_To_1
};

absl::Span<const ScaleLimit> AllScaleLimits();

// The sides of a node that computes in integers.
struct NodeSides {
  std::vector<ParamsPtr> data;  // its inputs of data
  ParamsPtr weights;            // null where it has none
  ParamsPtr output;             // null where no output is data
  double terms = 1;             // how many products, or inputs, are summed up for one output
};

// The sides of a node with these forms of its inputs and outputs (null where a slot holds none).
NodeSides SidesOf(const Graph& graph, const Node& node, absl::Span<const ParamsPtr> in,
                  absl::Span<const ParamsPtr> out);

// The ratio's least and greatest value, over all channels; nothing where the sides have none.
struct RatioRange {
  double least;
  double greatest;
};
std::optional<RatioRange> RatioRangeOf(ScaleRatio ratio, const NodeSides& sides);

// A limit and what was found beyond it.
struct BrokenLimit {
  const ScaleLimit* limit = nullptr;
  double found = 0;

  bool above() const { return limit->greatest != 0 && found >= limit->greatest; }

  // "input scale / output scale is 200; less than 128".
  std::string Describe() const;
};

// The first limit of the runtime that a node of these sides is beyond.
std::optional<BrokenLimit> FindBrokenLimit(const Node& node, const NodeSides& sides, Target target);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_SCALE_LIMITS_H_
