// The VGA's colour look-up table and DAC: 256 colours of 3 x 6 bits (Inmos IMS G171 and its like), or of 3 x 8 on adapters that can.
//
//   3C6  pixel mask
//   3C7  write: read from this index on (the chip fetches that colour and steps at once); read: 0 writing, 3 reading
//   3C8  write: write from this index on; read: the index register
//   3C9  red, green, blue by turns; the third steps the index
#pragma once

#include <array>

#include "core/base/types.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct Dac {
    u8 mask = 0xff;
    u8 index = 0;
    u8 component = 0;      // whose turn it is
    bool reading = false;
    bool eight_bits = false;
    std::array<u8, 3> held{};         // the colour being read or put together
    std::array<u8, 3 * 256> colours{};

    [[nodiscard]] u8 status() const { return reading ? 3 : 0; }
    [[nodiscard]] u8 peek_data() const { return held[component]; }

    void start_reading(u8 from) {
        index = from;
        component = 0;
        reading = true;
        fetch();
    }
    void start_writing(u8 from) {
        index = from;
        component = 0;
        reading = false;
    }
    u8 read_data() {
        const u8 value = held[component];
        if (++component == 3) {
            component = 0;
            fetch();
        }
        return value;
    }
    void write_data(u8 value) {
        held[component] = eight_bits ? value : value & 0x3f;
        if (++component == 3) {
            component = 0;
            for (unsigned i = 0; i < 3; ++i) colours[index * 3u + i] = held[i];
            ++index;
        }
    }

    // The colours stay as they look.
    void set_eight_bits(bool eight) {
        if (eight == eight_bits) return;
        eight_bits = eight;
        for (u8& part : colours) part = static_cast<u8>(eight ? part << 2 | part >> 4 : part >> 2);
    }

    // What the monitor gets for a pixel, as 00RRGGBBh.
    [[nodiscard]] u32 rgb(u8 pixel) const {
        const u8* colour = &colours[(pixel & mask) * 3u];
        const auto wide = [this](u32 value) { return eight_bits ? value : value << 2 | value >> 4; };
        return wide(colour[0]) << 16 | wide(colour[1]) << 8 | wide(colour[2]);
    }

private:
    void fetch() {
        for (unsigned i = 0; i < 3; ++i) held[i] = colours[index * 3u + i];
        ++index;
    }
};

template <> inline constexpr auto fields<Dac> = describe(
    field("mask", &Dac::mask),
    field("index", &Dac::index),
    field("component", &Dac::component),
    field("reading", &Dac::reading),
    field("eight_bits", &Dac::eight_bits),
    field("held", &Dac::held),
    field("colours", &Dac::colours));

}  // namespace retrace
