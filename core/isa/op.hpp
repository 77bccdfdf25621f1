// Op: what an instruction does. One enumerator for each operation, whatever its width and operands; a Row says how it is encoded.
// Conditions (Jcc, Setcc, Cmovcc) are in the low nibble of the opcode.
#pragma once

#include "core/base/types.hpp"

namespace retrace {

enum class Op : u16 {
    Invalid,

    // Arithmetic and logic
    Add, Or, Adc, Sbb, And, Sub, Xor, Cmp, Test, Inc, Dec, Not, Neg, Mul, Imul /* one operand: AX, DX:AX */, Imul2 /* two or three */, Div, Idiv,
    Rol, Ror, Rcl, Rcr, Shl, Shr, Sar, Shld, Shrd,
    Daa, Das, Aaa, Aas, Aam, Aad, Cbw /* CWDE */, Cwd /* CDQ */, Salc,
    Bt, Bts, Btr, Btc, Bsf, Bsr, Popcnt, Crc32, Bswap, Cmpxchg, Xadd, Cmpxchg8b,

    // Moving data
    Mov, MovFromSeg, MovToSeg, Xchg, Lea, Movzx, Movsx, Movbe, Xlat, Cmovcc, Setcc,
    Push, Pop, PushSeg, PopSeg, Pusha, Popa, Pushf, Popf, Enter, Leave, Lahf, Sahf,
    Les, Lds, Lss, Lfs, Lgs,

    // Strings
    Movs, Cmps, Stos, Lods, Scas, Ins, Outs,

    // Control
    Jcc, Jcxz, Loop, Loope, Loopne,
    JmpNear, JmpIndirect, JmpFar, JmpFarIndirect, CallNear, CallIndirect, CallFar, CallFarIndirect, RetNear, RetFar,
    Int, Int3, Into, Icebp, Iret, Bound, Ud2, Nop, Pause, Wait,

    // Flags
    Clc, Stc, Cmc, Cld, Std, Cli, Sti,

    // System
    In, Out, Hlt, Arpl, Lar, Lsl, Verr, Verw, Sldt, Str, Lldt, Ltr, Sgdt, Sidt, Lgdt, Lidt, Smsw, Lmsw, Clts, Invlpg, Invd, Wbinvd,
    MovFromCr, MovToCr, MovFromDr, MovToDr, MovFromTr, MovToTr, Loadall286, Loadall386,
    Cpuid, Rdtsc, Rdpmc, Rdmsr, Wrmsr, Rdrand, Sysenter, Sysexit, Rsm, Clflush, Lfence, Mfence, Sfence, Monitor, Mwait,

    // x87
    Fadd, Fmul, Fcom, Fcomp, Fsub, Fsubr, Fdiv, Fdivr, Fiadd, Fimul, Ficom, Ficomp, Fisub, Fisubr, Fidiv, Fidivr,
    Faddp, Fmulp, Fcompp, Fsubp, Fsubrp, Fdivp, Fdivrp, Fucom, Fucomp, Fucompp, Fcomi, Fcomip, Fucomi, Fucomip,
    Fld, Fst, Fstp, Fild, Fist, Fistp, Fisttp, Fbld, Fbstp, Fxch, Fcmovcc, Ffree, Ffreep,
    Fld1, Fldl2t, Fldl2e, Fldpi, Fldlg2, Fldln2, Fldz, Fchs, Fabs, Ftst, Fxam,
    F2xm1, Fyl2x, Fptan, Fpatan, Fxtract, Fprem1, Fdecstp, Fincstp, Fprem, Fyl2xp1, Fsqrt, Fsincos, Frndint, Fscale, Fsin, Fcos,
    Fnop, Fldenv, Fldcw, Fnstenv, Fnstcw, Frstor, Fnsave, Fnstsw, Fnclex, Fninit, Fneni, Fndisi, Fnsetpm, Esc /* unknown to any coprocessor */, Fxsave, Fxrstor,

