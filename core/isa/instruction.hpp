// Instruction: one decoded guest instruction, 32 bytes, the same for the interpreter, the disassembler and the translator.
#pragma once

#include "core/base/types.hpp"

namespace retrace {

class Cpu;
struct Instruction;

// What an engine calls to execute an instruction; chosen when it is decoded for execution.
using Executor = void (*)(Cpu&, const Instruction&);

// Segment registers, in the order of their encoding.
enum class Segment : u8 { Es, Cs, Ss, Ds, Fs, Gs };

// General registers by their encoding; `no_register` reads as zero and stands for an absent base or index.
constexpr u8 no_register = 8;

struct Instruction {
    // Bits of `traits`.
    static constexpr u16 memory = 1 << 0;         // the ModRM (or moffs) operand is in memory; else it is register `rm`
    static constexpr u16 lock = 1 << 1;           // F0
    static constexpr u16 repne = 1 << 2;          // F2 (not as a mandatory prefix)
    static constexpr u16 rep = 1 << 3;            // F3 (not as a mandatory prefix)
    static constexpr u16 address32 = 1 << 4;      // offsets are 32 bits wide, else 16
    static constexpr u16 code32 = 1 << 5;         // decoded with CS.D = 1
    static constexpr u16 ends_block = 1 << 6;     // may change what runs next (see Row::ends_block)
    static constexpr u16 segment_override = 1 << 7;
    static constexpr u16 has_modrm = 1 << 8;
    static constexpr u16 operand_override = 1 << 9;  // 66 was there
    static constexpr u16 invalid = 1 << 10;       // raises #UD: no such instruction, or LOCK where it may not be
    static constexpr u16 too_long = 1 << 11;      // more than 15 (286: 10) bytes: raises #GP(0)
    static constexpr u16 patched = 1 << 12;       // its immediate or displacement is stored to again and again: an engine looks them up when it executes it

    Executor execute = nullptr;
    u32 immediate = 0;      // first immediate, or relative displacement of a jump (sign-extended), or far offset; ModRM of x87 instructions
    u32 displacement = 0;   // of the memory operand (sign-extended), or moffs
    u16 row = 0;            // index of the Row
    u16 immediate2 = 0;     // second immediate: far selector, ENTER's level
    u16 traits = 0;
    u8 length = 0;          // bytes, prefixes included
    u8 offset = 0;          // of its first byte from the start of its trace
    u8 opcode = 0;          // last opcode byte (condition codes, registers in the opcode, x87)
    u8 operand_width = 0;   // bytes of v operands: 2 or 4 (1 for byte forms)
    u8 reg = 0;             // ModRM.reg
    u8 rm = 0;              // ModRM.rm, if a register; or the register in the opcode
    u8 base = no_register, index = no_register, scale = 0;  // offset = base + (index << scale) + displacement
    u8 segment = 0;         // effective segment of the memory operand (Segment), overrides applied

    [[nodiscard]] bool has(u16 trait) const { return (traits & trait) != 0; }
    [[nodiscard]] u32 address_mask() const { return has(address32) ? 0xffffffffu : 0xffffu; }
    // Condition of Jcc, SETcc, CMOVcc.
    [[nodiscard]] u8 condition() const { return opcode & 15; }
};

static_assert(sizeof(Instruction) == 40 || sizeof(Instruction) == 32, "decoded instructions are small");

}  // namespace retrace
