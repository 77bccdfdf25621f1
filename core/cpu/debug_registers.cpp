// The debug registers: which breakpoints are armed, what they match, and the exceptions they cause. SDM volume 3, 17.2 and 17.3.
//
// Nothing is looked at while DR7 enables nothing. An instruction breakpoint makes every instruction run alone; a data breakpoint
// sends every access the slow way, where locate_linear() asks here.
#include "core/cpu/cpu.hpp"
#include "core/cpu/identity.hpp"

namespace retrace {

namespace {

enum Condition : unsigned { on_execution = 0, on_write = 1, on_port = 2, on_access = 3 };

// LEN is one less than the length; the code for 8 means nothing on these processors.
constexpr u32 length_of(u32 dr7, unsigned n) {
    const u32 code = dr7 >> (18 + 4 * n) & 3;
    return code == 2 ? 8 : code + 1;
}

}  // namespace

void Cpu::set_debug_register(unsigned index, u32 value) {
    if (index == 6) value = (value & 0xe00f) | fixed_dr6(model_);
    if (index == 7) value = (value & 0xffff23ff) | fixed_dr7(model_);
    state.dr[index] = value;
    update_breakpoints();
}

void Cpu::update_breakpoints() {
    const bool data = watched_.data();
    watched_ = {};
    for (unsigned n = 0; n < 4; ++n) {
        if ((state.dr[7] >> (2 * n) & 3) == 0) continue;
        const u32 bit = 1u << n;
        switch (state.dr[7] >> (16 + 4 * n) & 3) {
            case on_execution: watched_.code |= bit; break;
            case on_write: watched_.writes |= bit; break;
            case on_port: watched_.ports |= state.cr4 & cr4::DE ? bit : 0; break;
            case on_access: watched_.accesses |= bit; break;
        }
    }
    if (data != watched_.data())
        for (unsigned segment = 0; segment < 6; ++segment) update_segment(segment);
    run.stop = true;
    update_attention();
}

u32 Cpu::breakpoints_at(u32 which, u32 first, unsigned bytes) const {
    u32 found = 0;
    for (unsigned n = 0; n < 4; ++n) {
        if (!(which >> n & 1)) continue;
        const u32 length = length_of(state.dr[7], n), at = state.dr[n] & ~(length - 1);
        // Either begins inside the other; addresses wrap.
        if (first - at < length || at - first < bytes) found |= 1u << n;
    }
    return found;
}

void Cpu::match_breakpoints(u32 which, u32 first, unsigned bytes) {
    const u32 found = breakpoints_at(which, first, bytes);
    if (found == 0) return;
    state.debug_trap |= found;
    attention |= trap_due;
    run.stop = true;
}

void Cpu::debug_exception(u32 causes) {
    state.dr[6] |= causes;
    state.dr[7] &= ~dr7::GD;
    state.debug_trap = 0;
    state.halted = false;
    state.shadow = Shadow::None;
    // A fault at a breakpoint does not set RF in the image it pushes, unlike others.
    if (!interrupt(vector::DB, Origin::Trap, false, 0, state.eip)) deliver_fault();
    update_attention();
}

bool Cpu::break_here() {
    if (watched_.code == 0 || (state.eflags & flag::RF) || state.shadow == Shadow::StackSegment) return false;
    const u32 found = breakpoints_at(watched_.code, state.segment[1].base + state.eip, 1);
    if (found == 0) return false;
    debug_exception(found);
    return true;
}

}  // namespace retrace
