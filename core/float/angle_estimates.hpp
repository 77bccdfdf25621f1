// Estimates of sines, cosines and arc tangents; see estimates.hpp.
#pragma once

#include "core/float/estimates.hpp"

namespace retrace::fp::estimate {

inline constexpr u32 most_parts = 101;         // of an angle up to pi/4

// Of i/128, in Q128.
struct SineAndCosine {
    u128 sine, cosine;
};
inline constexpr auto sines_and_cosines = [] {
    std::array<SineAndCosine, most_parts + 1> table{};
    for (u32 i = 1; i < table.size(); ++i) {
        const Wide angle = wide_from(u128{i} << 121, -1);
        table[i] = {fixed_from(sine_of(angle), -1), fixed_from(cosine_of(angle), -1)};
    }
    return table;
}();

inline constexpr auto sixty_fourth = [](u64 divisor, u32 scale) { return static_cast<u64>((u128{1} << (64 - scale)) / divisor); };   // 2^-scale/divisor, Q64

struct Both {
    Wide sine, cosine;
};

// Which of both is wanted is known where this is inlined. 2^-30 <= angle < pi/4 + 2^-20.
enum class Want : u8 { Sine, Cosine, Both };
[[gnu::always_inline]] inline Both of_angle(const Wide& angle, Want want) {
    Both result;
    const i32 below = bias - 1 - angle.exponent;
    if (below >= 6) {   // below 2^-6
        const u64 a = high_half(angle.significand) >> (below - 6);                   // unit 2^-70
        const u64 square = multiply_high(a, a);                                      // unit 2^-76
        if (want != Want::Cosine) {
            u64 p = sixty_fourth(5040, 24) - multiply_high(square, sixty_fourth(362880, 36));
            p = sixty_fourth(120, 12) - multiply_high(square, p);
            p = multiply_high(square, sixty_fourth(6, 0) - multiply_high(square, p));      // unit 2^-76
            result.sine = normalised(angle.exponent, angle.significand - (u128{high_half(angle.significand)} * p >> 12));
        }
        if (want != Want::Sine) {
            u64 q = sixty_fourth(720, 24) - multiply_high(square, sixty_fourth(40320, 36));
            q = sixty_fourth(24, 12) - multiply_high(square, q);
            q = multiply_high(square, integer_bit - multiply_high(square, q));
            result.cosine = normalised(bias - 1, u128{0} - (u128{q} << 52));
        }
        return result;
    }
    const u128 whole = angle.significand >> below;                                   // Q128
    const u32 i = static_cast<u32>((high_half(whole) + (u64{1} << 56)) >> 57);
    const SineAndCosine& known = sines_and_cosines[i];
    const i128 distance = static_cast<i128>(whole - (u128{i} << 121));
    const bool before = distance < 0;
    const u128 rest = static_cast<u128>(before ? -distance : distance);              // at most 2^-8
    const u64 a = static_cast<u64>(rest >> 57);                                      // unit 2^-71
    const u64 square = multiply_high(a, a) << 1;                                     // unit 2^-79
    u64 p = sixty_fourth(120, 15) - multiply_high(square, sixty_fourth(5040, 30));
    p = multiply_high(square, sixty_fourth(6, 0) - multiply_high(square, p));        // unit 2^-79
    u64 q = sixty_fourth(24, 15) - multiply_high(square, sixty_fourth(720, 30));
    q = multiply_high(square, integer_bit - multiply_high(square, q));
    const u128 sine = (rest << 7) - (u128{multiply_high(a, p)} << 49);               // of the rest, unit 2^-135: a p weighs 2^-86
    if (want != Want::Cosine) {
        const u128 main = known.sine - (u128{high_half(known.sine)} * q >> 15);
        const u128 more = multiply(known.cosine, sine) >> 7;
        result.sine = normalised(bias - 1, before ? main - more : main + more);
    }
    if (want != Want::Sine) {
        const u128 main = known.cosine - (u128{high_half(known.cosine)} * q >> 15);
        const u128 more = multiply(known.sine, sine) >> 7;
        result.cosine = normalised(bias - 1, before ? main + more : main - more);
    }
    return result;
}

// atan(i/128) in Q127.
inline constexpr auto arc_tangents_of_parts = [] {
    std::array<u128, parts + 1> table{};
    const Number one{Kind::Normal, false, bias, integer_bit};
    for (u32 i = 1; i < table.size(); ++i) table[i] = fixed_from(arc_tangent_of(fp::normalised(false, bias + 56, i), one), 0);
    return table;
}();

// Of n/d, n <= d.
inline Wide arc_tangent(const Number& n, const Number& d) {
    const i32 apart = d.exponent - n.exponent;
    u32 i = 0;
    Wide t;
    if (apart <= 8) {
        const u64 ratio = (n.significand >> (24 + apart)) / (d.significand >> 32);   // unit 2^-8
        i = static_cast<u32>((ratio + 1) >> 1);
    }
    bool before = false;
    if (i == 0) {
        t = divide({n.exponent, u128{n.significand} << 64}, {d.exponent, u128{d.significand} << 64});
    } else {
        // atan(n/d) = atan(c) + atan((n - c d) / (d + c n)), c = i/128.
        const u128 numerator = u128{n.significand} << (16 - apart), denominator = u128{d.significand} << 16;
        const i128 distance = static_cast<i128>((numerator << 7) - i * denominator);
        before = distance < 0;
        if (distance == 0) return wide_from(arc_tangents_of_parts[i], 0);
        t = divide(wide_from(static_cast<u128>(before ? -distance : distance), 127), wide_from((denominator << 7) + i * numerator, 127));
    }
    // t at most 2^-7.
    const i32 below = bias - 1 - t.exponent;
    const u64 a = below - 7 > 63 ? 0 : high_half(t.significand) >> (below - 7);      // unit 2^-71
    const u64 square = multiply_high(a, a);                                          // unit 2^-78
    u64 p = sixty_fourth(7, 28) - multiply_high(square, sixty_fourth(9, 42));
    p = sixty_fourth(5, 14) - multiply_high(square, p);
    p = multiply_high(square, sixty_fourth(3, 0) - multiply_high(square, p));        // unit 2^-78
    const u128 significand = t.significand - (u128{high_half(t.significand)} * p >> 14);
    if (i == 0) return normalised(t.exponent, significand);
    const u128 more = below + 1 > 127 ? 0 : significand >> (below + 1);              // Q127
    return wide_from(before ? arc_tangents_of_parts[i] - more : arc_tangents_of_parts[i] + more, 0);
}

}  // namespace retrace::fp::estimate
