// Text: the cursor, pages, characters, scrolling, teletype and strings.
#include "tests/bios/video/bench.hpp"

namespace retrace::test {

TEST_CASE_METHOD(VideoBench, "every page has a cursor of its own") {
    for (u8 page = 0; page < 8; ++page) move_cursor(u8(10 + page), page, page);
    for (u8 page = 0; page < 8; ++page) CHECK(cursor(page) == (page << 8 | (10 + page)));
    CHECK((crtc(0x0e) << 8 | crtc(0x0f)) == 10);
    call({.ax = 0x0503});
    CHECK((crtc(0x0e) << 8 | crtc(0x0f)) == 3 * 0x800 + 3 * 80 + 13);
    CHECK((crtc(0x0c) << 8 | crtc(0x0d)) == 3 * 0x800);
    CHECK(word(0x44e) == 0x3000);
    CHECK(byte(0x462) == 3);
    teletype("A");
    CHECK(video(0xb8000 + 0x3000 + 2 * (3 * 80 + 13)) == 'A');
    CHECK(call({.ax = 0x0f00}).bx >> 8 == 3);
}

TEST_CASE_METHOD(VideoBench, "characters are written with and without attributes, as often as asked") {
    move_cursor(78, 2);
    write('#', 0x1e, 4);  // runs on into the next row
    CHECK(video(0xb8000 + 2 * (2 * 80 + 78)) == '#');
    CHECK(video(0xb8000 + 2 * (2 * 80 + 81) + 1) == 0x1e);
    CHECK(video(0xb8000 + 2 * (2 * 80 + 82)) == ' ');
    CHECK(cursor() == 0x024e);
    call({.ax = 0x0a40, .bx = 0x004f, .cx = 1});
    CHECK(call({.ax = 0x0800}).ax == 0x1e40);
    write('0', 0x07, 0);
    CHECK(call({.ax = 0x0800}).ax == 0x1e40);
}

TEST_CASE_METHOD(VideoBench, "teletype moves on, wraps, obeys control characters and scrolls") {
    teletype("one\r\ntwo\b\b-\n+");
    CHECK(row(0) == "one");
    CHECK(row(1) == "t-o");
    CHECK(row(2) == "  +");
    move_cursor(79, 4);
    teletype("ab");
    CHECK(video(0xb8000 + 2 * (4 * 80 + 79)) == 'a');
    CHECK(row(5) == "b");
    move_cursor(0, 24);
    write(' ', 0x2e);
    teletype("last\r\n");
    CHECK(row(23) == "last");
    CHECK(cursor() == 0x1800);
    CHECK(video(0xb8000 + 24 * 160 + 1) == 0x2e);  // what comes in looks like where the cursor was
    CHECK(row(0) == "t-o");
    move_cursor(79, 24);
    teletype("z");
    CHECK(row(23).size() == 80);
    CHECK(cursor() == 0x1800);
}

TEST_CASE_METHOD(VideoBench, "a bell makes no mark and ends, even where no timer counts") {
    teletype("a\ab");
    CHECK(row(0) == "ab");
}

TEST_CASE_METHOD(VideoBench, "windows scroll up and down and are filled") {
    for (u8 line = 0; line < 25; ++line) {
        move_cursor(0, line);
        write(u8('A' + line), 7, 80);
    }
    call({.ax = 0x0602, .bx = 0x1700, .cx = 0x0505, .dx = 0x0a0a});
    CHECK(row(5) == "FFFFFHHHHHH" + std::string(69, 'F'));
    CHECK(row(8) == "IIIIIKKKKKK" + std::string(69, 'I'));
    CHECK(row(9) == "JJJJJ      " + std::string(69, 'J'));
    CHECK(video(0xb8000 + 9 * 160 + 10 + 1) == 0x17);
    CHECK(row(11) == std::string(80, 'L'));
    call({.ax = 0x0701, .bx = 0x0700, .cx = 0x0000, .dx = 0x014f});
    CHECK(row(0).empty());
    CHECK(row(1) == std::string(80, 'A'));
    call({.ax = 0x0600, .bx = 0x3000, .cx = 0x1400, .dx = 0xffff});  // clears, and only what there is
    CHECK(row(19) == std::string(80, 'T'));
    for (unsigned line = 20; line < 25; ++line) CHECK(row(line).empty());
    CHECK(video(0xb8000 + 25 * 160) == ' ');
    CHECK(video(0xb8000 + 25 * 160 + 1) == 0x07);
}

TEST_CASE_METHOD(VideoBench, "strings are written in four ways") {
    poke(0x3000, "Retrace\r\n!");
    call({.ax = 0x1300, .bx = 0x001f, .cx = 7, .dx = 0x0203, .bp = 0x3000});
    CHECK(row(2) == "   Retrace");
    CHECK(video(0xb8000 + 2 * (2 * 80 + 3) + 1) == 0x1f);
    CHECK(cursor() == 0);
    call({.ax = 0x1301, .bx = 0x001f, .cx = 10, .dx = 0x0400, .bp = 0x3000});
    CHECK(row(5) == "!");
    CHECK(cursor() == 0x0501);
    poke(0x3100, {'a', 0x11, 'b', 0x22, 'c', 0x33});
    call({.ax = 0x1302, .cx = 3, .dx = 0x0600, .bp = 0x0000, .es = 0x0310});
    CHECK(row(6) == "abc");
    CHECK(video(0xb8000 + 2 * 6 * 80 + 5) == 0x33);
    CHECK(cursor() == 0x0501);
    call({.ax = 0x1303, .cx = 2, .dx = 0x0700, .bp = 0x3100});
    CHECK(cursor() == 0x0702);
}

TEST_CASE_METHOD(VideoBench, "monochrome text lies at B0000h") {
    set_mode(7);
    teletype("mono");
    CHECK(video(0xb0000) == 'm');
    CHECK(row(0) == "mono");
    call({.ax = 0x0601, .bx = 0x0700, .cx = 0, .dx = 0x184f});
    CHECK(row(0).empty());
}

}  // namespace retrace::test
