// JMP, CALL and RET to another segment, and IRET. SDM volume 2, their pages; volume 3, 5.8 and 20.2.
#include "core/cpu/descriptor.hpp"
#include "core/cpu/identity.hpp"
#include "core/cpu/stack_frame.hpp"

namespace retrace {

namespace {
constexpr u32 offset_mask(unsigned width) { return width == 2 ? 0xffffu : 0xffffffffu; }
}

u32 Cpu::known_task_flags() const { return known_flags(model_); }

// A jump or call to a system descriptor: gate or task.
bool Cpu::jump_system(Descriptor& target, SwitchBy by, u32 return_eip) {
    using namespace system_type;
    const u16 selector = target.selector;
    const unsigned rpl = selector & 3;
    if (target.dpl() < state.cpl || target.dpl() < rpl) return raise_selector(vector::GP, selector);
    const bool known = target.type() < tss32 || at_least(CpuModel::I386);   // the 286 has none of the wide kinds
    switch (known ? target.type() : 0) {
        case tss16:
        case tss32:
            if (!check_task_segment(target, vector::GP)) return false;
            return switch_task(target, by, return_eip);
        case task_gate: {
            if (!target.present()) return raise_selector(vector::NP, selector);
            Descriptor tss;
            const u16 tss_selector = target.gate_selector();
            if ((tss_selector & 4) || null_selector(tss_selector)) return raise_selector(vector::GP, tss_selector);
            if (!read_descriptor(tss_selector, vector::GP, tss) || !check_task_segment(tss, vector::GP)) return false;
            return switch_task(tss, by, return_eip);
        }
        case call16:
        case call32: break;
        default: return raise_selector(vector::GP, selector);
    }
    if (!target.present()) return raise_selector(vector::NP, selector);

    // A call gate.
    const u16 code_selector = target.gate_selector();
    if (null_selector(code_selector)) return raise(vector::GP, 0);
    Descriptor code;
    if (!read_descriptor(code_selector, vector::GP, code)) return false;
    if (!code.is_code() || code.dpl() > state.cpl) return raise_selector(vector::GP, code_selector);
    if (by == SwitchBy::Jump && !code.conforming() && code.dpl() != state.cpl) return raise_selector(vector::GP, code_selector);
    if (!code.present()) return raise_selector(vector::NP, code_selector);
    const u32 offset = target.gate_offset();
    const unsigned width = target.type() == call32 ? 4 : 2;

    if (by == SwitchBy::Jump) {
        if (offset > code.limit()) return raise(vector::GP, 0);
        if (!mark_accessed(code)) return false;
        put_segment(1, code.segment(state.cpl));
        state.eip = offset;
        return true;
    }
    if (code.conforming() || code.dpl() == state.cpl) {
        StackFrame frame{*this, width};
        if (!frame.push(state.segment[1].selector) || !frame.push(return_eip)) return false;
        if (offset > code.limit()) return raise(vector::GP, 0);
        if (!mark_accessed(code)) return false;
        frame.commit();
        state.gpr[Esp] = frame.esp();
        put_segment(1, code.segment(state.cpl));
        state.eip = offset;
        return true;
    }

    const unsigned ring = code.dpl();
    u16 stack_selector = 0;
    u32 esp = 0;
    Descriptor stack_descriptor;
    if (!inner_stack(ring, 0, stack_selector, esp) || !load_inner_stack(stack_selector, ring, vector::TS, 0, stack_descriptor)) return false;
    const SegmentRegister stack = stack_descriptor.segment(ring);
    StackFrame frame{*this, stack, esp, width, true, stack.selector & 0xfffcu};
    if (!frame.push(state.segment[2].selector) || !frame.push(state.gpr[Esp])) return false;
    for (unsigned count = target.gate_parameters(); count-- > 0;) {
        const u32 from = (state.gpr[Esp] + count * width) & stack_mask();
        Place place;
        if (!locate(2, from, width, Access::Read, place)) return false;
        if (!frame.push(static_cast<u32>(load_place(place)))) return false;
    }
    if (!frame.push(state.segment[1].selector) || !frame.push(return_eip)) return false;
    if (offset > code.limit()) return raise(vector::GP, 0);
    if (!mark_accessed(code) || !mark_accessed(stack_descriptor)) return false;
    frame.commit();
    put_segment(2, stack);
    state.gpr[Esp] = stack.big() ? frame.esp() : (esp & 0xffff0000) | (frame.esp() & 0xffff);
    put_segment(1, code.segment(ring));
    set_cpl(ring);
    state.eip = offset;
    return true;
}

bool Cpu::jump_far(u16 selector, u32 offset, unsigned width) {
    offset &= offset_mask(width);
    if (real_or_v86()) {
        if (offset > (virtual_8086() ? 0xffffu : state.segment[1].limit)) return raise(vector::GP, 0);
        set_real_segment(1, selector);
        state.eip = offset;
        return true;
    }
    if (null_selector(selector)) return raise(vector::GP, 0);
    Descriptor target;
    if (!read_descriptor(selector, vector::GP, target)) return false;
    if (target.system()) return jump_system(target, SwitchBy::Jump, next_eip());
    const unsigned rpl = selector & 3, cpl = state.cpl;
    if (!target.is_code()) return raise_selector(vector::GP, selector);
    if (target.conforming() ? target.dpl() > cpl : rpl > cpl || target.dpl() != cpl) return raise_selector(vector::GP, selector);
    if (!target.present()) return raise_selector(vector::NP, selector);
    if (offset > target.limit()) return raise(vector::GP, 0);
    if (!mark_accessed(target)) return false;
    put_segment(1, target.segment(cpl));
    state.eip = offset;
    return true;
}

bool Cpu::call_far(u16 selector, u32 offset, unsigned width) {
    offset &= offset_mask(width);
    StackFrame frame{*this, width};
    if (real_or_v86()) {
        if (!frame.push(state.segment[1].selector) || !frame.push(next_eip())) return false;
        if (offset > (virtual_8086() ? 0xffffu : state.segment[1].limit)) return raise(vector::GP, 0);
        frame.commit();
        state.gpr[Esp] = frame.esp();
        set_real_segment(1, selector);
        state.eip = offset;
        return true;
    }
    if (null_selector(selector)) return raise(vector::GP, 0);
    Descriptor target;
    if (!read_descriptor(selector, vector::GP, target)) return false;
    if (target.system()) return jump_system(target, SwitchBy::Call, next_eip());
    const unsigned rpl = selector & 3, cpl = state.cpl;
    if (!target.is_code()) return raise_selector(vector::GP, selector);
    if (target.conforming() ? target.dpl() > cpl : rpl > cpl || target.dpl() != cpl) return raise_selector(vector::GP, selector);
    if (!target.present()) return raise_selector(vector::NP, selector);
    if (!frame.push(state.segment[1].selector) || !frame.push(next_eip())) return false;
    if (offset > target.limit()) return raise(vector::GP, 0);
    if (!mark_accessed(target)) return false;
    frame.commit();
    state.gpr[Esp] = frame.esp();
    put_segment(1, target.segment(cpl));
    state.eip = offset;
    return true;
}

// A pop that does not move ESP yet.
bool Cpu::peek_stack(u32 depth, unsigned width, u32& value) {
    const u32 offset = (state.gpr[Esp] + depth) & stack_mask();
    if (width == 4) return read<u32>(2, offset, value);
    u16 word = 0;
    const bool ok = read<u16>(2, offset, word);
    value = word;
    return ok;
}

// After a return to an outer ring: segments it may not use become null.
void Cpu::drop_inner_segments() {
    for (const unsigned i : {0u, 3u, 4u, 5u}) {
        const SegmentRegister& s = state.segment[i];
        if (s.dpl() >= state.cpl || !s.present()) [[likely]] continue;
        if (const bool conforming = s.is_code() && (s.attributes & 4); !conforming) put_segment(i, {0, 0, 0, 0});
    }
}

// The common end of RETF and IRET in protected mode: CS:EIP are known, `depth` bytes of the stack are used, SS:ESP follow if the ring
// changes. `apply_flags` comes last.
template <class F>
bool Cpu::return_protected(u16 selector, u32 offset, unsigned width, u32 depth, u32 release, F&& apply_flags) {
    if (null_selector(selector)) return raise(vector::GP, 0);
    const unsigned ring = selector & 3;
    if (ring < state.cpl) return raise_selector(vector::GP, selector);
    Descriptor code;
    if (!read_descriptor(selector, vector::GP, code)) return false;
    if (!code.is_code() || (code.conforming() ? code.dpl() > ring : code.dpl() != ring)) return raise_selector(vector::GP, selector);
    if (!code.present()) return raise_selector(vector::NP, selector);

    if (ring == state.cpl) {
        if (offset > code.limit()) return raise(vector::GP, 0);
        if (!mark_accessed(code)) return false;
        set_esp(state.gpr[Esp] + depth + release);
        put_segment(1, code.segment(ring));
        state.eip = offset;
        apply_flags();
        return true;
    }

    u32 esp = 0, stack_selector = 0;
    if (!peek_stack(depth + release, width, esp) || !peek_stack(depth + release + width, width, stack_selector)) return false;
    const u16 ss = static_cast<u16>(stack_selector);
    Descriptor stack;
    if (!load_inner_stack(ss, ring, vector::GP, 0, stack)) return false;
    if (offset > code.limit()) return raise(vector::GP, 0);
    if (!mark_accessed(code) || !mark_accessed(stack)) return false;
    apply_flags();   // with the old ring's rights
    put_segment(1, code.segment(ring));
    set_cpl(ring);
    put_segment(2, stack.segment(ring));
    if (stack.big()) state.gpr[Esp] = width == 2 ? (esp & 0xffff) + release : esp + release;
    else state.gpr[Esp] = (state.gpr[Esp] & 0xffff0000) | ((esp + release) & 0xffff);
    state.eip = offset;
    drop_inner_segments();
    return true;
}

bool Cpu::return_far(unsigned width, u32 release) {
    u32 offset = 0, selector = 0;
    if (!peek_stack(0, width, offset) || !peek_stack(width, width, selector)) return false;
    if (!real_or_v86()) return return_protected(static_cast<u16>(selector), offset, width, 2 * width, release, [] {});
    if (offset > (virtual_8086() ? 0xffffu : state.segment[1].limit)) return raise(vector::GP, 0);
    set_esp(state.gpr[Esp] + 2 * width + release);
    set_real_segment(1, static_cast<u16>(selector));
    state.eip = offset;
    return true;
}

bool Cpu::return_from_interrupt(unsigned width) {
    state.nmi_blocked = false;
    if (width == 4 && protected_mode() && return_usual()) return true;
    const u32 all = width == 2 ? 0xffffu : 0xffffffffu;
    if (protected_mode() && virtual_8086() && iopl() < 3 && !(width == 2 && (state.cr4 & cr4::VME))) return raise(vector::GP, 0);
    if (protected_mode() && !virtual_8086() && (state.eflags & flag::NT)) {
        const Loaded link = read_system(state.tr.base, 2);
        if (!link.ok) return false;
        const u16 selector = static_cast<u16>(link.value);
        Descriptor tss;
        if ((selector & 4) || null_selector(selector)) return raise_selector(vector::TS, selector);
        if (!read_descriptor(selector, vector::TS, tss)) return false;
        using namespace system_type;
        if (!tss.system() || (tss.type() != tss16_busy && tss.type() != tss32_busy)) return raise_selector(vector::TS, selector);
        if (!tss.present()) return raise_selector(vector::NP, selector);
        return switch_task(tss, SwitchBy::Return, next_eip());
    }
    u32 offset = 0, selector = 0, image = 0;
    if (!peek_stack(0, width, offset) || !peek_stack(width, width, selector) || !peek_stack(2 * width, width, image)) return false;

    if (real_or_v86()) {
        if (offset > (virtual_8086() ? 0xffffu : state.segment[1].limit)) return raise(vector::GP, 0);
        u32 changeable = known_flags(model_) & ~(flag::VM | flag::VIF | flag::VIP) & all;
        if (model_ == CpuModel::I286) changeable &= 0xfff;
        if (virtual_8086()) {
            changeable &= ~flag::IOPL;
            if (iopl() < 3) {  // VME: IF goes to VIF (SDM volume 3, 20.3)
                if ((image & flag::TF) || ((image & flag::IF) && (state.eflags & flag::VIP))) return raise(vector::GP, 0);
                changeable &= ~flag::IF;
                state.eflags = with(state.eflags, flag::VIF, (image & flag::IF) != 0);
            }
        }
        set_esp(state.gpr[Esp] + 3 * width);
        set_real_segment(1, static_cast<u16>(selector));
        state.eip = offset;
        set_eflags((eflags() & ~changeable) | (image & changeable));
        return true;
    }

    if (width == 4 && (image & flag::VM) && state.cpl == 0) {  // to virtual-8086 mode
        std::array<u32, 6> popped{};  // ESP SS ES DS FS GS
        for (unsigned i = 0; i < 6; ++i)
            if (!peek_stack(12 + 4 * i, 4, popped[i])) return false;
        if ((offset & 0xffff) != offset) return raise(vector::GP, 0);
        set_eflags(image & known_flags(model_));
        state.gpr[Esp] = popped[0];
        set_cpl(3);
        set_real_segment(1, static_cast<u16>(selector));
        set_real_segment(2, static_cast<u16>(popped[1]));
        set_real_segment(0, static_cast<u16>(popped[2]));
        set_real_segment(3, static_cast<u16>(popped[3]));
        set_real_segment(4, static_cast<u16>(popped[4]));
        set_real_segment(5, static_cast<u16>(popped[5]));
        state.eip = offset;
        update_mode();
        return true;
    }
    return return_protected(static_cast<u16>(selector), offset, width, 3 * width, 0, [&] {
        u32 changeable = (flag::status | flag::TF | flag::DF | flag::NT | flag::RF | flag::AC | flag::ID) & known_flags(model_) & all;
        if (state.cpl == 0) changeable |= (flag::IOPL | flag::VIF | flag::VIP) & known_flags(model_) & all;
        if (state.cpl <= iopl()) changeable |= flag::IF;
        set_eflags((eflags() & ~changeable) | (image & changeable));
    });
}

}  // namespace retrace
