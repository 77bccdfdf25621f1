// ShadowControl: memory as the register of a memory controller sees it that lets accesses below 1 MiB through to RAM.
#pragma once

#include "core/base/address.hpp"
#include "core/base/types.hpp"

namespace retrace {

class ShadowControl {
public:
    virtual ~ShadowControl() = default;
    // Whole pages: whether reads and writes of them reach RAM. What they reach otherwise, ROM or nothing, is the memory's business.
    virtual void shadow(PhysicalAddress base, u64 size, bool reads, bool writes) = 0;
    // Whether A0000h to BFFFFh are RAM, which video hides at other times.
    virtual void uncover_video(bool ram) = 0;
};

}  // namespace retrace
