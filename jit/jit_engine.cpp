#include "jit/jit_engine.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

#include "core/base/ensure.hpp"
#include "core/engine/run_loop.hpp"
#include "core/cpu/x87.hpp"
#include "jit/baseline/translator.hpp"
#include "jit/code_cache.hpp"
#include "jit/x64/copies.hpp"
#include "jit/x64/faults.hpp"
#include "jit/x64/frame.hpp"
#include "jit/x64/residency.hpp"

namespace retrace {

using namespace jit;

namespace {

struct Place {
    u64 physical;
    u32 eip, mode;
    bool operator==(const Place&) const = default;
};

constexpr u64 mix(u64 value) {
    value *= 0x9e3779b97f4a7c15;
    return value ^ value >> 29;
}
struct HashPlace {
    std::size_t operator()(const Place& p) const { return mix(p.physical ^ u64{p.eip} << 32 ^ u64{p.mode} << 20); }
};
struct HashMode {
    std::size_t operator()(const Mode& m) const { return mix(u64{m.code_base} << 32 | m.code_limit); }
};

// Of this thread: what others do on the host does not count.
u64 processor_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<u64>(now.tv_sec) * 1'000'000'000 + static_cast<u64>(now.tv_nsec);
}

constexpr u32 most_bails = 64;
constexpr unsigned decoded_instructions = 1 << 20;   // translated code goes when the traces it was made of go: seldom
constexpr u8 most_patience = 6;
constexpr u32 page_count = u32{1} << 20;   // of linear addresses
constexpr std::size_t most_modes = 1 << 15;
constexpr std::size_t beyond_cache_bytes = Translator::most_block_bytes + (16 << 10);   // for what is made once, and one block

SegmentClass class_of(const Cpu& cpu, unsigned segment) {
    switch (cpu.access[segment].shape) {
        case Cpu::Shape::Flat: return SegmentClass::Flat;
        case Cpu::Shape::Real: return SegmentClass::Real;
        default: return SegmentClass::General;
    }
}

// Whatever a Mode is made of, quickly: equal signatures are equal modes.
struct Signature {
    u64 code = 0;
    u32 rest = 0;
    bool operator==(const Signature&) const = default;
};
struct KnownMode {
    Signature signature;
    const Mode* mode = nullptr;
    u32 number = 0;          // 0: empty
};
constexpr std::size_t known_modes = 64;
// In Signature::rest, above the segments' shapes.
enum : unsigned { stack32_bit = 12, code32_bit, paging_bit, a20_bit, real_bit, x87_bit, x87_masked_bit, sse_bit, sse_masked_bit, windowed_bit };

}  // namespace

struct JitEngine::Machinery {
    Machinery(JitEngine& engine, Cpu& cpu, const Tuning& tuning) : misses{engine}, cache{tuning.cache_bytes + beyond_cache_bytes}, translator{cpu, cache}, copies{cpu}, stubs_end{cache.used()}, profile{tuning.profile} {
        if (!tuning.emit) translator.emit_nothing = true;
        if (!tuning.extensions) translator.forgo_extensions();
        translator.use_spans = tuning.spans;
        translator.use_recipes = tuning.recipes;
        translator.use_beside = tuning.beside;
        translator.use_functions = tuning.functions;
        translator.use_reloads = tuning.reloads;
        frame.jumps = jumps.data();
        frame.recipes = &translator.recipes();
        frame.listener = &misses;
    }
    [[nodiscard]] JumpEntry& jump_entry(u32 eip, u32 mode) { return jumps[jump_slot(eip, mode)]; }
    [[nodiscard]] KnownMode& known_at(const Signature& signature) { return known[mix(signature.code ^ u64{signature.rest} << 11) % known_modes]; }
    void forget_jump(const Block& block) {
        if (JumpEntry& jump = jump_entry(block.eip, block.mode); jump.block == &block) jump = {};
    }

