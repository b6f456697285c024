// SPDX-License-Identifier: Apache-2.0
#include "driver/process/run_main.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <new>
#include <stdexcept>

#include "absl/strings/string_view.h"
#include "driver/process/lost_input.h"

namespace q_implant {
namespace {

// Needs no memory.
void Say(absl::string_view text) {
  const ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
  static_cast<void>(ignored);
}

// A handler rather than SIG_IGN: programs that this one runs get the default action back.
void LeaveFileSizeToWrite() {
  struct sigaction current;
  if (sigaction(SIGXFSZ, nullptr, &current) != 0 || current.sa_handler != SIG_DFL) return;
  struct sigaction nothing = {};
  nothing.sa_handler = [](int) {};
  nothing.sa_flags = SA_RESTART;
  sigemptyset(&nothing.sa_mask);
  sigaction(SIGXFSZ, &nothing, nullptr);
}

// The next file that is opened gets the lowest free descriptor: were it 1, texts would go into it.
// The stand-in is opened for the wrong direction, so that using the stream stays an error.
void OccupyClosedStreams() {
  for (int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (fcntl(stream, F_GETFD) >= 0) continue;
    const int direction = stream == STDIN_FILENO ? O_WRONLY : O_RDONLY;
    const int opened = open("/dev/null", direction | O_CLOEXEC);
    if (opened >= 0 && opened != stream) close(opened);
  }
}

constexpr size_t kStackBytes = 256 << 10;

// A stack that can't grow, as the memory has run out, would be a segmentation fault.
void ReserveStack() {
  constexpr size_t kPageBytes = 4 << 10;
  char stack[kStackBytes];
  for (size_t i = 0; i < kStackBytes; i += kPageBytes) {
    *static_cast<volatile char*>(&stack[i]) = 0;
  }
}

// Whether there is enough memory to begin: for the stack, and for an exception to be thrown (what
// libstdc++ keeps for that it took before main()).
bool HasMemoryToBegin() {
  constexpr size_t kLeastBytes = kStackBytes + (1 << 20);
  void* memory =
      mmap(nullptr, kLeastBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return memory != MAP_FAILED && munmap(memory, kLeastBytes) == 0;
}

int OutOfMemory(int trouble) {
  Say("error: out of memory; raise the limit (ulimit -v, that of the container), or run on a "
      "machine with more\n");
  return trouble;
}

// Where no exception can be made for want of memory, or none can be caught: while the program's own
// constants are made, before main().
[[noreturn]] void Terminate() {
  try {
    if (const std::exception_ptr thrown = std::current_exception()) std::rethrow_exception(thrown);
  } catch (const std::bad_alloc&) {
  } catch (...) {
    std::abort();
  }
  _exit(OutOfMemory(1));
}

// The smallest number comes first; those to 100 are the C++ library's.
__attribute__((constructor(101))) void CatchTerminate() { std::set_terminate(Terminate); }

int Guarded(int trouble, absl::FunctionRef<int()> body) {
  try {
    return body();
  } catch (const std::bad_alloc&) {
    return OutOfMemory(trouble);
  } catch (const std::length_error&) {  // of a container asked for more than there can be
    return OutOfMemory(trouble);
  } catch (const std::exception& exception) {
    std::cerr << "error: " << exception.what() << "; nothing was written\n";
    return trouble;
  }
}

}  // namespace

int RunMain(int trouble, absl::FunctionRef<int()> body) {
  OccupyClosedStreams();
  LeaveFileSizeToWrite();
  ExitOnLostInput(trouble);
  if (!HasMemoryToBegin()) return OutOfMemory(trouble);
  ReserveStack();
  const int code = Guarded(trouble, body);
  errno = 0;
  std::cout.flush();
  if (std::cout.good()) return code;
  Say("error: standard output cannot be written");
  if (errno != 0) {
    Say(": ");
    Say(strerror(errno));
  }
  Say("; what was said there is lost, while files that were written are whole\n");
  return trouble;
}

}  // namespace q_implant
