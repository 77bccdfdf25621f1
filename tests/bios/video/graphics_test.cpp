// Graphics modes: pixels, characters drawn and recognised, scrolling.
#include <map>

#include "tests/bios/video/bench.hpp"
#include "tests/support/dice.hpp"

namespace retrace::test {

namespace {

struct Graphics {
    u16 mode;
    unsigned width, height, colours, columns, rows, line_height;
};
constexpr std::array graphics_modes{
    Graphics{0x04, 320, 200, 4, 40, 25, 8},    Graphics{0x05, 320, 200, 4, 40, 25, 8},    Graphics{0x06, 640, 200, 2, 80, 25, 8},
    Graphics{0x0d, 320, 200, 16, 40, 25, 8},   Graphics{0x0e, 640, 200, 16, 80, 25, 8},   Graphics{0x10, 640, 350, 16, 80, 25, 14},
    Graphics{0x11, 640, 480, 16, 80, 30, 16},  Graphics{0x12, 640, 480, 16, 80, 30, 16},  Graphics{0x13, 320, 200, 256, 40, 25, 8},
};

u8 pixel(VideoBench& bench, unsigned x, unsigned y, u8 page = 0) {
    return static_cast<u8>(bench.call({.ax = 0x0d00, .bx = u16(page << 8), .cx = u16(x), .dx = u16(y)}).ax);
}

}  // namespace

TEST_CASE_METHOD(VideoBench, "pixels are read as they were written, in every mode") {
    for (const auto& mode : graphics_modes) {
        INFO("mode " << mode.mode);
        set_mode(mode.mode);
        Dice dice{mode.mode};
        std::map<std::pair<unsigned, unsigned>, u8> drawn;
        for (unsigned i = 0; i < 60; ++i) {
            const auto x = unsigned(dice.below(mode.width)), y = unsigned(dice.below(mode.height));
            const u8 value = u8(dice.below(mode.colours));
            const bool exclusive = mode.mode != 0x13 && dice.one_in(3);
            call({.ax = u16(0x0c00 | value | (exclusive ? 0x80 : 0)), .cx = u16(x), .dx = u16(y)});
            drawn[{x, y}] = exclusive ? u8(drawn[{x, y}] ^ value) : value;
        }
        for (const auto& [place, value] : drawn) CHECK(pixel(*this, place.first, place.second) == value);
        // The picture has them where they were put, and nothing else.
        const Frame picture = vga.render();
        unsigned lit = 0;
        for (const u32 each : picture.pixels) lit += each != 0;
        unsigned expected = 0;
        for (const auto& [place, value] : drawn) {
            const bool shows = picture.at(place.first, place.second) != 0;
            CHECK(shows == (value != 0));
            expected += value != 0;
        }
        CHECK(lit == expected);
    }
}

TEST_CASE_METHOD(VideoBench, "characters are recognised by their shape") {
    for (const auto& mode : graphics_modes) {
        INFO("mode " << mode.mode);
        set_mode(mode.mode);
        for (unsigned character = 0; character < 256; character += mode.mode == 0x12 ? 1 : 5) {
            move_cursor(3, 2);
            write(u8(character), u8(mode.colours - 1) & 0x7f);
            const bool blank = character == 0 || character == 255;
            INFO("character " << character);
            CHECK(u8(call({.ax = 0x0800}).ax) == (blank ? ' ' : character));
        }
    }
}

TEST_CASE_METHOD(VideoBench, "characters are drawn line by line as the font has them") {
    for (const auto& mode : graphics_modes) {
        INFO("mode " << mode.mode);
        set_mode(mode.mode);
        const u8 ink = u8(mode.colours - 1);
        move_cursor(u8(mode.columns - 2), 3);
        write('R', ink == 0xff ? 0x0f : ink, 3);  // the third in the next row
        const u32 font = word(0x10e) * 16u + word(0x10c);
        for (unsigned line = 0; line < mode.line_height; ++line) {
            const u8 dots = byte(font + 'R' * mode.line_height + line);
            for (unsigned x = 0; x < 8; ++x) {
                const bool lit = (dots >> (7 - x) & 1) != 0;
                CHECK((pixel(*this, (mode.columns - 1) * 8 + x, 3 * mode.line_height + line) != 0) == lit);
                CHECK((pixel(*this, x, 4 * mode.line_height + line) != 0) == lit);
            }
        }
        // Drawn again with exclusive or it is gone.
        if (mode.mode == 0x13) continue;
        write('R', u8(ink | 0x80), 3);
        CHECK(u8(call({.ax = 0x0800}).ax) == ' ');
        const Frame picture = vga.render();
        unsigned lit = 0;
        for (const u32 each : picture.pixels) lit += each != 0;
        CHECK(lit == 0);
    }
}

TEST_CASE_METHOD(VideoBench, "graphics scroll by rows of characters") {
    for (const auto& mode : graphics_modes) {
        INFO("mode " << mode.mode);
        set_mode(mode.mode);
        const u8 ink = mode.mode == 0x06 ? 1 : 3;
        const unsigned h = mode.line_height;
        call({.ax = u16(0x0c00 | ink), .cx = 33, .dx = u16(6 * h + 3)});
        call({.ax = u16(0x0c00 | ink), .cx = 33, .dx = u16(3 * h)});       // above the window
        call({.ax = u16(0x0c00 | ink), .cx = 200, .dx = u16(6 * h + 3)});  // beside it
        call({.ax = 0x0602, .bx = 0x0000, .cx = 0x0402, .dx = 0x0a08});
        CHECK(pixel(*this, 33, 4 * h + 3) == ink);
        CHECK(pixel(*this, 33, 6 * h + 3) == 0);
        CHECK(pixel(*this, 33, 3 * h) == ink);
        CHECK(pixel(*this, 200, 6 * h + 3) == ink);
        call({.ax = 0x0705, .bx = 0x0000, .cx = 0x0402, .dx = 0x0a08});
        CHECK(pixel(*this, 33, 9 * h + 3) == ink);
        CHECK(pixel(*this, 33, 4 * h + 3) == 0);
        // Teletype on the last row takes the whole screen along.
        move_cursor(0, u8(mode.rows - 1));
        teletype("\n", ink);
        CHECK(pixel(*this, 33, 8 * h + 3) == ink);
    }
}

TEST_CASE_METHOD(VideoBench, "a cleared window has the colour that was asked for") {
    for (const u16 mode : Words{0x0d, 0x12, 0x13}) {
        set_mode(mode);
        call({.ax = 0x0600, .bx = 0x0500, .cx = 0x0101, .dx = 0x0202});
        const u16 h = word(0x485);
        CHECK(pixel(*this, 8, h) == 5);
        CHECK(pixel(*this, 23, 3u * h - 1) == 5);
        CHECK(pixel(*this, 7, h) == 0);
        CHECK(pixel(*this, 24, h) == 0);
        CHECK(pixel(*this, 8, 3u * h) == 0);
    }
}

TEST_CASE_METHOD(VideoBench, "planar modes have pages") {
    for (const u16 mode : Words{0x0d, 0x0e, 0x10}) {
        set_mode(mode);
        call({.ax = 0x0c07, .bx = 0x0100, .cx = 20, .dx = 30});
        CHECK(pixel(*this, 20, 30, 1) == 7);
        CHECK(pixel(*this, 20, 30, 0) == 0);
        CHECK(vga.render().at(20, 30) == 0);
        call({.ax = 0x0501});
        CHECK((crtc(0x0c) << 8 | crtc(0x0d)) == word(0x44c));
        scheduler.run(400'000);  // the start address counts from the next retrace on
        CHECK(vga.render().at(20, 30) != 0);
        teletype("A", 5);
        CHECK(u8(call({.ax = 0x0800, .bx = 0x0100}).ax) == ' ');
        CHECK(cursor(1) == 1);
    }
}

TEST_CASE_METHOD(VideoBench, "a program's own upper half of the font counts in modes 4 to 6") {
    set_mode(4);
    for (u32 i = 0; i < 1024; ++i) memory.write({0x30000 + i}, 1, i < 8 ? 0x81 : 0);
    call({.ax = 0x1120, .bp = 0, .es = 0x3000});
    write(0x80, 3);
    CHECK(pixel(*this, 0, 0) == 3);
    CHECK(pixel(*this, 1, 0) == 0);
    CHECK(pixel(*this, 7, 7) == 3);
    CHECK(u8(call({.ax = 0x0800}).ax) == 0x80);
}

TEST_CASE_METHOD(VideoBench, "the palettes of modes 4 and 5 are chosen as on a CGA") {
    set_mode(4);
    CHECK(attribute(1) == 0x13);
    call({.ax = 0x0b00, .bx = 0x0100});
    CHECK(attribute(1) == 0x12);
    CHECK(attribute(2) == 0x14);
    CHECK(attribute(3) == 0x16);
    call({.ax = 0x0b00, .bx = 0x0009});  // a bright blue ground, dark foregrounds
    CHECK(attribute(0) == 0x11);
    CHECK(attribute(0x11) == 0x11);
    CHECK(attribute(1) == 0x02);
    call({.ax = 0x0b00, .bx = 0x0101});
    CHECK(attribute(3) == 0x07);
    CHECK((byte(0x466) & 0x3f) == 0x29);
}

}  // namespace retrace::test
