// SPDX-License-Identifier: Apache-2.0
#include "export/remove_on_signal.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace q_implant {
namespace {

std::string TestPath() {
  return absl::StrCat(::testing::TempDir(), "/remove_on_signal_test_", getpid());
}

void MakeFile(const std::string& path) {
  close(open(path.c_str(), O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

std::unique_ptr<RemoveOnSignal> Watch(const std::string& path) {
  return RemoveOnSignal::Watch(path, FileId::AtPath(path.c_str()));
}

bool Exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

// Runs `body` in a child, where every signal has its default action, and returns how it ended, as
// waitpid tells it.
int StatusOfChild(const std::function<void()>& body) {
  const pid_t child = fork();
  if (child == 0) {
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    for (int signal_number = 1; signal_number <= SIGRTMAX; ++signal_number) {
      signal(signal_number, SIG_DFL);  // sanitizers and parents may have set another
    }
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return status;
}

TEST(RemoveOnSignalTest, RemovesTheFileOnEverySignalThatEndsTheProcess) {
  // SIGKILL cannot be caught; these do not end it; the C library keeps 32 and 33 to itself.
  const std::set<int> others = {SIGKILL, SIGSTOP, SIGCHLD, SIGCONT, SIGURG, SIGWINCH,
                                SIGTSTP, SIGTTIN, SIGTTOU, 32,      33};
  const std::string path = TestPath();
  for (int signal_number = 1; signal_number <= SIGRTMAX; ++signal_number) {
    if (others.count(signal_number) != 0) continue;
    MakeFile(path);
    const int status = StatusOfChild([&] {
      const auto watch = Watch(path);
      raise(signal_number);
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal_number) << signal_number;
    EXPECT_FALSE(Exists(path)) << signal_number;
  }
}

TEST(RemoveOnSignalTest, RemovesTheFileOnAFault) {
  const std::string path = TestPath();
  MakeFile(path);
  const int status = StatusOfChild([&] {
    const auto watch = Watch(path);
    abort();
  });
  EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
  EXPECT_FALSE(Exists(path));
}

TEST(RemoveOnSignalTest, LeavesIgnoredSignalsIgnored) {
  const std::string path = TestPath();
  MakeFile(path);
  const int status = StatusOfChild([&] {
    signal(SIGHUP, SIG_IGN);
    const auto watch = Watch(path);
    raise(SIGHUP);
    _exit(Exists(path) ? 7 : 1);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  unlink(path.c_str());
}

TEST(RemoveOnSignalTest, LeavesHandlersOfTheProgramAlone) {
  const std::string path = TestPath();
  MakeFile(path);
  const int status = StatusOfChild([&] {
    signal(SIGUSR1, [](int) { _exit(7); });
    const auto watch = Watch(path);
    raise(SIGUSR1);
  });
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_TRUE(Exists(path));
  unlink(path.c_str());
}

TEST(RemoveOnSignalTest, LeavesTheFileWhenItIsDone) {
  const std::string path = TestPath();
  MakeFile(path);
  const int status = StatusOfChild([&] {
    Watch(path).reset();
    const auto other = Watch(path + "_other");
    raise(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(Exists(path));
  unlink(path.c_str());
}

TEST(RemoveOnSignalTest, LeavesAnotherFileThatHasTakenThePath) {
  const std::string path = TestPath();
  MakeFile(path);
  const int status = StatusOfChild([&] {
    const auto watch = Watch(path);
    MakeFile(path + "_other");
    rename((path + "_other").c_str(), path.c_str());
    raise(SIGTERM);
  });
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_TRUE(Exists(path));
  unlink(path.c_str());
}

TEST(RemoveOnSignalTest, GivesTheDefaultActionBack) {
  const int status = StatusOfChild([&] {
    auto first = Watch("/no/such/file");
    auto second = Watch("/no/such/file");
    struct sigaction action;
    first.reset();
    sigaction(SIGTERM, nullptr, &action);
    if (action.sa_handler == SIG_DFL) _exit(1);
    second.reset();
    sigaction(SIGTERM, nullptr, &action);
    _exit(action.sa_handler == SIG_DFL ? 7 : 2);
  });
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST(RemoveOnSignalTest, ChildrenLeaveTheFileAlone) {
  const std::string path = TestPath();
  MakeFile(path);
  {
    const auto watch = Watch(path);
    const pid_t child = fork();
    if (child == 0) {
      raise(SIGTERM);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
    EXPECT_TRUE(Exists(path));
  }
  unlink(path.c_str());
}

}  // namespace
}  // namespace q_implant
