#include "core/cpu/model_registers.hpp"

#include <array>

namespace retrace {

namespace {

using enum CpuModel;
using enum ModelRegister::Rule;

constexpr u64 all = ~u64{0}, low = 0xffffffff, physical = 0xf'ffff'f000;

// clang-format off
constexpr std::array table{
    //            first  count  since     until     rule         writable  born
    ModelRegister{0x000, 2,     Pentium,  Max,      Kept,        all},                       // P5_MC_ADDR, P5_MC_TYPE
    ModelRegister{0x002, 1,     Pentium,  Pentium,  Low},                                    // TR1
    ModelRegister{0x004, 6,     Pentium,  Pentium,  Low},                                    // TR2 to TR7: cache and TLB tests
    ModelRegister{0x00b, 4,     Pentium,  Pentium,  Low},                                    // TR9 to TR12: branch target buffer, features
    ModelRegister{0x017, 1,     Pentium2, Max,      ReadOnly},                               // PLATFORM_ID
    ModelRegister{0x02a, 1,     Pentium2, Max,      Kept,        low},                       // EBL_CR_POWERON, EBC_HARD_POWERON
    ModelRegister{0x02b, 1,     Pentium4, Pentium4, Kept,        low},                       // EBC_SOFT_POWERON
    ModelRegister{0x02c, 1,     Pentium4, Pentium4, ReadOnly},                               // EBC_FREQUENCY_ID
    ModelRegister{0x03a, 1,     Max,      Max,      ReadOnly,    0,        1},               // FEATURE_CONTROL, locked
    ModelRegister{0x079, 1,     Pentium2, Max,      WriteOnly},                              // BIOS_UPDT_TRIG
    ModelRegister{0x088, 3,     Pentium2, Pentium3, Low},                                    // BBL_CR_D0 to D2
    ModelRegister{0x08b, 1,     Pentium2, Max,      Kept,        all},                       // BIOS_SIGN_ID
    ModelRegister{0x0ce, 1,     Max,      Max,      ReadOnly},                               // PLATFORM_INFO
    ModelRegister{0x0fe, 1,     Pentium2, Max,      ReadOnly,    0,        0x508},           // MTRRcap: eight, fixed ones, write combining
    ModelRegister{0x116, 1,     Pentium2, Pentium3, Low},                                    // BBL_CR_ADDR
    ModelRegister{0x118, 4,     Pentium2, Pentium3, Low},                                    // BBL_CR_DECC, CTL, TRIG, BUSY
    ModelRegister{0x11e, 1,     Pentium2, Pentium3, Low},                                    // BBL_CR_CTL3
    ModelRegister{0x174, 1,     Pentium2, Max,      Low},                                    // SYSENTER_CS
    ModelRegister{0x175, 2,     Pentium2, Pentium4, Low},                                    // SYSENTER_ESP, SYSENTER_EIP
    ModelRegister{0x175, 2,     Max,      Max,      Kept,        all},
    ModelRegister{0x179, 1,     Pentium2, Pentium3, ReadOnly,    0,        0x105},           // MCG_CAP: five banks, MCG_CTL
    ModelRegister{0x179, 1,     Pentium4, Pentium4, ReadOnly,    0,        0x104},
    ModelRegister{0x179, 1,     Max,      Max,      ReadOnly,    0,        0x105},
    ModelRegister{0x17a, 1,     Pentium2, Max,      Kept,        7},                         // MCG_STATUS
    ModelRegister{0x17b, 1,     Pentium2, Max,      Kept,        all},                       // MCG_CTL
    ModelRegister{0x198, 1,     Max,      Max,      ReadOnly},                               // PERF_STATUS
    ModelRegister{0x199, 1,     Max,      Max,      Kept,        0xffff},                    // PERF_CTL
    ModelRegister{0x19a, 1,     Pentium4, Max,      Kept,        0x1e},                      // CLOCK_MODULATION
    ModelRegister{0x19b, 1,     Pentium4, Max,      Kept,        0x1ffff1f},                 // THERM_INTERRUPT
    ModelRegister{0x19c, 1,     Pentium4, Max,      Kept,        0xaaa},                     // THERM_STATUS
    ModelRegister{0x1a0, 1,     Pentium4, Pentium4, Kept,        0x004c'271f, 0x1881},       // MISC_ENABLE: fast strings; no BTS, no PEBS
    ModelRegister{0x1a0, 1,     Max,      Max,      Kept,        0x4'00c5'0189, 0x1801},
    ModelRegister{0x1b0, 1,     Max,      Max,      Kept,        15},                        // ENERGY_PERF_BIAS
    ModelRegister{0x1d7, 2,     Pentium4, Pentium4, ReadOnly},                               // LER_FROM_LIP, LER_TO_LIP
    ModelRegister{0x1d9, 1,     Pentium2, Max,      Kept,        0x7f},                      // DEBUGCTL
    ModelRegister{0x1da, 1,     Pentium4, Pentium4, ReadOnly},                               // LASTBRANCH_TOS
    ModelRegister{0x1db, 4,     Pentium2, Pentium4, ReadOnly},                               // LASTBRANCH and LASTINT
    ModelRegister{0x1dd, 2,     Max,      Max,      ReadOnly},
    ModelRegister{0x1e0, 1,     Pentium2, Pentium3, Low},                                    // ROB_CR_BKUPTMPDR6
    ModelRegister{0x200, 16,    Pentium2, Max,      MemoryType,  physical},                  // MTRR_PHYSBASE0, PHYSMASK0 ...
    ModelRegister{0x250, 1,     Pentium2, Max,      MemoryTypes, all},                       // MTRR_FIX64K_00000
    ModelRegister{0x258, 2,     Pentium2, Max,      MemoryTypes, all},                       // MTRR_FIX16K
    ModelRegister{0x268, 8,     Pentium2, Max,      MemoryTypes, all},                       // MTRR_FIX4K
    ModelRegister{0x277, 1,     Pentium2, Max,      PageTypes,   all,      0x0007'0406'0007'0406},
    ModelRegister{0x2ff, 1,     Pentium2, Max,      MemoryType,  0xc00},                     // MTRR_DEF_TYPE
    ModelRegister{0x300, 18,    Pentium4, Pentium4, Kept,        0xff'ffff'ffff},            // event counters, which count nothing
    ModelRegister{0x360, 18,    Pentium4, Pentium4, Low},                                    // CCCRs
    ModelRegister{0x3a0, 46,    Pentium4, Pentium4, Low},                                    // ESCRs
    ModelRegister{0x3e0, 2,     Pentium4, Pentium4, Low},
    ModelRegister{0x3f0, 3,     Pentium4, Pentium4, Low},                                    // TC_PRECISE_EVENT, PEBS
    ModelRegister{0x400, 20,    Pentium2, Pentium3, Bank,        all},
    ModelRegister{0x400, 16,    Pentium4, Pentium4, Bank,        all},
    ModelRegister{0x400, 20,    Max,      Max,      Bank,        all},
    // Of 64-bit mode; programs for processors that have it write them in 32-bit mode, too, where nothing depends on them.
    ModelRegister{0xc000'0082, 3, Max,    Max,      Kept,        all},                       // LSTAR, CSTAR, FMASK
    ModelRegister{0xc000'0100, 3, Max,    Max,      Kept,        all},                       // FS_BASE, GS_BASE, KERNEL_GS_BASE
};
// clang-format on

// 2, 3 and 7 are reserved among the MTRRs' types; 7 is the PAT's weaker kind of uncacheable.
constexpr bool is_memory_type(u64 type, bool page) { return type < 8 && (((page ? 0xf3u : 0x73u) >> type) & 1) != 0; }

bool all_types(u64 value, bool page) {
    for (unsigned shift = 0; shift < 64; shift += 8)
        if (!is_memory_type(value >> shift & 0xff, page)) return false;
    return true;
}

}  // namespace

const ModelRegister* find_model_register(CpuModel model, u32 index) {
    for (const auto& each : table)
        if (index - each.first < each.count && model >= each.since && model <= each.until) return &each;
    return nullptr;
}

bool accepts(const ModelRegister& which, u32 index, u64 value) {
    const u32 at = index - which.first;
    switch (which.rule) {
        case Kept: return (value & ~(which.writable | which.born)) == 0;
        case Low:
        case WriteOnly: return true;
        case ReadOnly: return false;
        case MemoryType: {
            const bool mask = which.count > 1 && (at & 1);   // PHYSMASK: a valid bit in the place of a type
            return (value & ~(which.writable | (mask ? 0x800 : 0xff))) == 0 && (mask || is_memory_type(value & 0xff, false));
        }
        case MemoryTypes: return all_types(value, false);
        case PageTypes: return all_types(value, true);
        case Bank: return at % 4 == 0 || value == 0;
    }
    return false;
}

}  // namespace retrace
