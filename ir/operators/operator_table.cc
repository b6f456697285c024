// SPDX-License-Identifier: Apache-2.0
#include "ir/operators/operator_table.h"

#include <algorithm>
#include <iterator>

namespace q_implant {
namespace {

using enum circle::BuiltinOperator;

constexpr TypeSet kU8 = {circle::TensorType_UINT8};
constexpr TypeSet kS8 = {circle::TensorType_INT8};
constexpr TypeSet k8 = {circle::TensorType_UINT8, circle::TensorType_INT8};
constexpr TypeSet kS16 = {circle::TensorType_INT16};
constexpr TypeSet kU8S16 = {circle::TensorType_UINT8, circle::TensorType_INT16};
constexpr TypeSet kS8S4 = {circle::TensorType_INT8, circle::TensorType_INT4};
constexpr TypeSet kS8S16 = {circle::TensorType_INT8, circle::TensorType_INT16};
constexpr TypeSet k8S16 = {circle::TensorType_UINT8, circle::TensorType_INT8,
                           circle::TensorType_INT16};

// One line an operator. The types are measured: testdata/operator_claims/claims.json has what each
// kernel computed, and a test there holds these columns against it.
// clang-format off
constexpr OperatorRow kRows[] = {
    // Circle's own.
    {.op = BuiltinOperator_ATTENTION},
    {.op = BuiltinOperator_RUN_MODEL, .kind = Kind::kCall},
    {.op = BuiltinOperator_ROPE},
    {.op = BuiltinOperator_RMS_NORM},
    {.op = BuiltinOperator_GRU, .onert_lacks_float = true},
    {.op = BuiltinOperator_BCQ_GATHER},
    {.op = BuiltinOperator_BCQ_FULLY_CONNECTED},
    {.op = BuiltinOperator_INSTANCE_NORM},

    {.op = BuiltinOperator_ADD, .kind = Kind::kCompute, .inputs = "DD", .litert = {.any = k8S16}, .onert = {.any = k8}, .fuses_clamps = true},
    {.op = BuiltinOperator_AVERAGE_POOL_2D, .kind = Kind::kCompute, .inputs = "D", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.equal = k8, .misread = k8}},
    {.op = BuiltinOperator_CONCATENATION, .kind = Kind::kMover, .litert = {.any = kU8, .equal = kS8S16, .misread = kS16}, .onert = {.any = kU8, .equal = kS8}},
    {.op = BuiltinOperator_CONV_2D, .kind = Kind::kCompute, .inputs = "DWB", .channel_axis = 0, .litert = {.any = k8S16}, .onert = {.any = k8}, .needs_bias = true, .fuses_clamps = true, .hybrid = {.litert = {.per_tensor = kS8S4, .per_channel = kS8S4}, .onert = {.per_channel = kS8}}},
    {.op = BuiltinOperator_DEPTHWISE_CONV_2D, .kind = Kind::kCompute, .inputs = "DWB", .channel_axis = 3, .litert = {.any = k8S16}, .onert = {.any = k8}, .needs_bias = true, .fuses_clamps = true, .hybrid = {.litert = {.per_channel = kS8}, .onert = {.per_channel = kS8}, .axis = 3}},
    {.op = BuiltinOperator_DEPTH_TO_SPACE, .kind = Kind::kMover, .inputs = "D", .litert = {.equal = k8}, .onert = {.equal = k8, .misread = k8}},
    {.op = BuiltinOperator_DEQUANTIZE, .kind = Kind::kConvert, .inputs = "D"},
    {.op = BuiltinOperator_EMBEDDING_LOOKUP, .kind = Kind::kMover, .inputs = "-D", .litert = {.equal = k8S16, .misread = k8S16}, .onert_lacks_float = true, .hybrid = {.litert = {.per_tensor = kS8S4, .per_channel = kS8S4}}},
    {.op = BuiltinOperator_FLOOR},
    {.op = BuiltinOperator_FULLY_CONNECTED, .kind = Kind::kCompute, .inputs = "DWB", .channel_axis = 0, .litert = {.any = k8S16}, .onert = {.any = kU8}, .fuses_clamps = true, .hybrid = {.litert = {.per_tensor = kS8S4, .per_channel = kS8S4}, .onert = {.per_tensor = kS8}}},
    {.op = BuiltinOperator_HASHTABLE_LOOKUP},
    {.op = BuiltinOperator_L2_NORMALIZATION, .kind = Kind::kCompute, .inputs = "D", .fixed_output = FixedOutput::kL2Normalization, .litert = {.any = k8}, .onert = {.any = kU8}},
    {.op = BuiltinOperator_L2_POOL_2D, .onert_lacks_float = true},
    {.op = BuiltinOperator_LOCAL_RESPONSE_NORMALIZATION},
    {.op = BuiltinOperator_LOGISTIC, .kind = Kind::kCompute, .inputs = "D", .fixed_output = FixedOutput::kLogistic, .litert = {.any = k8S16}, .onert = {.any = kU8}},
    {.op = BuiltinOperator_LSH_PROJECTION},
    {.op = BuiltinOperator_LSTM, .inputs = "DWWWWWWWWWWWBBBBWB--WWWW", .onert_lacks_float = true},
    {.op = BuiltinOperator_MAX_POOL_2D, .kind = Kind::kMover, .inputs = "D", .litert = {.equal = k8S16, .misread = kS16}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_MUL, .kind = Kind::kCompute, .inputs = "DD", .litert = {.any = k8S16}, .onert = {.any = k8}, .fuses_clamps = true},
    {.op = BuiltinOperator_RELU, .kind = Kind::kClamp, .inputs = "D", .litert = {.any = k8S16}},
    {.op = BuiltinOperator_RELU_N1_TO_1, .kind = Kind::kClamp, .inputs = "D", .litert = {.any = k8}, .onert_lacks_float = true},
    {.op = BuiltinOperator_RELU6, .kind = Kind::kClamp, .inputs = "D", .litert = {.any = k8S16}},
    {.op = BuiltinOperator_RESHAPE, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.equal = k8, .misread = k8}},
    {.op = BuiltinOperator_RESIZE_BILINEAR, .kind = Kind::kCompute, .inputs = "D-", .litert = {.equal = k8S16, .misread = kS16}, .onert = {.equal = kU8, .misread = kU8, .wrong = kS8}},
    {.op = BuiltinOperator_RNN, .onert_lacks_float = true},
    {.op = BuiltinOperator_SOFTMAX, .kind = Kind::kCompute, .inputs = "D", .fixed_output = FixedOutput::kSoftmax, .litert = {.any = k8S16}, .onert = {.any = k8}},
    {.op = BuiltinOperator_SPACE_TO_DEPTH, .kind = Kind::kMover, .inputs = "D", .litert = {.equal = k8}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_SVDF, .inputs = "DWWB-", .onert_lacks_float = true},
    {.op = BuiltinOperator_TANH, .kind = Kind::kCompute, .inputs = "D", .fixed_output = FixedOutput::kTanh, .litert = {.any = k8S16}, .onert = {.any = kU8}},
    {.op = BuiltinOperator_CONCAT_EMBEDDINGS},
    {.op = BuiltinOperator_SKIP_GRAM},
    {.op = BuiltinOperator_CALL, .kind = Kind::kCall},
    {.op = BuiltinOperator_CUSTOM},
    {.op = BuiltinOperator_EMBEDDING_LOOKUP_SPARSE},
    {.op = BuiltinOperator_PAD, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = kS16}, .onert = {.equal = k8}},
    {.op = BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_RNN, .onert_lacks_float = true},
    {.op = BuiltinOperator_GATHER, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_BATCH_TO_SPACE_ND, .kind = Kind::kMover, .inputs = "D--", .litert = {.equal = k8S16}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_SPACE_TO_BATCH_ND, .kind = Kind::kMover, .inputs = "D--", .litert = {.equal = k8S16}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_TRANSPOSE, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = kS16}, .onert = {.equal = kU8}},
    {.op = BuiltinOperator_MEAN, .kind = Kind::kCompute, .inputs = "D-", .litert = {.any = k8S16}, .onert = {.any = kU8}},
    {.op = BuiltinOperator_SUB, .kind = Kind::kCompute, .inputs = "DD", .litert = {.any = k8S16}, .onert = {.any = k8}, .fuses_clamps = true},
    {.op = BuiltinOperator_DIV, .inputs = "DD", .litert = {.wrong = k8S16}},
    {.op = BuiltinOperator_SQUEEZE, .kind = Kind::kMover, .inputs = "D", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.equal = k8, .misread = k8}},
    {.op = BuiltinOperator_UNIDIRECTIONAL_SEQUENCE_LSTM, .inputs = "DWWWWWWWWWWWBBBBWB--WWWW", .onert_lacks_float = true},
    {.op = BuiltinOperator_STRIDED_SLICE, .kind = Kind::kMover, .inputs = "D---", .litert = {.equal = k8S16, .misread = k8S16}},
    {.op = BuiltinOperator_BIDIRECTIONAL_SEQUENCE_RNN, .onert_lacks_float = true},
    {.op = BuiltinOperator_EXP, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = kS8S16}},
    {.op = BuiltinOperator_TOPK_V2, .kind = Kind::kMover, .inputs = "D-", .outputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_SPLIT, .kind = Kind::kMover, .inputs = "-D", .litert = {.equal = k8S16, .misread = kS16}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_LOG_SOFTMAX, .kind = Kind::kCompute, .inputs = "D", .fixed_output = FixedOutput::kLogSoftmax, .litert = {.any = k8}, .onert = {.any = kU8}},
    {.op = BuiltinOperator_DELEGATE},
    {.op = BuiltinOperator_BIDIRECTIONAL_SEQUENCE_LSTM, .onert_lacks_float = true},
    {.op = BuiltinOperator_CAST},
    {.op = BuiltinOperator_PRELU, .kind = Kind::kCompute, .inputs = "DD", .litert = {.any = k8, .wrong = kS16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_MAXIMUM, .kind = Kind::kMover, .inputs = "DD", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.equal = kU8}},
    {.op = BuiltinOperator_ARG_MAX, .kind = Kind::kCompute, .inputs = "D-", .outputs = "-", .litert = {.any = k8}, .onert = {.any = kU8, .wrong = kS8}},
    {.op = BuiltinOperator_MINIMUM, .kind = Kind::kMover, .inputs = "DD", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.equal = kU8}},
    {.op = BuiltinOperator_LESS, .kind = Kind::kCompute, .inputs = "DD", .outputs = "-", .litert = {.any = k8, .equal = kS16, .misread = kS16}, .onert = {.any = kU8}, .litert_compares = true},
    {.op = BuiltinOperator_NEG, .kind = Kind::kCompute, .inputs = "D", .litert = {.equal = kS16, .misread = kS16, .wrong = kS8}},
    {.op = BuiltinOperator_PADV2, .kind = Kind::kMover, .inputs = "D-F", .litert = {.equal = k8S16}, .onert = {.equal = k8}},
    {.op = BuiltinOperator_GREATER, .kind = Kind::kCompute, .inputs = "DD", .outputs = "-", .litert = {.any = k8, .equal = kS16, .misread = kS16}, .onert = {.any = kU8}, .litert_compares = true},
    {.op = BuiltinOperator_GREATER_EQUAL, .kind = Kind::kCompute, .inputs = "DD", .outputs = "-", .litert = {.any = k8, .equal = kS16, .misread = kS16}, .onert = {.any = kU8}, .litert_compares = true},
    {.op = BuiltinOperator_LESS_EQUAL, .kind = Kind::kCompute, .inputs = "DD", .outputs = "-", .litert = {.any = k8, .equal = kS16, .misread = kS16}, .onert = {.any = kU8}, .litert_compares = true},
    {.op = BuiltinOperator_SELECT, .kind = Kind::kMover, .inputs = "-DD", .litert = {.equal = k8S16, .misread = k8S16}},
    {.op = BuiltinOperator_SLICE, .kind = Kind::kMover, .inputs = "D--", .litert = {.equal = k8S16, .misread = kS16}, .onert = {.equal = kU8, .misread = kU8}},
    {.op = BuiltinOperator_SIN},
    {.op = BuiltinOperator_TRANSPOSE_CONV, .kind = Kind::kCompute, .inputs = "-WDB", .channel_axis = 0, .litert = {.any = k8S16}, .fuses_clamps = true, .onert_lacks_float = true, .hybrid = {.litert = {.per_tensor = kS8, .per_channel = kS8}}},
    {.op = BuiltinOperator_SPARSE_TO_DENSE},
    {.op = BuiltinOperator_TILE, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}},
    {.op = BuiltinOperator_EXPAND_DIMS, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16}, .onert = {.equal = k8, .misread = k8}},
    {.op = BuiltinOperator_EQUAL, .kind = Kind::kCompute, .inputs = "DD", .outputs = "-", .litert = {.any = k8, .wrong = kS16}, .onert = {.any = kU8}, .litert_compares = true},
    {.op = BuiltinOperator_NOT_EQUAL, .kind = Kind::kCompute, .inputs = "DD", .outputs = "-", .litert = {.any = k8, .wrong = kS16}, .onert = {.any = kU8}, .litert_compares = true},
    {.op = BuiltinOperator_LOG, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = kS8S16}},
    {.op = BuiltinOperator_SUM, .kind = Kind::kCompute, .inputs = "D-", .litert = {.any = k8S16}, .onert = {.wrong = kU8}},
    {.op = BuiltinOperator_SQRT, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = kS8S16}},
    {.op = BuiltinOperator_RSQRT, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = kS8S16}},
    {.op = BuiltinOperator_SHAPE},
    {.op = BuiltinOperator_POW},
    {.op = BuiltinOperator_ARG_MIN, .kind = Kind::kCompute, .inputs = "D-", .outputs = "-", .litert = {.any = k8}, .onert = {.any = kU8, .wrong = kS8}},
    {.op = BuiltinOperator_FAKE_QUANT},
    {.op = BuiltinOperator_REDUCE_PROD, .inputs = "D-", .litert = {.wrong = kS8S16}},
    {.op = BuiltinOperator_REDUCE_MAX, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8}},
    {.op = BuiltinOperator_PACK, .kind = Kind::kMover, .litert = {.equal = k8S16}},
    {.op = BuiltinOperator_LOGICAL_OR},
    {.op = BuiltinOperator_ONE_HOT},
    {.op = BuiltinOperator_LOGICAL_AND},
    {.op = BuiltinOperator_LOGICAL_NOT},
    {.op = BuiltinOperator_UNPACK, .kind = Kind::kMover, .inputs = "D", .litert = {.equal = k8S16}},
    {.op = BuiltinOperator_REDUCE_MIN, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8}, .onert_lacks_float = true},
    {.op = BuiltinOperator_FLOOR_DIV, .litert = {.wrong = kS16}},
    {.op = BuiltinOperator_REDUCE_ANY},
    {.op = BuiltinOperator_SQUARE},
    {.op = BuiltinOperator_ZEROS_LIKE},
    {.op = BuiltinOperator_FILL},
    {.op = BuiltinOperator_FLOOR_MOD},
    {.op = BuiltinOperator_RANGE},
    {.op = BuiltinOperator_RESIZE_NEAREST_NEIGHBOR, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_LEAKY_RELU, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = k8S16}},
    {.op = BuiltinOperator_SQUARED_DIFFERENCE, .kind = Kind::kCompute, .inputs = "DD", .litert = {.any = kS8}},
    {.op = BuiltinOperator_MIRROR_PAD, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_ABS, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = kS8S16}},
    {.op = BuiltinOperator_SPLIT_V, .kind = Kind::kMover, .inputs = "D--", .litert = {.equal = k8S16, .misread = k8S16}, .onert = {.wrong = kU8}, .onert_lacks_float = true},
    {.op = BuiltinOperator_UNIQUE},
    {.op = BuiltinOperator_CEIL, .onert_lacks_float = true},
    {.op = BuiltinOperator_REVERSE_V2, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}},
    {.op = BuiltinOperator_ADD_N},
    {.op = BuiltinOperator_GATHER_ND, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_COS},
    {.op = BuiltinOperator_WHERE},
    {.op = BuiltinOperator_RANK},
    {.op = BuiltinOperator_ELU, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = kS8}},
    {.op = BuiltinOperator_REVERSE_SEQUENCE, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = kU8S16, .misread = kU8S16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_MATRIX_DIAG},
    {.op = BuiltinOperator_QUANTIZE, .kind = Kind::kConvert, .inputs = "D"},
    {.op = BuiltinOperator_MATRIX_SET_DIAG},
    {.op = BuiltinOperator_ROUND},
    {.op = BuiltinOperator_HARD_SWISH, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = k8}, .onert_lacks_float = true},
    {.op = BuiltinOperator_IF, .kind = Kind::kCall},
    {.op = BuiltinOperator_WHILE, .kind = Kind::kCall},
    {.op = BuiltinOperator_NON_MAX_SUPPRESSION_V4},
    {.op = BuiltinOperator_NON_MAX_SUPPRESSION_V5},
    {.op = BuiltinOperator_SCATTER_ND},
    {.op = BuiltinOperator_SELECT_V2, .kind = Kind::kMover, .inputs = "-DD", .litert = {.equal = k8S16, .misread = k8S16}},
    {.op = BuiltinOperator_DENSIFY},
    {.op = BuiltinOperator_SEGMENT_SUM},
    {.op = BuiltinOperator_BATCH_MATMUL, .kind = Kind::kCompute, .inputs = "DD", .litert = {.any = kS8S16}, .beside_int16 = kS8, .hybrid = {.litert = {.per_tensor = kS8, .per_channel = kS8}, .axis = 2}},
    {.op = BuiltinOperator_PLACEHOLDER_FOR_GREATER_OP_CODES},
    {.op = BuiltinOperator_CUMSUM, .onert_lacks_float = true},
    {.op = BuiltinOperator_CALL_ONCE, .kind = Kind::kCall},
    {.op = BuiltinOperator_BROADCAST_TO, .kind = Kind::kMover, .inputs = "D-", .litert = {.equal = k8S16, .misread = k8S16}},
    {.op = BuiltinOperator_RFFT2D},
    {.op = BuiltinOperator_CONV_3D},
    {.op = BuiltinOperator_IMAG},
    {.op = BuiltinOperator_REAL},
    {.op = BuiltinOperator_COMPLEX_ABS},
    {.op = BuiltinOperator_HASHTABLE},
    {.op = BuiltinOperator_HASHTABLE_FIND},
    {.op = BuiltinOperator_HASHTABLE_IMPORT},
    {.op = BuiltinOperator_HASHTABLE_SIZE},
    {.op = BuiltinOperator_REDUCE_ALL},
    {.op = BuiltinOperator_CONV_3D_TRANSPOSE},
    {.op = BuiltinOperator_VAR_HANDLE},
    {.op = BuiltinOperator_READ_VARIABLE, .onert_lacks_float = true},
    {.op = BuiltinOperator_ASSIGN_VARIABLE, .onert_lacks_float = true},
    {.op = BuiltinOperator_BROADCAST_ARGS},
    {.op = BuiltinOperator_RANDOM_STANDARD_NORMAL},
    {.op = BuiltinOperator_BUCKETIZE},
    {.op = BuiltinOperator_RANDOM_UNIFORM},
    {.op = BuiltinOperator_MULTINOMIAL},
    {.op = BuiltinOperator_GELU, .kind = Kind::kCompute, .inputs = "D", .litert = {.any = k8S16}},
    {.op = BuiltinOperator_DYNAMIC_UPDATE_SLICE, .kind = Kind::kMover, .inputs = "DD-", .litert = {.equal = k8S16, .misread = k8S16}, .onert_lacks_float = true},
    {.op = BuiltinOperator_RELU_0_TO_1, .kind = Kind::kClamp, .inputs = "D", .litert = {.any = k8}, .onert_lacks_float = true},
    {.op = BuiltinOperator_UNSORTED_SEGMENT_PROD},
    {.op = BuiltinOperator_UNSORTED_SEGMENT_MAX},
    {.op = BuiltinOperator_UNSORTED_SEGMENT_SUM},
    {.op = BuiltinOperator_ATAN2},
    {.op = BuiltinOperator_UNSORTED_SEGMENT_MIN},
    {.op = BuiltinOperator_SIGN, .onert_lacks_float = true},
    {.op = BuiltinOperator_BITCAST},
    {.op = BuiltinOperator_BITWISE_XOR},
    {.op = BuiltinOperator_RIGHT_SHIFT},
    {.op = BuiltinOperator_STABLEHLO_LOGISTIC},
    {.op = BuiltinOperator_STABLEHLO_ADD},
    {.op = BuiltinOperator_STABLEHLO_DIVIDE},
    {.op = BuiltinOperator_STABLEHLO_MULTIPLY},
    {.op = BuiltinOperator_STABLEHLO_MAXIMUM},
    {.op = BuiltinOperator_STABLEHLO_RESHAPE},
    {.op = BuiltinOperator_STABLEHLO_CLAMP},
    {.op = BuiltinOperator_STABLEHLO_CONCATENATE},
    {.op = BuiltinOperator_STABLEHLO_BROADCAST_IN_DIM},
    {.op = BuiltinOperator_STABLEHLO_CONVOLUTION},
    {.op = BuiltinOperator_STABLEHLO_SLICE},
    {.op = BuiltinOperator_STABLEHLO_CUSTOM_CALL, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_REDUCE, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_ABS},
    {.op = BuiltinOperator_STABLEHLO_AND},
    {.op = BuiltinOperator_STABLEHLO_COSINE},
    {.op = BuiltinOperator_STABLEHLO_EXPONENTIAL},
    {.op = BuiltinOperator_STABLEHLO_FLOOR},
    {.op = BuiltinOperator_STABLEHLO_LOG},
    {.op = BuiltinOperator_STABLEHLO_MINIMUM},
    {.op = BuiltinOperator_STABLEHLO_NEGATE},
    {.op = BuiltinOperator_STABLEHLO_OR},
    {.op = BuiltinOperator_STABLEHLO_POWER},
    {.op = BuiltinOperator_STABLEHLO_REMAINDER},
    {.op = BuiltinOperator_STABLEHLO_RSQRT},
    {.op = BuiltinOperator_STABLEHLO_SELECT},
    {.op = BuiltinOperator_STABLEHLO_SUBTRACT},
    {.op = BuiltinOperator_STABLEHLO_TANH},
    {.op = BuiltinOperator_STABLEHLO_SCATTER, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_COMPARE},
    {.op = BuiltinOperator_STABLEHLO_CONVERT},
    {.op = BuiltinOperator_STABLEHLO_DYNAMIC_SLICE},
    {.op = BuiltinOperator_STABLEHLO_DYNAMIC_UPDATE_SLICE},
    {.op = BuiltinOperator_STABLEHLO_PAD},
    {.op = BuiltinOperator_STABLEHLO_IOTA},
    {.op = BuiltinOperator_STABLEHLO_DOT_GENERAL},
    {.op = BuiltinOperator_STABLEHLO_REDUCE_WINDOW, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_SORT, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_WHILE, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_GATHER},
    {.op = BuiltinOperator_STABLEHLO_TRANSPOSE},
    {.op = BuiltinOperator_DILATE},
    {.op = BuiltinOperator_STABLEHLO_RNG_BIT_GENERATOR},
    {.op = BuiltinOperator_REDUCE_WINDOW},
    {.op = BuiltinOperator_STABLEHLO_COMPOSITE, .kind = Kind::kCall},
    {.op = BuiltinOperator_STABLEHLO_SHIFT_LEFT},
    {.op = BuiltinOperator_STABLEHLO_CBRT},
    {.op = BuiltinOperator_STABLEHLO_CASE, .kind = Kind::kCall},
};
// clang-format on

