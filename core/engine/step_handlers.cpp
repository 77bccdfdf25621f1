#include "core/engine/handlers.hpp"
#include "core/engine/step_choice.hpp"
#include "core/semantics/arithmetic.hpp"

namespace retrace {

Places places_of(Instruction& i, const Row& row) {
    using enum Form;
    const auto place_of = [&](Form form) {
        switch (form) {
            case Eb: case Ew: case Ev: case M: case Ob: case Ov:
                if (!i.has(Instruction::memory)) return Place::Rm;
                return i.has(Instruction::address32) ? Place::Memory32 : Place::Memory16;
            case Zb: case Zv: return Place::Rm;
            case Gb: case Gv: return Place::Reg;
            case Ib: case Ibs: case Iw: case Iz: case Iv: case One: return Place::Immediate;
            case Cl: return Place::Cl;
            default: return Place::None;
        }
    };
    const auto accumulator = [](Form form) { return form == Al || form == Eax; };
    Places places{place_of(row.operands[0]), place_of(row.operands[1])};
    if (accumulator(row.operands[0])) {
        if (places.src == Place::Immediate) {
            i.rm = 0;
            places.dst = Place::Rm;
        } else {
            i.reg = 0;
            places.dst = Place::Reg;
        }
    }
    if (accumulator(row.operands[1])) {
        i.reg = 0;
        places.src = Place::Reg;
    }
    return places;
}

namespace {

// Two operands, one of them possibly in memory.
template <Op op>
Executor two_operands(Instruction& i, const Row& row) {
    Places places = places_of(i, row);
    if (places.dst == Place::Reg && places.src == Place::Rm) {
        std::swap(i.reg, i.rm);
        std::swap(places.dst, places.src);
    }
    using enum Place;
    switch (places.dst) {
        case Rm: return places.src == Reg ? by_width<op, Rm, Reg>(i) : by_width<op, Rm, Immediate>(i);
        case Reg: return places.src == Memory16 ? by_width<op, Reg, Memory16>(i) : by_width<op, Reg, Memory32>(i);
        case Memory16: return places.src == Reg ? by_width<op, Memory16, Reg>(i) : by_width<op, Memory16, Immediate>(i);
        default: return places.src == Reg ? by_width<op, Memory32, Reg>(i) : by_width<op, Memory32, Immediate>(i);
    }
}

template <>
Executor two_operands<Op::Xchg>(Instruction& i, const Row& row) {
    using enum Place;
    Places places = places_of(i, row);
    if (places.dst == Reg) std::swap(places.dst, places.src);
    if (places.dst == Rm) return by_width<Op::Xchg, Rm, Reg>(i);
    return places.dst == Memory16 ? by_width<Op::Xchg, Memory16, Reg>(i) : by_width<Op::Xchg, Memory32, Reg>(i);
}

template <Op op>
Executor one_operand(Instruction& i, const Row& row) {
    using enum Place;
    switch (places_of(i, row).dst) {
        case Rm: return by_width<op, Rm, None>(i);
        case Memory16: return by_width<op, Memory16, None>(i);
        default: return by_width<op, Memory32, None>(i);
    }
}

template <Op op>
Executor byte_operand(Instruction& i, const Row& row) {
    using enum Place;
    switch (places_of(i, row).dst) {
        case Rm: return step<op, u8, Rm, None>;
        case Memory16: return step<op, u8, Memory16, None>;
        default: return step<op, u8, Memory32, None>;
    }
}

// A register from anything; 16 or 32 bits.
template <Op op>
Executor register_from(Instruction& i, const Row& row) {
    using enum Place;
    const bool wide = i.operand_width == 4;
    switch (places_of(i, row).src) {
        case Rm: return wide ? step<op, u32, Reg, Rm> : step<op, u16, Reg, Rm>;
        case Memory16: return wide ? step<op, u32, Reg, Memory16> : step<op, u16, Reg, Memory16>;
        default: return wide ? step<op, u32, Reg, Memory32> : step<op, u16, Reg, Memory32>;
    }
}

template <Op op, class U>
Executor extended_from(Instruction& i, const Row& row) {
    using enum Place;
    const bool wide = i.operand_width == 4;
    switch (places_of(i, row).src) {
        case Rm: return wide ? step<op, u32, Reg, Rm, U> : step<op, u16, Reg, Rm, U>;
        case Memory16: return wide ? step<op, u32, Reg, Memory16, U> : step<op, u16, Reg, Memory16, U>;
        default: return wide ? step<op, u32, Reg, Memory32, U> : step<op, u16, Reg, Memory32, U>;
    }
}

Executor lea(Instruction& i) {
    using enum Place;
    if (i.has(Instruction::address32)) return i.operand_width == 4 ? step<Op::Lea, u32, Reg, Memory32> : step<Op::Lea, u16, Reg, Memory32>;
    return i.operand_width == 4 ? step<Op::Lea, u32, Reg, Memory16> : step<Op::Lea, u16, Reg, Memory16>;
}

}  // namespace

Executor step_handler(Instruction& i, const Row& row) {
    switch (row.op) {
        case Op::Add: return two_operands<Op::Add>(i, row);
        case Op::Or: return two_operands<Op::Or>(i, row);
        case Op::Adc: return two_operands<Op::Adc>(i, row);
        case Op::Sbb: return two_operands<Op::Sbb>(i, row);
        case Op::And: return two_operands<Op::And>(i, row);
        case Op::Sub: return two_operands<Op::Sub>(i, row);
        case Op::Xor: return two_operands<Op::Xor>(i, row);
        case Op::Cmp: return two_operands<Op::Cmp>(i, row);
        case Op::Test: return two_operands<Op::Test>(i, row);
        case Op::Mov: return two_operands<Op::Mov>(i, row);
        case Op::Xchg: return two_operands<Op::Xchg>(i, row);
        case Op::Inc: return one_operand<Op::Inc>(i, row);
        case Op::Dec: return one_operand<Op::Dec>(i, row);
        case Op::Not: return one_operand<Op::Not>(i, row);
        case Op::Neg: return one_operand<Op::Neg>(i, row);
        case Op::Mul: return one_operand<Op::Mul>(i, row);
        case Op::Imul: return one_operand<Op::Imul>(i, row);
        case Op::Div: return one_operand<Op::Div>(i, row);
        case Op::Idiv: return one_operand<Op::Idiv>(i, row);
        case Op::Setcc: return byte_operand<Op::Setcc>(i, row);
        case Op::Imul2: return register_from<Op::Imul2>(i, row);
        case Op::Cmovcc: return register_from<Op::Cmovcc>(i, row);
        case Op::Movzx: return row.operands[1] == Form::Eb ? extended_from<Op::Movzx, u8>(i, row) : extended_from<Op::Movzx, u16>(i, row);
        case Op::Movsx: return row.operands[1] == Form::Eb ? extended_from<Op::Movsx, u8>(i, row) : extended_from<Op::Movsx, u16>(i, row);
        case Op::Lea: return lea(i);
        default: return nullptr;
    }
}

}  // namespace retrace
