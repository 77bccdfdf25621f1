#include <array>

#include "core/float/arithmetic.hpp"
#include "core/float/transcendental.hpp"
#include "core/float/wide.hpp"

namespace retrace::fp {

namespace {

constexpr u128 one_q126 = u128{1} << 126;

// 1/(k+1)! for k = 0.., in Q126: (e^y - 1) / y.
constexpr auto exponential_terms = [] {
    std::array<u128, 32> terms{};
    u128 term = one_q126;
    for (u32 k = 0; k < terms.size(); ++k) terms[k] = term /= k + 1;
    return terms;
}();

// 1/(2k+1) for k = 0.., in Q126: atanh(t) / t.
constexpr auto logarithm_terms = [] {
    std::array<u128, 25> terms{};
    for (u32 k = 0; k < terms.size(); ++k) terms[k] = one_q126 / (2 * k + 1);
    return terms;
}();

// 2 atanh(t) / ln 2 = log2((1 + t) / (1 - t)), |t| <= 0.172.
Wide logarithm_by(const Wide& t) {
    const i32 shift = 2 * (bias - 1 - t.exponent);
    const u128 square = shift > 127 ? 0 : multiply_high(t.significand, t.significand) >> shift;
    return t * wide_from(polynomial(logarithm_terms, square), 1) * Wide{bias + 1, log2e_q127};
}

struct Signed {
    bool sign = false;
    Wide value;
};

// log2 of a number that is not a power of two.
Signed logarithm(const Wide& x) {
    constexpr u64 root_of_two = 0xb504'f333'f9de'6484;
    const bool upper = high_half(x.significand) >= root_of_two;
    const i32 whole = x.exponent - bias + (upper ? 1 : 0);
    const u128 m = x.significand >> (upper ? 2 : 1);  // between the roots of 1/2 and 2, Q126
    const bool below = m < one_q126;
    const u128 distance = below ? one_q126 - m : m - one_q126;
    Signed fraction{below, {}};
    if (distance != 0) fraction.value = logarithm_by(wide_from(distance, 1) / wide_from(m + one_q126, 1));
    if (whole == 0) return fraction;
    const bool sign = whole < 0;
    const u128 integer = static_cast<u128>(sign ? -whole : whole) << 111;  // Q111
    const u128 part = distance == 0 ? 0 : fixed_from(fraction.value, 16);
    return {sign, wide_from(sign == below ? integer + part : integer - part, 16)};
}

Float80 times(Context& context, const Number& y, const Signed& logarithm) {
    return finish_wide(context, y.sign != logarithm.sign, wide_from(y) * logarithm.value);
}

// y * log2(2^power), power not 0: exact but for rounding.
Float80 times_power(Context& context, const Number& y, i32 power) {
    const Number factor = normalised(power < 0, bias + 63, static_cast<u64>(power < 0 ? -power : power));
    const Wide value = wide_from(u128{factor.significand} * y.significand, factor.exponent - bias + y.exponent - bias + 1);
    return finish80(context, Precision::Extended, y.sign != factor.sign, value.exponent, high_half(value.significand),
                    static_cast<u64>(value.significand));
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
    const Wide y = wide_from(x) * Wide{bias - 1, ln2_q128};
    const u128 y_q128 = fixed_from(y, -1);
    const u128 series =
        x.sign ? alternating_polynomial(exponential_terms, y_q128) : polynomial(exponential_terms, y_q128);
    return finish_wide(context, x.sign, y * wide_from(series, 1));
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
    return times(context, y, logarithm(wide_from(x)));
}

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

    const Wide wide = wide_from(x);
    if (x.exponent <= bias - 3) {  // |x| < 1/4
        const u128 fixed = fixed_from(wide, 1);
        const u128 sum = x.sign ? 2 * one_q126 - fixed : 2 * one_q126 + fixed;
        return times(context, y, {x.sign, logarithm_by(wide / wide_from(sum, 1))});
    }
    if (x.exponent > bias + 126) return times(context, y, logarithm(wide));
    Wide sum{};
    if (x.exponent >= bias) {  // x is at least 1
        const u128 shifted = u128{1} << (127 - (x.exponent - bias));
        sum.exponent = x.exponent;
        sum.significand = wide.significand + shifted;
        if (sum.significand < shifted) sum = {x.exponent + 1, sum.significand >> 1 | u128{1} << 127};
    } else {
        const u128 fixed = fixed_from(wide, 1);
        sum = wide_from(x.sign ? one_q126 - fixed : one_q126 + fixed, 1);
    }
    if (sum.significand == u128{1} << 127) return times_power(context, y, sum.exponent - bias);
    return times(context, y, logarithm(sum));
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