// The rows stand in the order of the enum's values, so a row is found by bisection.
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows),
                             [](const OperatorRow& a, const OperatorRow& b) {
                               return a.op < b.op;
                             }));

constexpr OperatorRow kUnknownOperator = {.op = BuiltinOperator_CUSTOM};

Role RoleAt(absl::string_view roles, size_t slot) {
  const bool repeats = !roles.empty() && roles.back() == '*';
  const size_t named = roles.size() - (repeats ? 1 : 0);
  if (slot < named) return static_cast<Role>(roles[slot]);
  return repeats ? static_cast<Role>(roles[named - 1]) : Role::kControl;
}

}  // namespace

const OperatorRow& RowOf(circle::BuiltinOperator op) {
  const auto* row = std::lower_bound(
      std::begin(kRows), std::end(kRows), op,
      [](const OperatorRow& row, circle::BuiltinOperator op) { return row.op < op; });
  return row != std::end(kRows) && row->op == op ? *row : kUnknownOperator;
}

const OperatorRow& RowOf(const Node& node) { return RowOf(node.op()); }

absl::Span<const OperatorRow> AllOperatorRows() { return kRows; }

Role InputRole(const OperatorRow& row, size_t slot) { return RoleAt(row.inputs, slot); }
Role OutputRole(const OperatorRow& row, size_t slot) { return RoleAt(row.outputs, slot); }

