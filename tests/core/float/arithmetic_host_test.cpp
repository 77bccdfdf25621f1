// core/float's Float80 beside the host's x87 unit: random operands, all roundings, precisions and masks.
#include <catch2/catch.hpp>

#include <functional>
#include <sstream>

#include "core/float/arithmetic.hpp"
#include "core/float/convert.hpp"
#include "core/float/scaling.hpp"
#include "tests/core/float/host_x87.hpp"
#include "tests/core/float/operands.hpp"

#if defined(__x86_64__)

namespace retrace::fp {
namespace {

constexpr int cases = 100'000;

std::string text(Float80 value) {
    std::ostringstream out;
    out << std::hex << value.sign_exponent << ':' << value.significand;
    return out.str();
}

// One case: what we found and what the host did, in words, and empty if they agree.
using Trial = std::function<std::string(Roller&)>;

void try_often(u64 seed, const Trial& trial, int times = cases) {
    Roller roller{seed};
    int wrong = 0;
    for (int i = 0; i < times; ++i) {
        const std::string difference = trial(roller);
        if (difference.empty()) continue;
        if (++wrong <= 12) UNSCOPED_INFO("case " << i << ": " << difference);
    }
    CHECK_FALSE(host::too_many(wrong, times));
}

struct Seen {
    Float80 value;
    u8 raised;
    bool c1;
};

std::string difference(const std::string& what, const Context& context, const Seen& ours, const Seen& host) {
    if (ours.value == host.value && ours.raised == host.raised && ours.c1 == host.c1) return {};
    std::ostringstream out;
    out << what << std::hex << " control " << control_word(context) << " ours " << text(ours.value) << " flags "
        << int{ours.raised} << " c1 " << ours.c1 << " host " << text(host.value) << " flags " << int{host.raised}
        << " c1 " << host.c1;
    return out.str();
}

using Binary = Float80 (*)(Float80, Float80, Context&);
using HostBinary = host::Result (*)(Float80, Float80, u16, std::array<u8, 16>);

void compare_with_host(u64 seed, Binary ours, HostBinary theirs) {
    try_often(seed, [&](Roller& roller) {
        const Float80 a = roller.float80();
        const Float80 b = roller.near(a);
        Context context = roller.context();
        const host::Result host = theirs(a, b, control_word(context), {});
        const Float80 result = ours(a, b, context);
        return difference(text(a) + " " + text(b), context,
                          {context.stopped() ? a : result, context.raised, context.rounded_up},
                          {host.st(0), host.raised(), host.c1()});
    });
}

TEST_CASE("adding is what the host's x87 does") { compare_with_host(1, &add, &host::fadd); }
TEST_CASE("subtracting is what the host's x87 does") { compare_with_host(2, &subtract, &host::fsub); }
TEST_CASE("multiplying is what the host's x87 does") { compare_with_host(3, &multiply, &host::fmul); }
TEST_CASE("dividing is what the host's x87 does") { compare_with_host(4, &divide, &host::fdiv); }
TEST_CASE("scaling is what the host's x87 does") { compare_with_host(5, &scale, &host::fscale); }
TEST_CASE("square roots are what the host's x87 finds") {
    compare_with_host(6, [](Float80 a, Float80, Context& context) { return square_root(a, context); }, &host::fsqrt);
}
TEST_CASE("rounding to integral values is what the host's x87 does") {
    compare_with_host(7, [](Float80 a, Float80, Context& context) { return round_to_integral(a, context); },
                      &host::frndint);
}

void compare_remainders(u64 seed, Quotient kind, HostBinary theirs) {
    try_often(seed, [&](Roller& roller) {
        const Float80 a = roller.float80();
        const Float80 b = roller.near(a);
        Context context = roller.context();
        const host::Result host = theirs(a, b, control_word(context), {});
        const Remainder ours = remainder(a, b, kind, context);
        const u32 bits = (host.c1() ? 1u : 0u) | (host.c3() ? 2u : 0u) | (host.c0() ? 4u : 0u);
        std::string found = difference(text(a) + " " + text(b), context,
                                       {context.stopped() ? a : ours.value, context.raised, false},
                                       {host.st(0), host.raised(), false});
        if (found.empty() && !context.stopped() && (ours.quotient != bits || ours.partial != host.c2()))
            found = text(a) + " " + text(b) + " quotient " + std::to_string(ours.quotient) + " host " +
                    std::to_string(bits) + " partial " + std::to_string(ours.partial);
        return found;
    });
}

TEST_CASE("FPREM is what the host's is") { compare_remainders(8, Quotient::Truncated, &host::fprem); }
TEST_CASE("FPREM1 is what the host's is") { compare_remainders(9, Quotient::Nearest, &host::fprem1); }

TEST_CASE("FXTRACT is what the host's is") {
    try_often(10, [&](Roller& roller) {
        const Float80 a = roller.float80();
        Context context = roller.context();
        const host::Result host = host::fxtract(a, a, control_word(context));
        const Extracted ours = extract(a, context);
        if (context.stopped())
            return difference(text(a), context, {a, context.raised, false}, {host.st(0), host.raised(), host.c1()});
        std::string found = difference(text(a), context, {ours.significand, context.raised, false},
                                       {host.st(0), host.raised(), host.c1()});
        if (found.empty() && ours.exponent != host.st(1)) found = text(ours.exponent) + " host " + text(host.st(1));
        return found;
    });
}

void compare_comparisons(u64 seed, Comparison kind, HostBinary theirs) {
    try_often(seed, [&](Roller& roller) {
        const Float80 a = roller.float80();
        const Float80 b = roller.near(a);
        Context context = roller.context();
        const host::Result host = theirs(a, b, control_word(context), {});
        const Relation ours = compare(a, b, kind, context);
        const Relation host_relation = host.c2()   ? Relation::Unordered
                                       : host.c3() ? Relation::Equal
                                       : host.c0() ? Relation::Less
                                                   : Relation::Greater;
        std::ostringstream out;
        if (context.raised != host.raised() || ours != host_relation)
            out << text(a) << " " << text(b) << " ours " << int(ours) << " flags " << int{context.raised} << " host "
                << int(host_relation) << " flags " << int{host.raised()} << " control " << control_word(context);
        return out.str();
    });
}

TEST_CASE("FCOM is what the host's is") { compare_comparisons(11, Comparison::Ordered, &host::fcom); }
TEST_CASE("FUCOM is what the host's is") { compare_comparisons(12, Comparison::Unordered, &host::fucom); }

// Stores: the bytes in memory and the flags. `ours` says whether anything is stored.
using Store = std::function<bool(Float80, Context&, std::array<u8, 16>&)>;
void compare_stores(u64 seed, const Store& ours, HostBinary theirs) {
    try_often(seed, [&](Roller& roller) {
        const Float80 a = roller.float80();
        Context context = roller.context();
        std::array<u8, 16> memory;
        memory.fill(0x5a);
        const host::Result host = theirs(a, a, control_word(context), memory);
        std::array<u8, 16> mine = memory;
        if (!ours(a, context, mine)) mine = memory;
        std::ostringstream out;
        if (mine != host.memory || context.raised != host.raised() || context.rounded_up != host.c1()) {
            out << text(a) << std::hex << " control " << control_word(context) << " ours ";
            for (int i = 9; i >= 0; --i) out << int{mine[static_cast<std::size_t>(i)]} << ' ';
            out << "flags " << int{context.raised} << " c1 " << context.rounded_up << " host ";
            for (int i = 9; i >= 0; --i) out << int{host.memory[static_cast<std::size_t>(i)]} << ' ';
            out << "flags " << int{host.raised()} << " c1 " << host.c1();
        }
        return out.str();
    });
}

template <class T>
void put(std::array<u8, 16>& memory, T value, std::size_t size = sizeof(T)) {
    std::memcpy(memory.data(), &value, size);
}

TEST_CASE("storing shorter formats is what the host's x87 does") {
    compare_stores(13, [](Float80 a, Context& c, auto& memory) {
        put(memory, store32(a, c));
        return !store_stopped(c);
    }, &host::fsts);
    compare_stores(14, [](Float80 a, Context& c, auto& memory) {
        put(memory, store64(a, c));
        return !store_stopped(c);
    }, &host::fstl);
}

TEST_CASE("storing integers is what the host's x87 does") {
    for (const auto& [width, theirs] : {std::pair<u32, HostBinary>{16, &host::fists}, {32, &host::fistl}, {64, &host::fistpll}})
        compare_stores(15 + width, [width = width](Float80 a, Context& c, auto& memory) {
            put(memory, to_integer(a, width, c.rounding, c), width / 8);
            return !store_stopped(c);
        }, theirs);
    compare_stores(18, [](Float80 a, Context& c, auto& memory) {
        put(memory, to_integer(a, 64, Rounding::Zero, c));
        return !store_stopped(c);
    }, &host::fisttpll);
}

TEST_CASE("storing packed decimals is what the host's x87 does") {
    compare_stores(19, [](Float80 a, Context& c, auto& memory) {
        put(memory, to_decimal(a, c), 10);
        return !store_stopped(c);
    }, &host::fbstp);
}

TEST_CASE("loading shorter formats is what the host's x87 does") {
    try_often(20, [](Roller& roller) {
        const Float32 value = roller.float32();
        Context context = roller.context();
        std::array<u8, 16> memory{};
        put(memory, value);
        const host::Result host = host::flds(one80, one80, control_word(context), memory);
        const Float80 ours = load(value, context);
        return difference("load32 " + std::to_string(value.bits), context,
                          {(context.unmasked() & invalid) != 0 ? one80 : ours, context.raised, false}, {host.st(0), host.raised(), host.c1()});
    });
    try_often(21, [](Roller& roller) {
        const Float64 value = roller.float64();
        Context context = roller.context();
        std::array<u8, 16> memory{};
        put(memory, value);
        const host::Result host = host::fldl(one80, one80, control_word(context), memory);
        const Float80 ours = load(value, context);
        return difference("load64 " + std::to_string(value.bits), context,
                          {(context.unmasked() & invalid) != 0 ? one80 : ours, context.raised, false}, {host.st(0), host.raised(), host.c1()});
    });
}

TEST_CASE("loading integers and packed decimals is what the host's x87 does") {
    try_often(22, [](Roller& roller) {
        std::array<u8, 16> memory{};
        Context context = roller.context();
        const u64 whole = roller.word() >> roller.below(64);
        put(memory, whole);
        return difference("integer " + std::to_string(whole), context, {float80_from(static_cast<i64>(whole)), 0, false},
                          {host::fildll(one80, one80, control_word(context), memory).st(0), 0, false});
    });
    try_often(23, [](Roller& roller) {
        std::array<u8, 16> memory{};
        Decimal decimal{};
        const u32 length = roller.below(10);
        for (std::size_t i = 0; i < length; ++i) decimal[i] = static_cast<u8>(roller.below(10) * 16 + roller.below(10));
        decimal[9] = static_cast<u8>(roller.word());
        put(memory, decimal, 10);
        return difference("decimal", Context{}, {from_decimal(decimal), 0, false},
                          {host::fbld(one80, one80, 0x37f, memory).st(0), 0, false});
    });
}

// Short memory operands: their denormals and signalling NaNs count, though widened.
template <class F, class Roll>
void compare_memory_forms(u64 seed, Roll roll, Binary ours, HostBinary theirs) {
    try_often(seed, [&](Roller& roller) {
        const Float80 a = roller.float80();
        const F b = roll(roller);
        Context context = roller.context();
        std::array<u8, 16> memory{};
        put(memory, b);
        const host::Result host = theirs(a, a, control_word(context), memory);
        const Widened wide = widen(b);
        const Float80 result = ours(a, wide.value, context);
        if (wide.denormal) note_denormal_source(result, context);
        return difference(text(a) + " memory " + text(wide.value), context,
                          {context.stopped() ? a : result, context.raised, context.rounded_up},
                          {host.st(0), host.raised(), host.c1()});
    });
}

TEST_CASE("arithmetic with short memory operands is what the host's x87 does") {
    compare_memory_forms<Float32>(24, [](Roller& r) { return r.float32(); }, &add, &host::fadds);
    compare_memory_forms<Float64>(25, [](Roller& r) { return r.float64(); }, &multiply, &host::fmull);
    compare_memory_forms<Float32>(26, [](Roller& r) { return r.float32(); }, &divide, &host::fdivs);
}

}  // namespace
}  // namespace retrace::fp

#endif
