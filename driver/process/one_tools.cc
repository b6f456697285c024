// SPDX-License-Identifier: Apache-2.0
#include "driver/process/one_tools.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"

extern char** environ;

namespace q_implant {
namespace {

namespace fs = std::filesystem;

bool SameFile(const fs::path& a, const fs::path& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

bool IsProgram(const fs::path& file) {
  std::error_code ignored;
  return fs::is_regular_file(file, ignored) && access(file.c_str(), X_OK) == 0;
}

// The folders of PATH, each once.
std::vector<fs::path> FoldersOf(const std::string& path) {
  std::vector<fs::path> folders;
  if (path.empty()) return folders;
  for (absl::string_view entry : absl::StrSplit(path, ':')) {
    const fs::path folder = entry.empty() ? fs::path(".") : fs::path(std::string(entry));
    const bool repeated = std::any_of(folders.begin(), folders.end(), [&](const fs::path& other) {
      return SameFile(other, folder);
    });
    if (!repeated) folders.push_back(folder);
  }
  return folders;
}

std::string Path() {
  const char* path = std::getenv("PATH");
  return path == nullptr ? "" : path;
}

fs::path Self() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored);
}

std::vector<char*> Words(const std::vector<std::string>& command) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  return words;
}

absl::Status CanNotRun(const std::string& program, int error) {
  return absl::UnavailableError(absl::StrCat(program, " can't be run: ", std::strerror(error)));
}

// One output of a child, read through a pipe and passed on line by line.
class Channel {
 public:
  Channel(int target, std::string prefix) : target_(target), prefix_(std::move(prefix)) {}
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel() {
    CloseReader();
    CloseWriter();
  }

  int Open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    reader_ = ends[0];
    writer_ = ends[1];
    return 0;
  }
  int reader() const { return reader_; }
  int writer() const { return writer_; }
  int target() const { return target_; }
  void CloseWriter() {
    if (writer_ >= 0) close(writer_);
    writer_ = -1;
  }

  // Takes what is there; at the end of the output also its last, open line.
  void Read(std::ostream& log) {
    char buffer[4096];
    const ssize_t size = read(reader_, buffer, sizeof buffer);
    if (size < 0 && errno == EINTR) return;
    if (size > 0) {
      open_line_.append(buffer, static_cast<size_t>(size));
    } else {
      CloseReader();
    }
    size_t begin = 0;
    for (size_t end; (end = open_line_.find('\n', begin)) != std::string::npos; begin = end + 1) {
      PassOn(open_line_.substr(begin, end + 1 - begin), log);
    }
    open_line_.erase(0, begin);
    if (reader_ < 0 && !open_line_.empty()) PassOn(std::exchange(open_line_, ""), log);
  }

 private:
  void CloseReader() {
    if (reader_ >= 0) close(reader_);
    reader_ = -1;
  }

  void PassOn(const std::string& line, std::ostream& log) {
    std::ostream& out = target_ == STDERR_FILENO ? std::cerr : std::cout;
    out << prefix_ << line << std::flush;
    log << prefix_ << line << std::flush;
  }

  int target_;
  std::string prefix_;
  int reader_ = -1;
  int writer_ = -1;
  std::string open_line_;
};

void PassOnAll(std::array<Channel, 2>& channels, std::ostream& log) {
  while (channels[0].reader() >= 0 || channels[1].reader() >= 0) {
    pollfd waiting[2];
    for (size_t i = 0; i < 2; ++i) waiting[i] = {channels[i].reader(), POLLIN, 0};
    if (poll(waiting, 2, -1) < 0) continue;  // EINTR
    for (size_t i = 0; i < 2; ++i) {
      if (waiting[i].revents != 0) channels[i].Read(log);
    }
  }
}

