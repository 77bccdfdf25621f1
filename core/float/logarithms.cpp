#include <array>

#include "core/float/arithmetic.hpp"
#include "core/float/logarithm_estimates.hpp"
#include "core/float/transcendental.hpp"

namespace retrace::fp {

namespace {

// y * log2(...), by an estimate if that settles it, else by the series.
Wide estimated_product(const Number& y, const Signed& logarithm) {
    return estimate::normalised(logarithm.value.exponent + y.exponent - bias + 1, estimate::multiply(logarithm.value.significand, y.significand));
}
template <class Series>
Unrounded times(const Number& y, const Signed& estimated, const Series& series) {
    const Wide product = estimated_product(y, estimated);
    if (estimate::settles(product) && product.exponent > 0) [[likely]] return unrounded(y.sign != estimated.sign, product);
    const Signed exactly = series();
    return unrounded(y.sign != exactly.sign, wide_from(y) * exactly.value);
}

// x is not a power of two.
Unrounded times_logarithm(const Number& y, const Number& x) {
    return times(y, estimate::logarithm(x.exponent - bias, u128{x.significand} << 51), [&] { return logarithm(wide_from(x)); });
}

// y * log2(2^power), power not 0: exact but for rounding.
Float80 times_power(Context& context, const Number& y, i32 power) {
    const Number factor = normalised(power < 0, bias + 63, static_cast<u64>(power < 0 ? -power : power));
    const Wide value = wide_from(u128{factor.significand} * y.significand, factor.exponent - bias + y.exponent - bias + 1);
    return finish80(context, Precision::Extended, y.sign != factor.sign, value.exponent, high_half(value.significand),
                    static_cast<u64>(value.significand));
}

// 2^x - 1, |x| < 1.
Unrounded power_less_one(const Number& x) {
    const Wide estimated = estimate::power_less_one(x.sign, x.exponent, x.significand);
    if (estimate::settles(estimated) && estimated.exponent > 0) [[likely]] return unrounded(x.sign, estimated);
    const Wide y = wide_from(x) * Wide{bias - 1, ln2_q128};
    return unrounded(x.sign, y * wide_from(exponential_series(fixed_from(y, -1), x.sign), 1));
}

}  // namespace

// SDM vol. 2, F2XM1. Beyond -1 and 1 the result is undefined: here the argument comes back.
Float80 two_to_x_minus_1(Float80 a, Context& context) {
    const Number x = unpack(a, context);
    if (x.kind > Kind::Infinity) return propagate<Float80>(context, x, Number{});
    if (x.kind == Kind::Zero) return a;
    if (x.kind == Kind::Infinity) return x.sign ? change_sign(one80) : a;
    if (x.exponent >= bias) {
        if (x.exponent == bias && x.significand == integer_bit) return x.sign ? make80(true, bias - 1, integer_bit) : a;
        return a;
    }
    if (stopped_by_denormal(context, x)) return a;
    return finish_unrounded(context, power_less_one(x));
}

bool usual_two_to_x_minus_1(Float80 a, Unrounded& result) {
    if (!is_normal(a) || a.exponent() >= bias) return false;
    result = power_less_one({Kind::Normal, a.sign(), a.exponent(), a.significand});
    return result.exponent > 0;
}

// SDM vol. 2, FYL2X, table 3-63.
Float80 y_log2_x(Float80 fy, Float80 fx, Context& context) {
    const Number x = unpack(fx, context), y = unpack(fy, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<Float80>(context, x, y);
    if (x.kind != Kind::Zero && x.sign) return invalid_result<Float80>(context);
    const bool below_one = x.kind == Kind::Zero || x.exponent < bias;
    const bool is_one = x.finite() && x.exponent == bias && x.significand == integer_bit;
    const bool sign = y.sign != below_one;
    if (x.kind == Kind::Zero || x.kind == Kind::Infinity) {
        if (y.kind == Kind::Zero) return invalid_result<Float80>(context);
        if (y.kind != Kind::Infinity && x.kind == Kind::Zero) {
            context.raise(zero_divide);
            return infinity80(sign);
        }
        if (stopped_by_denormal(context, y)) return fy;
        return infinity80(sign);
    }
    if (y.kind == Kind::Infinity) {
        if (is_one) return invalid_result<Float80>(context);
        if (stopped_by_denormal(context, x)) return fy;
        return infinity80(sign);
    }
    if (stopped_by_denormal(context, x, y)) return fy;
    if (y.kind == Kind::Zero || is_one) return zero80(sign);
    if (x.significand == integer_bit) return times_power(context, y, x.exponent - bias);
    return finish_unrounded(context, times_logarithm(y, x));
}

bool usual_y_log2_x(Float80 y, Float80 x, Unrounded& result) {
    if (!is_normal(y) || !is_normal(x) || x.sign() || x.significand == integer_bit) return false;
    result = times_logarithm({Kind::Normal, y.sign(), y.exponent(), y.significand}, {Kind::Normal, false, x.exponent(), x.significand});
    return result.exponent > 0;
}

namespace {

// 1 + x.
struct Sum {
    bool near_one = false, is_power = false;
    Wide value;            // not if near 1
};
Sum one_and(const Number& x) {
    if (x.exponent <= bias - 9) return {true, false, {}};
    const Wide wide = wide_from(x);
    Wide sum = wide;
    if (x.exponent < bias) {
        const u128 fixed = fixed_from(wide, 1);
        sum = wide_from(x.sign ? one_q126 - fixed : one_q126 + fixed, 1);
    } else if (x.exponent <= bias + 126) {
        const u128 one = u128{1} << (127 - (x.exponent - bias));
        sum.significand += one;
        if (sum.significand < one) sum = {x.exponent + 1, sum.significand >> 1 | u128{1} << 127};
    }
    return {false, x.exponent <= bias + 126 && sum.significand == u128{1} << 127, sum};   // from there on 1 is only cut off
}

Unrounded times_logarithm_of_sum(const Number& y, const Number& x, const Sum& sum) {
    const Signed estimated =
        sum.near_one ? estimate::logarithm_near_one(x.sign, wide_from(x)) : estimate::logarithm(sum.value.exponent - bias, sum.value.significand >> 13);
    return times(y, estimated, [&]() -> Signed {
        if (x.exponent > bias - 3) return logarithm(sum.value);
        const Wide wide = wide_from(x);
        const u128 fixed = fixed_from(wide, 1);
        return {x.sign, logarithm_by(wide / wide_from(x.sign ? 2 * one_q126 - fixed : 2 * one_q126 + fixed, 1))};
    });
}

}  // namespace

// SDM vol. 2, FYL2XP1, table 3-64. The result is undefined for x outside of 1/sqrt(2) - 1 to sqrt(2) - 1; here it goes
// on being right, -1 divides by zero and what is below is invalid.
Float80 y_log2_x_plus_1(Float80 fy, Float80 fx, Context& context) {
    const Number x = unpack(fx, context), y = unpack(fy, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<Float80>(context, x, y);
    const bool sign = y.sign != x.sign;
    if (x.kind == Kind::Zero) {
        if (y.kind == Kind::Infinity) return invalid_result<Float80>(context);
        if (stopped_by_denormal(context, y)) return fy;
        return zero80(sign);
    }
    const bool up_to_minus_one = x.sign && x.exponent >= bias;
    const bool minus_one = up_to_minus_one && x.exponent == bias && x.significand == integer_bit && x.finite();
    if (up_to_minus_one && (!minus_one || y.kind == Kind::Zero)) return invalid_result<Float80>(context);
    if (x.kind == Kind::Infinity && y.kind == Kind::Zero) return invalid_result<Float80>(context);
    if (minus_one && y.kind != Kind::Infinity) {
        context.raise(zero_divide);
        return infinity80(sign);
    }
    if (stopped_by_denormal(context, x, y)) return fy;
    if (x.kind == Kind::Infinity || y.kind == Kind::Infinity) return infinity80(sign);
    if (y.kind == Kind::Zero) return zero80(sign);

    const Sum sum = one_and(x);
    if (sum.is_power) return times_power(context, y, sum.value.exponent - bias);
    return finish_unrounded(context, times_logarithm_of_sum(y, x, sum));
}

bool usual_y_log2_x_plus_1(Float80 fy, Float80 fx, Unrounded& result) {
    if (!is_normal(fy) || !is_normal(fx) || (fx.sign() && fx.exponent() >= bias)) return false;
    const Number x{Kind::Normal, fx.sign(), fx.exponent(), fx.significand};
    const Sum sum = one_and(x);
    if (sum.is_power) return false;
    result = times_logarithm_of_sum({Kind::Normal, fy.sign(), fy.exponent(), fy.significand}, x, sum);
    return result.exponent > 0;
}

namespace {

// A constant as chips hold it: 64 bits cut off, and what was cut rounds it up in the modes named.
struct Constant {
    i32 exponent;
    u64 significand;
    bool above_half;
};

constexpr std::array<Constant, 5> constants{{
    {bias + 1, 0xd49a'784b'cd1b'8afe, false},  // log2 10
    {bias, 0xb8aa'3b29'5c17'f0bb, true},       // log2 e
    {bias + 1, 0xc90f'daa2'2168'c234, true},   // pi
    {bias - 2, 0x9a20'9a84'fbcf'f798, true},   // log10 2
    {bias - 1, 0xb172'17f7'd1cf'79ab, true},   // ln 2
}};

}  // namespace

Float80 constant(u32 index, Rounding rounding) {
    if (index == 0) return one80;
    if (index > constants.size()) return zero80(false);
    const Constant& value = constants[index - 1];
    const bool up = rounding == Rounding::Up || (rounding == Rounding::Nearest && value.above_half);
    return make80(false, value.exponent, value.significand + up);
}

}  // namespace retrace::fp
