// Moving data: MOV in all forms, segment registers, the stack. Intel SDM volume 2; for the 8086 its user's manual and observation.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array data_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until

    // MOV
    Row{0x0088, Op::Mov,           "mov",         {Eb, Gb}, none, none, none},
    Row{0x0089, Op::Mov,           "mov",         {Ev, Gv}, none, none, none},
    Row{0x008A, Op::Mov,           "mov",         {Gb, Eb}, none, none, none},
    Row{0x008B, Op::Mov,           "mov",         {Gv, Ev}, none, none, none},
    Row{0x00A0, Op::Mov,           "mov",         {Al, Ob}, none, none, none},
    Row{0x00A1, Op::Mov,           "mov",         {Eax, Ov}, none, none, none},
    Row{0x00A2, Op::Mov,           "mov",         {Ob, Al}, none, none, none},
    Row{0x00A3, Op::Mov,           "mov",         {Ov, Eax}, none, none, none},
    Row{0x00B0, Op::Mov,           "mov",         {Zb, Ib}, none, none, none},
    Row{0x00B8, Op::Mov,           "mov",         {Zv, Iv}, none, none, none},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 0},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 0},

    // The 8086 ignores the reg field of C6 and C7
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 1, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 1, 0, -1, CpuModel::I8086},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 2, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 2, 0, -1, CpuModel::I8086},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 3, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 3, 0, -1, CpuModel::I8086},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 4, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 4, 0, -1, CpuModel::I8086},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 5, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 5, 0, -1, CpuModel::I8086},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 6, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 6, 0, -1, CpuModel::I8086},
    Row{0x00C6, Op::Mov,           "mov",         {Eb, Ib}, none, none, none, plain, Since::I8086, 7, 0, -1, CpuModel::I8086},
    Row{0x00C7, Op::Mov,           "mov",         {Ev, Iz}, none, none, none, plain, Since::I8086, 7, 0, -1, CpuModel::I8086},

    // Segment registers: loading SS holds interrupts off for one instruction. The 8086 has four and ignores the upper bit; it alone can load CS
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 0},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 1},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 2},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 3},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I386, 4},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I386, 5},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 4, 0, -1, CpuModel::I8086},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 5, 0, -1, CpuModel::I8086},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 6, 0, -1, CpuModel::I8086},
    Row{0x008C, Op::MovFromSeg,    "mov",         {Ewv, Sw}, none, none, none, plain, Since::I8086, 7, 0, -1, CpuModel::I8086},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, plain, Since::I8086, 0},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, ends_block, Since::I8086, 2},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, plain, Since::I8086, 3},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, plain, Since::I386, 4},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, plain, Since::I386, 5},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, ends_block, Since::I8086, 1, 0, -1, CpuModel::I8086},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, ends_block, Since::I8086, 4, 0, -1, CpuModel::I8086},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, ends_block, Since::I8086, 5, 0, -1, CpuModel::I8086},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, ends_block, Since::I8086, 6, 0, -1, CpuModel::I8086},
    Row{0x008E, Op::MovToSeg,      "mov",         {Sw, Ew}, none, none, none, ends_block, Since::I8086, 7, 0, -1, CpuModel::I8086},
    Row{0x0006, Op::PushSeg,       "push",        {Es}, none, none, none},
    Row{0x0007, Op::PopSeg,        "pop",         {Es}, none, none, none},
    Row{0x000E, Op::PushSeg,       "push",        {Cs}, none, none, none},
    Row{0x0016, Op::PushSeg,       "push",        {Ss}, none, none, none},
    Row{0x0017, Op::PopSeg,        "pop",         {Ss}, none, none, none, ends_block},
    Row{0x001E, Op::PushSeg,       "push",        {Ds}, none, none, none},
    Row{0x001F, Op::PopSeg,        "pop",         {Ds}, none, none, none},
    Row{0x000F, Op::PopSeg,        "pop",         {Cs}, none, none, none, ends_block, Since::I8086, -1, 0, -1, CpuModel::I8086},
    Row{0x0FA0, Op::PushSeg,       "push",        {Fs}, none, none, none, plain, Since::I386},
    Row{0x0FA1, Op::PopSeg,        "pop",         {Fs}, none, none, none, plain, Since::I386},
    Row{0x0FA8, Op::PushSeg,       "push",        {Gs}, none, none, none, plain, Since::I386},
    Row{0x0FA9, Op::PopSeg,        "pop",         {Gs}, none, none, none, plain, Since::I386},
    Row{0x00C4, Op::Les,           "les",         {Gv, Mp}, none, none, none, mem_only},
    Row{0x00C5, Op::Lds,           "lds",         {Gv, Mp}, none, none, none, mem_only},
    Row{0x0FB4, Op::Lfs,           "lfs",         {Gv, Mp}, none, none, none, mem_only, Since::I386},
    Row{0x0FB5, Op::Lgs,           "lgs",         {Gv, Mp}, none, none, none, mem_only, Since::I386},
    Row{0x0FB2, Op::Lss,           "lss",         {Gv, Mp}, none, none, none, mem_only | ends_block, Since::I386},

    // Exchange, address, extension, table
    Row{0x0086, Op::Xchg,          "xchg",        {Eb, Gb}, none, none, none, lockable},
    Row{0x0087, Op::Xchg,          "xchg",        {Ev, Gv}, none, none, none, lockable},
    Row{0x0091, Op::Xchg,          "xchg",        {Eax, Zv}, none, none, none},
    Row{0x008D, Op::Lea,           "lea",         {Gv, M}, none, none, none, mem_only},
    Row{0x0FB6, Op::Movzx,         "movzx",       {Gv, Eb}, none, none, none, plain, Since::I386},
    Row{0x0FB7, Op::Movzx,         "movzx",       {Gv, Ew}, none, none, none, plain, Since::I386},
    Row{0x0FBE, Op::Movsx,         "movsx",       {Gv, Eb}, none, none, none, plain, Since::I386},
    Row{0x0FBF, Op::Movsx,         "movsx",       {Gv, Ew}, none, none, none, plain, Since::I386},
    Row{0x38F0, Op::Movbe,         "movbe",       {Gv, Ev}, none, none, none, mem_only, Since::Movbe},
    Row{0x38F1, Op::Movbe,         "movbe",       {Ev, Gv}, none, none, none, mem_only, Since::Movbe},
    Row{0x00D7, Op::Xlat,          "xlatb",       {}, none, none, none},
    Row{0x0F40, Op::Cmovcc,        "cmov*",       {Gv, Ev}, CF | PF | ZF | SF | OF, none, none, plain, Since::Cmov},
    Row{0x0F90, Op::Setcc,         "set*",        {Eb}, CF | PF | ZF | SF | OF, none, none, plain, Since::I386},

    // The stack
    Row{0x0050, Op::Push,          "push",        {Zv}, none, none, none},
    Row{0x0058, Op::Pop,           "pop",         {Zv}, none, none, none},
    Row{0x0068, Op::Push,          "push",        {Iz}, none, none, none, plain, Since::I186},
    Row{0x006A, Op::Push,          "push",        {Ibs}, none, none, none, plain, Since::I186},
    Row{0x00FF, Op::Push,          "push",        {Ev}, none, none, none, plain, Since::I8086, 6},
    Row{0x00FF, Op::Push,          "push",        {Ev}, none, none, none, plain, Since::I8086, 7, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 0},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 1, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 2, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 3, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 4, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 5, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 6, 0, -1, CpuModel::I8086},
    Row{0x008F, Op::Pop,           "pop",         {Ev}, none, none, none, plain, Since::I8086, 7, 0, -1, CpuModel::I8086},
    Row{0x0060, Op::Pusha,         "pushaw|pushal", {}, none, none, none, plain, Since::I186},
    Row{0x0061, Op::Popa,          "popaw|popal", {}, none, none, none, plain, Since::I186},
    Row{0x009C, Op::Pushf,         "pushf|pushfd", {}, ~none, none, none, ends_block},
    Row{0x009D, Op::Popf,          "popf|popfd",  {}, ~none, ~none, none, ends_block},
    Row{0x00C8, Op::Enter,         "enter",       {Iw, Ib}, none, none, none, plain, Since::I186},
    Row{0x00C9, Op::Leave,         "leave",       {}, none, none, none, plain, Since::I186},
    Row{0x009F, Op::Lahf,          "lahf",        {}, SF | ZF | AF | PF | CF, none, none},
    Row{0x009E, Op::Sahf,          "sahf",        {}, none, SF | ZF | AF | PF | CF, none},
};
// clang-format on

}  // namespace retrace::isa
