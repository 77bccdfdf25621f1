#include "devices/debug/debug_console.hpp"
#include "devices/debug/debug_exit.hpp"
#include "devices/debug/power_port.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct Bench : DeviceBench {
    std::string text;
    DebugConsole console{0xe9, [this](u8 byte) { text += static_cast<char>(byte); sense("byte " + std::to_string(byte)); }};
    DebugExit exit{0xf4, [this](u32 code) { sense("exit " + std::to_string(code)); }};
    PowerPort power{[this] { sense("off"); }};

    Bench() {
        add(console);
        add(exit);
        add(power);
        poke(0xe9, 0xe9);
        poke(0xf4, 0xf4);
        poke(0x604, 0x604);
        poke(0x8900, 0x8900);
    }
    void disturb(Dice& dice) override { ports.write8(0x8900, static_cast<u8>("Shutdown"[dice.below(8)])); }
    void say(std::string_view word) {
        for (const char letter : word) ports.write8(0x8900, static_cast<u8>(letter));
    }
};

}  // namespace

TEST_CASE("the debug ports keep the device contract") { check_device_contract<Bench>(5); }

TEST_CASE_METHOD(Bench, "the console passes bytes on and is known by its reading") {
    for (const char c : std::string("hi\n")) ports.write8(0xe9, static_cast<u8>(c));
    CHECK(text == "hi\n");
    CHECK(ports.read8(0xe9) == 0xe9);
    DebugConsole elsewhere{0x402, {}};
    elsewhere.attach(ports);
    CHECK(ports.read8(0x402) == 0xe9);
}

TEST_CASE_METHOD(Bench, "the exit code is odd") {
    ports.write8(0xf4, 0x10);
    ports.write8(0xf4, 0xff);
    CHECK(take_record() == std::vector<std::string>{"0 exit 33", "0 exit 511"});
}

TEST_CASE_METHOD(Bench, "the word turns the machine off, and nothing less does") {
    say("ShutShutdow");
    say("n");
    CHECK(take_record() == std::vector<std::string>{"0 off"});
    say("Shut down");
    CHECK(take_record().empty());
    say("SShutdown");
    CHECK(take_record() == std::vector<std::string>{"0 off"});
}

TEST_CASE_METHOD(Bench, "the sleep enable bit turns the machine off, in a 16-bit write") {
    ports.write(0x604, 2, 0x0001);
    CHECK(take_record().empty());
    CHECK(ports.read(0x604, 2) == 0x0001);
    ports.write(0x604, 2, 0x3c00);  // another sleep state
    CHECK(take_record().empty());
    ports.write(0x604, 2, 0x2000);
    CHECK(take_record() == std::vector<std::string>{"0 off"});
}
