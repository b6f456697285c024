// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_IR_DOT_PRINTER_H_
#define Q_IMPLANT_IR_DOT_PRINTER_H_

#include <string>

#include "absl/strings/string_view.h"
#include "ir/model.h"

namespace q_implant {

// Models as one Graphviz picture, each in a frame of its own beside the others: what `dot -Tsvg`
// draws. A node is a box, its color says whether it computes with integers (green), float32 (gray)
// or converts between the two (orange); an arrow is a tensor, with its type, shape and parameters.
// For people: the text form (printer.h) tells more.
class DotPicture {
 public:
  // The model as it is now. Later changes of it are not seen.
  void Add(absl::string_view title, const Model& model);

  // The text for dot.
  std::string ToString() const;

 private:
  std::string frames_;
  size_t models_ = 0;
};

}  // namespace q_implant

#endif  // Q_IMPLANT_IR_DOT_PRINTER_H_
