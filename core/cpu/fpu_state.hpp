// FpuState: the x87 unit's registers, plain and described.
#pragma once

#include <array>

#include "core/base/types.hpp"
#include "core/state/describe.hpp"

namespace retrace {

// An 80-bit register as it lies in memory.
struct FpuRegister {
    u64 significand = 0;
    u16 sign_exponent = 0;
};
template <> inline constexpr auto fields<FpuRegister> = describe(
    field("significand", &FpuRegister::significand), field("sign_exponent", &FpuRegister::sign_exponent));

struct FpuState {
    std::array<FpuRegister, 8> physical{};   // R0-R7, not counted from the top of the stack
    u16 control = 0x40, status = 0, tag = 0x5555;  // after RESET (SDM volume 3, table 9-1)
    u16 opcode = 0;
    u32 instruction_offset = 0, operand_offset = 0;
    u16 instruction_selector = 0, operand_selector = 0;
};
template <> inline constexpr auto fields<FpuState> = describe(
    field("physical", &FpuState::physical), field("control", &FpuState::control), field("status", &FpuState::status),
    field("tag", &FpuState::tag), field("opcode", &FpuState::opcode), field("instruction_offset", &FpuState::instruction_offset),
    field("operand_offset", &FpuState::operand_offset), field("instruction_selector", &FpuState::instruction_selector),
    field("operand_selector", &FpuState::operand_selector));

}  // namespace retrace
