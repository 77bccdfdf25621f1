// Descriptor: an entry of the GDT, LDT or IDT as it lies in memory (SDM volume 3, 3.4.5, 3.5 and 6.11).
#pragma once

#include "core/cpu/cpu.hpp"

namespace retrace {

struct Cpu::Descriptor {
    u16 selector = 0;
    u32 address = 0;            // linear, of its first byte
    u32 low = 0, high = 0;

    [[nodiscard]] unsigned type() const { return high >> 8 & 15; }
    [[nodiscard]] bool system() const { return (high & 0x1000) == 0; }
    [[nodiscard]] unsigned dpl() const { return high >> 13 & 3; }
    [[nodiscard]] bool present() const { return (high & 0x8000) != 0; }
    [[nodiscard]] bool is_code() const { return !system() && (high & 0x800); }
    [[nodiscard]] bool conforming() const { return (high & 0x400) != 0; }                      // of code
    [[nodiscard]] bool readable() const { return !system() && (!is_code() || (high & 0x200)); }
    [[nodiscard]] bool writable_data() const { return !system() && !is_code() && (high & 0x200); }
    [[nodiscard]] bool big() const { return (high & 0x400000) != 0; }
    [[nodiscard]] u32 base() const { return (low >> 16) | (high & 0xff) << 16 | (high & 0xff000000); }
    [[nodiscard]] u32 limit() const {
        const u32 raw = (low & 0xffff) | (high & 0xf0000);
        return high & 0x800000 ? raw << 12 | 0xfff : raw;
    }
    // Of gates.
    [[nodiscard]] u16 gate_selector() const { return static_cast<u16>(low >> 16); }
    [[nodiscard]] u32 gate_offset() const { return (low & 0xffff) | (type() >= 8 ? high & 0xffff0000 : 0); }
    [[nodiscard]] unsigned gate_parameters() const { return high & 31; }

    [[nodiscard]] SegmentRegister segment(unsigned rpl) const {
        return {static_cast<u16>((selector & 0xfffc) | rpl), base(), limit(), static_cast<u16>(high >> 8 & 0xf0ff)};
    }
};

// Types of system descriptors.
namespace system_type {
constexpr unsigned tss16 = 1, ldt = 2, tss16_busy = 3, call16 = 4, task_gate = 5, interrupt16 = 6, trap16 = 7, tss32 = 9, tss32_busy = 11,
                   call32 = 12, interrupt32 = 14, trap32 = 15;
}

constexpr bool null_selector(u32 selector) { return (selector & 0xfffc) == 0; }

}  // namespace retrace