    struct Misses final : FaultListener {
        explicit Misses(JitEngine& e) : engine{e} {}
        void handled(const WindowFault& fault) override {
            engine.window_missed(fault);
            if (!engine.cpu_.mmu.window_is_overdrawn()) return;
            engine.cpu_.run.stop = true;   // it is closed behind the slice
            engine.cpu_.run.moved = false;
        }
        JitEngine& engine;
    };

    Misses misses;
    CodeCache cache;
    Translator translator;
    Copies copies;
    std::size_t stubs_end;
    Profile profile;
    Frame frame;
    HostMemory jump_memory{jump_cache_size * sizeof(JumpEntry)};   // touched as far as it is used
    std::span<JumpEntry> jumps{reinterpret_cast<JumpEntry*>(jump_memory.data()), jump_cache_size};

    std::unordered_map<Place, std::unique_ptr<Block>, HashPlace> blocks;
    std::unordered_map<const Trace*, std::vector<Block*>> of_trace;
    std::vector<std::unique_ptr<Block>> given_up;     // perhaps still running
    std::unordered_map<Mode, u32, HashMode> modes;
    std::array<KnownMode, known_modes> known{};        // by their signatures
    KnownMode now;
    u64 window = 0;                                   // what GS leads to
};

JitEngine::JitEngine(Cpu& cpu, Tuning tuning)
    : cpu_{cpu}, tuning_{tuning}, threshold_{tuning.threshold}, interpreter_{cpu, {.trace_length = tuning.trace_length, .cache_instructions = decoded_instructions}}, machinery_{std::make_unique<Machinery>(*this, cpu, tuning)} {
    watch_traces();
    machinery_->frame.engine = this;
    machinery_->frame.mode_now = [](void* engine) {
        auto& self = *static_cast<JitEngine*>(engine);
        store_x87(&self.cpu_);   // what it says of exceptions is part of a mode
        self.update_mode();
        self.use_window();
        return self.machinery_->now.number;
    };
    machinery_->frame.go_on = [](void* engine) { return static_cast<JitEngine*>(engine)->go_on(); };
    if (tuning_.windows && tuning_.emit && host_has_windows()) cpu_.mmu.use_windows({.open_after = tuning_.window_after, .steps_per_event = tuning_.window_event, .lent_events = tuning_.window_loan, .most_turns = tuning_.window_turns});
}

JitEngine::~JitEngine() = default;

void JitEngine::request_stop() { cpu_.request_stop(); }

void JitEngine::restored() { interpreter_.restored(); }

StopReason JitEngine::run(Moment until) {
    const FaultWatch watch{machinery_->translator.sites(), machinery_->frame};
    machinery_->window = 0;   // perhaps another thread's
    const StopReason reason = run_loop(cpu_, until, idle_steps_, [this](u64 limit) { execute(limit); });
    if (cpu_.run.resident != 0) reset_host_x87();
    cpu_.run.resident = 0;
    return reason;
}

void JitEngine::execute(u64 limit) {
    auto& run = cpu_.run;
    auto& frame = machinery_->frame;
    const u64 start = cpu_.scheduler.now().step;
    u64 now = start;
    run.stop = run.moved = false;
    frame.edge = nullptr;
    while (now < limit && !run.stop) {
        if (frame.edge && frame.edge->from->is_given_up) frame.edge = nullptr;
        machinery_->given_up.clear();
        const Found found = find();
        if (found.block && frame.edge && tuning_.link) {
            Edge& edge = *frame.edge;
            if (found.block->mode == edge.from->mode && found.block->eip == edge.target_eip && machinery_->translator.link(edge, *found.block, found.page_entry)) {
                if (edge.to) std::erase(edge.to->incoming, &edge);   // its page was another one then, or is marked now
                edge.to = found.block;
                found.block->incoming.push_back(&edge);
                ++links_;
            }
        }
        frame.edge = nullptr;
        if (found.block && limit - now >= found.block->steps) {
            now = enter(*found.block, now, limit);
            if (frame.bailed != Bailed::No) [[unlikely]] now = after_bail(now, limit);
        } else {
            const u64 before = now;
            now = interpreter_.run_cold(found.trace, now, limit);
            interpreted_ += now - before;
        }
    }
    if (!cpu_.at_least(CpuModel::I386)) cpu_.state.eip &= 0xffff;   // IP has 16 bits there
    steps_ += now - start;
    if (steps_ >= tuning_.later && threshold_ > tuning_.later_threshold) lower_threshold();
    cpu_.mmu.executed(now - start);
    cpu_.scheduler.advance({now});
}

