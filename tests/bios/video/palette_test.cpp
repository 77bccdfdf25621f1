// Function 10h and the colours that modes begin with.
#include "tests/bios/video/bench.hpp"

namespace retrace::test {

using Rgb = std::array<u8, 3>;

TEST_CASE_METHOD(VideoBench, "text has the EGA's 64 colours, doubled lines the CGA's sixteen") {
    CHECK(colour(0x00) == Rgb{0, 0, 0});
    CHECK(colour(0x07) == Rgb{0x2a, 0x2a, 0x2a});
    CHECK(colour(0x14) == Rgb{0x2a, 0x15, 0});
    CHECK(colour(0x38) == Rgb{0x15, 0x15, 0x15});
    CHECK(colour(0x3f) == Rgb{0x3f, 0x3f, 0x3f});
    CHECK(colour(0x39) == Rgb{0x15, 0x15, 0x3f});
    set_mode(4);
    CHECK(colour(0x06) == Rgb{0x2a, 0x15, 0});
    CHECK(colour(0x13) == Rgb{0x15, 0x3f, 0x3f});
    CHECK(colour(0x17) == Rgb{0x3f, 0x3f, 0x3f});
    set_mode(7);
    CHECK(colour(0x08) == Rgb{0x2a, 0x2a, 0x2a});
    CHECK(colour(0x18) == Rgb{0x3f, 0x3f, 0x3f});
    CHECK(colour(0x07) == Rgb{0, 0, 0});
}

TEST_CASE_METHOD(VideoBench, "mode 13h has the 256 colours of IBM's VGA") {
    set_mode(0x13);
    CHECK(colour(4) == Rgb{0x2a, 0, 0});
    CHECK(colour(6) == Rgb{0x2a, 0x15, 0});
    CHECK(colour(14) == Rgb{0x3f, 0x3f, 0x15});
    CHECK(colour(17) == Rgb{5, 5, 5});
    CHECK(colour(31) == Rgb{0x3f, 0x3f, 0x3f});
    CHECK(colour(32) == Rgb{0, 0, 0x3f});
    CHECK(colour(36) == Rgb{0x3f, 0, 0x3f});
    CHECK(colour(40) == Rgb{0x3f, 0, 0});
    CHECK(colour(41) == Rgb{0x3f, 0x10, 0});
    CHECK(colour(44) == Rgb{0x3f, 0x3f, 0});
    CHECK(colour(48) == Rgb{0, 0x3f, 0});
    CHECK(colour(52) == Rgb{0, 0x3f, 0x3f});
    CHECK(colour(55) == Rgb{0, 0x10, 0x3f});
    CHECK(colour(56) == Rgb{0x1f, 0x1f, 0x3f});
    CHECK(colour(104) == Rgb{0, 0, 0x1c});
    CHECK(colour(247) == Rgb{0x0b, 0x0c, 0x10});
    CHECK(colour(255) == Rgb{0, 0, 0});
}

TEST_CASE_METHOD(VideoBench, "palette registers are set and read one by one and together") {
    call({.ax = 0x1000, .bx = 0x1203});
    CHECK(attribute(3) == 0x12);
    CHECK(call({.ax = 0x1007, .bx = 0x0003}).bx == 0x1203);
    call({.ax = 0x1001, .bx = 0x2500});
    CHECK(attribute(0x11) == 0x25);
    CHECK(call({.ax = 0x1008}).bx >> 8 == 0x25);
    for (u32 i = 0; i < 17; ++i) memory.write({0x3000 + i}, 1, 0x3f - i);
    call({.ax = 0x1002, .dx = 0x3000});
    call({.ax = 0x1009, .dx = 0x3100});
    for (u32 i = 0; i < 17; ++i) CHECK(byte(0x3100 + i) == 0x3f - i);
    CHECK(attribute(5) == 0x3a);
    CHECK((ports.read8(0x3c0) & 0x20) != 0);  // the picture stays on
    call({.ax = 0x1003, .bx = 0});
    CHECK(attribute(0x10) == 0x04);
    call({.ax = 0x1003, .bx = 1});
    CHECK(attribute(0x10) == 0x0c);
}

TEST_CASE_METHOD(VideoBench, "DAC registers are set and read one by one and in blocks") {
    call({.ax = 0x1010, .bx = 0x00c8, .cx = 0x2030, .dx = 0x1000});
    CHECK(colour(0xc8) == Rgb{0x10, 0x20, 0x30});
    const Call got = call({.ax = 0x1015, .bx = 0x00c8});
    CHECK(got.dx >> 8 == 0x10);
    CHECK(got.cx == 0x2030);
    for (u32 i = 0; i < 9; ++i) memory.write({0x3000 + i}, 1, i * 7);
    call({.ax = 0x1012, .bx = 0x0064, .cx = 3, .dx = 0x3000});
    CHECK(colour(0x65) == Rgb{21, 28, 35});
    call({.ax = 0x1017, .bx = 0x0064, .cx = 3, .dx = 0x3100});
    for (u32 i = 0; i < 9; ++i) CHECK(byte(0x3100 + i) == i * 7);
    call({.ax = 0x1018, .bx = 0x007f});
    CHECK(u8(call({.ax = 0x1019}).bx) == 0x7f);
}

TEST_CASE_METHOD(VideoBench, "the DAC is shown in pages of 64 or of 16 colours") {
    call({.ax = 0x1013, .bx = 0x0100});
    CHECK((attribute(0x10) & 0x80) != 0);
    call({.ax = 0x1013, .bx = 0x0901});
    CHECK(attribute(0x14) == 9);
    CHECK(call({.ax = 0x101a}).bx == 0x0901);
    call({.ax = 0x1013, .bx = 0x0000});
    call({.ax = 0x1013, .bx = 0x0201});
    CHECK(attribute(0x14) == 8);
    CHECK(call({.ax = 0x101a}).bx == 0x0200);
}

TEST_CASE_METHOD(VideoBench, "colours are summed to greys on demand and by default") {
    call({.ax = 0x101b, .bx = 4, .cx = 1});
    CHECK(colour(4) == Rgb{0x0d, 0x0d, 0x0d});
    CHECK(colour(5) == Rgb{0x2a, 0, 0x2a});
    CHECK(call({.ax = 0x1200, .bx = 0x33}).ax == 0x1212);
    set_mode(3);
    const Rgb grey = colour(2);
    CHECK(grey[0] == grey[1]);
    CHECK(grey[1] == grey[2]);
    CHECK(grey[0] == 0x19);
    call({.ax = 0x1201, .bx = 0x33});
    set_mode(3);
    CHECK(colour(2) == Rgb{0, 0x2a, 0});
}

TEST_CASE_METHOD(VideoBench, "palettes stay where a program asked modes not to load them") {
    call({.ax = 0x1010, .bx = 1, .cx = 0x0101, .dx = 0x0100});
    call({.ax = 0x1000, .bx = 0x2a05});
    CHECK(call({.ax = 0x1201, .bx = 0x31}).ax == 0x1212);
    set_mode(3);
    CHECK(colour(1) == Rgb{1, 1, 1});
    CHECK(attribute(5) == 0x2a);
    call({.ax = 0x1200, .bx = 0x31});
    set_mode(3);
    CHECK(colour(1) == Rgb{0, 0, 0x2a});
    CHECK(attribute(5) == 0x05);
}

TEST_CASE_METHOD(VideoBench, "the palette is copied to where the save table says") {
    const u32 old = word(0x4aa) * 16u + word(0x4a8);
    for (u32 i = 0; i < 28; ++i) memory.write({0x20000 + i}, 1, byte(old + i));
    poke(0x20004, {0x00, 0x01, 0x00, 0x20});
    poke(0x4a8, {0, 0, 0x00, 0x20});
    call({.ax = 0x1000, .bx = 0x3b02});
    CHECK(byte(0x20102) == 0x3b);
    set_mode(3);
    CHECK(byte(0x20102) == 0x02);
    CHECK(byte(0x2010f) == 0x3f);
}

}  // namespace retrace::test
