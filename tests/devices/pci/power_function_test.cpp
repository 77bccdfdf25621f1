#include "tests/devices/pci/pci_bench.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct PowerBench : PciBench {
    PowerBench() { set_up(); }
    u32 timer() { return ports.read(pm + 8, 4); }
};

}  // namespace

TEST_CASE_METHOD(PowerBench, "the timer counts 3579545 a second, 24 bits wide") {
    CHECK(timer() == 0);
    scheduler.run(1'000'000);
    CHECK(timer() == 3'579'545);
    scheduler.run(9'000'000);
    CHECK(timer() == (35'795'450 & 0xffffff));
    CHECK(ports.read(pm + 8, 2) == (35'795'450 & 0xffff));
}

TEST_CASE_METHOD(PowerBench, "the timer's overflow is told whenever its highest bit turns, and interrupts where enabled") {
    const u64 half = (1'000'000ull * (1 << 23) + 3'579'544) / 3'579'545;
    ports.write8(0xb2, 0xf1);
    ports.write(pm + 2, 2, 0x0001);
    scheduler.run(half - 1);
    CHECK(ports.read(pm, 2) == 0);
    CHECK_FALSE(level("sci"));
    scheduler.run(1);
    CHECK(ports.read(pm, 2) == 1);
    CHECK(level("sci"));
    ports.write(pm, 2, 1);
    CHECK_FALSE(level("sci"));
    CHECK(ports.read(pm, 2) == 0);
    scheduler.run(half);
    CHECK(level("sci"));
    ports.write(pm + 2, 2, 0);
    CHECK_FALSE(level("sci"));
    CHECK(ports.read(pm, 2) == 1);  // the status does not depend on the interrupt
}

TEST_CASE_METHOD(PowerBench, "the command port hands over to ACPI and takes it back") {
    CHECK(ports.read(pm + 4, 2) == 0);
    ports.write8(0xb2, 0xf1);
    CHECK(ports.read(pm + 4, 2) == 1);
    CHECK(ports.read8(0xb2) == 0xf1);
    ports.write8(0xb2, 0xf0);
    CHECK(ports.read(pm + 4, 2) == 0);
    ports.write8(0xb3, 0x77);
    CHECK(ports.read8(0xb3) == 0x77);
}

TEST_CASE_METHOD(PowerBench, "the power button pulls the interrupt while ACPI wants to hear of it") {
    power.power_button().raise();
    power.power_button().lower();
    CHECK(ports.read(pm, 2) == 0x0100);
    CHECK_FALSE(level("sci"));
    ports.write8(0xb2, 0xf1);
    ports.write(pm + 2, 2, 0x0100);
    CHECK(level("sci"));
    ports.write8(pm + 1, 0x01);
    CHECK_FALSE(level("sci"));
}

TEST_CASE_METHOD(PowerBench, "sleep type 0 with the order to sleep turns the machine off") {
    ports.write(pm + 4, 2, 0x0001);
    CHECK(take_record().empty());
    ports.write(pm + 4, 2, 0x2401);
    CHECK(take_record().empty());
    ports.write(pm + 4, 2, 0x2001);
    CHECK(take_record().size() == 1);
    CHECK(ports.read(pm + 4, 2) == 0x0001);
    ports.write8(pm + 5, 0x20);
    CHECK(take_record().size() == 1);
}

TEST_CASE_METHOD(PowerBench, "without its enable the function answers at no port") {
    set_config(1, 3, 0x80, 1, 0);
    CHECK(ports.read(pm + 8, 4) == 0xffffffff);
    set_config(1, 3, 0x80, 1, 1);
    set_config(1, 3, 0x40, 4, 0x600);
    scheduler.run(1'000'000);
    CHECK(ports.read(0x608, 4) == 3'579'545);
}

TEST_CASE_METHOD(PowerBench, "writing the command port pulls SMI where DEVACTB says so") {
    unsigned pulled = 0;
    power.connect_smi(Line{[&](bool high) { pulled += high; }});
    ports.write8(0xb2, 0x10);
    CHECK(pulled == 0);
    set_config(1, 3, 0x58, 4, 1 << 25);
    ports.write8(0xb2, 0x10);
    CHECK(pulled == 1);
    ports.write8(0xb3, 0x10);
    CHECK(pulled == 1);
}
