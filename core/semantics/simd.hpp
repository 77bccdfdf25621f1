// MMX, SSE to SSE4.2, AES and PCLMULQDQ, as executors for their rows. Begin reading at simd_operand.hpp.
//
//   simd_integer.cpp   lanes of integers: one definition for MMX and XMM registers
//   simd_move.cpp      moves, inserts, extracts, shuffles, MXCSR, EMMS, FXSAVE
//   simd_float.cpp     lanes of floating-point numbers
//   simd_special.cpp   strings, AES, carry-less products
//
// Facts: SDM volume 1, chapters 9 to 12; volume 2.
#pragma once

#include "core/isa/instruction.hpp"
#include "core/isa/row.hpp"

namespace retrace {

// The executor of such a row; null if the row is none.
Executor simd_executor(const Row& row);

namespace simd {

// Each file's share.
Executor integer_executor(const Row& row);
Executor move_executor(const Row& row);
Executor float_executor(const Row& row);
Executor special_executor(const Row& row);

}  // namespace simd
}  // namespace retrace