void JitEngine::lower_threshold() {
    threshold_ = tuning_.later_threshold;
    watch_traces();
}

void JitEngine::watch_traces() { interpreter_.cache().observe(*this, threshold_, tuning_.copies ? tuning_.copy_after : Trace::never_hot); }

void JitEngine::warm(Trace& trace) { machinery_->copies.make(trace, tuning_.copy_least); }

void JitEngine::handlers_wanted(Trace& trace) { machinery_->copies.forget(trace); }

// The block at state.eip found its spans, or its second page, elsewhere: the interpreter runs it.
u64 JitEngine::after_bail(u64 now, u64 limit) {
    if (std::exchange(machinery_->frame.bailed, Bailed::No) == Bailed::Spans) {
        ++bails_;
        if (Block* block = find().block; block && ++block->bails == most_bails) {
            Trace* trace = block->traces[0];
            trace->plain = true;
            dropped(*trace);
        }
    }
    const u64 done = interpreter_.run_cold(nullptr, now, limit);
    interpreted_ += done - now;
    return done;
}

// Before emitted code goes on in an address space.
void JitEngine::use_window() {
    if (const u64 window = cpu_.mmu.window(); window != 0 && window != machinery_->window) set_window(machinery_->window = window);
}

u64 JitEngine::enter(Block& block, u64 now, u64 limit) {
    Frame& frame = machinery_->frame;
    frame.limit = limit;
    use_window();
    const auto exit = static_cast<Exit>(machinery_->translator.enter()(&cpu_, machinery_->cache.executable(block.code), limit - now, &frame));
    ++exits_[static_cast<unsigned>(exit)];
    auto& run = cpu_.run;
    store_x87(&cpu_);
    if (exit == Exit::Handler) return run.current ? interpreter_.settle() : run.first_step + 1;
    frame.settle_flags(cpu_, frame.flags);
    return limit - frame.left;
}

// Frame::go_on. If nothing but pages went, looking for what comes next anew is all that is needed.
i64 JitEngine::go_on() {
    Frame& frame = machinery_->frame;
    auto& run = cpu_.run;
    const u64 now = interpreter_.settle();
    frame.left = frame.limit - now;
    frame.flags = flags_in_state;
    if (!tuning_.deliveries) return -1;
    if (run.moved && cpu_.attention == 0 && cpu_.scheduler.next().step >= frame.limit) run.stop = false;
    run.moved = false;
    if (run.stop) return -1;
    frame.mode = frame.mode_now(this);
    ++went_on_;
    return static_cast<i64>(frame.left);
}

