// The x87 instructions, as executors for the rows D8 to DF. Begin reading at core/cpu/x87.hpp, then x87_arithmetic.cpp.
//
//   x87_arithmetic.cpp   add, subtract, multiply, divide, compare, in all their forms
//   x87_transfer.cpp     loads, stores, constants, exchanges, conditional moves, the stack
//   x87_functions.cpp    what works on ST(0) (and ST(1)) alone: roots, remainders, transcendental functions, FXAM
//   x87_control.cpp      control and status words, environments, FSAVE, FXSAVE
#pragma once

#include "core/isa/instruction.hpp"
#include "core/isa/row.hpp"

namespace retrace {

// The executor of an x87 row; null if the row is none.
Executor x87_executor(const Row& row);

namespace x87 {

// Each file's share.
Executor arithmetic_executor(const Row& row);
Executor transfer_executor(const Row& row);
Executor function_executor(const Row& row);
Executor control_executor(const Row& row);

}  // namespace x87
}  // namespace retrace