// While a child runs, the keyboard's signals are the child's alone, as in system(3): when they end
// it, this program goes on and clears away what it made for it.
class SignalsForChild {
 public:
  SignalsForChild() {
    struct sigaction ignore = {};
    ignore.sa_handler = SIG_IGN;
    sigemptyset(&ignore.sa_mask);
    for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &ignore, &before_[i]);
    posix_spawnattr_init(&attributes_);
    sigset_t reset;
    sigemptyset(&reset);
    for (size_t i = 0; i < kSignals.size(); ++i) {
      if (before_[i].sa_handler != SIG_IGN) sigaddset(&reset, kSignals[i]);
    }
    posix_spawnattr_setsigdefault(&attributes_, &reset);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSIGDEF);
  }
  SignalsForChild(const SignalsForChild&) = delete;
  SignalsForChild& operator=(const SignalsForChild&) = delete;
  ~SignalsForChild() {
    posix_spawnattr_destroy(&attributes_);
    for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  }

  // For the child: what would have been without this.
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  static constexpr std::array<int, 2> kSignals = {SIGINT, SIGQUIT};

  std::array<struct sigaction, 2> before_ = {};
  posix_spawnattr_t attributes_;
};

absl::StatusOr<int> WaitFor(pid_t child, const std::string& program) {
  int status = 0;
  while (waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) return CanNotRun(program, errno);
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

std::optional<std::string> FindFurtherAlong(const std::string& path, const std::string& self,
                                            const std::string& name) {
  const std::vector<fs::path> folders = FoldersOf(path);
  const fs::path self_name = fs::path(self).filename();
  const auto holds_self = [&](const fs::path& folder) {
    return SameFile(folder / self_name, self);
  };
  auto next = std::find_if(folders.begin(), folders.end(), holds_self);
  next = next == folders.end() ? folders.begin() : next + 1;
  for (; next != folders.end(); ++next) {
    const fs::path file = *next / name;
    if (IsProgram(file) && !SameFile(file, self)) return file.string();
  }
  return std::nullopt;
}

std::optional<std::string> FindOneToolAlong(const std::string& path, const std::string& self,
                                            const std::string& name) {
  for (const char* neighbour : {"onecc", "one-quantize"}) {
    const std::optional<std::string> found = FindFurtherAlong(path, self, neighbour);
    std::error_code error;
    if (!found.has_value()) continue;
    const fs::path tool = fs::canonical(*found, error).parent_path() / name;
    if (!error && IsProgram(tool) && !SameFile(tool, self)) return tool.string();
  }
  return FindFurtherAlong(path, self, name);
}

std::optional<std::string> FindFurtherAlongPath(const std::string& name) {
  return FindFurtherAlong(Path(), Self().string(), name);
}

std::optional<std::string> FindOneTool(const std::string& name) {
  return FindOneToolAlong(Path(), Self().string(), name);
}

FoundOneTools FindOneTools(const std::vector<std::string>& names) {
  FoundOneTools found;
  for (const std::string& name : names) {
    if (std::optional<std::string> tool = FindOneTool(name)) {
      found.paths[name] = *std::move(tool);
    } else {
      found.missing.push_back(name);
    }
  }
  return found;
}

std::string FoundOneTools::WhereNot() const {
  return absl::StrCat(missing.size() == 1 ? "is" : "are", " neither in PATH behind ", OwnFolder(),
                      " nor beside an onecc there");
}

std::string OwnFolder() { return Self().parent_path().string(); }

absl::StatusOr<int> RunTool(const std::vector<std::string>& command, std::ostream* log) {
  const std::string& program = command.front();
  std::array<Channel, 2> channels{Channel(STDOUT_FILENO, ""),
                                  Channel(STDERR_FILENO, absl::StrCat(program, ": "))};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int error = 0;
  for (Channel& channel : channels) {
    if (log == nullptr || error != 0) break;
    error = channel.Open();
    posix_spawn_file_actions_adddup2(&actions, channel.writer(), channel.target());
  }
  std::cout.flush();
  std::cerr.flush();
  const SignalsForChild signals;
  pid_t child = 0;
  if (error == 0) {
    error = posix_spawn(&child, program.c_str(), &actions, signals.attributes(),
                        Words(command).data(), environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  for (Channel& channel : channels) channel.CloseWriter();
  if (error != 0) return CanNotRun(program, error);
  if (log != nullptr) PassOnAll(channels, *log);
  return WaitFor(child, program);
}

absl::Status ExecTool(const std::vector<std::string>& command) {
  std::cout.flush();
  std::cerr.flush();
  execv(command.front().c_str(), Words(command).data());
  return CanNotRun(command.front(), errno);
}

}  // namespace q_implant
