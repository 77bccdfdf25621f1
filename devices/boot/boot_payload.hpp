// BootPayload: what a boot loader would leave in memory and in the registers when it jumps to a kernel.
#pragma once

#include <string>
#include <vector>

#include "core/base/address.hpp"

namespace retrace {

struct BootPayload {
    // How the processor enters it.
    enum class Entry : u8 {
        None,
        RealMode,       // segment:offset in `entry` (segment in the high half); every data segment is the segment, SP is `stack`
        ProtectedMode,  // flat 32-bit segments, paging off, interrupts off; EIP is `entry`
    };
    struct Block {
        PhysicalAddress address;
        std::vector<u8> bytes;
    };

    Entry how = Entry::None;
    u32 entry = 0;
    u32 eax = 0, ebx = 0;   // ProtectedMode
    u32 stack = 0;          // SP, or ESP in protected mode
    std::vector<Block> blocks;
};

}  // namespace retrace
