// CR0, CR3, CR4: which bits exist, which combinations fault, what follows. SDM volume 3, 2.5.
#include "core/cpu/cpu.hpp"

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
    state.cr0 = (value & known) | (model_ == CpuModel::I286 ? 0xfff0u : 0u);
    if (at_least(CpuModel::I486)) state.cr0 |= cr0::ET;
    if ((old ^ state.cr0) & (cr0::PE | cr0::PG | cr0::WP)) mmu.flush(true);
    if ((old ^ state.cr0) & cr0::PE) state.cpl = 0;
    update_mode();
    return true;
}

void Cpu::set_cr3(u32 value) {
    state.cr3 = value;
    mmu.flush(false);
    update_mode();
}

bool Cpu::set_cr4(u32 value) {
    u32 known = cr4::VME | cr4::PVI | cr4::TSD | cr4::DE | cr4::PSE | cr4::MCE;
    if (at_least(CpuModel::Pentium2)) known |= cr4::PAE | cr4::PGE | cr4::PCE | cr4::OSFXSR;
    if (at_least(CpuModel::Pentium3)) known |= cr4::OSXMMEXCPT;
    if (value & ~known) return raise(vector::GP, 0);
    const u32 changed = state.cr4 ^ value;
    state.cr4 = value;
    if (changed & (cr4::PSE | cr4::PAE | cr4::PGE)) mmu.flush(true);
    update_mode();
    return true;
}

}  // namespace retrace
