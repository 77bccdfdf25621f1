// System management mode: SMI#, the state save map, RSM. SDM volume 3, chapter 30; Pentium Processor Family Developer's Manual,
// volume 3, chapter 20. Where the hidden halves of segment registers lie in the map is the processor's own affair; they are where the
// P6 family has them.
#include "core/cpu/cpu.hpp"
#include "core/cpu/identity.hpp"

namespace retrace {

namespace {

// Offsets from SMBASE + 8000h.
constexpr u32 at_cr0 = 0x7ffc, at_cr3 = 0x7ff8, at_eflags = 0x7ff4, at_eip = 0x7ff0, at_edi = 0x7fec, at_dr6 = 0x7fcc, at_dr7 = 0x7fc8, at_tr = 0x7fc4,
              at_ldtr = 0x7fc0, at_selectors = 0x7fa8, at_halt_restart = 0x7f02, at_io_restart = 0x7f00, at_cr4 = 0x7f14, at_io_eip = 0x7f10,
              at_io_esi = 0x7f0c, at_io_ecx = 0x7f08, at_io_edi = 0x7f04, at_revision = 0x7efc, at_base = 0x7ef8;
constexpr u32 at_idt = 0x7f54, at_tr_hidden = 0x7f5c, at_gdt = 0x7f70, at_ldtr_hidden = 0x7f78;
// Attributes, limit, base of ES CS SS, and of DS FS GS.
constexpr u32 hidden_of(unsigned segment) { return segment < 3 ? 0x7f84 + 12 * segment : 0x7f2c + 12 * (segment - 3); }

constexpr u32 revision = 0x30000;   // I/O restart and relocation

}  // namespace

Line Cpu::smi_pin() {
    return Line{[this](bool high) {
        if (high && !smi_pin_ && at_least(CpuModel::Pentium)) {
            state.smi_pending = true;
            // An I/O instruction that asks for it may be repeated.
            state.smi_after_io = run.current != nullptr;
            if (run.current) state.io_restart = {instruction_eip(), state.gpr[Esi], state.gpr[Ecx], state.gpr[Edi]};
        }
        smi_pin_ = high;
        update_attention();
    }};
}

void Cpu::enter_system_management() {
    state.smi_pending = false;
    state.in_smm = true;
    state.eflags = eflags();
    update_mode();                  // A20M# means nothing here
    smiact_.raise();
    const u32 map = state.smbase + 0x8000;
    const auto put = [&](u32 at, u32 value, unsigned width = 4) { memory.write({map + at}, width, value); };
    const auto put_hidden = [&](u32 at, const SegmentRegister& s) {
        put(at, u32{s.attributes} << 8);
        put(at + 4, s.limit);
        put(at + 8, s.base);
    };
    put(at_cr0, state.cr0);
    put(at_cr3, state.cr3);
    put(at_cr4, state.cr4);
    put(at_eflags, state.eflags);
    put(at_eip, state.eip);
    for (u32 n = 0; n < 8; ++n) put(at_edi - 4 * (7 - n), state.gpr[n]);
    put(at_dr6, state.dr[6]);
    put(at_dr7, state.dr[7]);
    put(at_tr, state.tr.selector);
    put(at_ldtr, state.ldtr.selector);
    put_hidden(at_tr_hidden, state.tr);
    put_hidden(at_ldtr_hidden, state.ldtr);
    for (unsigned n = 0; n < 6; ++n) {
        put(at_selectors + 4 * n, state.segment[n].selector);
        put_hidden(hidden_of(n), state.segment[n]);
    }
    put(at_gdt, state.gdtr.limit);
    put(at_gdt + 4, state.gdtr.base);
    put(at_idt, state.idtr.limit);
    put(at_idt + 4, state.idtr.base);
    put(at_io_eip, state.io_restart[0]);
    put(at_io_esi, state.io_restart[1]);
    put(at_io_ecx, state.io_restart[2]);
    put(at_io_edi, state.io_restart[3]);
    put(at_io_restart, 0, 2);
    put(at_halt_restart, state.halted ? 1 : 0, 2);
    put(at_revision, revision);
    put(at_base, state.smbase);

    state.halted = false;
    state.nmi_blocked = true;
    state.debug_trap = 0;
    state.shadow = Shadow::None;
    state.eflags = 2;
    state.eip = 0x8000;
    state.cr0 &= ~(cr0::PE | cr0::EM | cr0::TS | cr0::PG);
    state.cr4 = 0;
    state.dr[7] = fixed_dr7(model_);
    state.cpl = 0;
    for (unsigned n = 0; n < 6; ++n) state.segment[n] = {0, 0, 0xffffffff, 0x8093};
    state.segment[1].selector = static_cast<u16>(state.smbase >> 4);
    state.segment[1].base = state.smbase;
    restored();
}

bool Cpu::resume_from_system_management() {
    if (!state.in_smm) return raise(vector::UD);
    const u32 map = state.smbase + 0x8000;
    const auto get = [&](u32 at, unsigned width = 4) { return static_cast<u32>(memory.read({map + at}, width)); };
    const auto get_hidden = [&](u32 at, u32 selector) {
        return SegmentRegister{static_cast<u16>(selector), get(at + 8), get(at + 4), static_cast<u16>(get(at) >> 8)};
    };
    const u32 new_cr0 = get(at_cr0), new_cr4 = get(at_cr4), new_base = get(at_base);
    const bool possible = !((new_cr0 & cr0::PG) && !(new_cr0 & cr0::PE)) && !((new_cr0 & cr0::NW) && !(new_cr0 & cr0::CD)) && !(new_cr4 & ~known_cr4(model_)) &&
                          (model_ != CpuModel::Pentium || new_base % 0x8000 == 0);
    if (!possible) {
        shut_down("RSM with an impossible state");
        return true;
    }
    state.cr0 = new_cr0;
    state.cr3 = get(at_cr3);
    state.cr4 = new_cr4;
    state.eflags = (get(at_eflags) & known_flags(model_)) | 2;
    state.eip = get(at_eip);
    for (u32 n = 0; n < 8; ++n) state.gpr[n] = get(at_edi - 4 * (7 - n));
    state.dr[6] = get(at_dr6);
    state.dr[7] = get(at_dr7);
    state.tr = get_hidden(at_tr_hidden, get(at_tr));
    state.ldtr = get_hidden(at_ldtr_hidden, get(at_ldtr));
    for (unsigned n = 0; n < 6; ++n) state.segment[n] = get_hidden(hidden_of(n), get(at_selectors + 4 * n));
    state.gdtr = {get(at_gdt + 4), static_cast<u16>(get(at_gdt))};
    state.idtr = {get(at_idt + 4), static_cast<u16>(get(at_idt))};
    state.cpl = static_cast<u8>(!(new_cr0 & cr0::PE) ? 0 : (state.eflags & flag::VM) ? 3 : state.segment[2].dpl());
    state.halted = (get(at_halt_restart, 2) & 1) != 0;
    if ((get(at_io_restart, 2) & 0xff) == 0xff) {
        state.eip = get(at_io_eip);
        state.gpr[Esi] = get(at_io_esi);
        state.gpr[Ecx] = get(at_io_ecx);
        state.gpr[Edi] = get(at_io_edi);
    }
    state.smbase = new_base;
    state.in_smm = false;
    state.nmi_blocked = false;
    state.shadow = Shadow::None;
    state.debug_trap = 0;
    smiact_.lower();
    restored();
    if ((new_cr4 & cr4::PAE) && (new_cr0 & cr0::PG) && !load_page_pointers(state.cr3)) {
        fault = {};
        shut_down("RSM with impossible page directory pointers");
    }
    update_mode();
    run.stop = true;
    return true;
}

}  // namespace retrace
