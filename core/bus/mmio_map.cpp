#include "core/bus/mmio_map.hpp"

#include "core/base/ensure.hpp"

namespace retrace {

void MmioMap::claim(PhysicalAddress base, u64 size, MmioWindow& window) {
    ENSURE((base.value | size) % page_size == 0 && size != 0, "a window is made of whole pages");
    for (const auto& other : claims_)
        ENSURE(base.value + size <= other.base || other.base + other.size <= base.value, "two parts claim the same memory window");
    claims_.push_back({base.value, size, &window});
}

MmioMap::Hit MmioMap::find(PhysicalAddress address) const {
    for (const auto& claim : claims_)
        if (address.value - claim.base < claim.size) return {claim.window, static_cast<u32>(address.value - claim.base)};
    return {};
}

}  // namespace retrace
