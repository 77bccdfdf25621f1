// Function 00h: what a mode is made of, and 0Fh.
#include "tests/bios/video/bench.hpp"
#include "tests/devices/video/modes.hpp"

namespace retrace::test {

namespace {

void check_registers(VideoBench& bench, const Mode& mode) {
    CHECK(bench.ports.read8(0x3cc) == mode.miscellaneous);
    for (u8 i = 0; i < 5; ++i) {
        INFO("sequencer " << unsigned{i});
        CHECK(bench.sequencer(i) == mode.sequencer[i]);
    }
    for (u8 i = 0; i < 25; ++i) {
        if (i == 0x0e || i == 0x0f) continue;  // the cursor's place
        INFO("crtc " << unsigned{i});
        CHECK(bench.crtc(i) == mode.crtc[i]);
    }
    for (u8 i = 0; i < 9; ++i) {
        INFO("graphics " << unsigned{i});
        CHECK(bench.graphics(i) == mode.graphics[i]);
    }
    for (u8 i = 0; i < 21; ++i) {
        INFO("attribute " << unsigned{i});
        CHECK(bench.attribute(i) == mode.attribute[i]);
    }
}

struct Shape {
    u16 mode, columns, rows, height, page_size;
    unsigned picture_width, picture_height;
};
constexpr std::array shapes{
    Shape{0x00, 40, 25, 16, 0x0800, 360, 400}, Shape{0x01, 40, 25, 16, 0x0800, 360, 400}, Shape{0x02, 80, 25, 16, 0x1000, 720, 400},
    Shape{0x03, 80, 25, 16, 0x1000, 720, 400}, Shape{0x04, 40, 25, 8, 0x4000, 320, 200},  Shape{0x05, 40, 25, 8, 0x4000, 320, 200},
    Shape{0x06, 80, 25, 8, 0x4000, 640, 200},  Shape{0x07, 80, 25, 16, 0x1000, 720, 400}, Shape{0x0d, 40, 25, 8, 0x2000, 320, 200},
    Shape{0x0e, 80, 25, 8, 0x4000, 640, 200},  Shape{0x0f, 80, 25, 14, 0x8000, 640, 350}, Shape{0x10, 80, 25, 14, 0x8000, 640, 350},
    Shape{0x11, 80, 30, 16, 0xa000, 640, 480}, Shape{0x12, 80, 30, 16, 0xa000, 640, 480}, Shape{0x13, 40, 25, 8, 0x2000, 320, 200},
};

}  // namespace

TEST_CASE_METHOD(VideoBench, "modes have IBM's registers") {
    Mode mono_text = mode_07h, mono_graphics = mode_0fh;
    mono_text.crtc[0x14] = 0x0f;           // underlines on the last line
    mono_graphics.miscellaneous = 0xa2;    // at the monochrome addresses
    Mode two_colours = mode_12h;
    two_colours.crtc[0x17] = 0xc3;
    two_colours.graphics[7] = 0x01;
    for (u8 i = 1; i < 16; ++i) two_colours.attribute[i] = 0x3f;
    const std::initializer_list<std::pair<u16, Mode>> modes{
        {0x01, mode_01h}, {0x03, mode_03h}, {0x04, mode_04h}, {0x06, mode_06h}, {0x07, mono_text}, {0x0d, mode_0dh}, {0x0e, mode_0eh},
        {0x0f, mono_graphics}, {0x10, mode_10h}, {0x11, two_colours}, {0x12, mode_12h}, {0x13, mode_13h}};
    for (const auto& [number, mode] : modes) {
        INFO("mode " << number);
        set_mode(number);
        Mode expected = mode;
        if (number > 3 && number != 7) expected.crtc[0x0a] = expected.crtc[0x0b] = 0;
        check_registers(*this, expected);
    }
}

TEST_CASE_METHOD(VideoBench, "the data area tells every mode, and the picture has its size") {
    for (const auto& shape : shapes) {
        INFO("mode " << shape.mode);
        set_mode(shape.mode);
        CHECK(byte(0x449) == shape.mode);
        CHECK(word(0x44a) == shape.columns);
        CHECK(word(0x44c) == shape.page_size);
        CHECK(word(0x44e) == 0);
        CHECK(byte(0x484) == shape.rows - 1);
        CHECK(word(0x485) == shape.height);
        CHECK(byte(0x462) == 0);
        const bool mono = shape.mode == 7 || shape.mode == 0x0f;
        CHECK(word(0x463) == (mono ? 0x3b4 : 0x3d4));
        CHECK((byte(0x410) & 0x30) == (mono ? 0x30 : 0x20));
        const Frame picture = vga.render();
        CHECK(picture.width == shape.picture_width);
        CHECK(picture.height == shape.picture_height);
        const Call answer = call({.ax = 0x0f00});
        CHECK(answer.ax == (shape.columns << 8 | shape.mode));
        CHECK(answer.bx >> 8 == 0);
    }
}

TEST_CASE_METHOD(VideoBench, "a mode clears the screen unless bit 7 asks to keep it") {
    write('x', 0x1f, 3);
    set_mode(0x83);
    CHECK(row(0) == "xxx");
    CHECK(call({.ax = 0x0f00}).ax == 0x5083);
    set_mode(0x03);
    CHECK(row(0).empty());
    CHECK(video(0xb8001) == 0x07);
    CHECK(call({.ax = 0x0f00}).ax == 0x5003);
    for (const u16 mode : Words{0x0d, 0x12, 0x13}) {
        set_mode(mode);
        call({.ax = 0x0c05, .cx = 9, .dx = 9});
        set_mode(mode | 0x80);
        CHECK((call({.ax = 0x0d00, .cx = 9, .dx = 9}).ax & 0xff) == 5);
        set_mode(mode);
        CHECK((call({.ax = 0x0d00, .cx = 9, .dx = 9}).ax & 0xff) == 0);
    }
}

TEST_CASE_METHOD(VideoBench, "text comes in 200, 350 and 400 lines, as function 12h BL=30h chose") {
    struct Lines { u16 al; u16 height; unsigned lines; };
    for (const auto& each : {Lines{0, 8, 200}, Lines{1, 14, 350}, Lines{2, 16, 400}}) {
        CHECK(call({.ax = u16(0x1200 | each.al), .bx = 0x30}).ax == 0x1212);
        set_mode(3);
        CHECK(word(0x485) == each.height);
        CHECK(byte(0x484) == 24);
        CHECK(vga.render().height == each.lines);
        teletype("lines");
        CHECK(row(0) == "lines");
    }
    CHECK(call({.ax = 0x1203, .bx = 0x30}).ax == 0x1203);
}

TEST_CASE_METHOD(VideoBench, "modes take their parameters from the save table, as programs may replace it") {
    // a copy of the tables with one column less in mode 3
    const u32 table = 0x20000, parameters = 0x21000;
    const u32 old = word(0x4aa) * 16u + word(0x4a8);
    for (u32 i = 0; i < 28; ++i) memory.write({table + i}, 1, byte(old + i));
    const u32 rom = word(old + 2) * 16u + word(old);
    for (u32 i = 0; i < 29 * 64; ++i) memory.write({parameters + i}, 1, byte(rom + i));
    poke(table, {0, 0, 0x00, 0x21});
    memory.write({parameters + 0x18 * 64 + 1}, 1, 23);
    poke(0x4a8, {0, 0, 0x00, 0x20});
    set_mode(3);
    CHECK(byte(0x484) == 23);
}

TEST_CASE_METHOD(VideoBench, "the cursor's lines are fitted to the height of characters") {
    struct Fit { u16 asked, got; };
    for (const auto& each : {Fit{0x0607, 0x0d0e}, Fit{0x0007, 0x000f}, Fit{0x0407, 0x080f}, Fit{0x0707, 0x0e0e}, Fit{0x0d0e, 0x0d0e}, Fit{0x0001, 0x0001}}) {
        call({.ax = 0x0100, .cx = each.asked});
        CHECK(word(0x460) == each.asked);
        CHECK((crtc(0x0a) << 8 | crtc(0x0b)) == each.got);
    }
    call({.ax = 0x0100, .cx = 0x2000});
    CHECK((crtc(0x0a) & 0x20) != 0);
    CHECK(call({.ax = 0x1201, .bx = 0x34}).ax == 0x1212);
    call({.ax = 0x0100, .cx = 0x0607});
    CHECK((crtc(0x0a) << 8 | crtc(0x0b)) == 0x0607);
}

}  // namespace retrace::test
