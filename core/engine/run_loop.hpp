// What run() of every engine does around executing: stops, events, and what wants attention before the next instruction.
#pragma once

#include <algorithm>

#include "core/cpu/cpu.hpp"
#include "core/engine/execution_engine.hpp"

namespace retrace {

// `execute(limit)` executes until that step or until run.stop, and brings the scheduler's clock there.
template <class Execute>
StopReason run_loop(Cpu& cpu, Moment until, u64& idle_steps, Execute&& execute) {
    Scheduler& scheduler = cpu.scheduler;
    while (true) {
        cpu.put_resumed_back();
        if (cpu.attention & Cpu::reset_wanted) {
            cpu.attention &= ~Cpu::reset_wanted;
            return StopReason::Reset;
        }
        const Moment now = scheduler.now();
        if (cpu.attention & Cpu::stop_wanted) {
            cpu.attention &= ~Cpu::stop_wanted;
            return StopReason::Requested;
        }
        if (now >= until) return StopReason::Reached;
        if (scheduler.next() <= now) return StopReason::Event;

        const u64 limit = std::min(until, scheduler.next()).step;
        cpu.run.limit = limit;
        if (cpu.attention == 0) [[likely]] {
            execute(limit);
            continue;
        }
        const bool runs = cpu.attend();
        if (cpu.attention & (Cpu::reset_wanted | Cpu::stop_wanted)) continue;
        if (!runs) {
            idle_steps += limit - now.step;
            cpu.state.idle_steps += limit - now.step;
            scheduler.advance({limit});
        } else if (cpu.break_here()) {  // a fault, which counts as a step
            ++idle_steps;
            scheduler.advance({now.step + 1});
        } else if (cpu.begin_instruction()) {  // one alone, after which something is due
            cpu.run.limit = now.step + 1;
            execute(now.step + 1);
            cpu.update_attention();
        } else {
            execute(limit);
        }
    }
}

}  // namespace retrace
