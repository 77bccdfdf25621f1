#include "core/float/arithmetic.hpp"
#include "core/float/convert.hpp"
#include "core/semantics/simd.hpp"
#include "core/semantics/simd_operand.hpp"

namespace retrace::simd {
namespace {

using fp::Context;
using fp::Float32;
using fp::Float64;

// One instruction's exceptions. What is found before anything is computed (invalid, denormal, division by zero), if it is not
// masked, keeps back what would be found after (SDM volume 1, 11.5.2); any that is not masked keeps the destination.
class Exceptions {
public:
    explicit Exceptions(const Cpu& cpu) : mxcsr_{cpu.state.sse.mxcsr} {
        context_.rounding = static_cast<fp::Rounding>(mxcsr_ >> 13 & 3);
        context_.masked = static_cast<u8>(mxcsr_ >> 7 & fp::all_exceptions);
        context_.denormals_are_zero = (mxcsr_ & 0x40) != 0;
        context_.flush_to_zero = (mxcsr_ & 0x8000) != 0;
    }

    Context& context() { return context_; }

    // After the last lane. False: #XM (or #UD) is recorded.
    [[nodiscard]] bool conclude(Cpu& cpu) const {
        u8 raised = context_.raised;
        if (context_.stopped()) raised &= fp::invalid | fp::denormal | fp::zero_divide;
        cpu.state.sse.mxcsr |= raised;
        if ((raised & ~context_.masked) == 0) [[likely]] return true;
        return cpu.raise((cpu.state.cr4 & cr4::OSXMMEXCPT) != 0 ? vector::XM : vector::UD);
    }

private:
    u32 mxcsr_;
    Context context_;
};

template <class F>
using Bits = decltype(F::bits);

// ---- two operands: all lanes, or the lowest

template <class F, auto f>
void packed(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    const auto y = lanes<F>(from);
    Exceptions exceptions{cpu};
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = f(x[k], y[k], exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

template <class F, auto f>
void scalar(Cpu& cpu, const Instruction& i) {
    F from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = f(x[0], from, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

constexpr auto sum = [](auto a, auto b, Context& context) { return add(a, b, context); };
constexpr auto difference = [](auto a, auto b, Context& context) { return subtract(a, b, context); };
constexpr auto product = [](auto a, auto b, Context& context) { return multiply(a, b, context); };
constexpr auto quotient = [](auto a, auto b, Context& context) { return divide(a, b, context); };
constexpr auto root = [](auto, auto b, Context& context) { return square_root(b, context); };

// A denormal that counts as zero is one.
template <class F>
F as_counted(F value, const Context& context) {
    constexpr Bits<F> sign = Bits<F>{1} << (8 * sizeof(F) - 1);
    return context.denormals_are_zero && fp::is_denormal(value) ? F{static_cast<Bits<F>>(value.bits & sign)} : value;
}

// The second operand unless the first is really smaller (larger): so for two zeros and with any NaN.
template <fp::Relation wanted>
constexpr auto extreme = [](auto a, auto b, Context& context) {
    return as_counted(compare(a, b, fp::Comparison::Ordered, context) == wanted ? a : b, context);
};
constexpr auto smaller_of = extreme<fp::Relation::Less>;
constexpr auto larger_of = extreme<fp::Relation::Greater>;

// CMPPS and its kin: all ones where the predicate holds.
template <class F>
F compared(F a, F b, u32 predicate, Context& context) {
    const bool ordered = (predicate & 3) == 1 || (predicate & 3) == 2;  // LT, LE and their negations refuse quiet NaNs
    const fp::Relation relation = compare(a, b, ordered ? fp::Comparison::Ordered : fp::Comparison::Unordered, context);
    bool holds = false;
    switch (predicate & 3) {
        case 0: holds = relation == fp::Relation::Equal; break;
        case 1: holds = relation == fp::Relation::Less; break;
        case 2: holds = relation == fp::Relation::Less || relation == fp::Relation::Equal; break;
        default: holds = relation == fp::Relation::Unordered; break;
    }
    return {holds != ((predicate & 4) != 0) ? static_cast<Bits<F>>(~Bits<F>{0}) : Bits<F>{0}};
}

template <class F>
void compare_packed(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    const auto y = lanes<F>(from);
    Exceptions exceptions{cpu};
    for (std::size_t k = 0; k < x.size(); ++k) x[k] = compared(x[k], y[k], i.immediate, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

template <class F>
void compare_scalar(Cpu& cpu, const Instruction& i) {
    F from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = compared(x[0], from, i.immediate, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

// COMISS and its kin.
template <class F, fp::Comparison kind>
void compare_to_flags(Cpu& cpu, const Instruction& i) {
    F from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    Exceptions exceptions{cpu};
    const fp::Relation relation = compare(lanes<F>(get<16>(cpu, i.reg))[0], from, kind, exceptions.context());
    if (!exceptions.conclude(cpu)) return;
    switch (relation) {
        case fp::Relation::Less: cpu.flags.load(flag::CF); break;
        case fp::Relation::Equal: cpu.flags.load(flag::ZF); break;
        case fp::Relation::Greater: cpu.flags.load(0); break;
        case fp::Relation::Unordered: cpu.flags.load(flag::ZF | flag::PF | flag::CF); break;
    }
}

// ---- neighbours and alternation (SSE3), products summed (SSE4.1)

template <class F>
void add_and_subtract(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    const auto y = lanes<F>(from);
    Exceptions exceptions{cpu};
    for (std::size_t k = 0; k < x.size(); ++k)
        x[k] = (k & 1) != 0 ? add(x[k], y[k], exceptions.context()) : subtract(x[k], y[k], exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

template <class F, auto f>
void horizontal(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    const auto x = lanes<F>(get<16>(cpu, i.reg));
    const auto y = lanes<F>(from);
    auto result = x;
    Exceptions exceptions{cpu};
    const std::size_t half = x.size() / 2;
    for (std::size_t k = 0; k < half; ++k) {
        result[k] = f(x[2 * k], x[2 * k + 1], exceptions.context());
        result[half + k] = f(y[2 * k], y[2 * k + 1], exceptions.context());
    }
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(result));
}

// DPPS, DPPD: the products, their sums, the sum of those; each step may fault on its own (SDM volume 2, DPPS). Every lane
// adds the same numbers in its own order, which tells NaNs apart (so the host chips).
template <class F>
void dot_product(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    const auto y = lanes<F>(from);
    Exceptions multiplying{cpu};
    for (std::size_t k = 0; k < x.size(); ++k)
        x[k] = (i.immediate >> (4 + k) & 1) != 0 ? multiply(x[k], y[k], multiplying.context()) : F{};
    if (!multiplying.conclude(cpu)) return;
    const auto products = x;
    constexpr bool four = sizeof(F) == 4;
    Exceptions adding{cpu};
    for (std::size_t k = 0; k < x.size(); ++k)
        x[k] = four ? add(products[k ^ 1], products[k], adding.context()) : add(products[k], products[k ^ 1], adding.context());
    if (!adding.conclude(cpu)) return;
    if (four) {
        const auto sums = x;
        Exceptions again{cpu};
        for (std::size_t k = 0; k < x.size(); ++k) x[k] = add(sums[k], sums[k ^ (x.size() / 2)], again.context());
        if (!again.conclude(cpu)) return;
    }
    for (std::size_t k = 0; k < x.size(); ++k)
        if ((i.immediate >> k & 1) == 0) x[k] = F{};
    set(cpu, i.reg, vector_of(x));
}

// ---- rounding (SSE4.1): immediate bits 0-1 the mode, 2 that of MXCSR instead, 3 keeps inexact down

template <class F>
F rounded(F value, u32 immediate, Context& context) {
    const fp::Rounding own = context.rounding;
    if ((immediate & 4) == 0) context.rounding = static_cast<fp::Rounding>(immediate & 3);
    const F result = round_to_integral(value, context, (immediate & 8) != 0);
    context.rounding = own;
    return result;
}

template <class F>
void round_packed(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    auto y = lanes<F>(from);
    Exceptions exceptions{cpu};
    for (F& value : y) value = rounded(value, i.immediate, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(y));
}

template <class F>
void round_scalar(Cpu& cpu, const Instruction& i) {
    F from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = rounded(from, i.immediate, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

// ---- approximations. Chips differ; ours are the exact values rounded to 12 bits, well within the error of 1.5 * 2^-12 that the
// manual allows. They raise nothing; denormals count as zeros, and results that would be denormal become zero.

// Of `quotient`, which has `top` + 1 bits, the upper 12.
Float32 approximated(bool sign, i32 exponent, u64 quotient, u32 top) {
    const u32 dropped = top - 11;
    quotient = (quotient + (u64{1} << (dropped - 1))) >> dropped;
    if (quotient >> 12 != 0) {
        quotient >>= 1;
        ++exponent;
    }
    if (exponent <= 0) return {u32{sign} << 31};
    return {u32{sign} << 31 | static_cast<u32>(exponent) << 23 | (static_cast<u32>(quotient) & 0x7ff) << 12};
}

struct Parts {
    bool sign;
    i32 exponent;
    u32 significand;  // with its integer bit
};
Parts parts_of(Float32 value) {
    return {(value.bits >> 31) != 0, static_cast<i32>(value.bits >> 23 & 0xff), (value.bits & 0x7fffff) | 0x800000};
}
bool is_nan(Float32 value) { return (value.bits & 0x7fffffff) > 0x7f800000; }

constexpr auto reciprocal = [](Float32, Float32 b, Context&) -> Float32 {
    const Parts parts = parts_of(b);
    if (is_nan(b)) return {b.bits | 0x400000};
    if (parts.exponent == 0) return {u32{parts.sign} << 31 | 0x7f800000};
    if (parts.exponent == 0xff) return {u32{parts.sign} << 31};
    // 1 / 1.f lies in (1/2, 1].
    const u64 quotient = (u64{1} << 55) / parts.significand;  // 32 bits, 33 for a power of two
    if (quotient >> 32 != 0) return approximated(parts.sign, 254 - parts.exponent, quotient, 32);
    return approximated(parts.sign, 253 - parts.exponent, quotient, 31);
};

constexpr auto reciprocal_root = [](Float32, Float32 b, Context&) -> Float32 {
    const Parts parts = parts_of(b);
    if (is_nan(b)) return {b.bits | 0x400000};
    if (parts.exponent == 0) return {u32{parts.sign} << 31 | 0x7f800000};
    if (parts.sign) return fp::indefinite<Float32>;
    if (parts.exponent == 0xff) return {0};
    // value = s * 2^(2 half), s in [1, 4) as significand / 2^23: 1 / root(s) lies in (1/2, 1].
    const i32 power = parts.exponent - 127;
    const u64 s = u64{parts.significand} << (power & 1);
    const i32 half = (power - (power & 1)) / 2;
    // The largest r with r^2 s <= 2^(2*20 + 23), found bit by bit.
    u64 r = 0;
    for (u64 step = u64{1} << 20; step != 0; step >>= 1)
        if (u128{r + step} * (r + step) * s <= u128{1} << 63) r += step;
    if (r >> 20 != 0) return approximated(false, 127 - half, r, 20);
    return approximated(false, 126 - half, r, 19);
};

// ---- conversions

Float32 single_from(i32 value, Context& context) { return fp::float32_from(value, context); }
Float64 double_from(i32 value, Context& context) { return fp::float64_from(value, context); }

template <class F, bool truncates>
u32 integer_from(F value, Context& context) {
    return static_cast<u32>(to_integer(value, 32, truncates ? fp::Rounding::Zero : context.rounding, context));
}

// A scalar from a general register or memory.
template <class F, auto f>
void from_general(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu)) return;
    u32 value = cpu.state.gpr[i.rm];
    if (i.has(Instruction::memory) && !cpu.read(i.segment, cpu.offset_of(i), value)) return;
    auto x = lanes<F>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = f(static_cast<i32>(value), exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

template <class F, bool truncates>
void to_general(Cpu& cpu, const Instruction& i) {
    F from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    Exceptions exceptions{cpu};
    const u32 value = integer_from<F, truncates>(from, exceptions.context());
    if (exceptions.conclude(cpu)) cpu.state.gpr[i.reg] = value;
}

// CVTPI2PS and CVTPI2PD: an operand in memory leaves the x87 alone, whatever the manual says of the first (so the host chips).
template <class F, auto f>
void from_mmx(Cpu& cpu, const Instruction& i) {
    const bool touches = !i.has(Instruction::memory);
    if (!sse_ready(cpu) || (touches && !mmx_ready(cpu))) return;
    Vector8 from;
    if (!source(cpu, i, from)) return;
    if (touches) enter_mmx(cpu);
    const auto y = lanes<i32>(from);
    auto x = lanes<F>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = f(y[0], exceptions.context());
    x[1] = f(y[1], exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

template <class F, bool truncates>
void to_mmx(Cpu& cpu, const Instruction& i) {
    if (!sse_ready(cpu) || !mmx_ready(cpu)) return;
    std::array<F, 2> from;
    if constexpr (sizeof(F) == 4) {
        u64 both = 0;
        if (!scalar_source(cpu, i, both)) return;
        from = std::bit_cast<std::array<F, 2>>(both);
    } else {
        Vector16 whole;
        if (!source(cpu, i, whole)) return;
        from = lanes<F>(whole);
    }
    enter_mmx(cpu);
    Exceptions exceptions{cpu};
    const std::array<u32, 2> result{integer_from<F, truncates>(from[0], exceptions.context()),
                                    integer_from<F, truncates>(from[1], exceptions.context())};
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(result));
}

void singles_to_doubles(Cpu& cpu, const Instruction& i) {
    u64 both = 0;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, both)) return;
    const auto y = std::bit_cast<std::array<Float32, 2>>(both);
    Exceptions exceptions{cpu};
    const std::array<Float64, 2> result{to_float64(y[0], exceptions.context()), to_float64(y[1], exceptions.context())};
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(result));
}

void doubles_to_singles(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    const auto y = lanes<Float64>(from);
    Exceptions exceptions{cpu};
    const std::array<Float32, 4> result{to_float32(y[0], exceptions.context()), to_float32(y[1], exceptions.context()), {}, {}};
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(result));
}

void single_to_double(Cpu& cpu, const Instruction& i) {
    Float32 from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    auto x = lanes<Float64>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = to_float64(from, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

void double_to_single(Cpu& cpu, const Instruction& i) {
    Float64 from;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, from.bits)) return;
    auto x = lanes<Float32>(get<16>(cpu, i.reg));
    Exceptions exceptions{cpu};
    x[0] = to_float32(from, exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(x));
}

void integers_to_singles(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    const auto y = lanes<i32>(from);
    std::array<Float32, 4> result;
    Exceptions exceptions{cpu};
    for (std::size_t k = 0; k < 4; ++k) result[k] = single_from(y[k], exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(result));
}

void integers_to_doubles(Cpu& cpu, const Instruction& i) {
    u64 both = 0;
    if (!sse_ready(cpu) || !scalar_source(cpu, i, both)) return;
    const auto y = std::bit_cast<std::array<i32, 2>>(both);
    Context context;  // always exact
    set(cpu, i.reg, vector_of(std::array{double_from(y[0], context), double_from(y[1], context)}));
}

template <class F, bool truncates>
void to_integers(Cpu& cpu, const Instruction& i) {
    Vector16 from;
    if (!sse_ready(cpu) || !source(cpu, i, from)) return;
    const auto y = lanes<F>(from);
    std::array<u32, 4> result{};
    Exceptions exceptions{cpu};
    for (std::size_t k = 0; k < y.size(); ++k) result[k] = integer_from<F, truncates>(y[k], exceptions.context());
    if (exceptions.conclude(cpu)) set(cpu, i.reg, vector_of(result));
}

}  // namespace

Executor float_executor(const Row& row) {
    switch (row.op) {
        case Op::Addps: return packed<Float32, sum>;
        case Op::Addpd: return packed<Float64, sum>;
        case Op::Addss: return scalar<Float32, sum>;
        case Op::Addsd: return scalar<Float64, sum>;
        case Op::Subps: return packed<Float32, difference>;
        case Op::Subpd: return packed<Float64, difference>;
        case Op::Subss: return scalar<Float32, difference>;
        case Op::Subsd: return scalar<Float64, difference>;
        case Op::Mulps: return packed<Float32, product>;
        case Op::Mulpd: return packed<Float64, product>;
        case Op::Mulss: return scalar<Float32, product>;
        case Op::Mulsd: return scalar<Float64, product>;
        case Op::Divps: return packed<Float32, quotient>;
        case Op::Divpd: return packed<Float64, quotient>;
        case Op::Divss: return scalar<Float32, quotient>;
        case Op::Divsd: return scalar<Float64, quotient>;
        case Op::Sqrtps: return packed<Float32, root>;
        case Op::Sqrtpd: return packed<Float64, root>;
        case Op::Sqrtss: return scalar<Float32, root>;
        case Op::Sqrtsd: return scalar<Float64, root>;
        case Op::Minps: return packed<Float32, smaller_of>;
        case Op::Minpd: return packed<Float64, smaller_of>;
        case Op::Minss: return scalar<Float32, smaller_of>;
        case Op::Minsd: return scalar<Float64, smaller_of>;
        case Op::Maxps: return packed<Float32, larger_of>;
        case Op::Maxpd: return packed<Float64, larger_of>;
        case Op::Maxss: return scalar<Float32, larger_of>;
        case Op::Maxsd: return scalar<Float64, larger_of>;
        case Op::Rcpps: return packed<Float32, reciprocal>;
        case Op::Rcpss: return scalar<Float32, reciprocal>;
        case Op::Rsqrtps: return packed<Float32, reciprocal_root>;
        case Op::Rsqrtss: return scalar<Float32, reciprocal_root>;

        case Op::Cmpps: return compare_packed<Float32>;
        case Op::Cmppd: return compare_packed<Float64>;
        case Op::Cmpss: return compare_scalar<Float32>;
        case Op::Cmpsd: return compare_scalar<Float64>;
        case Op::Comiss: return compare_to_flags<Float32, fp::Comparison::Ordered>;
        case Op::Comisd: return compare_to_flags<Float64, fp::Comparison::Ordered>;
        case Op::Ucomiss: return compare_to_flags<Float32, fp::Comparison::Unordered>;
        case Op::Ucomisd: return compare_to_flags<Float64, fp::Comparison::Unordered>;

        case Op::Addsubps: return add_and_subtract<Float32>;
        case Op::Addsubpd: return add_and_subtract<Float64>;
        case Op::Haddps: return horizontal<Float32, sum>;
        case Op::Haddpd: return horizontal<Float64, sum>;
        case Op::Hsubps: return horizontal<Float32, difference>;
        case Op::Hsubpd: return horizontal<Float64, difference>;
        case Op::Dpps: return dot_product<Float32>;
        case Op::Dppd: return dot_product<Float64>;
        case Op::Roundps: return round_packed<Float32>;
        case Op::Roundpd: return round_packed<Float64>;
        case Op::Roundss: return round_scalar<Float32>;
        case Op::Roundsd: return round_scalar<Float64>;

        case Op::Cvtsi2ss: return from_general<Float32, single_from>;
        case Op::Cvtsi2sd: return from_general<Float64, double_from>;
        case Op::Cvtss2si: return to_general<Float32, false>;
        case Op::Cvtsd2si: return to_general<Float64, false>;
        case Op::Cvttss2si: return to_general<Float32, true>;
        case Op::Cvttsd2si: return to_general<Float64, true>;
        case Op::Cvtpi2ps: return from_mmx<Float32, single_from>;
        case Op::Cvtpi2pd: return from_mmx<Float64, double_from>;
        case Op::Cvtps2pi: return to_mmx<Float32, false>;
        case Op::Cvtpd2pi: return to_mmx<Float64, false>;
        case Op::Cvttps2pi: return to_mmx<Float32, true>;
        case Op::Cvttpd2pi: return to_mmx<Float64, true>;
        case Op::Cvtps2pd: return singles_to_doubles;
        case Op::Cvtpd2ps: return doubles_to_singles;
        case Op::Cvtss2sd: return single_to_double;
        case Op::Cvtsd2ss: return double_to_single;
        case Op::Cvtdq2ps: return integers_to_singles;
        case Op::Cvtdq2pd: return integers_to_doubles;
        case Op::Cvtps2dq: return to_integers<Float32, false>;
        case Op::Cvttps2dq: return to_integers<Float32, true>;
        case Op::Cvtpd2dq: return to_integers<Float64, false>;
        case Op::Cvttpd2dq: return to_integers<Float64, true>;
        default: return nullptr;
    }
}

}  // namespace retrace::simd
