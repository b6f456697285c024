// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_SAME_FILE_H_
#define Q_IMPLANT_DRIVER_SAME_FILE_H_

#include <filesystem>
#include <string>
#include <system_error>

namespace q_implant {

// Whether two names stand for one file that is there; false where one is empty.
inline bool SameFile(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return !a.empty() && !b.empty() && std::filesystem::equivalent(a, b, ignored);
}

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_SAME_FILE_H_
