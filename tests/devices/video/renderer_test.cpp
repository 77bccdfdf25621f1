// Pictures of every standard mode against expectations made by hand.
#include "devices/video/renderer.hpp"

#include <algorithm>

#include "tests/devices/video/modes.hpp"

using namespace retrace;
using namespace retrace::test;

TEST_CASE_METHOD(VgaBench, "mode 13h shows a byte a pixel, 320 by 200") {
    set_mode(mode_13h);
    set_colours();
    for (u32 i = 0; i < 64000; ++i) put(0xa0000 + i, static_cast<u8>(i * 5 + i / 320));
    const Frame frame = vga.render();
    REQUIRE(frame.width == 320);
    REQUIRE(frame.height == 200);
    CHECK(frame.pixel_aspect_x == 5);
    CHECK(frame.pixel_aspect_y == 6);
    bool alike = true;
    for (u32 i = 0; i < 64000; ++i) alike = alike && frame.pixels[i] == rgb(static_cast<u8>(i * 5 + i / 320));
    CHECK(alike);
    CHECK_FALSE(vga.text());
}

TEST_CASE_METHOD(VgaBench, "the DAC mask hides bits of every pixel") {
    set_mode(mode_13h);
    set_colours();
    put(0xa0000, 0xff);
    ports.write8(0x3c6, 0x0f);
    CHECK(vga.render().at(0, 0) == rgb(0x0f));
}

TEST_CASE_METHOD(VgaBench, "80-column text is 720 by 400, nine dots a character, in the cell's colours") {
    set_mode(mode_03h);
    set_colours();
    put_font('A', {0x18, 0x81, 0xff});
    put_font(0xc4, {0x01, 0xff});
    set_crtc(0x0a, 0x20);
    put_cell(0, 'A', 0x1e);
    put_cell(81, 0xc4, 0x1e);
    const Frame frame = vga.render();
    REQUIRE(frame.width == 720);
    REQUIRE(frame.height == 400);
    CHECK(frame.pixel_aspect_x == 20);
    CHECK(frame.pixel_aspect_y == 27);
    const u32 yellow = rgb(0x3e), blue = rgb(0x01);
    const auto row = [&](unsigned x, unsigned y) {
        std::string dots;
        for (unsigned i = 0; i < 9; ++i) {
            const u32 dot = frame.at(x + i, y);
            dots += dot == yellow ? '#' : dot == blue ? '.' : '?';
        }
        return dots;
    };
    CHECK(row(0, 0) == "...##....");
    CHECK(row(0, 1) == "#......#.");
    CHECK(row(0, 2) == "########.");
    CHECK(row(0, 15) == ".........");
    CHECK(row(9, 16) == ".......##");  // line graphics repeat the eighth dot
    CHECK(row(9, 17) == "#########");
    CHECK(frame.at(20, 0) == rgb(0));
}

TEST_CASE_METHOD(VgaBench, "the text screen is read where the start address says, and at the next retrace only") {
    set_mode(mode_03h);
    for (unsigned i = 0; i < 4000; ++i) put_cell(i, static_cast<u8>('a' + i % 26), static_cast<u8>(i));
    set_crtc(0x0e, 0x00);
    set_crtc(0x0f, 85);
    auto screen = vga.text();
    REQUIRE(screen);
    CHECK(screen->columns == 80);
    CHECK(screen->rows == 25);
    CHECK(screen->at(3, 2) == TextScreen::Cell{static_cast<u8>('a' + 163 % 26), 163});
    CHECK(screen->cursor == TextScreen::Cursor{5, 1});
    scheduler.run(2'000'000);
    set_crtc(0x0d, 80);
    const u64 retraces_away = [&] { VgaBench twin; load_state(twin, save(*this)); twin.restored(); return twin.steps_until(0x08, true); }();
    if (retraces_away > 1) {
        scheduler.run(retraces_away - 1);
        CHECK(vga.text()->at(0, 0).attribute == 0);
        scheduler.run(1);
    }
    CHECK(vga.text()->at(0, 0).attribute == 80);
    CHECK(vga.text()->cursor == TextScreen::Cursor{5, 0});
}

namespace {

// Benches whose palette is recognisable, and dots as the hexadecimal digits of four-bit pixels.
struct PictureBench : VgaBench {
    Mode mode{};

