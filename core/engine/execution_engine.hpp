// ExecutionEngine: whatever makes the processor run. Interpreter and JIT are equal at every step.
#pragma once

#include "core/base/types.hpp"
#include "core/time/moment.hpp"

namespace retrace {

// Why run() returned.
enum class StopReason : u8 {
    Reached,    // now == until
    Event,      // now == scheduler.next(), earlier than until: the caller runs what is due and goes on
    Reset,      // the processor asks for a reset of the machine: triple fault (shutdown) or its reset pin
    Requested,  // request_stop() from a device callback or a host object, after the step that caused it
};

class ExecutionEngine {
public:
    virtual ~ExecutionEngine() = default;

    // Executes until `now` is `until`, or the earliest timer, exactly; never past either. A halted processor passes idle ticks
    // up to that moment at once. Each instruction, each REP iteration and each idle tick is one step.
    virtual StopReason run(Moment until) = 0;

    // Ends run() after the current step. For code that runs inside it (a device's callback).
    virtual void request_stop() = 0;

    // State was loaded or memory was changed behind the engine's back: forget everything cached.
    virtual void restored() = 0;

    // Counters for --stats, by name.
    struct Counter {
        const char* name;
        u64 value;
    };
    static constexpr unsigned most_counters = 56;
    virtual unsigned counters(Counter (&out)[most_counters]) const = 0;
};

}  // namespace retrace
