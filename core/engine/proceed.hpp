// How one handler leads to the next.
//
// A handler ends by calling that of the following instruction; compilers make a jump of it, and where they do not the stack is at most a
// chain of traces deep. The last of a trace sets eip and chains: straight into the trace that followed last time, if all it rests on is
// unchanged, it fits before the limit and it has not become hot. Otherwise it returns to the engine. A handler that returns early leaves run.current at itself:
// it faulted, or run.stop is set.
#pragma once

#include "core/cpu/cpu.hpp"
#include "core/engine/trace.hpp"

namespace retrace {

[[gnu::always_inline]] inline void proceed(Cpu& cpu, const Instruction& i) { (&i)[1].execute(cpu, (&i)[1]); }

[[gnu::always_inline]] inline void chain(Cpu& cpu) {
    auto& run = cpu.run;
    if (run.chain == 0) [[unlikely]] return;
    const Trace* const done = run.trace;
    const u32 eip = cpu.state.eip;
    Trace* const next = done->linked(run.generation, Trace::where(cpu.access[1].base, eip));
    if (!next) [[unlikely]] return;
    const u64 now = run.first_step + done->count;
    if (now + next->count > run.limit || next->cold == 0) [[unlikely]] return;
    --next->cold;
    --run.chain;
    run.first_step = now;
    run.trace = next;
    run.eip = eip;
    Instruction* const first = next->instructions();
    run.first = first;
    return first->execute(cpu, *first);
}

}  // namespace retrace
