// The VGA's sequencer: character clock, plane write enable, choice of fonts, how the planes are chained.
//
//   3C4  index (3 bits)      3C5  data
//   SR0  reset               bits 0-1 both 1: running
//   SR1  clocking mode       0: 8 dots a character, not 9; 2, 4: load the shift registers every 2nd, 4th clock; 3: half the dot clock;
//                            5: screen off
//   SR2  map mask            planes that writes reach
//   SR3  character map       fonts A (attribute bit 3 set) and B
//   SR4  memory mode         1: all 256 KiB; 2: no odd/even; 3: chain 4
//
// Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", Sequencer Registers.
#pragma once

#include <array>

#include "core/base/bits.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct Sequencer {
    u8 index = 0;
    std::array<u8, 5> registers{};

    [[nodiscard]] u8 read() const { return index < registers.size() ? registers[index] : u8{0}; }
    void write(u8 value) {
        constexpr std::array<u8, 5> exists{0x03, 0x3d, 0x0f, 0x3f, 0x0e};
        if (index < registers.size()) registers[index] = value & exists[index];
    }

    [[nodiscard]] bool running() const { return (registers[0] & 3) == 3; }
    [[nodiscard]] unsigned dots_per_character() const { return bit(registers[1], 0) ? 8 : 9; }
    [[nodiscard]] bool half_dot_clock() const { return bit(registers[1], 3); }
    [[nodiscard]] bool screen_off() const { return bit(registers[1], 5); }
    [[nodiscard]] u8 map_mask() const { return registers[2]; }
    [[nodiscard]] bool extended_memory() const { return bit(registers[4], 1); }
    [[nodiscard]] bool odd_even() const { return !bit(registers[4], 2); }
    [[nodiscard]] bool chain_four() const { return bit(registers[4], 3); }

    // Where a font begins in plane 2. The eight places are interleaved: the later four lie between the EGA's four.
    [[nodiscard]] u32 font_a() const { return font(bits(registers[3], 2, 2), bit(registers[3], 5)); }
    [[nodiscard]] u32 font_b() const { return font(bits(registers[3], 0, 2), bit(registers[3], 4)); }

private:
    static constexpr u32 font(u32 place, bool between) { return place * 0x4000 + (between ? 0x2000 : 0); }
};

template <> inline constexpr auto fields<Sequencer> = describe(
    field("index", &Sequencer::index),
    field("registers", &Sequencer::registers));

}  // namespace retrace
