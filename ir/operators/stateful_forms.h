// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_OPERATORS_STATEFUL_FORMS_H_
#define Q_IMPLANT_IR_OPERATORS_STATEFUL_FORMS_H_

#include <functional>
#include <string>
#include <vector>

#include "ir/circle_generated.h"
#include "ir/graph.h"
#include "ir/operators/verdict.h"
#include "ir/quant_params.h"

namespace q_implant {

// The operators that keep a state and have int8 kernels (LiteRT's): LSTM, of one step and of
// sequences, and SVDF. Their operands are too many, and demand too different things of each other,
// for a row of the operator table. Measured: testdata/operator_claims/recurrent.py.
bool HasStatefulKernels(circle::BuiltinOperator op);

// What an input of such an operator is.
enum class Operand {
  kNone,         // it has no such input
  kInput,        // int8
  kMatrix,       // int8, one scale, zero point 0
  kVector,       // int16, one scale, zero point 0
  kBias,         // int32, of a scale that follows from others
  kOutputState,  // a variable with the parameters of the output
  kCellState,    // a variable: int16, zero point 0, a power of two from 2^-15 to 2^-9
  kWideState,    // a variable: int16, zero point 0
};
Operand OperandAt(circle::BuiltinOperator op, size_t slot);

// Why a variable that such an operator keeps its state in can't have these parameters; empty where
// it can.
std::string WhyNotOfState(Operand operand, const QuantParams& params);

// The form of each input, output and intermediate of a node in int8; null where nothing is given,
// or where the kernels read no parameters.
struct StatefulForms {
  std::vector<ParamsPtr> in;
  std::vector<ParamsPtr> out;
  std::vector<ParamsPtr> intermediates;
  // Where the node has no int8 form: what LiteRT makes of one with what it has.
  Verdict otherwise = Verdict::kWrong;
};

// What the parameters of the input, the output, matrices, vectors and states (those that are given,
// see the functions' own defaults) demand of all others. The reason where the node has no int8
// form; else empty, and `forms` is set. `params_of` looks up what a tensor has, or is to have.
//
// An LSTM's output state has the output's parameters; its cell state, where it has none, 2^-11; its
// hidden intermediate those of the output or, before a projection, where it has none, 1/128. An
// SVDF puts out zero point -128, for nothing else makes its kernel cut off below 0.
std::string FindStatefulForms(const Graph& graph, const Node& node,
                              const std::function<ParamsPtr(TensorId)>& params_of,
                              StatefulForms& forms);

// False where the node has inputs or options of which nobody has measured what kernels make: a
// basic LSTM, say. True for any other operator.
bool HasMeasuredForm(const Node& node);

// True for an intermediate of such a node, with these parameters, that FindStatefulForms finds
// without being told of it.
bool FollowsFromOthers(const Node& node, size_t intermediate, const QuantParams& params);

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_OPERATORS_STATEFUL_FORMS_H_
