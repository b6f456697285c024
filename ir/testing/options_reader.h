// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_TESTING_OPTIONS_READER_H_
#define Q_IMPLANT_IR_TESTING_OPTIONS_READER_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "flatbuffers/idl.h"
#include "ir/bytes.h"

namespace q_implant {

// The inverse of TableText: makes tables from flatbuffers' relaxed JSON.
class OptionsReader {
 public:
  OptionsReader();

  // A flatbuffer whose root is the table: for flatbuffers::GetRoot. `name` is without namespace.
  absl::StatusOr<Bytes> Read(absl::string_view name, const std::string& json);

 private:
  flatbuffers::Parser parser_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_TESTING_OPTIONS_READER_H_
