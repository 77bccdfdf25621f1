// The VGA's graphics controller: what the processor's reads and writes do to the planes, and how planes become pixels.
//
//   3CE  index (4 bits)      3CF  data
//   GR0  set/reset           GR1  enable set/reset       GR2  colour compare     GR3  0-2: rotate, 3-4: function
//   GR4  read map select     GR5  0-1: write mode, 3: read mode 1, 4: odd/even reads, 5: interleaved shift, 6: 256 colours
//   GR6  0: graphics, 1: chain odd/even, 2-3: window       GR7  colour don't care       GR8  bit mask
//
// Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", Graphics Controller Registers.
#pragma once

#include <array>

#include "core/base/bits.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct GraphicsController {
    u8 index = 0;
    std::array<u8, 9> registers{};

    [[nodiscard]] u8 read() const { return index < registers.size() ? registers[index] : u8{0}; }
    void write(u8 value) {
        constexpr std::array<u8, 9> exists{0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff};
        if (index < registers.size()) registers[index] = value & exists[index];
    }

    [[nodiscard]] u8 set_reset() const { return registers[0]; }
    [[nodiscard]] u8 enable_set_reset() const { return registers[1]; }
    [[nodiscard]] u8 colour_compare() const { return registers[2]; }
    [[nodiscard]] unsigned rotate() const { return bits(registers[3], 0, 3); }
    [[nodiscard]] unsigned function() const { return bits(registers[3], 3, 2); }
    [[nodiscard]] unsigned read_map() const { return registers[4]; }
    [[nodiscard]] unsigned write_mode() const { return bits(registers[5], 0, 2); }
    [[nodiscard]] bool read_compares() const { return bit(registers[5], 3); }
    [[nodiscard]] bool odd_even_reads() const { return bit(registers[5], 4); }
    [[nodiscard]] bool interleaved_shift() const { return bit(registers[5], 5); }
    [[nodiscard]] bool shift_256() const { return bit(registers[5], 6); }
    [[nodiscard]] bool graphics() const { return bit(registers[6], 0); }
    [[nodiscard]] bool chain_odd_even() const { return bit(registers[6], 1); }
    [[nodiscard]] unsigned window() const { return bits(registers[6], 2, 2); }
    [[nodiscard]] u8 colour_care() const { return registers[7]; }
    [[nodiscard]] u8 bit_mask() const { return registers[8]; }
};

template <> inline constexpr auto fields<GraphicsController> = describe(
    field("index", &GraphicsController::index),
    field("registers", &GraphicsController::registers));

}  // namespace retrace
