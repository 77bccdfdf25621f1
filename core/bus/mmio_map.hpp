// MmioMap: memory windows, ranges of physical addresses that a device answers instead of RAM.
// Overlapping claims are a mistake of ours and fail when the board is built.
#pragma once

#include <optional>
#include <vector>

#include "core/base/address.hpp"
#include "core/base/types.hpp"

namespace retrace {

// What a device puts behind a window. Offsets count from the window's base; `width` is 1, 2, 4 or 8 bytes and an access never
// leaves the window.
class MmioWindow {
public:
    virtual ~MmioWindow() = default;
    virtual u64 mmio_read(u32 offset, unsigned width) = 0;
    virtual void mmio_write(u32 offset, unsigned width, u64 value) = 0;
    // For many loads at once: what they return, if it lies in memory and the time does not matter; else null. Their effects are those of
    // mmio_loaded(), the last one's alone.
    [[nodiscard]] virtual const u8* mmio_memory(u32 /* offset */, u32 /* bytes */) { return nullptr; }
    virtual void mmio_loaded(u32 /* offset */, unsigned /* width */) {}
    // A byte without side effects, for debuggers.
    [[nodiscard]] virtual std::optional<u8> mmio_peek(u32) const { return std::nullopt; }
};

class MmioMap {
public:
    // Base and size are multiples of the page size.
    void claim(PhysicalAddress base, u64 size, MmioWindow& window);
    // Elsewhere from now on. False: another window is there, and nothing changed.
    bool move(MmioWindow& window, PhysicalAddress base);

    struct Hit {
        MmioWindow* window = nullptr;
        u32 offset = 0;
    };
    // The window at an address, if any.
    [[nodiscard]] Hit find(PhysicalAddress address) const;

private:
    struct Claim {
        u64 base, size;
        MmioWindow* window;
    };
    std::vector<Claim> claims_;
};

}  // namespace retrace
