#include "devices/input/ps2_mouse.hpp"

#include "tests/devices/input/bench.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct Reporting : ReadyBench {
    Reporting() { tells_mouse({0xf4}); }
};

}  // namespace

TEST_CASE_METHOD(ReadyBench, "the mouse resets, identifies itself and says how it is set") {
    CHECK(tells_mouse({0xff}) == "fa aa 00");
    CHECK(tells_mouse({0xf2}) == "fa 00");
    CHECK(tells_mouse({0xe9}) == "fa 00 02 64");
    CHECK(tells_mouse({0xe8, 0x03}) == "fa");
    CHECK(tells_mouse({0xf3, 40}) == "fa");
    CHECK(tells_mouse({0xe7}) == "fa");
    CHECK(tells_mouse({0xf4}) == "fa");
    mouse.move(0, 0, 0, 0x01);
    CHECK(tells_mouse({0xe9}) == "fa 34 03 28");
    CHECK(tells_mouse({0xf6}) == "fa");
    CHECK(tells_mouse({0xe9}) == "fa 04 02 64");
    CHECK(tells_mouse({0x12}) == "fe");
}

TEST_CASE_METHOD(Reporting, "movement goes right and up in packets of nine bits, buttons in the first byte") {
    mouse.move(5, -3, 0, 0);
    CHECK(arrives() == "08 05 03");
    CHECK_FALSE(level("IRQ12"));
    mouse.move(-1, 2, 0, 0x05);
    milliseconds(1);
    CHECK(level("IRQ12"));
    CHECK(arrives() == "3d ff fe");
    mouse.move(300, 0, 0, 0x02);
    CHECK(arrives() == "0a ff 00 0a 2d 00");  // what does not fit follows
    mouse.move(0, 0, 0, 0x02);
    CHECK(arrives() == "");                   // nothing new
}

TEST_CASE_METHOD(Reporting, "between samples movement adds up") {
    CHECK(tells_mouse({0xf3, 10}) == "fa");
    mouse.move(1, 0, 0, 0);
    CHECK(arrives(20) == "08 01 00");
    for (int i = 0; i < 10; ++i) mouse.move(2, 0, 0, 0);
    CHECK(arrives(60) == "");
    CHECK(arrives(60) == "08 14 00");
}

TEST_CASE_METHOD(Reporting, "scaling 2:1 doubles large movements and shrinks small ones") {
    CHECK(tells_mouse({0xe7}) == "fa");
    mouse.move(2, 0, 0, 0);
    CHECK(arrives() == "08 01 00");
    mouse.move(-10, -5, 0, 0);
    CHECK(arrives() == "18 ec 09");
}

TEST_CASE_METHOD(Reporting, "the right knocks make an IntelliMouse, and then one with five buttons") {
    CHECK(tells_mouse({0xf3, 200, 0xf3, 100, 0xf3, 80, 0xf2}) == "fa 03");
    mouse.move(0, 0, 1, 0);
    CHECK(arrives() == "08 00 00 ff");
    CHECK(tells_mouse({0xf3, 200, 0xf3, 200, 0xf3, 80, 0xf2}) == "fa 04");
    mouse.move(0, 0, -1, 0x18);
    CHECK(arrives() == "08 00 00 31");
    CHECK(tells_mouse({0xff}) == "fa aa 00");
    CHECK(tells_mouse({0xf2}) == "fa 00");
}

TEST_CASE_METHOD(Reporting, "in remote mode it speaks when asked") {
    CHECK(tells_mouse({0xf0}) == "fa");
    mouse.move(7, 0, 0, 0);
    CHECK(arrives() == "");
    CHECK(tells_mouse({0xeb}) == "fa 08 07 00");
    CHECK(tells_mouse({0xeb}) == "fa 08 00 00");
    CHECK(tells_mouse({0xfe}) == "08 00 00");
    CHECK(tells_mouse({0xea}) == "fa");
    mouse.move(1, 0, 0, 0);
    CHECK(arrives() == "08 01 00");
}

TEST_CASE_METHOD(ReadyBench, "wrap mode echoes all but its end and a reset") {
    CHECK(tells_mouse({0xee}) == "fa");
    CHECK(tells_mouse({0xf2}) == "f2");
    CHECK(tells_mouse({0x55}) == "55");
    CHECK(tells_mouse({0xec}) == "fa");
    CHECK(tells_mouse({0xf2}) == "fa 00");
}

TEST_CASE_METHOD(ReadyBench, "before reporting is on nothing is sent, nor made up for") {
    mouse.move(50, 50, 0, 0x01);
    CHECK(arrives() == "");
    CHECK(tells_mouse({0xf4}) == "fa");
    CHECK(arrives() == "");
}

TEST_CASE_METHOD(Reporting, "absurd movement is bounded") {
    mouse.move(2'000'000'000, -2'000'000'000, 2'000'000'000, 0xff);
    mouse.move(2'000'000'000, (-2'147'483'647 - 1), (-2'147'483'647 - 1), 0xff);
    CHECK(arrives(15).substr(0, 8) == "0f ff ff");
}
