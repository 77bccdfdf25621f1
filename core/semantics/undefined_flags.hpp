// What the flags are where the manuals promise nothing. One value each, for every engine and every host.
//
//   AND OR XOR TEST            AF 0
//   shifts                     AF 0; OF for counts above 1 as if the last bit had been shifted alone
//   ROL ROR RCL RCR            OF for counts other than 1 likewise
//   SHLD SHRD                  AF 0; OF: the sign changed
//   MUL IMUL                   SF ZF PF of the low half, AF 0
//   DIV IDIV                   all unchanged
//   BSF BSR                    CF OF AF 0, SF PF of the result; a source of 0 leaves the register, SF PF of 0
//   BT BTS BTR BTC             OF SF AF PF unchanged
//   DAA DAS                    OF 0
//   AAA AAS                    OF 0, SF ZF PF of AL
//   AAM AAD                    CF OF AF 0
//   MOV to and from CR DR TR   unchanged
//
// The functions below are those that more than one place needs.
#pragma once

#include "core/semantics/word.hpp"

namespace retrace::undefined_flags {

// OF of left shifts and rotations by any count.
template <class T>
constexpr bool overflow_left(Word<T> result, bool carry) { return result.top() != carry; }
// OF of ROR, RCR and SHR by any count.
template <class T>
constexpr bool overflow_right(Word<T> result) { return result.top() != result.below_top(); }
// OF of SHLD and SHRD by any count.
template <class T>
constexpr bool overflow_double(Word<T> before, Word<T> after) { return before.top() != after.top(); }

}  // namespace retrace::undefined_flags
