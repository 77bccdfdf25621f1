#include "core/bus/port_map.hpp"

#include <catch2/catch.hpp>

#include "core/base/ensure.hpp"

using namespace retrace;

namespace {

struct Chip {
    u8 value = 0x12;
    u16 wide = 0x3456;
    u8 read() { return value; }
    void write(u8 v) { value = v; }
    u8 indexed(u16 port) { return static_cast<u8>(port); }
    u16 data() { return wide; }
    u8 look(u16) const { return value; }
};

struct Bench {
    PortMap ports;
    Chip chip;
    Bench() {
        ports.on_read<&Chip::read>(0x60, &chip);
        ports.on_write<&Chip::write>(0x60, &chip);
        ports.on_read<&Chip::indexed>(0x61, 0x63, &chip);
        ports.on_read<&Chip::data>(0x1f0, &chip);
        ports.on_peek<&Chip::look>(0x60, 0x60, &chip);
    }
};

}  // namespace

TEST_CASE_METHOD(Bench, "an access wider than its handlers is split over ascending ports") {
    CHECK(ports.read(0x60, 2) == 0x6112);
    CHECK(ports.read(0x60, 4) == 0x63626112);
    CHECK(ports.read(0x1f0, 2) == 0x3456);
    ports.write(0x60, 4, 0x99887766);
    CHECK(chip.value == 0x66);
}

TEST_CASE_METHOD(Bench, "nobody's ports read as ones and swallow writes") {
    CHECK(ports.read(0x70, 2) == 0xffff);
    ports.write8(0x70, 1);
    CHECK_FALSE(ports.peek(0x70));
    CHECK(ports.peek(0x60) == 0x12u);
}

TEST_CASE_METHOD(Bench, "overlapping claims are a mistake") {
    CHECK_THROWS_AS(ports.on_read<&Chip::read>(0x62, &chip), InternalError);
}
