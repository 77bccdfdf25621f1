// Rolls operands where mistakes live: at the ends of the exponent range, near one, near each other, and specials.
#pragma once

#include <bit>

#include "core/float/context.hpp"
#include "core/float/formats.hpp"

namespace retrace::fp {

class Roller {
public:
    explicit Roller(u64 seed) : state_{seed} {}

    u64 word() {
        state_ += 0x9e37'79b9'7f4a'7c15;
        u64 mixed = state_;
        mixed = (mixed ^ mixed >> 30) * 0xbf58'476d'1ce4'e5b9;
        mixed = (mixed ^ mixed >> 27) * 0x94d0'49bb'1331'11eb;
        return mixed ^ mixed >> 31;
    }
    u32 below(u32 limit) { return static_cast<u32>((word() >> 32) * limit >> 32); }
    i32 between(i32 low, i32 high) { return low + static_cast<i32>(below(static_cast<u32>(high - low + 1))); }

    // A significand: random, sparse, dense, short (exact in Float32 or Float64), or next to a power of two.
    u64 significand() {
        switch (below(8)) {
            case 0: return integer_bit;
            case 1: return integer_bit | u64{1} << below(63);
            case 2: return ~u64{0} << below(64);
            case 3: return integer_bit | (word() & ~u64{0} << 40);
            case 4: return integer_bit | (word() & ~u64{0} << 11);
            case 5: return ~(u64{1} << below(63));
            case 6: return (integer_bit | word()) & ~(u64{0xfff} << below(52)) | integer_bit;
            default: return integer_bit | word();
        }
    }

    Float80 float80() {
        const bool sign = (word() & 1) != 0;
        switch (below(40)) {
            case 0: return zero80(sign);
            case 1: return infinity80(sign);
            case 2: return make80(sign, 0x7fff, significand() | quiet_bit);
            case 3: return make80(sign, 0x7fff, (significand() & ~quiet_bit) | 1);
            case 4: return make80(sign, 0, word() >> (1 + below(63)));
            case 5: return make80(sign, 0, significand());
            case 6: return make80(sign, between(1, 0x7fff), significand() & ~integer_bit);
            case 7:
            case 8: return make80(sign, between(0x7ff0, 0x7ffe), significand());
            case 9:
            case 10: return make80(sign, between(1, 80), significand());
            case 11: return make80(sign, between(bias - 1100, bias - 1000), significand());
            case 12: return make80(sign, between(bias - 160, bias - 120), significand());
            case 13: return make80(sign, between(bias + 1000, bias + 1030), significand());
            case 14: return make80(sign, between(bias + 120, bias + 130), significand());
            case 15: return make80(sign, between(1, 0x7ffe), significand());
            case 16: return make80(sign, between(8100, 8300), significand());
            case 17: return make80(sign, between(24500, 24650), significand());
            case 18:
            case 19:
            case 20: return make80(sign, between(bias - 3, bias + 3), significand());
            case 21:
            case 22:
            case 23: return integer(sign);
            default: return make80(sign, between(bias - 70, bias + 70), significand());
        }
    }

    Float64 float64() {
        const u64 sign = word() & integer_bit;
        switch (below(24)) {
            case 0: return {sign};
            case 1: return {sign | 0x7ff0'0000'0000'0000};
            case 2: return {sign | 0x7ff8'0000'0000'0000 | significand() >> 13};
            case 3: return {sign | 0x7ff0'0000'0000'0000 | (significand() << 1 >> 13) | 1};
            case 4:
            case 5: return {sign | word() >> (12 + below(52))};
            case 6:
            case 7: return pack64(sign, between(1, 60));
            case 8:
            case 9: return pack64(sign, between(2030, 2046));
            case 10: return pack64(sign, between(1, 2046));
            case 11: return pack64(sign, between(500, 530));
            case 12: return pack64(sign, between(1500, 1550));
            case 13: return pack64(sign, between(1023 - 160, 1023 - 120));
            case 14: return pack64(sign, between(1023 + 120, 1023 + 130));
            default: return pack64(sign, between(1023 - 60, 1023 + 66));
        }
    }

    Float32 float32() {
        const u32 sign = static_cast<u32>(word() & 0x8000'0000);
        switch (below(20)) {
            case 0: return {sign};
            case 1: return {sign | 0x7f80'0000};
            case 2: return {sign | 0x7fc0'0000 | static_cast<u32>(significand() >> 42)};
            case 3: return {sign | 0x7f80'0000 | static_cast<u32>(significand() << 1 >> 42) | 1};
            case 4:
            case 5: return {sign | static_cast<u32>(word() >> (41 + below(23)))};
            case 6:
            case 7: return pack32(sign, between(1, 30));
            case 8:
            case 9: return pack32(sign, between(240, 254));
            case 10: return pack32(sign, between(1, 254));
            case 11: return pack32(sign, between(50, 75));
            case 12: return pack32(sign, between(180, 200));
            default: return pack32(sign, between(127 - 30, 127 + 66));
        }
    }

    // A second operand that is often near the first: where sums cancel, quotients are near one, ties happen.
    Float80 near(Float80 a) {
        if (below(3) != 0) return float80();
        Float80 b = a;
        b.sign_exponent = static_cast<u16>(b.sign_exponent ^ (word() & 0x8000));
        switch (below(4)) {
            case 0: break;
            case 1: b.significand += word() % 5 - 2; break;
            case 2: b.significand = significand(); break;
            default: b.sign_exponent = static_cast<u16>(b.sign_exponent + below(5)); break;
        }
        return b;
    }

    Context context() {
        Context context;
        context.rounding = static_cast<Rounding>(below(4));
        constexpr Precision precisions[] = {Precision::Single, Precision::Double, Precision::Extended};
        context.precision = precisions[below(3)];
        context.masked = below(2) != 0 ? all_exceptions : static_cast<u8>(word() & all_exceptions);
        return context;
    }

private:
    Float80 integer(bool sign) {
        const u64 whole = word() >> below(64);
        if (whole == 0) return zero80(sign);
        const int shift = std::countl_zero(whole);
        const i32 halves = below(4) == 0 ? 1 : 0;
        return make80(sign, bias + 63 - shift - halves, whole << shift);
    }
    Float64 pack64(u64 sign, i32 exponent) {
        return {sign | static_cast<u64>(exponent) << 52 | significand() << 1 >> 12};
    }
    Float32 pack32(u32 sign, i32 exponent) {
        return {sign | static_cast<u32>(exponent) << 23 | static_cast<u32>(significand() << 1 >> 41)};
    }

    u64 state_;
};

// The x87 control word that asks for the same as a context.
inline u16 control_word(const Context& context) {
    return static_cast<u16>(static_cast<u32>(context.rounding) << 10 | static_cast<u32>(context.precision) << 8 |
                            context.masked | 0x40);
}

// The MXCSR that asks for the same as a context.
inline u32 mxcsr(const Context& context) {
    return (context.flush_to_zero ? 0x8000u : 0u) | static_cast<u32>(context.rounding) << 13 |
           static_cast<u32>(context.masked) << 7 | (context.denormals_are_zero ? 0x40u : 0u);
}

}  // namespace retrace::fp
