// Residency: while emitted code runs, the guest's XMM registers are in the host's, and its x87 or MMX registers in the host's x87 unit. They
// are loaded when a block that uses them finds that they are not there; Cpu::Run::resident says which are. Functions of ours use XMM
// registers, so calling one takes XMM0-7 and MXCSR's flags back into the state; whoever needs the x87's state takes that back.
//
// The host's exceptions are always masked: instructions are only emitted where the guest has masked them all.
#pragma once

#include "core/cpu/cpu.hpp"

namespace retrace::jit {

constexpr u32 mxcsr_masks = 0x1f80, mxcsr_flags = 0x3f;

// The x87's registers from the state into the host's unit, and back. They keep XMM registers and MXCSR.
void load_x87(Cpu* cpu);
void store_x87(Cpu* cpu);

// FCS, FOP and FDS, as far as they are still owed to the state: before segment registers may change.
[[gnu::target("general-regs-only")]] inline void settle_x87(Cpu& cpu) {
    FpuState& fpu = cpu.state.fpu;
    auto& run = cpu.run;
    if (run.x87_code != 0) {
        fpu.opcode = static_cast<u16>(run.x87_code & 0x7ff);
        fpu.instruction_selector = cpu.state.segment[1].selector;
        run.x87_code = 0;
    }
    if (run.x87_segment != 0) {
        fpu.operand_selector = cpu.state.segment[run.x87_segment - 1].selector;
        run.x87_segment = 0;
    }
}

// The host's unit as the host's own code expects it.
void reset_host_x87();

}  // namespace retrace::jit
