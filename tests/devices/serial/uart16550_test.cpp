#include "devices/serial/uart16550.hpp"

#include <catch2/catch.hpp>

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct UartBench : DeviceBench, SerialPort {
    std::string heard;
    Uart16550 uart{scheduler, pin("irq"), 0x3f8, "serial1", this};

    UartBench() { add(uart); }
    void transmit(u8 byte) override {
        heard += static_cast<char>(byte);
        sense("sends " + std::to_string(byte));
    }

    void write(unsigned which, u8 value) { ports.write8(static_cast<u16>(0x3f8 + which), value); }
    u8 read(unsigned which) { return ports.read8(static_cast<u16>(0x3f8 + which)); }

    // 8N1; a character at 115200 baud takes 86.8 microseconds, so 87 steps.
    void start(u8 fcr = 0, u8 ier = 0) {
        write(3, 0x80);
        write(0, 1);
        write(1, 0);
        write(3, 0x03);
        write(4, 0x0b);
        write(2, fcr);
        write(1, ier);
        (void)read(6);
    }
    static constexpr u64 character = 87;
    void say(const std::string& text) { for (const char letter : text) uart.receive(static_cast<u8>(letter)); }
    std::string read_all() {
        std::string text;
        while (read(5) & 1) text += static_cast<char>(read(0));
        return text;
    }
};

struct ContractBench : UartBench {
    ContractBench() {
        poke(0x3f8, 0x3ff);
        kept("state.modem_lines");
    }
    void disturb(Dice& dice) override {
        if (dice.one_in(4)) uart.set_modem_lines(dice.byte());
        else for (u64 i = dice.below(20); i > 0; --i) uart.receive(dice.byte());
    }
};

}  // namespace

TEST_CASE("the UART keeps the device contract") { check_device_contract<ContractBench>(20, 500); }

TEST_CASE_METHOD(UartBench, "a byte leaves after the time that divisor and format say") {
    start();
    write(0, 'A');
    CHECK(read(5) == 0x20);  // the holding register is free at once, the shift register is not
    scheduler.run(character - 1);
    CHECK(heard.empty());
    scheduler.run(1);
    CHECK(heard == "A");
    CHECK(read(5) == 0x60);

    write(3, 0x80);
    write(0, 12);
    write(3, 0x1f);  // 8 bits, even parity, two stop bits: 12 bits at 9600 baud
    write(0, 'B');
    scheduler.run(1249);
    CHECK(heard == "A");
    scheduler.run(1);
    CHECK(heard == "AB");
}

