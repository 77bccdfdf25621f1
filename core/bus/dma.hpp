// The two ends of a DMA channel: the device that wants bytes moved, and the channel of a controller that moves them; and memory as
// bus masters see it.
#pragma once

#include <span>

#include "core/base/address.hpp"
#include "core/base/types.hpp"

namespace retrace {

// A device on a DMA channel. Called by the controller while the device's request stands.
class DmaDevice {
public:
    virtual ~DmaDevice() = default;
    // A transfer from the device to memory takes the next value (8 bits, or 16 on channels 5-7).
    virtual u16 dma_read() = 0;
    // A transfer from memory to the device (or a verify cycle's read) gives it one.
    virtual void dma_write(u16 value) = 0;
    // The count ran out with the transfer just made (TC).
    virtual void dma_terminal_count() {}
};

class DmaChannel {
public:
    virtual ~DmaChannel() = default;
    virtual void connect(DmaDevice& device) = 0;
    // DREQ. While it is high and the channel is programmed and unmasked the controller makes transfers at once, within this call or
    // within the port write that unmasks it, until the device lowers it or the terminal count is reached.
    virtual void request(bool high) = 0;
};

// Physical memory as a bus master reads and writes it: RAM, ROM and windows, with code and dirty marks kept.
class BusMemory {
public:
    virtual ~BusMemory() = default;
    virtual void read(PhysicalAddress from, std::span<u8> to) = 0;
    virtual void write(PhysicalAddress to, std::span<const u8> from) = 0;
};

}  // namespace retrace
