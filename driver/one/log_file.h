// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONE_LOG_FILE_H_
#define Q_IMPLANT_DRIVER_ONE_LOG_FILE_H_

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <sstream>
#include <string>
#include <system_error>

namespace q_implant {

// A log that replaces an old one only once it is known that the old one is no file of the job's:
// what is written before stays in memory.
class LogFile {
 public:
  // An empty path: what is written goes nowhere.
  explicit LogFile(const std::string& path) : path_(path), stream_(memory_.rdbuf()) {
    if (path.empty()) return;
    std::error_code ignored;
    is_new_ = !std::filesystem::exists(path, ignored);
    errno = 0;
    if (!std::ofstream(path, std::ios::binary | std::ios::app).is_open()) {
      error_ = std::strerror(errno);
    }
  }
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() {
    std::error_code ignored;
    if (!begun_ && is_new_ && error_.empty()) std::filesystem::remove(path_, ignored);
  }

  // Why it can't be written, or empty.
  const std::string& error() const { return error_; }

  std::ostream& stream() { return stream_; }

  // From here on the file is written.
  void Begin() {
    begun_ = true;
    if (path_.empty()) return;
    file_.open(path_, std::ios::binary);
    file_ << memory_.view();
    stream_.rdbuf(file_.rdbuf());
  }

  // Whether all of it is in the file.
  bool Finish() {
    if (path_.empty()) return true;
    file_.close();
    return file_.good() && stream_.good();
  }

 private:
  std::string path_;
  std::string error_;
  bool is_new_ = false;
  bool begun_ = false;
  std::ostringstream memory_;
  std::ofstream file_;
  std::ostream stream_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONE_LOG_FILE_H_
