// The VGA's attribute controller: from four-bit pixels to the DAC's index; blinking and panning.
//
//   3C0  index, then data, by turns (a read of the status register makes the next write an index)
//        index bit 5: the palette belongs to the screen; else to the processor, and the screen shows the border's colour
//   3C1  data, for reading
//   AR0-F palette            AR10 0: graphics, 2: line graphics, 3: blink, 5: panning ends at the split, 6: 256 colours, 7: P5-4 from AR14
//   AR11  border             AR12 0-3: planes shown, 4-5: what the status register shows
//   AR13  panning            AR14 0-1: P5-4, 2-3: P7-6
//
// Source: IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem", Attribute Controller Registers.
#pragma once

#include <array>

#include "core/base/bits.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct AttributeController {
    u8 index = 0;  // six bits: with the palette's owner
    bool expects_data = false;
    std::array<u8, 21> registers{};

    void write(u8 value) {
        constexpr std::array<u8, 21> exists{0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0x3f,
                                            0x3f, 0x3f, 0x3f, 0x3f, 0x3f, 0xef, 0xff, 0x3f, 0x0f, 0x0f};
        if (expects_data) {
            const unsigned at = index & 0x1f;
            const bool out_of_reach = at < 16 && palette_shown();
            if (at < registers.size() && !out_of_reach) registers[at] = value & exists[at];
        } else {
            index = value & 0x3f;
        }
        expects_data = !expects_data;
    }
    [[nodiscard]] u8 read() const {
        const unsigned at = index & 0x1f;
        return at < registers.size() ? registers[at] : u8{0};
    }

    [[nodiscard]] bool palette_shown() const { return bit(index, 5); }
    [[nodiscard]] bool line_graphics() const { return bit(registers[0x10], 2); }
    [[nodiscard]] bool blink() const { return bit(registers[0x10], 3); }
    [[nodiscard]] bool panning_ends_at_split() const { return bit(registers[0x10], 5); }
    [[nodiscard]] bool colours_256() const { return bit(registers[0x10], 6); }
    [[nodiscard]] u8 border() const { return registers[0x11]; }
    [[nodiscard]] u8 planes_shown() const { return registers[0x12] & 0x0f; }
    [[nodiscard]] unsigned status_choice() const { return bits(registers[0x12], 4, 2); }
    [[nodiscard]] unsigned panning() const { return registers[0x13]; }

    // The DAC's index for a four-bit pixel; blinking in graphics turns bit 3 over, shown or not.
    [[nodiscard]] u8 colour(unsigned pixel, bool turned_over = false) const {
        const u8 palette = registers[(pixel & planes_shown()) ^ (turned_over ? 8u : 0u)];
        const u8 select = registers[0x14];
        const u8 low = bit(registers[0x10], 7) ? static_cast<u8>((palette & 0x0f) | (select & 3) << 4) : palette;
        return static_cast<u8>(low | (select & 0x0c) << 4);
    }
};

template <> inline constexpr auto fields<AttributeController> = describe(
    field("index", &AttributeController::index),
    field("expects_data", &AttributeController::expects_data),
    field("registers", &AttributeController::registers));

}  // namespace retrace
