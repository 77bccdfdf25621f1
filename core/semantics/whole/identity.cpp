// CPUID, the time stamp counter, model-specific registers. SDM volume 2, CPUID; volume 4.
#include "core/cpu/identity.hpp"
#include "core/isa/features.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

struct Bit {
    Since since;
    unsigned bit;
};

// Leaf 1. What the machine around must have as well (APIC, machine check) is not claimed.
constexpr std::array edx_bits{Bit{Since::Fpu, 0}, Bit{Since::I586, 1} /* VME */, Bit{Since::I586, 2} /* DE */, Bit{Since::I586, 3} /* PSE */, Bit{Since::I586, 4} /* TSC */,
                              Bit{Since::I586, 5} /* MSR */, Bit{Since::Cx8, 8}, Bit{Since::Sep, 11}, Bit{Since::I686, 6} /* PAE */, Bit{Since::I686, 13} /* PGE */,
                              Bit{Since::Cmov, 15}, Bit{Since::Clflush, 19}, Bit{Since::Mmx, 23}, Bit{Since::Fxsr, 24}, Bit{Since::Sse, 25}, Bit{Since::Sse2, 26}};
constexpr std::array ecx_bits{Bit{Since::Sse3, 0}, Bit{Since::Pclmul, 1}, Bit{Since::Ssse3, 9}, Bit{Since::Sse41, 19}, Bit{Since::Sse42, 20},
                              Bit{Since::Movbe, 22}, Bit{Since::Popcnt, 23}, Bit{Since::Aes, 25}, Bit{Since::Rdrand, 30}};

template <class Bits>
u32 select(const Bits& bits, Features has) {
    u32 value = 0;
    for (const auto& each : bits)
        if (has & feature(each.since)) value |= 1u << each.bit;
    return value;
}

constexpr u32 cache_line = 64;
constexpr u32 extended_features = 0xc0000080;   // EFER
constexpr u32 time_stamp_counter = 0x10, first_event_counter = 0xc1;

// Registers that only keep what is written to them: APIC base, SYSENTER, MTRRs, PAT, microcode signature.
bool is_kept(CpuModel model, u32 index) {
    if (model < CpuModel::Pentium2) return index <= 1 || index == 0x0e;   // P5_MC_ADDR, P5_MC_TYPE, TR12
    return index == 0x17 || index == 0x2a || index == 0x8b || index == 0x79 || index == 0xfe || (index >= 0x174 && index <= 0x17b) ||
           (index >= 0x200 && index <= 0x20f) || index == 0x250 || index == 0x258 || index == 0x259 || (index >= 0x268 && index <= 0x26f) ||
           index == 0x277 || index == 0x2ff || index == 0x1a0 || index == 0x1d9 || index == 0xc1 || index == 0xc2 || index == 0x186 || index == 0x187;
}

}  // namespace

bool cpuid(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    const CpuModel model = cpu.model();
    const Features has = features_of(model);
    const u32 leaf = gpr[Eax];
    const u32 highest = model >= CpuModel::Pentium2 ? 2 : 1;
    gpr[Ebx] = gpr[Ecx] = gpr[Edx] = 0;
    if (leaf == 0) {
        gpr[Eax] = highest;
        gpr[Ebx] = 0x756e6547;  // "GenuineIntel"
        gpr[Edx] = 0x49656e69;
        gpr[Ecx] = 0x6c65746e;
    } else if (leaf >= 0x80000000) {
        if (leaf == 0x80000000 && model >= CpuModel::Pentium4) gpr[Eax] = has_no_execute(model) ? 0x80000001 : 0x80000000;
        else gpr[Eax] = 0;
        if (leaf == 0x80000001 && has_no_execute(model)) gpr[Edx] = 1 << 20;
    } else if (leaf == 2 && highest == 2) {
        gpr[Eax] = 0x03020101;  // TLBs and caches of a P6
        gpr[Edx] = 0x0c040843;
    } else {                    // beyond the highest the highest basic leaf answers; 1 carries the information
        gpr[Eax] = signature(model);
        gpr[Edx] = select(edx_bits, has);
        if (has & feature(Since::Clflush)) gpr[Ebx] = cache_line / 8 << 8;
        if (model >= CpuModel::Pentium4) gpr[Ebx] |= 1 << 16;  // one logical processor
        gpr[Ecx] = select(ecx_bits, has);
    }
    return true;
}

bool rdtsc(Cpu& cpu, I) {
    if ((cpu.state.cr4 & cr4::TSD) && cpu.state.cpl != 0) return cpu.raise(vector::GP, 0);
    cpu.synchronise();
    const u64 now = cpu.scheduler.now().step + cpu.state.tsc_offset;
    cpu.state.gpr[Eax] = static_cast<u32>(now);
    cpu.state.gpr[Edx] = static_cast<u32>(now >> 32);
    return true;
}

// Always has a value ready. SplitMix64, so that a run repeats; nobody should take it for secret.
bool rdrand(Cpu& cpu, I i) {
    u64 z = (cpu.state.random += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    set_register(cpu, i.rm, i.operand_width, static_cast<u32>(z >> 32));
    cpu.flags.load(flag::CF);
    return true;
}

// The event counters keep what is written to them: no event is counted.
bool rdpmc(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    if ((cpu.protected_mode() && cpu.state.cpl != 0 && !(cpu.state.cr4 & cr4::PCE)) || gpr[Ecx] > 1) return cpu.raise(vector::GP, 0);
    const auto found = cpu.state.msr.find(first_event_counter + gpr[Ecx]);
    const u64 value = found == cpu.state.msr.end() ? 0 : found->second & 0xff'ffff'ffff;
    gpr[Eax] = static_cast<u32>(value);
    gpr[Edx] = static_cast<u32>(value >> 32);
    return true;
}

bool rdmsr(Cpu& cpu, I) {
    const u32 index = cpu.state.gpr[Ecx];
    u64 value = 0;
    if (index == time_stamp_counter) {
        cpu.synchronise();
        value = cpu.scheduler.now().step + cpu.state.tsc_offset;
    } else if (index == extended_features && has_no_execute(cpu.model())) {
        value = cpu.state.efer;
    } else if (is_kept(cpu.model(), index)) {
        const auto found = cpu.state.msr.find(index);
        if (found != cpu.state.msr.end()) value = found->second;
    } else {
        return cpu.raise(vector::GP, 0);
    }
    cpu.state.gpr[Eax] = static_cast<u32>(value);
    cpu.state.gpr[Edx] = static_cast<u32>(value >> 32);
    return true;
}

bool wrmsr(Cpu& cpu, I) {
    const u32 index = cpu.state.gpr[Ecx];
    const u64 value = u64{cpu.state.gpr[Edx]} << 32 | cpu.state.gpr[Eax];
    if (index == time_stamp_counter) {
        cpu.synchronise();
        cpu.state.tsc_offset = value - cpu.scheduler.now().step;
    } else if (index == extended_features && has_no_execute(cpu.model())) {
        if (value & ~u64{efer::NXE}) return cpu.raise(vector::GP, 0);
        cpu.state.efer = static_cast<u32>(value);
        cpu.update_mode();
        cpu.run.stop = true;
    } else if (is_kept(cpu.model(), index)) {
        cpu.state.msr[index] = value;
    } else {
        return cpu.raise(vector::GP, 0);
    }
    return true;
}

}  // namespace retrace::whole