    void show(const Mode& wanted) {
        mode = wanted;
        set_mode(wanted);
        set_colours();
    }
    [[nodiscard]] std::string dots(const Frame& frame, unsigned x, unsigned y, unsigned count) const {
        std::string text;
        for (unsigned i = 0; i < count; ++i) {
            char digit = '?';
            for (unsigned pixel = 16; pixel-- > 0;)
                if (frame.at(x + i, y) == rgb(mode.attribute[pixel])) digit = "0123456789abcdef"[pixel];
            text += digit;
        }
        return text;
    }
    [[nodiscard]] std::string dots(unsigned x, unsigned y, unsigned count) const { return dots(vga.render(), x, y, count); }
    [[nodiscard]] std::string size() const {
        const Frame frame = vga.render();
        return std::to_string(frame.width) + "x" + std::to_string(frame.height);
    }
    // Eight pixels at a plane address, by the usual way: map mask and plain writes.
    void put_pixels(u32 address, const std::string& digits) {
        for (u8 plane = 0; plane < 4; ++plane) {
            u8 byte = 0;
            for (unsigned i = 0; i < 8; ++i) {
                const unsigned pixel = static_cast<unsigned>(digits[i] <= '9' ? digits[i] - '0' : digits[i] - 'a' + 10);
                byte = static_cast<u8>(byte << 1 | (pixel >> plane & 1));
            }
            set_sequencer(2, static_cast<u8>(1 << plane));
            put(0xa0000 + address, byte);
        }
        set_sequencer(2, 0x0f);
    }
    void next_frame(unsigned frames = 1) {
        for (; frames != 0; --frames) {
            // In strides shorter than any retrace.
            while ((status() & 0x08) != 0) scheduler.run(700);
            while ((status() & 0x08) == 0) scheduler.run(700);
        }
    }
    // What `look` says in each of the next frames.
    template <class F>
    std::string over_frames(unsigned frames, F look) {
        std::string seen;
        for (unsigned i = 0; i < frames; ++i) {
            next_frame();
            seen += look();
        }
        return seen;
    }
};

}  // namespace

TEST_CASE_METHOD(PictureBench, "mode 4 is 320 by 200 in four colours, odd rows 8 KiB further on") {
    show(mode_04h);
    put(0xb8000, 0x1b);
    put(0xb8001, 0xe4);
    put(0xba000, 0xff);
    put(0xb8050, 0x55);
    put(0xb8000 + 99 * 80 + 79, 0x03);
    put(0xba000 + 99 * 80 + 79, 0x02);
    CHECK(size() == "320x200");
    CHECK(dots(0, 0, 10) == "0123321000");
    CHECK(dots(0, 1, 10) == "3333000000");
    CHECK(dots(0, 2, 10) == "1111000000");
    CHECK(dots(310, 198, 10) == "0000000003");
    CHECK(dots(310, 199, 10) == "0000000002");
}

TEST_CASE_METHOD(PictureBench, "mode 6 is 640 by 200 in two colours") {
    show(mode_06h);
    put(0xb8000, 0xa5);
    put(0xba000, 0x0f);
    put(0xb8000 + 80 + 1, 0x81);
    CHECK(size() == "640x200");
    CHECK(vga.render().at(0, 0) == rgb(0x17));
    CHECK(dots(0, 0, 8) == "10100101");
    CHECK(dots(0, 1, 8) == "00001111");
    CHECK(dots(8, 2, 8) == "10000001");
}

TEST_CASE_METHOD(PictureBench, "the planar modes have their sizes and sixteen colours") {
    const std::pair<const Mode*, std::string> modes[]{{&mode_0dh, "320x200"}, {&mode_0eh, "640x200"}, {&mode_10h, "640x350"}, {&mode_12h, "640x480"}};
    for (const auto& [which, expected] : modes) {
        vga.reset(Reset::PowerOn);
        show(*which);
        const u32 row = which == &mode_0dh ? 40 : 80;
        put_pixels(0, "01234567");
        put_pixels(1, "89abcdef");
        put_pixels(row, "fedcba98");
        put_pixels(row * (vga.render().height - 1) + row - 1, "0000000e");
        INFO(expected);
        CHECK(size() == expected);
        const Frame frame = vga.render();
        CHECK(dots(frame, 0, 0, 17) == "0123456789abcdef0");
        CHECK(dots(frame, 0, 1, 9) == "fedcba980");
        CHECK(dots(frame, frame.width - 2, frame.height - 1, 2) == "0e");
    }
}

