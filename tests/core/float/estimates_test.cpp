// The estimates beside the series: never further off than `margin` allows, or a wrong rounding would be taken for a settled one.
#include <catch2/catch.hpp>

#include "core/float/angle_estimates.hpp"
#include "core/float/logarithm_estimates.hpp"
#include "tests/core/float/operands.hpp"

namespace retrace::fp {
namespace {

bool near_enough(const Wide& estimated, const Wide& value) {
    if (estimated.exponent != value.exponent && estimated.exponent + 1 != value.exponent && estimated.exponent != value.exponent + 1) return false;
    const i32 top = std::max(estimated.exponent, value.exponent);
    const u128 a = estimated.significand >> (top - estimated.exponent), b = value.significand >> (top - value.exponent);
    return (a > b ? a - b : b - a) < estimate::margin;
}

// Small and large ones, few and many digits, both neighbours of what the tables hold.
Wide roll_below_one(Roller& roller, u32 least) {
    if (roller.below(3) == 0) {
        const u64 part = (u64{roller.below(126) + 1} << 57) + (u64{roller.below(3)} << 56);
        const u64 more = roller.word() >> roller.between(8, 63);
        return wide_from(u128_of(part + (roller.below(2) ? more : u64{0} - more), roller.word()), -1);
    }
    return {bias - 1 - static_cast<i32>(roller.below(roller.below(3) == 0 ? least : 9)), u128_of(roller.significand(), roller.word())};
}

constexpr int cases = 100'000;

TEST_CASE("sines and cosines are estimated to within the margin") {
    Roller roller{11};
    int wrong = 0;
    for (int n = 0; n < cases; ++n) {
        Wide angle = roll_below_one(roller, 30);
        if (angle.exponent < bias - 30) continue;
        if (angle.exponent == bias - 1 && high_half(angle.significand) > 0xc90f'daa2'2168'c234) --angle.exponent;
        const estimate::Both both = estimate::of_angle(angle, estimate::Want::Both);
        if (!near_enough(both.sine, sine_of(angle)) || !near_enough(both.cosine, cosine_of(angle))) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("arc tangents are estimated to within the margin") {
    Roller roller{12};
    int wrong = 0;
    for (int n = 0; n < cases; ++n) {
        const Number d{Kind::Normal, false, bias, roller.below(3) == 0 ? integer_bit : roller.significand()};
        const Wide ratio = roll_below_one(roller, 70) * wide_from(d);
        const Number m{Kind::Normal, false, ratio.exponent, high_half(ratio.significand)};
        if (!near_enough(estimate::arc_tangent(m, d), arc_tangent_of(m, d))) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("powers of two are estimated to within the margin") {
    Roller roller{13};
    int wrong = 0;
    for (int n = 0; n < cases; ++n) {
        const Wide rolled = roll_below_one(roller, 120);
        const u64 significand = high_half(rolled.significand);
        const bool sign = roller.below(2) != 0;
        const Wide y = Wide{rolled.exponent, u128{significand} << 64} * Wide{bias - 1, ln2_q128};
        const Wide value = y * wide_from(exponential_series(fixed_from(y, -1), sign), 1);
        if (!near_enough(estimate::power_less_one(sign, rolled.exponent, significand), value)) ++wrong;
    }
    CHECK(wrong == 0);
}

TEST_CASE("logarithms are estimated to within the margin") {
    Roller roller{14};
    int wrong = 0;
    for (int n = 0; n < cases; ++n) {
        const u64 digits = high_half(roll_below_one(roller, 60).significand << 1) >> (roller.below(3) == 0 ? roller.below(60) : 0);
        const u64 significand = integer_bit | (roller.below(4) == 0 ? ~digits : digits) >> 1;
        const i32 exponent = roller.below(2) == 0 ? bias - static_cast<i32>(roller.below(2)) : static_cast<i32>(roller.between(1, 0x7ffe));
        if (significand == integer_bit) continue;
        const Signed estimated = estimate::logarithm(exponent - bias, u128{significand} << 51), value = logarithm({exponent, u128{significand} << 64});
        if (estimated.sign != value.sign || !near_enough(estimated.value, value.value)) ++wrong;

        const Wide u{bias - 9 - static_cast<i32>(roller.below(150)), u128{significand} << 64};
        const bool sign = roller.below(2) != 0;
        const u128 fixed = fixed_from(u, 1);
        const Wide near = logarithm_by(u / wide_from(sign ? 2 * one_q126 - fixed : 2 * one_q126 + fixed, 1));
        if (!near_enough(estimate::logarithm_near_one(sign, u).value, near)) ++wrong;
    }
    CHECK(wrong == 0);
}

}  // namespace
}  // namespace retrace::fp
