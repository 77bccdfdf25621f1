// The two ends of DMA by blocks, as on an ATA cable: a device that asks to have data moved (DMARQ), and the bus master that does it.
#pragma once

#include <span>

#include "core/base/types.hpp"

namespace retrace {

class BlockDmaDevice {
public:
    virtual ~BlockDmaDevice() = default;
    // DMARQ: data can be moved now.
    [[nodiscard]] virtual bool dma_requested() const = 0;
    [[nodiscard]] virtual bool dma_to_memory() const = 0;  // while it is requested
    // Gives or takes up to so many bytes, an even number, and says how many. What it needs to go on it asks for by a new request.
    virtual std::size_t dma_read(std::span<u8> to) = 0;
    virtual std::size_t dma_write(std::span<const u8> from) = 0;
};

class BlockDmaMaster {
public:
    virtual ~BlockDmaMaster() = default;
    // DMARQ rose. The master moves what it can within this call, or later, when it is started.
    virtual void dma_request_rose() = 0;
};

}  // namespace retrace
