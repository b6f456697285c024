// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONECC_QUANTIZE_EVALUATION_H_
#define Q_IMPLANT_DRIVER_ONECC_QUANTIZE_EVALUATION_H_

#include <ostream>
#include <string>
#include <vector>

namespace q_implant {

// A comparison of what the float32 and the quantized model compute, by ONE's tools.
struct QuantizeEvaluation {
  std::string asked_by;  // the option that asked for it, "--print_mae"
  std::string float_model;
  std::string quantized_model;
  std::string test_data;             // empty: random inputs
  std::string data_format;           // empty: the tool's default
  std::vector<std::string> metrics;  // "--print_mae"
  std::string intermediate_folder;   // where the fake-quantized model is kept; empty: nowhere
  bool verbose = false;

  // The file of the fake-quantized model, named as ONE names it.
  std::string FakeQuantizedName() const;
};

// Runs ONE's circle-quantizer and circle-eval-diff as its one-quantize does. The commands and what
// they print go to `log`, what they print also to standard output and error. Returns the exit code
// of what failed, 1 where ONE's tools are not there.
int Evaluate(const QuantizeEvaluation& evaluation, std::ostream& log, std::ostream& err);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONECC_QUANTIZE_EVALUATION_H_
