// DirectStores: a device says that stores to its memory window may go straight to memory of its own for a while, because all they would
// do is to change those bytes. Loads still come to the window.
#pragma once

#include <span>

#include "core/base/address.hpp"
#include "core/base/types.hpp"

namespace retrace {

class DirectStores {
public:
    virtual ~DirectStores() = default;
    // Stores to these whole pages of a window reach `memory`. It takes the place of what was said before; empty: all come to the window.
    virtual void stores_reach(PhysicalAddress base, std::span<u8> memory) = 0;
};

}  // namespace retrace
