#include "core/float/scaling.hpp"

#include "core/float/arithmetic.hpp"
#include "core/float/convert.hpp"
#include "core/float/number.hpp"
#include "core/float/rounding.hpp"

namespace retrace::fp {

namespace {

// All three ignore precision control.
Float80 finish_extended(Context& context, bool sign, i32 exponent, u64 significand) {
    return finish80(context, Precision::Extended, sign, exponent, significand, 0);
}

// The operand itself, never tiny enough to report, but a pseudo-denormal gets its proper exponent.
Float80 unchanged(Float80 a) {
    if (a.exponent() == 0 && (a.significand & integer_bit) != 0) a.sign_exponent |= 1;
    return a;
}

}  // namespace

// SDM vol. 2, FPREM and FPREM1. With the exponents 64 or more apart one execution takes 32 to 63 bits off the
// quotient, and as on Intel's chips the difference left over is a multiple of 32.
Remainder remainder(Float80 a, Float80 b, Quotient kind, Context& context) {
    const Number x = unpack(a, context);
    const Number y = unpack(b, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return {propagate<Float80>(context, x, y)};
    if (x.kind == Kind::Infinity || y.kind == Kind::Zero) return {invalid_result<Float80>(context)};
    if (stopped_by_denormal(context, x, y)) return {a};
    if (x.kind == Kind::Zero) return {a};
    if (y.kind == Kind::Infinity) return {unchanged(a)};

    const i32 distance = x.exponent - y.exponent;
    if (distance < (kind == Quotient::Nearest ? -1 : 0))
        return {finish_extended(context, x.sign, x.exponent, x.significand)};

    bool sign = x.sign;
    i32 exponent = y.exponent;
    u64 quotient = 0;
    u64 rest = 0;
    bool partial = false;
    if (distance < 0) {
        // |a| < |b|, and FPREM1's quotient is 0 or 1: the rest in units of half of b's.
        if (x.significand <= y.significand) return {finish_extended(context, x.sign, x.exponent, x.significand)};
        const u64 left = y.significand - (x.significand - y.significand);
        const int shift = std::countl_zero(left);
        return {finish_extended(context, !sign, x.exponent - shift, left << shift), 1};
    }
    i32 steps = distance;
    if (distance >= 64) {
        partial = true;
        steps = 32 + distance % 32;
        exponent += distance - steps;
    }
    const u128 dividend = u128{x.significand} << steps;
    quotient = static_cast<u64>(dividend / y.significand);
    rest = static_cast<u64>(dividend % y.significand);
    if (kind == Quotient::Nearest && !partial) {
        const u64 other = y.significand - rest;
        if (rest > other || (rest == other && (quotient & 1) != 0)) {
            rest = other;
            sign = !sign;
            ++quotient;
        }
    }
    const u8 low = partial ? u8{0} : static_cast<u8>(quotient & 7);
    if (rest == 0) return {zero80(x.sign), low, partial};
    const int shift = std::countl_zero(rest);
    return {finish_extended(context, sign, exponent - shift, rest << shift), low, partial};
}

Float80 scale(Float80 a, Float80 b, Context& context) {
    const Number x = unpack(a, context);
    const Number y = unpack(b, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<Float80>(context, x, y);
    if (y.kind == Kind::Infinity) {
        if (y.sign ? x.kind == Kind::Infinity : x.kind == Kind::Zero) return invalid_result<Float80>(context);
        if (stopped_by_denormal(context, x)) return a;
        return y.sign ? zero80(x.sign) : infinity80(x.sign);
    }
    if (stopped_by_denormal(context, x, y)) return a;
    if (x.kind == Kind::Infinity || x.kind == Kind::Zero) return a;
    if (y.kind == Kind::Zero) return unchanged(a);
    constexpr i32 far = 100'000;  // beyond any exponent, wrapped or not
    i32 by = 0;
    if (y.exponent >= bias) {
        by = y.exponent > bias + 16 ? far : static_cast<i32>(y.significand >> (63 - (y.exponent - bias)));
        if (y.sign) by = -by;
    }
    return finish_extended(context, x.sign, x.exponent + by, x.significand);
}

Extracted extract(Float80 a, Context& context) {
    const Number x = unpack(a, context);
    switch (x.kind) {
        case Kind::Zero: context.raise(zero_divide); return {infinity80(true), a};
        case Kind::Infinity: return {infinity80(false), a};
        case Kind::Normal: break;
        case Kind::Denormal:
            if (stopped_by_denormal(context, x)) return {a, a};
            break;
        default: {
            const Float80 nan = propagate<Float80>(context, x, Number{});
            return {nan, nan};
        }
    }
    return {float80_from(x.exponent - bias), make80(x.sign, bias, x.significand)};
}

}  // namespace retrace::fp
