#include "core/bus/mmio_map.hpp"

#include <algorithm>

#include "core/base/ensure.hpp"

namespace retrace {

void MmioMap::claim(PhysicalAddress base, u64 size, MmioWindow& window) {
    ENSURE((base.value | size) % page_size == 0 && size != 0, "a window is made of whole pages");
    for (const auto& other : claims_)
        ENSURE(base.value + size <= other.base || other.base + other.size <= base.value, "two parts claim the same memory window");
    claims_.push_back({base.value, size, &window});
}

bool MmioMap::move(MmioWindow& window, PhysicalAddress base) {
    const auto mine = std::ranges::find(claims_, &window, &Claim::window);
    ENSURE(mine != claims_.end() && base.value % page_size == 0, "a window that was claimed moves by pages");
    for (const auto& other : claims_)
        if (&other != &*mine && base.value < other.base + other.size && other.base < base.value + mine->size) return false;
    mine->base = base.value;
    return true;
}

MmioMap::Hit MmioMap::find(PhysicalAddress address) const {
    for (const auto& claim : claims_)
        if (address.value - claim.base < claim.size) return {claim.window, static_cast<u32>(address.value - claim.base)};
    return {};
}

}  // namespace retrace
