// FpuState: the x87 unit's registers, plain and described. Every model has the unit: an 8086 its 8087, a 286 and a 386 theirs.
#pragma once

#include <array>

#include "core/base/types.hpp"
#include "core/float/formats.hpp"
#include "core/state/describe.hpp"

namespace retrace {

template <> inline constexpr auto fields<fp::Float80> = describe(
    field("significand", &fp::Float80::significand), field("sign_exponent", &fp::Float80::sign_exponent));

struct FpuState {
    std::array<fp::Float80, 8> physical{};   // R0-R7, not counted from the top of the stack
    u16 control = 0x40, status = 0;          // after RESET (SDM volume 3, table 9-1)
    // Which physical registers hold something: all that the tag word (made in x87.cpp) knows and their contents do not tell.
    u8 occupied = 0xff;
    u16 opcode = 0;                          // low 3 bits of the first byte, and the second, of the last non-control instruction
    u32 instruction_offset = 0, operand_offset = 0;
    u16 instruction_selector = 0, operand_selector = 0;

    // The stack. ST(i) is physical[(top + i) mod 8].
    [[nodiscard]] unsigned top() const { return status >> 11 & 7; }
    void set_top(unsigned top) { status = static_cast<u16>((status & ~0x3800u) | (top & 7) << 11); }
    [[nodiscard]] const fp::Float80& st(unsigned index) const { return physical[(top() + index) & 7]; }
    [[nodiscard]] bool empty(unsigned index) const { return (occupied >> ((top() + index) & 7) & 1) == 0; }
    void set_st(unsigned index, fp::Float80 value) {
        const unsigned at = (top() + index) & 7;
        physical[at] = value;
        occupied = static_cast<u8>(occupied | 1u << at);
    }
    void free(unsigned index) { occupied = static_cast<u8>(occupied & ~(1u << ((top() + index) & 7))); }
    void push(fp::Float80 value) {
        set_top(top() - 1);
        set_st(0, value);
    }
    void pop() {
        free(0);
        set_top(top() + 1);
    }
};
template <> inline constexpr auto fields<FpuState> = describe(
    field("physical", &FpuState::physical), field("control", &FpuState::control), field("status", &FpuState::status),
    field("occupied", &FpuState::occupied), field("opcode", &FpuState::opcode),
    field("instruction_offset", &FpuState::instruction_offset), field("operand_offset", &FpuState::operand_offset),
    field("instruction_selector", &FpuState::instruction_selector), field("operand_selector", &FpuState::operand_selector));

}  // namespace retrace
