// x87: what all x87 instructions share: getting ready, exceptions, the pointers, the images in memory.
//
// Exceptions that are not masked wait: ES is set, and the next waiting instruction raises #MF, or, with CR0.NE clear (and on
// everything before the 486), the FERR pin has asked for IRQ 13 at once and instructions go on, as with IGNNE# asserted.
// Facts: SDM volume 1, chapter 8; volume 3, 2.5 and 9.2; where manuals are silent, what current chips do.
#pragma once

#include <span>

#include "core/cpu/cpu.hpp"
#include "core/float/context.hpp"

namespace retrace::x87 {

// The status word beyond the exceptions (core/float/context.hpp).
constexpr u16 stack_fault = 0x40, error_summary = 0x80, c0 = 0x100, c1 = 0x200, c2 = 0x400, c3 = 0x4000, busy = 0x8000;
constexpr u16 conditions = c0 | c1 | c2 | c3;

// The control word's bits that can be written; bit 6 reads as 1.
constexpr u16 writable_control = 0x1f3f;

bool device_not_available(Cpu& cpu);
bool deliver_pending(Cpu& cpu);

// Before a waiting instruction: #NM, then what is pending. False: a fault is recorded.
[[nodiscard]] inline bool ready(Cpu& cpu) {
    if (cpu.state.cr0 & (cr0::EM | cr0::TS)) [[unlikely]] return device_not_available(cpu);
    if (cpu.state.fpu.status & error_summary) [[unlikely]] return deliver_pending(cpu);
    return true;
}
// Before one that does not wait (FNINIT, FNSTCW...).
[[nodiscard]] inline bool available(Cpu& cpu) {
    if (cpu.state.cr0 & (cr0::EM | cr0::TS)) [[unlikely]] return device_not_available(cpu);
    return true;
}
// WAIT, and what else waits without being refused by EM.
bool wait(Cpu& cpu);

// FIP, FCS, FOP, and FDP, FDS if there is an operand in memory, for all but control instructions.
inline void note_instruction(Cpu& cpu, const Instruction& i) {
    FpuState& fpu = cpu.state.fpu;
    fpu.instruction_offset = (cpu.run.eip + i.offset) & (cpu.at_least(CpuModel::I386) ? 0xffffffff : 0xffff);
    fpu.instruction_selector = cpu.state.segment[1].selector;
    fpu.opcode = static_cast<u16>((i.opcode & 7u) << 8 | (i.immediate & 0xff));  // the decoder leaves ModRM there
}
inline void note_operand(Cpu& cpu, const Instruction& i, u32 offset) {
    note_instruction(cpu, i);
    FpuState& fpu = cpu.state.fpu;
    fpu.operand_offset = offset;
    fpu.operand_selector = cpu.state.segment[i.segment].selector;
}

inline fp::Context context(const FpuState& fpu) {
    fp::Context context;
    context.rounding = static_cast<fp::Rounding>(fpu.control >> 10 & 3);
    context.precision = static_cast<fp::Precision>(fpu.control >> 8 & 3);
    context.masked = fpu.control & fp::all_exceptions;
    return context;
}

// After status or control changed: ES and B follow, and the FERR pin.
void update_summary(Cpu& cpu);

// What an operation raised goes into the status word. False: its destination must be left alone.
[[nodiscard]] inline bool conclude(Cpu& cpu, const fp::Context& context) {
    FpuState& fpu = cpu.state.fpu;
    fpu.status = static_cast<u16>((fpu.status & ~c1) | context.raised | (context.rounded_up ? c1 : 0));
    if (context.unmasked()) [[unlikely]] {
        update_summary(cpu);
        return !context.stopped();
    }
    return true;
}

// An empty register was read, a full one pushed on. True: masked, the indefinite value goes on.
[[nodiscard]] bool stack_underflow(Cpu& cpu);
[[nodiscard]] bool stack_overflow(Cpu& cpu);

void initialise(FpuState& fpu);  // FNINIT

// Two bits for each physical register: 0 valid, 1 zero, 2 special, 3 empty.
[[nodiscard]] u16 tag_word(const FpuState& fpu);
void set_tag_word(FpuState& fpu, u16 tags);

// The environment of FSTENV and FSAVE: 14 or 28 bytes, in real (and V86) or protected layout.
struct Layout {
    bool wide;
    bool protected_mode;
    [[nodiscard]] unsigned size() const { return wide ? 28 : 14; }
    [[nodiscard]] unsigned alignment() const { return wide ? 4 : 2; }
};
[[nodiscard]] Layout layout_of(const Cpu& cpu, const Instruction& i);
void write_environment(const FpuState& fpu, Layout layout, std::span<u8> image);
void read_environment(FpuState& fpu, Layout layout, std::span<const u8> image);

// The ten bytes of a register.
void put_register(std::span<u8> image, fp::Float80 value);
[[nodiscard]] fp::Float80 get_register(std::span<const u8> image);

}  // namespace retrace::x87
