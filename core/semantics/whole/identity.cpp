// CPUID, the time stamp counter, model-specific registers. SDM volume 2, CPUID; volume 4.
#include <algorithm>

#include "core/cpu/identity.hpp"
#include "core/cpu/model_registers.hpp"
#include "core/isa/features.hpp"
#include "core/semantics/whole/operand.hpp"
#include "core/semantics/whole/whole.hpp"

namespace retrace::whole {

namespace {

struct Bit {
    Since since;
    unsigned bit;
};
// What a model has besides instructions.
struct ModelBit {
    CpuModel since;
    unsigned bit;
};

// Leaf 1. Debug store, multi-threading and the pending-break pin of the Pentium 4 are not there and not claimed.
constexpr std::array edx_bits{Bit{Since::Fpu, 0}, Bit{Since::I586, 1} /* VME */, Bit{Since::I586, 2} /* DE */, Bit{Since::I586, 3} /* PSE */, Bit{Since::I586, 4} /* TSC */,
                              Bit{Since::I586, 5} /* MSR */, Bit{Since::Cx8, 8}, Bit{Since::Sep, 11}, Bit{Since::I686, 6} /* PAE */, Bit{Since::I686, 13} /* PGE */,
                              Bit{Since::Cmov, 15}, Bit{Since::Clflush, 19}, Bit{Since::Mmx, 23}, Bit{Since::Fxsr, 24}, Bit{Since::Sse, 25}, Bit{Since::Sse2, 26}};
constexpr std::array edx_model_bits{ModelBit{CpuModel::Pentium, 7} /* MCE */, ModelBit{CpuModel::Pentium2, 12} /* MTRR */, ModelBit{CpuModel::Pentium2, 14} /* MCA */,
                                    ModelBit{CpuModel::Pentium2, 16} /* PAT */, ModelBit{CpuModel::Pentium2, 17} /* PSE-36 */, ModelBit{CpuModel::Pentium4, 22} /* ACPI */,
                                    ModelBit{CpuModel::Pentium4, 27} /* self snoop */, ModelBit{CpuModel::Pentium4, 29} /* thermal monitor */};
constexpr std::array ecx_bits{Bit{Since::Sse3, 0}, Bit{Since::Pclmul, 1}, Bit{Since::Ssse3, 9}, Bit{Since::Sse41, 19}, Bit{Since::Sse42, 20},
                              Bit{Since::Movbe, 22}, Bit{Since::Popcnt, 23}, Bit{Since::Aes, 25}, Bit{Since::Rdrand, 30}};
constexpr u32 apic_bit = 1 << 9, apic_global_enable = 0x800;

template <class Bits>
u32 select(const Bits& bits, Features has) {
    u32 value = 0;
    for (const auto& each : bits)
        if (has & feature(each.since)) value |= 1u << each.bit;
    return value;
}

constexpr u32 cache_line = 64;

struct Leaf {
    u32 eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Leaf identity(const Cpu& cpu) {
    const CpuModel model = cpu.model();
    const Features has = features_of(model);
    Leaf leaf{signature(model), 0, select(ecx_bits, has), select(edx_bits, has)};
    for (const auto& each : edx_model_bits)
        if (model >= each.since) leaf.edx |= 1u << each.bit;
    if (cpu.state.apic_base & apic_global_enable) leaf.edx |= apic_bit;
    if (has & feature(Since::Clflush)) leaf.ebx = cache_line / 8 << 8;
    if (model >= CpuModel::Pentium4) leaf.ebx |= 1 << 16;  // one logical processor
    return leaf;
}

// Leaf 2: descriptors of caches and TLBs (table 3-12 of CPUID).
Leaf caches(CpuModel model) {
    switch (model) {
        case CpuModel::Pentium2: return {0x03020101, 0, 0, 0x0c040843};
        case CpuModel::Pentium3: return {0x03020101, 0, 0, 0x0c040882};
        case CpuModel::Pentium4: return {0x665b5001, 0, 0, 0x007b7040};
        default: return {0x76035a01, 0x00f0b0ff, 0, 0x00ca0000};   // and ask leaf 4
    }
}

// Leaf 4: one cache for each index: type and level, ways and line size, sets less one.
Leaf cache(u32 index) {
    static constexpr Leaf all[] = {{0x121, 0x01c0003f, 0x3f, 0}, {0x122, 0x01c0003f, 0x3f, 0}, {0x143, 0x01c0003f, 0x1ff, 0}, {0x163, 0x02c0003f, 0xfff, 0}};
    return index < std::size(all) ? all[index] : Leaf{};
}

constexpr u32 highest_leaf(CpuModel model) { return model >= CpuModel::Max ? 7 : model >= CpuModel::Pentium2 ? 2 : 1; }

constexpr u32 highest_extended_leaf(CpuModel model) { return model >= CpuModel::Max ? 0x80000008 : model >= CpuModel::Pentium4 ? 0x80000004 : 0; }

Leaf extended(CpuModel model, u32 leaf) {
    if (leaf >= 0x80000002 && leaf <= 0x80000004) {
        static constexpr char names[2][49] = {"       Intel(R) Pentium(R) 4 CPU", "            Retrace virtual IA-32 CPU"};
        const u8* const part = reinterpret_cast<const u8*>(names[model >= CpuModel::Max]) + 16 * (leaf - 0x80000002);
        return {load<u32>(part), load<u32>(part + 4), load<u32>(part + 8), load<u32>(part + 12)};
    }
    switch (leaf) {
        case 0x80000000: return {highest_extended_leaf(model), 0, 0, 0};
        case 0x80000001: return {0, 0, 0, has_no_execute(model) ? 1u << 20 : 0};
        case 0x80000006: return {0, 0, 0x01006040, 0};                       // second-level cache: 256 KiB, 8 ways
        case 0x80000007: return {0, 0, 0, 1 << 8};                           // the time stamp counter never changes its pace
        case 0x80000008: return {Mmu::physical_bits | 32 << 8, 0, 0, 0};
        default: return {};
    }
}

}  // namespace

bool cpuid(Cpu& cpu, I) {
    auto& gpr = cpu.state.gpr;
    const CpuModel model = cpu.model();
    const auto switches = cpu.state.msr.find(model_register::misc_enables);
    const u64 switched = model >= CpuModel::Pentium4 && switches != cpu.state.msr.end() ? switches->second : 0;
    const u32 asked = gpr[Eax], highest = std::min(highest_leaf(model), switched & misc_enable::limit_cpuid ? 2u : ~0u);
    Leaf leaf;
    if (asked >= 0x80000000 && asked <= highest_extended_leaf(model)) {
        leaf = extended(model, asked);
        if (asked == 0x80000001 && (switched & misc_enable::no_execute_disable)) leaf.edx &= ~(1u << 20);
    } else {
        // What lies beyond the highest leaf gets that one.
        switch (std::min(asked, highest)) {
            case 0: leaf = {highest, 0x756e6547, 0x6c65746e, 0x49656e69}; break;   // "GenuineIntel"
            case 1: leaf = identity(cpu); break;
            case 2: leaf = caches(model); break;
            case 4: leaf = cache(gpr[Ecx]); break;
            default: break;
        }
    }
    gpr[Eax] = leaf.eax;
    gpr[Ebx] = leaf.ebx;
    gpr[Ecx] = leaf.ecx;
    gpr[Edx] = leaf.edx;
    return true;
}

namespace {

void set_pair(Cpu& cpu, u64 value) {
    cpu.state.gpr[Eax] = static_cast<u32>(value);
    cpu.state.gpr[Edx] = static_cast<u32>(value >> 32);
}

}  // namespace

bool rdtsc(Cpu& cpu, I) {
    if ((cpu.state.cr4 & cr4::TSD) && cpu.state.cpl != 0) return cpu.raise(vector::GP, 0);
    set_pair(cpu, cpu.time_stamp_counter());
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

bool rdpmc(Cpu& cpu, I) {
    u64 value = 0;
    if (!cpu.read_event_counter(cpu.state.gpr[Ecx], value)) return false;
    set_pair(cpu, value);
    return true;
}

bool rdmsr(Cpu& cpu, I) {
    u64 value = 0;
    if (!cpu.read_model_register(cpu.state.gpr[Ecx], value)) return false;
    set_pair(cpu, value);
    return true;
}

bool wrmsr(Cpu& cpu, I) { return cpu.write_model_register(cpu.state.gpr[Ecx], u64{cpu.state.gpr[Edx]} << 32 | cpu.state.gpr[Eax]); }

}  // namespace retrace::whole
