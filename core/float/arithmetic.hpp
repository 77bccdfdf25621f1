// Add, subtract, multiply, divide, square root, compare, round to integral value.
//
// Float80 follows the x87 (precision control, its NaN rule, unsupported operands), Float64 and Float32 follow
// SSE (DAZ, FTZ, the first NaN wins).
#pragma once

#include "core/float/context.hpp"
#include "core/float/formats.hpp"

namespace retrace::fp {

Float80 add(Float80 a, Float80 b, Context& context);
Float80 subtract(Float80 a, Float80 b, Context& context);
Float80 multiply(Float80 a, Float80 b, Context& context);
Float80 divide(Float80 a, Float80 b, Context& context);
Float80 square_root(Float80 a, Context& context);

Float64 add(Float64 a, Float64 b, Context& context);
Float64 subtract(Float64 a, Float64 b, Context& context);
Float64 multiply(Float64 a, Float64 b, Context& context);
Float64 divide(Float64 a, Float64 b, Context& context);
Float64 square_root(Float64 a, Context& context);

Float32 add(Float32 a, Float32 b, Context& context);
Float32 subtract(Float32 a, Float32 b, Context& context);
Float32 multiply(Float32 a, Float32 b, Context& context);
Float32 divide(Float32 a, Float32 b, Context& context);
Float32 square_root(Float32 a, Context& context);

enum class Relation : u8 { Less, Equal, Greater, Unordered };

// Ordered comparison (FCOM, COMISD) refuses every NaN, unordered (FUCOM, UCOMISD) only signalling ones. The result is
// right even if an exception is not masked.
enum class Comparison : u8 { Ordered, Unordered };

Relation compare(Float80 a, Float80 b, Comparison kind, Context& context);
Relation compare(Float64 a, Float64 b, Comparison kind, Context& context);
Relation compare(Float32 a, Float32 b, Comparison kind, Context& context);

// By the context's rounding. `quiet` keeps the inexact flag down (ROUNDSD's bit 3).
Float80 round_to_integral(Float80 a, Context& context);
Float64 round_to_integral(Float64 a, Context& context, bool quiet);
Float32 round_to_integral(Float32 a, Context& context, bool quiet);

constexpr Float80 change_sign(Float80 a) { return {a.significand, static_cast<u16>(a.sign_exponent ^ 0x8000)}; }
constexpr Float80 absolute(Float80 a) { return {a.significand, static_cast<u16>(a.sign_exponent & 0x7fff)}; }

// x87 memory operands of 32 and 64 bits are widened before the operation (widen() in convert.hpp), and a denormal
// among them is a normal Float80 then. This adds to the flags of an operation what its denormal operand raises.
void note_denormal_source(Float80 result, Context& context);

}  // namespace retrace::fp
