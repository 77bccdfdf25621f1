#include "core/float/convert.hpp"

#include "core/float/number.hpp"
#include "core/float/rounding.hpp"

namespace retrace::fp {

namespace {

template <class F>
Widened widen_any(F value) {
    const Number x = unpack(value, Context{});
    switch (x.kind) {
        case Kind::Zero: return {zero80(x.sign)};
        case Kind::Denormal: return {make80(x.sign, x.exponent, x.significand), true};
        default: return {make80(x.sign, x.exponent, x.significand)};
    }
}

template <class F>
Float80 load_any(F value, Context& context) {
    const Widened wide = widen(value);
    if (wide.denormal) context.raise(denormal);
    if (is_nan(wide.value) && (wide.value.significand & quiet_bit) == 0) {
        context.raise(invalid);
        return {wide.value.significand | quiet_bit, wide.value.sign_exponent};
    }
    return wide.value;
}

template <class F>
F store_any(Float80 value, Context& context) {
    const Number x = unpack(value, context);
    switch (x.kind) {
        case Kind::Zero: return zero_of<F>(x.sign);
        case Kind::Normal:
        case Kind::Denormal: {
            const F result = finish<F>(context, {x.sign, x.exponent, x.significand, 0});
            if (store_stopped(context)) {  // nothing is stored, so nothing is inexact
                context.raised = static_cast<u8>(context.raised & ~inexact);
                context.rounded_up = false;
            }
            return result;
        }
        case Kind::Infinity: return infinity_of<F>(x.sign);
        case Kind::Signalling: context.raise(invalid); [[fallthrough]];
        case Kind::Quiet: return quiet_nan_of<F>(x);
        case Kind::Unsupported: break;
    }
    return invalid_result<F>(context);
}

template <class To, class From>
To convert(From value, Context& context) {
    const Number x = unpack(value, context);
    if (x.nan()) return propagate<To>(context, x, Number{});
    if (x.kind == Kind::Infinity) return infinity_of<To>(x.sign);
    if (x.kind == Kind::Zero || stopped_by_denormal(context, x)) return zero_of<To>(x.sign);
    return finish<To>(context, {x.sign, x.exponent, x.significand, 0});
}

Exact exact_from(i64 value) {
    const bool sign = value < 0;
    const u64 magnitude = sign ? u64{0} - static_cast<u64>(value) : static_cast<u64>(value);
    const int shift = std::countl_zero(magnitude);
    return {sign, bias + 63 - shift, magnitude << shift, 0};
}

template <class F>
F from_integer(i64 value, Context& context) {
    return value == 0 ? zero_of<F>(false) : finish<F>(context, exact_from(value));
}

template <class F>
i64 to_integer_any(F value, u32 width, Rounding rounding, Context& context) {
    const i64 lowest = static_cast<i64>(~u64{0} << (width - 1));
    const Number x = unpack(value, context);
    if (x.kind == Kind::Zero) return 0;
    const i32 magnitude = x.exponent - bias;
    if (!x.finite() || magnitude > 63) {
        context.raise(invalid);
        return lowest;
    }
    u64 whole = 0;
    u64 tail = 1;
    if (magnitude == 63) {
        whole = x.significand;
        tail = 0;
    } else if (magnitude >= 0) {
        whole = x.significand >> (63 - magnitude);
        tail = x.significand << (magnitude + 1);
    } else if (magnitude == -1) {
        tail = x.significand;
    }
    const bool up = rounds_up(rounding, x.sign, (whole & 1) != 0, tail);
    whole += up;
    const u64 limit = (u64{1} << (width - 1)) - (x.sign ? 0 : 1);
    if (whole > limit) {
        context.raise(invalid);
        return lowest;
    }
    if (tail != 0) {
        context.raise(inexact);
        context.rounded_up = up;
    }
    return static_cast<i64>(x.sign ? u64{0} - whole : whole);
}

}  // namespace

Widened widen(Float32 value) { return widen_any(value); }
Widened widen(Float64 value) { return widen_any(value); }

Float80 load(Float32 value, Context& context) { return load_any(value, context); }
Float80 load(Float64 value, Context& context) { return load_any(value, context); }

Float32 store32(Float80 value, Context& context) { return store_any<Float32>(value, context); }
Float64 store64(Float80 value, Context& context) { return store_any<Float64>(value, context); }

Float64 to_float64(Float32 value, Context& context) { return convert<Float64>(value, context); }
Float32 to_float32(Float64 value, Context& context) { return convert<Float32>(value, context); }

Float80 float80_from(i64 value) {
    if (value == 0) return {};
    const Exact exact = exact_from(value);
    return make80(exact.sign, exact.exponent, exact.high);
}
Float64 float64_from(i64 value, Context& context) { return from_integer<Float64>(value, context); }
Float32 float32_from(i64 value, Context& context) { return from_integer<Float32>(value, context); }

i64 to_integer(Float80 value, u32 width, Rounding rounding, Context& context) {
    return to_integer_any(value, width, rounding, context);
}
i64 to_integer(Float64 value, u32 width, Rounding rounding, Context& context) {
    return to_integer_any(value, width, rounding, context);
}
i64 to_integer(Float32 value, u32 width, Rounding rounding, Context& context) {
    return to_integer_any(value, width, rounding, context);
}

Float80 from_decimal(const Decimal& digits) {
    u64 value = 0;
    for (int at = 8; at >= 0; --at) {
        const u8 pair = digits[static_cast<std::size_t>(at)];
        value = value * 100 + u64{pair} / 16 * 10 + pair % 16;
    }
    const bool sign = (digits[9] & 0x80) != 0;
    Float80 result = float80_from(static_cast<i64>(value));
    if (sign) result.sign_exponent |= 0x8000;
    return result;
}

Decimal to_decimal(Float80 value, Context& context) {
    constexpr u64 limit = 1'000'000'000'000'000'000;
    Context own = context;
    own.raised = 0;
    own.rounded_up = false;
    const i64 whole = to_integer(value, 64, context.rounding, own);
    u64 rest = whole < 0 ? u64{0} - static_cast<u64>(whole) : static_cast<u64>(whole);
    if ((own.raised & invalid) != 0 || rest >= limit) {
        context.raise(invalid);
        return {0, 0, 0, 0, 0, 0, 0, 0xc0, 0xff, 0xff};
    }
    context.raise(own.raised);
    context.rounded_up = own.rounded_up;
    Decimal digits{};
    for (std::size_t at = 0; at < 9; ++at, rest /= 100)
        digits[at] = static_cast<u8>(rest % 100 / 10 * 16 + rest % 10);
    digits[9] = value.sign() ? 0x80 : 0;
    return digits;
}

}  // namespace retrace::fp
