// How a floating-point operation is to be done, and what it has to say afterwards.
//
// The bits of `masked` and `raised` lie as in the x87 status and control words and in MXCSR (SDM vol. 1,
// 8.1.3 and 10.2.3). An operation only ever adds to `raised` and `rounded_up`; the caller clears them.
#pragma once

#include "core/base/types.hpp"

namespace retrace::fp {

// The encoding of the RC fields.
enum class Rounding : u8 { Nearest = 0, Down = 1, Up = 2, Zero = 3 };

// The encoding of the x87's PC field; the reserved value 1 acts as Extended.
enum class Precision : u8 { Single = 0, Reserved = 1, Double = 2, Extended = 3 };

inline constexpr u8 invalid = 0x01;
inline constexpr u8 denormal = 0x02;
inline constexpr u8 zero_divide = 0x04;
inline constexpr u8 overflow = 0x08;
inline constexpr u8 underflow = 0x10;
inline constexpr u8 inexact = 0x20;
inline constexpr u8 all_exceptions = 0x3f;

struct Context {
    Rounding rounding = Rounding::Nearest;
    Precision precision = Precision::Extended;  // of Float80 add, subtract, multiply, divide, square root
    u8 masked = all_exceptions;
    bool denormals_are_zero = false;            // Float32 and Float64 operands
    bool flush_to_zero = false;                 // Float32 and Float64 results

    u8 raised = 0;
    bool rounded_up = false;                    // the magnitude of the result exceeds the exact one: C1

    constexpr void raise(u8 flags) { raised = static_cast<u8>(raised | flags); }
    constexpr bool is_masked(u8 flag) const { return (masked & flag) != 0; }

    // Any of the flags that were raised and are not masked.
    constexpr u8 unmasked() const { return static_cast<u8>(raised & ~masked); }

    // The exceptions found before anything is computed; unmasked, they leave the destination alone.
    constexpr bool stopped() const { return (unmasked() & (invalid | denormal | zero_divide)) != 0; }
};

}  // namespace retrace::fp
