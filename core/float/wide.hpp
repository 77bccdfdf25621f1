// Positive numbers with 128 significant bits: what the transcendental functions are computed in. Everything is cut
// off, never rounded, so an error is a few units of the last of 128 places, far below what a Float80 shows.
//
// "Q126" below means a fixed-point u128 whose unit is 2^-126.
#pragma once

#include <array>
#include <bit>

#include "core/base/types.hpp"
#include "core/float/number.hpp"
#include "core/float/rounding.hpp"
#include "core/float/transcendental.hpp"

namespace retrace::fp {

constexpr u128 u128_of(u64 high, u64 low) { return u128{high} << 64 | low; }
constexpr u64 high_half(u128 value) { return static_cast<u64>(value >> 64); }

constexpr int countl_zero128(u128 value) {
    return high_half(value) != 0 ? std::countl_zero(high_half(value)) : 64 + std::countl_zero(static_cast<u64>(value));
}

// The upper 128 bits of a product.
constexpr u128 multiply_high(u128 a, u128 b) {
    const u64 a1 = high_half(a), a0 = static_cast<u64>(a), b1 = high_half(b), b0 = static_cast<u64>(b);
    const u128 cross = u128{a1} * b0 + high_half(u128{a0} * b0);
    const u128 other = u128{a0} * b1 + static_cast<u64>(cross);
    return u128{a1} * b1 + high_half(cross) + high_half(other);
}

// value * 2^(exponent - bias - 127); the top bit of `significand` is set.
struct Wide {
    i32 exponent = 0;
    u128 significand = 0;
};

// From a fixed-point number other than 0 whose top bit weighs 2^top.
constexpr Wide wide_from(u128 value, i32 top) {
    const int shift = countl_zero128(value);
    return {bias + top - shift, value << shift};
}

constexpr Wide wide_from(const Number& number) { return {number.exponent, u128{number.significand} << 64}; }

// To a fixed-point number whose top bit weighs 2^top; the value must be less than 2^(top + 1).
constexpr u128 fixed_from(const Wide& value, i32 top) {
    const i32 shift = top + bias - value.exponent;
    return shift > 127 ? 0 : value.significand >> shift;
}

constexpr Wide operator*(const Wide& a, const Wide& b) {
    const u128 product = multiply_high(a.significand, b.significand);
    const int shift = countl_zero128(product);  // 0 or 1
    return {a.exponent + b.exponent - bias + 1 - shift, product << shift};
}

// One digit of 64 bits of a quotient: rest * 2^64 / divisor, with rest < divisor and the divisor's top bit set.
constexpr u64 quotient_digit(u128& rest, u128 divisor) {
    const u64 d1 = high_half(divisor), d0 = static_cast<u64>(divisor);
    u128 estimate = high_half(rest) >= d1 ? u128{~u64{0}} : rest / d1;
    // What is left is rest * 2^64 - estimate * divisor; its upper 128 bits tell whether the estimate is too large.
    u128 low_part = estimate * d0;
    u128 left = rest - estimate * d1;
    while (high_half(left) == 0 && (left << 64) < low_part) {
        --estimate;
        left += d1;
        low_part -= d0;
    }
    rest = (left << 64) - low_part;
    return static_cast<u64>(estimate);
}

constexpr Wide operator/(const Wide& a, const Wide& b) {
    const bool below = a.significand < b.significand;
    // Halved first if need be, so that the rest is below the divisor; the bit lost is below what counts.
    u128 rest = below ? a.significand : a.significand >> 1;
    const u64 high = quotient_digit(rest, b.significand);
    const u64 low = quotient_digit(rest, b.significand);
    const u128 quotient = u128_of(high, low);
    const int shift = countl_zero128(quotient);
    return {a.exponent - b.exponent + bias - (below ? 1 : 0) - shift, quotient << shift};
}

// A polynomial sum of coefficients[k] * x^k, x below 1 in Q128; the coefficients' unit is kept. With alternate
// signs the terms must fall.
template <std::size_t n>
constexpr u128 polynomial(const std::array<u128, n>& coefficients, u128 x) {
    u128 sum = coefficients[n - 1];
    for (std::size_t k = n - 1; k-- > 0;) sum = coefficients[k] + multiply_high(sum, x);
    return sum;
}
template <std::size_t n>
constexpr u128 alternating_polynomial(const std::array<u128, n>& coefficients, u128 x) {
    u128 sum = coefficients[n - 1];
    for (std::size_t k = n - 1; k-- > 0;) sum = coefficients[k] - multiply_high(sum, x);
    return sum;
}

// 1 - x * series in Q128, which has no 1: the result is at least one unit below.
constexpr u128 just_below_one(u128 x_times_series) { return u128{0} - (x_times_series == 0 ? 1 : x_times_series); }

// Rounds a result that cannot be exact. Precision control does not concern transcendental functions.
inline Float80 finish_wide(Context& context, bool sign, const Wide& value) {
    return finish80(context, Precision::Extended, sign, value.exponent, high_half(value.significand),
                    static_cast<u64>(value.significand) | 1);
}

// The same as Unrounded.
constexpr Unrounded unrounded(bool sign, const Wide& value) {
    return {sign, value.exponent, high_half(value.significand), static_cast<u64>(value.significand) | 1};
}
inline Float80 finish_unrounded(Context& context, const Unrounded& value) {
    return finish80(context, Precision::Extended, value.sign, value.exponent, value.high, value.low);
}

inline constexpr u128 pi_q126 = u128_of(0xc90f'daa2'2168'c234, 0xc4c6'628b'80dc'1cd1);
inline constexpr u128 ln2_q128 = u128_of(0xb172'17f7'd1cf'79ab, 0xc9e3'b398'03f2'f6af);
inline constexpr u128 log2e_q127 = u128_of(0xb8aa'3b29'5c17'f0bb, 0xbe87'fed0'691d'3e88);

}  // namespace retrace::fp
