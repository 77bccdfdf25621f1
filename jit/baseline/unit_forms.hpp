// How an instruction of the x87, of MMX or of SSE is emitted: as itself, its operand in memory redirected.
//
// Called and not emitted: what hosts do differently (approximations, partial remainders, sums of products), what saves or loads whole states, and
// what hosts of this kind may not have. Transcendental functions are between both: functions.cpp.
#pragma once

#include "core/isa/instruction.hpp"
#include "core/isa/rows.hpp"

namespace retrace::jit {

// The host's units that hold the guest's registers while its code runs; bits of Cpu::Run::resident.
namespace unit {
constexpr u32 sse = 1;         // XMM0-7, and MXCSR's flags
constexpr u32 x87 = 2;         // ST(0)-ST(7) or MM0-7, tags, status and control word
constexpr u32 used_x87 = 4;    // the host's x87 unit is not as the host expects it
}  // namespace unit

struct UnitForm {
    bool emitted = false;
    u8 units = 0;
    bool computes = false;         // obeys MXCSR and sets its flags
    u8 width = 0;                  // bytes of the operand in memory, if it is there
    bool write = false;            // it is written
    bool aligned = false;          // #GP unless it lies at a multiple of 16
    bool rm_general = false, reg_general = false;   // these fields of ModRM name general registers
    u8 general_written = no_register;
    bool x87 = false;              // one of D8 to DF
    bool noted = false;            // the x87's pointers tell of it
    bool raises = false;           // x87 exceptions
    bool function = false;         // of jit/x64/functions.hpp
};

// For an operation of these units.
[[nodiscard]] UnitForm unit_form(const Instruction& i);

// May leave other exceptions masked than before.
[[nodiscard]] bool may_unmask(const Instruction& i);

// Does its handler use the x87's part of the state?
[[nodiscard]] bool touches_x87(const Row& row);

// May it write this general register?
[[nodiscard]] bool may_write(const Instruction& i, u8 general);

}  // namespace retrace::jit
