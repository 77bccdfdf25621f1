// StackFrame: several pushes of one instruction. Each push is checked and remembered; commit() stores them all. So either all of
// them happen or none, also on a stack that is not yet SS:ESP.
#pragma once

#include "core/base/ensure.hpp"
#include "core/cpu/cpu.hpp"

namespace retrace {

class StackFrame {
public:
    // On the current stack.
    StackFrame(Cpu& cpu, unsigned width) : StackFrame{cpu, cpu.state.segment[2], cpu.state.gpr[Esp], width, false, 0} {}
    // On another stack: `system` if its ring is 0 to 2; stack faults carry `code`.
    StackFrame(Cpu& cpu, const SegmentRegister& ss, u32 esp, unsigned width, bool system, u32 code)
        : cpu_{cpu}
        , ss_{ss}
        , fast_end_{cpu.is_plain(ss) && ss.writable() ? u64{ss.limit} + 1 : 0}
        , protections_{cpu.mmu.protections()}
        , esp_{esp}
        , mask_{ss.big() ? 0xffffffffu : 0xffffu}
        , width_{width}
        , system_{system}
        , code_{code} {}

    [[nodiscard]] bool push(u32 value) {
        ENSURE(count_ < most_pushes, "no instruction pushes more");
        const u32 offset = (esp_ - width_) & mask_;
        Push& push = pushes_[count_];
        push.value = value;
        push.linear = ss_.base + offset;
        push.host = u64{offset} + width_ <= fast_end_ ? cpu_.mmu.direct(push.linear, width_, Access::Write, system_) : nullptr;
        if (!push.host && !locate(push, offset)) return false;
        ++count_;
        esp_ = (esp_ & ~mask_) | offset;
        return true;
    }
    void commit() {
        for (unsigned i = 0; i < count_; ++i) {
            const Push& push = pushes_[i];
            if (!push.host || protections_ != cpu_.mmu.protections()) [[unlikely]] store_slowly(push);
            else if (width_ == 4) store<u32>(push.host, push.value);
            else store<u16>(push.host, static_cast<u16>(push.value));
        }
    }
    [[nodiscard]] u32 esp() const { return esp_; }

private:
    static constexpr unsigned most_pushes = 40;

    struct Push {   // a host address, or where it lies physically: `split` bytes at the first place
        u8* host;
        u64 at[2];
        u32 value, linear, split;
    };

    bool locate(Push& push, u32 offset) {
        Cpu::Place place;
        if (!cpu_.locate(ss_, true, offset, width_, Access::Write, system_, place)) {
            if (cpu_.fault.vector == vector::SS && cpu_.fault.has_code) cpu_.fault.code = static_cast<u16>(code_);
            return false;
        }
        push.host = place.host;
        push.at[0] = place.at[0].value;
        push.at[1] = place.at[1].value;
        push.split = place.split;
        return true;
    }
    void store_slowly(const Push& push) {
        Cpu::Place place{.at = {PhysicalAddress{push.at[0]}, PhysicalAddress{push.at[1]}}, .split = push.split, .bytes = width_};
        // What was found on the fast path may be guarded now; it is still mapped.
        if (push.host) static_cast<void>(cpu_.locate_physical(push.linear, width_, Access::Write, system_, place));
        cpu_.store_place(place, push.value);
    }

    Cpu& cpu_;
    SegmentRegister ss_;
    u64 fast_end_, protections_;
    u32 esp_, mask_;
    unsigned width_;
    bool system_;
    u32 code_;
    unsigned count_ = 0;
    Push pushes_[most_pushes];
};

}  // namespace retrace
