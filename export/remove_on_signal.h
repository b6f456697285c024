// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_EXPORT_REMOVE_ON_SIGNAL_H_
#define Q_IMPLANT_EXPORT_REMOVE_ON_SIGNAL_H_

#include <memory>
#include <string>

#include "export/file_id.h"

namespace q_implant {

// While it lives, a signal that ends the process removes the file first. This goes for every
// signal that can be caught and whose action is the default one: the process still dies of the
// signal, what is ignored stays ignored, and a program's own handlers are left alone (they have to
// end the process in a way that runs destructors). Children of fork() leave the file alone.
//
// Can be used from any thread.
class RemoveOnSignal {
 public:
  static constexpr int kMaxFiles = 64;

  // Null where kMaxFiles are watched already. When the signal comes, another file that has taken
  // the path stays.
  static std::unique_ptr<RemoveOnSignal> Watch(const std::string& path, FileId id);

  RemoveOnSignal(const RemoveOnSignal&) = delete;
  RemoveOnSignal& operator=(const RemoveOnSignal&) = delete;

  // For a program's own handler: removes every watched file. Async-signal-safe; does nothing in a
  // child of fork().
  static void RemoveNow();

  // Leaves the file as it is.
  ~RemoveOnSignal();

 private:
  explicit RemoveOnSignal(int slot) : slot_(slot) {}

  int slot_;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_EXPORT_REMOVE_ON_SIGNAL_H_
