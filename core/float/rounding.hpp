// From an exact value to a format: rounding, overflow, underflow (SDM vol. 1, 4.8.4 and 4.9.1).
//
// An exact finite non-zero value is a sign, an exponent biased as in Float80, and a significand of 128 bits
// whose top bit is set. Bits beyond the 128 are remembered in the lowest one ("sticky").
#pragma once

#include "core/float/context.hpp"
#include "core/float/formats.hpp"
#include "core/float/number.hpp"

namespace retrace::fp {

struct Exact {
    bool sign = false;
    i32 exponent = 0;
    u64 high = 0;
    u64 low = 0;
};

// A significand of 128 bits shifted right, what falls off kept as sticky.
constexpr u128 shift_right_sticky(u128 value, u32 count) {
    if (count == 0) return value;
    if (count > 127) return value != 0;
    return value >> count | ((value << (128 - count)) != 0);
}

// Whether to go up from the kept digits; `tail` is what is dropped, left-justified, sticky.
constexpr bool rounds_up(Rounding rounding, bool sign, bool odd, u64 tail) {
    switch (rounding) {
        case Rounding::Nearest: return tail > integer_bit || (tail == integer_bit && odd);
        case Rounding::Down: return sign && tail != 0;
        case Rounding::Up: return !sign && tail != 0;
        case Rounding::Zero: break;
    }
    return false;
}

// A format as the rounding sees it.
struct Shape {
    u32 dropped;  // bits of the 64-bit significand it does not have
    i32 top;      // its largest finite exponent, in its own bias
    i32 wrap;     // added to or taken from the exponent by unmasked underflow and overflow; 0: none
    bool flush;   // tiny results become zero
};

struct Rounded {
    u64 significand;  // the integer bit is clear if denormal or zero
    i32 exponent;     // in the format's bias, 0 if denormal, top + 1 if infinite
};

// The parts of the work that few results need. `exponent` is in the format's bias.
Rounded round_tiny(Context& context, const Shape& shape, bool sign, i32 exponent, u64 high, u64 low);
Rounded overflowed(Context& context, const Shape& shape, bool sign, i32 exponent, u64 significand, bool exact, bool up);

[[gnu::always_inline]] inline Rounded round(Context& context, const Shape& shape, bool sign, i32 exponent, u64 high,
                                            u64 low) {
    if (exponent <= 0) [[unlikely]] return round_tiny(context, shape, sign, exponent, high, low);
    u64 tail = low;
    u64 kept = high;
    const u64 unit = u64{1} << shape.dropped;
    if (shape.dropped != 0) {
        tail = high << (64 - shape.dropped) | (low != 0);
        kept = high & ~(unit - 1);
    }
    bool up = false;
    if (tail != 0) {
        up = context.rounding == Rounding::Nearest
                 ? tail > integer_bit || (tail == integer_bit && (kept & unit) != 0)
                 : rounds_up(context.rounding, sign, (kept & unit) != 0, tail);
        kept += up ? unit : 0;
        if (kept == 0) {
            kept = integer_bit;
            ++exponent;
        }
    }
    if (exponent > shape.top) [[unlikely]] return overflowed(context, shape, sign, exponent, kept, tail == 0, up);
    if (tail != 0) {
        context.raise(inexact);
        context.rounded_up = up;
    }
    return {kept, exponent};
}

constexpr u32 dropped_bits(Precision precision) {
    switch (precision) {
        case Precision::Single: return 40;
        case Precision::Double: return 11;
        case Precision::Reserved:
        case Precision::Extended: break;
    }
    return 0;
}

// `finish` rounds an exact value to a format. That of Float80 obeys the precision given.
[[gnu::always_inline]] inline Float80 finish80(Context& context, Precision precision, bool sign, i32 exponent, u64 high,
                                               u64 low) {
    const Shape shape{dropped_bits(precision), 0x7ffe, 24576, false};
    const Rounded rounded = round(context, shape, sign, exponent, high, low);
    return make80(sign, rounded.exponent, rounded.significand);
}

template <class F>
F finish(Context& context, const Exact& value);

template <>
inline Float80 finish<Float80>(Context& context, const Exact& value) {
    return finish80(context, context.precision, value.sign, value.exponent, value.high, value.low);
}

template <>
inline Float64 finish<Float64>(Context& context, const Exact& value) {
    const Shape shape{11, 0x7fe, 0, context.flush_to_zero};
    const Rounded rounded = round(context, shape, value.sign, value.exponent - bias + 1023, value.high, value.low);
    return {u64{value.sign} << 63 | static_cast<u64>(rounded.exponent) << 52 | (rounded.significand << 1 >> 12)};
}

template <>
inline Float32 finish<Float32>(Context& context, const Exact& value) {
    const Shape shape{40, 0xfe, 0, context.flush_to_zero};
    const Rounded rounded = round(context, shape, value.sign, value.exponent - bias + 127, value.high, value.low);
    return {u32{value.sign} << 31 | static_cast<u32>(rounded.exponent) << 23 |
            static_cast<u32>(rounded.significand << 1 >> 41)};
}

// The special results of each format.
template <class F>
constexpr F zero_of(bool sign);
template <>
constexpr Float80 zero_of<Float80>(bool sign) { return zero80(sign); }
template <>
constexpr Float64 zero_of<Float64>(bool sign) { return {u64{sign} << 63}; }
template <>
constexpr Float32 zero_of<Float32>(bool sign) { return {u32{sign} << 31}; }

template <class F>
constexpr F infinity_of(bool sign);
template <>
constexpr Float80 infinity_of<Float80>(bool sign) { return infinity80(sign); }
template <>
constexpr Float64 infinity_of<Float64>(bool sign) { return {u64{sign} << 63 | 0x7ff0'0000'0000'0000}; }
template <>
constexpr Float32 infinity_of<Float32>(bool sign) { return {u32{sign} << 31 | 0x7f80'0000}; }

// A NaN in a format, quiet, its payload cut to fit.
template <class F>
constexpr F quiet_nan_of(const Number& nan);
template <>
constexpr Float80 quiet_nan_of<Float80>(const Number& nan) {
    return make80(nan.sign, 0x7fff, nan.significand | quiet_bit);
}
template <>
constexpr Float64 quiet_nan_of<Float64>(const Number& nan) {
    return {u64{nan.sign} << 63 | 0x7ff8'0000'0000'0000 | nan.significand << 1 >> 12};
}
template <>
constexpr Float32 quiet_nan_of<Float32>(const Number& nan) {
    return {u32{nan.sign} << 31 | 0x7fc0'0000 | static_cast<u32>(nan.significand << 1 >> 41)};
}

// Invalid operation without a NaN at hand.
template <class F>
F invalid_result(Context& context) {
    context.raise(invalid);
    return indefinite<F>;
}

// Which of two operands, at least one a NaN, becomes the result (SDM vol. 1, table 4-7).
template <class F>
F propagate(Context& context, const Number& a, const Number& b);
template <>
Float80 propagate<Float80>(Context& context, const Number& a, const Number& b);
template <>
Float64 propagate<Float64>(Context& context, const Number& a, const Number& b);
template <>
Float32 propagate<Float32>(Context& context, const Number& a, const Number& b);

// Notes denormal operands. True if that exception is unmasked, and nothing may be computed.
[[nodiscard]] inline bool stopped_by_denormal(Context& context, const Number& a) {
    if (a.kind != Kind::Denormal) return false;
    context.raise(denormal);
    return !context.is_masked(denormal);
}
[[nodiscard]] inline bool stopped_by_denormal(Context& context, const Number& a, const Number& b) {
    if (a.kind != Kind::Denormal && b.kind != Kind::Denormal) return false;
    context.raise(denormal);
    return !context.is_masked(denormal);
}

}  // namespace retrace::fp
