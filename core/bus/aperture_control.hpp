// ApertureControl: the physical address space as a card sees it that lays plain memory of its own into it: a linear frame buffer, a ROM.
#pragma once

#include <span>

#include "core/base/address.hpp"
#include "core/base/types.hpp"

namespace retrace {

class ApertureControl {
public:
    virtual ~ApertureControl() = default;
    // Whole pages below 4 GiB. What is there already, RAM, ROM or a window, stays in front.
    virtual void show(PhysicalAddress base, std::span<u8> memory, bool writable = true) = 0;
    // Where it showed there is nothing again.
    virtual void hide(PhysicalAddress base, std::span<u8> memory) = 0;
};

}  // namespace retrace
