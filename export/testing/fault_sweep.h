// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_TESTING_FAULT_SWEEP_H_
#define Q_IMPLANT_EXPORT_TESTING_FAULT_SWEEP_H_

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <functional>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "export/testing/faulty_file_system.h"

namespace q_implant {

// What a disk, a file system or the kernel may say to any call. (What would be an answer, such as
// ENOENT, is none of them: the call would have said something that is not so.)
inline constexpr int kFaults[] = {ENOSPC, EDQUOT, EIO,    EACCES, EPERM, EROFS,
                                  EMFILE, ENFILE, ENOMEM, ENOLCK, EFBIG, EBUSY};

struct Fault {
  size_t call = 0;  // the number of the first call that fails
  int error = 0;
  bool lasts = false;  // all that follow fail too

  FaultyFileSystem::Script Script() const {
    return [fault = *this](const SystemCall& call) {
      const bool hit = call.number == fault.call || (fault.lasts && call.number > fault.call);
      return Fate{.error = hit ? fault.error : 0};
    };
  }
  std::string ToString() const {
    return absl::StrCat("call ", call, lasts ? " and all after it" : "", ": ", strerror(error));
  }
};

// Runs with each fault in the first call, in the second and so on, until a run makes fewer calls.
// `run` says whether the fault was met.
inline size_t SweepFaults(absl::FunctionRef<bool(const Fault&)> run) {
  size_t runs = 0;
  bool met = true;
  for (size_t call = 1; met; ++call) {
    met = false;
    for (bool lasts : {false, true}) {
      for (int error : kFaults) {
        met = run({call, error, lasts}) || met;
        ++runs;
      }
    }
    met = run({call, EINTR, false}) || met;
    ++runs;
  }
  return runs;
}

// What a message may say of an error.
inline bool TellsReason(absl::string_view message, int error) {
  if (absl::StrContains(message, strerror(error))) return true;
  return (error == EACCES || error == EPERM) &&
         (absl::StrContains(message, "may not be written to") ||
          absl::StrContains(message, "may not be overwritten"));
}

// A run that ends before a call, or in a write when half of it is done.
struct Ending {
  size_t call = 0;
  bool half = false;

  FaultyFileSystem::Script Script() const {
    return [ending = *this](const SystemCall& call) {
      if (call.number != ending.call) return Fate{};
      return Fate{.ends = true, .most_bytes = ending.half ? size_t{1000} : size_t{0}};
    };
  }
};

// As SweepFaults.
inline size_t SweepEndings(absl::FunctionRef<bool(const Ending&)> run) {
  size_t runs = 0;
  bool met = true;
  for (size_t call = 1; met; ++call) {
    met = false;
    for (bool half : {false, true}) {
      met = run({call, half}) || met;
      ++runs;
    }
  }
  return runs;
}

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_TESTING_FAULT_SWEEP_H_
