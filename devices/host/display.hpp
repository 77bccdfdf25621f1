// What a display adapter shows, as the outside takes it. Looking is a pull: a front end asks the adapter's const functions
// between slices, and nothing the guest can see depends on having been looked at.
#pragma once

#include <optional>
#include <vector>

#include "core/base/types.hpp"

namespace retrace {

// The picture as the guest's mode has it, one pixel a guest pixel, rows from the top; lines that the adapter shows twice
// are one row here.
struct Frame {
    unsigned width = 0, height = 0;
    // Width to height of one pixel: with it the whole picture is 4:3, as the monitors of the time show every mode.
    unsigned pixel_aspect_x = 1, pixel_aspect_y = 1;
    std::vector<u32> pixels;  // 00RRGGBBh

    [[nodiscard]] u32 at(unsigned x, unsigned y) const { return pixels[std::size_t{y} * width + x]; }
    bool operator==(const Frame&) const = default;
};

// What a text mode shows, in characters of the adapter's own code (page 437 unless the guest loaded fonts).
struct TextScreen {
    struct Cell {
        u8 character = 0, attribute = 0;
        bool operator==(const Cell&) const = default;
    };
    struct Cursor {
        unsigned column = 0, row = 0;
        bool operator==(const Cursor&) const = default;
    };

    unsigned columns = 0, rows = 0;
    std::vector<Cell> cells;       // row by row
    std::optional<Cursor> cursor;  // if it is on and on the screen; blinking does not matter

    [[nodiscard]] const Cell& at(unsigned column, unsigned row) const { return cells[std::size_t{row} * columns + column]; }
    bool operator==(const TextScreen&) const = default;
};

}  // namespace retrace
