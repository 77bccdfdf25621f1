// Row: one line of the opcode table. The decoder takes lengths and operands from it, the disassembler the mnemonic, the translator
// the flags and where blocks end, the test generator which bytes to roll and which flags to ignore.
#pragma once

#include <array>

#include "core/base/types.hpp"
#include "core/isa/model.hpp"
#include "core/isa/op.hpp"

namespace retrace {

// How an operand is encoded; the letters are those of the Intel SDM, volume 2, appendix A.2.
enum class Form : u8 {
    None,
    // ModRM.rm, register or memory
    Eb, Ew, Ed, Ev,
    Ey,           // doubleword always (32-bit modes)
    Ewv,          // word in memory, word or doubleword in a register (MOV from a segment register, SLDT, SMSW)
    Edb, Edw,     // byte, word in memory, doubleword register (PINSRB, PEXTRW)
    // ModRM.reg
    Gb, Gw, Gd, Gv,
    Sw,           // segment register
    Cd, Dd, Td,   // control, debug, test register
    Rd, Rv,       // ModRM.rm, register only
    // memory only
    M,            // no particular size (LEA, INVLPG, CLFLUSH)
    Mb, Mw, Md, Mq, Mdq, Ma, Mp, Ms,  // Ma: BOUND pair; Mp: far pointer; Ms: pseudo-descriptor
    M28, M108, M512,                  // FLDENV, FSAVE, FXSAVE images
    M32f, M64f, M80f, M80b,           // x87 operands
    // immediates
    Ib, Ibs,      // byte; byte sign-extended to the operand size
    Iw, Iz, Iv,   // Iz/Iv: word or doubleword
    One,          // the constant 1
    Jb, Jz,       // relative branch
    Ap,           // far pointer in the instruction
    Ob, Ov,       // moffs
    // registers in the opcode or fixed
    Zb, Zv,       // register in the opcode's low bits
    Al, Ax, Eax /* eAX by operand size */, Cl, Dx,
    Es, Cs, Ss, Ds, Fs, Gs,
    // string operands
    Xb, Xv, Yb, Yv,
    // x87
    St0, Sti,
    // MMX and SSE
    Pq, Pd, Qq, Qd, Nq,               // MMX reg, mm/m64, mm/m32, mm only
    Vx, Vq, Vd, Wx, Wq, Wd, Ww, Ux,   // XMM reg; xmm/m128, m64, m32, m16; xmm only
    Xmm0,                             // implied, the mask of BLENDV
};

// Flags by their EFLAGS bits. `flags_written` of a row names every flag that may change, `flags_undefined` those among them for
// which the manuals promise nothing. What is undefined only for some counts (OF of shifts) counts as undefined here.
namespace flag {
constexpr u32 CF = 1 << 0, PF = 1 << 2, AF = 1 << 4, ZF = 1 << 6, SF = 1 << 7, TF = 1 << 8, IF = 1 << 9, DF = 1 << 10, OF = 1 << 11,
              NT = 1 << 14, RF = 1 << 16, VM = 1 << 17, AC = 1 << 18, VIF = 1 << 19, VIP = 1 << 20, ID = 1 << 21;
constexpr u32 IOPL = 3 << 12;
constexpr u32 status = CF | PF | AF | ZF | SF | OF;
constexpr u32 none = 0;
}  // namespace flag

// What else an operation is; bits of Row::kind.
namespace kind {
constexpr u16 plain = 0;
constexpr u16 lockable = 1 << 0;      // LOCK allowed with a memory destination
constexpr u16 ends_block = 1 << 1;    // may change who runs next: branches, I/O, IF, modes, whole instructions
constexpr u16 string = 1 << 2;        // REP repeats it; one step per iteration
constexpr u16 compares = 1 << 3;      // REPE/REPNE test ZF (CMPS, SCAS)
constexpr u16 privileged = 1 << 4;    // CPL 0 only
constexpr u16 reads_only = 1 << 5;    // first operand is not written (CMP, TEST)
constexpr u16 mem_only = 1 << 6;      // a register operand is #UD
constexpr u16 reg_only = 1 << 7;      // a memory operand is #UD
constexpr u16 protected_only = 1 << 8;  // #UD in real and V86 mode
constexpr u16 wide64 = 1 << 9;        // for later: default 64-bit operand in long mode
constexpr u16 fallback = 1 << 10;     // for encodings that no other row is for
}  // namespace kind

// The first model that has a row (see core/isa/model.hpp), or a CPUID feature.
enum class Since : u8 { I8086, I186, I286, I386, I486, I586, I686 /* CMOV etc. by feature */, Fpu, Mmx, Sse, Sse2, Sse3, Ssse3, Sse41, Sse42, Popcnt, Movbe, Rdrand, Aes, Pclmul, Cmov, Cx8, Sep, Fxsr, Clflush, Nopl, Syscall };

// `opcode` names map and byte: 00xx one byte, 0Fxx two bytes, 38xx (0F 38 xx), 3Axx (0F 3A xx). A row covers one opcode; with a register in the opcode
// (Zb, Zv) all up to the next multiple of 8; with a `*` in its mnemonic, which stands for the condition, sixteen.
// In a mnemonic `a|b` is for operand size 16|32.
struct Row {
    u16 opcode = 0;
    Op op = Op::Invalid;
    const char* mnemonic = "";
    std::array<Form, 3> operands{};
    u32 flags_read = 0, flags_written = 0, flags_undefined = 0;
    u16 kind = kind::plain;
    Since since = Since::I8086;
    i8 reg = -1;          // ModRM.reg this row is for (/0../7), -1 any
    u8 prefix = 0;        // mandatory prefix 66, F3, F2; 0 none
    i16 modrm = -1;       // one exact ModRM byte (D9 E0 FCHS), -1 any
    CpuModel until = CpuModel::Max;  // the last model that has it (aliases of the 8086, test registers)
};

}  // namespace retrace
