// String instructions; with REP one step is one iteration. Intel SDM volume 2.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array string_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until
    Row{0x00A4, Op::Movs,          "movsb",       {Yb, Xb}, DF, none, none, string},
    Row{0x00A5, Op::Movs,          "movsw|movsd", {Yv, Xv}, DF, none, none, string},
    Row{0x00A6, Op::Cmps,          "cmpsb",       {Xb, Yb}, DF, status, none, string | compares | reads_only},
    Row{0x00A7, Op::Cmps,          "cmpsw|cmpsd", {Xv, Yv}, DF, status, none, string | compares | reads_only},
    Row{0x00AA, Op::Stos,          "stosb",       {Yb, Al}, DF, none, none, string},
    Row{0x00AB, Op::Stos,          "stosw|stosd", {Yv, Eax}, DF, none, none, string},
    Row{0x00AC, Op::Lods,          "lodsb",       {Al, Xb}, DF, none, none, string},
    Row{0x00AD, Op::Lods,          "lodsw|lodsd", {Eax, Xv}, DF, none, none, string},
    Row{0x00AE, Op::Scas,          "scasb",       {Al, Yb}, DF, status, none, string | compares | reads_only},
    Row{0x00AF, Op::Scas,          "scasw|scasd", {Eax, Yv}, DF, status, none, string | compares | reads_only},
    Row{0x006C, Op::Ins,           "insb",        {Yb, Dx}, DF, none, none, string | ends_block, Since::I186},
    Row{0x006D, Op::Ins,           "insw|insd",   {Yv, Dx}, DF, none, none, string | ends_block, Since::I186},
    Row{0x006E, Op::Outs,          "outsb",       {Dx, Xb}, DF, none, none, string | ends_block, Since::I186},
    Row{0x006F, Op::Outs,          "outsw|outsd", {Dx, Xv}, DF, none, none, string | ends_block, Since::I186},
};
// clang-format on

}  // namespace retrace::isa
