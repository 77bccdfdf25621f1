// Residency: while emitted code runs, the guest's XMM registers are in the host's, and its x87 or MMX registers in the host's x87 unit. They
// are loaded when a block that uses them finds that they are not there; Cpu::Run::resident says which are. Functions of ours use XMM
// registers, so calling one takes XMM0-7 and MXCSR's flags back into the state; whoever needs the x87's state takes that back.
//
// The host's exceptions are always masked: instructions are only emitted where the guest has masked them all.
#pragma once

#include "core/base/types.hpp"

namespace retrace::jit {

constexpr u32 mxcsr_masks = 0x1f80, mxcsr_flags = 0x3f;

}  // namespace retrace::jit
