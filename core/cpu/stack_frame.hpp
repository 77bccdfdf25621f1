// StackFrame: several pushes of one instruction. Each push is checked and remembered; commit() stores them all. So either all of
// them happen or none, also on a stack that is not yet SS:ESP.
#pragma once

#include <array>

#include "core/base/ensure.hpp"
#include "core/cpu/cpu.hpp"

namespace retrace {

class StackFrame {
public:
    // On the current stack.
    StackFrame(Cpu& cpu, unsigned width) : StackFrame{cpu, cpu.state.segment[2], cpu.state.gpr[Esp], width, false, 0} {}
    // On another stack: `system` if its ring is 0 to 2; stack faults carry `code`.
    StackFrame(Cpu& cpu, const SegmentRegister& ss, u32 esp, unsigned width, bool system, u32 code)
        : cpu_{cpu}, ss_{ss}, esp_{esp}, mask_{ss.big() ? 0xffffffffu : 0xffffu}, width_{width}, system_{system}, code_{code} {}

    [[nodiscard]] bool push(u32 value) {
        ENSURE(count_ < pushes_.size(), "no instruction pushes more");
        const u32 offset = (esp_ - width_) & mask_;
        if (!cpu_.locate(ss_, true, offset, width_, Access::Write, system_, pushes_[count_].place)) {
            if (cpu_.fault.vector == vector::SS && cpu_.fault.has_code) cpu_.fault.code = static_cast<u16>(code_);
            return false;
        }
        pushes_[count_++].value = value;
        esp_ = (esp_ & ~mask_) | offset;
        return true;
    }
    void commit() {
        for (unsigned i = 0; i < count_; ++i) cpu_.store_place(pushes_[i].place, pushes_[i].value);
    }
    [[nodiscard]] u32 esp() const { return esp_; }

private:
    struct Push {
        Cpu::Place place;
        u32 value = 0;
    };
    Cpu& cpu_;
    SegmentRegister ss_;
    u32 esp_, mask_;
    unsigned width_;
    bool system_;
    u32 code_;
    unsigned count_ = 0;
    std::array<Push, 40> pushes_{};
};

}  // namespace retrace
