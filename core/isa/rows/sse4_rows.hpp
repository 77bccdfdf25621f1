// SSE4.1, SSE4.2, AES and PCLMULQDQ. Intel SDM volume 2.
#pragma once

#include "core/isa/row.hpp"

namespace retrace::isa {

using enum Form;
using namespace flag;
using namespace kind;

// clang-format off
inline constexpr std::array sse4_rows{
    //  opcode  operation  mnemonic  operands  flags: read  written  undefined  kind  since  /reg  prefix  ModRM  until

    // SSE4.1
    Row{0x3810, Op::Pblendvb,      "pblendvb",    {Vx, Wx, Xmm0}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3814, Op::Blendvps,      "blendvps",    {Vx, Wx, Xmm0}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3815, Op::Blendvpd,      "blendvpd",    {Vx, Wx, Xmm0}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3817, Op::Ptest,         "ptest",       {Vx, Wx}, none, status, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3820, Op::Pmovsxbw,      "pmovsxbw",    {Vx, Wq}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3821, Op::Pmovsxbd,      "pmovsxbd",    {Vx, Wd}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3822, Op::Pmovsxbq,      "pmovsxbq",    {Vx, Ww}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3823, Op::Pmovsxwd,      "pmovsxwd",    {Vx, Wq}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3824, Op::Pmovsxwq,      "pmovsxwq",    {Vx, Wd}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3825, Op::Pmovsxdq,      "pmovsxdq",    {Vx, Wq}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3830, Op::Pmovzxbw,      "pmovzxbw",    {Vx, Wq}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3831, Op::Pmovzxbd,      "pmovzxbd",    {Vx, Wd}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3832, Op::Pmovzxbq,      "pmovzxbq",    {Vx, Ww}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3833, Op::Pmovzxwd,      "pmovzxwd",    {Vx, Wq}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3834, Op::Pmovzxwq,      "pmovzxwq",    {Vx, Wd}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3835, Op::Pmovzxdq,      "pmovzxdq",    {Vx, Wq}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3828, Op::Pmuldq,        "pmuldq",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3829, Op::Pcmpeqq,       "pcmpeqq",     {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x382B, Op::Packusdw,      "packusdw",    {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3838, Op::Pminsb,        "pminsb",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3839, Op::Pminsd,        "pminsd",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x383A, Op::Pminuw,        "pminuw",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x383B, Op::Pminud,        "pminud",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x383C, Op::Pmaxsb,        "pmaxsb",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x383D, Op::Pmaxsd,        "pmaxsd",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x383E, Op::Pmaxuw,        "pmaxuw",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x383F, Op::Pmaxud,        "pmaxud",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3840, Op::Pmulld,        "pmulld",      {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3841, Op::Phminposuw,    "phminposuw",  {Vx, Wx}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A08, Op::Roundps,       "roundps",     {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A09, Op::Roundpd,       "roundpd",     {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A0C, Op::Blendps,       "blendps",     {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A0D, Op::Blendpd,       "blendpd",     {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A0E, Op::Pblendw,       "pblendw",     {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A40, Op::Dpps,          "dpps",        {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A41, Op::Dppd,          "dppd",        {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A42, Op::Mpsadbw,       "mpsadbw",     {Vx, Wx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A0A, Op::Roundss,       "roundss",     {Vx, Wd, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A0B, Op::Roundsd,       "roundsd",     {Vx, Wq, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A14, Op::Pextrb,        "pextrb",      {Edb, Vx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A15, Op::Pextrw,        "pextrw",      {Edw, Vx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A16, Op::Pextrd,        "pextrd",      {Ed, Vx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A17, Op::Extractps,     "extractps",   {Ed, Vx, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A20, Op::Pinsrb,        "pinsrb",      {Vx, Edb, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A21, Op::Insertps,      "insertps",    {Vx, Wd, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},
    Row{0x3A22, Op::Pinsrd,        "pinsrd",      {Vx, Ed, Ib}, none, none, none, plain, Since::Sse41, -1, 0x66},

    // SSE4.2
    Row{0x3837, Op::Pcmpgtq,       "pcmpgtq",     {Vx, Wx}, none, none, none, plain, Since::Sse42, -1, 0x66},
    Row{0x3A60, Op::Pcmpestrm,     "pcmpestrm",   {Vx, Wx, Ib}, none, status, none, plain, Since::Sse42, -1, 0x66},
    Row{0x3A61, Op::Pcmpestri,     "pcmpestri",   {Vx, Wx, Ib}, none, status, none, plain, Since::Sse42, -1, 0x66},
    Row{0x3A62, Op::Pcmpistrm,     "pcmpistrm",   {Vx, Wx, Ib}, none, status, none, plain, Since::Sse42, -1, 0x66},
    Row{0x3A63, Op::Pcmpistri,     "pcmpistri",   {Vx, Wx, Ib}, none, status, none, plain, Since::Sse42, -1, 0x66},

    // AES and carry-less multiplication
    Row{0x38DB, Op::Aesimc,        "aesimc",      {Vx, Wx}, none, none, none, plain, Since::Aes, -1, 0x66},
    Row{0x38DC, Op::Aesenc,        "aesenc",      {Vx, Wx}, none, none, none, plain, Since::Aes, -1, 0x66},
    Row{0x38DD, Op::Aesenclast,    "aesenclast",  {Vx, Wx}, none, none, none, plain, Since::Aes, -1, 0x66},
    Row{0x38DE, Op::Aesdec,        "aesdec",      {Vx, Wx}, none, none, none, plain, Since::Aes, -1, 0x66},
    Row{0x38DF, Op::Aesdeclast,    "aesdeclast",  {Vx, Wx}, none, none, none, plain, Since::Aes, -1, 0x66},
    Row{0x3ADF, Op::Aeskeygenassist, "aeskeygenassist", {Vx, Wx, Ib}, none, none, none, plain, Since::Aes, -1, 0x66},
    Row{0x3A44, Op::Pclmulqdq,     "pclmulqdq",   {Vx, Wx, Ib}, none, none, none, plain, Since::Pclmul, -1, 0x66},
};
// clang-format on

}  // namespace retrace::isa
