// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PROCESS_RUN_MAIN_H_
#define Q_IMPLANT_DRIVER_PROCESS_RUN_MAIN_H_

#include "absl/functional/function_ref.h"

namespace q_implant {

// What every command's main() is: runs `body` and returns its exit code, or `trouble`, with a
// message on standard error, where
// - memory runs out, or a plugin or a library throws something else: what was begun is undone, as
//   destructors run;
// - standard output does not take what was said (/dev/full, closed);
// - an input is cut off while it is read (lost_input.h), which ends the process at once.
//
// Before that it prepares the process: a file that grows beyond `ulimit -f` is an error of the
// write, not a signal, and no file is opened in the place of a standard stream that is closed.
int RunMain(int trouble, absl::FunctionRef<int()> body);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PROCESS_RUN_MAIN_H_
