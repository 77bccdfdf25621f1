// Interpreter: the engine that is right by construction. It decodes guest code into traces of up to 32 instructions, keyed by
// physical address and mode, and executes them one handler after the other.
#pragma once

#include <memory>

#include "core/cpu/cpu.hpp"
#include "core/engine/execution_engine.hpp"

namespace retrace {

class TraceCache;

class Interpreter final : public ExecutionEngine {
public:
    // Nothing a guest can see depends on these.
    struct Tuning {
        unsigned trace_length = 32;         // most instructions of a trace, 1-32
        unsigned cache_instructions = 1 << 17;
    };

    explicit Interpreter(Cpu& cpu) : Interpreter{cpu, Tuning{}} {}
    Interpreter(Cpu& cpu, Tuning tuning);
    ~Interpreter() override;

    StopReason run(Moment until) override;
    void request_stop() override;
    void restored() override;
    unsigned counters(Counter (&out)[most_counters]) const override;

private:
    Cpu& cpu_;
    std::unique_ptr<TraceCache> cache_;
};

}  // namespace retrace
