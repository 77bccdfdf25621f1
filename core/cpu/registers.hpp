// Registers: the architectural state of the processor, plain and described. The status flags in `eflags` are only right while
// nobody executes: engines keep them lazily (lazy_flags.hpp) and write them back before the state is visited.
#pragma once

#include <array>
#include <map>

#include "core/base/bits.hpp"
#include "core/base/types.hpp"
#include "core/cpu/fpu_state.hpp"
#include "core/cpu/sse_state.hpp"
#include "core/isa/instruction.hpp"
#include "core/state/describe.hpp"

namespace retrace {

// General registers by their encoding, and a ninth that is always zero: the absent base or index of an address.
// All writes are 32 bits wide: a narrow store before a wide load would stall the host.
enum GeneralRegister : u8 { Eax, Ecx, Edx, Ebx, Esp, Ebp, Esi, Edi };

struct GeneralRegisters {
    std::array<u32, 9> slot{};

    u32& operator[](unsigned index) { return slot[index]; }
    const u32& operator[](unsigned index) const { return slot[index]; }

    // AL CL DL BL AH CH DH BH are bytes 0 and 1 of the first four.
    [[nodiscard]] u8 byte(unsigned index) const { return static_cast<u8>(slot[index & 3] >> ((index & 4) * 2)); }
    [[nodiscard]] u16 word(unsigned index) const { return static_cast<u16>(slot[index]); }
    void set_byte(unsigned index, u8 value) {
        const unsigned shift = (index & 4) * 2;
        u32& whole = slot[index & 3];
        whole = (whole & ~(u32{0xff} << shift)) | u32{value} << shift;
    }
    void set_word(unsigned index, u16 value) { slot[index] = (slot[index] & 0xffff0000u) | value; }

    template <class T>
    [[nodiscard]] T get(unsigned index) const {
        if constexpr (sizeof(T) == 1) return byte(index);
        else if constexpr (sizeof(T) == 2) return word(index);
        else return slot[index];
    }
    template <class T>
    void set(unsigned index, T value) {
        if constexpr (sizeof(T) == 1) set_byte(index, value);
        else if constexpr (sizeof(T) == 2) set_word(index, value);
        else slot[index] = value;
    }
};
template <> inline constexpr auto fields<GeneralRegisters> = describe(field("slot", &GeneralRegisters::slot));

// A segment register with its hidden part. `attributes` are bits 8-15 and 20-23 of a descriptor's second doubleword, where
// they lie there, moved down by 8: type 0-3, S 4, DPL 5-6, P 7, AVL 12, L 13, D/B 14, G 15. A null selector leaves P = 0.
struct SegmentRegister {
    u16 selector = 0;
    u32 base = 0;
    u32 limit = 0xffff;
    u16 attributes = 0x93;

