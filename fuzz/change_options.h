// SPDX-License-Identifier: Apache-2.0
#ifndef Q_IMPLANT_FUZZ_CHANGE_OPTIONS_H_
#define Q_IMPLANT_FUZZ_CHANGE_OPTIONS_H_

#include <cstdint>
#include <random>

namespace q_implant {

// Gives one number of one node's options another value, in place. A number that the file does not
// store stays what it is: pack with FlatBufferBuilder::ForceDefaults.
void ChangeOptions(uint8_t* file, std::minstd_rand& random);

}  // namespace q_implant

#endif  // Q_IMPLANT_FUZZ_CHANGE_OPTIONS_H_
