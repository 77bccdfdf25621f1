// The model-specific registers as data: which model has which, what they hold after reset, what may be written.
// SDM volume 4; for the Pentium "Pentium Processor Family Developer's Manual", volume 3, chapter 16.
//
// Those that do something (time stamp, APIC base, EFER, event counters) are Cpu::read_model_register's own business.
#pragma once

#include "core/base/types.hpp"
#include "core/isa/model.hpp"

namespace retrace {

struct ModelRegister {
    // What a write is checked for; where it is refused, #GP(0).
    enum class Rule : u8 {
        Kept,          // bits outside `writable` must be as they were born
        Low,           // keeps the low half, whatever the upper one
        ReadOnly,
        WriteOnly,     // reading is refused, writing does nothing
        MemoryType,    // Kept, and bits 0-7 are a memory type of an MTRR
        MemoryTypes,   // eight of them
        PageTypes,     // eight of the PAT's
        Bank,          // machine check: control, status, address, information by turns; only the first takes anything but 0
    };

    u32 first, count;
    CpuModel since, until;
    Rule rule;
    u64 writable = 0, born = 0;
};

namespace model_register {
constexpr u32 p5_control = 0x11, p5_counter = 0x12, time_stamp = 0x10, apic_base = 0x1b, counter = 0xc1, sysenter_cs = 0x174, sysenter_esp = 0x175,
              sysenter_eip = 0x176, event_select = 0x186, debug_control = 0x1d9, misc_enables = 0x1a0, extended_features = 0xc0000080;
}

namespace misc_enable {
constexpr u64 limit_cpuid = u64{1} << 22, no_execute_disable = u64{1} << 34;   // as firmware offers it for old systems
}

// Null: the model has no such register.
[[nodiscard]] const ModelRegister* find_model_register(CpuModel model, u32 index);
// May this be written to it?
[[nodiscard]] bool accepts(const ModelRegister& which, u32 index, u64 value);

}  // namespace retrace
