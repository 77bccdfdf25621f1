// Floating point: 8087, 80287, 80387, P6. Intel SDM volume 2; the undocumented encodings as AMD's manuals list them.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array x87_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until

    // D8: with an operand in memory
    Row{0x00D8, Op::Fadd,          "fadd",        {M32f}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00D8, Op::Fmul,          "fmul",        {M32f}, none, none, none, mem_only, Since::I8086, 1},
    Row{0x00D8, Op::Fcom,          "fcom",        {M32f}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00D8, Op::Fcomp,         "fcomp",       {M32f}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00D8, Op::Fsub,          "fsub",        {M32f}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00D8, Op::Fsubr,         "fsubr",       {M32f}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00D8, Op::Fdiv,          "fdiv",        {M32f}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00D8, Op::Fdivr,         "fdivr",       {M32f}, none, none, none, mem_only, Since::I8086, 7},

    // DA: with an operand in memory
    Row{0x00DA, Op::Fiadd,         "fiadd",       {Md}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00DA, Op::Fimul,         "fimul",       {Md}, none, none, none, mem_only, Since::I8086, 1},
    Row{0x00DA, Op::Ficom,         "ficom",       {Md}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00DA, Op::Ficomp,        "ficomp",      {Md}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DA, Op::Fisub,         "fisub",       {Md}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00DA, Op::Fisubr,        "fisubr",      {Md}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00DA, Op::Fidiv,         "fidiv",       {Md}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00DA, Op::Fidivr,        "fidivr",      {Md}, none, none, none, mem_only, Since::I8086, 7},

    // DC: with an operand in memory
    Row{0x00DC, Op::Fadd,          "fadd",        {M64f}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00DC, Op::Fmul,          "fmul",        {M64f}, none, none, none, mem_only, Since::I8086, 1},
    Row{0x00DC, Op::Fcom,          "fcom",        {M64f}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00DC, Op::Fcomp,         "fcomp",       {M64f}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DC, Op::Fsub,          "fsub",        {M64f}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00DC, Op::Fsubr,         "fsubr",       {M64f}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00DC, Op::Fdiv,          "fdiv",        {M64f}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00DC, Op::Fdivr,         "fdivr",       {M64f}, none, none, none, mem_only, Since::I8086, 7},

    // DE: with an operand in memory
    Row{0x00DE, Op::Fiadd,         "fiadd",       {Mw}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00DE, Op::Fimul,         "fimul",       {Mw}, none, none, none, mem_only, Since::I8086, 1},
    Row{0x00DE, Op::Ficom,         "ficom",       {Mw}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00DE, Op::Ficomp,        "ficomp",      {Mw}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DE, Op::Fisub,         "fisub",       {Mw}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00DE, Op::Fisubr,        "fisubr",      {Mw}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00DE, Op::Fidiv,         "fidiv",       {Mw}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00DE, Op::Fidivr,        "fidivr",      {Mw}, none, none, none, mem_only, Since::I8086, 7},

    // D8, DC, DE: between registers (D8 into ST, DC and DE into ST(i)); DC D0, DC D8, DE D0 are undocumented second encodings
    Row{0x00D8, Op::Fadd,          "fadd",        {Sti}, none, none, none, reg_only, Since::I8086, 0},
    Row{0x00D8, Op::Fmul,          "fmul",        {Sti}, none, none, none, reg_only, Since::I8086, 1},
    Row{0x00D8, Op::Fcom,          "fcom",        {Sti}, none, none, none, reg_only, Since::I8086, 2},
    Row{0x00D8, Op::Fcomp,         "fcomp",       {Sti}, none, none, none, reg_only, Since::I8086, 3},
    Row{0x00D8, Op::Fsub,          "fsub",        {Sti}, none, none, none, reg_only, Since::I8086, 4},
    Row{0x00D8, Op::Fsubr,         "fsubr",       {Sti}, none, none, none, reg_only, Since::I8086, 5},
    Row{0x00D8, Op::Fdiv,          "fdiv",        {Sti}, none, none, none, reg_only, Since::I8086, 6},
    Row{0x00D8, Op::Fdivr,         "fdivr",       {Sti}, none, none, none, reg_only, Since::I8086, 7},
    Row{0x00DC, Op::Fadd,          "fadd",        {Sti, St0}, none, none, none, reg_only, Since::I8086, 0},
    Row{0x00DC, Op::Fmul,          "fmul",        {Sti, St0}, none, none, none, reg_only, Since::I8086, 1},
    Row{0x00DC, Op::Fcom,          "fcom",        {Sti}, none, none, none, reg_only, Since::I8086, 2},
    Row{0x00DC, Op::Fcomp,         "fcomp",       {Sti}, none, none, none, reg_only, Since::I8086, 3},
    Row{0x00DC, Op::Fsubr,         "fsubr",       {Sti, St0}, none, none, none, reg_only, Since::I8086, 4},
    Row{0x00DC, Op::Fsub,          "fsub",        {Sti, St0}, none, none, none, reg_only, Since::I8086, 5},
    Row{0x00DC, Op::Fdivr,         "fdivr",       {Sti, St0}, none, none, none, reg_only, Since::I8086, 6},
    Row{0x00DC, Op::Fdiv,          "fdiv",        {Sti, St0}, none, none, none, reg_only, Since::I8086, 7},
    Row{0x00DE, Op::Faddp,         "faddp",       {Sti}, none, none, none, reg_only, Since::I8086, 0},
    Row{0x00DE, Op::Fmulp,         "fmulp",       {Sti}, none, none, none, reg_only, Since::I8086, 1},
    Row{0x00DE, Op::Fcomp,         "fcomp",       {Sti}, none, none, none, reg_only, Since::I8086, 2},
    Row{0x00DE, Op::Fsubrp,        "fsubrp",      {Sti}, none, none, none, reg_only, Since::I8086, 4},
    Row{0x00DE, Op::Fsubp,         "fsubp",       {Sti}, none, none, none, reg_only, Since::I8086, 5},
    Row{0x00DE, Op::Fdivrp,        "fdivrp",      {Sti}, none, none, none, reg_only, Since::I8086, 6},
    Row{0x00DE, Op::Fdivp,         "fdivp",       {Sti}, none, none, none, reg_only, Since::I8086, 7},
    Row{0x00DE, Op::Fcompp,        "fcompp",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xD9},

    // Loads and stores
    Row{0x00D9, Op::Fld,           "fld",         {M32f}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00D9, Op::Fst,           "fst",         {M32f}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00D9, Op::Fstp,          "fstp",        {M32f}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DD, Op::Fld,           "fld",         {M64f}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00DD, Op::Fst,           "fst",         {M64f}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00DD, Op::Fstp,          "fstp",        {M64f}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DB, Op::Fld,           "fld",         {M80f}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00DB, Op::Fstp,          "fstp",        {M80f}, none, none, none, mem_only, Since::I8086, 7},
    Row{0x00DB, Op::Fild,          "fild",        {Md}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00DB, Op::Fist,          "fist",        {Md}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00DB, Op::Fistp,         "fistp",       {Md}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DF, Op::Fild,          "fild",        {Mw}, none, none, none, mem_only, Since::I8086, 0},
    Row{0x00DF, Op::Fist,          "fist",        {Mw}, none, none, none, mem_only, Since::I8086, 2},
    Row{0x00DF, Op::Fistp,         "fistp",       {Mw}, none, none, none, mem_only, Since::I8086, 3},
    Row{0x00DF, Op::Fild,          "fild",        {Mq}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00DF, Op::Fistp,         "fistp",       {Mq}, none, none, none, mem_only, Since::I8086, 7},
    Row{0x00DF, Op::Fbld,          "fbld",        {M80b}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00DF, Op::Fbstp,         "fbstp",       {M80b}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00DB, Op::Fisttp,        "fisttp",      {Md}, none, none, none, mem_only, Since::Sse3, 1},
    Row{0x00DD, Op::Fisttp,        "fisttp",      {Mq}, none, none, none, mem_only, Since::Sse3, 1},
    Row{0x00DF, Op::Fisttp,        "fisttp",      {Mw}, none, none, none, mem_only, Since::Sse3, 1},
    Row{0x00D9, Op::Fld,           "fld",         {Sti}, none, none, none, reg_only, Since::I8086, 0},
    Row{0x00DD, Op::Fst,           "fst",         {Sti}, none, none, none, reg_only, Since::I8086, 2},
    Row{0x00DD, Op::Fstp,          "fstp",        {Sti}, none, none, none, reg_only, Since::I8086, 3},
    Row{0x00D9, Op::Fxch,          "fxch",        {Sti}, none, none, none, reg_only, Since::I8086, 1},

    // Undocumented second encodings of FSTP and FXCH
    Row{0x00D9, Op::Fstp,          "fstp",        {Sti}, none, none, none, reg_only, Since::I8086, 3},
    Row{0x00DF, Op::Fstp,          "fstp",        {Sti}, none, none, none, reg_only, Since::I8086, 2},
    Row{0x00DF, Op::Fstp,          "fstp",        {Sti}, none, none, none, reg_only, Since::I8086, 3},
    Row{0x00DD, Op::Fxch,          "fxch",        {Sti}, none, none, none, reg_only, Since::I8086, 1},
    Row{0x00DF, Op::Fxch,          "fxch",        {Sti}, none, none, none, reg_only, Since::I8086, 1},

    // Conditional moves: the condition is bit 0 of the opcode and reg
    Row{0x00DA, Op::Fcmovcc,       "fcmovb",      {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 0},
    Row{0x00DA, Op::Fcmovcc,       "fcmove",      {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 1},
    Row{0x00DA, Op::Fcmovcc,       "fcmovbe",     {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 2},
    Row{0x00DA, Op::Fcmovcc,       "fcmovu",      {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 3},
    Row{0x00DB, Op::Fcmovcc,       "fcmovnb",     {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 0},
    Row{0x00DB, Op::Fcmovcc,       "fcmovne",     {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 1},
    Row{0x00DB, Op::Fcmovcc,       "fcmovnbe",    {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 2},
    Row{0x00DB, Op::Fcmovcc,       "fcmovnu",     {St0, Sti}, CF | PF | ZF, none, none, reg_only, Since::Cmov, 3},

    // Compares
    Row{0x00DD, Op::Fucom,         "fucom",       {Sti}, none, none, none, reg_only, Since::I386, 4},
    Row{0x00DD, Op::Fucomp,        "fucomp",      {Sti}, none, none, none, reg_only, Since::I386, 5},
    Row{0x00DA, Op::Fucompp,       "fucompp",     {}, none, none, none, plain, Since::I386, -1, 0, 0xE9},
    Row{0x00DB, Op::Fcomi,         "fcomi",       {Sti}, none, status, none, reg_only, Since::Cmov, 6},
    Row{0x00DB, Op::Fucomi,        "fucomi",      {Sti}, none, status, none, reg_only, Since::Cmov, 5},
    Row{0x00DF, Op::Fcomip,        "fcomip",      {Sti}, none, status, none, reg_only, Since::Cmov, 6},
    Row{0x00DF, Op::Fucomip,       "fucomip",     {Sti}, none, status, none, reg_only, Since::Cmov, 5},
    Row{0x00D9, Op::Ftst,          "ftst",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xE4},
    Row{0x00D9, Op::Fxam,          "fxam",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xE5},

    // Constants and functions
    Row{0x00D9, Op::Fld1,          "fld1",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xE8},
    Row{0x00D9, Op::Fldl2t,        "fldl2t",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xE9},
    Row{0x00D9, Op::Fldl2e,        "fldl2e",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xEA},
    Row{0x00D9, Op::Fldpi,         "fldpi",       {}, none, none, none, plain, Since::I8086, -1, 0, 0xEB},
    Row{0x00D9, Op::Fldlg2,        "fldlg2",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xEC},
    Row{0x00D9, Op::Fldln2,        "fldln2",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xED},
    Row{0x00D9, Op::Fldz,          "fldz",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xEE},
    Row{0x00D9, Op::Fchs,          "fchs",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xE0},
    Row{0x00D9, Op::Fabs,          "fabs",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xE1},
    Row{0x00D9, Op::F2xm1,         "f2xm1",       {}, none, none, none, plain, Since::I8086, -1, 0, 0xF0},
    Row{0x00D9, Op::Fyl2x,         "fyl2x",       {}, none, none, none, plain, Since::I8086, -1, 0, 0xF1},
    Row{0x00D9, Op::Fptan,         "fptan",       {}, none, none, none, plain, Since::I8086, -1, 0, 0xF2},
    Row{0x00D9, Op::Fpatan,        "fpatan",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xF3},
    Row{0x00D9, Op::Fxtract,       "fxtract",     {}, none, none, none, plain, Since::I8086, -1, 0, 0xF4},
    Row{0x00D9, Op::Fprem1,        "fprem1",      {}, none, none, none, plain, Since::I386, -1, 0, 0xF5},
    Row{0x00D9, Op::Fdecstp,       "fdecstp",     {}, none, none, none, plain, Since::I8086, -1, 0, 0xF6},
    Row{0x00D9, Op::Fincstp,       "fincstp",     {}, none, none, none, plain, Since::I8086, -1, 0, 0xF7},
    Row{0x00D9, Op::Fprem,         "fprem",       {}, none, none, none, plain, Since::I8086, -1, 0, 0xF8},
    Row{0x00D9, Op::Fyl2xp1,       "fyl2xp1",     {}, none, none, none, plain, Since::I8086, -1, 0, 0xF9},
    Row{0x00D9, Op::Fsqrt,         "fsqrt",       {}, none, none, none, plain, Since::I8086, -1, 0, 0xFA},
    Row{0x00D9, Op::Fsincos,       "fsincos",     {}, none, none, none, plain, Since::I386, -1, 0, 0xFB},
    Row{0x00D9, Op::Frndint,       "frndint",     {}, none, none, none, plain, Since::I8086, -1, 0, 0xFC},
    Row{0x00D9, Op::Fscale,        "fscale",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xFD},
    Row{0x00D9, Op::Fsin,          "fsin",        {}, none, none, none, plain, Since::I386, -1, 0, 0xFE},
    Row{0x00D9, Op::Fcos,          "fcos",        {}, none, none, none, plain, Since::I386, -1, 0, 0xFF},

    // Control
    Row{0x00D9, Op::Fnop,          "fnop",        {}, none, none, none, plain, Since::I8086, -1, 0, 0xD0},
    Row{0x00D9, Op::Fldenv,        "fldenv",      {M28}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00D9, Op::Fldcw,         "fldcw",       {Mw}, none, none, none, mem_only, Since::I8086, 5},
    Row{0x00D9, Op::Fnstenv,       "fnstenv",     {M28}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00D9, Op::Fnstcw,        "fnstcw",      {Mw}, none, none, none, mem_only, Since::I8086, 7},
    Row{0x00DD, Op::Frstor,        "frstor",      {M108}, none, none, none, mem_only, Since::I8086, 4},
    Row{0x00DD, Op::Fnsave,        "fnsave",      {M108}, none, none, none, mem_only, Since::I8086, 6},
    Row{0x00DD, Op::Fnstsw,        "fnstsw",      {Mw}, none, none, none, mem_only, Since::I8086, 7},
    Row{0x00DF, Op::Fnstsw,        "fnstsw",      {Ax}, none, none, none, plain, Since::I286, -1, 0, 0xE0},
    Row{0x00DB, Op::Fneni,         "feni8087_nop", {}, none, none, none, plain, Since::I8086, -1, 0, 0xE0},
    Row{0x00DB, Op::Fndisi,        "fdisi8087_nop", {}, none, none, none, plain, Since::I8086, -1, 0, 0xE1},
    Row{0x00DB, Op::Fnclex,        "fnclex",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xE2},
    Row{0x00DB, Op::Fninit,        "fninit",      {}, none, none, none, plain, Since::I8086, -1, 0, 0xE3},
    Row{0x00DB, Op::Fnsetpm,       "fsetpm",      {}, none, none, none, plain, Since::I286, -1, 0, 0xE4},
    Row{0x00DD, Op::Ffree,         "ffree",       {Sti}, none, none, none, reg_only, Since::I8086, 0},
    Row{0x00DF, Op::Ffreep,        "ffreep",      {Sti}, none, none, none, reg_only, Since::I8086, 0},
    Row{0x0FAE, Op::Fxsave,        "fxsave",      {M512}, none, none, none, mem_only, Since::Fxsr, 0},
    Row{0x0FAE, Op::Fxrstor,       "fxrstor",     {M512}, none, none, none, mem_only, Since::Fxsr, 1},

    // What is left is a message to a coprocessor that does not know it: the 8086 and 80286 form the address and go on
    Row{0x00D8, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00D9, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00DA, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00DB, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00DC, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00DD, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00DE, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
    Row{0x00DF, Op::Esc,           "esc",         {Ewv}, none, none, none, fallback, Since::I8086, -1, 0, -1, CpuModel::I286},
};
// clang-format on

}  // namespace retrace::isa
