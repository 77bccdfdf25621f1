// What IDENTIFY DEVICE tells of a hard disk and IDENTIFY PACKET DEVICE of a CD-ROM drive: 256 words (T13 1410D, 8.15 and 8.16).
#pragma once

#include <array>
#include <string>

#include "core/base/types.hpp"
#include "devices/storage/geometry.hpp"

namespace retrace {

struct DiskIdentity {
    DiskGeometry native, current;
    u32 most_sectors_a_block = 0;
    u8 multiple = 0;
    u8 dma_mode = 0;  // as for SET FEATURES: 20-22, 40-45
    bool write_cache = false, look_ahead = false;
    std::string serial;
};

std::array<u16, 256> identify_disk(const DiskIdentity& disk);
std::array<u16, 256> identify_cdrom(u8 dma_mode, const std::string& serial);

}  // namespace retrace
