// The transcendental functions beside MPFR's correctly rounded values, and their special cases beside the manual.
#include <catch2/catch.hpp>

#include <sstream>
#include <vector>

#include "core/float/arithmetic.hpp"
#include "core/float/transcendental.hpp"
#include "tests/core/float/operands.hpp"

#if __has_include(<mpfr.h>)
#include <mpfr.h>
#endif

namespace retrace::fp {
namespace {

std::string text(Float80 value) {
    std::ostringstream out;
    out << std::hex << value.sign_exponent << ':' << value.significand;
    return out.str();
}

constexpr Float80 minus(Float80 a) { return change_sign(a); }
constexpr Float80 zero = zero80(false);
constexpr Float80 infinity = infinity80(false);
constexpr Float80 two = make80(false, bias + 1, integer_bit);
constexpr Float80 half = make80(false, bias - 1, integer_bit);
constexpr Float80 pi = make80(false, bias + 1, 0xc90f'daa2'2168'c235);
constexpr Float80 half_pi = make80(false, bias, 0xc90f'daa2'2168'c235);
constexpr Float80 quarter_pi = make80(false, bias - 1, 0xc90f'daa2'2168'c235);
constexpr Float80 three_quarters_pi = make80(false, bias + 1, 0x96cb'e3f9'990e'91a8);
constexpr Float80 nan = indefinite<Float80>;

struct Case {
    Float80 y, x, result;
    u8 raised;
};

using Binary = Float80 (*)(Float80, Float80, Context&);
void check_table(Binary function, const std::vector<Case>& table) {
    for (const Case& line : table) {
        Context context;
        const Float80 result = function(line.y, line.x, context);
        INFO("y " << text(line.y) << " x " << text(line.x) << " gives " << text(result) << " raises "
                  << int{context.raised});
        CHECK(result == line.result);
        CHECK(context.raised == line.raised);
    }
}

TEST_CASE("FPATAN's special operands give what the manual's table says") {
    const std::vector<Case> table{
        {minus(infinity), minus(infinity), minus(three_quarters_pi), inexact},
        {minus(infinity), minus(one80), minus(half_pi), inexact},
        {minus(infinity), zero, minus(half_pi), inexact},
        {minus(infinity), infinity, minus(quarter_pi), inexact},
        {minus(one80), minus(infinity), minus(pi), inexact},
        {minus(one80), minus(zero), minus(half_pi), inexact},
        {minus(one80), infinity, minus(zero), 0},
        {minus(zero), minus(one80), minus(pi), inexact},
        {minus(zero), minus(zero), minus(pi), inexact},
        {minus(zero), zero, minus(zero), 0},
        {zero, minus(infinity), pi, inexact},
        {zero, zero, zero, 0},
        {zero, one80, zero, 0},
        {one80, minus(infinity), pi, inexact},
        {one80, zero, half_pi, inexact},
        {one80, one80, quarter_pi, inexact},
        {infinity, minus(infinity), three_quarters_pi, inexact},
        {infinity, one80, half_pi, inexact},
        {nan, one80, nan, 0},
    };
    check_table(&arc_tangent, table);
}

TEST_CASE("FYL2X's special operands give what the manual's table says") {
    const std::vector<Case> table{
        {one80, minus(one80), nan, invalid},        {one80, minus(infinity), nan, invalid},
        {minus(infinity), zero, infinity, 0},       {minus(one80), zero, infinity, zero_divide},
        {zero, zero, nan, invalid},                 {one80, minus(zero), minus(infinity), zero_divide},
        {infinity, zero, minus(infinity), 0},       {minus(infinity), half, infinity, 0},
        {minus(zero), half, zero, 0},               {zero, half, minus(zero), 0},
        {minus(infinity), one80, nan, invalid},     {minus(two), one80, minus(zero), 0},
        {minus(zero), one80, minus(zero), 0},       {two, one80, zero, 0},
        {zero, two, zero, 0},                       {minus(infinity), two, minus(infinity), 0},
        {infinity, two, infinity, 0},               {minus(one80), infinity, minus(infinity), 0},
        {zero, infinity, nan, invalid},             {one80, infinity, infinity, 0},
        {two, half, minus(two), 0},                 {half, two, half, 0},
    };
    check_table(&y_log2_x, table);
}

TEST_CASE("FYL2XP1's special operands give what the manual's table says") {
    const std::vector<Case> table{
        {minus(infinity), minus(half), infinity, 0}, {zero, minus(half), minus(zero), 0},
        {minus(zero), minus(half), zero, 0},         {infinity, zero, nan, invalid},
        {minus(infinity), minus(zero), nan, invalid}, {minus(one80), zero, minus(zero), 0},
        {minus(one80), minus(zero), zero, 0},        {one80, minus(zero), minus(zero), 0},
        {infinity, half, infinity, 0},               {minus(zero), half, minus(zero), 0},
    };
    check_table(&y_log2_x_plus_1, table);
}

TEST_CASE("F2XM1, FSIN, FCOS and FPTAN know their special operands") {
    Context context;
    CHECK(two_to_x_minus_1(one80, context) == one80);
    CHECK(two_to_x_minus_1(minus(one80), context) == minus(half));
    CHECK(two_to_x_minus_1(minus(zero), context) == minus(zero));
    CHECK(sine_cosine(minus(zero), Angle::Sine, context).sine == minus(zero));
    CHECK(sine_cosine(minus(zero), Angle::Cosine, context).cosine == one80);
    CHECK(tangent(minus(zero), context).value == minus(zero));
    CHECK(context.raised == 0);

    const Float80 far = make80(true, bias + 63, integer_bit);
    CHECK(sine_cosine(far, Angle::Both, context).out_of_range);
    CHECK(sine_cosine(far, Angle::Both, context).sine == far);
    CHECK(tangent(far, context).out_of_range);
    CHECK(context.raised == 0);
    CHECK_FALSE(sine_cosine(make80(true, bias + 62, ~u64{0}), Angle::Both, context).out_of_range);

    context.raised = 0;
    CHECK(sine_cosine(infinity, Angle::Sine, context).sine == nan);
    CHECK(context.raised == invalid);
    context.raised = 0;
    CHECK(sine_cosine(make80(false, 0, 1), Angle::Sine, context).sine == make80(false, 0, 1));
    CHECK(context.raised == (denormal | underflow | inexact));
}

TEST_CASE("an unmasked denormal operand stops a transcendental function before it computes") {
    Context context;
    context.masked = all_exceptions & ~denormal;
    const Float80 tiny = make80(false, 0, 12345);
    CHECK(two_to_x_minus_1(tiny, context) == tiny);
    CHECK(context.raised == denormal);
    CHECK(context.stopped());
}

#if __has_include(<mpfr.h>)

// Values with the exponent range of Float80, and 64 bits or very many.
class Exactly {
public:
    explicit Exactly(mpfr_prec_t precision) { mpfr_init2(value_, precision); }
    ~Exactly() { mpfr_clear(value_); }
    Exactly(const Exactly&) = delete;
    Exactly& operator=(const Exactly&) = delete;
    operator mpfr_ptr() { return value_; }

    void set(Float80 from) {
        mpfr_set_uj_2exp(value_, from.significand, (from.exponent() == 0 ? 1 : from.exponent()) - bias - 63, MPFR_RNDN);
        if (from.sign()) mpfr_neg(value_, value_, MPFR_RNDN);
    }

private:
    mpfr_t value_;
};

mpfr_rnd_t rounding_of(Rounding rounding) {
    constexpr mpfr_rnd_t modes[] = {MPFR_RNDN, MPFR_RNDD, MPFR_RNDU, MPFR_RNDZ};
    return modes[static_cast<int>(rounding)];
}

// `exact` has far more bits than needed; rounds it like the x87 would.
void rounded(mpfr_ptr exact, Rounding rounding, Float80& result, bool& up) {
    Exactly value{64};
    mpfr_set_emin(-16444);
    mpfr_set_emax(16384);
    int ternary = mpfr_set(value, exact, rounding_of(rounding));
    ternary = mpfr_check_range(value, ternary, rounding_of(rounding));
    ternary = mpfr_subnormalize(value, ternary, rounding_of(rounding));
    mpfr_set_emin(mpfr_get_emin_min());
    mpfr_set_emax(mpfr_get_emax_max());
    const bool sign = mpfr_signbit(static_cast<mpfr_ptr>(value)) != 0;
    up = sign ? ternary < 0 : ternary > 0;
    if (mpfr_inf_p(static_cast<mpfr_ptr>(value)) != 0) {
        result = infinity80(sign);
        return;
    }
    if (mpfr_zero_p(static_cast<mpfr_ptr>(value)) != 0) {
        result = zero80(sign);
        return;
    }
    Exactly scaled{64};
    const mpfr_exp_t exponent = mpfr_get_exp(static_cast<mpfr_ptr>(value)) - 1 + bias;
    const mpfr_exp_t unit = (exponent < 1 ? 1 : exponent) - bias - 63;
    mpfr_abs(scaled, value, MPFR_RNDN);
    mpfr_mul_2si(scaled, scaled, -unit, MPFR_RNDN);
    const u64 significand = mpfr_get_uj(scaled, MPFR_RNDN);
    result = make80(sign, exponent < 1 ? 0 : static_cast<i32>(exponent), significand);
}

constexpr mpfr_prec_t many = 320;

// After a function rounded toward zero: if it was not exact, a bit far below stands for what was cut off.
void stick(Exactly& value, int ternary) {
    if (ternary == 0) return;
    mpfr_prec_round(value, many + 20, MPFR_RNDZ);
    mpfr_sgn(static_cast<mpfr_ptr>(value)) > 0 ? mpfr_nextabove(value) : mpfr_nextbelow(value);
}

template <class Ours, class Exact>
void compare_with_mpfr(u64 seed, int cases, const Ours& ours, const Exact& exact) {
    Roller roller{seed};
    int wrong = 0;
    Exactly value{many};
    for (int i = 0; i < cases && wrong < 12; ++i) {
        Context context;
        context.rounding = static_cast<Rounding>(roller.below(4));
        context.precision = Precision::Single;  // must not matter
        Float80 a, b;
        const Float80 result = ours(roller, context, a, b);
        mpfr_set_prec(value, many);
        exact(value, a, b);
        Float80 expected;
        bool up = false;
        rounded(value, context.rounding, expected, up);
        if (result == expected && context.rounded_up == up) continue;
        ++wrong;
        UNSCOPED_INFO(text(a) << " " << text(b) << " rounding " << static_cast<int>(context.rounding) << " ours "
                              << text(result) << (context.rounded_up ? " up" : "") << " exactly " << text(expected)
                              << (up ? " up" : ""));
    }
    CHECK(wrong == 0);
}

constexpr int cases = 20'000;

// Angles of every size that is allowed, many of them next to multiples of pi/2.
Float80 roll_angle(Roller& roller) {
    const bool sign = roller.below(2) != 0;
    switch (roller.below(5)) {
        case 0: return make80(sign, roller.between(1, bias + 62), roller.significand());
        case 1: return make80(sign, roller.between(bias - 70, bias), roller.significand());
        case 2: {
            Context context;
            const Float80 count = make80(sign, bias + 63 - std::countl_zero(u64{1} + roller.below(1000)), integer_bit);
            Float80 angle = multiply(count, half_pi, context);
            angle.significand += roller.word() % 5 - 2;
            return angle.significand < integer_bit ? half_pi : angle;
        }
        default: return make80(sign, roller.between(bias - 3, bias + 62), roller.significand());
    }
}

Float80 roll_finite(Roller& roller) {
    switch (roller.below(4)) {
        case 0: return make80(roller.below(2) != 0, roller.between(1, 0x7ffe), roller.significand());
        case 1: return make80(roller.below(2) != 0, roller.between(bias - 3, bias + 3), roller.significand());
        default: return make80(roller.below(2) != 0, roller.between(bias - 66, bias + 66), roller.significand());
    }
}

TEST_CASE("sine and cosine are the exact values rounded, for every angle below 2^63") {
    compare_with_mpfr(1, cases, [](Roller& r, Context& c, Float80& a, Float80&) {
        return sine_cosine(a = roll_angle(r), Angle::Sine, c).sine;
    }, [](Exactly& out, Float80 a, Float80) {
        Exactly wide{64};
        wide.set(a);
        stick(out, mpfr_sin(out, wide, MPFR_RNDZ));
    });
    compare_with_mpfr(2, cases, [](Roller& r, Context& c, Float80& a, Float80&) {
        return sine_cosine(a = roll_angle(r), Angle::Cosine, c).cosine;
    }, [](Exactly& out, Float80 a, Float80) {
        Exactly wide{64};
        wide.set(a);
        stick(out, mpfr_cos(out, wide, MPFR_RNDZ));
    });
}

TEST_CASE("tangents are the exact values rounded, for every angle below 2^63") {
    compare_with_mpfr(3, cases, [](Roller& r, Context& c, Float80& a, Float80&) {
        return tangent(a = roll_angle(r), c).value;
    }, [](Exactly& out, Float80 a, Float80) {
        Exactly wide{64};
        wide.set(a);
        stick(out, mpfr_tan(out, wide, MPFR_RNDZ));
    });
}

TEST_CASE("arc tangents are the exact angles rounded, in all quadrants") {
    compare_with_mpfr(4, 2 * cases, [](Roller& r, Context& c, Float80& y, Float80& x) {
        y = roll_finite(r);
        x = roll_finite(r);
        if (r.below(3) == 0) x = make80(r.below(2) != 0, y.exponent(), r.significand());
        return arc_tangent(y, x, c);
    }, [](Exactly& out, Float80 y, Float80 x) {
        Exactly wide_y{64}, wide_x{64};
        wide_y.set(y);
        wide_x.set(x);
        stick(out, mpfr_atan2(out, wide_y, wide_x, MPFR_RNDZ));
    });
}

TEST_CASE("F2XM1 is the exact value rounded") {
    compare_with_mpfr(5, cases, [](Roller& r, Context& c, Float80& a, Float80&) {
        a = make80(r.below(2) != 0, r.below(4) == 0 ? r.between(1, bias - 1) : r.between(bias - 20, bias - 1), r.significand());
        return two_to_x_minus_1(a, c);
    }, [](Exactly& out, Float80 a, Float80) {
        Exactly wide{64};
        wide.set(a);
        mpfr_const_log2(out, MPFR_RNDN);
        mpfr_mul(out, out, wide, MPFR_RNDN);
        mpfr_expm1(out, out, MPFR_RNDN);
    });
}

TEST_CASE("FYL2X is the exact value rounded, for powers of two and next to one as well") {
    compare_with_mpfr(6, 2 * cases, [](Roller& r, Context& c, Float80& y, Float80& x) {
        y = roll_finite(r);
        x = absolute(roll_finite(r));
        if (r.below(4) == 0) x = make80(false, bias, integer_bit + (r.word() >> r.between(1, 63)) % integer_bit);
        if (r.below(4) == 0) x = make80(false, bias - 1, ~(r.word() >> r.between(1, 63)) | integer_bit);
        if (x == one80) x = two;
        return y_log2_x(y, x, c);
    }, [](Exactly& out, Float80 y, Float80 x) {
        Exactly wide_y{64}, wide_x{64};
        wide_y.set(y);
        wide_x.set(x);
        mpfr_log2(out, wide_x, MPFR_RNDN);
        mpfr_mul(out, out, wide_y, MPFR_RNDN);
    });
}

TEST_CASE("FYL2XP1 is the exact value rounded, inside its range and outside") {
    compare_with_mpfr(7, 2 * cases, [](Roller& r, Context& c, Float80& y, Float80& x) {
        y = roll_finite(r);
        x = make80(r.below(2) != 0, r.between(bias - 70, bias - 1), r.significand());
        if (r.below(8) == 0) x = make80(false, r.between(bias - 1, 0x7ffe), r.significand() | 1);
        if (x.exponent() == bias - 1 && x.significand == integer_bit) x.significand |= 1;
        return y_log2_x_plus_1(y, x, c);
    }, [](Exactly& out, Float80 y, Float80 x) {
        Exactly wide_y{64};
        wide_y.set(y);
        out.set(x);
        mpfr_add_ui(out, out, 1, MPFR_RNDN);  // exact, or the 1 is beyond what counts
        mpfr_log2(out, out, MPFR_RNDN);
        mpfr_mul(out, out, wide_y, MPFR_RNDN);
    });
}

TEST_CASE("the constants are the exact values rounded as asked") {
    for (u32 index = 1; index <= 5; ++index)
        for (u32 mode = 0; mode < 4; ++mode) {
            Exactly exact{many}, other{many};
            mpfr_set_ui(other, 10, MPFR_RNDN);
            switch (index) {
                case 1: mpfr_log2(exact, other, MPFR_RNDN); break;
                case 2: mpfr_const_log2(other, MPFR_RNDN); mpfr_ui_div(exact, 1, other, MPFR_RNDN); break;
                case 3: mpfr_const_pi(exact, MPFR_RNDN); break;
                case 4: mpfr_log2(other, other, MPFR_RNDN); mpfr_ui_div(exact, 1, other, MPFR_RNDN); break;
                default: mpfr_const_log2(exact, MPFR_RNDN); break;
            }
            Float80 expected;
            bool up = false;
            rounded(exact, static_cast<Rounding>(mode), expected, up);
            INFO("constant " << index << " rounding " << mode);
            CHECK(text(constant(index, static_cast<Rounding>(mode))) == text(expected));
        }
    CHECK(constant(0, Rounding::Up) == one80);
    CHECK(constant(6, Rounding::Up) == zero);
}

#else

TEST_CASE("transcendental functions beside MPFR") { WARN("skipped: libmpfr-dev was not there at build time"); }

#endif

}  // namespace
}  // namespace retrace::fp