int FindInput(const OperatorRow& row, Role role) {
  const size_t slot = row.inputs.find(static_cast<char>(role));
  return slot == absl::string_view::npos ? -1 : static_cast<int>(slot);
}

size_t LeastInputs(const OperatorRow& row) {
  const bool unclaimed =
      row.inputs == OperatorRow{}.inputs && (row.kind == Kind::kIsland || row.kind == Kind::kCall);
  if (unclaimed) return 0;
  // A basic LSTM has 5 inputs, of other roles than the row's; what reads the row leaves it alone.
  if (row.op == BuiltinOperator_LSTM) return 5;
  const absl::string_view before_bias = row.inputs.substr(0, row.inputs.find('B'));
  return before_bias.find_last_of("DWF") + 1;
}

TypeSet IntegerTypes(const OperatorRow& row, Target target) {
  const TypeSet litert = row.litert.any | row.litert.equal;
  const TypeSet onert = row.onert.any | row.onert.equal;
  if (target == Target::kLiteRt) return litert;
  if (target == Target::kOnert) return onert;
  return litert | onert;
}

bool NeedsEqualSides(const OperatorRow& row, circle::TensorType type, Target target) {
  if (target == Target::kLiteRt) return !row.litert.any.has(type);
  if (target == Target::kOnert) return !row.onert.any.has(type);
  return !(row.litert.any | row.onert.any).has(type);
}

}  // namespace q_implant
