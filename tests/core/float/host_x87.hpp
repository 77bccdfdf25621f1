// The host's own x87 unit, where the host has one, as the reference for core/float.
#pragma once

#if defined(__x86_64__)

#include <cpuid.h>

#include <array>
#include <cstring>

#include "core/float/formats.hpp"

namespace retrace::fp::host {

// Chips of different makers differ where manuals leave the choice (how far one FPREM goes, which flags stay); ours follows
// Intel's. On others a few cases in a thousand may differ without a test failing.
inline bool is_intel() {
    unsigned a = 0, b = 0, c = 0, d = 0;
    return __get_cpuid(0, &a, &b, &c, &d) != 0 && b == 0x756e6547;
}

inline bool too_many(int wrong, int compared) { return is_intel() ? wrong != 0 : wrong * 200 > compared; }

// All there is to see after an instruction: what FNSAVE wrote, in its 32-bit protected-mode layout.
struct Result {
    std::array<u8, 108> image{};
    std::array<u8, 16> memory{};

    u16 status() const { return word(4); }
    u16 tags() const { return word(8); }
    Float80 st(u32 index) const {
        Float80 value;
        std::memcpy(&value.significand, image.data() + 28 + 10 * index, 8);
        std::memcpy(&value.sign_exponent, image.data() + 36 + 10 * index, 2);
        return value;
    }
    u8 raised() const { return static_cast<u8>(status() & 0x3f); }
    bool c0() const { return (status() & 0x100) != 0; }
    bool c1() const { return (status() & 0x200) != 0; }
    bool c2() const { return (status() & 0x400) != 0; }
    bool c3() const { return (status() & 0x4000) != 0; }
    u16 word(std::size_t at) const {
        u16 value;
        std::memcpy(&value, image.data() + at, 2);
        return value;
    }
};

// Runs one x87 instruction on the host with `a` in ST0 and `b` in ST1; "(%%rdi)" in its text is result.memory.
// Exceptions stay pending and are never delivered: FNSAVE does not wait, and starts the unit afresh.
#define RETRACE_HOST_X87(name, instruction)                                                                     \
    inline Result name(Float80 a, Float80 b, u16 control, std::array<u8, 16> memory = {}) {                     \
        Result result;                                                                                          \
        result.memory = memory;                                                                                 \
        std::array<u8, 20> operands{};                                                                          \
        std::memcpy(operands.data(), &a.significand, 8);                                                        \
        std::memcpy(operands.data() + 8, &a.sign_exponent, 2);                                                  \
        std::memcpy(operands.data() + 10, &b.significand, 8);                                                   \
        std::memcpy(operands.data() + 18, &b.sign_exponent, 2);                                                 \
        asm volatile("fninit\n fldt 10(%0)\n fldt (%0)\n fldcw (%1)\n" instruction "\n fnsave (%2)"             \
                     :                                                                                          \
                     : "r"(operands.data()), "r"(&control), "r"(result.image.data()), "D"(result.memory.data()) \
                     : "memory", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");          \
        return result;                                                                                          \
    }

RETRACE_HOST_X87(fadd, "fadd %%st(1), %%st")
RETRACE_HOST_X87(fsub, "fsub %%st(1), %%st")
RETRACE_HOST_X87(fmul, "fmul %%st(1), %%st")
RETRACE_HOST_X87(fdiv, "fdiv %%st(1), %%st")
RETRACE_HOST_X87(fsqrt, "fsqrt")
RETRACE_HOST_X87(fcom, "fcom %%st(1)")
RETRACE_HOST_X87(fucom, "fucom %%st(1)")
RETRACE_HOST_X87(frndint, "frndint")
RETRACE_HOST_X87(fprem, "fprem")
RETRACE_HOST_X87(fprem1, "fprem1")
RETRACE_HOST_X87(fscale, "fscale")
RETRACE_HOST_X87(fxtract, "fxtract")
RETRACE_HOST_X87(fsts, "fsts (%%rdi)")
RETRACE_HOST_X87(fstl, "fstl (%%rdi)")
RETRACE_HOST_X87(fists, "fists (%%rdi)")
RETRACE_HOST_X87(fistl, "fistl (%%rdi)")
RETRACE_HOST_X87(fistpll, "fistpll (%%rdi)")
RETRACE_HOST_X87(fisttpll, "fisttpll (%%rdi)")
RETRACE_HOST_X87(fbstp, "fbstp (%%rdi)")
RETRACE_HOST_X87(flds, "flds (%%rdi)")
RETRACE_HOST_X87(fldl, "fldl (%%rdi)")
RETRACE_HOST_X87(fbld, "fbld (%%rdi)")
RETRACE_HOST_X87(fildll, "fildll (%%rdi)")
RETRACE_HOST_X87(fadds, "fadds (%%rdi)")
RETRACE_HOST_X87(fmull, "fmull (%%rdi)")
RETRACE_HOST_X87(fdivs, "fdivs (%%rdi)")
RETRACE_HOST_X87(fcoml, "fcoml (%%rdi)")
RETRACE_HOST_X87(f2xm1, "f2xm1")
RETRACE_HOST_X87(fyl2x, "fyl2x")
RETRACE_HOST_X87(fyl2xp1, "fyl2xp1")
RETRACE_HOST_X87(fpatan, "fpatan")
RETRACE_HOST_X87(fsin, "fsin")
RETRACE_HOST_X87(fcos, "fcos")
RETRACE_HOST_X87(fsincos, "fsincos")
RETRACE_HOST_X87(fptan, "fptan")

#undef RETRACE_HOST_X87

}  // namespace retrace::fp::host

#endif
