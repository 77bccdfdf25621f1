// A value taken apart: what kind it is, and a significand that is normalised even if the format's was not.
#pragma once

#include <bit>

#include "core/float/context.hpp"
#include "core/float/formats.hpp"

namespace retrace::fp {

enum class Kind : u8 { Zero, Normal, Denormal, Infinity, Quiet, Signalling, Unsupported };

struct Number {
    Kind kind = Kind::Zero;
    bool sign = false;
    i32 exponent = 0;     // biased as in Float80, whatever the format; may be below 1
    u64 significand = 0;  // bit 63 is set unless zero; a NaN's payload lies as in Float80

    constexpr bool finite() const { return kind <= Kind::Denormal; }
    constexpr bool nan() const { return kind == Kind::Quiet || kind == Kind::Signalling; }
};

constexpr Number normalised(bool sign, i32 exponent, u64 significand) {
    const int shift = std::countl_zero(significand);
    return {Kind::Denormal, sign, exponent - shift, significand << shift};
}

constexpr Number unpack(Float80 value, const Context&) {
    const bool sign = value.sign();
    const i32 exponent = value.exponent();
    const u64 significand = value.significand;
    if (exponent == 0) {
        if (significand == 0) return {Kind::Zero, sign, 0, 0};
        return normalised(sign, 1, significand);
    }
    if ((significand & integer_bit) == 0) return {Kind::Unsupported, sign, exponent, significand};
    if (exponent != 0x7fff) return {Kind::Normal, sign, exponent, significand};
    if (significand == integer_bit) return {Kind::Infinity, sign, exponent, significand};
    return {(significand & quiet_bit) ? Kind::Quiet : Kind::Signalling, sign, exponent, significand};
}

namespace detail {

// `fraction` is left-justified: its top bit is the one below the integer bit.
constexpr Number unpack(bool sign, i32 exponent, i32 top, u64 fraction, bool denormals_are_zero) {
    if (exponent == 0) {
        if (fraction == 0 || denormals_are_zero) return {Kind::Zero, sign, 0, 0};
        return normalised(sign, 1 + bias - (top >> 1), fraction >> 1);
    }
    const u64 significand = integer_bit | fraction >> 1;
    if (exponent != top) return {Kind::Normal, sign, exponent + bias - (top >> 1), significand};
    if (fraction == 0) return {Kind::Infinity, sign, 0x7fff, significand};
    return {(significand & quiet_bit) ? Kind::Quiet : Kind::Signalling, sign, 0x7fff, significand};
}

}  // namespace detail

constexpr Number unpack(Float64 value, const Context& context) {
    return detail::unpack((value.bits >> 63) != 0, static_cast<i32>(value.bits >> 52 & 0x7ff), 0x7ff, value.bits << 12,
                          context.denormals_are_zero);
}

constexpr Number unpack(Float32 value, const Context& context) {
    return detail::unpack((value.bits >> 31) != 0, static_cast<i32>(value.bits >> 23 & 0xff), 0xff,
                          u64{value.bits} << 41, context.denormals_are_zero);
}

}  // namespace retrace::fp
