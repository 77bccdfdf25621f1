// Interpreter: the engine that is right by construction. It decodes guest code into traces of up to 32 instructions, keyed by
// physical address and mode, and executes them one handler after the other.
#pragma once

#include <array>
#include <memory>

#include "core/cpu/cpu.hpp"
#include "core/engine/execution_engine.hpp"
#include "core/engine/trace.hpp"

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

    // ---- for an engine that executes some of the traces in another way
    // Executes the trace at state.eip (`first`, if that is known), or as much of it as `limit` allows, and those that follow until one is hot.
    // Returns the steps that are done then.
    u64 run_cold(Trace* first, u64 now, u64 limit);
    // A handler returned with run.current set: counts the steps, and delivers the fault if there is one. run.first, run.first_step and run.eip
    // belong to that handler's instruction.
    u64 settle();
    [[nodiscard]] TraceCache& cache() { return *cache_; }

private:
    // Bounds how deep the host's stack can get where a compiler makes calls of the chain.
    static constexpr u32 longest_chain = 64;

    void execute(u64 limit);
    template <bool until_hot> void run_traces(Trace* first, u64 limit);
    Trace* find();
    Trace* fetch();
    void enter(Trace* trace, u64 limit, u32 chain);
    Trace* cut(Trace* trace, u32 steps);
    Trace* finish_scratch(u32 count, u32 bytes);
    void finish_fault(u64 now, u32 eip);

    Cpu& cpu_;
    std::unique_ptr<TraceCache> cache_;
    struct {
        Trace trace;
        std::array<Instruction, 34> instructions{};
    } scratch_;   // a cut trace, or an instruction that is not cached; it has no links
    u64 steps_ = 0, idle_steps_ = 0, entries_ = 0, lookups_ = 0, misses_ = 0, scratches_ = 0, faults_ = 0;
};

}  // namespace retrace
