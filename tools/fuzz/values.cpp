#include "tools/fuzz/values.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#include "core/base/bits.hpp"

// Rolls stand in statements of their own wherever an operator would leave their order open: every host must roll the same.
namespace retrace::fuzz {
namespace {

// Of `bits` bits: random, sparse, full but for the end, short, all but one.
u64 random_fraction(Dice& dice, u32 bits) {
    const u64 all = (u64{1} << bits) - 1, any = dice.roll() & all;
    switch (dice.below(8)) {
        case 0: return 0;
        case 1: return all;
        case 2: return u64{1} << dice.below(bits);
        case 3: return all & ~u64{0} << dice.below(bits);
        case 4: return any & all << dice.below(bits);
        case 5: return all ^ u64{1} << dice.below(bits);
        default: return any;
    }
}

// A number of IEEE 754's formats. `middle` is the exponent of 1.
u64 random_number(Dice& dice, u32 fraction_bits, u32 middle) {
    const u64 fraction = random_fraction(dice, fraction_bits), quiet = u64{1} << (fraction_bits - 1);
    const u32 top = 2 * middle + 1;
    const u64 sign = dice.one_in(2) ? u64{top + 1} << fraction_bits : 0;
    const auto number = [&](u32 exponent) { return sign | u64{exponent} << fraction_bits | fraction; };
    switch (dice.below(24)) {
        case 0: return sign;
        case 1: return sign | u64{top} << fraction_bits;
        case 2: return number(top) | quiet;
        case 3: return (number(top) & ~quiet) | 1;
        case 4: return sign | random_fraction(dice, fraction_bits - dice.below(fraction_bits - 1));  // denormal, however small
        case 5: return number(0);
        case 6: return number(dice.between(1, 3));
        case 7: return number(dice.between(1, fraction_bits + 2));
        case 8: return number(top - dice.between(1, 3));
        case 9: return number(dice.between(1, top - 1));
        case 10: return number(middle / 2 + dice.below(16));               // squares and products at the bottom of the range
        case 11: return number(middle + middle / 2 - 8 + dice.below(16));  // and at its top
        case 12: return number(middle + 28 + dice.below(8));               // at the limits of integers
        case 13: return number(middle + 60 + dice.below(8));
        case 14: return number(middle - 1 + dice.below(3));
        case 15: {                                                         // halves and small integers: ties
            const u64 whole = dice.below(4096);
            if (whole == 0) return sign;
            const u32 bits = 64 - static_cast<u32>(std::countl_zero(whole));
            return sign | u64{middle + bits - 1 - dice.below(4)} << fraction_bits | (whole << (fraction_bits + 1 - bits) & ((u64{1} << fraction_bits) - 1));
        }
        default: return number(middle - fraction_bits / 2 + dice.below(fraction_bits + 8));
    }
}

void roll_fxsave_image(Dice& dice, std::vector<u8>& bytes) {
    bytes.assign(512, 0);
    roll_x87(dice, bytes.data());
    roll_sse(dice, bytes.data());
    if (dice.one_in(8)) bytes[26] = 1;  // reserved bits of MXCSR
}

}  // namespace

std::array<u8, 10> random_extended(Dice& dice) {
    u64 significand = dice.roll() | u64{1} << 63;
    u32 exponent = 0x3fff - 40 + dice.below(80);
    switch (dice.below(16)) {
        case 0: significand = 0, exponent = 0; break;
        case 1: significand = u64{1} << 63, exponent = 0x7fff; break;                       // infinity
        case 2: exponent = 0x7fff; break;                                                   // quiet or signalling NaN
        case 3: exponent = 0, significand >>= dice.between(1, 62); break;                   // denormal
        case 4: exponent = 0; break;                                                        // pseudo-denormal
        case 5: significand &= ~(u64{1} << 63); break;                                      // unnormal: invalid
        case 6: exponent = dice.below(0x8000); break;
        case 7: significand = u64{1} << 63; break;
        case 8: significand = ~u64{0} << dice.below(40), exponent = 0x3fff + dice.below(70); break;
        case 9: significand = u64{dice.below(1000)} << 40 | u64{1} << 63; break;
        default: break;
    }
    std::array<u8, 10> bytes;
    std::memcpy(bytes.data(), &significand, 8);
    bytes[8] = static_cast<u8>(exponent);
    bytes[9] = static_cast<u8>(exponent >> 8 | (dice.one_in(2) ? 0x80 : 0));
    return bytes;
}

u32 random_single(Dice& dice) { return static_cast<u32>(random_number(dice, 23, 127)); }
u64 random_double(Dice& dice) { return random_number(dice, 52, 1023); }

void roll_vector(Dice& dice, std::span<u8> to) {
    const u32 kind = dice.below(8);
    for (std::size_t at = 0; at + 8 <= to.size(); at += 8) {
        u64 word = dice.roll();
        if (kind < 3) {
            word = random_single(dice);
            word |= u64{random_single(dice)} << 32;
        } else if (kind < 5) {
            word = random_double(dice);
        } else if (kind == 5) {
            word = dice.word();
            word |= u64{dice.word()} << 32;
        } else if (kind == 6) {  // few letters and an end of string
            for (unsigned byte = 0; byte < 8; ++byte) to[at + byte] = static_cast<u8>(dice.one_in(12) ? 0 : dice.one_in(8) ? dice.roll() : 'a' + dice.below(3));
            continue;
        } else {  // lanes at the limits of bytes and words
            static constexpr std::array<u16, 8> edges{0, 0x7fff, 0x8000, 0xffff, 0x7f80, 0x00ff, 0xff00, 0x8001};
            for (unsigned lane = 0; lane < 8; lane += 2) store<u16>(&to[at + lane], dice.one_in(3) ? static_cast<u16>(dice.roll()) : edges[dice.below(8)]);
            continue;
        }
        store<u64>(&to[at], word);
    }
}

void roll_x87(Dice& dice, u8* fx) {
    fx[0] = static_cast<u8>(dice.one_in(5) ? dice.below(64) | 0x40 : 0x7f);
    fx[1] = static_cast<u8>(dice.below(4) << 2);
    fx[1] |= dice.one_in(2) ? u8{3} : std::array<u8, 3>{0, 2, 3}[dice.below(3)];
    const u32 top = dice.below(8);
    fx[3] = static_cast<u8>(top << 3 | (dice.roll() & 0x47));
    if (dice.one_in(12)) {
        fx[2] = static_cast<u8>(dice.below(128));
        if (fx[2] & ~fx[0] & 0x3f) fx[2] |= 0x80, fx[3] |= 0x80;
    }
    fx[4] = static_cast<u8>(dice.one_in(3) ? dice.roll() : dice.one_in(2) ? 0xff : dice.roll() | dice.roll() | dice.roll());
    for (unsigned at = 0; at < 8; ++at) {
        const auto number = random_extended(dice);
        std::copy_n(number.begin(), 10, fx + 32 + 16 * at);
        if (dice.one_in(2)) roll_vector(dice, {fx + 32 + 16 * at, 8});
    }
}

void roll_sse(Dice& dice, u8* fx) {
    u32 mxcsr = dice.below(4) << 13;
    if (dice.one_in(4)) mxcsr |= 0x8000;
    if (dice.one_in(4)) mxcsr |= 0x40;
    if (dice.one_in(2)) mxcsr |= dice.below(64);
    mxcsr |= (dice.one_in(3) ? dice.below(64) : 0x3f) << 7;
    store<u32>(fx + 24, mxcsr);
    for (unsigned at = 0; at < 8; ++at) {
        u8* const xmm = fx + 160 + 16 * at;
        roll_vector(dice, {xmm, 16});
        if (at == 0 || !dice.one_in(3)) continue;
        // As another, or apart by one in a lane, or by sign.
        std::memcpy(xmm, fx + 160 + 16 * dice.below(at), 16);
        if (dice.one_in(2)) xmm[dice.below(4) * 4] ^= 1;
        if (dice.one_in(2)) xmm[dice.below(4) * 4 + 3] ^= 0x80;
    }
}

std::vector<u8> random_x87_operand(Dice& dice, const Row& row) {
    std::vector<u8> bytes(112);
    for (u8& byte : bytes) byte = static_cast<u8>(dice.roll());
    if (has_form(row, Form::M32f)) store<u32>(bytes.data(), random_single(dice));
    if (has_form(row, Form::M64f)) store<u64>(bytes.data(), random_double(dice));
    if (dice.one_in(8)) std::fill_n(bytes.begin(), 8, u8{0});
    if (has_form(row, Form::M80f)) std::copy_n(random_extended(dice).begin(), 10, bytes.begin());
    if (has_form(row, Form::M80b))
        for (unsigned at = 0; at < 10; ++at) {
            const u32 low = dice.below(10);
            bytes[at] = static_cast<u8>(dice.below(10) << 4 | low);
        }
    if (row.op == Op::Fldcw || row.op == Op::Fldenv || row.op == Op::Frstor) {
        bytes[0] = static_cast<u8>(dice.one_in(3) ? dice.roll() : 0x7f);
        if (row.op == Op::Frstor)
            for (unsigned at = 0; at < 8; ++at) {
                const auto number = random_extended(dice);
                std::copy_n(number.begin(), 10, bytes.begin() + 28 + 10 * at);
            }
    }
    return bytes;
}

std::vector<u8> random_sse_operand(Dice& dice, const Row& row, const u8* fx) {
    std::vector<u8> bytes(32);
    roll_vector(dice, bytes);
    if (dice.one_in(4)) {
        const u32 which = dice.below(8);
        std::memcpy(bytes.data(), fx + (dice.one_in(2) ? 160 : 32) + 16 * which, 16);
    }
    if (row.op == Op::Ldmxcsr) store<u32>(bytes.data(), dice.one_in(8) ? dice.word() : dice.word() & 0xffff);
    if (row.op == Op::Fxrstor) roll_fxsave_image(dice, bytes);
    return bytes;
}

}  // namespace retrace::fuzz
