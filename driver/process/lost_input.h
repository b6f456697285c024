// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PROCESS_LOST_INPUT_H_
#define Q_IMPLANT_DRIVER_PROCESS_LOST_INPUT_H_

namespace q_implant {

// For the start of a program. Models and npys are mapped: where one is cut off while it is read, or
// its disk fails, the kernel sends SIGBUS. From now on the process then says so, removes its
// temporary files and exits with `code`. Any other SIGBUS kills it as before.
void ExitOnLostInput(int code);

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PROCESS_LOST_INPUT_H_
