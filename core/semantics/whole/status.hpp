// Flags of whole instructions.
#pragma once

#include "core/cpu/cpu.hpp"
#include "core/semantics/status.hpp"

namespace retrace {

template <class T>
void set_status(Cpu& cpu, const Status<T>& status) {
    cpu.flags.set_result(status.result.value);
    cpu.flags.carries = status.carries;
    cpu.flags.carry = status.carry;
}

// Calls f with a Word of the width.
template <class F>
void by_width(unsigned width, F&& f) {
    if (width == 4) f(Word<u32>{});
    else if (width == 2) f(Word<u16>{});
    else f(Word<u8>{});
}

}  // namespace retrace
