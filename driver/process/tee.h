// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_DRIVER_PROCESS_TEE_H_
#define Q_IMPLANT_DRIVER_PROCESS_TEE_H_

#include <ostream>
#include <streambuf>

namespace q_implant {

// What is written to it goes to two streams.
class TeeBuffer : public std::streambuf {
 public:
  TeeBuffer(std::ostream& first, std::ostream& second) : first_(first), second_(second) {}

 private:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    first_.put(traits_type::to_char_type(c));
    second_.put(traits_type::to_char_type(c));
    return c;
  }
  std::streamsize xsputn(const char* text, std::streamsize size) override {
    first_.write(text, size);
    second_.write(text, size);
    return size;
  }
  int sync() override {
    first_.flush();
    second_.flush();
    return 0;
  }

  std::ostream& first_;
  std::ostream& second_;
};

class Tee : private TeeBuffer, public std::ostream {
 public:
  Tee(std::ostream& first, std::ostream& second)
      : TeeBuffer(first, second), std::ostream(static_cast<TeeBuffer*>(this)) {}
};

}  // namespace q_implant

#endif  // Q_IMPLANT_DRIVER_PROCESS_TEE_H_
