#include <array>

#include "core/float/transcendental.hpp"
#include "core/float/wide.hpp"

namespace retrace::fp {

namespace {

// 1/(2k+1)! for k = 1.. (sine) and 1/(2k)! for k = 1.. (cosine), in Q128.
constexpr auto factorial_series(u32 first) {
    std::array<u128, 17> terms{};
    u128 term = ~u128{0};
    if (first == 3) term = (u128{1} << 127);  // 1/2!
    u32 n = first == 3 ? 2 : 1;
    for (auto& place : terms) {
        while (n < first) term /= ++n;
        place = term;
        first += 2;
    }
    return terms;
}
constexpr auto sine_terms = factorial_series(3);
constexpr auto cosine_terms = factorial_series(2);

// 2/pi, its first 320 bits, highest word first.
constexpr std::array<u64, 5> two_over_pi{0xa2f9'836e'4e44'1529, 0xfc27'57d1'f534'ddc0, 0xdb62'9599'3c43'9041,
                                         0xfe51'63ab'debb'c561, 0xb724'6e3a'424d'd2e0};

// |x| = quadrant * pi/2 +- rest, rest at most pi/4.
struct Reduced {
    u32 quadrant = 0;
    bool negative = false;
    Wide rest;
};

Reduced reduce(i32 exponent, u64 significand) {
    constexpr u64 quarter_pi = 0xc90f'daa2'2168'c234;  // rounded down, its exponent bias - 1
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

// The square of a number below 1, in Q128.
u128 square_q128(const Wide& value) {
    const i32 shift = 2 * (bias - 1 - value.exponent);
    const u128 square = multiply_high(value.significand, value.significand);
    return shift > 127 ? 0 : square >> shift;
}

Wide sine_of(const Wide& rest) {
    const u128 square = square_q128(rest);
    return rest * wide_from(just_below_one(multiply_high(square, alternating_polynomial(sine_terms, square))), -1);
}

Wide cosine_of(const Wide& rest) {
    const u128 square = square_q128(rest);
    return wide_from(just_below_one(multiply_high(square, alternating_polynomial(cosine_terms, square))), -1);
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

}  // namespace

SineCosine sine_cosine(Float80 a, Angle which, Context& context) {
    const Number x = unpack(a, context);
    Float80 special = a;
    switch (special_angle(x, special, context)) {
        case Special::OutOfRange: return {a, a, true};
        case Special::Yes: return {special, x.kind == Kind::Zero ? one80 : special};
        case Special::No: break;
    }
    const Reduced reduced = reduce(x.exponent, x.significand);
    const bool swapped = (reduced.quadrant & 1) != 0;
    SineCosine result{a, a};
    if (which != Angle::Cosine) {
        const bool sign = x.sign ^ (reduced.quadrant >= 2) ^ (!swapped && reduced.negative);
        result.sine = finish_wide(context, sign, swapped ? cosine_of(reduced.rest) : sine_of(reduced.rest));
    }
    if (which != Angle::Sine) {
        // cos(q pi/2 + r): cos r, -sin r, -cos r, sin r.
        const bool sign = (reduced.quadrant == 1 || reduced.quadrant == 2) != (swapped && reduced.negative);
        result.cosine = finish_wide(context, sign, swapped ? sine_of(reduced.rest) : cosine_of(reduced.rest));
    }
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
    if (x.exponent < bias - 40) {  // x + x^3/3, the rest beyond 128 bits
        const Wide angle = wide_from(x);
        const u128 more = multiply_high(angle.significand, square_q128(angle) / 3);
        return {finish_wide(context, x.sign, {x.exponent, angle.significand + more})};
    }
    const Reduced reduced = reduce(x.exponent, x.significand);
    const bool swapped = (reduced.quadrant & 1) != 0;
    const Wide sine = sine_of(reduced.rest), cosine = cosine_of(reduced.rest);
    const bool sign = x.sign ^ swapped ^ reduced.negative;
    return {finish_wide(context, sign, swapped ? cosine / sine : sine / cosine)};
}

namespace {

// atan(i/8) in Q127.
constexpr std::array<u128, 9> arc_tangents{
    0,
    u128_of(0x0fea'dd4d'5617'b6e3, 0x2c89'7989'f3e8'88ef),
    u128_of(0x1f5b'75f9'2c80'dd62, 0xadb8'f3de'bef4'42fc),
    u128_of(0x2dec'3283'c9bd'e11c, 0xe2a8'c848'b73f'9120),
    u128_of(0x3b58'ce0a'c376'9ed1, 0x5bf9'117b'2f0e'a340),
    u128_of(0x4780'2eaf'7bfa'cfcd, 0xae41'af0b'32e2'1ba3),
    u128_of(0x525e'3e8c'9a7b'8492, 0x0cd4'3f95'22be'd64f),
    u128_of(0x5c02'9f15'e118'cf39, 0xe596'd2a9'0852'221e),
    u128_of(0x6487'ed51'10b4'611a, 0x6263'3145'c06e'0e68),
};

// 1/(2k+1) for k = 1.., in Q128.
constexpr auto odd_reciprocals = [] {
    std::array<u128, 16> terms{};
    for (u32 k = 0; k < terms.size(); ++k) terms[k] = ~u128{0} / (2 * k + 3);
    return terms;
}();

// atan of a number of at most 1/15.
Wide small_arc_tangent(const Wide& t) {
    const u128 square = square_q128(t);
    return t * wide_from(just_below_one(multiply_high(square, alternating_polynomial(odd_reciprocals, square))), -1);
}

// atan(n/d), n <= d.
Wide arc_tangent_of(const Number& n, const Number& d) {
    const i32 apart = d.exponent - n.exponent;
    u32 eighths = 0;
    u128 numerator = 0, denominator = 0;
    if (apart < 6) {
        denominator = u128{d.significand} << 60;
        numerator = u128{n.significand} << (60 - apart);
        const u64 short_n = static_cast<u64>(numerator >> 66), short_d = static_cast<u64>(denominator >> 66);
        eighths = static_cast<u32>((16 * short_n + short_d) / (2 * short_d));
    }
    if (eighths == 0) return small_arc_tangent(wide_from(n) / wide_from(d));
    // atan(n/d) = atan(c) + atan((n - c d) / (d + c n)), c = eighths/8.
    const u128 left = 8 * numerator, right = eighths * denominator;
    u128 sum = arc_tangents[eighths];
    if (left != right) {
        const Wide t = wide_from(left > right ? left - right : right - left, 127) /
                       wide_from(8 * denominator + eighths * numerator, 127);
        const u128 rest = fixed_from(small_arc_tangent(t), 0);
        sum = left > right ? sum + rest : sum - rest;
    }
    return wide_from(sum, 0);
}

}  // namespace

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

    const bool steep = y.exponent != x.exponent ? y.exponent > x.exponent : y.significand > x.significand;
    const Wide angle = steep ? arc_tangent_of(x, y) : arc_tangent_of(y, x);
    if (!steep && !x.sign) return finish_wide(context, y.sign, angle);
    const u128 turn = fixed_from(angle, 1);  // Q126
    const u128 sum = !steep ? pi_q126 - turn : x.sign ? pi_q126 / 2 + turn : pi_q126 / 2 - turn;
    return finish_wide(context, y.sign, wide_from(sum, 1));
}

}  // namespace retrace::fp
