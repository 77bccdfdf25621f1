#include "core/cpu/cpu.hpp"

#include <cstdio>

#include "core/cpu/identity.hpp"

namespace retrace {

Cpu::Cpu(PhysicalMemory& memory_, PortMap& ports_, Scheduler& scheduler_, CpuModel model, Log::Channel log_)
    : mmu{memory_}, memory{memory_}, ports{ports_}, scheduler{scheduler_}, log{std::move(log_)}, model_{model} {
    memory.add_listener(*this);
    reset();
}

// ---- pins

Line Cpu::interrupt_pin() {
    return Line{[this](bool high) {
        interrupt_pin_ = high;
        update_attention();
    }};
}

Line Cpu::nmi_pin() {
    return Line{[this](bool high) {
        if (high && !nmi_pin_) state.nmi_pending = true;
        nmi_pin_ = high;
        update_attention();
    }};
}

Line Cpu::reset_pin() {
    return Line{[this](bool high) {
        if (high && !reset_pin_) request_reset("the processor's reset pin");
        reset_pin_ = high;
    }};
}

Line Cpu::a20_pin() {
    return Line{[this](bool high) {
        if (a20_pin_ == high) return;
        a20_pin_ = high;
        update_mode();
        run.stop = true;
    }};
}

// ---- state

void Cpu::reset() {
    const bool nmi_pin = nmi_pin_;
    if (state.in_smm) smiact_.lower();
    state = {};
    auto& cs = state.segment[1];
    if (model_ == CpuModel::I8086) {
        cs.selector = 0xffff;
        cs.base = 0xffff0;
        state.eip = 0;
    } else {
        cs.selector = 0xf000;
        cs.base = model_ == CpuModel::I286 ? 0xff0000 : 0xffff0000;
        state.eip = 0xfff0;
    }
    state.idtr.limit = model_ <= CpuModel::I386 ? 0x3ff : 0xffff;
    state.ldtr.attributes = 0x82;
    state.tr.attributes = 0x8b;
    state.cr0 = reset_cr0(model_);
    state.dr[6] = fixed_dr6(model_);
    state.dr[7] = fixed_dr7(model_);
    if (at_least(CpuModel::I386)) state.gpr[Edx] = signature(model_);
    state.apic_base = reset_apic_base(model_);
    nmi_pin_ = nmi_pin;
    attention = 0;
    fault = {};
    run = {};
    restored();
    drive_ferr();
}

void Cpu::initialise() {
    const Registers before = state;
    reset();
    constexpr u32 kept = cr0::CD | cr0::NW;
    state.cr0 = (state.cr0 & ~kept) | (before.cr0 & kept);
    state.fpu = before.fpu;
    state.sse = before.sse;
    state.msr = before.msr;
    state.efer = before.efer;
    state.apic_base = before.apic_base;
    state.smbase = before.smbase;
    state.tsc_offset = before.tsc_offset;
    state.random = before.random;
    state.idle_steps = before.idle_steps;
    state.event_select = before.event_select;
    state.event_count = before.event_count;
    state.events_settled = before.events_settled;
    restored();
    drive_ferr();
}

void Cpu::visit(StateVisitor& visitor) {
    if (!visitor.loading()) state.eflags = eflags();
    visit_fields(visitor, state);
}

void Cpu::restored() {
    flags.load(state.eflags);
    update_mode();
    update_breakpoints();
    update_event_counters();
    if (apic_placed_) apic_placed_(state.apic_base);
    smiact_.set(state.in_smm);
    for (unsigned segment = 0; segment < 6; ++segment) update_segment(segment);
    update_attention();
}

Registers& Cpu::registers() {
    state.eflags = eflags();
    return state;
}

std::string Cpu::where() const {
    char text[24];
    std::snprintf(text, sizeof text, code32() ? "%04x:%08x" : "%04x:%04x", state.segment[1].selector, eip());
    return text;
}

void Cpu::request_reset(std::string reason) {
    reset_reason_ = std::move(reason);
    attention |= reset_wanted;
    run.stop = true;
}

// ---- what follows from flags and modes

void Cpu::set_eflags(u32 value) {
    const u32 changed = state.eflags ^ value;
    state.eflags = value | 2;
    flags.load(value);
    if (changed & (flag::VM | flag::AC)) update_mode();
    update_attention();
}

void Cpu::update_attention() {
    const auto when = [](bool wanted, u32 bit) { return wanted ? bit : 0u; };
    attention = (attention & (reset_wanted | stop_wanted)) | when(interrupt_pin_ && (state.eflags & flag::IF), interrupt_wanted) |
                when(state.nmi_pending && !state.nmi_blocked, nmi_wanted) | when((state.eflags & flag::TF) != 0, single_step) |
                when(state.debug_trap != 0, trap_due) | when(state.shadow != Shadow::None, shadowed) |
                when(state.halted || state.shut_down, halted) | when((state.eflags & flag::RF) != 0, resuming) |
                when(watched_.code != 0, watching_code) |
                when(state.smi_pending && !state.in_smm, smi_wanted);
    if (attention) run.stop = true;
}

void Cpu::update_generation() { run.generation = mmu.epoch() << 16 | code_view_; }

void Cpu::update_mode() {
    Mmu::Mode mode;
    mode.a20 = (a20_pin_ || state.in_smm) && model_ != CpuModel::I8086;
    if ((state.cr0 & (cr0::PE | cr0::PG)) == (cr0::PE | cr0::PG)) {
        mode.paging = true;
        mode.cr3 = state.cr3 & ~u32{0xfff};
        mode.user = state.cpl == 3;
        mode.write_protect = (state.cr0 & cr0::WP) != 0;
        mode.page_size_4m = (state.cr4 & cr4::PSE) != 0;
        mode.pae = (state.cr4 & cr4::PAE) != 0;
        mode.global = (state.cr4 & cr4::PGE) != 0;
        mode.large_above_4g = at_least(CpuModel::Pentium2);
        if (mode.pae) {
            mode.cr3 = state.cr3 & ~u32{31};
            mode.pointers = state.page_pointers;
            mode.no_execute = no_execute();
        }
    }
    mmu.select(mode);
    update_generation();
    const bool checks = state.cpl == 3 && (state.cr0 & cr0::AM) && (state.eflags & flag::AC);
    if (checks != alignment_checked_) {
        alignment_checked_ = checks;
        for (unsigned segment = 0; segment < 6; ++segment) update_segment(segment);
    }
}

// ---- faults

bool Cpu::raise(u8 vector) {
    if (!fault.pending) fault = {vector, true, false, 0};
    return false;
}

bool Cpu::raise(u8 vector, u32 code) {
    if (!fault.pending) fault = {vector, true, true, static_cast<u16>(code)};
    return false;
}

bool Cpu::page_fault(LinearAddress linear, u32 error) {
    if (!fault.pending) {
        fault = {vector::PF, true, true, static_cast<u16>(error)};
        fault_address_ = linear.value;
    }
    return false;
}

}  // namespace retrace