void JitEngine::update_mode() {
    Machinery& m = *machinery_;
    const Registers& state = cpu_.state;
    const SegmentRegister& cs = state.segment[1];
    const Mmu::Mode& memory = cpu_.mmu.mode();
    if (tuning_.window_after == 0) cpu_.mmu.executed(0);
    const bool available = (state.cr0 & (cr0::EM | cr0::TS)) == 0, sse = available && (state.cr4 & cr4::OSFXSR) != 0;
    const bool unit = available && (state.fpu.status & x87::error_summary) == 0;
    u32 rest = 0;
#pragma GCC unroll 6
    for (unsigned n = 0; n < 6; ++n) rest |= static_cast<u32>(cpu_.access[n].shape) << 2 * n;
    const auto add = [&](unsigned at, bool bit) { rest |= (bit ? u32{1} : u32{0}) << at; };
    add(stack32_bit, state.segment[2].big());
    add(code32_bit, cs.big());
    add(paging_bit, memory.paging);
    add(a20_bit, memory.a20);
    add(real_bit, cpu_.real_or_v86());
    add(x87_bit, unit);
    add(x87_masked_bit, unit && (state.fpu.control & fp::all_exceptions) == fp::all_exceptions);
    add(sse_bit, sse);
    add(sse_masked_bit, sse && (state.sse.mxcsr & mxcsr_masks) == mxcsr_masks);
    add(windowed_bit, cpu_.mmu.window() != 0);
    const Signature signature{u64{cs.base} << 32 | cs.limit, rest};
    if (signature == m.now.signature && m.now.number != 0) return;
    const KnownMode& known = m.known_at(signature);
    if (known.number == 0 || !(known.signature == signature)) [[unlikely]] learn_mode(signature.code, rest);
    m.now = known;
}

// As signatures say it.
[[gnu::noinline]] void JitEngine::learn_mode(u64 code, u32 rest) {
    Machinery& m = *machinery_;
    const SegmentRegister& cs = cpu_.state.segment[1];
    if (m.modes.size() >= most_modes) forget_everything();
    Mode mode;
    mode.code_base = cs.base;
    mode.code_limit = cs.limit;
    for (unsigned segment = 0; segment < 6; ++segment) mode.segment[segment] = class_of(cpu_, segment);
    const auto bit = [&](unsigned at) { return (rest >> at & 1) != 0; };
    mode.stack32 = bit(stack32_bit);
    mode.code32 = bit(code32_bit);
    mode.paging = bit(paging_bit);
    mode.a20 = bit(a20_bit);
    mode.real = bit(real_bit);
    mode.x87 = bit(x87_bit);
    mode.x87_masked = bit(x87_masked_bit);
    mode.sse = bit(sse_bit);
    mode.sse_masked = bit(sse_masked_bit);
    mode.windowed = bit(windowed_bit);
    const auto place = m.modes.try_emplace(mode, static_cast<u32>(m.modes.size() + 1)).first;
    m.known_at({code, rest}) = {{code, rest}, &place->first, place->second};
}

// The block for what comes next, if there is one or it is time to make one.
JitEngine::Found JitEngine::find() {
    Machinery& m = *machinery_;
    const SegmentRegister& cs = cpu_.state.segment[1];
    const u32 eip = cpu_.state.eip, linear = cs.base + eip;
    u64 entry = cpu_.mmu.execute_table[linear >> page_shift];
    if (entry == 0) {   // whoever fetches next does this first; if it fails, once more
        if (eip > cs.limit || !cpu_.mmu.translate({linear}, Access::Execute).ok) return {};
        entry = cpu_.mmu.execute_table[linear >> page_shift];
        if (entry == 0) return {};
    }
    const u64 physical = (entry & ~u64{page_mask}) | (linear & page_mask);
    Trace* trace = nullptr;
    // The trace there, if it has been executed often enough. Most code never is: it is not worth asking for its mode.
    const auto hot = [&] {
        trace = interpreter_.cache().find(TraceCache::key_of({physical}, cs.big()));
        if (!trace) return false;
        const auto ends_in = [&](u32 page) { return (cpu_.mmu.execute_table[((linear >> page_shift) + 1) % page_count] | Mmu::marked) == (u64{page} << page_shift | Mmu::marked | 1); };
        if (trace->second_page == Trace::one_page || (tuning_.crossing && ends_in(trace->second_page))) {
            if (u64{eip} + trace->bytes - 1 <= cs.limit) return trace->cold == 0 && !trace->lukewarm;
        } else if (!tuning_.crossing && trace->cold == 0) {
            trace->cold = Trace::never_hot;
        }
        trace = nullptr;
        return false;
    };
    const auto leads_here = [&](const JumpEntry& jump) { return jump.eip == eip && jump.page_entry == static_cast<u32>(entry) && jump.mode == m.now.number; };
    if (!leads_here(m.jump_entry(eip, m.now.number)) && !hot()) return {nullptr, 0, trace};   // most likely the mode is what it was
    update_mode();
    if (const JumpEntry& jump = m.jump_entry(eip, m.now.number); leads_here(jump)) return {jump.block, jump.page_entry, nullptr};

    const auto known = m.blocks.find({physical, eip, m.now.number});
    Block* block = known != m.blocks.end() ? known->second.get() : nullptr;
    if (!block) {
        if (!trace && !hot()) return {nullptr, 0, trace};
        block = translate(*trace, physical);
    }
    ++jumps_filled_;
    JumpEntry& jump = m.jump_entry(eip, m.now.number);
    jump = {eip, m.now.number, (linear >> page_shift) * u32{sizeof(u64)}, static_cast<u32>(entry), m.cache.executable(block->code), block};
    return {block, jump.page_entry, trace};
}

