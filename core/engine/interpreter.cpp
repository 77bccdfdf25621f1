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
    cpu_.mmu.flush_everything();
}

StopReason Interpreter::run(Moment until) {
    return run_loop(cpu_, until, idle_steps_, [this](u64 limit) { execute(limit); });
}

[[gnu::always_inline]] inline u64 Interpreter::run_trace_inline(u64 now, u64 limit) {
    Cpu& cpu = cpu_;
    auto& run = cpu.run;
    const SegmentRegister& cs = cpu.state.segment[1];
    const u32 eip = cpu.state.eip;
    const u32 linear = cs.base + eip;
    const u64 entry = cpu.mmu.execute_table[linear >> page_shift];
    const u64 key = ((entry & ~u64{page_mask}) | (linear & page_mask)) << 1 | (cs.big() ? 1 : 0);
    Trace* trace = entry ? cache_->find(key) : nullptr;
    run.first_step = now;
    Instruction* first;
    u32 count;
    if (trace && u64{eip} + trace->bytes - 1 <= cs.limit && trace->second_page == Trace::one_page) [[likely]] {
        first = trace->instructions();
        count = trace->count;
    } else {
        first = fetch(count);
        if (!first) {   // a fault in the fetch
            finish_fault(now + 1, cpu.state.eip);
            return now + 1;
        }
    }
    run.eip = cpu.state.eip;
    if (now + count > limit) [[unlikely]] first = cut(first, static_cast<u32>(limit - now), count);
    run.first = first;
    ++traces_;
    first->execute(cpu, *first);
    return run.current ? settle() : now + count;
}

// Executes until `limit` or until something wants attention, and brings the scheduler's clock there.
void Interpreter::execute(u64 limit) {
    const u64 start = cpu_.scheduler.now().step;
    u64 now = start;
    cpu_.run.stop = false;
    while (now < limit && !cpu_.run.stop) now = run_trace_inline(now, limit);
    steps_ += now - start;
    cpu_.scheduler.advance({now});
}

u64 Interpreter::run_trace(u64 now, u64 limit) { return run_trace_inline(now, limit); }

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
Instruction* Interpreter::cut(const Instruction* first, u32 steps, u32& count) {
    std::copy_n(first, steps, scratch_.begin());
    scratch_[steps] = {};
    scratch_[steps].execute = end_of_trace;
    scratch_[steps].offset = first[steps].offset;
    count = steps;
    ++cuts_;
    return scratch_.data();
}

// What the fast look-up did not find: translates, decodes, checks limits. Null: the fetch faulted.
Instruction* Interpreter::fetch(u32& count) {
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
    const auto where = cpu.mmu.translate({linear}, Access::Execute);
    if (!where.ok) {
        cpu.page_fault({linear}, where.error);
        return nullptr;
    }
    const u32 page = static_cast<u32>(where.physical.value >> page_shift), in_page = static_cast<u32>(where.physical.value & page_mask);
    const unsigned to_page_end = page_size - in_page;
    const u64 to_limit = u64{cs.limit} - eip + 1;
    const u8* const host = cpu.memory.read_page(page);

    const auto use = [&](Trace* trace) {
        count = trace->count;
        return trace->instructions();
    };
    Trace* trace = host ? cache_->find(TraceCache::key_of(where.physical, code32)) : nullptr;
    if (trace && trace->bytes <= to_limit) {
        if (trace->second_page == Trace::one_page) return use(trace);
        const auto second = cpu.mmu.translate({linear + to_page_end}, Access::Execute);
        if (second.ok && second.physical.value >> page_shift == trace->second_page) return use(trace);
    }
    if (host && !trace) {
        ++misses_;
        trace = cache_->build(where.physical, {host + in_page, static_cast<std::size_t>(std::min<u64>(to_page_end, to_limit))}, code32);
        if (trace) return use(trace);
    }

    // One instruction, byte by byte: it meets the end of the page or of the segment, or does not lie in memory.
    std::array<u8, Decoder::most_bytes> bytes{};
    Instruction& only = scratch_[0];
    PhysicalAddress at = where.physical;
    u32 second_page = Trace::one_page;
    for (unsigned have = 0;; ++have) {
        only = {};
        if (have > 0 && cache_->decoder().decode({bytes.data(), have}, code32, only) == Decoder::Result::Done) {
            if (host && !trace && second_page != Trace::one_page && !wraps && cpu.memory.read_page(second_page))
                return use(cache_->build_crossing(where.physical, second_page, {bytes.data(), have}, to_page_end, code32));
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
    scratch_[1] = {};
    scratch_[1].execute = end_of_trace;
    scratch_[1].offset = only.length;
    count = 1;
    ++uncached_;
    return scratch_.data();
}

unsigned Interpreter::counters(Counter (&out)[most_counters]) const {
    const auto& mmu = cpu_.mmu.counters();
    const Counter all[] = {{"steps", steps_ + idle_steps_}, {"idle steps", idle_steps_}, {"traces run", traces_}, {"traces built", cache_->counters.built},
                           {"trace misses", misses_}, {"trace cuts", cuts_}, {"uncached instructions", uncached_}, {"faults", faults_},
                           {"interrupts", cpu_.interrupts_taken}, {"invalidations", cache_->counters.invalidations}, {"stores beside code", cache_->counters.false_hits},
                           {"cache clears", cache_->counters.clears}, {"page walks", mmu.walks}, {"table fills", mmu.fills}, {"context switches", mmu.switches},
                           {"table flushes", mmu.flushes}};
    std::ranges::copy(all, out);
    return static_cast<unsigned>(std::size(all));
}

}  // namespace retrace
