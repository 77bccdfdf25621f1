// Exceptions and interrupts: through the vector table in real mode, through the IDT's gates in protected mode.
// SDM volume 3, chapter 6 and 20.1.4; error codes 6.13; double faults table 6-5.
#include "core/cpu/descriptor.hpp"
#include "core/cpu/stack_frame.hpp"

namespace retrace {

namespace {

bool contributory(u8 vector) { return vector == vector::DE || (vector >= vector::TS && vector <= vector::GP); }

bool doubles(u8 first, u8 second) {
    return (contributory(first) && contributory(second)) || (first == vector::PF && (contributory(second) || second == vector::PF));
}

}  // namespace

u32 Cpu::flags_image() const {
    const u32 image = eflags();
    return model_ == CpuModel::I8086 ? image | 0xf000 : image;
}

void Cpu::deliver_fault() {
    Fault first = fault;
    const u8 cause = fault.vector;
    while (true) {
        if (fault.vector == vector::PF) state.cr2 = fault_address_;   // also of one that becomes a double fault
        fault = {};
        if (interrupt(first.vector, Origin::Fault, first.has_code, first.code, state.eip)) return;
        if (first.vector == vector::DF) {
            fault = {};
            return shut_down("triple fault at " + where() + ", begun by exception " + std::to_string(cause));
        }
        // Only #DF interrupts the delivery of the first; others take its place.
        first = doubles(first.vector, fault.vector) ? Fault{vector::DF, true, true, 0} : fault;
    }
}

void Cpu::shut_down(std::string why) {
    state.shut_down = true;
    request_reset(std::move(why));
}

bool Cpu::interrupt_real(u8 vector, u32 return_eip) {
    if (vector * 4u + 3 > state.idtr.limit && model_ != CpuModel::I8086) return raise(vector::GP, vector * 8u + 2);
    const Loaded target = read_system(state.idtr.base + vector * 4u, 4);
    if (!target.ok) return false;
    StackFrame frame{*this, 2};
    if (!frame.push(flags_image()) || !frame.push(state.segment[1].selector) || !frame.push(return_eip)) return false;
    const u32 offset = static_cast<u16>(target.value);
    if (offset > state.segment[1].limit) return raise(vector::GP, 0);
    frame.commit();
    state.gpr[Esp] = frame.esp();
    set_real_segment(1, static_cast<u16>(target.value >> 16));
    state.eip = offset;
    set_eflags(eflags() & ~(flag::IF | flag::TF | flag::AC | flag::RF));
    return true;
}

// Whatever goes wrong on the way of an interrupt or an exception, and of INT1, is told with EXT; on that of INT n without.
bool Cpu::interrupt(u8 vector, Origin origin, bool has_code, u32 code, u32 return_eip) {
    if (deliver(vector, origin, has_code, code, return_eip)) return true;
    if (origin != Origin::Software && fault.has_code && fault.vector >= vector::TS && fault.vector <= vector::GP) fault.code |= 1;
    return false;
}

bool Cpu::deliver(u8 vector, Origin origin, bool has_code, u32 code, u32 return_eip) {
    // What was due in the old context is forgotten; single stepping resumes with the flags' return.
    state.debug_trap = 0;
    if (!protected_mode()) return interrupt_real(vector, return_eip);
    if (deliver_usual(vector, origin, has_code, code, return_eip)) [[likely]] return true;

    const unsigned external = origin == Origin::Software ? 0 : 1;
    const u32 idt_code = vector * 8u | 2 | external;
    if (vector * 8u + 7 > state.idtr.limit) return raise(vector::GP, idt_code);
    const Loaded loaded = read_system(state.idtr.base + vector * 8u, 8);
    if (!loaded.ok) return false;
    Descriptor gate;
    gate.low = static_cast<u32>(loaded.value);
    gate.high = static_cast<u32>(loaded.value >> 32);
    using namespace system_type;
    const unsigned type = gate.type();
    const bool known = gate.system() && (type == task_gate || type == interrupt16 || type == trap16 || ((type == interrupt32 || type == trap32) && at_least(CpuModel::I386)));
    if (!known) return raise(vector::GP, idt_code);
    if (origin == Origin::Software && gate.dpl() < state.cpl) return raise(vector::GP, idt_code);
    if (!gate.present()) return raise(vector::NP, idt_code);

    // Of a fault's image; instruction breakpoints leave it to their handler (SDM volume 3, 17.3.1.1).
    const bool resumes = origin == Origin::Fault && vector != vector::DF && at_least(CpuModel::I386);
    if (type == task_gate) {
        Descriptor tss;
        const u16 selector = gate.gate_selector();
        if ((selector & 4) || null_selector(selector)) return raise(vector::GP, (selector & 0xfffcu) | external);
        if (!read_descriptor(selector, vector::GP, tss) || !check_task_segment(tss, vector::GP)) {
            if (fault.vector != vector::PF) fault.code = static_cast<u16>(fault.code | external);
            return false;
        }
        const bool wide = tss.type() >= tss32;
        if (!switch_task(tss, SwitchBy::Interrupt, return_eip, resumes)) return false;
        run.eip_is_set = true;
        if (has_code) {
            StackFrame frame{*this, wide ? 4u : 2u};
            if (!frame.push(code)) return false;
            frame.commit();
            state.gpr[Esp] = frame.esp();
        }
        return state.eip <= state.segment[1].limit || raise(vector::GP, 0);
    }

    const auto raise_with_external = [&](u8 number, u32 selector) { return raise(number, (selector & 0xfffc) | external); };
    const u16 selector = gate.gate_selector();
    if (null_selector(selector)) return raise(vector::GP, external);
    Descriptor target;
    if (!read_descriptor(selector, vector::GP, target)) {
        if (fault.vector == vector::GP) fault.code = static_cast<u16>(fault.code | external);
        return false;
    }
    if (!target.is_code() || target.dpl() > state.cpl) return raise_with_external(vector::GP, selector);
    if (!target.present()) return raise_with_external(vector::NP, selector);

    const unsigned width = type >= 8 ? 4 : 2;
    const bool from_v86 = virtual_8086();
    const bool inner = !target.conforming() && target.dpl() < state.cpl;
    if (from_v86 && (!inner || target.dpl() != 0)) return raise_with_external(vector::GP, selector);
    const unsigned ring = inner ? target.dpl() : state.cpl;

    u32 image = flags_image();
    if (resumes) image |= flag::RF;
    SegmentRegister stack = state.segment[2];
    u32 esp = state.gpr[Esp];
    Descriptor stack_descriptor;
    if (inner) {
        u16 stack_selector = 0;
        if (!inner_stack(ring, external, stack_selector, esp) || !load_inner_stack(stack_selector, ring, vector::TS, external, stack_descriptor)) return false;
        stack = stack_descriptor.segment(ring);
    }
    StackFrame frame{*this, stack, esp, width, ring != 3, inner ? (stack.selector & 0xfffcu) | external : external};
    if (from_v86)
        for (const auto segment : {Segment::Gs, Segment::Fs, Segment::Ds, Segment::Es})
            if (!frame.push(state.segment[static_cast<unsigned>(segment)].selector)) return false;
    if (inner && (!frame.push(state.segment[2].selector) || !frame.push(state.gpr[Esp]))) return false;
    if (!frame.push(image) || !frame.push(state.segment[1].selector) || !frame.push(return_eip)) return false;
    if (has_code && !frame.push(code)) return false;
    if (gate.gate_offset() > target.limit()) return raise(vector::GP, external);
    if (!mark_accessed(target) || (inner && !mark_accessed(stack_descriptor))) return false;
    frame.commit();

    u32 cleared = flag::TF | flag::NT | flag::RF | flag::VM;
    if (type == interrupt16 || type == interrupt32) cleared |= flag::IF;
    if (from_v86)
        for (const auto segment : {Segment::Gs, Segment::Fs, Segment::Ds, Segment::Es}) put_segment(static_cast<unsigned>(segment), {0, 0, 0, 0});
    set_eflags(eflags() & ~cleared);
    if (inner) {
        put_segment(2, stack);
        state.gpr[Esp] = stack.big() ? frame.esp() : (esp & 0xffff0000) | (frame.esp() & 0xffff);
    } else {
        state.gpr[Esp] = frame.esp();
    }
    put_segment(1, target.segment(ring));
    set_cpl(ring);
    state.eip = gate.gate_offset();
    return true;
}

bool Cpu::redirects_interrupt(u8 vector, bool& redirected) {
    if (state.tr.type() < system_type::tss32 || state.tr.limit < 103) return raise(vector::GP, 0);
    const Loaded map = read_system(state.tr.base + 102, 2);
    if (!map.ok) return false;
    const u32 at = static_cast<u32>(map.value) - 32 + vector / 8;
    if (map.value < 32 || at > state.tr.limit) return raise(vector::GP, 0);
    const Loaded bits = read_system(state.tr.base + at, 1);
    redirected = bits.ok && (bits.value >> (vector & 7) & 1) == 0;
    return bits.ok;
}

// As in real mode, through the table at linear address 0. With IOPL below 3 the image has IOPL 3 and VIF in the place of IF.
bool Cpu::interrupt_virtual_8086(u8 vector) {
    state.debug_trap = 0;
    const Loaded target = read_system(vector * 4u, 4);
    if (!target.ok) return false;
    u32 image = eflags();
    const bool virtual_if = iopl() < 3;
    if (virtual_if) image = with(image | flag::IOPL, flag::IF, (image & flag::VIF) != 0);
    StackFrame frame{*this, 2};
    if (!frame.push(image) || !frame.push(state.segment[1].selector) || !frame.push(next_eip())) return false;
    frame.commit();
    state.gpr[Esp] = frame.esp();
    set_real_segment(1, static_cast<u16>(target.value >> 16));
    state.eip = static_cast<u16>(target.value);
    set_eflags(eflags() & ~(flag::TF | flag::RF | flag::NT | (virtual_if ? flag::VIF : flag::IF)));
    return true;
}

bool Cpu::begin_instruction() {
    const bool alone = (attention & (single_step | shadowed | watching_code)) != 0;
    state.shadow = Shadow::None;
    if (state.eflags & flag::RF) {
        state.eflags &= ~flag::RF;
        update_attention();
    }
    if (state.eflags & flag::TF) state.debug_trap |= dr6::BS;
    return alone;
}

bool Cpu::attend() {
    if (state.shut_down) return false;
    // A trap of the last instruction comes before interrupts; after a load of SS everything waits.
    if (state.debug_trap != 0 && state.shadow != Shadow::StackSegment) debug_exception(state.debug_trap);
    if ((attention & smi_wanted) && state.shadow == Shadow::None) enter_system_management();
    const auto deliver = [&](u8 vector) {
        state.halted = false;
        state.shadow = Shadow::None;
        if (!interrupt(vector, Origin::External, false, 0, state.eip)) deliver_fault();
        update_attention();
    };
    if ((attention & nmi_wanted) && state.shadow != Shadow::StackSegment) {
        state.nmi_pending = false;
        state.nmi_blocked = true;
        deliver(vector::NMI);
    } else if ((attention & interrupt_wanted) && state.shadow == Shadow::None && interrupt_source_) {
        ++interrupts_taken;
        deliver(interrupt_source_->acknowledge());
    }
    return !state.halted && !state.shut_down;
}

}  // namespace retrace
