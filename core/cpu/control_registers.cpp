// CR0, CR3, CR4: which bits exist, which combinations fault, what follows. SDM volume 3, 2.5.
#include "core/cpu/cpu.hpp"
#include "core/cpu/identity.hpp"

namespace retrace {

bool Cpu::set_cr0(u32 value) {
    u32 known = cr0::PE | cr0::MP | cr0::EM | cr0::TS;
    if (at_least(CpuModel::I386)) known |= cr0::PG | cr0::ET;
    if (at_least(CpuModel::I486)) known |= cr0::NE | cr0::WP | cr0::AM | cr0::NW | cr0::CD;
    if (at_least(CpuModel::I386)) {
        if ((value & cr0::PG) && !(value & cr0::PE)) return raise(vector::GP, 0);
        if (at_least(CpuModel::I486) && (value & cr0::NW) && !(value & cr0::CD)) return raise(vector::GP, 0);
    }
    const u32 old = state.cr0;
    if ((value & cr0::PG) && (state.cr4 & cr4::PAE) && ((old ^ value) & (cr0::PG | cr0::CD | cr0::NW)) && !load_page_pointers(state.cr3)) return false;
    state.cr0 = (value & known) | (model_ == CpuModel::I286 ? 0xfff0u : 0u);
    if (at_least(CpuModel::I486)) state.cr0 |= cr0::ET;
    if ((old ^ state.cr0) & cr0::PE) state.cpl = 0;
    update_mode();
    if ((old ^ state.cr0) & cr0::NE) drive_ferr();
    return true;
}

// With PAE the processor keeps the four page directory pointers; loading them is when their reserved bits are looked at
// (SDM volume 3, 4.4.1).
bool Cpu::load_page_pointers(u32 table) {
    constexpr u64 present = 1, reserved = 0x1e6 | ~((u64{1} << Mmu::physical_bits) - 1);
    std::array<u64, 4> loaded{};
    for (u32 n = 0; n < 4; ++n) {
        loaded[n] = memory.read(mmu.behind_a20({(table & ~u32{31}) + 8 * n}), 8);
        if ((loaded[n] & present) && (loaded[n] & reserved)) return raise(vector::GP, 0);
    }
    state.page_pointers = loaded;
    return true;
}

bool Cpu::set_cr3(u32 value) {
    if ((state.cr4 & cr4::PAE) && (state.cr0 & cr0::PG) && !load_page_pointers(value)) return false;
    state.cr3 = value;
    update_mode();
    return true;
}

bool Cpu::set_cr4(u32 value) {
    if (value & ~known_cr4(model_)) return raise(vector::GP, 0);
    const u32 changed = state.cr4 ^ value;
    if ((value & cr4::PAE) && (state.cr0 & cr0::PG) && (changed & (cr4::PAE | cr4::PGE | cr4::PSE)) && !load_page_pointers(state.cr3)) return false;
    state.cr4 = value;
    if (changed & cr4::DE) update_breakpoints();
    update_mode();
    return true;
}

}  // namespace retrace
