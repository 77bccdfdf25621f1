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

Crtc::Addressing Crtc::addressing(unsigned row_scan) const {
    Addressing result{0, 0, 0, 0xffff, 0};
    if (bit(registers[0x14], 6)) {
        result.shift = 2;
        result.wrapped_from = 14;
        result.wrapped = 3;
    } else if (!bit(registers[0x17], 6)) {
        result.shift = 1;
        result.wrapped_from = bit(registers[0x17], 5) ? 15 : 13;
        result.wrapped = 1;
    }
    for (const unsigned which : {0u, 1u}) {
        if (bit(registers[0x17], which)) continue;
        result.kept &= ~(0x2000u << which);
        result.row |= bit(row_scan, which) ? 0x2000u << which : 0;
    }
    return result;
}

}  // namespace retrace
