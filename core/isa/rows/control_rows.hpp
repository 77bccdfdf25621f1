// Control transfers, interrupts, flags and NOPs. Intel SDM volume 2; iAPX 86 for the aliases of the 8086.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array control_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until

    // Branches
    Row{0x0070, Op::Jcc,           "j*",          {Jb}, CF | PF | ZF | SF | OF, none, none, ends_block},
    Row{0x0060, Op::Jcc,           "j*",          {Jb}, CF | PF | ZF | SF | OF, none, none, ends_block, Since::I8086, -1, 0, -1, CpuModel::I8086},
    Row{0x0F80, Op::Jcc,           "j*",          {Jz}, CF | PF | ZF | SF | OF, none, none, ends_block, Since::I386},
    Row{0x00E0, Op::Loopne,        "loopne",      {Jb}, ZF, none, none, ends_block},
    Row{0x00E1, Op::Loope,         "loope",       {Jb}, ZF, none, none, ends_block},
    Row{0x00E2, Op::Loop,          "loop",        {Jb}, none, none, none, ends_block},
    Row{0x00E3, Op::Jcxz,          "jcxz|jecxz",  {Jb}, none, none, none, ends_block},

    // Jumps, calls and returns; C0, C1, C8, C9 are returns on the 8086
    Row{0x00E9, Op::JmpNear,       "jmp",         {Jz}, none, none, none, ends_block},
    Row{0x00EB, Op::JmpNear,       "jmp",         {Jb}, none, none, none, ends_block},
    Row{0x00EA, Op::JmpFar,        "ljmp",        {Ap}, none, none, none, ends_block},
    Row{0x00FF, Op::JmpIndirect,   "jmp",         {Ev}, none, none, none, ends_block, Since::I8086, 4},
    Row{0x00FF, Op::JmpFarIndirect, "ljmp",        {Mp}, none, none, none, ends_block | mem_only, Since::I8086, 5},
    Row{0x00E8, Op::CallNear,      "call",        {Jz}, none, none, none, ends_block},
    Row{0x009A, Op::CallFar,       "lcall",       {Ap}, none, none, none, ends_block},
    Row{0x00FF, Op::CallIndirect,  "call",        {Ev}, none, none, none, ends_block, Since::I8086, 2},
    Row{0x00FF, Op::CallFarIndirect, "lcall",       {Mp}, none, none, none, ends_block | mem_only, Since::I8086, 3},
    Row{0x00C2, Op::RetNear,       "ret",         {Iw}, none, none, none, ends_block},
    Row{0x00C3, Op::RetNear,       "ret",         {}, none, none, none, ends_block},
    Row{0x00CA, Op::RetFar,        "retf",        {Iw}, none, none, none, ends_block},
    Row{0x00CB, Op::RetFar,        "retf",        {}, none, none, none, ends_block},
    Row{0x00C0, Op::RetNear,       "ret",         {Iw}, none, none, none, ends_block, Since::I8086, -1, 0, -1, CpuModel::I8086},
    Row{0x00C1, Op::RetNear,       "ret",         {}, none, none, none, ends_block, Since::I8086, -1, 0, -1, CpuModel::I8086},
    Row{0x00C8, Op::RetFar,        "retf",        {Iw}, none, none, none, ends_block, Since::I8086, -1, 0, -1, CpuModel::I8086},
    Row{0x00C9, Op::RetFar,        "retf",        {}, none, none, none, ends_block, Since::I8086, -1, 0, -1, CpuModel::I8086},

    // Interrupts
    Row{0x00CC, Op::Int3,          "int3",        {}, none, none, none, ends_block},
    Row{0x00CD, Op::Int,           "int",         {Ib}, none, none, none, ends_block},
    Row{0x00CE, Op::Into,          "into",        {}, OF, none, none, ends_block},
    Row{0x00CF, Op::Iret,          "iret|iretd",  {}, none, ~none, none, ends_block},
    Row{0x00F1, Op::Icebp,         "int1",        {}, none, none, none, ends_block, Since::I386},
    Row{0x0062, Op::Bound,         "bound",       {Gv, Ma}, none, none, none, ends_block | mem_only, Since::I186},
    Row{0x0F0B, Op::Ud2,           "ud2",         {}, none, none, none, ends_block, Since::I286},

    // Flags
    Row{0x00F5, Op::Cmc,           "cmc",         {}, CF, CF, none},
    Row{0x00F8, Op::Clc,           "clc",         {}, none, CF, none},
    Row{0x00F9, Op::Stc,           "stc",         {}, none, CF, none},
    Row{0x00FC, Op::Cld,           "cld",         {}, none, DF, none},
    Row{0x00FD, Op::Std,           "std",         {}, none, DF, none},
    Row{0x00FA, Op::Cli,           "cli",         {}, none, IF, none, ends_block},
    Row{0x00FB, Op::Sti,           "sti",         {}, none, IF, none, ends_block},

    // Doing nothing: 0F 18 to 0F 1F are hints, multi-byte NOPs and ENDBR on processors that know them
    Row{0x0090, Op::Nop,           "nop",         {}, none, none, none},
    Row{0x0090, Op::Pause,         "pause",       {}, none, none, none, plain, Since::Sse2, -1, 0xF3},
    Row{0x009B, Op::Wait,          "wait",        {}, none, none, none},
    Row{0x0F18, Op::Nop,           "prefetchnta", {Mb}, none, none, none, mem_only, Since::Sse, 0},
    Row{0x0F18, Op::Nop,           "prefetcht0",  {Mb}, none, none, none, mem_only, Since::Sse, 1},
    Row{0x0F18, Op::Nop,           "prefetcht1",  {Mb}, none, none, none, mem_only, Since::Sse, 2},
    Row{0x0F18, Op::Nop,           "prefetcht2",  {Mb}, none, none, none, mem_only, Since::Sse, 3},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl, 4},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl, 5},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl, 6},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl, 7},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, reg_only, Since::Nopl, 0},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, reg_only, Since::Nopl, 1},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, reg_only, Since::Nopl, 2},
    Row{0x0F18, Op::Nop,           "nop",         {Ev}, none, none, none, reg_only, Since::Nopl, 3},
    Row{0x0F0D, Op::Nop,           "prefetch",    {Mb}, none, none, none, mem_only, Since::Nopl, 0},
    Row{0x0F0D, Op::Nop,           "prefetchw",   {Mb}, none, none, none, mem_only, Since::Nopl, 1},
    Row{0x0F0D, Op::Nop,           "nop",         {Ev}, none, none, none, fallback, Since::Nopl},
    Row{0x0F19, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
    Row{0x0F1A, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
    Row{0x0F1B, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
    Row{0x0F1C, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
    Row{0x0F1D, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
    Row{0x0F1E, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
    Row{0x0F1F, Op::Nop,           "nop",         {Ev}, none, none, none, plain, Since::Nopl},
};
// clang-format on

}  // namespace retrace::isa
