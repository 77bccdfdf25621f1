// Functions 12h, 1Ah, 1Bh and 1Ch: what the adapter is and does, and putting it back.
#include "tests/bios/video/bench.hpp"
#include "tests/support/dice.hpp"

namespace retrace::test {

TEST_CASE_METHOD(VideoBench, "programs that ask for an EGA or a VGA get one") {
    const Call ega = call({.ax = 0x1200, .bx = 0xff10});
    CHECK(ega.bx == 0x0003);
    CHECK((ega.cx & 0xff) == 9);
    const Call vga = call({.ax = 0x1a00});
    CHECK((vga.ax & 0xff) == 0x1a);
    CHECK(vga.bx == 0x0008);
    call({.ax = 0x1a01, .bx = 0x0007});
    CHECK(call({.ax = 0x1a00}).bx == 0x0007);
    set_mode(7);
    CHECK(call({.ax = 0x1200, .bx = 0xff10}).bx == 0x0103);
}

TEST_CASE_METHOD(VideoBench, "video memory and the picture can be switched off and on") {
    CHECK(call({.ax = 0x1201, .bx = 0x32}).ax == 0x1212);
    CHECK((ports.read8(0x3cc) & 2) == 0);
    call({.ax = 0x1200, .bx = 0x32});
    CHECK((ports.read8(0x3cc) & 2) != 0);
    CHECK(call({.ax = 0x1201, .bx = 0x36}).ax == 0x1212);
    CHECK((sequencer(1) & 0x20) != 0);
    call({.ax = 0x1200, .bx = 0x36});
    CHECK((sequencer(1) & 0x20) == 0);
}

TEST_CASE_METHOD(VideoBench, "the state information describes the mode") {
    set_mode(0x10);
    const Call done = call({.ax = 0x1b00, .bx = 0, .es = 0x0300, .di = 0x0010});
    CHECK((done.ax & 0xff) == 0x1b);
    const u32 at = 0x3010;
    CHECK(byte(at + 4) == 0x10);
    CHECK(word(at + 5) == 80);
    CHECK(word(at + 0x1e) == 0x3d4);
    CHECK(byte(at + 0x22) == 25);
    CHECK(word(at + 0x23) == 14);
    CHECK(byte(at + 0x25) == 8);
    CHECK(word(at + 0x27) == 16);
    CHECK(byte(at + 0x29) == 2);
    CHECK(byte(at + 0x2a) == 1);
    CHECK(byte(at + 0x31) == 3);
    const u32 able = word(at + 2) * 16u + word(at);
    CHECK(byte(able) == 0xff);
    CHECK(byte(able + 1) == 0xe0);
    CHECK(byte(able + 2) == 0x0f);
    set_mode(0x13);
    call({.ax = 0x1b00, .bx = 0, .es = 0x0300, .di = 0x0010});
    CHECK(word(at + 0x27) == 256);
}

TEST_CASE_METHOD(VideoBench, "what was saved comes back whatever happened in between") {
    const u16 units = call({.ax = 0x1c00, .cx = 7}).bx;
    CHECK(units == 16);
    CHECK(call({.ax = 0x1c00, .cx = 2}).bx < units);
    call({.ax = 0x1112});
    call({.ax = 0x1010, .bx = 9, .cx = 0x0203, .dx = 0x0100});
    move_cursor(11, 33);
    call({.ax = 0x1c01, .bx = 0x0000, .cx = 7, .es = 0x4000});
    const auto picture = vga.render();
    std::vector<u8> before;
    for (u8 i = 0; i < 25; ++i) before.push_back(crtc(i));
    for (u8 i = 0; i < 21; ++i) before.push_back(attribute(i));
    for (u8 i = 1; i < 5; ++i) before.push_back(sequencer(i));
    for (u8 i = 0; i < 9; ++i) before.push_back(graphics(i));
    set_mode(0x93);
    call({.ax = 0x1010, .bx = 9, .cx = 0x3f3f, .dx = 0x3f00});
    const Call done = call({.ax = 0x1c02, .bx = 0x0000, .cx = 7, .es = 0x4000});
    CHECK((done.ax & 0xff) == 0x1c);
    std::vector<u8> after;
    for (u8 i = 0; i < 25; ++i) after.push_back(crtc(i));
    for (u8 i = 0; i < 21; ++i) after.push_back(attribute(i));
    for (u8 i = 1; i < 5; ++i) after.push_back(sequencer(i));
    for (u8 i = 0; i < 9; ++i) after.push_back(graphics(i));
    CHECK(before == after);
    CHECK(byte(0x449) == 3);
    CHECK(byte(0x484) == 49);
    CHECK(cursor() == 0x210b);
    CHECK(colour(9) == std::array<u8, 3>{1, 2, 3});
    CHECK(vga.render().height == picture.height);
}

TEST_CASE_METHOD(VideoBench, "print screen sends every row to the printer and says how it went") {
    // INT 17h at 0:3010h stores AL at 5000h:[0:3000h] and counts that word up; AH = 90h: ready.
    poke(0x3010, {0x57, 0x06, 0x1e,                    // push di, es, ds
                  0x31, 0xff, 0x8e, 0xdf,              // xor di, di; mov ds, di
                  0xc4, 0x3e, 0x00, 0x30,              // les di, [3000h]
                  0xaa, 0xff, 0x06, 0x00, 0x30,        // stosb; inc word [3000h]
                  0x1f, 0x07, 0x5f, 0xb4, 0x90, 0xcf});  // pop ds, es, di; mov ah, 90h; iret
    poke(0x3000, {0, 0, 0, 0x50});
    poke(0x17 * 4, {0x10, 0x30, 0, 0});
    move_cursor(0, 3);
    teletype("paper");
    call({.ax = 0x1200, .bx = 0x20});
    CHECK(word(5 * 4 + 2) == 0xc000);
    poke(0x510, {0xcd, 0x05});
    call({});
    poke(0x510, {0xcd, 0x10});
    CHECK(byte(0x500) == 0);
    CHECK(word(0x3000) == 2 + 25 * 82);
    CHECK(byte(0x50000 + 2 + 3 * 82) == 'p');
    CHECK(cursor() == 0x0305);
}

}  // namespace retrace::test
