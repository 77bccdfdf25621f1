#include "devices/chipset/io_apic.hpp"
#include "devices/chipset/local_apic.hpp"
#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct FakePic final : InterruptSource {
    u8 acknowledge() override { return 0x08; }
};

struct Bench : DeviceBench {
    Bench() : DeviceBench{200'000'000} {
        add(local);
        add(io);
        poke_window(0xfee00000, 0xfee003ff);
        poke_window(0xfec00000, 0xfec0001f);
        local.on_end([this](u8 vector) { io.end_of_interrupt(vector); });
        kept("state0.lint0");
        kept("state0.lint1");
        for (unsigned i = 0; i < IoApic::input_count; ++i) kept("state1.inputs." + std::to_string(i) + ".pin");
    }
    void disturb(Dice& dice) override {
        switch (dice.below(4)) {
            case 0: sense("vector " + std::to_string(local.acknowledge())); break;
            case 1: lint0.set(dice.one_in(2)); break;
            case 2: lint1.set(dice.one_in(2)); break;
            default: io.input(static_cast<unsigned>(dice.below(24))).set(dice.one_in(2)); break;
        }
    }

    void write(u32 reg, u32 value) { local.mmio_write(reg, 4, value); }
    u32 read(u32 reg) { return static_cast<u32>(local.mmio_read(reg, 4)); }
    void redirect(unsigned input, u64 entry) {
        io.mmio_write(0, 4, 0x11 + 2 * input);
        io.mmio_write(0x10, 4, entry >> 32);
        io.mmio_write(0, 4, 0x10 + 2 * input);
        io.mmio_write(0x10, 4, entry & 0xffffffff);
    }
    void enable() { write(0x0f0, 0x1ff); }
    [[nodiscard]] bool wants() const { return level("INTR"); }

    FakePic pic;
    LocalApic local{scheduler, pin("INTR"), pin("NMI"), pic};
    IoApic io{[this](const InterruptMessage& message) { return local.accept(message); }};
    Line lint0 = local.lint0(), lint1 = local.lint1();
};

}  // namespace

TEST_CASE("the APICs keep the device contract") { check_device_contract<Bench>(); }

TEST_CASE_METHOD(Bench, "software that knows no APIC gets the 8259 through it") {
    lint0.raise();
    CHECK(wants());
    CHECK(local.acknowledge() == 0x08);
    lint0.lower();
    CHECK_FALSE(wants());
    local.enable(false);
    lint0.raise();
    CHECK(wants());
}

TEST_CASE_METHOD(Bench, "disabled by the processor it reads as nothing, and comes back as it was born") {
    enable();
    write(0x320, 0x40);
    write(0x380, 1000);
    write(0x080, 0x30);
    local.enable(false);
    CHECK(read(0x030) == 0xffffffff);
    write(0x080, 0x50);
    local.enable(true);
    CHECK(read(0x080) == 0);
    CHECK(read(0x320) == 0x10000);
    CHECK(read(0x0f0) == 0xff);
    scheduler.run(10'000);
    CHECK_FALSE(wants());
}

TEST_CASE_METHOD(Bench, "the timer fires on the very step, once or again and again") {
    enable();
    write(0x3e0, 0xb);         // divide by 1: a bus tick is two steps here
    write(0x320, 0x40);
    write(0x380, 1000);
    scheduler.run(1999);
    CHECK_FALSE(wants());
    CHECK(read(0x390) == 1);
    scheduler.run(1);
    CHECK(wants());
    CHECK(local.acknowledge() == 0x40);
    CHECK(read(0x390) == 0);
    write(0x0b0, 0);
    write(0x320, 0x20040);
    write(0x380, 1000);
    for (int n = 0; n < 3; ++n) {
        scheduler.run(2000);
        CHECK(local.acknowledge() == 0x40);
        write(0x0b0, 0);
    }
}

TEST_CASE_METHOD(Bench, "the higher class interrupts the lower, and the task priority holds both off") {
    enable();
    write(0x300, 0x40031);     // to itself
    CHECK(local.acknowledge() == 0x31);
    write(0x300, 0x40035);     // the same class waits
    CHECK_FALSE(wants());
    write(0x300, 0x40052);
    CHECK(wants());
    CHECK(local.acknowledge() == 0x52);
    write(0x080, 0xf0);
    write(0x300, 0x40099);
    CHECK_FALSE(wants());
    write(0x0b0, 0);           // ends 52
    write(0x080, 0);
    CHECK(local.acknowledge() == 0x99);
    write(0x0b0, 0);
    write(0x0b0, 0);
    CHECK(local.acknowledge() == 0x35);
}

TEST_CASE_METHOD(Bench, "a level-triggered input comes again after its end until it is let go") {
    enable();
    redirect(17, 0x8061);
    io.input(17).raise();
    CHECK(local.acknowledge() == 0x61);
    CHECK_FALSE(wants());
    write(0x0b0, 0);
    CHECK(local.acknowledge() == 0x61);
    io.input(17).lower();
    write(0x0b0, 0);
    CHECK_FALSE(wants());
}

TEST_CASE_METHOD(Bench, "an edge comes once, and one that comes while masked is lost") {
    enable();
    redirect(4, 0x10034);
    io.input(4).raise();
    redirect(4, 0x34);
    CHECK_FALSE(wants());
    io.input(4).lower();
    io.input(4).raise();
    CHECK(local.acknowledge() == 0x34);
    write(0x0b0, 0);
    CHECK_FALSE(wants());
}

TEST_CASE_METHOD(Bench, "vectors below 16 are an error that the status register shows once it is written") {
    enable();
    write(0x300, 0x40005);
    CHECK(read(0x280) == 0);
    write(0x280, 0);
    CHECK(read(0x280) == 0x20);
    CHECK(read(0x030) >> 16 == 5);
}

TEST_CASE_METHOD(Bench, "messages of system management and of INIT reach their pins") {
    unsigned smi = 0, init = 0;
    local.connect(Line{[&](bool high) { smi += high; }}, Line{[&](bool high) { init += high; }});
    enable();
    write(0x310, 0);
    write(0x300, 0x4200);                   // SMI, asserted, physical destination 0
    CHECK(smi == 1);
    write(0x300, 0x4500);
    CHECK(init == 1);
    write(0x300, 0x8500);                   // INIT level de-assert
    CHECK(init == 1);
    write(0x300, 0x84500);                  // to all, which includes oneself: INIT cannot be sent so
    CHECK(init == 1);
    CHECK(local.accept({0, InterruptMessage::Mode::Smi, false, 0, false}));
    CHECK(smi == 2);
}
