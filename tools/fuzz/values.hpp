// Values where mistakes live: for the x87 and SSE registers of a case, and for what its instruction reads from memory.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "core/isa/random_instruction.hpp"

namespace retrace::fuzz {

// A number of ten bytes: the special ones often, others near 1 mostly.
std::array<u8, 10> random_extended(Dice& dice);
// Singles and doubles: zeros, denormals, infinities, NaNs of both kinds, the ends of the range, what is short of significant bits.
u32 random_single(Dice& dice);
u64 random_double(Dice& dice);
// Numbers of one kind, or integers at their limits, or bytes. A multiple of eight bytes.
void roll_vector(Dice& dice, std::span<u8> to);

// The parts of an FXSAVE image. `x87`: exceptions may be unmasked, registers empty, the stack's top anywhere.
void roll_x87(Dice& dice, u8* fx);
// XMM registers, often near each other, and MXCSR: rounding, FTZ, DAZ, flags, masks.
void roll_sse(Dice& dice, u8* fx);

// What an x87 or SSE instruction reads.
std::vector<u8> random_x87_operand(Dice& dice, const Row& row);
std::vector<u8> random_sse_operand(Dice& dice, const Row& row, const u8* fx);

}  // namespace retrace::fuzz
