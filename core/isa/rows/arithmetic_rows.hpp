// Arithmetic, logic, shifts and bits. Intel SDM volume 2.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array arithmetic_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until

    // The eight binary operations
    Row{0x0000, Op::Add,           "add",         {Eb, Gb}, none, status, none, lockable},
    Row{0x0001, Op::Add,           "add",         {Ev, Gv}, none, status, none, lockable},
    Row{0x0002, Op::Add,           "add",         {Gb, Eb}, none, status, none},
    Row{0x0003, Op::Add,           "add",         {Gv, Ev}, none, status, none},
    Row{0x0004, Op::Add,           "add",         {Al, Ib}, none, status, none},
    Row{0x0005, Op::Add,           "add",         {Eax, Iz}, none, status, none},
    Row{0x0008, Op::Or,            "or",          {Eb, Gb}, none, status, AF, lockable},
    Row{0x0009, Op::Or,            "or",          {Ev, Gv}, none, status, AF, lockable},
    Row{0x000A, Op::Or,            "or",          {Gb, Eb}, none, status, AF},
    Row{0x000B, Op::Or,            "or",          {Gv, Ev}, none, status, AF},
    Row{0x000C, Op::Or,            "or",          {Al, Ib}, none, status, AF},
    Row{0x000D, Op::Or,            "or",          {Eax, Iz}, none, status, AF},
    Row{0x0010, Op::Adc,           "adc",         {Eb, Gb}, CF, status, none, lockable},
    Row{0x0011, Op::Adc,           "adc",         {Ev, Gv}, CF, status, none, lockable},
    Row{0x0012, Op::Adc,           "adc",         {Gb, Eb}, CF, status, none},
    Row{0x0013, Op::Adc,           "adc",         {Gv, Ev}, CF, status, none},
    Row{0x0014, Op::Adc,           "adc",         {Al, Ib}, CF, status, none},
    Row{0x0015, Op::Adc,           "adc",         {Eax, Iz}, CF, status, none},
    Row{0x0018, Op::Sbb,           "sbb",         {Eb, Gb}, CF, status, none, lockable},
    Row{0x0019, Op::Sbb,           "sbb",         {Ev, Gv}, CF, status, none, lockable},
    Row{0x001A, Op::Sbb,           "sbb",         {Gb, Eb}, CF, status, none},
    Row{0x001B, Op::Sbb,           "sbb",         {Gv, Ev}, CF, status, none},
    Row{0x001C, Op::Sbb,           "sbb",         {Al, Ib}, CF, status, none},
    Row{0x001D, Op::Sbb,           "sbb",         {Eax, Iz}, CF, status, none},
    Row{0x0020, Op::And,           "and",         {Eb, Gb}, none, status, AF, lockable},
    Row{0x0021, Op::And,           "and",         {Ev, Gv}, none, status, AF, lockable},
    Row{0x0022, Op::And,           "and",         {Gb, Eb}, none, status, AF},
    Row{0x0023, Op::And,           "and",         {Gv, Ev}, none, status, AF},
    Row{0x0024, Op::And,           "and",         {Al, Ib}, none, status, AF},
    Row{0x0025, Op::And,           "and",         {Eax, Iz}, none, status, AF},
    Row{0x0028, Op::Sub,           "sub",         {Eb, Gb}, none, status, none, lockable},
    Row{0x0029, Op::Sub,           "sub",         {Ev, Gv}, none, status, none, lockable},
    Row{0x002A, Op::Sub,           "sub",         {Gb, Eb}, none, status, none},
    Row{0x002B, Op::Sub,           "sub",         {Gv, Ev}, none, status, none},
    Row{0x002C, Op::Sub,           "sub",         {Al, Ib}, none, status, none},
    Row{0x002D, Op::Sub,           "sub",         {Eax, Iz}, none, status, none},
    Row{0x0030, Op::Xor,           "xor",         {Eb, Gb}, none, status, AF, lockable},
    Row{0x0031, Op::Xor,           "xor",         {Ev, Gv}, none, status, AF, lockable},
    Row{0x0032, Op::Xor,           "xor",         {Gb, Eb}, none, status, AF},
    Row{0x0033, Op::Xor,           "xor",         {Gv, Ev}, none, status, AF},
    Row{0x0034, Op::Xor,           "xor",         {Al, Ib}, none, status, AF},
    Row{0x0035, Op::Xor,           "xor",         {Eax, Iz}, none, status, AF},
    Row{0x0038, Op::Cmp,           "cmp",         {Eb, Gb}, none, status, none, reads_only},
    Row{0x0039, Op::Cmp,           "cmp",         {Ev, Gv}, none, status, none, reads_only},
    Row{0x003A, Op::Cmp,           "cmp",         {Gb, Eb}, none, status, none, reads_only},
    Row{0x003B, Op::Cmp,           "cmp",         {Gv, Ev}, none, status, none, reads_only},
    Row{0x003C, Op::Cmp,           "cmp",         {Al, Ib}, none, status, none, reads_only},
    Row{0x003D, Op::Cmp,           "cmp",         {Eax, Iz}, none, status, none, reads_only},

    // 80: with an immediate
    Row{0x0080, Op::Add,           "add",         {Eb, Ib}, none, status, none, lockable, Since::I8086, 0},
    Row{0x0080, Op::Or,            "or",          {Eb, Ib}, none, status, AF, lockable, Since::I8086, 1},
    Row{0x0080, Op::Adc,           "adc",         {Eb, Ib}, CF, status, none, lockable, Since::I8086, 2},
    Row{0x0080, Op::Sbb,           "sbb",         {Eb, Ib}, CF, status, none, lockable, Since::I8086, 3},
    Row{0x0080, Op::And,           "and",         {Eb, Ib}, none, status, AF, lockable, Since::I8086, 4},
    Row{0x0080, Op::Sub,           "sub",         {Eb, Ib}, none, status, none, lockable, Since::I8086, 5},
    Row{0x0080, Op::Xor,           "xor",         {Eb, Ib}, none, status, AF, lockable, Since::I8086, 6},
    Row{0x0080, Op::Cmp,           "cmp",         {Eb, Ib}, none, status, none, reads_only, Since::I8086, 7},

    // 81: with an immediate
    Row{0x0081, Op::Add,           "add",         {Ev, Iz}, none, status, none, lockable, Since::I8086, 0},
    Row{0x0081, Op::Or,            "or",          {Ev, Iz}, none, status, AF, lockable, Since::I8086, 1},
    Row{0x0081, Op::Adc,           "adc",         {Ev, Iz}, CF, status, none, lockable, Since::I8086, 2},
    Row{0x0081, Op::Sbb,           "sbb",         {Ev, Iz}, CF, status, none, lockable, Since::I8086, 3},
    Row{0x0081, Op::And,           "and",         {Ev, Iz}, none, status, AF, lockable, Since::I8086, 4},
    Row{0x0081, Op::Sub,           "sub",         {Ev, Iz}, none, status, none, lockable, Since::I8086, 5},
    Row{0x0081, Op::Xor,           "xor",         {Ev, Iz}, none, status, AF, lockable, Since::I8086, 6},
    Row{0x0081, Op::Cmp,           "cmp",         {Ev, Iz}, none, status, none, reads_only, Since::I8086, 7},

    // 82: with an immediate
    Row{0x0082, Op::Add,           "add",         {Eb, Ib}, none, status, none, lockable, Since::I8086, 0},
    Row{0x0082, Op::Or,            "or",          {Eb, Ib}, none, status, AF, lockable, Since::I8086, 1},
    Row{0x0082, Op::Adc,           "adc",         {Eb, Ib}, CF, status, none, lockable, Since::I8086, 2},
    Row{0x0082, Op::Sbb,           "sbb",         {Eb, Ib}, CF, status, none, lockable, Since::I8086, 3},
    Row{0x0082, Op::And,           "and",         {Eb, Ib}, none, status, AF, lockable, Since::I8086, 4},
    Row{0x0082, Op::Sub,           "sub",         {Eb, Ib}, none, status, none, lockable, Since::I8086, 5},
    Row{0x0082, Op::Xor,           "xor",         {Eb, Ib}, none, status, AF, lockable, Since::I8086, 6},
    Row{0x0082, Op::Cmp,           "cmp",         {Eb, Ib}, none, status, none, reads_only, Since::I8086, 7},

    // 83: with an immediate
    Row{0x0083, Op::Add,           "add",         {Ev, Ibs}, none, status, none, lockable, Since::I8086, 0},
    Row{0x0083, Op::Or,            "or",          {Ev, Ibs}, none, status, AF, lockable, Since::I8086, 1},
    Row{0x0083, Op::Adc,           "adc",         {Ev, Ibs}, CF, status, none, lockable, Since::I8086, 2},
    Row{0x0083, Op::Sbb,           "sbb",         {Ev, Ibs}, CF, status, none, lockable, Since::I8086, 3},
    Row{0x0083, Op::And,           "and",         {Ev, Ibs}, none, status, AF, lockable, Since::I8086, 4},
    Row{0x0083, Op::Sub,           "sub",         {Ev, Ibs}, none, status, none, lockable, Since::I8086, 5},
    Row{0x0083, Op::Xor,           "xor",         {Ev, Ibs}, none, status, AF, lockable, Since::I8086, 6},
    Row{0x0083, Op::Cmp,           "cmp",         {Ev, Ibs}, none, status, none, reads_only, Since::I8086, 7},

    // TEST
    Row{0x0084, Op::Test,          "test",        {Eb, Gb}, none, status, AF, reads_only},
    Row{0x0085, Op::Test,          "test",        {Ev, Gv}, none, status, AF, reads_only},
    Row{0x00A8, Op::Test,          "test",        {Al, Ib}, none, status, AF, reads_only},
    Row{0x00A9, Op::Test,          "test",        {Eax, Iz}, none, status, AF, reads_only},
    Row{0x00F6, Op::Test,          "test",        {Eb, Ib}, none, status, AF, reads_only, Since::I8086, 0},
    Row{0x00F6, Op::Test,          "test",        {Eb, Ib}, none, status, AF, reads_only, Since::I8086, 1},
    Row{0x00F7, Op::Test,          "test",        {Ev, Iz}, none, status, AF, reads_only, Since::I8086, 0},
    Row{0x00F7, Op::Test,          "test",        {Ev, Iz}, none, status, AF, reads_only, Since::I8086, 1},

    // One operand
    Row{0x0040, Op::Inc,           "inc",         {Zv}, none, status & ~CF, none},
    Row{0x0048, Op::Dec,           "dec",         {Zv}, none, status & ~CF, none},
    Row{0x00FE, Op::Inc,           "inc",         {Eb}, none, status & ~CF, none, lockable, Since::I8086, 0},
    Row{0x00FE, Op::Dec,           "dec",         {Eb}, none, status & ~CF, none, lockable, Since::I8086, 1},
    Row{0x00FF, Op::Inc,           "inc",         {Ev}, none, status & ~CF, none, lockable, Since::I8086, 0},
    Row{0x00FF, Op::Dec,           "dec",         {Ev}, none, status & ~CF, none, lockable, Since::I8086, 1},
    Row{0x00F6, Op::Not,           "not",         {Eb}, none, none, none, lockable, Since::I8086, 2},
    Row{0x00F6, Op::Neg,           "neg",         {Eb}, none, status, none, lockable, Since::I8086, 3},
    Row{0x00F6, Op::Mul,           "mul",         {Eb}, none, status, SF | ZF | AF | PF, reads_only, Since::I8086, 4},
    Row{0x00F6, Op::Imul,          "imul",        {Eb}, none, status, SF | ZF | AF | PF, reads_only, Since::I8086, 5},
    Row{0x00F6, Op::Div,           "div",         {Eb}, none, status, status, reads_only, Since::I8086, 6},
    Row{0x00F6, Op::Idiv,          "idiv",        {Eb}, none, status, status, reads_only, Since::I8086, 7},
    Row{0x00F7, Op::Not,           "not",         {Ev}, none, none, none, lockable, Since::I8086, 2},
    Row{0x00F7, Op::Neg,           "neg",         {Ev}, none, status, none, lockable, Since::I8086, 3},
    Row{0x00F7, Op::Mul,           "mul",         {Ev}, none, status, SF | ZF | AF | PF, reads_only, Since::I8086, 4},
    Row{0x00F7, Op::Imul,          "imul",        {Ev}, none, status, SF | ZF | AF | PF, reads_only, Since::I8086, 5},
    Row{0x00F7, Op::Div,           "div",         {Ev}, none, status, status, reads_only, Since::I8086, 6},
    Row{0x00F7, Op::Idiv,          "idiv",        {Ev}, none, status, status, reads_only, Since::I8086, 7},

    // IMUL with two and three operands
    Row{0x0069, Op::Imul2,         "imul",        {Gv, Ev, Iz}, none, status, SF | ZF | AF | PF, plain, Since::I186},
    Row{0x006B, Op::Imul2,         "imul",        {Gv, Ev, Ibs}, none, status, SF | ZF | AF | PF, plain, Since::I186},
    Row{0x0FAF, Op::Imul2,         "imul",        {Gv, Ev}, none, status, SF | ZF | AF | PF, plain, Since::I386},

    // C0: rotate and shift
    Row{0x00C0, Op::Rol,           "rol",         {Eb, Ib}, none, CF | OF, OF, plain, Since::I186, 0},
    Row{0x00C0, Op::Ror,           "ror",         {Eb, Ib}, none, CF | OF, OF, plain, Since::I186, 1},
    Row{0x00C0, Op::Rcl,           "rcl",         {Eb, Ib}, CF, CF | OF, OF, plain, Since::I186, 2},
    Row{0x00C0, Op::Rcr,           "rcr",         {Eb, Ib}, CF, CF | OF, OF, plain, Since::I186, 3},
    Row{0x00C0, Op::Shl,           "shl",         {Eb, Ib}, none, status, AF | OF, plain, Since::I186, 4},
    Row{0x00C0, Op::Shr,           "shr",         {Eb, Ib}, none, status, AF | OF, plain, Since::I186, 5},
    Row{0x00C0, Op::Shl,           "sal",         {Eb, Ib}, none, status, AF | OF, plain, Since::I186, 6},
    Row{0x00C0, Op::Sar,           "sar",         {Eb, Ib}, none, status, AF | OF, plain, Since::I186, 7},

    // C1: rotate and shift
    Row{0x00C1, Op::Rol,           "rol",         {Ev, Ib}, none, CF | OF, OF, plain, Since::I186, 0},
    Row{0x00C1, Op::Ror,           "ror",         {Ev, Ib}, none, CF | OF, OF, plain, Since::I186, 1},
    Row{0x00C1, Op::Rcl,           "rcl",         {Ev, Ib}, CF, CF | OF, OF, plain, Since::I186, 2},
    Row{0x00C1, Op::Rcr,           "rcr",         {Ev, Ib}, CF, CF | OF, OF, plain, Since::I186, 3},
    Row{0x00C1, Op::Shl,           "shl",         {Ev, Ib}, none, status, AF | OF, plain, Since::I186, 4},
    Row{0x00C1, Op::Shr,           "shr",         {Ev, Ib}, none, status, AF | OF, plain, Since::I186, 5},
    Row{0x00C1, Op::Shl,           "sal",         {Ev, Ib}, none, status, AF | OF, plain, Since::I186, 6},
    Row{0x00C1, Op::Sar,           "sar",         {Ev, Ib}, none, status, AF | OF, plain, Since::I186, 7},

    // D0: rotate and shift
    Row{0x00D0, Op::Rol,           "rol",         {Eb, One}, none, CF | OF, none, plain, Since::I8086, 0},
    Row{0x00D0, Op::Ror,           "ror",         {Eb, One}, none, CF | OF, none, plain, Since::I8086, 1},
    Row{0x00D0, Op::Rcl,           "rcl",         {Eb, One}, CF, CF | OF, none, plain, Since::I8086, 2},
    Row{0x00D0, Op::Rcr,           "rcr",         {Eb, One}, CF, CF | OF, none, plain, Since::I8086, 3},
    Row{0x00D0, Op::Shl,           "shl",         {Eb, One}, none, status, AF, plain, Since::I8086, 4},
    Row{0x00D0, Op::Shr,           "shr",         {Eb, One}, none, status, AF, plain, Since::I8086, 5},
    Row{0x00D0, Op::Shl,           "sal",         {Eb, One}, none, status, AF, plain, Since::I8086, 6},
    Row{0x00D0, Op::Sar,           "sar",         {Eb, One}, none, status, AF, plain, Since::I8086, 7},

    // D1: rotate and shift
    Row{0x00D1, Op::Rol,           "rol",         {Ev, One}, none, CF | OF, none, plain, Since::I8086, 0},
    Row{0x00D1, Op::Ror,           "ror",         {Ev, One}, none, CF | OF, none, plain, Since::I8086, 1},
    Row{0x00D1, Op::Rcl,           "rcl",         {Ev, One}, CF, CF | OF, none, plain, Since::I8086, 2},
    Row{0x00D1, Op::Rcr,           "rcr",         {Ev, One}, CF, CF | OF, none, plain, Since::I8086, 3},
    Row{0x00D1, Op::Shl,           "shl",         {Ev, One}, none, status, AF, plain, Since::I8086, 4},
    Row{0x00D1, Op::Shr,           "shr",         {Ev, One}, none, status, AF, plain, Since::I8086, 5},
    Row{0x00D1, Op::Shl,           "sal",         {Ev, One}, none, status, AF, plain, Since::I8086, 6},
    Row{0x00D1, Op::Sar,           "sar",         {Ev, One}, none, status, AF, plain, Since::I8086, 7},

    // D2: rotate and shift
    Row{0x00D2, Op::Rol,           "rol",         {Eb, Cl}, none, CF | OF, OF, plain, Since::I8086, 0},
    Row{0x00D2, Op::Ror,           "ror",         {Eb, Cl}, none, CF | OF, OF, plain, Since::I8086, 1},
    Row{0x00D2, Op::Rcl,           "rcl",         {Eb, Cl}, CF, CF | OF, OF, plain, Since::I8086, 2},
    Row{0x00D2, Op::Rcr,           "rcr",         {Eb, Cl}, CF, CF | OF, OF, plain, Since::I8086, 3},
    Row{0x00D2, Op::Shl,           "shl",         {Eb, Cl}, none, status, AF | OF, plain, Since::I8086, 4},
    Row{0x00D2, Op::Shr,           "shr",         {Eb, Cl}, none, status, AF | OF, plain, Since::I8086, 5},
    Row{0x00D2, Op::Shl,           "sal",         {Eb, Cl}, none, status, AF | OF, plain, Since::I8086, 6},
    Row{0x00D2, Op::Sar,           "sar",         {Eb, Cl}, none, status, AF | OF, plain, Since::I8086, 7},

    // D3: rotate and shift
    Row{0x00D3, Op::Rol,           "rol",         {Ev, Cl}, none, CF | OF, OF, plain, Since::I8086, 0},
    Row{0x00D3, Op::Ror,           "ror",         {Ev, Cl}, none, CF | OF, OF, plain, Since::I8086, 1},
    Row{0x00D3, Op::Rcl,           "rcl",         {Ev, Cl}, CF, CF | OF, OF, plain, Since::I8086, 2},
    Row{0x00D3, Op::Rcr,           "rcr",         {Ev, Cl}, CF, CF | OF, OF, plain, Since::I8086, 3},
    Row{0x00D3, Op::Shl,           "shl",         {Ev, Cl}, none, status, AF | OF, plain, Since::I8086, 4},
    Row{0x00D3, Op::Shr,           "shr",         {Ev, Cl}, none, status, AF | OF, plain, Since::I8086, 5},
    Row{0x00D3, Op::Shl,           "sal",         {Ev, Cl}, none, status, AF | OF, plain, Since::I8086, 6},
    Row{0x00D3, Op::Sar,           "sar",         {Ev, Cl}, none, status, AF | OF, plain, Since::I8086, 7},
    Row{0x0FA4, Op::Shld,          "shld",        {Ev, Gv, Ib}, none, status, AF | OF, plain, Since::I386},
    Row{0x0FA5, Op::Shld,          "shld",        {Ev, Gv, Cl}, none, status, AF | OF, plain, Since::I386},
    Row{0x0FAC, Op::Shrd,          "shrd",        {Ev, Gv, Ib}, none, status, AF | OF, plain, Since::I386},
    Row{0x0FAD, Op::Shrd,          "shrd",        {Ev, Gv, Cl}, none, status, AF | OF, plain, Since::I386},

    // Decimal
    Row{0x0027, Op::Daa,           "daa",         {}, AF | CF, status, OF},
    Row{0x002F, Op::Das,           "das",         {}, AF | CF, status, OF},
    Row{0x0037, Op::Aaa,           "aaa",         {}, AF, status, OF | SF | ZF | PF},
    Row{0x003F, Op::Aas,           "aas",         {}, AF, status, OF | SF | ZF | PF},
    Row{0x00D4, Op::Aam,           "aam",         {Ib}, none, status, OF | AF | CF},
    Row{0x00D5, Op::Aad,           "aad",         {Ib}, none, status, OF | AF | CF},

    // Sign extension into AH, DX; SALC sets AL to -CF
    Row{0x0098, Op::Cbw,           "cbw|cwde",    {}, none, none, none},
    Row{0x0099, Op::Cwd,           "cwd|cdq",     {}, none, none, none},
    Row{0x00D6, Op::Salc,          "salc",        {}, CF, none, none},

    // Bits
    Row{0x0FA3, Op::Bt,            "bt",          {Ev, Gv}, none, status & ~ZF, OF | SF | AF | PF, reads_only, Since::I386},
    Row{0x0FBA, Op::Bt,            "bt",          {Ev, Ib}, none, status & ~ZF, OF | SF | AF | PF, reads_only, Since::I386, 4},
    Row{0x0FAB, Op::Bts,           "bts",         {Ev, Gv}, none, status & ~ZF, OF | SF | AF | PF, lockable, Since::I386},
    Row{0x0FBA, Op::Bts,           "bts",         {Ev, Ib}, none, status & ~ZF, OF | SF | AF | PF, lockable, Since::I386, 5},
    Row{0x0FB3, Op::Btr,           "btr",         {Ev, Gv}, none, status & ~ZF, OF | SF | AF | PF, lockable, Since::I386},
    Row{0x0FBA, Op::Btr,           "btr",         {Ev, Ib}, none, status & ~ZF, OF | SF | AF | PF, lockable, Since::I386, 6},
    Row{0x0FBB, Op::Btc,           "btc",         {Ev, Gv}, none, status & ~ZF, OF | SF | AF | PF, lockable, Since::I386},
    Row{0x0FBA, Op::Btc,           "btc",         {Ev, Ib}, none, status & ~ZF, OF | SF | AF | PF, lockable, Since::I386, 7},
    Row{0x0FBC, Op::Bsf,           "bsf",         {Gv, Ev}, none, status, status & ~ZF, plain, Since::I386},
    Row{0x0FBD, Op::Bsr,           "bsr",         {Gv, Ev}, none, status, status & ~ZF, plain, Since::I386},
    Row{0x0FB8, Op::Popcnt,        "popcnt",      {Gv, Ev}, none, status, none, plain, Since::Popcnt, -1, 0xF3},
    Row{0x38F0, Op::Crc32,         "crc32",       {Gd, Eb}, none, none, none, plain, Since::Sse42, -1, 0xF2},
    Row{0x38F1, Op::Crc32,         "crc32",       {Gd, Ev}, none, none, none, plain, Since::Sse42, -1, 0xF2},
    Row{0x0FC8, Op::Bswap,         "bswap",       {Zv}, none, none, none, plain, Since::I486},

    // Read, modify and write
    Row{0x0FB0, Op::Cmpxchg,       "cmpxchg",     {Eb, Gb}, none, status, none, lockable, Since::I486},
    Row{0x0FB1, Op::Cmpxchg,       "cmpxchg",     {Ev, Gv}, none, status, none, lockable, Since::I486},
    Row{0x0FC0, Op::Xadd,          "xadd",        {Eb, Gb}, none, status, none, lockable, Since::I486},
    Row{0x0FC1, Op::Xadd,          "xadd",        {Ev, Gv}, none, status, none, lockable, Since::I486},
    Row{0x0FC7, Op::Cmpxchg8b,     "cmpxchg8b",   {Mq}, none, ZF, none, lockable | mem_only, Since::Cx8, 1},
};
// clang-format on

}  // namespace retrace::isa
