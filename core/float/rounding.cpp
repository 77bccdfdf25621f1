#include "core/float/rounding.hpp"

namespace retrace::fp {

Rounded overflowed(Context& context, const Shape& shape, bool sign, i32 exponent, u64 significand, bool exact, bool up) {
    context.raise(overflow);
    if (!context.is_masked(overflow)) {
        if (!exact) {
            context.raise(inexact);
            context.rounded_up = up;
        }
        if (shape.wrap == 0) return {significand, shape.top};  // SSE stores nothing
        exponent -= shape.wrap;
        if (exponent > shape.top) {  // beyond even that: only FSCALE
            context.raise(inexact);
            context.rounded_up = true;
            return {integer_bit, shape.top + 1};
        }
        return {significand, exponent};
    }
    context.raise(inexact);
    const bool to_infinity = context.rounding == Rounding::Nearest ||
                             (context.rounding == Rounding::Up && !sign) || (context.rounding == Rounding::Down && sign);
    context.rounded_up = to_infinity;
    if (to_infinity) return {integer_bit, shape.top + 1};
    return {~u64{0} << shape.dropped, shape.top};
}

namespace {

struct Cut {
    u64 kept;
    u64 tail;
    bool up;
};

Cut cut(Rounding rounding, u32 dropped, bool sign, u64 high, u64 low) {
    const u64 unit = u64{1} << dropped;
    const u64 tail = dropped == 0 ? low : (high << (64 - dropped) | (low != 0));
    const u64 kept = high & ~(unit - 1);
    return {kept, tail, rounds_up(rounding, sign, (kept & unit) != 0, tail)};
}

}  // namespace

// Tininess is detected after rounding (SDM vol. 1, 4.9.1.5): as if the exponent had no limit.
Rounded round_tiny(Context& context, const Shape& shape, bool sign, i32 exponent, u64 high, u64 low) {
    const u64 unit = u64{1} << shape.dropped;
    const Cut wide = cut(context.rounding, shape.dropped, sign, high, low);
    const bool carries = wide.up && wide.kept + unit == 0;
    const u64 significand = carries ? integer_bit : wide.kept + (wide.up ? unit : 0);
    const i32 rounded_exponent = exponent + (carries ? 1 : 0);
    if (rounded_exponent > 0) {
        context.raise(inexact);
        context.rounded_up = true;
        return {significand, rounded_exponent};
    }
    if (!context.is_masked(underflow)) {
        context.raise(underflow);
        if (wide.tail != 0) {
            context.raise(inexact);
            context.rounded_up = wide.up;
        }
        if (shape.wrap == 0) return {0, 0};  // SSE stores nothing
        if (rounded_exponent + shape.wrap <= 0) {  // only FSCALE
            context.raise(inexact);
            return {0, 0};
        }
        return {significand, rounded_exponent + shape.wrap};
    }
    if (shape.flush) {
        context.raise(underflow | inexact);
        return {0, 0};
    }
    const u128 value = shift_right_sticky(u128{high} << 64 | low, static_cast<u32>(1 - exponent));
    const Cut narrow = cut(context.rounding, shape.dropped, sign, static_cast<u64>(value >> 64), static_cast<u64>(value));
    const u64 result = narrow.kept + (narrow.up ? unit : 0);
    if (narrow.tail != 0) {
        context.raise(underflow | inexact);
        context.rounded_up = narrow.up;
    }
    return {result, (result & integer_bit) != 0 ? 1 : 0};
}

// The x87: a quiet NaN before a signalling one, else the larger significand, else the positive one.
template <>
Float80 propagate<Float80>(Context& context, const Number& a, const Number& b) {
    if (a.kind == Kind::Unsupported || b.kind == Kind::Unsupported) return invalid_result<Float80>(context);
    if (a.kind == Kind::Signalling || b.kind == Kind::Signalling) context.raise(invalid);
    if (!b.nan()) return quiet_nan_of<Float80>(a);
    if (!a.nan()) return quiet_nan_of<Float80>(b);
    if (a.kind != b.kind) return quiet_nan_of<Float80>(a.kind == Kind::Quiet ? a : b);
    if (a.significand != b.significand) return quiet_nan_of<Float80>(a.significand > b.significand ? a : b);
    return quiet_nan_of<Float80>(a.sign ? b : a);
}

namespace {

// SSE: the first operand that is a NaN.
template <class F>
F propagate_first(Context& context, const Number& a, const Number& b) {
    if (a.kind == Kind::Signalling || b.kind == Kind::Signalling) context.raise(invalid);
    return quiet_nan_of<F>(a.nan() ? a : b);
}

}  // namespace

template <>
Float64 propagate<Float64>(Context& context, const Number& a, const Number& b) {
    return propagate_first<Float64>(context, a, b);
}

template <>
Float32 propagate<Float32>(Context& context, const Number& a, const Number& b) {
    return propagate_first<Float32>(context, a, b);
}

}  // namespace retrace::fp
