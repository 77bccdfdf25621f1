// Function 4Fh: VESA's extensions.
#include <numeric>

#include "tests/bios/video/bench.hpp"

namespace retrace::test {

namespace {

constexpr u32 buffer = 0x20000;  // ES = 2000h

struct VesaBench : VideoBench {
    explicit VesaBench(CpuModel model = CpuModel::I386) : VideoBench{model} {}

    Call vesa(u8 function, Call in = {}) {
        in.ax = static_cast<u16>(0x4f00 | function);
        in.es = buffer >> 4;
        return call(in);
    }
    u16 set_vesa_mode(u16 mode) { return vesa(2, {.bx = mode}).ax; }
    u32 dword(u32 address) const { return word(address) | static_cast<u32>(word(address + 2)) << 16; }
    std::string text(u32 pointer) const {
        std::string all;
        for (u32 at = (dword(pointer) >> 16) * 16 + (dword(pointer) & 0xffff); byte(at); ++at) all += static_cast<char>(byte(at));
        return all;
    }
    std::vector<u16> modes() {
        std::vector<u16> all;
        for (u32 at = (dword(buffer + 14) >> 16) * 16 + word(buffer + 14); word(at) != 0xffff; at += 2) all.push_back(word(at));
        return all;
    }
};

struct Vesa8086Bench : VesaBench {
    Vesa8086Bench() : VesaBench{CpuModel::I8086} {}
};

}  // namespace

TEST_CASE_METHOD(VesaBench, "00h: who we are, how much memory, which modes") {
    poke(buffer, "VBE2");
    CHECK(vesa(0).ax == 0x004f);
    CHECK(dword(buffer) == 0x41534556);
    CHECK(word(buffer + 4) == 0x0300);
    CHECK(text(buffer + 6) == "Retrace");
    CHECK(byte(buffer + 10) == 1);
    CHECK(word(buffer + 18) == 8 * 16);  // 8 MiB
    CHECK(text(buffer + 26) == "Retrace display adapter");
    const auto all = modes();
    for (const u16 number : Words{0x100, 0x101, 0x103, 0x105, 0x107, 0x110, 0x111, 0x112, 0x118, 0x11b}) CHECK(std::ranges::count(all, number) == 1);
}

TEST_CASE_METHOD(VesaBench, "00h: a program of version 1 gives 256 bytes, and no more are written") {
    poke(buffer, "VESA");
    for (u32 at = 256; at < 512; ++at) poke(buffer + at, {0x77});
    vesa(0);
    CHECK(byte(buffer + 255) == 0);
    CHECK(byte(buffer + 256) == 0x77);
    CHECK(byte(buffer + 511) == 0x77);
}

TEST_CASE_METHOD(VesaBench, "01h: every mode in the list is described, and can be set as described") {
    vesa(0);
    for (const u16 number : modes()) {
        INFO("mode " << std::hex << number);
        CHECK(vesa(1, {.cx = number}).ax == 0x004f);
        const unsigned width = word(buffer + 18), height = word(buffer + 20), depth = byte(buffer + 25), bytes = (depth + 7) / 8;
        CHECK(word(buffer) == 0x9b);
        CHECK(word(buffer + 16) == width * bytes);
        CHECK(word(buffer + 50) == width * bytes);
        CHECK(dword(buffer + 40) == 0xe0000000);
        CHECK(byte(buffer + 27) == (depth == 8 ? 4 : 6));
        const unsigned in_fields = byte(buffer + 31) + byte(buffer + 33) + byte(buffer + 35) + byte(buffer + 37);
        CHECK(in_fields == (depth == 8 ? 0 : depth == 15 ? 16 : depth));
        CHECK(byte(buffer + 29) + 1u <= (8u << 20) / (width * height * bytes));
        CHECK(set_vesa_mode(number | 0x4000) == 0x004f);
        CHECK(vga.render().width == width);
        CHECK(vga.render().height == height);
        CHECK(vesa(3).bx == (number | 0x4000));
    }
    CHECK(vesa(1, {.cx = 0x1ff}).ax == 0x014f);
    CHECK(set_vesa_mode(0x1ff) == 0x014f);
}

TEST_CASE_METHOD(Vesa8086Bench, "an 8086 has the windows but no linear address") {
    CHECK(vesa(1, {.cx = 0x101}).ax == 0x004f);
    CHECK(word(buffer) == 0x1b);
    CHECK(dword(buffer + 40) == 0);
    CHECK(set_vesa_mode(0x4101) == 0x014f);
    CHECK(byte(0x449) == 3);
    CHECK(set_vesa_mode(0x101) == 0x004f);
    CHECK(vga.render().width == 640);
    CHECK(vesa(0x0a).ax == 0x014f);
}

TEST_CASE_METHOD(VesaBench, "02h: memory is cleared unless bit 15 keeps it; the modes of function 00h are there, too") {
    set_vesa_mode(0x101);
    memory.write({0xa0000}, 1, 0x55);
    set_vesa_mode(0x8101);
    CHECK(memory.read({0xa0000}, 1) == 0x55);
    CHECK(vesa(3).bx == 0x8101);
    set_vesa_mode(0x101);
    CHECK(memory.read({0xa0000}, 1) == 0);
    CHECK(set_vesa_mode(0x12) == 0x004f);
    CHECK(byte(0x449) == 0x12);
    CHECK(vesa(3).bx == 0x12);
    CHECK(vga.render().height == 480);
    CHECK(set_vesa_mode(0x0a) == 0x014f);
    set_vesa_mode(0x101);
    set_mode(3);
    CHECK(vga.text());
    CHECK(vesa(3).bx == 3);
}

TEST_CASE_METHOD(VesaBench, "05h: the window moves in steps of 64 KiB, by interrupt and by far call") {
    CHECK(vesa(5, {.dx = 1}).ax == 0x014f);  // no such window in text
    set_vesa_mode(0x101);
    CHECK(vesa(5, {.dx = 3}).ax == 0x004f);
    memory.write({0xa0010}, 1, 0x66);
    CHECK(frame_buffer[0x30010] == 0x66);
    CHECK(vesa(5, {.bx = 0x0100}).dx == 3);
    CHECK(vesa(5, {.bx = 0x0001, .dx = 1}).ax == 0x014f);  // there is no window B
    CHECK(vesa(5, {.dx = 0x80}).ax == 0x014f);
    vesa(1, {.cx = 0x101});
    // mov dx, 2; xor bx, bx; call far; hlt
    poke(0x510, {0xba, 0x02, 0x00, 0x31, 0xdb, 0x9a, byte(buffer + 12), byte(buffer + 13), byte(buffer + 14), byte(buffer + 15), 0xf4});
    call({});
    memory.write({0xa0010}, 1, 0x67);
    CHECK(frame_buffer[0x20010] == 0x67);
}

TEST_CASE_METHOD(VesaBench, "06h: lines can be longer than the picture") {
    set_vesa_mode(0x111);
    auto now = vesa(6, {.bx = 1});
    CHECK(now.bx == 1280);
    CHECK(now.cx == 640);
    CHECK(now.dx == (8u << 20) / 1280);
    now = vesa(6, {.bx = 0, .cx = 1024});
    CHECK(now.ax == 0x004f);
    CHECK(now.bx == 2048);
    CHECK(now.dx == 4096);
    CHECK(vesa(6, {.bx = 2, .cx = 1999}).cx == 1000);
    CHECK(vesa(6, {.bx = 0, .cx = 600}).ax == 0x014f);
    CHECK(vesa(6, {.bx = 3}).cx == (8u << 20) / 480 / 2 / 8 * 8);
    set_vesa_mode(0x118);
    CHECK(vesa(6, {.bx = 2, .cx = 3073}).cx == 1025);
}

TEST_CASE_METHOD(VesaBench, "07h: the picture begins anywhere in memory that leaves room for it") {
    set_vesa_mode(0x101);
    CHECK(vesa(7, {.cx = 0, .dx = 480}).ax == 0x004f);
    frame_buffer[480 * 640 + 2] = 15;
    CHECK(vga.render().at(2, 0) == 0xffffff);
    const auto told = vesa(7, {.bx = 1});
    CHECK(told.cx == 0);
    CHECK(told.dx == 480);
    CHECK(vesa(7, {.cx = 0, .dx = 13000}).ax == 0x014f);
    const auto before = scheduler.now();
    for (unsigned i = 0; i < 7; ++i) CHECK(vesa(7, {.bx = 0x80, .cx = 8, .dx = 2}).ax == 0x004f);
    const u64 took = scheduler.now() - before;
    CHECK(took > 850'000);  // six to seven frames of a 70th of a second
    CHECK(took < 1'050'000);
    CHECK(vesa(7, {.bx = 1}).cx == 8);
}

TEST_CASE_METHOD(VesaBench, "08h and 09h: eight bits a colour, and colours by the table") {
    set_vesa_mode(0x101);
    CHECK(vesa(8, {.bx = 1}).bx == 0x0601);
    CHECK(vesa(8, {.bx = 0x0800}).bx == 0x0800);
    poke(buffer, {0x10, 0x20, 0x30, 0, 0xff, 0xfe, 0xfd, 0});
    CHECK(vesa(9, {.bx = 0, .cx = 2, .dx = 40}).ax == 0x004f);
    frame_buffer[0] = 40;
    frame_buffer[1] = 41;
    CHECK(vga.render().at(0, 0) == 0x302010);
    CHECK(vga.render().at(1, 0) == 0xfdfeff);
    CHECK(vesa(9, {.bx = 1, .cx = 1, .dx = 41, .di = 0x100}).ax == 0x004f);
    CHECK(dword(buffer + 0x100) == 0x00fdfeff);
    CHECK(vesa(9, {.bx = 0, .cx = 2, .dx = 255}).ax == 0x014f);
    set_vesa_mode(0x112);
    CHECK(vesa(8, {.bx = 0x0800}).ax == 0x014f);
}

TEST_CASE_METHOD(VesaBench, "04h: a mode with its window and start is saved and comes back") {
    set_vesa_mode(0x4101);
    vesa(6, {.bx = 0, .cx = 800});
    vesa(7, {.cx = 16, .dx = 20});
    vesa(5, {.dx = 5});
    const u16 size = vesa(4, {.cx = 0x0f, .dx = 0}).bx;
    CHECK(size >= 2);
    CHECK(vesa(4, {.bx = 0x40, .cx = 0x0f, .dx = 1}).ax == 0x004f);
    set_vesa_mode(0x118);
    set_mode(3);
    CHECK(vesa(4, {.bx = 0x40, .cx = 0x0f, .dx = 2}).ax == 0x004f);
    CHECK(vga.render().width == 640);
    CHECK(vesa(3).bx == 0x4101);
    CHECK(vesa(6, {.bx = 1}).cx == 800);
    CHECK(vesa(7, {.bx = 1}).cx == 16);
    CHECK(vesa(7, {.bx = 1}).dx == 20);
    CHECK(vesa(5, {.bx = 0x0100}).dx == 5);
    set_mode(3);
    vesa(4, {.bx = 0x40, .cx = 0x0f, .dx = 1});
    set_vesa_mode(0x4101);
    vesa(4, {.bx = 0x40, .cx = 0x0f, .dx = 2});
    CHECK(vga.text());
}

TEST_CASE_METHOD(VesaBench, "0Ah: the code for protected mode has its table in front") {
    const auto found = vesa(0x0a);
    CHECK(found.ax == 0x004f);
    CHECK(found.es == 0xc000);
    const u32 at = 0xc0000u + found.di;
    for (const u32 entry : {0u, 2u, 4u, 6u}) CHECK(word(at + entry) < found.cx);
    CHECK(word(at + word(at + 6)) == 0x1ce);
}

TEST_CASE_METHOD(VesaBench, "15h: the monitor tells its EDID, which adds up to nothing") {
    CHECK((vesa(0x15).bx & 2) != 0);
    CHECK(vesa(0x15, {.bx = 1}).ax == 0x004f);
    CHECK(dword(buffer) == 0xffffff00);
    CHECK(dword(buffer + 4) == 0x00ffffff);
    unsigned sum = 0;
    for (u32 at = 0; at < 128; ++at) sum += byte(buffer + at);
    CHECK(sum % 256 == 0);
    CHECK(vesa(0x15, {.bx = 1, .dx = 1}).ax == 0x014f);
}

TEST_CASE_METHOD(VesaBench, "functions that VESA does not have change nothing") {
    CHECK(vesa(0x0c).ax == 0x4f0c);
    CHECK(vesa(0x20).ax == 0x4f20);
}

}  // namespace retrace::test
