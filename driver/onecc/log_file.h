// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_ONECC_LOG_FILE_H_
#define Q_IMPLANT_DRIVER_ONECC_LOG_FILE_H_

#include <ostream>
#include <streambuf>
#include <string>

#include "export/file_system.h"

namespace q_implant {

// A log that replaces an old one only once it is known that the old one is no file of the job's:
// what is written before stays in memory. From then on it is written where it stands, for it is
// there to be read while the job runs and when it has crashed.
class LogFile : private std::streambuf {
 public:
  // An empty path: what is written goes nowhere.
  explicit LogFile(const std::string& path, FileSystem& files = FileSystem::Real());
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;
  ~LogFile() override;

  // Why it can't be written, or not to its end; or empty.
  const std::string& error() const { return error_; }

  std::ostream& stream() { return stream_; }

  // From here on the file is written.
  void Begin();

  // Whether all of it is in the file.
  bool Finish();

 private:
  int_type overflow(int_type c) override;
  std::streamsize xsputn(const char* text, std::streamsize size) override;
  int sync() override;
  void CheckThatItCanBeWritten();
  void Fail();

  std::string path_;
  FileSystem& files_;
  std::string error_;
  int descriptor_ = -1;  // from Begin to Finish
  bool begun_ = false;
  std::string pending_;
  std::ostream stream_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_ONECC_LOG_FILE_H_
