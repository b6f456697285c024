// SPDX-License-Identifier: Apache-2.0
#include "export/temporary_file.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
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

void RemoveLeftover(const std::string& path) {
  // To write, as NFS locks only such files for one process alone.
  const int descriptor = open(path.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (descriptor < 0) return;
  struct stat info;
  const bool regular = fstat(descriptor, &info) == 0 && S_ISREG(info.st_mode);
  // Who has the lock may remove the file. Its writer may have renamed it, and another have taken
  // the name, since it was opened.
  if (regular && flock(descriptor, LOCK_EX | LOCK_NB) == 0 &&
      FileId::OfOpen(descriptor).StandsAt(path.c_str())) {
    unlink(path.c_str());
  }
  close(descriptor);
}

// Once in each folder: a run may write thousands of files into one.
void RemoveLeftoversOnce(const std::string& folder) {
  static std::mutex mutex;
  static auto& cleared = *new std::vector<std::pair<std::string, FileId>>;
  struct stat info;
  if (stat(folder.c_str(), &info) != 0) return;
  const std::pair id(folder, FileId{info.st_dev, info.st_ino});
  const std::lock_guard<std::mutex> lock(mutex);
  if (std::find(cleared.begin(), cleared.end(), id) != cleared.end()) return;
  cleared.push_back(id);
  RemoveLeftovers(folder);
}

}  // namespace

void RemoveLeftovers(const std::string& folder) {
  DIR* entries = opendir(folder.c_str());
  if (entries == nullptr) return;
  while (const dirent* entry = readdir(entries)) {
    if (IsTemporaryName(entry->d_name)) RemoveLeftover(absl::StrCat(folder, "/", entry->d_name));
  }
  closedir(entries);
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

std::unique_ptr<TemporaryFile> TemporaryFile::Create(const std::string& folder,
                                                     const NameSource& names) {
  RemoveLeftoversOnce(folder);
  for (int i = 0; i < kMaxTries; ++i) {
    const std::string path = absl::StrCat(folder, "/", names());
    const SignalsBlocked blocked;
    const int descriptor = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (descriptor < 0 && errno == EEXIST) continue;  // somebody else's
    if (descriptor < 0) return nullptr;
    std::unique_ptr<TemporaryFile> file(new TemporaryFile(path, descriptor));
    if (file->on_signal_ == nullptr) {
      file.reset();
      errno = EMFILE;
      return nullptr;
    }
    if (file->Lock()) return file;
  }
  errno = EEXIST;
  return nullptr;
}

TemporaryFile::TemporaryFile(std::string path, int descriptor)
    : path_(std::move(path)),
      descriptor_(descriptor),
      id_(FileId::OfOpen(descriptor)),
      on_signal_(RemoveOnSignal::Watch(path_, id_)) {}

TemporaryFile::~TemporaryFile() {
  // Before the lock goes with the descriptor: what is unlocked another run may remove.
  if (!path_.empty() && id_.StandsAt(path_.c_str())) unlink(path_.c_str());
  close(descriptor_);
}

// False where another run took the new file for a leftover before it was locked. Where the file
// system knows no locks, nobody can.
bool TemporaryFile::Lock() const {
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) return false;
  return id_.StandsAt(path_.c_str());
}

int TemporaryFile::TakePlaceOf(const std::string& target) {
  if (!id_.StandsAt(path_.c_str())) return ESTALE;
  if (rename(path_.c_str(), target.c_str()) != 0) return errno;
  path_.clear();
  on_signal_.reset();
  return 0;
}

}  // namespace q_implant