TEST_CASE_METHOD(PictureBench, "each mode's pixel aspect makes the picture 4:3") {
    const Mode* const modes[]{&mode_01h, &mode_03h, &mode_04h, &mode_06h, &mode_07h, &mode_0dh, &mode_10h, &mode_12h, &mode_13h, &mode_x};
    for (const Mode* which : modes) {
        show(*which);
        const Frame frame = vga.render();
        CHECK(frame.width * frame.pixel_aspect_x * 3 == frame.height * frame.pixel_aspect_y * 4);
    }
    CHECK(vga.render().pixel_aspect_x == 1);  // mode X has square ones
    CHECK(vga.render().pixel_aspect_y == 1);
}

TEST_CASE_METHOD(PictureBench, "mode X is 320 by 240, a plane every fourth pixel, with pages") {
    show(mode_x);
    for (u8 plane = 0; plane < 4; ++plane) {
        set_sequencer(2, static_cast<u8>(1 << plane));
        for (u32 i = 0; i < 80 * 240; ++i) put(0xa0000 + i, static_cast<u8>(i * 4 + plane));
        for (u32 i = 0; i < 80 * 240; ++i) put(0xa0000 + 80 * 240 + i, static_cast<u8>(i * 4 + plane + 100));
    }
    CHECK(size() == "320x240");
    const auto shows = [this](unsigned more) {
        const Frame frame = vga.render();
        for (u32 i = 0; i < 320 * 240; ++i)
            if (frame.pixels[i] != rgb((i + more) & 0xff)) return false;
        return true;
    };
    CHECK(shows(0));
    set_crtc(0x0c, 80 * 240 >> 8);
    next_frame();
    CHECK(shows(100));
}

TEST_CASE_METHOD(PictureBench, "tweaked modes come out in the size they are programmed to") {
    show(mode_x);
    set_crtc(0x09, 0x40);
    CHECK(size() == "320x480");
    show(mode_13h);
    set_sequencer(4, 6);
    set_crtc(0x14, 0x00);
    set_crtc(0x17, 0xe3);
    set_crtc(0x09, 0x40);
    CHECK(size() == "320x400");
    set_crtc(0x09, 0x43);
    CHECK(size() == "320x100");
    // 360 by 480, as M. Abrash gives it (Programmer's Journal, January 1989).
    show(mode_x);
    ports.write8(0x3c2, 0xe7);
    set_crtc(0x11, 0x2c);
    constexpr std::pair<u8, u8> wider[]{{0, 0x6b}, {1, 0x59}, {2, 0x5a}, {3, 0x8e}, {4, 0x5e}, {5, 0x8a}, {9, 0x40}, {0x13, 0x2d}};
    for (const auto& [index, value] : wider) set_crtc(index, value);
    set_sequencer(2, 0x02);
    put(0xa0000 + 90 * 479 + 89, 0x77);
    CHECK(size() == "360x480");
    CHECK(vga.render().at(357, 479) == rgb(0x77));
    CHECK(vga.render().at(356, 479) == rgb(0));
}

TEST_CASE_METHOD(PictureBench, "40-column text is 360 by 400 and 8-dot text 640 by 400") {
    show(mode_01h);
    CHECK(size() == "360x400");
    put_font('B', {0xf0});
    put_cell(40, 'B', 0x07);
    set_crtc(0x0a, 0x20);
    CHECK(dots(0, 16, 10) == "7777000000");
    CHECK(vga.text()->columns == 40);
    show(mode_03h);
    set_sequencer(1, 1);
    CHECK(size() == "640x400");
    put_font(0xc4, {0xff});
    put_cell(80, 0xc4, 0x07);
    set_crtc(0x0a, 0x20);
    CHECK(dots(0, 16, 10) == "7777777700");
}

