// Operands of x87 instructions in memory.
#pragma once

#include <array>

#include "core/cpu/x87.hpp"
#include "core/float/convert.hpp"
#include "core/isa/row.hpp"

namespace retrace::x87 {

// Reads a numeric operand in the form given and notes where it was. False: a fault is recorded.
template <Form form>
[[nodiscard]] inline bool read_operand(Cpu& cpu, const Instruction& i, fp::Widened& operand) {
    const u32 offset = cpu.offset_of(i);
    if constexpr (form == Form::M32f) {
        fp::Float32 value;
        if (!cpu.read(i.segment, offset, value.bits)) return false;
        operand = fp::widen(value);
    } else if constexpr (form == Form::M64f) {
        fp::Float64 value;
        if (!cpu.read(i.segment, offset, value.bits)) return false;
        operand = fp::widen(value);
    } else if constexpr (form == Form::Mw) {
        u16 value = 0;
        if (!cpu.read(i.segment, offset, value)) return false;
        operand.value = fp::float80_from(static_cast<i16>(value));
    } else if constexpr (form == Form::Md) {
        u32 value = 0;
        if (!cpu.read(i.segment, offset, value)) return false;
        operand.value = fp::float80_from(static_cast<i32>(value));
    } else {
        static_assert(form == Form::Mq);
        u64 value = 0;
        if (!cpu.read(i.segment, offset, value)) return false;
        operand.value = fp::float80_from(static_cast<i64>(value));
    }
    note_operand(cpu, i, offset);
    return true;
}

}  // namespace retrace::x87
