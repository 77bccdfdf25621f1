#include "devices/input/i8042.hpp"

#include "tests/devices/input/bench.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct NothingPlugged : InputBench {
    NothingPlugged() : InputBench{false} {}
};

}  // namespace

TEST_CASE("the keyboard controller, keyboard and mouse keep the device contract") { check_device_contract<InputBench>(); }
TEST_CASE("the keyboard controller alone keeps the device contract") { check_device_contract<NothingPlugged>(5); }

TEST_CASE_METHOD(InputBench, "the self-test passes and says so in the status") {
    CHECK((status() & 0x04) == 0);
    command(0xaa);
    CHECK((status() & 0x0d) == 0x0d);
    CHECK(data() == 0x55);
    CHECK((status() & 0x01) == 0);
    command(0xab);
    CHECK(data() == 0x00);
    command(0xa9);
    CHECK(data() == 0x00);
}

TEST_CASE_METHOD(InputBench, "A20 is through at birth, and the output port gates it") {
    CHECK(level("A20"));
    command(0xd0);
    CHECK((data() & 0x03) == 0x03);
    command(0xd1, 0xdd);
    CHECK_FALSE(level("A20"));
    command(0xd1, 0xdf);
    CHECK(level("A20"));
    command(0xdd);
    CHECK_FALSE(level("A20"));
    command(0xdf);
    CHECK(level("A20"));
}

TEST_CASE_METHOD(InputBench, "FE and the output port reset the processor") {
    take_record();
    command(0xfe);
    CHECK(take_record() == std::vector<std::string>{"0 RESET rises", "0 RESET falls"});
    command(0xff);
    CHECK(take_record().empty());
    command(0xd1, 0xde);
    CHECK(take_record() == std::vector<std::string>{"0 RESET rises", "0 RESET falls"});
}

TEST_CASE_METHOD(ReadyBench, "a key arrives a millisecond later, raises IRQ 1 and reading lowers it") {
    keyboard.key(Key::A, true);
    scheduler.run(999);
    CHECK((status() & 1) == 0);
    scheduler.run(1);
    CHECK((status() & 1) == 1);
    CHECK(level("IRQ1"));
    CHECK(data() == 0x1e);
    CHECK_FALSE(level("IRQ1"));
    CHECK(data() == 0x1e);  // the buffer keeps its byte
    keyboard.key(Key::A, false);
    milliseconds(3);
    CHECK(data() == 0x9e);
}

TEST_CASE_METHOD(ReadyBench, "the keyboard waits while its port is off or the buffer is full") {
    command(0xad);
    keyboard.key(Key::B, true);
    milliseconds(10);
    CHECK((status() & 1) == 0);
    command(0xae);
    milliseconds(2);
    CHECK((status() & 1) == 1);
    keyboard.key(Key::C, true);
    milliseconds(10);
    CHECK(data() == 0x30);
    milliseconds(2);
    CHECK(data() == 0x2e);
}

TEST_CASE_METHOD(ReadyBench, "without its enable bit no interrupt comes") {
    command(0x60, 0x44);
    keyboard.key(Key::B, true);
    milliseconds(2);
    CHECK((status() & 1) == 1);
    CHECK_FALSE(level("IRQ1"));
    command(0x60, 0x45);
    CHECK(level("IRQ1"));
}

TEST_CASE_METHOD(ReadyBench, "the command byte and the RAM read back") {
    command(0x20);
    CHECK(data() == 0x47);
    command(0x7f, 0x5a);
    command(0x3f);
    CHECK(data() == 0x5a);
}

TEST_CASE_METHOD(ReadyBench, "bytes are put into the buffer as either device's") {
    command(0xd2, 0x42);
    CHECK(level("IRQ1"));
    CHECK((status() & 0x21) == 0x01);
    CHECK(data() == 0x42);
    command(0xd3, 0x43);
    CHECK(level("IRQ12"));
    CHECK((status() & 0x21) == 0x21);
    CHECK(data() == 0x43);
}

TEST_CASE_METHOD(ReadyBench, "a second byte for a device waits in the input buffer") {
    ports.write8(0x60, 0xed);
    CHECK((status() & 2) == 0);
    ports.write8(0x60, 0x02);
    CHECK((status() & 2) == 2);
    milliseconds(1);
    CHECK((status() & 2) == 0);
    CHECK(arrives() == "fa");  // the second command cut off the first's answer
    CHECK(keyboard.leds() == 2);
}

TEST_CASE_METHOD(NothingPlugged, "a device that is not there times out") {
    command(0x60, 0x03);
    command(0xd4, 0xf4);
    milliseconds(2);
    CHECK((status() & 0x61) == 0x61);
    CHECK(level("IRQ12"));
    CHECK(data() == 0xfe);
    command(0xa9);
    CHECK(data() != 0x00);
}

TEST_CASE_METHOD(ReadyBench, "a password locks the keyboard until it is typed") {
    command(0xa4);
    CHECK(data() == 0xf1);
    command(0xa5, 0x1e);          // A
    ports.write8(0x60, 0x9e);     // and its release
    ports.write8(0x60, 0x00);
    command(0xa4);
    CHECK(data() == 0xfa);
    command(0xa6);
    CHECK(typed(Key::B) == " / ");
    CHECK(typed(Key::A) == " / ");
    CHECK(typed(Key::B) == "30 / b0");
}

TEST_CASE_METHOD(ReadyBench, "the input port shows in the status on demand") {
    command(0xc0);
    const u8 port = data();
    command(0xc1);
    CHECK((status() >> 4) == (port & 0x0f));
    command(0xc2);
    CHECK((status() >> 4) == (port >> 4));
    command(0xe0);
    CHECK((status() >> 4 & 1) == 1);
    CHECK(data() == 0x03);
}

TEST_CASE("a state saved between the two bytes of a release loads as it was") {
    ReadyBench original, twin;
    original.keyboard.key(Key::A, true);
    original.arrives();
    original.keyboard.key(Key::A, false);
    original.scheduler.run(1'500);  // F0 has come and shows nothing; 1C is on the wire
    CHECK((original.status() & 1) == 0);
    load_state(twin, save(original));
    twin.restored();
    CHECK(twin.arrives() == "9e");
    CHECK(original.arrives() == "9e");
}