    // MMX and integer SSE: one operation for both register files, the operands tell which
    Emms, Movd, Movq, Packsswb, Packssdw, Packuswb, Packusdw,
    Punpcklbw, Punpcklwd, Punpckldq, Punpcklqdq, Punpckhbw, Punpckhwd, Punpckhdq, Punpckhqdq,
    Pcmpgtb, Pcmpgtw, Pcmpgtd, Pcmpgtq, Pcmpeqb, Pcmpeqw, Pcmpeqd, Pcmpeqq,
    Psrlw, Psrld, Psrlq, Psrldq, Psraw, Psrad, Psllw, Pslld, Psllq, Pslldq,
    Paddb, Paddw, Paddd, Paddq, Paddsb, Paddsw, Paddusb, Paddusw, Psubb, Psubw, Psubd, Psubq, Psubsb, Psubsw, Psubusb, Psubusw,
    Pmullw, Pmulhw, Pmulhuw, Pmuludq, Pmuldq, Pmulld, Pmulhrsw, Pmaddwd, Pmaddubsw, Psadbw, Pavgb, Pavgw,
    Pminub, Pminsw, Pminsb, Pminuw, Pminsd, Pminud, Pmaxub, Pmaxsw, Pmaxsb, Pmaxuw, Pmaxsd, Pmaxud,
    Pand, Pandn, Por, Pxor, Pshufw, Pshufd, Pshufhw, Pshuflw, Pshufb, Pinsrb, Pinsrw, Pinsrd, Pextrb, Pextrw, Pextrd, Pmovmskb,
    Phaddw, Phaddd, Phaddsw, Phsubw, Phsubd, Phsubsw, Psignb, Psignw, Psignd, Pabsb, Pabsw, Pabsd, Palignr,
    Pmovsxbw, Pmovsxbd, Pmovsxbq, Pmovsxwd, Pmovsxwq, Pmovsxdq, Pmovzxbw, Pmovzxbd, Pmovzxbq, Pmovzxwd, Pmovzxwq, Pmovzxdq,
    Phminposuw, Mpsadbw, Ptest, Pblendvb, Pblendw, Pcmpestrm, Pcmpestri, Pcmpistrm, Pcmpistri,
    Maskmovq, Maskmovdqu, Movntq, Movntdq, Movntdqa, Movnti, Movdqa, Movdqu, Lddqu, Movdq2q, Movq2dq,

    // SSE and SSE2 floating point
    Movups, Movupd, Movss, Movsd, Movaps, Movapd, Movlps, Movlpd, Movhps, Movhpd, Movhlps, Movlhps, Movddup, Movsldup, Movshdup,
    Movntps, Movntpd, Movmskps, Movmskpd, Unpcklps, Unpcklpd, Unpckhps, Unpckhpd, Shufps, Shufpd,
    Addps, Addpd, Addss, Addsd, Subps, Subpd, Subss, Subsd, Mulps, Mulpd, Mulss, Mulsd, Divps, Divpd, Divss, Divsd,
    Minps, Minpd, Minss, Minsd, Maxps, Maxpd, Maxss, Maxsd, Sqrtps, Sqrtpd, Sqrtss, Sqrtsd, Rsqrtps, Rsqrtss, Rcpps, Rcpss,
    Andps, Andpd, Andnps, Andnpd, Orps, Orpd, Xorps, Xorpd, Cmpps, Cmppd, Cmpss, Cmpsd, Ucomiss, Ucomisd, Comiss, Comisd,
    Addsubps, Addsubpd, Haddps, Haddpd, Hsubps, Hsubpd,
    Cvtpi2ps, Cvtpi2pd, Cvtsi2ss, Cvtsi2sd, Cvttps2pi, Cvttpd2pi, Cvttss2si, Cvttsd2si, Cvtps2pi, Cvtpd2pi, Cvtss2si, Cvtsd2si,
    Cvtps2pd, Cvtpd2ps, Cvtss2sd, Cvtsd2ss, Cvtdq2ps, Cvtps2dq, Cvttps2dq, Cvtdq2pd, Cvtpd2dq, Cvttpd2dq,
    Ldmxcsr, Stmxcsr, Blendps, Blendpd, Blendvps, Blendvpd, Roundps, Roundpd, Roundss, Roundsd, Insertps, Extractps, Dpps, Dppd,

    // Cryptography
    Aesimc, Aesenc, Aesenclast, Aesdec, Aesdeclast, Aeskeygenassist, Pclmulqdq,

    Count
};

// Of the x87, MMX and SSE.
[[nodiscard]] constexpr bool is_unit_operation(Op op) { return op >= Op::Fadd && op <= Op::Pclmulqdq; }

}  // namespace retrace
