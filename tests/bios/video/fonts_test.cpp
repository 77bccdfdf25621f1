// Function 11h and the shapes themselves.
#include <map>

#include "tests/bios/video/bench.hpp"

namespace retrace::test {

namespace {

struct Font {
    u32 address;
    unsigned height;
};
Font font_of(VideoBench& bench, u16 which, unsigned height) {
    const Call at = bench.call({.ax = 0x1130, .bx = u16(which << 8)});
    return {at.es * 16u + at.bp, height};
}
std::vector<u8> shape(VideoBench& bench, Font font, unsigned character) {
    std::vector<u8> lines;
    for (unsigned i = 0; i < font.height; ++i) lines.push_back(bench.byte(font.address + character * font.height + i));
    return lines;
}
std::array<Font, 3> all_fonts(VideoBench& bench) { return {font_of(bench, 6, 16), font_of(bench, 2, 14), font_of(bench, 3, 8)}; }

}  // namespace

TEST_CASE_METHOD(VideoBench, "no two characters of a font look alike, save for the blank ones") {
    for (const Font font : all_fonts(*this)) {
        INFO("height " << font.height);
        std::map<std::vector<u8>, unsigned> seen;
        for (unsigned character = 0; character < 256; ++character) {
            const auto lines = shape(*this, font, character);
            const bool blank = character == 0 || character == 32 || character == 255;
            CHECK((lines == std::vector<u8>(font.height, 0)) == blank);
            if (blank) continue;
            const auto [where, fresh] = seen.emplace(lines, character);
            INFO("characters " << where->second << " and " << character);
            CHECK(fresh);
        }
    }
}

TEST_CASE_METHOD(VideoBench, "letters keep a gap on their right, so that words can be read") {
    for (const Font font : all_fonts(*this))
        for (unsigned character = '!'; character < 0x7f; ++character) {
            if (character == '_') continue;
            INFO("height " << font.height << " character " << char(character));
            u8 all = 0;
            for (const u8 line : shape(*this, font, character)) all |= line;
            CHECK((all & 1) == 0);
        }
}

TEST_CASE_METHOD(VideoBench, "frames join: an arm meets its neighbour's on every side") {
    // Weights of arms up, right, down, left, as the characters' names have them.
    const std::string_view arms =
        "1010" "1011" "1012" "2021" "0021" "0012" "2022" "2020" "0022" "2002" "2001" "1002" "0011" "1100" "1101" "0111" "1110" "0101" "1111" "1210"
        "2120" "2200" "0220" "2202" "0222" "2220" "0202" "2222" "1202" "2101" "0212" "0121" "2100" "1200" "0210" "0120" "2121" "1212" "1001" "0110";
    for (const Font font : all_fonts(*this)) {
        const auto column = [&](unsigned character, unsigned bit) {
            u32 edge = 0;
            for (const u8 line : shape(*this, font, character)) edge = edge << 1 | (line >> bit & 1);
            return edge;
        };
        for (unsigned i = 0; i < arms.size() / 4; ++i) {
            const unsigned character = 0xb3 + i;
            INFO("height " << font.height << " character " << character);
            const auto weight = [&](unsigned arm) { return arms[i * 4 + arm]; };
            const auto lines = shape(*this, font, character);
            const auto upright = [](char w) { return w == '0' ? 0 : w == '1' ? 0x18 : 0x66; };
            const auto level = [&](char w) { return w == '0' ? 0u : column(w == '1' ? 0xc4 : 0xcd, 0); };
            CHECK(lines.front() == upright(weight(0)));
            CHECK(lines.back() == upright(weight(2)));
            CHECK(column(character, 0) == level(weight(1)));
            CHECK(column(character, 7) == level(weight(3)));
        }
    }
}

TEST_CASE_METHOD(VideoBench, "a font of another height changes rows, cursor and page") {
    struct Fit { u16 ax; unsigned height, rows, page, lines; };
    for (const auto& each : {Fit{0x1112, 8, 50, 0x2000, 400}, Fit{0x1111, 14, 28, 0x1800, 392}, Fit{0x1114, 16, 25, 0x1000, 400}}) {
        call({.ax = each.ax});
        CHECK(word(0x485) == each.height);
        CHECK(byte(0x484) == each.rows - 1);
        CHECK(word(0x44c) == each.page);
        CHECK(vga.render().height == each.lines);
        const auto screen = vga.text();
        REQUIRE(screen);
        CHECK(screen->rows == each.rows);
        move_cursor(0, u8(each.rows - 1));
        teletype("low");
        CHECK(row(each.rows - 1) == "low");
        call({.ax = 0x0600, .bx = 0x0700, .cx = 0, .dx = 0xffff});
        const Call at = call({.ax = 0x1130, .bx = 0x0100});
        CHECK(at.cx == each.height);
        CHECK((at.dx & 0xff) == each.rows - 1);
    }
    call({.ax = 0x1201, .bx = 0x30});
    set_mode(3);
    call({.ax = 0x1112});
    CHECK(byte(0x484) == 42);
    CHECK(vga.render().height == 344);
}

TEST_CASE_METHOD(VideoBench, "characters of one's own show, and registers are as before") {
    const u8 map_mask = sequencer(2), memory_mode = sequencer(4), mode = graphics(5), window = graphics(6);
    for (u32 i = 0; i < 16; ++i) memory.write({0x3000 + i}, 1, 0xff);
    call({.ax = 0x1100, .bx = 0x1000, .cx = 1, .dx = 'A', .bp = 0x3000});
    CHECK(sequencer(2) == map_mask);
    CHECK(sequencer(4) == memory_mode);
    CHECK(graphics(5) == mode);
    CHECK(graphics(6) == window);
    write('A', 0x0f);
    const Frame picture = vga.render();
    for (unsigned y = 0; y < 16; ++y)
        for (unsigned x = 0; x < 8; ++x) CHECK(picture.at(x, y) == 0xffffff);
    CHECK(byte(0x484) == 24);
}

TEST_CASE_METHOD(VideoBench, "a second font is loaded into a block and chosen by attribute bit 3") {
    for (u32 i = 0; i < 16; ++i) memory.write({0x3000 + i}, 1, 0x80);
    call({.ax = 0x1100, .bx = 0x1005, .cx = 1, .dx = 'A', .bp = 0x3000});
    call({.ax = 0x1103, .bx = 0x0024});  // set: block 5, clear: block 0
    CHECK(sequencer(3) == 0x24);
    write('A', 0x0f);
    const Frame picture = vga.render();
    CHECK(picture.at(0, 1) == 0xffffff);
    CHECK(picture.at(3, 6) == 0);
}

TEST_CASE_METHOD(VideoBench, "graphics fonts bring their rows with them") {
    set_mode(0x12);
    call({.ax = 0x1123, .bx = 0x0000, .dx = 60});
    CHECK(word(0x485) == 8);
    CHECK(byte(0x484) == 59);
    move_cursor(1, 59);
    write('x', 15);
    CHECK(u8(call({.ax = 0x0800}).ax) == 'x');
    call({.ax = 0x1122, .bx = 0x0003});
    CHECK(byte(0x484) == 42);
    CHECK(word(0x485) == 14);
}

}  // namespace retrace::test
