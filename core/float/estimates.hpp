// Estimates of what the transcendental functions need: about 76 bits are right, which nearly always tells how to round to 64. Where it does not,
// series.hpp decides (Ziv's method), so results do not depend on anything here.
//
// An argument is split into a multiple of 1/128, whose function a table holds in full, and a rest of at most 1/256, for which few terms do; only
// what is added last is computed in more than 64 bits. "Unit 2^-n" is what 1 in an integer weighs.
#pragma once

#include <array>

#include "core/float/series.hpp"

namespace retrace::fp::estimate {

inline constexpr u32 parts = 128;   // table steps to 1

// How far off a significand of 128 bits may be, in units of its last place: 2^-74 of the whole at most.
inline constexpr u64 margin = u64{1} << 54;

// Does rounding an estimate to 64 bits, in any direction, give what rounding the value would?
constexpr bool settles(const Wide& estimate) { return (static_cast<u64>(estimate.significand) << 1) + 2 * margin > 4 * margin; }

constexpr u64 multiply_high(u64 a, u64 b) { return high_half(u128{a} * b); }
constexpr i64 multiply_high(i64 a, i64 b) { return static_cast<i64>(static_cast<i128>(a) * b >> 64); }
// a * b / 2^64 and / 2^128, at most two units too small.
constexpr u128 multiply(u128 a, u64 b) { return u128{high_half(a)} * b + multiply_high(static_cast<u64>(a), b); }
constexpr u128 multiply(u128 a, u128 b) {
    const u64 a1 = high_half(a), b1 = high_half(b);
    return u128{a1} * b1 + multiply_high(a1, static_cast<u64>(b)) + multiply_high(static_cast<u64>(a), b1);
}

constexpr Wide normalised(i32 exponent, u128 significand) {
    const int shift = countl_zero128(significand);
    return {exponent - shift, significand << shift};
}

// n / d, right to 2^-90.
constexpr Wide divide(const Wide& n, const Wide& d) {
    const u128 half = n.significand >> 1;
    const u64 d1 = high_half(d.significand), first = static_cast<u64>(half / d1);
    const u64 rest = static_cast<u64>(half) - first * d1;
    // What is left is rest * 2^64 - first * (the lower half of d); a quarter of it fits.
    const i128 left = static_cast<i128>(u128{rest} << 62) - static_cast<i128>(u128{first} * static_cast<u64>(d.significand) >> 2);
    const i64 second = static_cast<i64>(left >> 64) / static_cast<i64>(d1 >> 32);
    return normalised(n.exponent - d.exponent + bias, (u128{first} << 64) + (static_cast<u128>(static_cast<i128>(second)) << 34));
}

}  // namespace retrace::fp::estimate
