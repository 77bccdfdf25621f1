// The image as the system BIOS and programs look at it.
#include <numeric>

#include "tests/bios/video/bench.hpp"

namespace retrace::test {

TEST_CASE("the video ROM says that it is one, how long it is, and adds up to nothing") {
    const auto rom = bios::video();
    REQUIRE(rom.size() == 32768);
    CHECK(rom[0] == 0x55);
    CHECK(rom[1] == 0xaa);
    CHECK(rom[2] == rom.size() / 512);
    CHECK(std::accumulate(rom.begin(), rom.end(), 0u) % 256 == 0);
}

TEST_CASE("firmware that looks for ROMs on the PCI bus finds which adapter it is for") {
    const auto rom = bios::video();
    const std::size_t at = rom[0x18] | rom[0x19] << 8;
    CHECK(at % 4 == 0);
    CHECK(std::string(rom.begin() + static_cast<std::ptrdiff_t>(at), rom.begin() + static_cast<std::ptrdiff_t>(at) + 4) == "PCIR");
    const auto word = [&](std::size_t offset) { return rom[at + offset] | rom[at + offset + 1] << 8; };
    CHECK(word(4) == 0x1234);
    CHECK(word(6) == 0x1111);
    CHECK(word(0x10) == 32768 / 512);
}

TEST_CASE("programs that look for a VGA find the three letters at 1Eh") {
    const auto rom = bios::video();
    CHECK(std::string(rom.begin() + 0x1e, rom.begin() + 0x21) == "IBM");
}

TEST_CASE_METHOD(VideoBench, "starting the ROM sets vectors, the data area and mode 3") {
    CHECK(word(0x42) == 0xc000);
    CHECK(word(0x1b6) == 0xc000);
    CHECK(word(0x108) == 0x04fe);  // INT 42h: what INT 10h was before
    CHECK(word(0x10e) == 0xc000);
    CHECK((byte(0x410) & 0x30) == 0x20);
    CHECK(byte(0x449) == 3);
    CHECK(word(0x44a) == 80);
    CHECK(word(0x44c) == 0x1000);
    CHECK(word(0x463) == 0x3d4);
    CHECK(byte(0x484) == 24);
    CHECK(word(0x485) == 16);
    CHECK(byte(0x487) == 0x60);
    CHECK((byte(0x488) & 0x0f) == 9);
    CHECK(byte(0x489) == 0x11);
    CHECK(byte(0x48a) == 8);
    CHECK(word(0x4aa) == 0xc000);
    const auto picture = vga.render();
    CHECK(picture.width == 720);
    CHECK(picture.height == 400);
}

TEST_CASE_METHOD(VideoBench, "functions that nobody knows leave every register alone") {
    for (const u16 function : Words{0x14, 0x16, 0x1d, 0x30, 0x4f, 0x6f, 0x80, 0xef, 0xfe, 0xff}) {
        const Call all{u16(function << 8 | 0x34), 0x1234, 0x2345, 0x3456, 0x4567, 0x5678, 0x6789, 0x789a};
        CHECK(call(all) == all);
    }
    for (const u16 ax : Words{0x0008, 0x000b, 0x0014, 0x007f, 0x1005, 0x1150, 0x12ff, 0x1304, 0x1a02, 0x1c03}) {
        const Call all{ax, 0x9999, 0x0001, 0x3456, 0x4567, 0x0678, 0x6789, 0x789a};
        INFO(std::hex << ax);
        CHECK(call(all) == all);
    }
    CHECK(byte(0x449) == 3);
}

TEST_CASE_METHOD(VideoBench, "calls that return nothing change no register") {
    for (const u16 ax : Words{0x0003, 0x0100, 0x0200, 0x0500, 0x0601, 0x0701, 0x0941, 0x0a41, 0x0b00, 0x0e41, 0x1000, 0x1001, 0x1003, 0x1103, 0x1301}) {
        const Call all{ax, 0x0007, 0x0001, 0x0203, 0x4567, 0x0678, 0x6789, 0x789a};
        INFO(std::hex << ax);
        CHECK(call(all) == all);
    }
}

}  // namespace retrace::test
