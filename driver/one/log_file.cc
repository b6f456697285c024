// SPDX-License-Identifier: Apache-2.0
#include "driver/one/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/types/span.h"

namespace q_implant {
namespace {

constexpr size_t kPendingBytes = 4 << 10;
constexpr int kToWrite = O_WRONLY | O_CREAT | O_CLOEXEC;

}  // namespace

LogFile::LogFile(const std::string& path, FileSystem& files)
    : path_(path), files_(files), stream_(this) {
  if (!path.empty()) CheckThatItCanBeWritten();
}

void LogFile::CheckThatItCanBeWritten() {
  struct stat info;
  is_new_ = files_.Stat(path_, &info) != 0 && errno == ENOENT;
  const int descriptor = files_.Open(path_, kToWrite | O_APPEND, 0666);
  if (descriptor < 0) return Fail();
  files_.Close(descriptor);
}

LogFile::~LogFile() {
  if (descriptor_ >= 0) files_.Close(descriptor_);
  if (!begun_ && is_new_ && error_.empty()) files_.Remove(path_);
}

void LogFile::Begin() {
  begun_ = true;
  if (path_.empty()) return;
  descriptor_ = files_.Open(path_, kToWrite | O_TRUNC, 0666);
  if (descriptor_ < 0) return Fail();
  stream_.flush();
}

bool LogFile::Finish() {
  if (path_.empty()) return true;
  stream_.flush();
  // Interrupted or not, a descriptor is closed.
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && files_.Close(descriptor) != 0 && errno != EINTR) Fail();
  return error_.empty();
}

// The first reason is the one that matters.
void LogFile::Fail() {
  if (error_.empty()) error_ = strerror(errno);
}

LogFile::int_type LogFile::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char text = traits_type::to_char_type(c);
  return xsputn(&text, 1) == 1 ? c : traits_type::eof();
}

std::streamsize LogFile::xsputn(const char* text, std::streamsize size) {
  if (path_.empty()) return size;
  pending_.append(text, static_cast<size_t>(size));
  const bool full = begun_ && pending_.size() >= kPendingBytes;
  return full && sync() != 0 ? 0 : size;
}

int LogFile::sync() {
  if (!begun_ || path_.empty()) return 0;
  const auto* bytes = reinterpret_cast<const uint8_t*>(pending_.data());
  if (error_.empty() && files_.WriteAll(descriptor_, {bytes, pending_.size()}) != 0) Fail();
  pending_.clear();
  return error_.empty() ? 0 : -1;
}

}  // namespace q_implant
