#include "devices/video/crtc.hpp"

namespace retrace {

void Crtc::write(u8 value) {
    constexpr std::array<u8, 25> exists{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0x3f, 0x7f, 0xff,
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0xff, 0xff, 0xef, 0xff};
    if (index >= registers.size()) return;
    const bool read_only = index <= 7 && bit(registers[0x11], 7);
    if (!read_only) registers[index] = value & exists[index];
    else if (index == 7) registers[7] = with(registers[7], u8{0x10}, bit(value, 4));  // the line compare's ninth bit stays writable
}

unsigned Crtc::retrace_lines() const {
    // It ends when the low four bits of the line counter match.
    const unsigned lines = (registers[0x11] - registers[0x10]) & 0x0fu;
    return (lines == 0 ? 16 : lines) * line_unit();
}

u16 Crtc::address(u16 counter, unsigned row_scan) const {
    unsigned address = counter;
    if (bit(registers[0x14], 6)) {
        address = counter << 2 | counter >> 14;
    } else if (!bit(registers[0x17], 6)) {
        address = counter << 1 | (bit(registers[0x17], 5) ? counter >> 15 & 1 : counter >> 13 & 1);
    }
    if (!bit(registers[0x17], 0)) address = with(address, 0x2000u, bit(row_scan, 0));
    if (!bit(registers[0x17], 1)) address = with(address, 0x4000u, bit(row_scan, 1));
    return static_cast<u16>(address);
}

}  // namespace retrace
