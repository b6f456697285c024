// SPDX-License-Identifier: Apache-2.0
#include "export/temporary_file.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <mutex>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"

namespace q_implant {
namespace {

constexpr char kPrefix[] = ".q-implant-";
constexpr char kSuffix[] = ".tmp";
constexpr size_t kRandomDigits = 16;
constexpr int kMaxTries = 100;

// While it lives, no signal comes to this thread: between the making of a file and its being
// watched there is no moment at which a signal would leave it behind.
class SignalsBlocked {
 public:
  SignalsBlocked() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  SignalsBlocked(const SignalsBlocked&) = delete;
  SignalsBlocked& operator=(const SignalsBlocked&) = delete;
  ~SignalsBlocked() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }

 private:
  sigset_t before_;
};

bool AllOf(absl::string_view text, bool (*is)(unsigned char)) {
  return !text.empty() && std::all_of(text.begin(), text.end(),
                                      [is](char c) { return is(static_cast<unsigned char>(c)); });
}

// Exactly the names that this program gives or gave: a file of the user's own is not a leftover.
bool IsTemporaryName(absl::string_view name) {
  if (!absl::ConsumePrefix(&name, kPrefix) || !absl::ConsumeSuffix(&name, kSuffix)) return false;
  if (name.size() == kRandomDigits && AllOf(name, absl::ascii_isxdigit)) return true;
  const size_t dash = name.find('-');
  return dash != absl::string_view::npos && AllOf(name.substr(0, dash), absl::ascii_isdigit) &&
         AllOf(name.substr(dash + 1), absl::ascii_isdigit);
}

// Whether the path leads to what is open: 0, ESTALE where it leads to something else or nothing, or
// the errno where that can't be told.
int Leads(FileSystem& files, const std::string& path, FileId open) {
  struct stat info;
  if (files.LinkStat(path, &info) == 0) return FileId::Of(info) == open ? 0 : ESTALE;
  return errno == ENOENT || errno == ENOTDIR ? ESTALE : errno;
}

void RemoveLeftover(FileSystem& files, const std::string& path) {
  // To write, as NFS locks only such files for one process alone.
  const int descriptor = files.Open(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  struct stat info;
  const bool regular = files.OpenStat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  // Who has the lock may remove the file. Its writer may have renamed it, and another have taken
  // the name, since it was opened.
  if (regular && files.Lock(descriptor) == 0 && Leads(files, path, FileId::Of(info)) == 0) {
    files.Remove(path);
  }
  files.Close(descriptor);
}

// Once in each folder: a run may write thousands of files into one.
void RemoveLeftoversOnce(const std::string& folder, FileSystem& files) {
  static std::mutex mutex;
  static auto& cleared = *new std::vector<std::pair<std::string, FileId>>;
  struct stat info;
  if (files.Stat(folder, &info) != 0) return;
  const std::pair id(folder, FileId::Of(info));
  const std::lock_guard<std::mutex> lock(mutex);
  if (std::find(cleared.begin(), cleared.end(), id) != cleared.end()) return;
  cleared.push_back(id);
  RemoveLeftovers(folder, files);
}

}  // namespace

void RemoveLeftovers(const std::string& folder, FileSystem& files) {
  std::vector<std::string> paths;
  files.List(folder, [&](absl::string_view name) {
    if (IsTemporaryName(name)) paths.push_back(absl::StrCat(folder, "/", name));
  });
  for (const std::string& path : paths) RemoveLeftover(files, path);
}

std::string TemporaryFile::RandomName() {
  uint64_t random = 0;
  if (getrandom(&random, sizeof(random), 0) != sizeof(random)) {
    // Names need not be secret, only seldom the same: O_EXCL finds those that are.
    timespec now = {};
    clock_gettime(CLOCK_MONOTONIC, &now);
    random = (static_cast<uint64_t>(now.tv_nsec) << 32) ^ reinterpret_cast<uintptr_t>(&random) ^
             static_cast<uint64_t>(getpid());
  }
  return absl::StrCat(kPrefix, absl::Hex(random, absl::kZeroPad16), kSuffix);
}

std::unique_ptr<TemporaryFile> TemporaryFile::Create(const std::string& folder, FileSystem& files,
                                                     const NameSource& names) {
  RemoveLeftoversOnce(folder, files);
  for (int i = 0; i < kMaxTries; ++i) {
    std::unique_ptr<TemporaryFile> file = CreateAt(absl::StrCat(folder, "/", names()), files);
    // The first is somebody else's, the second another run took for a leftover.
    if (file != nullptr || (errno != EEXIST && errno != ESTALE)) return file;
  }
  errno = EEXIST;
  return nullptr;
}

std::unique_ptr<TemporaryFile> TemporaryFile::CreateAt(const std::string& path, FileSystem& files) {
  const SignalsBlocked blocked;
  const int descriptor = files.Open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return nullptr;
  int error = 0;
  struct stat info;
  std::unique_ptr<TemporaryFile> file;
  if (files.OpenStat(descriptor, &info) != 0) {
    error = errno;
    files.Remove(path);
    files.Close(descriptor);
  } else {
    file.reset(new TemporaryFile(path, descriptor, FileId::Of(info), files));
    error = file->on_signal_ == nullptr ? EMFILE : file->Lock();
  }
  if (error == 0) return file;
  file.reset();
  errno = error;
  return nullptr;
}

TemporaryFile::TemporaryFile(std::string path, int descriptor, FileId id, FileSystem& files)
    : files_(files),
      path_(std::move(path)),
      descriptor_(descriptor),
      id_(id),
      on_signal_(RemoveOnSignal::Watch(path_, id_)) {}

TemporaryFile::~TemporaryFile() {
  // Before the lock goes with the descriptor: what is unlocked another run may remove. Where nobody
  // can tell where the path leads, it is to this file: no other has the name.
  if (!path_.empty() && Leads(files_, path_, id_) != ESTALE) files_.Remove(path_);
  files_.Close(descriptor_);
}

// The errno where it failed; ESTALE where another run took the new file for a leftover before it
// was locked. Where the file system knows no locks, nobody can.
int TemporaryFile::Lock() const {
  if (files_.Lock(descriptor_) != 0 && errno == EWOULDBLOCK) return ESTALE;
  return Leads(files_, path_, id_);
}

int TemporaryFile::TakePlaceOf(const std::string& target) {
  if (const int error = Leads(files_, path_, id_); error != 0) return error;
  if (files_.Rename(path_, target) != 0) return errno;
  path_.clear();
  on_signal_.reset();
  return 0;
}

}  // namespace q_implant
