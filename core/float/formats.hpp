// The three binary formats of IA-32 (SDM vol. 1, 4.2.2) as plain words, and what can be told from their bits.
//
//   Float80   sign 1, exponent 15 (bias 16383), significand 64 with its integer bit
//   Float64   sign 1, exponent 11 (bias 1023), fraction 52
//   Float32   sign 1, exponent 8 (bias 127), fraction 23
//
// core/float computes with integers only, so that every host gives the same bits. Begin reading at
// number.hpp (taking apart), rounding.hpp (putting together), then arithmetic.hpp.
#pragma once

#include "core/base/types.hpp"

namespace retrace::fp {

struct Float80 {
    u64 significand = 0;
    u16 sign_exponent = 0;

    friend constexpr bool operator==(const Float80&, const Float80&) = default;
    constexpr bool sign() const { return (sign_exponent & 0x8000) != 0; }
    constexpr u16 exponent() const { return sign_exponent & 0x7fff; }
};

struct Float64 {
    u64 bits = 0;
    friend constexpr bool operator==(const Float64&, const Float64&) = default;
};

struct Float32 {
    u32 bits = 0;
    friend constexpr bool operator==(const Float32&, const Float32&) = default;
};

inline constexpr u64 integer_bit = u64{1} << 63;
inline constexpr u64 quiet_bit = u64{1} << 62;  // of a Float80 significand
inline constexpr i32 bias = 16383;

constexpr Float80 make80(bool sign, i32 exponent, u64 significand) {
    return {significand, static_cast<u16>((sign ? 0x8000 : 0) | exponent)};
}

constexpr Float80 zero80(bool sign) { return make80(sign, 0, 0); }
constexpr Float80 infinity80(bool sign) { return make80(sign, 0x7fff, integer_bit); }
inline constexpr Float80 one80{integer_bit, bias};

// The default ("real indefinite") quiet NaN of each format.
template <class F>
inline constexpr F indefinite;
template <>
inline constexpr Float80 indefinite<Float80>{0xc000'0000'0000'0000, 0xffff};
template <>
inline constexpr Float64 indefinite<Float64>{0xfff8'0000'0000'0000};
template <>
inline constexpr Float32 indefinite<Float32>{0xffc0'0000};

// A normal number: the operands of nearly every operation.
constexpr bool is_normal(Float80 value) {
    return static_cast<u16>(value.exponent() - 1) < 0x7ffe && static_cast<i64>(value.significand) < 0;
}
constexpr bool is_zero(Float80 value) { return value.exponent() == 0 && value.significand == 0; }
// Denormals and pseudo-denormals.
constexpr bool is_denormal(Float80 value) { return value.exponent() == 0 && value.significand != 0; }
constexpr bool is_infinity(Float80 value) { return value.exponent() == 0x7fff && value.significand == integer_bit; }
constexpr bool is_nan(Float80 value) { return value.exponent() == 0x7fff && value.significand > integer_bit; }
// Unnormals, pseudo-infinities, pseudo-NaNs: patterns the 387 and later refuse (SDM vol. 1, 8.2.2).
constexpr bool is_unsupported(Float80 value) { return value.exponent() != 0 && static_cast<i64>(value.significand) >= 0; }

constexpr bool is_denormal(Float64 value) {
    return (value.bits & 0x7ff0'0000'0000'0000) == 0 && (value.bits & 0x000f'ffff'ffff'ffff) != 0;
}
constexpr bool is_denormal(Float32 value) { return (value.bits & 0x7f80'0000) == 0 && (value.bits & 0x007f'ffff) != 0; }

}  // namespace retrace::fp