    [[nodiscard]] unsigned type() const { return attributes & 15; }
    [[nodiscard]] bool present() const { return (attributes & 0x80) != 0; }
    [[nodiscard]] unsigned dpl() const { return attributes >> 5 & 3; }
    [[nodiscard]] bool big() const { return (attributes & 0x4000) != 0; }  // D of code, B of stacks: 32 bits
    [[nodiscard]] bool is_code() const { return (attributes & 0x18) == 0x18; }
    [[nodiscard]] bool readable() const { return !is_code() || (attributes & 2) != 0; }
    [[nodiscard]] bool writable() const { return !is_code() && (attributes & 2) != 0; }
    [[nodiscard]] bool expands_down() const { return (attributes & 0x1c) == 0x14; }
};
template <> inline constexpr auto fields<SegmentRegister> = describe(
    field("selector", &SegmentRegister::selector), field("base", &SegmentRegister::base),
    field("limit", &SegmentRegister::limit), field("attributes", &SegmentRegister::attributes));

struct TableRegister {
    u32 base = 0;
    u16 limit = 0xffff;
};
template <> inline constexpr auto fields<TableRegister> = describe(
    field("base", &TableRegister::base), field("limit", &TableRegister::limit));

// Why interrupts wait for one instruction: after STI (not NMI), or after loading SS (nothing may come between).
enum class Shadow : u8 { None, Sti, StackSegment };

struct Registers {
    GeneralRegisters gpr{};
    u32 eip = 0xfff0;
    u32 eflags = 2;
    std::array<SegmentRegister, 6> segment{};   // by Segment
    TableRegister gdtr{}, idtr{};
    SegmentRegister ldtr{}, tr{};
    u32 cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0;
    std::array<u32, 8> dr{};                    // 4 and 5 are aliases and stay 0
    std::array<u32, 8> test{};                  // TR3-TR7 of the 386 and 486: kept, nothing depends on them
    u8 cpl = 0;
    Shadow shadow = Shadow::None;
    bool halted = false;
    bool shut_down = false;                     // after a triple fault, until reset
    bool nmi_pending = false, nmi_blocked = false;
    bool smi_pending = false, in_smm = false;
    bool smi_after_io = false;                  // the instruction that made it pending is in io_restart
    u32 smbase = 0x30000;
    std::array<u32, 4> io_restart{};            // EIP ESI ECX EDI
    u32 debug_trap = 0;                         // DR6 bits of a trap due before the next instruction
    std::array<u64, 4> page_pointers{};         // with CR4.PAE: the page directory pointers, as CR3 was loaded
    u32 efer = 0;
    u64 apic_base = 0;                          // IA32_APIC_BASE, also where the model shows none; 0: no APIC
    u64 tsc_offset = 0;
    u64 idle_steps = 0;                         // spent halted, which no instruction retires in
    std::array<u32, 2> event_select{};          // EVNTSEL0 and 1; of the Pentium, CESR
    std::array<u64, 2> event_count{};           // 40 bits, as of `events_settled` retired steps
    u64 events_settled = 0;
    u64 random = 0x5265747261636521;  // what RDRAND's next value comes from; the machine's randomness is part of its state
    std::map<u32, u64> msr{};
    FpuState fpu{};
    SseState sse{};
};
template <> inline constexpr auto fields<Registers> = describe(
    field("gpr", &Registers::gpr), field("eip", &Registers::eip), field("eflags", &Registers::eflags),
    field("segment", &Registers::segment), field("gdtr", &Registers::gdtr), field("idtr", &Registers::idtr),
    field("ldtr", &Registers::ldtr), field("tr", &Registers::tr), field("cr0", &Registers::cr0), field("cr2", &Registers::cr2),
    field("cr3", &Registers::cr3), field("cr4", &Registers::cr4), field("dr", &Registers::dr), field("test", &Registers::test),
    field("cpl", &Registers::cpl), field("shadow", &Registers::shadow), field("halted", &Registers::halted),
    field("shut_down", &Registers::shut_down), field("nmi_pending", &Registers::nmi_pending),
    field("nmi_blocked", &Registers::nmi_blocked), field("smi_pending", &Registers::smi_pending), field("in_smm", &Registers::in_smm),
    field("smi_after_io", &Registers::smi_after_io), field("smbase", &Registers::smbase), field("io_restart", &Registers::io_restart),
    field("debug_trap", &Registers::debug_trap),
    field("page_pointers", &Registers::page_pointers), field("efer", &Registers::efer),
    field("apic_base", &Registers::apic_base), field("idle_steps", &Registers::idle_steps), field("event_select", &Registers::event_select),
    field("event_count", &Registers::event_count), field("events_settled", &Registers::events_settled),
    field("tsc_offset", &Registers::tsc_offset), field("random", &Registers::random), field("msr", &Registers::msr), field("fpu", &Registers::fpu),
    field("sse", &Registers::sse));

namespace cr0 {
constexpr u32 PE = 1u << 0, MP = 1u << 1, EM = 1u << 2, TS = 1u << 3, ET = 1u << 4, NE = 1u << 5, WP = 1u << 16, AM = 1u << 18,
              NW = 1u << 29, CD = 1u << 30, PG = 1u << 31;
}
namespace cr4 {
constexpr u32 VME = 1u << 0, PVI = 1u << 1, TSD = 1u << 2, DE = 1u << 3, PSE = 1u << 4, PAE = 1u << 5, MCE = 1u << 6, PGE = 1u << 7,
              PCE = 1u << 8, OSFXSR = 1u << 9, OSXMMEXCPT = 1u << 10;
}

namespace efer {
constexpr u32 NXE = 1u << 11;
}
namespace dr6 {
constexpr u32 BD = 1u << 13, BS = 1u << 14, BT = 1u << 15;
}
namespace dr7 {
constexpr u32 local = 0x155, GD = 1u << 13;   // `local`: L0 to L3 and LE
}

}  // namespace retrace
