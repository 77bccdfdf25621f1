// Dispi: the registers by which Bochs' display adapter, and QEMU's after it, sets pictures that a VGA cannot show: packed pixels of 8 to
// 32 bits in a linear frame buffer. ("Bochs VBE display interface", iodev/display/vga.h of Bochs; register layout only.)
//
//   1CE  r/w 16 bits  index          1CF  r/w 16 bits  data
//   0  identification: B0C0h to B0C5h may be written; B0C5h after a reset
//   1, 2, 3  width (a multiple of 8), height, bits a pixel (8, 15, 16, 24, 32; 0 means 8); fixed while enabled. With bit 1 of
//      register 4 they read as the most there is
//   4  0: enabled; 1: see 1-3; 5: the DAC has 8 bits; 6: linear frame buffer (it is there always); 7: enabling keeps memory
//   5  which 64 KiB show at A0000h
//   6  pixels from line to line; not less than the width       7  lines that memory then has (read only)
//   8, 9  the pixel and line in the upper left corner          A  memory in units of 64 KiB (read only)
//
// Enabling sets 5, 8 and 9 to 0 and 6 to the width, and clears the memory unless told to keep it. What would reach beyond memory is not
// taken.
#pragma once

#include <cstddef>

#include "core/base/bits.hpp"
#include "core/state/describe.hpp"

namespace retrace {

struct Dispi {
    static constexpr u16 most_width = 2560, most_height = 1600;
    static constexpr u16 enable_bit = 0x01, capabilities_bit = 0x02, eight_bit_dac = 0x20, keep_memory = 0x80;

    u16 index = 0;
    u16 identification = 0xb0c5;
    u16 width = 0, height = 0, depth = 8;
    u16 control = 0;
    u16 bank = 0;
    u16 pitch = 0;       // in pixels
    u16 left = 0, top = 0;

    // What a write asks the adapter to do besides.
    enum class Effect : u8 { None, Changed, Cleared, Refused };

    [[nodiscard]] u16 read(std::size_t memory) const;
    Effect write(u16 value, std::size_t memory);

    [[nodiscard]] bool enabled() const { return control & enable_bit; }
    [[nodiscard]] bool dac_has_8_bits() const { return control & eight_bit_dac; }
    [[nodiscard]] unsigned pixel_bytes() const { return (depth + 7u) / 8; }
    [[nodiscard]] std::size_t line_bytes() const { return std::size_t{pitch} * pixel_bytes(); }
    // Where the picture begins.
    [[nodiscard]] std::size_t start() const { return top * line_bytes() + std::size_t{left} * pixel_bytes(); }
    // True if all of the picture lies in memory; loaded state that says otherwise is not shown.
    [[nodiscard]] bool fits(std::size_t memory) const;

private:
    Effect enable(u16 value, std::size_t memory);
    // Takes a value into a register if the picture still lies in memory then.
    Effect take(u16 Dispi::*field, u16 value, std::size_t memory);
};

template <> inline constexpr auto fields<Dispi> = describe(
    field("index", &Dispi::index),
    field("identification", &Dispi::identification),
    field("width", &Dispi::width),
    field("height", &Dispi::height),
    field("depth", &Dispi::depth),
    field("control", &Dispi::control),
    field("bank", &Dispi::bank),
    field("pitch", &Dispi::pitch),
    field("left", &Dispi::left),
    field("top", &Dispi::top));

}  // namespace retrace