TEST_CASE_METHOD(UartBench, "a line that nobody has set up carries whole bytes") {
    write(0, 0xc1);
    scheduler.run(10'000);
    CHECK(heard == "\xc1");
}

TEST_CASE_METHOD(UartBench, "what is on its way when the machine ends is heard") {
    start(1);
    for (const char letter : std::string("end")) write(0, static_cast<u8>(letter));
    scheduler.run(character);
    CHECK(heard == "e");
    uart.drain();
    CHECK(heard == "end");
}

TEST_CASE_METHOD(UartBench, "words of seven bits lose the eighth") {
    start();
    write(3, 0x02);
    write(0, 0xc1);
    say("\xc2");
    scheduler.run(200);
    CHECK(heard == "A");
    CHECK(read(0) == 'B');
}

TEST_CASE_METHOD(UartBench, "the FIFO takes sixteen bytes and sends them in order") {
    start(0x07);
    write(0, '0');  // goes on to the shift register
    const std::string text = "abcdefghijklmnop";
    for (const char letter : text) write(0, static_cast<u8>(letter));
    write(0, '!');  // one too many
    CHECK(read(5) == 0x00);
    scheduler.run(17 * character);
    CHECK(heard == "0" + text);
    CHECK(read(5) == 0x60);
}

TEST_CASE_METHOD(UartBench, "without the FIFO a byte written too early replaces the one that waits") {
    start();
    for (const char letter : {'a', 'b', 'c'}) write(0, static_cast<u8>(letter));
    scheduler.run(1000);
    CHECK(heard == "ac");
}

TEST_CASE_METHOD(UartBench, "the transmitter's interrupt comes when enabled, with every emptying, and goes by reading its source") {
    start(0, 0x02);
    CHECK(level("irq"));
    CHECK(read(2) == 0x02);
    CHECK_FALSE(level("irq"));
    CHECK(read(2) == 0x01);
    take_record();
    write(0, 'a');
    CHECK(level("irq"));  // moved on at once
    write(0, 'b');
    CHECK_FALSE(level("irq"));
    scheduler.run(character);
    CHECK(level("irq"));
    CHECK(heard == "a");
}

TEST_CASE_METHOD(UartBench, "a received byte interrupts until it is read") {
    start(0, 0x01);
    say("x");
    scheduler.run(character - 1);
    CHECK_FALSE(level("irq"));
    scheduler.run(1);
    CHECK(level("irq"));
    CHECK(read(2) == 0x04);
    CHECK(read(5) == 0x61);
    CHECK(read(0) == 'x');
    CHECK_FALSE(level("irq"));
    CHECK(read(5) == 0x60);
}

TEST_CASE_METHOD(UartBench, "with the FIFO the interrupt comes at the trigger level, and for a rest after four characters' time") {
    start(0x47, 0x01);  // trigger 4
    say("abcdef");
    scheduler.run(3 * character);
    CHECK_FALSE(level("irq"));
    scheduler.run(character);
    CHECK(read(2) == 0xc4);
    CHECK(read(0) == 'a');
    CHECK(read(2) == 0xc1);
    scheduler.run(2 * character);
    CHECK(read(2) == 0xc4);
    for (const char letter : {'b', 'c'}) CHECK(read(0) == letter);
    CHECK_FALSE(level("irq"));
    scheduler.run(4 * character);
    CHECK(read(2) == 0xcc);
    CHECK(level("irq"));
    CHECK(read(0) == 'd');
    CHECK_FALSE(level("irq"));
    CHECK(read_all() == "ef");
    scheduler.run(1000);
    CHECK(read(2) == 0xc1);
}

TEST_CASE_METHOD(UartBench, "what the far end says waits while there is no room, and nothing is lost") {
    start(0xc7, 0x00);
    const std::string text = "The quick brown fox jumps over the lazy dog.";
    say(text);
    std::string got;
    for (int i = 0; i < 10; ++i) {
        scheduler.run(50 * character);
        got += read_all();
    }
    CHECK(got == text);
    CHECK((read(5) & 0x02) == 0);
}

TEST_CASE_METHOD(UartBench, "sources of interrupts are told in the order of their priority") {
    start(0, 0x0f);
    uart.set_modem_lines(0x0a);  // CTS falls
    write(4, 0x1b);              // loopback
    CHECK(read(2) == 0x02);      // THRE, before the modem
    CHECK(read(2) == 0x00);
    for (const char letter : {'1', '2'}) {
        write(0, static_cast<u8>(letter));
        scheduler.run(character);
    }
    CHECK(read(2) == 0x06);      // an overrun
    CHECK((read(5) & 0x0f) == 0x03);
    CHECK(read(2) == 0x04);
    CHECK(read(0) == '2');
    CHECK(read(2) == 0x02);
    CHECK(read(2) == 0x00);
    (void)read(6);
    CHECK(read(2) == 0x01);
}

TEST_CASE_METHOD(UartBench, "in loopback bytes come back and nobody outside hears them") {
    start();
    write(4, 0x1b);
    say("far");
    write(0, 'n');
    scheduler.run(1000);
    CHECK(read_all() == "n");
    CHECK(heard.empty());
    write(4, 0x0b);
    scheduler.run(character);
    CHECK(read(0) == 'f');
}

TEST_CASE_METHOD(UartBench, "in loopback the modem outputs are the modem inputs") {
    start();
    write(4, 0x10);
    (void)read(6);
    CHECK(read(6) == 0x00);
    write(4, 0x12);
    CHECK(read(6) == 0x11);
    write(4, 0x11);
    CHECK(read(6) == 0x23);
    write(4, 0x14);
    CHECK(read(6) == 0x42);
    write(4, 0x18);
    CHECK(read(6) == 0x8c);  // RI tells its trailing edge only
}

TEST_CASE_METHOD(UartBench, "a break in loopback is a zero with the break bit") {
    start(0, 0x04);
    write(4, 0x1b);
    write(3, 0x43);
    CHECK(level("irq"));
    CHECK((read(5) & 0x11) == 0x11);
    CHECK(read(0) == 0);
    CHECK_FALSE(level("irq"));
}

TEST_CASE_METHOD(UartBench, "OUT2 lets the interrupt through to the bus") {
    start(0, 0x02);
    write(4, 0x03);
    CHECK_FALSE(level("irq"));
    write(4, 0x0b);
    CHECK(level("irq"));
}

TEST_CASE_METHOD(UartBench, "software finds a 16550A") {
    write(2, 0xe7);
    CHECK((read(2) & 0xc0) == 0xc0);
    write(2, 0x00);
    CHECK((read(2) & 0xc0) == 0x00);
    write(7, 0x5a);
    CHECK(read(7) == 0x5a);
    write(1, 0xff);
    CHECK(read(1) == 0x0f);
    CHECK(read(6) == 0xb0);
}

TEST_CASE("without a cable the modem lines are low and bytes go nowhere") {
    DeviceBench bench;
    Uart16550 uart{bench.scheduler, bench.pin("irq"), 0x2f8, "serial2", nullptr};
    uart.attach(bench.ports);
    CHECK(bench.ports.read8(0x2fe) == 0x00);
    bench.ports.write8(0x2f8, 'x');
    bench.scheduler.run(100'000);
    CHECK(bench.ports.read8(0x2fd) == 0x60);
}
