// semantics<Op>: what an operation means, written once, for every engine.
//
// It is either a generic function over an executor `x`, which offers
//   x.dst() x.src() x.set_dst(v)      operands as Words; set_dst may fault, and then nothing after it happens
//   x.set_status(s)                   all six status flags; also set_status_but_carry(s), set_carry_overflow(c, o)
//   x.carry() x.condition() x.count() the carry as a Word; the instruction's condition; a shift count
//   x.accumulator() x.high()          AL/AX/EAX and AH/DX/EDX by width; set_accumulator_pair(low, high)
//   x.when(condition, body)           choice that depends on values
//   x.raise_if(condition, vector)     a fault; nothing after it happens
// or a WholeInstruction: ordinary code over the processor that every engine calls. Parts of those return false when a fault
// was recorded; nothing may have happened then. They read operands through whole/operand.hpp.
#pragma once

#include "core/cpu/cpu.hpp"
#include "core/isa/op.hpp"

namespace retrace {

struct NoSemantics {};

template <Op op>
inline constexpr auto semantics = NoSemantics{};

using WholeBody = bool (*)(Cpu&, const Instruction&);

struct WholeInstruction {
    WholeBody body = nullptr;
};

template <Op op>
inline constexpr bool has_semantics = !std::is_same_v<std::remove_cvref_t<decltype(semantics<op>)>, NoSemantics>;
template <Op op>
inline constexpr bool is_whole = std::is_same_v<std::remove_cvref_t<decltype(semantics<op>)>, WholeInstruction>;

}  // namespace retrace