// A trace and those that come behind it where its branches go most often: forward, within the page, and as far as offsets reach.
std::vector<Instruction> JitEngine::collect(Trace& head, u64 physical, std::vector<Trace*>& traces) {
    std::vector<Instruction> source;
    const SegmentRegister& cs = cpu_.state.segment[1];
    const u32 eip = cpu_.state.eip;
    const auto heat = [&](const Trace& trace) -> u32 {   // at least; the threshold may have been higher
        if (trace.lukewarm) return 0;
        const u32 hot = interpreter_.cache().hot(trace);
        return hot - std::min<u32>(hot, trace.cold);
    };
    const auto usual = [&](const Trace* trace) { return trace && trace->second_page == Trace::one_page && heat(*trace) * 3 >= std::min<u32>(threshold_, interpreter_.cache().hot(*trace)); };
    const auto at = [&](u32 offset) -> Trace* {
        if ((physical & page_mask) + offset >= page_size) return nullptr;
        Trace* trace = interpreter_.cache().find(TraceCache::key_of({physical + offset}, cs.big()));
        const bool fits = trace && source.size() + trace->count <= most_instructions && offset + trace->bytes <= TraceCache::most_bytes && u64{eip} + offset + trace->bytes - 1 <= cs.limit;
        return fits && usual(trace) ? trace : nullptr;
    };
    const auto append = [&](Trace& trace, u32 offset) {
        traces.push_back(&trace);
        for (u32 n = 0; n < trace.count; ++n) {
            source.push_back(trace.instructions()[n]);
            if (n == 0 && trace.first_handler) source.back().execute = trace.first_handler;
            source.back().offset = static_cast<u8>(source.back().offset + offset);
        }
    };
    append(head, 0);
    while (tuning_.extend && tuning_.emit) {
        const Instruction& last = source.back();
        if (last.has(Instruction::invalid | Instruction::too_long)) break;
        u32 offset = u32{last.offset} + last.length;
        Trace* next = nullptr;
        if (!last.has(Instruction::ends_block) || Translator::is_port_access(last)) {
            next = at(offset);
        } else {
            const Op op = row_of(last).op;
            const u32 target = (eip + offset + last.immediate) & (last.operand_width == 4 ? 0xffffffffu : 0xffffu), forward = target - eip;
            if (target > cs.limit || forward < offset || (op != Op::Jcc && op != Op::JmpNear)) break;   // a loop ends where it ends
            Trace* const taken = forward < TraceCache::most_bytes ? at(forward) : nullptr;
            next = op == Op::Jcc ? at(offset) : nullptr;
            if (taken && (!next || heat(*taken) > heat(*next))) {
                next = taken;
                offset = forward;
            }
        }
        if (!next) break;
        append(*next, offset);
    }
    return source;
}

