// From one format to another, and to and from integers and packed decimals.
#pragma once

#include <array>

#include "core/float/context.hpp"
#include "core/float/formats.hpp"

namespace retrace::fp {

// A short memory operand in Float80, exactly: nothing is raised, signalling NaNs stay so.
struct Widened {
    Float80 value;
    bool denormal = false;  // what was widened was; see note_denormal_source() in arithmetic.hpp
};
Widened widen(Float32 value);
Widened widen(Float64 value);

// FLD m32, FLD m64: a denormal is noted, but loaded even if that is unmasked; a signalling NaN is refused and made
// quiet, and not loaded if that is unmasked (so the host chips).
Float80 load(Float32 value, Context& context);
Float80 load(Float64 value, Context& context);

// FST m32, FST m64. Unmasked overflow and underflow, like invalid, store nothing: see store_stopped().
Float32 store32(Float80 value, Context& context);
Float64 store64(Float80 value, Context& context);
constexpr bool store_stopped(const Context& context) { return (context.unmasked() & (invalid | overflow | underflow)) != 0; }

// SSE: CVTSS2SD, CVTSD2SS.
Float64 to_float64(Float32 value, Context& context);
Float32 to_float32(Float64 value, Context& context);

// From integers: exact to Float80, rounded to the others (CVTSI2SS and its kin).
Float80 float80_from(i64 value);
Float64 float64_from(i64 value, Context& context);
Float32 float32_from(i64 value, Context& context);

// To a signed integer of 16, 32 or 64 bits. What does not fit is invalid and gives the most negative one.
i64 to_integer(Float80 value, u32 width, Rounding rounding, Context& context);
i64 to_integer(Float64 value, u32 width, Rounding rounding, Context& context);
i64 to_integer(Float32 value, u32 width, Rounding rounding, Context& context);

// FBLD, FBSTP: nine bytes of two digits, lowest first, and the sign in bit 7 of the tenth.
using Decimal = std::array<u8, 10>;
Float80 from_decimal(const Decimal& digits);
Decimal to_decimal(Float80 value, Context& context);

}  // namespace retrace::fp
