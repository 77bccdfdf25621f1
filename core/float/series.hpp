// The transcendental functions to some 120 bits, by long series: what makes the tables of estimates.hpp when compiled, and what decides where an
// estimate does not. Arguments and results are positive.
#pragma once

#include <array>

#include "core/float/wide.hpp"

namespace retrace::fp {

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
inline constexpr auto sine_terms = factorial_series(3);
inline constexpr auto cosine_terms = factorial_series(2);

// The square of a number below 1, in Q128.
constexpr u128 square_q128(const Wide& value) {
    const i32 shift = 2 * (bias - 1 - value.exponent);
    const u128 square = multiply_high(value.significand, value.significand);
    return shift > 127 ? 0 : square >> shift;
}

// Of an angle of at most pi/4.
constexpr Wide sine_of(const Wide& angle) {
    const u128 square = square_q128(angle);
    return angle * wide_from(just_below_one(multiply_high(square, alternating_polynomial(sine_terms, square))), -1);
}
constexpr Wide cosine_of(const Wide& angle) {
    const u128 square = square_q128(angle);
    return wide_from(just_below_one(multiply_high(square, alternating_polynomial(cosine_terms, square))), -1);
}

// atan(i/8) in Q127.
inline constexpr std::array<u128, 9> arc_tangents{
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
inline constexpr auto odd_reciprocals = [] {
    std::array<u128, 16> terms{};
    for (u32 k = 0; k < terms.size(); ++k) terms[k] = ~u128{0} / (2 * k + 3);
    return terms;
}();

// atan of a number of at most 1/15.
constexpr Wide small_arc_tangent(const Wide& t) {
    const u128 square = square_q128(t);
    return t * wide_from(just_below_one(multiply_high(square, alternating_polynomial(odd_reciprocals, square))), -1);
}

// atan(n/d), n <= d.
constexpr Wide arc_tangent_of(const Number& n, const Number& d) {
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

inline constexpr u128 one_q126 = u128{1} << 126;

// 1/(k+1)! for k = 0.., in Q126: (e^y - 1) / y.
inline constexpr auto exponential_terms = [] {
    std::array<u128, 32> terms{};
    u128 term = one_q126;
    for (u32 k = 0; k < terms.size(); ++k) terms[k] = term /= k + 1;
    return terms;
}();

// 1/(2k+1) for k = 0.., in Q126: atanh(t) / t.
inline constexpr auto logarithm_terms = [] {
    std::array<u128, 25> terms{};
    for (u32 k = 0; k < terms.size(); ++k) terms[k] = one_q126 / (2 * k + 1);
    return terms;
}();

// (e^y - 1) / y, or (1 - e^-y) / y, y below 1 in Q128; in Q126.
constexpr u128 exponential_series(u128 y, bool negative) {
    return negative ? alternating_polynomial(exponential_terms, y) : polynomial(exponential_terms, y);
}

// 2 atanh(t) / ln 2 = log2((1 + t) / (1 - t)), |t| <= 0.172.
constexpr Wide logarithm_by(const Wide& t) {
    const i32 shift = 2 * (bias - 1 - t.exponent);
    const u128 square = shift > 127 ? 0 : multiply_high(t.significand, t.significand) >> shift;
    return t * wide_from(polynomial(logarithm_terms, square), 1) * Wide{bias + 1, log2e_q127};
}

struct Signed {
    bool sign = false;
    Wide value;
};

// log2 of a number that is not a power of two.
constexpr Signed logarithm(const Wide& x) {
    constexpr u64 root_of_two = 0xb504'f333'f9de'6484;
    const bool upper = high_half(x.significand) >= root_of_two;
    const i32 whole = x.exponent - bias + (upper ? 1 : 0);
    const u128 m = x.significand >> (upper ? 2 : 1);  // between the roots of 1/2 and 2, Q126
    const bool below = m < one_q126;
    const u128 distance = below ? one_q126 - m : m - one_q126;
    Signed fraction{below, {}};
    if (distance != 0) fraction.value = logarithm_by(wide_from(distance, 1) / wide_from(m + one_q126, 1));
    if (whole == 0) return fraction;
    const bool sign = whole < 0;
    const u128 integer = static_cast<u128>(sign ? -whole : whole) << 111;  // Q111
    const u128 part = distance == 0 ? 0 : fixed_from(fraction.value, 16);
    return {sign, wide_from(sign == below ? integer + part : integer - part, 16)};
}

}  // namespace retrace::fp
