#include "jit/x64/functions.hpp"

#include <array>

#include "core/float/convert.hpp"
#include "core/float/transcendental.hpp"

namespace retrace::jit {

namespace {

using fp::Float80;
using fp::Unrounded;

// A quarter or three quarters of the last digit: on the same side of one half as what was cut off.
bool put(FunctionFrame::Result& to, const Unrounded& from) {
    const i32 exponent = from.exponent - fp::bias;
    if (exponent < -900 || exponent > 900) return false;   // a Float64 might not hold it
    to.digits = fp::make80(from.sign, from.exponent, from.high);
    const bool more = (from.low & fp::integer_bit) != 0;
    to.below = u64{from.sign} << 63 | static_cast<u64>(exponent - 65 + more + 1023) << 52 | u64{more} << 51;
    return true;
}

template <bool (*function)(Float80, Unrounded&)>
bool of_one(FunctionFrame& frame) {
    Unrounded result;
    return function(frame.x, result) && put(frame.first, result);
}

template <bool (*function)(Float80, Float80, Unrounded&)>
bool of_two(FunctionFrame& frame) {
    Unrounded result;
    return function(frame.y, frame.x, result) && put(frame.first, result);
}

bool sine_and_cosine(FunctionFrame& frame) {
    Unrounded sine, cosine;
    return fp::usual_sine_and_cosine(frame.x, sine, cosine) && put(frame.first, sine) && put(frame.second, cosine);
}

// What is pushed is 1, and C1 tells of the tangent: a little is added or taken away, which rounding to nearest takes back.
bool tangent(FunctionFrame& frame) {
    constexpr u64 little = u64{1023 - 70} << 52;
    if ((frame.control >> 10 & 3) != 0) return false;
    Unrounded tangent;
    if (!fp::usual_tangent(frame.x, tangent) || !put(frame.first, tangent)) return false;
    frame.second = {fp::one80, little | u64{(tangent.low & fp::integer_bit) != 0} << 63};
    return true;
}

bool scale(FunctionFrame& frame) {
    const Float80 &x = frame.x, &y = frame.y;
    if (!fp::is_normal(x) || !fp::is_normal(y) || y.exponent() > fp::bias + 13) return false;
    const i32 size = y.exponent() < fp::bias ? 0 : static_cast<i32>(y.significand >> (63 - (y.exponent() - fp::bias)));
    const i32 exponent = x.exponent() + (y.sign() ? -size : size);
    if (exponent < 1 || exponent > 0x7ffe) return false;
    frame.first = {fp::make80(x.sign(), exponent, x.significand)};
    return true;
}

bool extract(FunctionFrame& frame) {
    const Float80& x = frame.x;
    if (!fp::is_normal(x)) return false;
    frame.first = {fp::float80_from(x.exponent() - fp::bias)};
    frame.second = {fp::make80(x.sign(), fp::bias, x.significand)};
    return true;
}

// Does one execution do, and is the rest a normal number?
bool whole_remainder(FunctionFrame& frame) {
    return fp::is_normal(frame.x) && fp::is_normal(frame.y) && frame.x.exponent() > 70 && frame.y.exponent() > 70 && frame.x.exponent() - frame.y.exponent() < 63;
}

constexpr std::array<X87Function, x87_functions> functions{{
    {Op::Fsin, false, false, false, true, 0, &of_one<&fp::usual_sine>},
    {Op::Fcos, false, false, false, true, 0, &of_one<&fp::usual_cosine>},
    {Op::Fsincos, false, false, true, true, 0, &sine_and_cosine},
    {Op::Fptan, false, false, true, true, 0, &tangent},
    {Op::F2xm1, false, false, false, false, 0, &of_one<&fp::usual_two_to_x_minus_1>},
    {Op::Fyl2x, true, false, false, false, 0, &of_two<&fp::usual_y_log2_x>},
    {Op::Fyl2xp1, true, false, false, false, 0, &of_two<&fp::usual_y_log2_x_plus_1>},
    {Op::Fpatan, true, false, false, false, 0, &of_two<&fp::usual_arc_tangent>},
    {Op::Fscale, true, true, false, false, 0, &scale},
    {Op::Fxtract, false, false, true, false, 0, &extract},
    {Op::Fprem, true, true, false, false, 0xd9f8, &whole_remainder},
    {Op::Fprem1, true, true, false, false, 0xd9f5, &whole_remainder},
}};

}  // namespace

const X87Function& x87_function(unsigned index) { return functions[index]; }

unsigned function_of(Op op) {
    unsigned index = 0;
    while (index < x87_functions && functions[index].op != op) ++index;
    return index;
}

}  // namespace retrace::jit