Block* JitEngine::translate(Trace& trace, u64 physical) {
    Machinery& m = *machinery_;
    const u64 begin = processor_nanoseconds();
    if (m.cache.used() - m.stubs_end > tuning_.cache_bytes || m.cache.size() - m.cache.used() < Translator::most_block_bytes || !m.translator.recipes().has_room()) {
        forget_everything();
        m.translator.recipes().clear();
        update_mode();
    }
    auto made = std::make_unique<Block>();
    Block& block = *made;
    const auto source = collect(trace, physical, block.traces);
    block.eip = cpu_.state.eip;
    block.mode = m.now.number;
    block.physical = physical;
    block.second_page = trace.second_page;
    const std::size_t at = m.cache.used();
    u64 unshown = 0;
    u32 first = 0;
    for (const Trace* part : block.traces) {
        unshown |= u64{part->unshown} << first;
        first += part->count;
    }
    m.translator.translate(block, source, trace.plain, unshown, *m.now.mode);
    m.profile.block(m.cache.executable(block.code), m.cache.used() - at, block.eip, physical, block.mode);
    ++translated_;
    translated_steps_ += block.steps;
    for (Trace* part : block.traces) {
        part->translated = true;
        m.of_trace[part].push_back(&block);
    }
    m.blocks[{physical, block.eip, block.mode}] = std::move(made);
    translation_nanoseconds_ += processor_nanoseconds() - begin;
    return &block;
}

// Nothing leads to the block any longer. It is kept until no code of it can be running.
void JitEngine::give_up(Block& block) {
    Machinery& m = *machinery_;
    for (Edge* edge : block.incoming) {
        m.translator.unlink(*edge);
        edge->to = nullptr;
    }
    block.incoming.clear();
    for (Edge& edge : block.edges) {
        if (edge.to) std::erase(edge.to->incoming, &edge);
        edge.to = nullptr;
        if (m.frame.edge == &edge) m.frame.edge = nullptr;
    }
    m.forget_jump(block);
    for (Trace* part : block.traces)
        if (const auto others = m.of_trace.find(part); others != m.of_trace.end()) std::erase(others->second, &block);
    const auto known = m.blocks.find({block.physical, block.eip, block.mode});
    block.is_given_up = true;
    m.given_up.push_back(std::move(known->second));
    m.blocks.erase(known);
    ++dropped_;
}

// An access through the window has faulted, and its instruction was done otherwise. Where there is plain memory it is shown from now on. Where there
// is none, and not for the first time, the block is made anew, with another way for the instruction, and for those with the same base.
void JitEngine::window_missed(const WindowFault& fault) {
    Machinery& m = *machinery_;
    ++window_faults_;
    const u64 linear = fault.address - m.window;
    if (fault.has_address && linear < LinearWindow::size && m.window == cpu_.mmu.window() && cpu_.mmu.show({static_cast<u32>(linear)}, fault.write)) return;
    ++window_misses_;
    Site& site = *fault.site;
    if (++site.missed < tuning_.window_misses) return;
    site.missed = 0;
    Block& block = *site.block;
    if (const auto known = m.blocks.find({block.physical, block.eip, block.mode}); known == m.blocks.end() || known->second.get() != &block) return;
    ++sites_given_up_;
    u32 first = 0;
    std::vector<std::pair<Trace*, u32>> all;
    for (Trace* part : block.traces)
        for (u32 n = 0; n < part->count; ++n) all.emplace_back(part, n);
    const Instruction& missed = all[site.index].first->instructions()[all[site.index].second];
    for (const auto& [trace, n] : all) {
        const Instruction& i = trace->instructions()[n];
        const bool alike = missed.has(Instruction::memory) && missed.base != no_register && i.has(Instruction::memory) && i.base == missed.base;
        if (first++ == site.index || alike) trace->unshown |= u32{1} << n;
    }
    give_up(block);
}

void JitEngine::dropped(Trace& trace) {
    const auto found = machinery_->of_trace.extract(&trace);
    if (found.empty()) return;
    for (Block* block : found.mapped()) give_up(*block);
}