TEST_CASE_METHOD(PictureBench, "the ninth dot is background, but for line graphics, and for these only if enabled") {
    show(mode_03h);
    set_crtc(0x0a, 0x20);
    put_font('_', {0xff});
    put_font(0xdf, {0xff});
    put_font(0xe0, {0xff});
    put_cell(0, '_', 0x17);
    put_cell(1, 0xdf, 0x17);
    put_cell(2, 0xe0, 0x17);
    CHECK(dots(0, 0, 27) == "777777771777777777777777771");
    set_attribute(0x10, 0x08);
    CHECK(dots(0, 0, 27) == "777777771777777771777777771");
}

TEST_CASE_METHOD(PictureBench, "the cursor covers its scan lines of its cell, eight frames on and eight off") {
    show(mode_03h);
    set_crtc(0x0a, 13);
    set_crtc(0x0b, 14);
    set_crtc(0x0f, 81);
    put_cell(81, ' ', 0x1e);
    const std::string seen = over_frames(64, [&] { return dots(9, 16 + 13, 1); });
    CHECK(seen.find("1eeeeeeee11111111e") != std::string::npos);
    while (dots(9, 16 + 13, 1) != "e") next_frame();
    const Frame frame = vga.render();
    CHECK(dots(frame, 8, 16 + 13, 11) == "0eeeeeeeee0");
    CHECK(dots(frame, 9, 16 + 14, 1) == "e");
    CHECK(dots(frame, 9, 16 + 12, 1) == "1");
    CHECK(dots(frame, 9, 16 + 15, 1) == "1");
    set_crtc(0x0b, 14 | 2 << 5);
    CHECK(dots(9 + 2 * 9, 16 + 13, 1) == "0");  // skewed by two cells, whose foreground is black here
    CHECK(dots(9, 16 + 13, 1) == "1");
    CHECK(vga.text()->cursor == TextScreen::Cursor{3, 1});
    set_crtc(0x0b, 12);
    CHECK(dots(9, 16 + 13, 1) == "1");  // the end before the start: none
    CHECK_FALSE(vga.text()->cursor);
    set_crtc(0x0b, 14);
    set_crtc(0x0a, 13 | 0x20);
    CHECK(dots(9, 16 + 13, 1) == "1");
    CHECK_FALSE(vga.text()->cursor);
}

TEST_CASE_METHOD(PictureBench, "attribute bit 7 blinks, sixteen frames on and sixteen off, or is bright background") {
    show(mode_03h);
    set_crtc(0x0a, 0x20);
    put_font('B', {0xf0});
    put_cell(0, 'B', 0x9e);
    const std::string seen = over_frames(96, [&] { return dots(0, 0, 1); });
    CHECK(seen.find("1eeeeeeeeeeeeeeee1111111111111111e") != std::string::npos);
    set_attribute(0x10, 0x04);
    CHECK(over_frames(40, [&] { return dots(0, 0, 5).substr(3) == "e9" ? "" : "?"; }) == "");
}

TEST_CASE_METHOD(PictureBench, "attribute bit 3 chooses between two fonts when they differ") {
    show(mode_03h);
    set_crtc(0x0a, 0x20);
    put_font('F', {0x80}, 0x0000);
    put_font('F', {0x40}, 0x4000);
    put_font('F', {0x20}, 0x2000);
    put_cell(0, 'F', 0x02);
    put_cell(1, 'F', 0x0a);
    CHECK(dots(0, 0, 18) == "200000000a00000000");
    set_sequencer(3, 1 << 2);  // A: 4000h, B: 0
    CHECK(dots(0, 0, 18) == "2000000000a0000000");
    set_sequencer(3, 1 << 4);  // A: 0, B: 2000h
    CHECK(dots(0, 0, 18) == "002000000a00000000");
}

TEST_CASE_METHOD(PictureBench, "mode 7 underlines attribute 01h and shows MDA's looks") {
    show(mode_07h);
    set_crtc(0x0a, 0x20);
    for (const auto& [cell, look] : {std::pair<unsigned, u8>{0, 0x01}, {1, 0x07}, {2, 0x0f}, {3, 0x70}}) {
        put(0xb0000 + 2 * cell, ' ');
        put(0xb0000 + 2 * cell + 1, look);
    }
    const Frame frame = vga.render();
    const u32 lit = rgb(0x08), dark = rgb(0x00);
    CHECK(frame.at(0, 13) == lit);
    CHECK(frame.at(8, 13) == lit);
    CHECK(frame.at(0, 12) == dark);
    CHECK(frame.at(9, 13) == dark);
    CHECK(frame.at(18, 13) == dark);
    CHECK(frame.at(27, 0) == lit);
}

