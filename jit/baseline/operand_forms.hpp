// What a row's operands are, as emitters ask.
#pragma once

#include "core/isa/rows.hpp"

namespace retrace::jit {

constexpr unsigned stack = 2;   // the segment

inline bool first_is_register(const Row& row) {
    const Form form = row.operands[0];
    return form == Form::Gb || form == Form::Gv || form == Form::Al || form == Form::Eax;
}
inline bool has_immediate(const Row& row) {
    switch (row.operands[1]) {
        case Form::Ib: case Form::Ibs: case Form::Iw: case Form::Iz: case Form::Iv: case Form::One: return true;
        default: return false;
    }
}
inline bool by_cl(const Row& row) { return row.operands[1] == Form::Cl; }
inline bool high_byte(unsigned index, unsigned width) { return width == 1 && index >= 4; }
inline bool reads_only(Op op) { return op == Op::Cmp || op == Op::Test; }

}  // namespace retrace::jit
