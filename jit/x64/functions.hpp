// The x87 functions that hosts do not compute alike: sines, logarithms and their kin. Stubs take their operands out of the host's unit, one of
// these computes, and the host itself rounds: it adds to the 64 digits of each result something that stands for what lies below them, which
// leaves the precision and C1 exactly as the instruction does. Exact results have nothing below, and partial remainders that are not partial are the
// host's own.
#pragma once

#include "core/float/formats.hpp"
#include "core/isa/row.hpp"

namespace retrace::jit {

struct FunctionFrame {
    struct Result {
        alignas(16) fp::Float80 digits;
        u64 below = 0;                  // a Float64
    };
    alignas(16) fp::Float80 x, y;       // ST(0), ST(1)
    Result first, second;               // what takes the place of the operands, what is pushed then
    u16 control = 0;                    // the control word
};

struct X87Function {
    Op op;
    bool of_two, keeps_y, gives_two, clears_c2;
    u16 host;   // the instruction, if the host is to compute what `compute` found usual; or 0
    // False: the handler's case.
    bool (*compute)(FunctionFrame& frame);
};
constexpr unsigned x87_functions = 12;
[[nodiscard]] const X87Function& x87_function(unsigned index);

// Which function an operation is; x87_functions: none.
[[nodiscard]] unsigned function_of(Op op);

}  // namespace retrace::jit
