#include "core/float/arithmetic.hpp"

#include <bit>
#include <type_traits>
#include <utility>

#include "core/float/exact.hpp"
#include "core/float/number.hpp"
#include "core/float/rounding.hpp"

namespace retrace::fp {

namespace {

template <class F>
F exact_zero(const Context& context) {
    return zero_of<F>(context.rounding == Rounding::Down);
}

template <class F>
[[gnu::noinline]] F add_any(F a, F b, bool negate, Context& context) {
    const Number x = unpack(a, context);
    Number y = unpack(b, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<F>(context, x, y);
    y.sign ^= negate;
    if (x.kind == Kind::Infinity && y.kind == Kind::Infinity && x.sign != y.sign) return invalid_result<F>(context);
    if (stopped_by_denormal(context, x, y)) return a;
    if (x.kind == Kind::Infinity) return infinity_of<F>(x.sign);
    if (y.kind == Kind::Infinity) return infinity_of<F>(y.sign);
    if (x.kind == Kind::Zero && y.kind == Kind::Zero)
        return x.sign == y.sign ? zero_of<F>(x.sign) : exact_zero<F>(context);
    if (x.kind == Kind::Zero) return finish<F>(context, {y.sign, y.exponent, y.significand, 0});
    if (y.kind == Kind::Zero) return finish<F>(context, {x.sign, x.exponent, x.significand, 0});
    const Exact sum = exact_sum(x.sign, x.exponent, x.significand, y.sign, y.exponent, y.significand);
    return sum.high == 0 ? exact_zero<F>(context) : finish<F>(context, sum);
}

template <class F>
[[gnu::noinline]] F multiply_any(F a, F b, Context& context) {
    const Number x = unpack(a, context);
    const Number y = unpack(b, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<F>(context, x, y);
    const bool sign = x.sign != y.sign;
    if ((x.kind == Kind::Infinity && y.kind == Kind::Zero) || (x.kind == Kind::Zero && y.kind == Kind::Infinity))
        return invalid_result<F>(context);
    if (stopped_by_denormal(context, x, y)) return a;
    if (x.kind == Kind::Infinity || y.kind == Kind::Infinity) return infinity_of<F>(sign);
    if (x.kind == Kind::Zero || y.kind == Kind::Zero) return zero_of<F>(sign);
    return finish<F>(context, exact_product(sign, x.exponent, x.significand, y.exponent, y.significand));
}

template <class F>
[[gnu::noinline]] F divide_any(F a, F b, Context& context) {
    const Number x = unpack(a, context);
    const Number y = unpack(b, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) return propagate<F>(context, x, y);
    const bool sign = x.sign != y.sign;
    if (x.kind == y.kind && (x.kind == Kind::Infinity || x.kind == Kind::Zero)) return invalid_result<F>(context);
    if (y.kind == Kind::Zero && x.kind != Kind::Infinity) {
        context.raise(zero_divide);
        return infinity_of<F>(sign);
    }
    if (stopped_by_denormal(context, x, y)) return a;
    if (x.kind == Kind::Infinity) return infinity_of<F>(sign);
    if (y.kind == Kind::Infinity || x.kind == Kind::Zero) return zero_of<F>(sign);
    return finish<F>(context, exact_quotient(sign, x.exponent, x.significand, y.exponent, y.significand));
}

template <class F>
F square_root_any(F a, Context& context) {
    const Number x = unpack(a, context);
    if (x.kind > Kind::Infinity) return propagate<F>(context, x, Number{});
    if (x.kind == Kind::Zero) return zero_of<F>(x.sign);
    if (x.sign) return invalid_result<F>(context);
    if (stopped_by_denormal(context, x)) return a;
    if (x.kind == Kind::Infinity) return infinity_of<F>(false);
    return finish<F>(context, exact_root(x.exponent, x.significand));
}

template <class F>
[[gnu::noinline]] Relation compare_any(F a, F b, Comparison kind, Context& context) {
    const Number x = unpack(a, context);
    const Number y = unpack(b, context);
    if (x.kind > Kind::Infinity || y.kind > Kind::Infinity) {
        const bool loud = x.kind > Kind::Quiet || y.kind > Kind::Quiet;
        if (loud || kind == Comparison::Ordered) context.raise(invalid);
        return Relation::Unordered;
    }
    if (x.kind == Kind::Denormal || y.kind == Kind::Denormal) context.raise(denormal);
    if (x.kind == Kind::Zero && y.kind == Kind::Zero) return Relation::Equal;
    if (x.sign != y.sign) return x.sign ? Relation::Less : Relation::Greater;
    // A zero's exponent counts as below all others.
    const i32 ex = x.kind == Kind::Zero ? -100'000 : x.exponent;
    const i32 ey = y.kind == Kind::Zero ? -100'000 : y.exponent;
    if (ex == ey && x.significand == y.significand) return Relation::Equal;
    const bool smaller = ex != ey ? ex < ey : x.significand < y.significand;
    return smaller != x.sign ? Relation::Less : Relation::Greater;
}

// `digits` is the length of the format's significand: from there on all values are integral.
template <class F>
F round_to_integral_any(F a, i32 digits, bool quiet, Context& context) {
    const Number x = unpack(a, context);
    if (x.kind > Kind::Infinity) return propagate<F>(context, x, Number{});
    if (x.kind == Kind::Zero) return zero_of<F>(x.sign);
    if (x.kind == Kind::Infinity) return a;
    // FRNDINT reports denormals, ROUNDSD does not.
    if (std::is_same_v<F, Float80> && stopped_by_denormal(context, x)) return a;
    const i32 magnitude = x.exponent - bias;
    if (magnitude >= digits - 1) return a;
    u64 tail = 1;
    u64 kept = 0;
    u64 unit = 0;  // the weight of 1 in the significand
    if (magnitude >= 0) {
        const u32 fraction = static_cast<u32>(63 - magnitude);
        unit = u64{1} << fraction;
        tail = x.significand << (magnitude + 1);
        kept = x.significand & ~(unit - 1);
    } else if (magnitude == -1) {
        tail = x.significand;
    }
    if (tail == 0) return a;
    const bool up = rounds_up(context.rounding, x.sign, (kept & unit) != 0, tail);
    if (!quiet) {
        context.raise(inexact);
        context.rounded_up = up;
    }
    Exact result{x.sign, x.exponent, kept, 0};
    if (magnitude < 0) {
        if (!up) return zero_of<F>(x.sign);
        result.exponent = bias;
        result.high = integer_bit;
    } else if (up) {
        result.high += unit;
        if (result.high == 0) {
            result.high = integer_bit;
            ++result.exponent;
        }
    }
    Context exactly;
    return finish<F>(exactly, result);
}

[[gnu::always_inline]] inline Float80 finish80(Context& context, const Exact& value) {
    return finish80(context, context.precision, value.sign, value.exponent, value.high, value.low);
}

[[gnu::always_inline]] inline Float80 add80(Float80 a, Float80 b, bool negate, Context& context) {
    if (!is_normal(a) || !is_normal(b)) [[unlikely]] return add_any(a, b, negate, context);
    const Exact sum = exact_sum(a.sign(), a.exponent(), a.significand, b.sign() != negate, b.exponent(), b.significand);
    if (sum.high == 0) return exact_zero<Float80>(context);
    return finish80(context, sum);
}

// ---- Float64 and Float32 when operands and result are normal numbers; anything else goes the long way.

template <class F>
struct Layout;
template <>
struct Layout<Float64> {
    using Bits = u64;
    static constexpr u32 fraction = 52, top = 0x7fe;
};
template <>
struct Layout<Float32> {
    using Bits = u32;
    static constexpr u32 fraction = 23, top = 0xfe;
};

template <class F>
struct Normal {
    using L = Layout<F>;
    i32 exponent;
    bool sign;
    u64 significand;  // the top bit is set

    [[gnu::always_inline]] explicit Normal(F value)
        : exponent{static_cast<i32>(value.bits >> L::fraction & (L::top | 1))}
        , sign{value.bits >> (8 * sizeof(F) - 1) != 0}
        , significand{u64{value.bits} << (63 - L::fraction) | integer_bit} {}
    [[gnu::always_inline]] bool holds() const { return static_cast<u32>(exponent - 1) < L::top; }
};

// Rounds a significand whose top bit is set and whose lowest is sticky. False: the result is not a normal number.
template <class F>
[[gnu::always_inline]] inline bool round_normal(Context& context, bool sign, i32 exponent, u64 significand, F& result) {
    using L = Layout<F>;
    using Bits = typename L::Bits;
    constexpr u32 dropped = 63 - L::fraction;
    const u64 tail = significand << (64 - dropped);
    u64 kept = significand >> dropped;
    if (tail != 0) {
        const bool odd = (kept & 1) != 0;
        kept += context.rounding == Rounding::Nearest ? tail > integer_bit || (tail == integer_bit && odd)
                                                      : rounds_up(context.rounding, sign, odd, tail);
    }
    // The integer bit, and a carry out of it, add to the exponent.
    if (exponent < 1) return false;
    const u64 magnitude = (static_cast<u64>(exponent - 1) << L::fraction) + kept;
    if (magnitude >> L::fraction > L::top) return false;
    if (tail != 0) context.raise(inexact);
    result = {static_cast<Bits>(Bits{sign} << (8 * sizeof(F) - 1) | static_cast<Bits>(magnitude))};
    return true;
}

template <class F>
[[gnu::always_inline]] inline F add_short(F a, F b, bool negate, Context& context) {
    Normal<F> x{a}, y{b};
    if (!x.holds() || !y.holds()) [[unlikely]] return add_any(a, b, negate, context);
    y.sign ^= negate;
    if (x.exponent < y.exponent || (x.exponent == y.exponent && x.significand < y.significand)) std::swap(x, y);
    // One bit of room for the carry; ten or more below for what is shifted out.
    const u32 distance = static_cast<u32>(x.exponent - y.exponent);
    const u64 large = x.significand >> 1, other = y.significand >> 1;
    const u64 small = distance < 64 ? other >> distance | ((other << 1 << (63 - distance)) != 0) : 1;
    const u64 sum = x.sign == y.sign ? large + small : large - small;
    if (sum == 0) return exact_zero<F>(context);
    const int shift = std::countl_zero(sum);
    F result;
    if (round_normal(context, x.sign, x.exponent + 1 - shift, sum << shift, result)) [[likely]] return result;
    return add_any(a, b, negate, context);
}

template <class F>
[[gnu::always_inline]] inline F multiply_short(F a, F b, Context& context) {
    const Normal<F> x{a}, y{b};
    if (!x.holds() || !y.holds()) [[unlikely]] return multiply_any(a, b, context);
    u128 product = u128{x.significand} * y.significand;
    i32 exponent = x.exponent + y.exponent - static_cast<i32>(Layout<F>::top / 2) + 1;
    if (static_cast<i64>(product >> 64) >= 0) {
        product <<= 1;
        --exponent;
    }
    F result;
    const u64 significand = static_cast<u64>(product >> 64) | (static_cast<u64>(product) != 0);
    if (round_normal(context, x.sign != y.sign, exponent, significand, result)) [[likely]] return result;
    return multiply_any(a, b, context);
}

template <class F>
[[gnu::always_inline]] inline F divide_short(F a, F b, Context& context) {
    const Normal<F> x{a}, y{b};
    if (!x.holds() || !y.holds()) [[unlikely]] return divide_any(a, b, context);
    const Exact quotient = exact_quotient(x.sign != y.sign, x.exponent, x.significand, y.exponent, y.significand);
    F result;
    if (round_normal(context, quotient.sign, quotient.exponent - bias + static_cast<i32>(Layout<F>::top / 2),
                     quotient.high | (quotient.low != 0), result)) [[likely]]
        return result;
    return divide_any(a, b, context);
}

}  // namespace

Float80 add(Float80 a, Float80 b, Context& context) { return add80(a, b, false, context); }
Float80 subtract(Float80 a, Float80 b, Context& context) { return add80(a, b, true, context); }

Float80 multiply(Float80 a, Float80 b, Context& context) {
    if (!is_normal(a) || !is_normal(b)) [[unlikely]] return multiply_any(a, b, context);
    return finish80(context,
                    exact_product(a.sign() != b.sign(), a.exponent(), a.significand, b.exponent(), b.significand));
}

Float80 divide(Float80 a, Float80 b, Context& context) {
    if (!is_normal(a) || !is_normal(b)) [[unlikely]] return divide_any(a, b, context);
    return finish80(context,
                    exact_quotient(a.sign() != b.sign(), a.exponent(), a.significand, b.exponent(), b.significand));
}

Float80 square_root(Float80 a, Context& context) { return square_root_any(a, context); }

Float64 add(Float64 a, Float64 b, Context& context) { return add_short(a, b, false, context); }
Float64 subtract(Float64 a, Float64 b, Context& context) { return add_short(a, b, true, context); }
Float64 multiply(Float64 a, Float64 b, Context& context) { return multiply_short(a, b, context); }
Float64 divide(Float64 a, Float64 b, Context& context) { return divide_short(a, b, context); }
Float64 square_root(Float64 a, Context& context) { return square_root_any(a, context); }

Float32 add(Float32 a, Float32 b, Context& context) { return add_short(a, b, false, context); }
Float32 subtract(Float32 a, Float32 b, Context& context) { return add_short(a, b, true, context); }
Float32 multiply(Float32 a, Float32 b, Context& context) { return multiply_short(a, b, context); }
Float32 divide(Float32 a, Float32 b, Context& context) { return divide_short(a, b, context); }
Float32 square_root(Float32 a, Context& context) { return square_root_any(a, context); }

Relation compare(Float80 a, Float80 b, Comparison kind, Context& context) {
    if (!is_normal(a) || !is_normal(b)) [[unlikely]] return compare_any(a, b, kind, context);
    if (a == b) return Relation::Equal;
    if (a.sign() != b.sign()) return a.sign() ? Relation::Less : Relation::Greater;
    const bool smaller =
        a.exponent() != b.exponent() ? a.exponent() < b.exponent() : a.significand < b.significand;
    return smaller != a.sign() ? Relation::Less : Relation::Greater;
}
Relation compare(Float64 a, Float64 b, Comparison kind, Context& context) { return compare_any(a, b, kind, context); }
Relation compare(Float32 a, Float32 b, Comparison kind, Context& context) { return compare_any(a, b, kind, context); }

Float80 round_to_integral(Float80 a, Context& context) { return round_to_integral_any(a, 64, false, context); }
Float64 round_to_integral(Float64 a, Context& context, bool quiet) { return round_to_integral_any(a, 53, quiet, context); }
Float32 round_to_integral(Float32 a, Context& context, bool quiet) { return round_to_integral_any(a, 24, quiet, context); }

void note_denormal_source(Float80 result, Context& context) {
    if ((context.raised & (invalid | zero_divide)) != 0 || is_nan(result)) return;
    context.raise(denormal);
    if (!context.is_masked(denormal)) {
        context.raised = static_cast<u8>(context.raised & ~(overflow | underflow | inexact));
        context.rounded_up = false;
    }
}

}  // namespace retrace::fp
