// Task state segments: task switches, the stacks of inner rings, the I/O permission map. SDM volume 3, chapter 7; volume 1, 19.5.2.
#include "core/cpu/descriptor.hpp"

namespace retrace {

namespace {

using namespace system_type;

// Where things lie in a TSS (figures 7-2 and 7-10).
struct Layout {
    u32 cr3, eip, eflags, registers, segments, ldt, last_byte;
    unsigned width, segment_count;
};
constexpr Layout wide_layout{28, 32, 36, 40, 72, 96, 103, 4, 6};
constexpr Layout narrow_layout{0, 14, 16, 18, 34, 42, 43, 2, 4};

const Layout& layout_of(unsigned type) { return type >= tss32 ? wide_layout : narrow_layout; }

}  // namespace

// A TSS that a task switch may enter: available and present.
bool Cpu::check_task_segment(Descriptor& tss, u8 not_available_vector) {
    const bool available = tss.system() && (tss.type() == tss16 || (tss.type() == tss32 && at_least(CpuModel::I386)));
    if (!available) return raise_selector(not_available_vector, tss.selector);
    return tss.present() || raise_selector(vector::NP, tss.selector);
}

bool Cpu::switch_task(Descriptor& tss, SwitchBy by, u32 return_eip, bool resumes) {
    const Layout& to = layout_of(tss.type());
    const Layout& from = layout_of(state.tr.type());
    const u32 new_base = tss.base(), old_base = state.tr.base;
    if (tss.limit() < to.last_byte) return raise_selector(vector::TS, tss.selector);
    // Everything that will be touched is accessible, or nothing happens.
    const bool links = by == SwitchBy::Call || by == SwitchBy::Interrupt;
    if (!check_system(new_base, to.last_byte + 1, links ? Access::Write : Access::Read) || !check_system(old_base, from.last_byte + 1, Access::Write))
        return false;
    const u32 old_descriptor = state.gdtr.base + (state.tr.selector & 0xfff8u) + 4;
    if (!check_system(old_descriptor, 4, Access::Write) || !check_system(tss.address, 8, Access::Write)) return false;

    // Read the new task.
    const auto fetch = [&](u32 offset, unsigned width) { return static_cast<u32>(read_system(new_base + offset, width).value); };
    const u32 new_eip = fetch(to.eip, to.width), new_cr3 = to.cr3 ? fetch(to.cr3, 4) : 0;
    u32 new_flags = fetch(to.eflags, to.width);
    std::array<u32, 8> new_registers{};
    std::array<u16, 6> new_segments{};
    for (unsigned i = 0; i < 8; ++i) {
        new_registers[i] = fetch(to.registers + i * to.width, to.width);
        if (to.width == 2) new_registers[i] |= 0xffff0000u;
    }
    for (unsigned i = 0; i < to.segment_count; ++i) new_segments[i] = static_cast<u16>(fetch(to.segments + i * to.width, 2));
    const u16 new_ldt = static_cast<u16>(fetch(to.ldt, 2));
    const bool debug_bit = to.width == 4 && (fetch(100, 2) & 1);

    const bool changes_cr3 = to.cr3 && (state.cr0 & cr0::PG) && state.cr3 != new_cr3;
    if (changes_cr3 && (state.cr4 & cr4::PAE) && !load_page_pointers(new_cr3)) return false;

    // Leave the old one.
    if (by == SwitchBy::Jump || by == SwitchBy::Return) {
        const u32 high = static_cast<u32>(read_system(old_descriptor, 4).value);
        write_system(old_descriptor, 4, high & ~0x200u);
    }
    u32 old_flags = eflags() | (resumes ? flag::RF : 0u);
    if (by == SwitchBy::Return) old_flags &= ~flag::NT;
    const auto put = [&](u32 offset, u32 value, unsigned width) { write_system(old_base + offset, width, value); };
    put(from.eip, return_eip, from.width);
    put(from.eflags, old_flags, from.width);
    for (unsigned i = 0; i < 8; ++i) put(from.registers + i * from.width, state.gpr[i], from.width);
    for (unsigned i = 0; i < from.segment_count; ++i) put(from.segments + i * from.width, state.segment[i].selector, 2);
    if (links) write_system(new_base, 2, state.tr.selector);
    if (by != SwitchBy::Return) {
        tss.high |= 0x200;
        write_system(tss.address + 4, 4, tss.high);
    }

    // Enter the new one. From here on faults belong to it.
    run.eip_is_set = true;
    state.tr = tss.segment(tss.selector & 3);
    state.tr.attributes |= 2;
    state.cr0 |= cr0::TS;
    if (changes_cr3) state.cr3 = new_cr3;
    if (links) new_flags |= flag::NT;
    if (to.width == 2) new_flags &= 0xffff;
    for (unsigned i = 0; i < 8; ++i) state.gpr[i] = new_registers[i];
    state.eip = new_eip;
    set_eflags((new_flags & known_task_flags()) | 2);
    state.dr[7] &= ~dr7::local;   // local breakpoints end with the task
    update_breakpoints();
    state.debug_trap = debug_bit ? dr6::BT : 0;
    update_attention();
    for (unsigned i = 0; i < 6; ++i) state.segment[i] = {new_segments[i], 0, 0, 0};
    state.ldtr = {new_ldt, 0, 0, 0};
    // Until SS is loaded whatever handles a fault gets the stack that the new TSS has for its ring.
    set_cpl(3);
    update_mode();
    for (unsigned i = 0; i < 6; ++i) update_segment(i);

    if (!null_selector(new_ldt)) {
        Descriptor ldt;
        if ((new_ldt & 4) || !read_descriptor(new_ldt, vector::TS, ldt)) return raise_selector(vector::TS, new_ldt);
        if (!ldt.system() || ldt.type() != system_type::ldt || !ldt.present()) return raise_selector(vector::TS, new_ldt);
        state.ldtr = ldt.segment(new_ldt & 3);
    }
    if (virtual_8086()) {
        for (unsigned i = 0; i < 6; ++i) set_real_segment(i, new_segments[i]);
        return state.eip <= 0xffff || raise(vector::GP, 0);
    }

    const u16 cs = new_segments[1], ss = new_segments[2];
    const unsigned cpl = cs & 3;
    if (null_selector(cs)) return raise_selector(vector::TS, cs);
    Descriptor code;
    if (!read_descriptor(cs, vector::TS, code)) return false;
    if (!code.is_code() || (code.conforming() ? code.dpl() > cpl : code.dpl() != cpl)) return raise_selector(vector::TS, cs);
    if (!code.present()) return raise_selector(vector::NP, cs);
    if (!mark_accessed(code)) return false;
    put_segment(1, code.segment(cpl));

    Descriptor stack;
    if (!load_inner_stack(ss, cpl, vector::TS, 0, stack) || !mark_accessed(stack)) return false;
    put_segment(2, stack.segment(cpl));
    set_cpl(cpl);

    for (const unsigned i : {0u, 3u, 4u, 5u}) {
        const u16 selector = new_segments[i];
        if (i >= to.segment_count || null_selector(selector)) continue;
        Descriptor data;
        if (!read_descriptor(selector, vector::TS, data)) return false;
        const bool guarded = !data.is_code() || !data.conforming();
        if (!data.readable() || (guarded && ((selector & 3u) > data.dpl() || cpl > data.dpl()))) return raise_selector(vector::TS, selector);
        if (!data.present()) return raise_selector(vector::NP, selector);
        if (!mark_accessed(data)) return false;
        put_segment(i, data.segment(selector & 3));
    }
    return state.eip <= state.segment[1].limit || raise(vector::GP, 0);
}

bool Cpu::inner_stack(unsigned ring, unsigned external, u16& selector, u32& offset) {
    const bool wide = state.tr.type() >= tss32;
    const u32 at = wide ? 4 + ring * 8 : 2 + ring * 4, bytes = wide ? 8 : 4;
    if (at + (wide ? 5 : 3) > state.tr.limit) return raise(vector::TS, (state.tr.selector & 0xfffcu) | external);
    const Loaded low = read_system(state.tr.base + at, wide ? 4 : 2);
    if (!low.ok) return false;
    const Loaded high = read_system(state.tr.base + at + bytes / 2, 2);
    if (!high.ok) return false;
    offset = static_cast<u32>(low.value);
    selector = static_cast<u16>(high.value);
    return true;
}

// The checks of a stack segment that comes with another ring.
bool Cpu::load_inner_stack(u16 selector, unsigned ring, u8 fault_vector, unsigned external, Descriptor& out) {
    const u32 code = (selector & 0xfffcu) | external;
    if (null_selector(selector)) return raise(fault_vector, external);
    if (!read_descriptor(selector, fault_vector, out)) {
        if (fault.vector == fault_vector) fault.code = static_cast<u16>(code);
        return false;
    }
    if ((selector & 3u) != ring || out.dpl() != ring || !out.writable_data()) return raise(fault_vector, code);
    return out.present() || raise(vector::SS, code);
}

bool Cpu::check_io_bitmap(u16 port, unsigned width) {
    const SegmentRegister& tr = state.tr;
    if (!tr.present() || tr.type() < tss32 || tr.limit < 103) return raise(vector::GP, 0);
    const Loaded map = read_system(tr.base + 102, 2);
    if (!map.ok) return false;
    const u32 at = static_cast<u32>(map.value) + port / 8;
    if (at + 1 > tr.limit) return raise(vector::GP, 0);   // two bytes are read
    const Loaded bits = read_system(tr.base + at, 2);
    if (!bits.ok) return false;
    const u32 mask = ((1u << width) - 1) << (port & 7);
    return (bits.value & mask) == 0 || raise(vector::GP, 0);
}

}  // namespace retrace
