// The x87's exact oddities: partial remainders, scaling, taking exponent and significand apart.
#pragma once

#include "core/float/context.hpp"
#include "core/float/formats.hpp"

namespace retrace::fp {

struct Remainder {
    Float80 value;
    u8 quotient = 0;       // its three lowest bits: C1, C3, C0 from below
    bool partial = false;  // C2: come again
};

// FPREM truncates the quotient, FPREM1 rounds it to the nearest.
enum class Quotient : u8 { Truncated, Nearest };
Remainder remainder(Float80 a, Float80 b, Quotient kind, Context& context);

// FSCALE: a * 2^trunc(b).
Float80 scale(Float80 a, Float80 b, Context& context);

// FXTRACT.
struct Extracted {
    Float80 exponent;
    Float80 significand;
};
Extracted extract(Float80 a, Context& context);

}  // namespace retrace::fp
