// Estimates of powers of two and of logarithms to the base 2; see estimates.hpp.
#pragma once

#include "core/float/estimates.hpp"

namespace retrace::fp::estimate {

// 2^(i/128) for i = -128 to 128, in Q126.
inline constexpr auto powers_of_two = [] {
    std::array<u128, 257> table{};
    for (u32 i = 0; i < table.size(); ++i) {
        const bool negative = i < 128;
        const u128 y = fp::multiply_high(ln2_q128, u128{negative ? 128 - i : i - 128} << 120) << 1;   // Q128; 1 is not reached but by i = 0, 256
        const u128 power = fp::multiply_high(exponential_series(y, negative), y);
        table[i] = negative ? one_q126 - power : one_q126 + power;
    }
    table[0] = one_q126 / 2;
    table[256] = 2 * one_q126;
    return table;
}();

// 1/(k+3)! for k = 0.. in Q62.
inline constexpr auto power_terms = [] {
    std::array<i64, 6> terms{};
    i64 factorial = 2;
    for (std::size_t k = 0; k < terms.size(); ++k) terms[k] = (i64{1} << 62) / (factorial *= static_cast<i64>(k) + 3);
    return terms;
}();

// A polynomial whose terms are in Q62; x at most 2^-7, unit 2^-70.
template <std::size_t n>
constexpr i64 polynomial(const std::array<i64, n>& terms, i64 x) {
    i64 sum = terms[n - 1];
    for (std::size_t k = n - 1; k-- > 0;) sum = terms[k] + (multiply_high(sum, x) >> 6);
    return sum;
}

// (e^y - 1) / y in Q126. |y| is at most 2^-8.4: `y` in unit 2^-70, `half` is |y| / 2 in Q126 and not cut off as early.
inline u128 power_factor(i64 y, u128 half, bool negative) {
    const u64 square = static_cast<u64>(static_cast<i128>(y) * y >> 61);          // unit 2^-79
    const u64 more = multiply_high(square, static_cast<u64>(polynomial(power_terms, y)) << 1);   // unit 2^-78
    const u128 sum = one_q126 + (u128{more} << 48);
    return negative ? sum - half : sum + half;
}

// The magnitude of 2^x - 1 for |x| < 1, given by its sign, exponent and significand.
inline Wide power_less_one(bool sign, i32 exponent, u64 significand) {
    const i32 below = bias - 1 - exponent;
    if (below >= 8) {   // below 2^-8
        const Wide y = normalised(exponent, multiply(ln2_q128, significand));
        const i32 shift = bias - 1 - y.exponent;
        const i64 scaled = shift > 69 ? 0 : static_cast<i64>(y.significand >> (58 + shift));
        const u128 half = shift > 120 ? 0 : y.significand >> (shift + 3);
        return normalised(y.exponent + 2, multiply(y.significand, power_factor(sign ? -scaled : scaled, half, sign)));
    }
    const u128 whole = u128{significand} << (7 - below);                              // unit 2^-71
    const u32 part = static_cast<u32>((whole + integer_bit) >> 64);
    const i128 distance = static_cast<i128>(whole - (u128{part} << 64));
    const bool before = (distance < 0) != sign;
    const u64 rest = static_cast<u64>(distance < 0 ? -distance : distance);           // at most 2^-8, unit 2^-71
    const u128 y = multiply(ln2_q128, rest);                                          // unit 2^-135
    const i64 scaled = static_cast<i64>(y >> 65);
    const u128 power = powers_of_two[sign ? 128 - part : 128 + part];
    const u128 more = multiply(multiply(y, power_factor(before ? -scaled : scaled, y >> 10, before)), power) >> 5;   // the products: unit 2^-133, 2^-131
    const u128 known = sign ? one_q126 - power : power - one_q126;
    return wide_from(before == sign ? known + more : known - more, 1);
}

// log2(e) / (k + 3), its sign alternating, in Q62: the terms of log2(1 + u) from u^3 on.
inline constexpr auto logarithm_terms = [] {
    std::array<i64, 8> terms{};
    for (std::size_t k = 0; k < terms.size(); ++k) {
        const i64 term = static_cast<i64>(static_cast<u64>(log2e_q127 >> 65) / (k + 3));
        terms[k] = k % 2 == 0 ? term : -term;
    }
    return terms;
}();

// log2(1 + u) / u in Q126. |u| is at most 2^-7.9: `u` in unit 2^-70, `magnitude` in unit 2^-135.
inline u128 logarithm_factor(i64 u, u128 magnitude, bool negative) {
    const u64 square = static_cast<u64>(static_cast<i128>(u) * u >> 61);          // unit 2^-79
    const u64 more = multiply_high(square, static_cast<u64>(polynomial(logarithm_terms, u)) << 1);   // unit 2^-78
    const u128 sum = (log2e_q127 >> 1) + (u128{more} << 48), half = multiply(magnitude, log2e_q127) >> 9;   // the product: unit 2^-134, of |u| log2(e)
    return negative ? sum + half : sum - half;
}

// 1/(1 + i/128) to 12 bits, and minus its logarithm, less 1 from the root of 2 on, in Q112. The ends are exact.
struct Reciprocal {
    u32 value;
    i128 logarithm;
};
inline constexpr u32 upper_half = 53;
inline constexpr auto reciprocals = [] {
    std::array<Reciprocal, 129> table{};
    for (u32 i = 0; i < table.size(); ++i) {
        const u32 value = (4096 * 128 * 2 / (128 + i) + 1) / 2;
        i128 logarithm = 0;
        if (i != 0 && i != 128) logarithm = static_cast<i128>(fixed_from(fp::logarithm(wide_from(u128{value}, 115)).value, 15));
        table[i] = {value, logarithm - (i >= upper_half && i != 128 ? i128{1} << 112 : 0)};
    }
    return table;
}();

// log2(1 + u), |u| at most 2^-7.9.
inline Signed logarithm_near_one(bool sign, const Wide& u) {
    const i32 down = bias - 8 - u.exponent;
    const u128 magnitude = down > 127 ? 0 : u.significand >> down;                    // unit 2^-135
    const i64 scaled = static_cast<i64>(magnitude >> 65);
    return {sign, normalised(u.exponent + 2, multiply(u.significand, logarithm_factor(sign ? -scaled : scaled, magnitude, sign)))};
}

// log2(m * 2^whole), 1 <= m < 2 in Q114. It is not 0.
inline Signed logarithm(i32 whole, u128 m) {
    const u32 i = static_cast<u32>((m + (u128{1} << 106)) >> 107) - parts;
    const Reciprocal& known = reciprocals[i];
    const i128 u = static_cast<i128>(m * known.value - one_q126);
    const bool sign = u < 0;
    const u128 distance = static_cast<u128>(sign ? -u : u);
    whole += i >= upper_half;
    if (whole == 0 && i % parts == 0) return logarithm_near_one(sign, wide_from(distance, 1));
    const u128 magnitude = distance << 9;
    const i64 scaled = static_cast<i64>(magnitude >> 65);
    const u128 more = multiply(magnitude, logarithm_factor(sign ? -scaled : scaled, magnitude, sign)) >> 21;   // the product: unit 2^-133
    const i128 sum = (static_cast<i128>(whole) << 112) + known.logarithm + static_cast<i128>(sign ? u128{0} - more : more);
    return {sum < 0, wide_from(static_cast<u128>(sum < 0 ? -sum : sum), 15)};
}

}  // namespace retrace::fp::estimate
