// SPDX-License-Identifier: Apache-2.0
#include "driver/process/lost_input.h"

#include <signal.h>
#include <unistd.h>

#include "export/remove_on_signal.h"

namespace q_implant {
namespace {

constexpr char kMessage[] =
    "error: an input file was cut off or changed while it was read; nothing was written: let "
    "nothing write to it, then run the command again\n";

volatile sig_atomic_t exit_code = 1;

// Calls only what is async-signal-safe.
void Exit(int signal, siginfo_t* info, void* /*context*/) {
  RemoveOnSignal::RemoveNow();
  // BUS_ADRERR is a page that the mapped file no longer has; another process sends SI_USER.
  if (info->si_code == BUS_ADRERR) {
    const ssize_t ignored = write(STDERR_FILENO, kMessage, sizeof(kMessage) - 1);
    static_cast<void>(ignored);
    _exit(exit_code);
  }
  raise(signal);  // SA_RESETHAND has put the default action back; it acts when this returns
}

}  // namespace

void ExitOnLostInput(int code) {
  exit_code = code;
  struct sigaction action = {};
  action.sa_sigaction = Exit;
  action.sa_flags = SA_SIGINFO | SA_RESETHAND | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, nullptr);
}

}  // namespace q_implant
