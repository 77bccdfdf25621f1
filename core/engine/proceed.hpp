// How one handler leads to the next.
//
// A handler ends by calling that of the following instruction; compilers make a jump of it, and where they do not the stack is at most a trace
// deep. A trace ends with an instruction that sets eip and returns, or with a sentinel that does. A handler that returns early leaves
// run.current at itself: it faulted, or run.stop is set.
#pragma once

#include "core/cpu/cpu.hpp"

namespace retrace {

[[gnu::always_inline]] inline void proceed(Cpu& cpu, const Instruction& i) { (&i)[1].execute(cpu, (&i)[1]); }

}  // namespace retrace
