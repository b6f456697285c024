// SPDX-License-Identifier: Apache-2.0
#include "driver/onecc/log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <utility>

#include "absl/types/span.h"
#include "export/link_target.h"

namespace q_implant {
namespace {

constexpr size_t kPendingBytes = 4 << 10;

}  // namespace

LogFile::LogFile(const std::string& path, FileSystem& files)
    : path_(path), files_(files), stream_(this) {
  if (!path.empty()) CheckThatItCanBeWritten();
}

// Makes no file, for a run that a signal ends would leave it.
void LogFile::CheckThatItCanBeWritten() {
  struct stat info;
  const bool is_there = files_.Stat(path_, &info) == 0;
  if (!is_there && errno != ENOENT) return Fail();
  if (is_there && S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return Fail();
  }
  if (files_.CheckWritable(is_there ? path_ : FolderOf(path_)) != 0) Fail();
}

LogFile::~LogFile() {
  if (descriptor_ >= 0) files_.Close(descriptor_);
}

void LogFile::Begin() {
  begun_ = true;
  if (path_.empty()) return;
  descriptor_ = files_.Open(path_, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
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
