#include "devices/serial/parallel_port.hpp"

#include <catch2/catch.hpp>
#include <fstream>

#include "core/base/ensure.hpp"
#include "devices/serial/ports_to_host.hpp"
#include "tests/devices/contract.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct PrinterBench : DeviceBench, SerialPort {
    std::string printed;
    ParallelPort port{scheduler, pin("irq"), 0x378, "lpt1", this};

    PrinterBench() {
        add(port);
        poke(0x378, 0x37a);
    }
    void transmit(u8 byte) override {
        printed += static_cast<char>(byte);
        sense("prints " + std::to_string(byte));
    }
    void print(char letter, u8 control = 0x0c) {
        ports.write8(0x378, static_cast<u8>(letter));
        ports.write8(0x37a, control | 1);
        ports.write8(0x37a, control);
    }
};

}  // namespace

TEST_CASE("the printer port keeps the device contract") { check_device_contract<PrinterBench>(); }

TEST_CASE_METHOD(PrinterBench, "a strobe prints a byte, and the printer is busy until it acknowledges") {
    CHECK(ports.read8(0x379) == 0xdf);
    print('A');
    CHECK(printed == "A");
    CHECK(ports.read8(0x379) == 0x5f);
    print('B');  // not while it is busy
    CHECK(printed == "A");
    scheduler.run(ParallelPort::busy_time);
    CHECK((ports.read8(0x379) & 0x40) == 0);
    scheduler.run(ParallelPort::acknowledge_time);
    CHECK(ports.read8(0x379) == 0xdf);
    print('B');
    CHECK(printed == "AB");
}

TEST_CASE_METHOD(PrinterBench, "the end of the acknowledge pulse interrupts, if enabled") {
    ports.write8(0x37a, 0x1c);
    CHECK(take_record().empty());
    print('A', 0x1c);
    scheduler.run(100);
    const auto record = take_record();
    REQUIRE(record.size() == 2);
    CHECK(record[1] == std::to_string(ParallelPort::busy_time + ParallelPort::acknowledge_time) + " irq rises");
    ports.write8(0x37a, 0x0c);
    CHECK_FALSE(level("irq"));
    take_record();
    print('B');
    scheduler.run(100);
    CHECK(take_record().size() == 1);
}

TEST_CASE_METHOD(PrinterBench, "data and control read back, and the direction bit lets the lines float") {
    ports.write8(0x378, 0x5a);
    ports.write8(0x37a, 0x2c);
    CHECK(ports.read8(0x378) == 0xff);
    CHECK(ports.read8(0x37a) == 0xec);
    ports.write8(0x37a, 0x0c);
    CHECK(ports.read8(0x378) == 0x5a);
}

TEST_CASE("without a printer the port is there, busy and out of paper") {
    DeviceBench bench;
    ParallelPort port{bench.scheduler, bench.pin("irq"), 0x278, "lpt2", nullptr};
    port.attach(bench.ports);
    CHECK(bench.ports.read8(0x279) == 0x7f);
    bench.ports.write8(0x278, 0xaa);
    CHECK(bench.ports.read8(0x278) == 0xaa);
    bench.ports.write8(0x27a, 0x0d);
    bench.scheduler.run(1000);
    CHECK(bench.ports.read8(0x279) == 0x7f);
}

TEST_CASE("what goes to a file port is in the file, a line at a time") {
    TemporaryFolder folder;
    FilePort port{folder.path / "out.txt"};
    for (const char letter : std::string("hello\nwor")) port.transmit(static_cast<u8>(letter));
    std::string line;
    std::getline(std::ifstream{folder.path / "out.txt"}, line);
    CHECK(line == "hello");
    CHECK_THROWS_WITH(FilePort{folder.path / "no" / "out.txt"}, Catch::Contains("out.txt") && Catch::Contains("cannot be written"));
}
