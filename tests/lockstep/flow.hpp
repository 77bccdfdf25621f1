// Random programs that go on: small blocks in loops, calls, returns and indirect jumps over few registers and little memory, with hardly a
// fault. What translators do between blocks happens here, which random instructions alone meet too seldom.
#pragma once

#include <vector>

#include "core/base/types.hpp"
#include "tests/support/dice.hpp"

namespace retrace::test {

// `wide`: 32-bit code and addresses; else 16. `origin`: eip of the first byte; `data`: offset of 256 bytes that may be written.
std::vector<u8> flow_program(u64 seed, bool wide, u32 origin, u32 data);

}  // namespace retrace::test
