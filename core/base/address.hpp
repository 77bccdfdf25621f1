// Address spaces as types: a LinearAddress (segment base plus offset, before paging) is not a
// PhysicalAddress (after paging, before or after the A20 gate as the name at hand says).
#pragma once

#include <compare>

#include "core/base/types.hpp"

namespace retrace {

struct LinearAddress {
    u32 value = 0;
    constexpr auto operator<=>(const LinearAddress&) const = default;
};

struct PhysicalAddress {
    u64 value = 0;
    constexpr auto operator<=>(const PhysicalAddress&) const = default;
};

constexpr u32 page_size = 4096;
constexpr u32 page_shift = 12;
constexpr u32 page_mask = page_size - 1;

}  // namespace retrace
