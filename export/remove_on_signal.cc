// SPDX-License-Identifier: Apache-2.0
#include "export/remove_on_signal.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <mutex>

namespace q_implant {
namespace {

struct WatchedFile {
  std::string path;
  FileId id;
};

// Whoever exchanges one for null owns it: the handler never reads one that is being freed.
std::atomic<WatchedFile*> files[RemoveOnSignal::kMaxFiles];
static_assert(std::atomic<WatchedFile*>::is_always_lock_free, "the signal handler needs it");

std::atomic<pid_t> owner_process;

// Guards the number of watched files and the installing and removing of handlers.
std::mutex mutex;
int watched = 0;

// Calls only what is async-signal-safe.
void RemoveAndDie(int signal) {
  RemoveOnSignal::RemoveNow();
  raise(signal);  // SA_RESETHAND has put the default action back; it acts when this returns
}

// Signals that do not end a process by default.
bool IsHarmless(int signal) {
  switch (signal) {
    case SIGCHLD:
    case SIGCONT:
    case SIGURG:
    case SIGWINCH:
    case SIGTSTP:
    case SIGTTIN:
    case SIGTTOU:
      return true;
    default:
      return false;
  }
}

// Gives every signal whose handler is `from` the handler `to`. Signals that cannot be caught fail,
// which is all right.
void ReplaceHandlers(void (*from)(int), void (*to)(int)) {
  struct sigaction replacement = {};
  replacement.sa_handler = to;
  replacement.sa_flags = SA_RESETHAND | SA_ONSTACK;
  sigemptyset(&replacement.sa_mask);
  for (int signal = 1; signal <= SIGRTMAX; ++signal) {
    struct sigaction current;
    if (IsHarmless(signal) || sigaction(signal, nullptr, &current) != 0) continue;
    if ((current.sa_flags & SA_SIGINFO) != 0 || current.sa_handler != from) continue;
    sigaction(signal, &replacement, nullptr);
  }
}

}  // namespace

std::unique_ptr<RemoveOnSignal> RemoveOnSignal::Watch(const std::string& path, FileId id) {
  const std::lock_guard<std::mutex> lock(mutex);
  for (int slot = 0; slot < kMaxFiles; ++slot) {
    if (files[slot].load() != nullptr) continue;
    owner_process = getpid();
    files[slot] = new WatchedFile{path, id};
    if (watched++ == 0) ReplaceHandlers(SIG_DFL, RemoveAndDie);
    return std::unique_ptr<RemoveOnSignal>(new RemoveOnSignal(slot));
  }
  return nullptr;
}

void RemoveOnSignal::RemoveNow() {
  if (getpid() != owner_process.load()) return;
  for (std::atomic<WatchedFile*>& slot : files) {
    const WatchedFile* file = slot.exchange(nullptr);
    if (file != nullptr && file->id.StandsAt(file->path.c_str())) unlink(file->path.c_str());
  }
}

RemoveOnSignal::~RemoveOnSignal() {
  const std::lock_guard<std::mutex> lock(mutex);
  delete files[slot_].exchange(nullptr);
  if (--watched == 0) ReplaceHandlers(RemoveAndDie, SIG_DFL);
}

}  // namespace q_implant
