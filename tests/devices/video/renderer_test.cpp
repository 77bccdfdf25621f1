// Pictures of every standard mode against expectations made by hand.
#include "devices/video/renderer.hpp"

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
