// JitEngine: the second engine. Traces that are executed often become host code; everything else, and everything rare, is the
// interpreter's, which it contains. Both do the same at every step.
//
// Begin reading in jit_engine.cpp (which code runs next), then baseline/translator.hpp (how it is made) and x64/frame.hpp (which host
// register is what).
#pragma once

#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"
#include "core/engine/trace_cache.hpp"
#include "jit/block.hpp"
#include "jit/profile.hpp"

namespace retrace {

namespace jit { struct WindowFault; }

class JitEngine final : public ExecutionEngine, private TraceObserver {
public:
    // Nothing a guest can see depends on these.
    struct Tuning {
        // Executions before a trace is translated, 0: at the first. A short run, such as a DOS boot, is over before translating pays; what runs on is
        // worth more.
        unsigned threshold = 1000;
        unsigned later_threshold = 16;          // of traces met later, if that is lower: what leads to the interpreter and back costs more than its steps
        u64 later = 200'000'000;                // steps
        std::size_t cache_bytes = 64 << 20;     // of code; when there are more everything is given up before the next block
        bool emit = true;                       // false: everything is called
        bool spans = true;                      // false: every access is checked for itself
        bool windows = true;                    // where the host has them
        u64 window_after = 4'000'000;           // steps in an address space before it gets a window; 0: at once, and for good
        u64 window_event = 40'000, window_loan = 400;   // Mmu::WindowTuning
        unsigned window_turns = 8;              // of a page between code and data before its window no longer follows
        unsigned window_misses = 3;             // accesses of an instruction that found no plain memory before it goes another way
        bool recipes = true;                    // false: blocks are left with the flags themselves
        bool extend = true;                     // false: a block is one trace
        bool crossing = true;                   // false: instructions that lie in two pages are the interpreter's
        bool link = true;                       // false: every block returns to the engine
        bool beside = true;                     // false: stores to pages that hold code are the handlers'
        bool reloads = true;                    // false: loads of segment registers in protected mode are the handlers'
        bool deliveries = true;                 // false: faults are delivered outside emitted code
        bool functions = true;                  // false: functions of the x87 are the handlers'
        bool extensions = true;                 // false: as on a host that has no more than SSE2
        bool copies = true;                     // false: what is not translated is interpreted one by one
        unsigned copy_after = 1;                // executions
        unsigned copy_least = 8;                // instructions that only compute, at the beginning of a trace
        unsigned trace_length = 32;
        jit::Profile::Kind profile = jit::Profile::Kind::None;
    };

    explicit JitEngine(Cpu& cpu) : JitEngine{cpu, Tuning{}} {}
    JitEngine(Cpu& cpu, Tuning tuning);
    ~JitEngine() override;

    StopReason run(Moment until) override;
    void request_stop() override;
    void restored() override;
    unsigned counters(Counter (&out)[most_counters]) const override;

    // The code of the blocks that begin at `eip`, without what is rare: for listings and measurements.
    [[nodiscard]] std::vector<std::span<const u8>> code_of(u32 eip) const;

private:
    struct Machinery;
    struct Found {
        jit::Block* block = nullptr;
        u32 page_entry = 0;
        Trace* trace = nullptr;      // to be interpreted, if that is known
    };

    void execute(u64 limit);
    [[nodiscard]] i64 go_on();
    Found find();
    jit::Block* translate(Trace& trace, u64 physical);
    std::vector<Instruction> collect(Trace& head, u64 physical, std::vector<Trace*>& traces);
    void lower_threshold();
    void watch_traces();
    void update_mode();
    void learn_mode(u64 code, u32 rest);
    u64 enter(jit::Block& block, u64 now, u64 limit);
    u64 after_bail(u64 now, u64 limit);
    void use_window();
    void window_missed(const jit::WindowFault& fault);
    void give_up(jit::Block& block);
    void forget_everything();
    void dropped(Trace& trace) override;
    void patched(Trace& trace, const Instruction& instruction) override;
    void cleared() override;
    void warm(Trace& trace) override;
    void handlers_wanted(Trace& trace) override;

    Cpu& cpu_;
    Tuning tuning_;
    unsigned threshold_;         // of traces that are built now
    Interpreter interpreter_;
    std::unique_ptr<Machinery> machinery_;
    u64 steps_ = 0, interpreted_ = 0, idle_steps_ = 0, exits_[3]{}, links_ = 0, jumps_filled_ = 0, translated_ = 0, translated_steps_ = 0, translation_nanoseconds_ = 0, dropped_ = 0, flushes_ = 0, bails_ = 0, went_on_ = 0, patched_ = 0,
        window_faults_ = 0, window_misses_ = 0, sites_given_up_ = 0;
};

}  // namespace retrace
