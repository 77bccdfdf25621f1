#include "devices/storage/ata_identify.hpp"

#include <algorithm>
#include <string_view>

namespace retrace {

namespace {

// Two characters a word, the first in the high half, filled up with spaces.
void put_text(std::array<u16, 256>& words, std::size_t first, std::size_t count, std::string_view text) {
    for (std::size_t i = 0; i < count * 2; ++i) {
        const u8 letter = i < text.size() ? static_cast<u8>(text[i]) : u8{' '};
        words[first + i / 2] = static_cast<u16>(words[first + i / 2] << 8 | letter);
    }
}

void put_number(std::array<u16, 256>& words, std::size_t first, std::size_t count, u64 value) {
    for (std::size_t i = 0; i < count; ++i) words[first + i] = static_cast<u16>(value >> (16 * i));
}

// The DMA modes that there are from `first` on, and which was chosen.
u16 dma_modes(u8 chosen, u8 first, unsigned count) {
    const unsigned mark = chosen >= first && chosen < first + count ? 0x100u << (chosen - first) : 0;
    return static_cast<u16>(mark | ((1u << count) - 1));
}

// The last word makes the sum of all bytes zero.
void put_checksum(std::array<u16, 256>& words) {
    u8 sum = 0xa5;
    for (const u16 word : words) sum = static_cast<u8>(sum + word + (word >> 8));
    words[255] = static_cast<u16>(0xa5 | static_cast<u8>(-sum) << 8);
}

}  // namespace

std::array<u16, 256> identify_disk(const DiskIdentity& disk) {
    std::array<u16, 256> words{};
    const u64 total = disk.native.total_sectors;
    const u64 current = std::min<u64>(u64{disk.current.cylinders} * disk.current.heads * disk.current.sectors, 0xffffffff);

    words[0] = 0x0040;  // fixed
    words[1] = disk.native.cylinders;
    words[3] = disk.native.heads;
    words[4] = static_cast<u16>(disk.native.sectors * 512);  // ATA-1: bytes a track
    words[5] = 512;                                          // and a sector
    words[6] = disk.native.sectors;
    put_text(words, 10, 10, disk.serial);
    words[20] = 3;    // ATA-1: a dual-ported buffer with a cache
    words[21] = 512;  // of so many sectors
    words[22] = 4;    // ATA-1: ECC bytes
    put_text(words, 23, 4, "1.0");
    put_text(words, 27, 20, "Retrace hard disk");
    words[47] = static_cast<u16>(0x8000 | disk.most_sectors_a_block);
    words[48] = 1;       // ATA-1: the data port takes double words
    words[49] = 0x0b00;  // IORDY, LBA, DMA
    words[50] = 0x4000;
    words[51] = words[52] = 0x0200;  // PIO and DMA timing modes of old
    words[53] = 0x0007;              // words 54-58, 64-70 and 88 are valid
    words[54] = disk.current.cylinders;
    words[55] = disk.current.heads;
    words[56] = disk.current.sectors;
    put_number(words, 57, 2, current);
    words[59] = static_cast<u16>(disk.multiple ? 0x0100 | disk.multiple : 0);
    put_number(words, 60, 2, std::min<u64>(total, 0x0fffffff));
    words[63] = dma_modes(disk.dma_mode, 0x20, 3);  // multiword
    words[64] = 0x0003;              // PIO modes 3 and 4
    words[65] = words[66] = 120;     // ns a word of multiword DMA
    words[67] = words[68] = 120;     // at 120 ns
    words[80] = 0x0078;              // ATA-3 to ATA/ATAPI-6
    // Command sets: NOP, READ and WRITE BUFFER, look-ahead, write cache, power management; FLUSH CACHE (EXT), 48-bit addresses.
    words[82] = 0x7068;
    words[83] = 0x7400;
    words[84] = 0x4000;
    words[85] = static_cast<u16>(0x7008 | (disk.look_ahead ? 0x40 : 0) | (disk.write_cache ? 0x20 : 0));
    words[86] = 0x3400;
    words[87] = 0x4000;
    words[88] = dma_modes(disk.dma_mode, 0x40, 6);  // ultra DMA
    words[93] = 0x6001;          // the cable has 80 wires
    put_number(words, 100, 4, total);

    put_checksum(words);
    return words;
}

std::array<u16, 256> identify_cdrom(u8 dma_mode, const std::string& serial) {
    std::array<u16, 256> words{};
    words[0] = 0x85c0;  // packets of 12 bytes, asked for within 50 us; a removable CD-ROM
    put_text(words, 10, 10, serial);
    put_text(words, 23, 4, "1.0");
    put_text(words, 27, 20, "Retrace CD-ROM");
    words[49] = 0x0b00;  // IORDY, LBA, DMA
    words[51] = words[52] = 0x0200;
    words[53] = 0x0006;  // words 64-70 and 88 are valid
    words[63] = dma_modes(dma_mode, 0x20, 3);
    words[64] = 0x0003;
    words[65] = words[66] = words[67] = words[68] = 120;
    words[80] = 0x0070;  // ATA/ATAPI-4 to 6
    words[82] = 0x4210;  // NOP, DEVICE RESET, packets
    words[83] = 0x4000;
    words[84] = 0x4000;
    words[85] = 0x4210;
    words[86] = 0x0000;
    words[87] = 0x4000;
    words[88] = dma_modes(dma_mode, 0x40, 3);
    words[93] = 0x6001;
    put_checksum(words);
    return words;
}

}  // namespace retrace