// Blocks that look such constants up get the new ones; others go, and the next are made later.
void JitEngine::patched(Trace& trace, const Instruction& now) {
    Machinery& m = *machinery_;
    const auto found = m.of_trace.find(&trace);
    if (found == m.of_trace.end()) return;
    bool lost = false;
    for (Block* block : std::vector<Block*>{found->second}) {
        const u32 offset = trace.first_byte() - static_cast<u32>(block->physical) + now.offset;
        const auto copy = std::ranges::find_if(block->instructions, [&](const Instruction& each) {
            return each.offset == offset && each.has(Instruction::patched) && !each.has(Instruction::ends_block);
        });
        if (copy != block->instructions.end() && &*copy != cpu_.run.current) {
            copy->immediate = now.immediate;
            copy->displacement = now.displacement;
            copy->immediate2 = now.immediate2;
            ++patched_;
        } else {
            give_up(*block);
            lost = true;
        }
    }
    if (!lost) return;
    if (trace.patience < most_patience) ++trace.patience;
    trace.cold = interpreter_.cache().hot(trace);
}

void JitEngine::cleared() {
    if (machinery_) machinery_->copies.forget_all();
    if (machinery_) forget_everything();
}

// Only the links go at once: code that is running stays until it has been left. What was emitted is overwritten by the next translation.
void JitEngine::forget_everything() {
    Machinery& m = *machinery_;
    for (auto& [place, block] : m.blocks) {
        m.forget_jump(*block);
        block->is_given_up = true;
        m.given_up.push_back(std::move(block));
    }
    m.blocks.clear();
    m.of_trace.clear();
    m.modes.clear();
    m.known.fill({});
    m.now = {};
    m.frame.edge = nullptr;
    m.cache.truncate(m.stubs_end);
    ++flushes_;
}

std::vector<std::span<const u8>> JitEngine::code_of(u32 eip) const {
    std::vector<std::span<const u8>> all;
    for (const auto& [place, block] : machinery_->blocks)
        if (place.eip == eip) all.emplace_back(block->code, block->hot_bytes);
    return all;
}

unsigned JitEngine::counters(Counter (&out)[most_counters]) const {
    const unsigned before = interpreter_.counters(out);
    const Mmu::Counters& windows = cpu_.mmu.counters();
    // The interpreter counts only what it ran by itself.
    const Counter own[] = {{"steps", steps_ + idle_steps_}, {"idle steps", idle_steps_}, {"interpreted steps", interpreted_}, {"blocks translated", translated_},
                           {"instructions translated", translated_steps_}, {"translation nanoseconds", translation_nanoseconds_}, {"blocks dropped", dropped_}, {"blocks patched", patched_}, {"traces copied", machinery_->copies.made}, {"instructions copied", machinery_->copies.instructions}, {"code cache flushes", flushes_},
                           {"code cache bytes", machinery_->cache.used()}, {"blocks whose spans did not fit", bails_}, {"exits between instructions", exits_[0]}, {"exits that want a link", exits_[1]}, {"exits by a handler", exits_[2]}, {"faults and changes of tables settled inside", went_on_}, {"links", links_},
                           {"indirect jumps the hash missed", machinery_->frame.jump_misses}, {"jump hash entries filled", jumps_filled_},
                           {"windows opened", windows.windows_opened}, {"windows closed", windows.windows_closed}, {"pages shown in windows", windows.pages_shown}, {"runs of them", windows.runs_shown},
                           {"hidings in windows", windows.hidings}, {"window faults", window_faults_}, {"window misses", window_misses_}, {"sites given up", sites_given_up_}};
    unsigned count = static_cast<unsigned>(std::size(own));
    std::vector<Counter> rest(out + 2, out + before);
    std::ranges::copy(own, out);
    for (const Counter& counter : rest)
        if (count < most_counters) out[count++] = counter;
    return count;
}

}  // namespace retrace
