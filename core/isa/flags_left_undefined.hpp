// Which status flags an execution leaves undefined: the row's, less those that the count at hand defines. For every comparison with other
// processors and emulators.
#pragma once

#include "core/isa/rows.hpp"

namespace retrace {

// `cl` is CL before the instruction.
inline u32 flags_left_undefined(const Instruction& instruction, u8 cl) {
    const Row& row = row_of(instruction);
    const bool by_cl = has_form(row, Form::Cl);
    const unsigned count = (by_cl ? cl : instruction.immediate) & 31;
    const unsigned bits = instruction.operand_width * 8u;
    switch (row.op) {
        case Op::Rol: case Op::Ror: case Op::Rcl: case Op::Rcr: return count > 1 ? flag::OF : flag::none;
        case Op::Shl: case Op::Shr:
            if (count == 0) return flag::none;
            return flag::AF | (count > 1 ? flag::OF : 0) | (count > bits ? flag::CF : 0);
        // OF of a SAR is 0 for every count on every processor; AF is not.
        case Op::Sar: return count == 0 ? flag::none : flag::AF;
        case Op::Shld: case Op::Shrd:
            if (count == 0) return flag::none;
            return count > bits ? flag::status : flag::AF | (count > 1 ? flag::OF : 0);
        default: return row.flags_undefined;
    }
}

}  // namespace retrace
