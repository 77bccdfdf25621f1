#include "devices/debug/debug_console.hpp"
#include "devices/debug/debug_exit.hpp"
#include "devices/debug/firmware_config.hpp"
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
    FirmwareConfig config{u64{3} << 30};

    Bench() {
        add(console);
        add(exit);
        add(power);
        poke(0xe9, 0xe9);
        poke(0xf4, 0xf4);
        poke(0x604, 0x604);
        poke(0x8900, 0x8900);
        add(config);
        poke(0x510, 0x511);
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

TEST_CASE_METHOD(Bench, "programs for emulators learn the memory's size and that there is one processor") {
    const auto item = [&](u16 number, unsigned bytes) {
        ports.write(0x510, 2, number);
        u64 value = 0;
        for (unsigned i = 0; i < bytes; ++i) value |= u64{ports.read8(0x511)} << (8 * i);
        return value;
    };
    CHECK(item(0, 4) == 0x554d4551);
    CHECK(item(3, 8) == u64{3} << 30);
    CHECK(ports.read8(0x511) == 0);
    CHECK(item(5, 2) == 1);
    CHECK(item(0x19, 4) == 0);
    CHECK(item(0x8001, 8) == 0);
}

TEST_CASE("beside another part the console and the exit port listen, whatever the width, and that part goes on") {
    struct Board : DeviceBench {
        struct Part {
            u32 byte = 0, wide = 0;
            void write(u8 value) { byte = value; }
            void write_wide(u32 value) { wide = value; }
            u8 read() { return 0x5a; }
        } part;
        std::string text;
        u32 code = 0;
        DebugConsole console{0x80, [this](u8 byte) { text += static_cast<char>(byte); }};
        DebugExit exit{0x80, [this](u32 value) { code = value; }};
        Board() {
            ports.on_write<&Part::write>(0x80, &part);
            ports.on_write<&Part::write_wide>(0x80, &part);
            ports.on_read<&Part::read>(0x80, &part);
            console.attach(ports);
            exit.attach(ports);
        }
    } board;
    board.ports.write8(0x80, 'a');
    CHECK(board.text == "a");
    CHECK(board.part.byte == 'a');
    CHECK(board.code == ('a' << 1 | 1));
    board.ports.write(0x80, 2, 0x6362);
    CHECK(board.text == "ab");
    board.ports.write(0x80, 4, 0x12345664);
    CHECK(board.text == "abd");
    CHECK(board.part.wide == 0x12345664);
    CHECK(board.ports.read8(0x80) == 0x5a);
}
