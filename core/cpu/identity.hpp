// What a processor says of itself: signatures, reset values, which flags it has.
#pragma once

#include "core/cpu/registers.hpp"
#include "core/isa/model.hpp"
#include "core/isa/row.hpp"

namespace retrace {

// Family, model, stepping: in EDX after reset and from CPUID leaf 1.
constexpr u32 signature(CpuModel model) {
    switch (model) {
        case CpuModel::I8086:
        case CpuModel::I286: return 0;
        case CpuModel::I386: return 0x0308;
        case CpuModel::I486: return 0x0435;      // DX2 with CPUID
        case CpuModel::Pentium: return 0x0525;
        case CpuModel::Pentium2: return 0x0652;
        case CpuModel::Pentium3: return 0x0683;
        case CpuModel::Pentium4: return 0x0f29;
        case CpuModel::Max: return 0x000206a7;
    }
    return 0;
}

// The 286 reads its unused MSW bits as ones; CR0 of the 386 knows only six bits (386 manual, 4.1.3).
constexpr u32 reset_cr0(CpuModel model) {
    if (model <= CpuModel::I286) return 0xfff0;
    return model == CpuModel::I386 ? u32{cr0::ET} : cr0::ET | cr0::CD | cr0::NW;
}

// FEE00000h, enabled, the boot processor.
constexpr u64 reset_apic_base(CpuModel model) { return model >= CpuModel::Pentium ? 0xfee00900 : 0; }

// Pages may be marked as not executable (CPUID 80000001h EDX.20).
constexpr bool has_no_execute(CpuModel model) { return model >= CpuModel::Max; }

// Bits of CR4 that exist (SDM volume 3, 2.5).
constexpr u32 known_cr4(CpuModel model) {
    if (model < CpuModel::Pentium) return 0;
    u32 known = cr4::VME | cr4::PVI | cr4::TSD | cr4::DE | cr4::PSE | cr4::MCE;
    if (model >= CpuModel::Pentium2) known |= cr4::PAE | cr4::PGE | cr4::PCE | cr4::OSFXSR;
    if (model >= CpuModel::Pentium3) known |= cr4::OSXMMEXCPT;
    return known;
}

// Bits of DR6 and DR7 that always read as ones (SDM volume 3, 17.2; i486 manual, table 10-1).
constexpr u32 fixed_dr6(CpuModel model) { return model >= CpuModel::Pentium ? 0xffff0ff0 : 0xffff1ff0; }
constexpr u32 fixed_dr7(CpuModel model) { return model >= CpuModel::Pentium ? 0x400 : 0; }

// Bits of EFLAGS that exist, without the constant ones.
constexpr u32 known_flags(CpuModel model) {
    u32 known = flag::status | flag::TF | flag::IF | flag::DF;
    if (model >= CpuModel::I286) known |= flag::NT | flag::IOPL;
    if (model >= CpuModel::I386) known |= flag::RF | flag::VM;
    if (model >= CpuModel::I486) known |= flag::AC | flag::ID;   // ours has CPUID
    if (model >= CpuModel::Pentium) known |= flag::VIF | flag::VIP;
    return known;
}

}  // namespace retrace
