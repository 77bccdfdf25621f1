// Sums, products, quotients and roots of normalised significands, exact but for the sticky lowest bit.
#pragma once

#include <bit>
#include <utility>

#include "core/float/rounding.hpp"

namespace retrace::fp {

// a + b. A significand of 0 means that they cancelled out.
[[gnu::always_inline]] inline Exact exact_sum(bool sign_a, i32 exponent_a, u64 a, bool sign_b, i32 exponent_b, u64 b) {
    if (exponent_a < exponent_b || (exponent_a == exponent_b && a < b)) {
        std::swap(sign_a, sign_b);
        std::swap(exponent_a, exponent_b);
        std::swap(a, b);
    }
    const u32 distance = static_cast<u32>(exponent_a - exponent_b);
    u64 b_high = 0;
    u64 b_low = 1;
    if (distance < 64) [[likely]] {
        b_high = b >> distance;
        b_low = b << 1 << (63 - distance);
    } else if (distance < 128) {
        b_low = b >> (distance - 64) | ((b << 1 << (127 - distance)) != 0);
    }
    if (sign_a == sign_b) {
        u64 high = a + b_high;
        if (high < a) {
            b_low = b_low >> 1 | (b_low & 1) | high << 63;
            high = high >> 1 | integer_bit;
            ++exponent_a;
        }
        return {sign_a, exponent_a, high, b_low};
    }
    const u128 difference = (u128{a} << 64) - (u128{b_high} << 64 | b_low);
    u64 high = static_cast<u64>(difference >> 64);
    u64 low = static_cast<u64>(difference);
    if (high == 0) {
        if (low == 0) return {};
        high = low;
        low = 0;
        exponent_a -= 64;
    }
    const int shift = std::countl_zero(high);
    if (shift != 0) {
        high = high << shift | low >> (64 - shift);
        low <<= shift;
    }
    return {sign_a, exponent_a - shift, high, low};
}

[[gnu::always_inline]] inline Exact exact_product(bool sign, i32 exponent_a, u64 a, i32 exponent_b, u64 b) {
    u128 product = u128{a} * b;
    i32 exponent = exponent_a + exponent_b - bias + 1;
    if (static_cast<i64>(product >> 64) >= 0) {
        product <<= 1;
        --exponent;
    }
    return {sign, exponent, static_cast<u64>(product >> 64), static_cast<u64>(product)};
}

// The bits below a quotient of 64 bits: whether the remainder is nothing, below, at or above one half.
[[gnu::always_inline]] inline u64 tail_of(u64 remainder, u64 divisor) {
    if (remainder == 0) return 0;
    const u64 rest = divisor - remainder;
    return remainder == rest ? integer_bit : remainder > rest ? integer_bit | 1 : 1;
}

[[gnu::always_inline]] inline Exact exact_quotient(bool sign, i32 exponent_a, u64 a, i32 exponent_b, u64 b) {
    const bool below = a < b;
    const u128 dividend = u128{a} << (below ? 64 : 63);
    const u64 quotient = static_cast<u64>(dividend / b);
    const u64 remainder = static_cast<u64>(dividend) - quotient * b;
    return {sign, exponent_a - exponent_b + bias - (below ? 1 : 0), quotient, tail_of(remainder, b)};
}

// The integer part of a square root; `value` has one of its two top bits set.
inline u32 root_of_64(u64 value) {
    // Each step doubles the correct digits: r' = (r + value / r) / 2 with both sides suitably cut.
    u64 root = 1 + (value >> 62);
    root = (root << 1) + (value >> 59) / root;
    root = (root << 3) + (value >> 53) / root;
    root = (root << 7) + (value >> 41) / root;
    root = (root << 15) + (value >> 17) / root;
    if (root > 0xffff'ffff || root * root > value) --root;
    return static_cast<u32>(root);
}

inline u64 root_of_128(u128 value) {
    const u64 top = root_of_64(static_cast<u64>(value >> 64));
    // One more step: the result is the floor or one above it.
    const u128 estimate = (u128{top} << 31) + (value >> 33) / top;
    u64 root = (estimate >> 64) != 0 ? ~u64{0} : static_cast<u64>(estimate);
    if (u128{root} * root > value) --root;
    return root;
}

inline Exact exact_root(i32 exponent, u64 a) {
    const i32 magnitude = exponent - bias;
    const bool odd = (magnitude & 1) != 0;
    const u128 value = u128{a} << (odd ? 64 : 63);
    const u64 root = root_of_128(value);
    const u128 rest = value - u128{root} * root;
    const u64 tail = rest == 0 ? 0 : rest > root ? integer_bit | 1 : 1;
    return {false, ((magnitude - (odd ? 1 : 0)) >> 1) + bias, root, tail};
}

}  // namespace retrace::fp
