#include "core/engine/handlers.hpp"
#include "core/engine/step_choice.hpp"
#include "core/semantics/arithmetic.hpp"

namespace retrace {

namespace {

template <Op op>
Executor shift(Instruction& i, const Row& row) {
    using enum Place;
    const Places places = places_of(i, row);
    const bool by_cl = places.src == Cl;
    switch (places.dst) {
        case Rm: return by_cl ? by_width<op, Rm, Cl>(i) : by_width<op, Rm, Immediate>(i);
        case Memory16: return by_cl ? by_width<op, Memory16, Cl>(i) : by_width<op, Memory16, Immediate>(i);
        default: return by_cl ? by_width<op, Memory32, Cl>(i) : by_width<op, Memory32, Immediate>(i);
    }
}

}  // namespace

Executor shift_handler(Instruction& i, const Row& row) {
    switch (row.op) {
        case Op::Shl: return shift<Op::Shl>(i, row);
        case Op::Shr: return shift<Op::Shr>(i, row);
        case Op::Sar: return shift<Op::Sar>(i, row);
        case Op::Rol: return shift<Op::Rol>(i, row);
        case Op::Ror: return shift<Op::Ror>(i, row);
        case Op::Rcl: return shift<Op::Rcl>(i, row);
        case Op::Rcr: return shift<Op::Rcr>(i, row);
        default: return nullptr;
    }
}

}  // namespace retrace