TEST_CASE_METHOD(PictureBench, "below the line compare the screen shows address 0") {
    show(mode_13h);
    for (u32 i = 0; i < 64000; ++i) put(0xa0000 + i, static_cast<u8>(i / 320));
    set_crtc(0x0c, 100 * 80 >> 8);
    set_crtc(0x0d, 100 * 80 & 0xff);
    set_crtc(0x18, 2 * 60 - 1);
    set_crtc(0x07, 0x0f);
    set_crtc(0x09, 0x01);
    set_crtc(0x11, 0x0e);
    set_crtc(0x07, 0x0f);
    next_frame();
    const Frame frame = vga.render();
    CHECK(frame.at(0, 0) == rgb(100));
    CHECK(frame.at(0, 59) == rgb(159));
    CHECK(frame.at(0, 60) == rgb(0));
    CHECK(frame.at(0, 199) == rgb(139));
}

TEST_CASE_METHOD(PictureBench, "panning moves the picture to the left by dots, by pixels in 256 colours, and by characters and scan lines") {
    show(mode_0dh);
    put_pixels(0, "01234567");
    put_pixels(1, "89abcdef");
    put_pixels(40, "fffffff7");
    set_attribute(0x13, 3);
    CHECK(dots(0, 0, 14) == "3456789abcdef0");
    CHECK(dots(317, 0, 3) == "fff");  // what comes in from the right is the next address
    set_crtc(0x08, 0x20);
    CHECK(dots(0, 0, 6) == "bcdef0");

    show(mode_13h);
    for (u32 i = 0; i < 8; ++i) put(0xa0000 + i, static_cast<u8>(0x20 + i));
    set_attribute(0x13, 4);
    CHECK(vga.render().at(0, 0) == rgb(0x22));

    show(mode_03h);
    set_crtc(0x0a, 0x20);
    put_font('P', {0x81, 0x42, 0x24, 0x18});
    put_cell(0, 'P', 7);
    CHECK(dots(0, 0, 9) == "700000070");
    set_attribute(0x13, 0);  // nine dots: 8 is the place of rest
    CHECK(dots(0, 0, 9) == "000000700");
    set_attribute(0x13, 8);
    set_crtc(0x08, 2);
    CHECK(dots(0, 0, 9) == "007007000");
    put_cell(80, 'P', 7);
    CHECK(dots(0, 14, 9) == "700000070");
    CHECK(vga.text()->at(0, 1).character == 'P');
}

TEST_CASE_METHOD(PictureBench, "panning ends at the split if AR10 says so") {
    show(mode_0dh);
    put_pixels(0, "01234567");
    set_crtc(0x18, 2 * 100 - 1);
    set_crtc(0x09, 0x80);
    set_crtc(0x11, 0x0e);
    set_crtc(0x07, 0x0f);
    set_attribute(0x13, 2);
    CHECK(dots(0, 0, 4) == "2345");
    CHECK(dots(0, 99, 4) == "0000");
    CHECK(dots(0, 100, 4) == "2345");
    set_attribute(0x10, 0x21);
    CHECK(dots(0, 0, 4) == "2345");
    CHECK(dots(0, 100, 4) == "0123");
}

TEST_CASE_METHOD(PictureBench, "colours go through plane enable, palette, colour select and DAC") {
    show(mode_12h);
    put_pixels(0, "05af0000");
    const auto colours = [this] { const Frame frame = vga.render(); return std::vector<u32>{frame.at(1, 0), frame.at(2, 0), frame.at(3, 0)}; };
    CHECK(colours() == std::vector{rgb(0x05), rgb(0x3a), rgb(0x3f)});
    set_attribute(0x14, 0x0d);
    CHECK(colours() == std::vector{rgb(0xc5), rgb(0xfa), rgb(0xff)});
    set_attribute(0x10, 0x81);
    CHECK(colours() == std::vector{rgb(0xd5), rgb(0xda), rgb(0xdf)});
    set_attribute(0x14, 0);
    set_attribute(0x12, 0x07);
    CHECK(colours() == std::vector{rgb(0x05), rgb(0x02), rgb(0x07)});
    set_attribute(0x07, 0x2a);
    CHECK(colours()[2] == rgb(0x0a));
}

