// core/float's Float64 and Float32 beside the host's SSE unit: random operands, all roundings, DAZ and FTZ.
#include <catch2/catch.hpp>

#include <sstream>

#include "core/float/arithmetic.hpp"
#include "core/float/convert.hpp"
#include "tests/core/float/host_x87.hpp"
#include "tests/core/float/operands.hpp"

#if defined(__x86_64__)

namespace retrace::fp {
namespace {

constexpr int cases = 100'000;
constexpr u32 quiet_mxcsr = 0x1f80;

// `destination` = destination op source, with the flags it raised.
#define RETRACE_HOST_SSE(name, instruction)                                                          \
    u64 name(u64 destination, u64 source, u32 control, u8& raised) {                                 \
        u32 after = 0;                                                                               \
        asm volatile("movq %3, %%xmm0\n movq %4, %%xmm1\n ldmxcsr %2\n " instruction                 \
                     "\n stmxcsr %1\n ldmxcsr %5\n movq %%xmm0, %0"                                  \
                     : "=r"(destination), "=m"(after)                                                \
                     : "m"(control), "0"(destination), "r"(source), "m"(quiet_mxcsr)                 \
                     : "rax", "xmm0", "xmm1", "cc");                                                   \
        raised = static_cast<u8>(after & 0x3f);                                                      \
        return destination;                                                                          \
    }

RETRACE_HOST_SSE(addsd, "addsd %%xmm1, %%xmm0")
RETRACE_HOST_SSE(subsd, "subsd %%xmm1, %%xmm0")
RETRACE_HOST_SSE(mulsd, "mulsd %%xmm1, %%xmm0")
RETRACE_HOST_SSE(divsd, "divsd %%xmm1, %%xmm0")
RETRACE_HOST_SSE(sqrtsd, "sqrtsd %%xmm0, %%xmm0")
RETRACE_HOST_SSE(addss, "addss %%xmm1, %%xmm0")
RETRACE_HOST_SSE(subss, "subss %%xmm1, %%xmm0")
RETRACE_HOST_SSE(mulss, "mulss %%xmm1, %%xmm0")
RETRACE_HOST_SSE(divss, "divss %%xmm1, %%xmm0")
RETRACE_HOST_SSE(sqrtss, "sqrtss %%xmm0, %%xmm0")
RETRACE_HOST_SSE(cvtss2sd, "cvtss2sd %%xmm0, %%xmm0")
RETRACE_HOST_SSE(cvtsd2ss, "cvtsd2ss %%xmm0, %%xmm0")
RETRACE_HOST_SSE(cvtsd2si, "cvtsd2si %%xmm0, %%eax\n movd %%eax, %%xmm0")
RETRACE_HOST_SSE(cvttsd2si, "cvttsd2si %%xmm0, %%eax\n movd %%eax, %%xmm0")
RETRACE_HOST_SSE(cvtss2si, "cvtss2si %%xmm0, %%rax\n movq %%rax, %%xmm0")
RETRACE_HOST_SSE(cvtsi2sd, "movq %%xmm0, %%rax\n cvtsi2sd %%rax, %%xmm0")
RETRACE_HOST_SSE(cvtsi2ss, "movq %%xmm0, %%rax\n cvtsi2ss %%rax, %%xmm0")
RETRACE_HOST_SSE(comisd, "comisd %%xmm1, %%xmm0\n lahf\n movzbl %%ah, %%eax\n movd %%eax, %%xmm0")
RETRACE_HOST_SSE(ucomiss, "ucomiss %%xmm1, %%xmm0\n lahf\n movzbl %%ah, %%eax\n movd %%eax, %%xmm0")
RETRACE_HOST_SSE(roundsd, "roundsd $4, %%xmm0, %%xmm0")
RETRACE_HOST_SSE(roundss, "roundss $4, %%xmm0, %%xmm0")
RETRACE_HOST_SSE(roundsd_quiet, "roundsd $12, %%xmm0, %%xmm0")

using Host = u64 (*)(u64, u64, u32, u8&);

Context sse_context(Roller& roller) {
    Context context;
    context.rounding = static_cast<Rounding>(roller.below(4));
    context.denormals_are_zero = roller.below(4) == 0;
    context.flush_to_zero = roller.below(4) == 0;
    return context;
}

Float64 roll(Roller& roller, Float64) { return roller.float64(); }
Float32 roll(Roller& roller, Float32) { return roller.float32(); }

// `ours` returns the low bits of the destination; `mask` says which of them count.
template <class F, class Ours>
void compare_with_host(u64 seed, u64 mask, const Ours& ours, Host theirs) {
    Roller roller{seed};
    int wrong = 0;
    for (int i = 0; i < cases; ++i) {
        const F a = roll(roller, F{});
        const F b = roller.below(4) == 0 ? a : roll(roller, F{});
        Context context = sse_context(roller);
        u8 raised = 0;
        const u64 host = theirs(a.bits, b.bits, mxcsr(context), raised) & mask;
        const u64 result = static_cast<u64>(ours(a, b, context)) & mask;
        if (host == result && raised == context.raised) continue;
        if (++wrong > 12) continue;
        UNSCOPED_INFO(std::hex << a.bits << " " << b.bits << " mxcsr " << mxcsr(context) << " ours " << result << " flags "
                               << int{context.raised} << " host " << host << " flags " << int{raised});
    }
    CHECK_FALSE(host::too_many(wrong, cases));
}

constexpr u64 low = 0xffff'ffff;
constexpr u64 all = ~u64{0};

u64 flags_of(Relation relation) {
    switch (relation) {
        case Relation::Less: return 1;
        case Relation::Equal: return 0x40;
        case Relation::Greater: return 0;
        case Relation::Unordered: break;
    }
    return 0x45;
}

TEST_CASE("double arithmetic is what the host's SSE2 does") {
    compare_with_host<Float64>(1, all, [](Float64 a, Float64 b, Context& c) { return add(a, b, c).bits; }, &addsd);
    compare_with_host<Float64>(2, all, [](Float64 a, Float64 b, Context& c) { return subtract(a, b, c).bits; }, &subsd);
    compare_with_host<Float64>(3, all, [](Float64 a, Float64 b, Context& c) { return multiply(a, b, c).bits; }, &mulsd);
    compare_with_host<Float64>(4, all, [](Float64 a, Float64 b, Context& c) { return divide(a, b, c).bits; }, &divsd);
    compare_with_host<Float64>(5, all, [](Float64 a, Float64, Context& c) { return square_root(a, c).bits; }, &sqrtsd);
}

TEST_CASE("single arithmetic is what the host's SSE does") {
    compare_with_host<Float32>(6, low, [](Float32 a, Float32 b, Context& c) { return add(a, b, c).bits; }, &addss);
    compare_with_host<Float32>(7, low, [](Float32 a, Float32 b, Context& c) { return subtract(a, b, c).bits; }, &subss);
    compare_with_host<Float32>(8, low, [](Float32 a, Float32 b, Context& c) { return multiply(a, b, c).bits; }, &mulss);
    compare_with_host<Float32>(9, low, [](Float32 a, Float32 b, Context& c) { return divide(a, b, c).bits; }, &divss);
    compare_with_host<Float32>(10, low, [](Float32 a, Float32, Context& c) { return square_root(a, c).bits; }, &sqrtss);
}

TEST_CASE("conversions are what the host's SSE2 does") {
    compare_with_host<Float32>(11, all, [](Float32 a, Float32, Context& c) { return to_float64(a, c).bits; }, &cvtss2sd);
    compare_with_host<Float64>(12, low, [](Float64 a, Float64, Context& c) { return to_float32(a, c).bits; }, &cvtsd2ss);
    compare_with_host<Float64>(13, low, [](Float64 a, Float64, Context& c) { return to_integer(a, 32, c.rounding, c); },
                               &cvtsd2si);
    compare_with_host<Float64>(14, low, [](Float64 a, Float64, Context& c) { return to_integer(a, 32, Rounding::Zero, c); },
                               &cvttsd2si);
    compare_with_host<Float32>(15, all, [](Float32 a, Float32, Context& c) { return to_integer(a, 64, c.rounding, c); },
                               &cvtss2si);
    compare_with_host<Float64>(
        16, all, [](Float64 a, Float64, Context& c) { return float64_from(static_cast<i64>(a.bits), c).bits; }, &cvtsi2sd);
    compare_with_host<Float64>(
        17, low, [](Float64 a, Float64, Context& c) { return float32_from(static_cast<i64>(a.bits), c).bits; }, &cvtsi2ss);
}

TEST_CASE("comparing and rounding is what the host's SSE does") {
    compare_with_host<Float64>(18, 0x45, [](Float64 a, Float64 b, Context& c) {
        return flags_of(compare(a, b, Comparison::Ordered, c));
    }, &comisd);
    compare_with_host<Float32>(19, 0x45, [](Float32 a, Float32 b, Context& c) {
        return flags_of(compare(a, b, Comparison::Unordered, c));
    }, &ucomiss);
    if (!__builtin_cpu_supports("sse4.1")) {
        WARN("skipped ROUNDSD and ROUNDSS: this host has no SSE4.1");
        return;
    }
    compare_with_host<Float64>(20, all, [](Float64 a, Float64, Context& c) { return round_to_integral(a, c, false).bits; },
                               &roundsd);
    compare_with_host<Float32>(21, low, [](Float32 a, Float32, Context& c) { return round_to_integral(a, c, false).bits; },
                               &roundss);
    compare_with_host<Float64>(22, all, [](Float64 a, Float64, Context& c) { return round_to_integral(a, c, true).bits; },
                               &roundsd_quiet);
}

}  // namespace
}  // namespace retrace::fp

#endif
