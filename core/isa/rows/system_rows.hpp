// Ports, descriptors, control registers and the rest of the system. Intel SDM volume 2, 80286 and 80386 manuals for what went away.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array system_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until

    // Ports
    Row{0x00E4, Op::In,            "in",          {Al, Ib}, none, none, none, ends_block},
    Row{0x00E5, Op::In,            "in",          {Eax, Ib}, none, none, none, ends_block},
    Row{0x00E6, Op::Out,           "out",         {Ib, Al}, none, none, none, ends_block},
    Row{0x00E7, Op::Out,           "out",         {Ib, Eax}, none, none, none, ends_block},
    Row{0x00EC, Op::In,            "in",          {Al, Dx}, none, none, none, ends_block},
    Row{0x00ED, Op::In,            "in",          {Eax, Dx}, none, none, none, ends_block},
    Row{0x00EE, Op::Out,           "out",         {Dx, Al}, none, none, none, ends_block},
    Row{0x00EF, Op::Out,           "out",         {Dx, Eax}, none, none, none, ends_block},
    Row{0x00F4, Op::Hlt,           "hlt",         {}, none, none, none, ends_block | privileged},

    // Descriptors
    Row{0x0063, Op::Arpl,          "arpl",        {Ew, Gw}, none, ZF, none, protected_only, Since::I286},
    Row{0x0F00, Op::Sldt,          "sldt",        {Ewv}, none, none, none, protected_only, Since::I286, 0},
    Row{0x0F00, Op::Str,           "str",         {Ewv}, none, none, none, protected_only, Since::I286, 1},
    Row{0x0F00, Op::Lldt,          "lldt",        {Ew}, none, none, none, protected_only | privileged | ends_block, Since::I286, 2},
    Row{0x0F00, Op::Ltr,           "ltr",         {Ew}, none, none, none, protected_only | privileged | ends_block, Since::I286, 3},
    Row{0x0F00, Op::Verr,          "verr",        {Ew}, none, ZF, none, protected_only, Since::I286, 4},
    Row{0x0F00, Op::Verw,          "verw",        {Ew}, none, ZF, none, protected_only, Since::I286, 5},
    Row{0x0F01, Op::Sgdt,          "sgdt",        {Ms}, none, none, none, mem_only, Since::I286, 0},
    Row{0x0F01, Op::Sidt,          "sidt",        {Ms}, none, none, none, mem_only, Since::I286, 1},
    Row{0x0F01, Op::Lgdt,          "lgdt",        {Ms}, none, none, none, mem_only | privileged | ends_block, Since::I286, 2},
    Row{0x0F01, Op::Lidt,          "lidt",        {Ms}, none, none, none, mem_only | privileged | ends_block, Since::I286, 3},
    Row{0x0F01, Op::Smsw,          "smsw",        {Ewv}, none, none, none, plain, Since::I286, 4},
    Row{0x0F01, Op::Lmsw,          "lmsw",        {Ew}, none, none, none, privileged | ends_block, Since::I286, 6},
    Row{0x0F01, Op::Invlpg,        "invlpg",      {Mb}, none, none, none, mem_only | privileged | ends_block, Since::I486, 7},
    Row{0x0F01, Op::Monitor,       "monitor",     {}, none, none, none, reg_only | privileged, Since::Sse3, -1, 0, 0xC8},
    Row{0x0F01, Op::Mwait,         "mwait",       {}, none, none, none, reg_only | privileged | ends_block, Since::Sse3, -1, 0, 0xC9},
    Row{0x0F02, Op::Lar,           "lar",         {Gv, Ewv}, none, ZF, none, protected_only, Since::I286},
    Row{0x0F03, Op::Lsl,           "lsl",         {Gv, Ewv}, none, ZF, none, protected_only, Since::I286},

    // Control registers and caches
    Row{0x0F05, Op::Loadall286,    "loadall",     {}, none, ~none, none, privileged | ends_block, Since::I286, -1, 0, -1, CpuModel::I286},
    Row{0x0F07, Op::Loadall386,    "loadall",     {}, none, ~none, none, privileged | ends_block, Since::I386, -1, 0, -1, CpuModel::I386},
    Row{0x0F06, Op::Clts,          "clts",        {}, none, none, none, privileged | ends_block, Since::I286},
    Row{0x0F08, Op::Invd,          "invd",        {}, none, none, none, privileged | ends_block, Since::I486},
    Row{0x0F09, Op::Wbinvd,        "wbinvd",      {}, none, none, none, privileged | ends_block, Since::I486},
    Row{0x0F20, Op::MovFromCr,     "mov",         {Rd, Cd}, none, status, status, privileged | ends_block, Since::I386, 0},
    Row{0x0F20, Op::MovFromCr,     "mov",         {Rd, Cd}, none, status, status, privileged | ends_block, Since::I386, 2},
    Row{0x0F20, Op::MovFromCr,     "mov",         {Rd, Cd}, none, status, status, privileged | ends_block, Since::I386, 3},
    Row{0x0F20, Op::MovFromCr,     "mov",         {Rd, Cd}, none, status, status, privileged | ends_block, Since::I586, 4},
    Row{0x0F22, Op::MovToCr,       "mov",         {Cd, Rd}, none, status, status, privileged | ends_block, Since::I386, 0},
    Row{0x0F22, Op::MovToCr,       "mov",         {Cd, Rd}, none, status, status, privileged | ends_block, Since::I386, 2},
    Row{0x0F22, Op::MovToCr,       "mov",         {Cd, Rd}, none, status, status, privileged | ends_block, Since::I386, 3},
    Row{0x0F22, Op::MovToCr,       "mov",         {Cd, Rd}, none, status, status, privileged | ends_block, Since::I586, 4},
    Row{0x0F21, Op::MovFromDr,     "mov",         {Rd, Dd}, none, status, status, privileged | ends_block, Since::I386},
    Row{0x0F23, Op::MovToDr,       "mov",         {Dd, Rd}, none, status, status, privileged | ends_block, Since::I386},
    Row{0x0F24, Op::MovFromTr,     "mov",         {Rd, Td}, none, status, status, privileged | ends_block, Since::I386, -1, 0, -1, CpuModel::I486},
    Row{0x0F26, Op::MovToTr,       "mov",         {Td, Rd}, none, status, status, privileged | ends_block, Since::I386, -1, 0, -1, CpuModel::I486},

    // Identification, time, model-specific registers
    Row{0x0FA2, Op::Cpuid,         "cpuid",       {}, none, none, none, ends_block, Since::I486},
    Row{0x0F31, Op::Rdtsc,         "rdtsc",       {}, none, none, none, ends_block, Since::I586},
    Row{0x0F33, Op::Rdpmc,         "rdpmc",       {}, none, none, none, ends_block, Since::I686},
    Row{0x0F30, Op::Wrmsr,         "wrmsr",       {}, none, none, none, privileged | ends_block, Since::I586},
    Row{0x0F32, Op::Rdmsr,         "rdmsr",       {}, none, none, none, privileged | ends_block, Since::I586},
    Row{0x0FC7, Op::Rdrand,        "rdrand",      {Rv}, none, status, none, reg_only | ends_block, Since::Rdrand, 6},
    Row{0x0F34, Op::Sysenter,      "sysenter",    {}, none, IF, none, ends_block, Since::Sep},
    Row{0x0F35, Op::Sysexit,       "sysexit",     {}, none, none, none, privileged | ends_block, Since::Sep},
    Row{0x0FAA, Op::Rsm,           "rsm",         {}, none, ~none, none, ends_block, Since::I586},

    // Memory order
    Row{0x0FAE, Op::Lfence,        "lfence",      {}, none, none, none, reg_only, Since::Sse2, 5},
    Row{0x0FAE, Op::Mfence,        "mfence",      {}, none, none, none, reg_only, Since::Sse2, 6},
    Row{0x0FAE, Op::Sfence,        "sfence",      {}, none, none, none, reg_only, Since::Sse, 7},
    Row{0x0FAE, Op::Clflush,       "clflush",     {Mb}, none, none, none, mem_only, Since::Clflush, 7},
};
// clang-format on

}  // namespace retrace::isa