TEST_CASE_METHOD(PictureBench, "blinking in graphics turns bit 3 of the pixel over") {
    show(mode_0fh);
    put_pixels(0, "01450000");
    const auto lit = [this] {
        const Frame frame = vga.render();
        std::string text;
        for (unsigned x = 0; x < 4; ++x) text += frame.at(x, 0) == rgb(0x18) ? 'B' : frame.at(x, 0) == rgb(0x08) ? 'n' : '.';
        return text + " ";
    };
    const std::string seen = over_frames(40, lit);
    CHECK(size() == "640x350");
    CHECK(seen.find(".nBB .n.B ") != std::string::npos);
    CHECK(seen.find(".n.B .nBB ") != std::string::npos);
}

TEST_CASE_METHOD(PictureBench, "the screen is dark when it is off, and all border while the processor has the palette") {
    show(mode_13h);
    for (u32 i = 0; i < 64000; ++i) put(0xa0000 + i, 0x55);
    set_attribute(0x11, 0x07);
    const auto all = [this](u32 colour) {
        const Frame frame = vga.render();
        return std::all_of(frame.pixels.begin(), frame.pixels.end(), [colour](u32 pixel) { return pixel == colour; });
    };
    CHECK(all(rgb(0x55)));
    set_sequencer(1, 0x21);
    CHECK(all(0));
    set_sequencer(1, 0x01);
    ports.read8(0x3da);
    ports.write8(0x3c0, 0x00);
    CHECK(all(rgb(0x07)));
    ports.read8(0x3da);
    ports.write8(0x3c0, 0x20);
    set_crtc(0x17, 0x23);
    CHECK(all(0));
    set_crtc(0x17, 0xa3);
    set_sequencer(0, 1);
    CHECK(all(0));
}

TEST_CASE_METHOD(PictureBench, "what is programmed to be blanked is black") {
    show(mode_13h);
    for (u32 i = 0; i < 64000; ++i) put(0xa0000 + i, 0x55);
    set_crtc(0x11, 0x0e);
    set_crtc(0x15, 0x40);  // 140h: from line 320
    set_crtc(0x02, 0x48);  // from column 72
    const Frame frame = vga.render();
    CHECK(frame.at(0, 159) == rgb(0x55));
    CHECK(frame.at(0, 160) == 0);
    CHECK(frame.at(287, 0) == rgb(0x55));
    CHECK(frame.at(288, 0) == 0);
}

TEST_CASE_METHOD(PictureBench, "a frame used again holds nothing of the picture before") {
    show(mode_12h);
    for (u32 i = 0; i < 0x8000; ++i) put(0xa0000 + i, 0xff);
    Frame again;
    const Mode* const modes[]{&mode_12h, &mode_13h, &mode_03h, &mode_x, &mode_12h};
    for (const Mode* which : modes) {
        show(*which);
        set_crtc(0x11, 0x0e);
        set_crtc(0x15, 0x40);
        set_crtc(0x02, 0x20);
        vga.render(again);
        CHECK(again == vga.render());
        set_sequencer(1, 0x21);
        vga.render(again);
        CHECK(again == vga.render());
    }
}

TEST_CASE_METHOD(PictureBench, "looking does not change the chip") {
    show(mode_03h);
    scheduler.run(1'234'567);
    const u64 before = digest(vga);
    (void)vga.render();
    (void)vga.text();
    CHECK(digest(vga) == before);
}

TEST_CASE("no rolled registers make rendering stumble") {
    for (Dice dice : seeds(300)) {
        PictureBench bench;
        bench.show(mode_03h);
        bench.set_crtc(0x11, 0);
        for (unsigned i = 0; i < 200; ++i) {
            bench.ports.write8(static_cast<u16>(dice.between(0x3c0, 0x3da)), dice.byte());
            if (dice.one_in(4)) bench.set_crtc(static_cast<u8>(dice.below(25)), dice.byte());
        }
        const Frame frame = bench.vga.render();
        REQUIRE(frame.pixels.size() == std::size_t{frame.width} * frame.height);
        if (const auto text = bench.vga.text()) REQUIRE(text->cells.size() == std::size_t{text->columns} * text->rows);
    }
}
