// The x87's transcendental instructions.
//
// Real chips differ from each other in the last place and (before the 486 and after) in the pi they reduce by. These
// functions give the exact mathematical value, rounded as the context says and wrong by less than 2^-40 of a unit in
// the last place before that; arguments of sine and its kin are reduced by as much of pi as it takes. Results that
// are not exact raise inexact, with `rounded_up` telling the direction. Special cases: SDM vol. 2, tables of each
// instruction.
#pragma once

#include "core/float/context.hpp"
#include "core/float/formats.hpp"

namespace retrace::fp {

Float80 two_to_x_minus_1(Float80 x, Context& context);                // F2XM1
Float80 y_log2_x(Float80 y, Float80 x, Context& context);             // FYL2X
Float80 y_log2_x_plus_1(Float80 y, Float80 x, Context& context);      // FYL2XP1
Float80 arc_tangent(Float80 y, Float80 x, Context& context);          // FPATAN: the angle of the point (x, y)

// FSIN, FCOS, FSINCOS, FPTAN refuse arguments from 2^63 on: `out_of_range` is C2, and nothing else happens.
struct SineCosine {
    Float80 sine;
    Float80 cosine;
    bool out_of_range = false;
};
enum class Angle : u8 { Sine, Cosine, Both };
SineCosine sine_cosine(Float80 x, Angle which, Context& context);

struct Tangent {
    Float80 value;
    bool out_of_range = false;
};
Tangent tangent(Float80 x, Context& context);

// The usual case by itself: a result that is not exact, before it is rounded. `low` is not 0, and rounding to the 64 bits of `high` gives the right
// result whatever the direction.
struct Unrounded {
    bool sign = false;
    i32 exponent = 0;   // biased as in Float80, not limited
    u64 high = 0, low = 0;
};

// For normal operands that the instruction computes a normal, inexact result of. False: it is another case.
[[nodiscard]] bool usual_two_to_x_minus_1(Float80 x, Unrounded& result);
[[nodiscard]] bool usual_y_log2_x(Float80 y, Float80 x, Unrounded& result);
[[nodiscard]] bool usual_y_log2_x_plus_1(Float80 y, Float80 x, Unrounded& result);
[[nodiscard]] bool usual_arc_tangent(Float80 y, Float80 x, Unrounded& result);
[[nodiscard]] bool usual_sine(Float80 x, Unrounded& sine);
[[nodiscard]] bool usual_cosine(Float80 x, Unrounded& cosine);
[[nodiscard]] bool usual_sine_and_cosine(Float80 x, Unrounded& sine, Unrounded& cosine);
[[nodiscard]] bool usual_tangent(Float80 x, Unrounded& tangent);

// FLD1, FLDL2T, FLDL2E, FLDPI, FLDLG2, FLDLN2, FLDZ, in the order of their opcodes D9 E8 to D9 EE.
Float80 constant(u32 index, Rounding rounding);

}  // namespace retrace::fp
