// Choosing among the specialisations of one operation over Step.
#pragma once

#include "core/engine/step.hpp"
#include "core/isa/rows.hpp"

namespace retrace {

// CMP, TEST and their like only read the first operand; the rows say so.
consteval bool writes_destination(Op op) {
    for (const Row& row : rows)
        if (row.op == op && (row.kind & kind::reads_only)) return false;
    return true;
}

template <Op op, class T, Place D, Place S, class U>
[[gnu::cold, gnu::noinline]] void step_slowly(Cpu& cpu, const Instruction& i) {
    Step<false, T, D, S, writes_destination(op), U> x{cpu, i};
    semantics<op>(x);
    if (x.slow()) {
        if (x.failed() || cpu.run.stop) return;
        cpu.run.current = nullptr;
    }
    return proceed(cpu, i);
}

template <Op op, class T, Place D, Place S, class U = T>
void step(Cpu& cpu, const Instruction& i) {
    Step<true, T, D, S, writes_destination(op), U> x{cpu, i};
    semantics<op>(x);
    if (x.failed()) [[unlikely]] return step_slowly<op, T, D, S, U>(cpu, i);
    return proceed(cpu, i);
}

// The places of a row's first two operands. Accumulators become the register field that is free; a register loaded from a register is
// written through `rm` like the other direction, so that half of the specialisations suffice.
struct Places {
    Place dst = Place::None, src = Place::None;
};
Places places_of(Instruction& i, const Row& row);

template <Op op, Place D, Place S>
Executor by_width(const Instruction& i) {
    switch (i.operand_width) {
        case 1: return step<op, u8, D, S>;
        case 2: return step<op, u16, D, S>;
        default: return step<op, u32, D, S>;
    }
}

}  // namespace retrace
