#include <array>

#include "core/float/angle_estimates.hpp"
#include "core/float/transcendental.hpp"

namespace retrace::fp {

namespace {

// 2/pi, its first 320 bits, highest word first.
constexpr std::array<u64, 5> two_over_pi{0xa2f9'836e'4e44'1529, 0xfc27'57d1'f534'ddc0, 0xdb62'9599'3c43'9041,
                                         0xfe51'63ab'debb'c561, 0xb724'6e3a'424d'd2e0};

// |x| = quadrant * pi/2 +- rest, rest at most pi/4.
struct Reduced {
    u32 quadrant = 0;
    bool negative = false;
    Wide rest;
};

constexpr u64 quarter_pi = 0xc90f'daa2'2168'c234;  // rounded down, its exponent bias - 1

Reduced reduce(i32 exponent, u64 significand) {
    const i32 magnitude = exponent - bias;
    if (magnitude < -1 || (magnitude == -1 && significand <= quarter_pi))
        return {0, false, {exponent, u128{significand} << 64}};

    // |x| * 2/pi is significand * 2^(magnitude - 63) * table * 2^-320: its point is 383 - magnitude bits up.
    std::array<u64, 7> product{};  // lowest word first; the top one stays 0
    u64 carry = 0;
    for (std::size_t i = 0; i < 5; ++i) {
        const u128 part = u128{significand} * two_over_pi[4 - i] + carry;
        product[i] = static_cast<u64>(part);
        carry = high_half(part);
    }
    product[5] = carry;
    const u32 point = static_cast<u32>(383 - magnitude);
    const auto word_at = [&](u32 bit) {  // 64 bits from `bit` up
        const u32 word = bit / 64, shift = bit % 64;
        const u64 low = word < 7 ? product[word] : 0;
        const u64 high = word + 1 < 7 ? product[word + 1] : 0;
        return shift == 0 ? low : low >> shift | high << (64 - shift);
    };
    u32 quadrant = static_cast<u32>(word_at(point) & 3);
    std::array<u64, 4> fraction{word_at(point - 64), word_at(point - 128), word_at(point - 192), word_at(point - 256)};
    const bool negative = (fraction[0] >> 63) != 0;
    if (negative) {
        ++quadrant;
        for (u64& word : fraction) word = ~word;
    }
    u32 skipped = 0;
    while (skipped < 3 && fraction[skipped] == 0) ++skipped;
    const int shift = std::countl_zero(fraction[skipped]);
    const auto word_of = [&](u32 index) { return index < 4 ? fraction[index] : 0; };
    u128 top = u128_of(word_of(skipped), word_of(skipped + 1)) << shift;
    if (shift != 0) top |= word_of(skipped + 2) >> (64 - shift);
    const Wide turns{bias - 1 - static_cast<i32>(skipped) * 64 - shift, top};
    return {quadrant & 3, negative, turns * Wide{bias, pi_q126}};
}

// The same for angles below 2^24 that are not too near to a multiple of pi/2: the rest is right to 2^-78.
bool reduce_quickly(i32 exponent, u64 significand, Reduced& reduced) {
    const i32 magnitude = exponent - bias;
    if (magnitude < -1 || (magnitude == -1 && significand <= quarter_pi)) {
        reduced.rest = {exponent, u128{significand} << 64};
        return true;
    }
    if (magnitude > 23) return false;
    const u64 turns = high_half(u128{significand} * two_over_pi[0]);
    const u64 quadrant = magnitude < 0 ? 1 : (turns + (u64{1} << (62 - magnitude))) >> (63 - magnitude);
    const i128 rest = static_cast<i128>((u128{significand} << (64 + magnitude)) - quadrant * pi_q126);   // unit 2^-127, modulo 2
    reduced.negative = rest < 0;
    const u128 size = static_cast<u128>(reduced.negative ? -rest : rest);
    if (high_half(size) >> 39 == 0) return false;
    reduced.quadrant = static_cast<u32>(quadrant & 3);
    reduced.rest = wide_from(size, 0);
    return true;
}

// What all four do with special operands. True: `result` is the answer.
enum class Special : u8 { No, Yes, OutOfRange };
Special special_angle(const Number& x, Float80& result, Context& context) {
    switch (x.kind) {
        case Kind::Normal:
            if (x.exponent >= bias + 63) return Special::OutOfRange;
            return Special::No;
        case Kind::Denormal: return stopped_by_denormal(context, x) ? Special::Yes : Special::No;
        case Kind::Zero: result = zero80(x.sign); return Special::Yes;
        case Kind::Infinity: result = invalid_result<Float80>(context); return Special::Yes;
        default: result = propagate<Float80>(context, x, Number{}); return Special::Yes;
    }
}

constexpr i32 least_estimated = bias - 30;
Wide estimated_sine(const Wide& rest) { return estimate::of_angle(rest, estimate::Want::Sine).sine; }
Wide estimated_cosine(const Wide& rest) { return estimate::of_angle(rest, estimate::Want::Cosine).cosine; }

template <Angle which>
void functions_of(i32 exponent, u64 significand, Unrounded* sine, Unrounded* cosine) {
    Reduced reduced;
    if (!reduce_quickly(exponent, significand, reduced)) reduced = reduce(exponent, significand);
    constexpr bool both = which == Angle::Both;
    bool swapped = (reduced.quadrant & 1) != 0;
    bool wants_sine = both || swapped == (which == Angle::Cosine);   // of the rest
    Wide of_sine, of_cosine;
    bool settled = reduced.rest.exponent >= least_estimated;
    if (settled) {
        if (both) {
            const estimate::Both found = estimate::of_angle(reduced.rest, estimate::Want::Both);
            of_sine = found.sine;
            of_cosine = found.cosine;
            settled = estimate::settles(of_sine) && estimate::settles(of_cosine);
        } else if (wants_sine) {
            settled = estimate::settles(of_sine = estimated_sine(reduced.rest));
        } else {
            settled = estimate::settles(of_cosine = estimated_cosine(reduced.rest));
        }
    }
    if (!settled) [[unlikely]] {
        reduced = reduce(exponent, significand);   // near a quadrant's border it may be the other one
        swapped = (reduced.quadrant & 1) != 0;
        wants_sine = both || swapped == (which == Angle::Cosine);
        if (wants_sine) of_sine = sine_of(reduced.rest);
        if (both || !wants_sine) of_cosine = cosine_of(reduced.rest);
    }
    if (sine) *sine = unrounded((reduced.quadrant >= 2) != (!swapped && reduced.negative), swapped ? of_cosine : of_sine);
    // cos(q pi/2 + r): cos r, -sin r, -cos r, sin r.
    if (cosine) *cosine = unrounded((reduced.quadrant == 1 || reduced.quadrant == 2) != (swapped && reduced.negative), swapped ? of_sine : of_cosine);
}

Unrounded tangent_of(i32 exponent, u64 significand) {
    Reduced reduced;
    if (!reduce_quickly(exponent, significand, reduced)) reduced = reduce(exponent, significand);
    bool swapped = (reduced.quadrant & 1) != 0;
    if (reduced.rest.exponent >= least_estimated) {
        const estimate::Both found = estimate::of_angle(reduced.rest, estimate::Want::Both);
        const Wide quotient = swapped ? estimate::divide(found.cosine, found.sine) : estimate::divide(found.sine, found.cosine);
        if (estimate::settles(quotient)) return unrounded(swapped != reduced.negative, quotient);
    }
    if (exponent < bias - 40) {  // x + x^3/3, the rest beyond 128 bits
        const Wide angle{exponent, u128{significand} << 64};
        return unrounded(false, {exponent, angle.significand + multiply_high(angle.significand, square_q128(angle) / 3)});
    }
    reduced = reduce(exponent, significand);
    swapped = (reduced.quadrant & 1) != 0;
    const Wide sine = sine_of(reduced.rest), cosine = cosine_of(reduced.rest);
    return unrounded(swapped != reduced.negative, swapped ? cosine / sine : sine / cosine);
}

bool usual_angle(Float80 x) { return is_normal(x) && x.exponent() < bias + 63; }

}  // namespace

bool usual_sine(Float80 x, Unrounded& sine) {
    if (!usual_angle(x)) return false;
    functions_of<Angle::Sine>(x.exponent(), x.significand, &sine, nullptr);
    sine.sign ^= x.sign();
    return sine.exponent > 0;
}
bool usual_cosine(Float80 x, Unrounded& cosine) {
    if (!usual_angle(x)) return false;
    functions_of<Angle::Cosine>(x.exponent(), x.significand, nullptr, &cosine);
    return true;
}
bool usual_sine_and_cosine(Float80 x, Unrounded& sine, Unrounded& cosine) {
    if (!usual_angle(x)) return false;
    functions_of<Angle::Both>(x.exponent(), x.significand, &sine, &cosine);
    sine.sign ^= x.sign();
    return sine.exponent > 0;
}
bool usual_tangent(Float80 x, Unrounded& tangent) {
    if (!usual_angle(x)) return false;
    tangent = tangent_of(x.exponent(), x.significand);
    tangent.sign ^= x.sign();
    return true;
}

SineCosine sine_cosine(Float80 a, Angle which, Context& context) {
    const Number x = unpack(a, context);
    Float80 special = a;
    switch (special_angle(x, special, context)) {
        case Special::OutOfRange: return {a, a, true};
        case Special::Yes: return {special, x.kind == Kind::Zero ? one80 : special};
        case Special::No: break;
    }
    SineCosine result{a, a};
    Unrounded sine, cosine;
    switch (which) {
        case Angle::Sine: functions_of<Angle::Sine>(x.exponent, x.significand, &sine, nullptr); break;
        case Angle::Cosine: functions_of<Angle::Cosine>(x.exponent, x.significand, nullptr, &cosine); break;
        case Angle::Both: functions_of<Angle::Both>(x.exponent, x.significand, &sine, &cosine); break;
    }
    sine.sign ^= x.sign;
    if (which != Angle::Cosine) result.sine = finish_unrounded(context, sine);
    if (which != Angle::Sine) result.cosine = finish_unrounded(context, cosine);
    return result;
}

Tangent tangent(Float80 a, Context& context) {
    const Number x = unpack(a, context);
    Float80 special = a;
    switch (special_angle(x, special, context)) {
        case Special::OutOfRange: return {a, true};
        case Special::Yes: return {special};
        case Special::No: break;
    }
    Unrounded result = tangent_of(x.exponent, x.significand);
    result.sign ^= x.sign;
    return {finish_unrounded(context, result)};
}

namespace {

// The angle of (x, y), its sign aside.
Wide whole_angle(const Wide& angle, bool steep, bool leftward) {
    if (!steep && !leftward) return angle;
    const u128 turn = fixed_from(angle, 1);  // Q126
    return wide_from(!steep ? pi_q126 - turn : leftward ? pi_q126 / 2 + turn : pi_q126 / 2 - turn, 1);
}

Unrounded arc_tangent_of_point(const Number& x, const Number& y) {
    const bool steep = y.exponent != x.exponent ? y.exponent > x.exponent : y.significand > x.significand;
    const Number &n = steep ? x : y, &d = steep ? y : x;
    Wide angle = whole_angle(estimate::arc_tangent(n, d), steep, x.sign);
    if (!estimate::settles(angle) || angle.exponent <= 0) angle = whole_angle(arc_tangent_of(n, d), steep, x.sign);
    return unrounded(y.sign, angle);
}

}  // namespace

bool usual_arc_tangent(Float80 y, Float80 x, Unrounded& result) {
    if (!is_normal(x) || !is_normal(y)) return false;
    result = arc_tangent_of_point({Kind::Normal, x.sign(), x.exponent(), x.significand}, {Kind::Normal, y.sign(), y.exponent(), y.significand});
    return result.exponent > 0;
}

// SDM vol. 2, FPATAN, table 3-30.
Float80 arc_tangent(Float80 fy, Float80 fx, Context& context) {
    const Number x = unpack(fx, context), y = unpack(fy, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<Float80>(context, x, y);
    if (stopped_by_denormal(context, x, y)) return fy;
    const auto multiple_of_pi = [&](u128 quarters) {
        return finish_wide(context, y.sign, wide_from((pi_q126 >> 2) * quarters, 1));
    };
    if (y.kind == Kind::Infinity) {
        if (x.kind != Kind::Infinity) return multiple_of_pi(2);
        return multiple_of_pi(x.sign ? 3 : 1);
    }
    if (x.kind == Kind::Infinity || y.kind == Kind::Zero) return x.sign ? multiple_of_pi(4) : zero80(y.sign);
    if (x.kind == Kind::Zero) return multiple_of_pi(2);

    return finish_unrounded(context, arc_tangent_of_point(x, y));
}

}  // namespace retrace::fp
