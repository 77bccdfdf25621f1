#include "core/engine/interpreter.hpp"

#include <algorithm>

#include "core/engine/handlers.hpp"
#include "core/engine/run_loop.hpp"
#include "core/engine/trace_cache.hpp"

namespace retrace {

Interpreter::Interpreter(Cpu& cpu, Tuning tuning)
    : cpu_{cpu}, cache_{std::make_unique<TraceCache>(cpu, tuning.trace_length, tuning.cache_instructions)} {}

Interpreter::~Interpreter() = default;

void Interpreter::request_stop() { cpu_.request_stop(); }

void Interpreter::restored() {
    cache_->clear();
    cpu_.mmu.forget_everything();
    cpu_.update_generation();
}

StopReason Interpreter::run(Moment until) {
    return run_loop(cpu_, until, idle_steps_, [this](u64 limit) { execute(limit); });
}

// Runs a trace, or as much of it as fits, and up to `chain` others that follow. run.first_step stays that of the last one.
[[gnu::always_inline]] inline void Interpreter::enter(Trace* trace, u64 limit, u32 chain) {
    auto& run = cpu_.run;
    run.eip = cpu_.state.eip;
    if (run.first_step + trace->count > limit) [[unlikely]] trace = cut(trace, static_cast<u32>(limit - run.first_step));
    run.trace = trace;
    run.chain = chain;
    run.first = trace->instructions();
    ++entries_;
    run.first->execute(cpu_, *run.first);
    run.chain = 0;
}

// Executes until `limit`, until something wants attention or, if `until_hot`, until a hot trace is next; the first is executed in any case.
template <bool until_hot>
void Interpreter::run_traces(Trace* first, u64 limit) {
    Cpu& cpu = cpu_;
    auto& run = cpu.run;
    Trace* previous = nullptr;   // the trace before, if what follows it may be noted there
    bool wanted = until_hot;
    while (run.first_step < limit && (wanted || !run.stop)) {   // a walk for the first may have set it
        const u64 where = Trace::where(cpu.access[1].base, cpu.state.eip);
        Trace* trace = previous ? previous->linked(run.generation, where) : first;
        first = nullptr;
        if (!trace) {
            const u64 pool = cache_->epoch();
            trace = find();
            if (!trace) {   // a fault in the fetch
                previous = nullptr;
                wanted = false;
                finish_fault(run.first_step += 1, cpu.state.eip);
                continue;
            }
            if (previous && trace != &scratch_.trace && pool == cache_->epoch()) previous->link(run.generation, where, trace);
        }
        if (trace->cold != 0) --trace->cold;
        else if (trace->lukewarm) cache_->warmed(*trace);
        else if (!until_hot) trace->cold = Trace::never_hot;
        else if (!wanted) break;
        wanted = false;
        const u64 pool = cache_->epoch();
        enter(trace, limit, longest_chain);
        previous = run.trace == &scratch_.trace || pool != cache_->epoch() ? nullptr : run.trace;
        if (!run.current) [[likely]] run.first_step += run.trace->count;
        else run.first_step = settle(), previous = nullptr;
    }
    if (!cpu.at_least(CpuModel::I386)) cpu.state.eip &= 0xffff;   // IP has 16 bits there
}

// Brings the scheduler's clock to where it has come.
void Interpreter::execute(u64 limit) {
    auto& run = cpu_.run;
    const u64 start = cpu_.scheduler.now().step;
    run.first_step = start;
    run.stop = false;
    run_traces<false>(nullptr, limit);
    steps_ += run.first_step - start;
    cpu_.scheduler.advance({run.first_step});
}

u64 Interpreter::run_cold(Trace* first, u64 now, u64 limit) {
    cpu_.run.first_step = now;
    run_traces<true>(first, limit);
    return cpu_.run.first_step;
}

u64 Interpreter::settle() {
    auto& run = cpu_.run;
    const Instruction& last = *run.current;
    const u64 now = run.first_step + static_cast<u64>(&last - run.first) + run.repeats + 1;
    run.repeats = 0;
    if (cpu_.fault.pending) {
        const bool to_next = cpu_.fault.vector == vector::DE && cpu_.model() == CpuModel::I8086;
        finish_fault(now, run.eip + last.offset + (to_next ? last.length : 0u));
    } else {
        if (!last.has(Instruction::ends_block)) cpu_.state.eip = run.eip + last.offset + last.length;
        run.current = nullptr;
        run.eip_is_set = false;
    }
    return now;
}

// The trace at CS:EIP. Null: the fetch faulted.
Trace* Interpreter::find() {
    Cpu& cpu = cpu_;
    const SegmentRegister& cs = cpu.state.segment[1];
    const u32 linear = cs.base + cpu.state.eip;
    ++lookups_;
    if (const u64 entry = cpu.mmu.execute_table[linear >> page_shift]) {
        Trace* trace = cache_->find(TraceCache::key_of({(entry & ~u64{page_mask}) | (linear & page_mask)}, cs.big()));
        if (trace && u64{cpu.state.eip} + trace->bytes - 1 <= cs.limit && trace->second_page == Trace::one_page) return trace;
    }
    return fetch();
}

// The instruction at state.eip faulted, or could not be fetched. It counts as a step, with the delivery.
void Interpreter::finish_fault(u64 now, u32 eip) {
    ++faults_;
    cpu_.scheduler.advance({now});
    if (!cpu_.run.eip_is_set) cpu_.state.eip = eip;
    cpu_.run.eip_is_set = false;
    cpu_.run.current = nullptr;
    cpu_.deliver_fault();
}

// The first `steps` instructions of a trace, and then its end.
Trace* Interpreter::cut(Trace* trace, u32 steps) {
    const Instruction* const first = trace->instructions();
    if (trace != &scratch_.trace) std::copy_n(first, steps, scratch_.instructions.begin());
    if (trace->first_handler) scratch_.instructions[0].execute = trace->first_handler;
    return finish_scratch(steps, first[steps].offset);
}

Trace* Interpreter::finish_scratch(u32 count, u32 bytes) {
    Instruction& sentinel = scratch_.instructions[count];
    sentinel = {};
    sentinel.execute = end_of_trace;
    sentinel.offset = static_cast<u8>(bytes);
    scratch_.trace.count = count;
    scratch_.trace.bytes = bytes;
    scratch_.trace.cold = Trace::never_hot;
    ++scratches_;
    return &scratch_.trace;
}

// What the fast look-up did not find: translates, decodes, checks limits. Null: the fetch faulted.
Trace* Interpreter::fetch() {
    Cpu& cpu = cpu_;
    if (!cpu.at_least(CpuModel::I386)) cpu.state.eip &= 0xffff;
    const SegmentRegister& cs = cpu.state.segment[1];
    const u32 eip = cpu.state.eip, linear = cs.base + eip;
    const bool wraps = cpu.model() == CpuModel::I8086, code32 = cs.big();
    cpu.run.eip = eip;
    if (eip > cs.limit) {
        cpu.raise(vector::GP, 0);
        return nullptr;
    }
    const u64 entry = cpu.mmu.execute_table[linear >> page_shift];   // walked already
    const auto where = entry != 0 ? Mmu::Result{true, 0, {(entry & ~u64{page_mask}) | (linear & page_mask)}} : cpu.mmu.translate({linear}, Access::Execute);
    if (!where.ok) {
        cpu.page_fault({linear}, where.error);
        return nullptr;
    }
    const u32 page = static_cast<u32>(where.physical.value >> page_shift), in_page = static_cast<u32>(where.physical.value & page_mask);
    const unsigned to_page_end = page_size - in_page;
    const u64 to_limit = u64{cs.limit} - eip + 1;
    const u8* const host = cpu.memory.read_page(page);

    Trace* trace = host ? cache_->find(TraceCache::key_of(where.physical, code32)) : nullptr;
    if (trace && trace->bytes <= to_limit) {
        if (trace->second_page == Trace::one_page) return trace;
        const auto second = cpu.mmu.translate({linear + to_page_end}, Access::Execute);
        if (second.ok && second.physical.value >> page_shift == trace->second_page) return trace;
    }
    if (host && !trace) {
        ++misses_;
        trace = cache_->build(where.physical, {host + in_page, static_cast<std::size_t>(std::min<u64>(to_page_end, to_limit))}, code32);
        if (trace) return trace;
    }

    // One instruction, byte by byte: it meets the end of the page or of the segment, or does not lie in memory.
    std::array<u8, Decoder::most_bytes> bytes{};
    Instruction& only = scratch_.instructions[0];
    PhysicalAddress at = where.physical;
    u32 second_page = Trace::one_page;
    for (unsigned have = 0;; ++have) {
        only = {};
        if (have > 0 && cache_->decoder().decode({bytes.data(), have}, code32, only) == Decoder::Result::Done) {
            if (host && !trace && second_page != Trace::one_page && !wraps && cpu.memory.read_page(second_page))
                return cache_->build_crossing(where.physical, second_page, {bytes.data(), have}, to_page_end, code32);
            break;
        }
        u32 offset = eip + have;
        if (wraps) offset &= 0xffff;
        if (offset > cs.limit || offset < eip) {
            if (!wraps) {
                cpu.raise(vector::GP, 0);
                return nullptr;
            }
        }
        const u32 byte_linear = cs.base + offset;
        if (have > 0 && ((byte_linear & page_mask) == 0 || offset == 0)) {
            const auto next = cpu.mmu.translate({byte_linear}, Access::Execute);
            if (!next.ok) {
                cpu.page_fault({byte_linear}, next.error);
                return nullptr;
            }
            at = next.physical;
            second_page = static_cast<u32>(at.value >> page_shift);
        }
        bytes[have] = static_cast<u8>(cpu.memory.read(at, 1));
        ++at.value;
    }
    prepare(only, cpu.model());
    return finish_scratch(1, only.length);
}

unsigned Interpreter::counters(Counter (&out)[most_counters]) const {
    const auto& mmu = cpu_.mmu.counters();
    const Counter all[] = {{"steps", steps_ + idle_steps_}, {"idle steps", idle_steps_}, {"trace entries", entries_}, {"trace look-ups", lookups_}, {"traces built", cache_->counters.built},
                           {"trace misses", misses_}, {"scratch traces", scratches_}, {"faults", faults_},
                           {"interrupts", cpu_.interrupts_taken}, {"invalidations", cache_->counters.invalidations}, {"instructions patched in place", cache_->counters.patched}, {"instructions rewritten unchanged", cache_->counters.rewritten},
                           {"cache clears", cache_->counters.clears}, {"page walks", mmu.walks}, {"table fills", mmu.fills}, {"context switches", mmu.switches},
                           {"table flushes", mmu.flushes}, {"contexts recycled", mmu.recycled}, {"table pages watched", mmu.watched}, {"table pages let go", mmu.unwatched},
                           {"stores to tables", mmu.table_stores}, {"translations removed", mmu.removals}};
    std::ranges::copy(all, out);
    return static_cast<unsigned>(std::size(all));
}

}  // namespace retrace
