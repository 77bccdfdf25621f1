#include "devices/pci/vga_function.hpp"

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u8 bar0 = 0x10, subsystem = 0x2c, rom_bar = 0x30;
constexpr u32 prefetchable = 0x00000008, rom_enable = 0x00000001;

constexpr u32 address_bits(std::span<const u8> memory) { return ~static_cast<u32>(memory.size() - 1); }

}  // namespace

VgaFunction::VgaFunction(ApertureControl& memory, std::span<u8> frame_buffer, std::span<u8> rom)
    : PciFunction{{0x1234, 0x1111, 0x02, 0x030000}}, memory_{memory}, frame_buffer_{frame_buffer}, rom_{rom} {
    for (const auto part : {frame_buffer, rom}) ENSURE((part.size() & (part.size() - 1)) == 0, "a BAR decodes a power of two");
    define(pci::command, 2, 0x0000, pci::io_enable | pci::memory_enable | pci::master_enable);
    define(bar0, 4, prefetchable, address_bits(frame_buffer));
    if (!rom.empty()) define(rom_bar, 4, 0, address_bits(rom) | rom_enable);
    define(subsystem, 4, 0x11001af4);
    define(pci::interrupt_line, 1, 0x00, 0xff);
    end_of_definition();
}

void VgaFunction::reset(Reset kind) {
    PciFunction::reset(kind);
    place();
}

void VgaFunction::config_written(u8 first, u8 last) {
    if ((first <= pci::command && last >= pci::command) || (first < bar0 + 4 && last >= bar0) || (first < rom_bar + 4 && last >= rom_bar)) place();
}

void VgaFunction::place(Aperture& aperture, bool wanted, u32 base, bool writable) {
    const u32 at = wanted ? base : 0;
    if (at == aperture.shown_at) return;
    if (aperture.shown_at != 0) memory_.hide({aperture.shown_at}, aperture.memory);
    if (at != 0) memory_.show({at}, aperture.memory, writable);
    aperture.shown_at = at;
}

void VgaFunction::place() {
    const bool memory = config<u16>(pci::command) & pci::memory_enable;
    const u32 rom = config<u32>(rom_bar);
    place(frame_buffer_, memory, config<u32>(bar0) & address_bits(frame_buffer_.memory), true);
    if (!rom_.memory.empty()) place(rom_, memory && (rom & rom_enable), rom & address_bits(rom_.memory), false);
}

}  // namespace retrace
