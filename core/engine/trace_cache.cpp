#include "core/engine/trace_cache.hpp"

#include <algorithm>
#include <bit>
#include <new>
#include <utility>

#include "core/base/ensure.hpp"
#include "core/cpu/cpu.hpp"
#include "core/engine/handlers.hpp"

namespace retrace {

namespace {

constexpr std::size_t bytes_of(unsigned instructions) { return sizeof(Trace) + (instructions + 1) * sizeof(Instruction); }

constexpr int first_bucket_bits = 12, most_bucket_bits = 18;

Instruction sentinel_at(u32 offset) {
    Instruction sentinel;
    sentinel.execute = end_of_trace;
    sentinel.offset = static_cast<u8>(offset);
    return sentinel;
}

}  // namespace

TraceCache::TraceCache(Cpu& cpu, unsigned trace_length, unsigned capacity)
    : cpu_{cpu}
    , memory_{cpu.memory}
    , decoder_{cpu.model()}
    , trace_length_{std::clamp(trace_length, 1u, longest_trace)}
    , pool_{std::max<std::size_t>(bytes_of(longest_trace) * 4, std::size_t{capacity} * sizeof(Instruction))}
    , bucket_shift_{64 - first_bucket_bits}
    , buckets_(std::size_t{1} << first_bucket_bits) {
    memory_.add_listener(*this);
}

Trace* TraceCache::allocate(unsigned instructions) {
    if (used_ + bytes_of(instructions) > pool_.size()) clear();
    Trace* trace = new (pool_.data() + used_) Trace{};
    used_ += bytes_of(instructions);
    trace->count = instructions;
    ++counters.built;
    return trace;
}

// Nothing leads to dropped traces any longer: others may lie there.
void TraceCache::recycle() {
    cpu_.forget_links();
    ++epoch_;
    for (Trace* trace : dying_) free_[trace->count].push_back(trace);
    dying_.clear();
}

Trace* TraceCache::build(PhysicalAddress address, std::span<const u8> code, bool code32) {
    if (used_ + bytes_of(longest_trace) > pool_.size()) clear();
    Trace* trace = new (pool_.data() + used_) Trace{};
    Instruction* decoded = trace->instructions();   // where it stays, most often
    unsigned count = 0;
    u32 bytes = 0;
    while (count < trace_length_ && bytes + Decoder::most_bytes <= most_bytes) {
        Instruction& next = decoded[count];
        if (known_.decode(code.subspan(bytes), code32, next) != Decoder::Result::Done) break;
        next.offset = static_cast<u8>(bytes);
        bytes += next.length;
        ++count;
        if (next.has(Instruction::ends_block) || bytes >= code.size()) break;
    }
    if (count == 0) return nullptr;
    // That there is no such instruction was seen in a byte behind what counts as its length.
    if (decoded[count - 1].row == 0) bytes = static_cast<u32>(std::min<std::size_t>(bytes + 2, code.size()));
    if (dying_.size() >= dying_at_most) recycle();
    if (auto& free = free_[count]; !free.empty()) {
        trace = new (free.back()) Trace{};
        std::copy_n(decoded, count, trace->instructions());
        decoded = trace->instructions();
        free.pop_back();
    } else {
        used_ += bytes_of(count);
    }
    ++counters.built;
    trace->count = count;
    trace->key = key_of(address, code32);
    trace->bytes = bytes;
    trace->numeric = std::any_of(decoded, decoded + count, [](const Instruction& i) { return is_unit_operation(row_of(i).op); });
    new (&decoded[count]) Instruction{sentinel_at(bytes)};
    enter(trace, static_cast<u32>(address.value >> page_shift), static_cast<u32>(address.value & page_mask), bytes);
    put_in_bucket(*trace);
    return trace;
}

Trace* TraceCache::build_crossing(PhysicalAddress address, u32 second_page, std::span<const u8> code, unsigned in_first, bool code32) {
    Instruction only;
    if (decoder_.decode(code, code32, only) != Decoder::Result::Done) return nullptr;
    prepare(only, cpu_.model());
    Trace* trace = allocate(1);
    trace->key = key_of(address, code32);
    trace->bytes = static_cast<u32>(only.row == 0 ? code.size() : only.length);
    trace->second_page = second_page;
    trace->instructions()[0] = only;
    trace->instructions()[1] = sentinel_at(only.length);
    enter(trace, static_cast<u32>(address.value >> page_shift), static_cast<u32>(address.value & page_mask), in_first);
    enter(trace, second_page, 0, std::max(trace->bytes, in_first + 1) - in_first);
    put_in_bucket(*trace);
    return trace;
}

void TraceCache::enter(Trace* trace, u32 page, u32 first, u32 size) {
    CodePage& code = pages_[page];
    code.traces.push_back(trace);
    trace->patience = std::max(trace->patience, patience_of(page));
    trace->cold = hot(*trace);
    trace->lukewarm = trace->second_page == Trace::one_page && warm_ < trace->cold;
    if (trace->lukewarm) trace->cold = static_cast<u16>(warm_);
    memory_.mark_code({u64{page} << page_shift | first}, size);
}

// There are as many buckets as traces, or more; few at first, since each page of them that is touched costs the host a fault.
void TraceCache::put_in_bucket(Trace& trace) {
    if (++in_buckets_ > buckets_.size() && bucket_shift_ > 64 - most_bucket_bits) {
        bucket_shift_ -= 2;
        for (Trace* each : std::exchange(buckets_, std::vector<Trace*>(buckets_.size() * 4)))
            while (each) {
                Trace*& bucket = buckets_[bucket_of(each->key)];
                each = std::exchange(each->next, std::exchange(bucket, each));
            }
    }
    Trace*& bucket = buckets_[bucket_of(trace.key)];
    trace.next = bucket;
    bucket = &trace;
}

void TraceCache::drop(Trace* trace) {
    --in_buckets_;
    Trace** link = &buckets_[bucket_of(trace->key)];
    while (*link != trace) link = &(*link)->next;
    *link = trace->next;
    trace->key = Trace::dead;
    if (trace->translated) observer_->dropped(*trace);
    if (trace->first_handler) observer_->handlers_wanted(*trace);
    if (trace->second_page == Trace::one_page) dying_.push_back(trace);   // the lists of pages may still hold others
    ++counters.invalidations;
}

void TraceCache::note_rewritten(u32 page) {
    constexpr std::size_t enough = 1 << 16;
    if (rewritten_.size() > enough) rewritten_.clear();
    const u8 before = patience_of(page);
    rewritten_[page] = {static_cast<u8>(before < most_patience ? before + 1 : before), cpu_.scheduler.now().step};
}

u8 TraceCache::patience_of(u32 page) const {
    const auto found = rewritten_.find(page);
    return found == rewritten_.end() || cpu_.scheduler.now().step - found->second.last > forgiven_after ? u8{0} : found->second.times;
}

namespace {

// What a store to an instruction may change without making another one of it.
bool differs_in_constants_alone(const Instruction& a, const Instruction& b) {
    constexpr auto same_traits = static_cast<u16>(~Instruction::patched);
    return a.execute == b.execute && a.row == b.row && a.length == b.length && a.opcode == b.opcode && a.operand_width == b.operand_width && a.reg == b.reg && a.rm == b.rm &&
           a.base == b.base && a.index == b.index && a.scale == b.scale && a.segment == b.segment && (a.traits & same_traits) == (b.traits & same_traits);
}

}  // namespace

// Bytes `first` to `end` of its page were stored to. True if the trace is right now.
bool TraceCache::keep(Trace& trace, u32 first, u32 end) {
    const u32 page = trace.first_byte() >> page_shift, begin = trace.first_byte() & page_mask;
    const u8* const host = memory_.read_page(page);
    if (trace.second_page != Trace::one_page || !host || trace.instructions()[trace.count - 1].row == 0) return false;
    if (trace.first_handler) observer_->handlers_wanted(trace);
    Instruction* const all = trace.instructions();
    for (u32 n = 0; n < trace.count; ++n) {
        Instruction& old = all[n];
        const u32 at = begin + old.offset;
        if (at >= end) break;
        if (at + old.length <= first) continue;
        Instruction now;
        if (decoder_.decode({host + at, page_size - at}, (trace.key & 1) != 0, now) != Decoder::Result::Done) return false;
        prepare(now, cpu_.model());
        if (!differs_in_constants_alone(now, old) || &old == cpu_.run.current) return false;
        if (now.immediate == old.immediate && now.displacement == old.displacement && now.immediate2 == old.immediate2) {
            ++counters.rewritten;
            continue;
        }
        old.immediate = now.immediate;
        old.displacement = now.displacement;
        old.immediate2 = now.immediate2;
        ++counters.patched;
        if (!trace.translated) continue;
        if (trace.patches < patches_before_looking_up) ++trace.patches;
        else old.traits |= Instruction::patched;
        observer_->patched(trace, old);
    }
    return true;
}

// Called after a store to a marked byte.
void TraceCache::code_written(PhysicalAddress address, u32 size) {
    const u32 page = static_cast<u32>(address.value >> page_shift);
    const auto found = pages_.find(page);
    if (found == pages_.end()) return;
    CodePage& code = found->second;
    const u32 first = static_cast<u32>(address.value & page_mask), end = std::min(first + size, page_size);
    cpu_.run.stop = true;   // perhaps of the running trace
    struct Extent {
        u32 first, end;
        bool here;
    };
    const auto extent = [&](const Trace& trace) -> Extent {
        const u32 begin = trace.first_byte() & page_mask, in_first_page = std::min(trace.bytes, page_size - begin);
        if (trace.first_byte() >> page_shift == page) return {begin, begin + in_first_page, true};
        return {0, trace.bytes - in_first_page, false};
    };
    // What is hit, and then the marks from the first byte to the last that may have lost theirs.
    u32 low = first, high = end;
    bool lost = false, dropped = false;
    const auto lose = [&](Trace& trace, const Extent& place) {
        low = std::min(low, place.first);
        high = std::max(high, place.end);
        lost |= trace.translated;
        dropped = true;
        drop(&trace);
    };
    for (Trace* trace : code.traces) {
        if (trace->key == Trace::dead) continue;
        const Extent place = extent(*trace);
        if (place.first < end && first < place.end && !keep(*trace, first, end)) lose(*trace, place);
    }
    if (dropped) {
        code.ascents = first > code.last_hit && first - code.last_hit <= short_way ? code.ascents + 1 : 0;
        code.last_hit = first;
        if (code.ascents >= sweeping_after)   // what lies above goes at once, so that the page may soon be stored to freely
            for (Trace* trace : code.traces)
                if (trace->key != Trace::dead)
                    if (const Extent place = extent(*trace); place.here && place.first >= first) lose(*trace, place);
        std::erase_if(code.traces, [](const Trace* trace) { return trace->key == Trace::dead; });
    }
    if (lost) note_rewritten(page);
    if (code.traces.empty()) {
        pages_.erase(found);
        memory_.clear_code(page);
        return;
    }
    memory_.unmark_code({u64{page} << page_shift | low}, high - low);
    for (const Trace* trace : code.traces) {
        if (trace->key == Trace::dead) continue;
        const Extent place = extent(*trace);
        if (place.first < high && low < place.end) memory_.mark_code({u64{page} << page_shift | place.first}, place.end - place.first);
    }
}

// Other memory answers there now: what was decoded from it goes, and nothing else.
void TraceCache::remapped(u32 first_page, u32 count) {
    std::erase_if(pages_, [&](auto& each) {
        if (each.first - first_page >= count) return false;
        for (Trace* trace : each.second.traces)
            if (trace->key != Trace::dead) drop(trace);
        memory_.clear_code(each.first);
        return true;
    });
    cpu_.forget_links();
    cpu_.run.stop = true;
}

void TraceCache::clear() {
    ++counters.clears;
    if (observer_) observer_->cleared();
    for (const auto& [page, code] : pages_) memory_.clear_code(page);
    pages_.clear();
    std::ranges::fill(buckets_, nullptr);
    in_buckets_ = 0;
    used_ = 0;
    dying_.clear();
    for (auto& free : free_) free.clear();
    ++epoch_;
    cpu_.forget_links();
}

}  // namespace retrace
