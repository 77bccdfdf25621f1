// TraceCache: guest code decoded, by physical address of its first byte and operand size.
//
// A trace is up to 32 instructions that run one after the other: up to the end of a block or of the page. An instruction that crosses into
// another page is a trace of its own and remembers that page. Every byte decoded is marked in PhysicalMemory, and a store to one,
// by whomever, is looked at: if the instructions there are what they were but for immediates and displacements, these are taken over; else the
// traces made of it are dropped. The memory of those is used again: a guest that makes code all the time does not fill the pool with it.
// When the pool is full all the same everything is dropped. None of this can be seen by a guest.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/engine/known_instructions.hpp"
#include "core/engine/trace.hpp"
#include "core/isa/decoder.hpp"
#include "core/memory/host_memory.hpp"
#include "core/memory/physical_memory.hpp"

namespace retrace {

// Who made something of traces.
class TraceObserver {
public:
    virtual ~TraceObserver() = default;
    virtual void dropped(Trace& trace) = 0;   // its code was stored to
    // An immediate or displacement of this one is another one now; nothing else of the trace.
    virtual void patched(Trace& trace, const Instruction& instruction) = 0;
    virtual void cleared() = 0;               // all of them
    virtual void warm(Trace&) {}              // it has been executed some times
    virtual void handlers_wanted(Trace&) {}   // those of a trace with first_handler, which it gives back
};

class TraceCache final : public MemoryListener {
public:
    static constexpr unsigned longest_trace = 32;
    static constexpr unsigned most_bytes = 240;   // Instruction::offset is a byte

    TraceCache(Cpu& cpu, unsigned trace_length, unsigned capacity);

    [[nodiscard]] static u64 key_of(PhysicalAddress address, bool code32) { return address.value << 1 | (code32 ? 1 : 0); }
    [[nodiscard]] Trace* find(u64 key) const {
        Trace* trace = buckets_[bucket_of(key)];
        while (trace && trace->key != key) [[unlikely]] trace = trace->next;
        return trace;
    }

    // Decodes from `code`, which lies at `address`, as far as these bytes go. Null: not even one instruction is complete.
    Trace* build(PhysicalAddress address, std::span<const u8> code, bool code32);
    // One instruction whose bytes beyond `in_first` lie at the beginning of another page.
    Trace* build_crossing(PhysicalAddress address, u32 second_page, std::span<const u8> code, unsigned in_first, bool code32);
    [[nodiscard]] const Decoder& decoder() const { return decoder_; }

    void clear();
    // The observer wants to see traces that have been executed so often, and so often.
    void observe(TraceObserver& observer, unsigned hot, unsigned warm = Trace::never_hot) {
        observer_ = &observer;
        hot_ = hot;
        numeric_hot_ = std::min(hot, std::max(hot / 16, 16u));
        warm_ = warm;
    }
    // A lukewarm one has come to 0.
    void warmed(Trace& trace) {
        trace.lukewarm = false;
        trace.cold = static_cast<u16>(hot(trace) > warm_ ? hot(trace) - warm_ : 1);
        observer_->warm(trace);
    }
    // How often a trace is executed before it is hot: on pages that lost much of late more often.
    [[nodiscard]] u16 hot(const Trace& trace) const { return static_cast<u16>(std::min<u32>((trace.numeric ? numeric_hot_ : hot_) << trace.patience, Trace::never_hot)); }

    void write_protected(u32) override {}
    void code_written(PhysicalAddress address, u32 size) override;
    void remapped(u32 first_page, u32 count) override;

    struct Counters { u64 built = 0, invalidations = 0, patched = 0, rewritten = 0, clears = 0; };
    Counters counters;
    // Another number: pointers to traces that were dropped before are worth nothing now.
    [[nodiscard]] u64 epoch() const { return epoch_; }

private:
    // Addresses are close together and code32 is the same for most: multiplying spreads them.
    [[nodiscard]] std::size_t bucket_of(u64 key) const { return static_cast<std::size_t>(key * 0x9e3779b97f4a7c15 >> bucket_shift_); }

    struct CodePage {
        std::vector<Trace*> traces;
        u32 last_hit = page_size;   // where code was last stored to
        u32 ascents = 0;            // how often in a row a little above that
    };

    // Pages whose translated code was stored to. Nothing a guest sees depends on it.
    struct Rewritten {
        u8 times = 0;
        u64 last = 0;     // step
    };
    static constexpr u8 most_patience = 6, patches_before_looking_up = 4;
    static constexpr u64 forgiven_after = 50'000'000;   // steps
    // Stores that go up through a page, this often from code to code, are making new code of it.
    static constexpr u32 sweeping_after = 2, short_way = 256;
    void note_rewritten(u32 page);
    [[nodiscard]] u8 patience_of(u32 page) const;

    Trace* allocate(unsigned instructions);
    void recycle();
    void put_in_bucket(Trace& trace);
    void enter(Trace* trace, u32 page, u32 first, u32 size);
    void drop(Trace* trace);
    bool keep(Trace& trace, u32 first, u32 end);

    Cpu& cpu_;
    PhysicalMemory& memory_;
    TraceObserver* observer_ = nullptr;
    u32 hot_ = Trace::never_hot, numeric_hot_ = Trace::never_hot, warm_ = Trace::never_hot;
    Decoder decoder_;
    KnownInstructions known_{decoder_};
    unsigned trace_length_;
    HostMemory pool_;
    std::size_t used_ = 0;
    int bucket_shift_;
    u64 epoch_ = 0;
    // Dropped, but perhaps still linked to; and free, by their number of instructions.
    static constexpr std::size_t dying_at_most = 64;
    std::vector<Trace*> dying_;
    std::array<std::vector<Trace*>, longest_trace + 1> free_;
    std::vector<Trace*> buckets_;
    std::size_t in_buckets_ = 0;
    std::unordered_map<u32, CodePage> pages_;
    std::unordered_map<u32, Rewritten> rewritten_;
};

}  // namespace retrace
