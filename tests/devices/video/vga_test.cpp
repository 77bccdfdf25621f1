#include "devices/video/vga.hpp"

#include "tests/devices/video/modes.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct ContractBench : VgaBench {
    ContractBench() : VgaBench{10'000'000} {
        poke(0x3b0, 0x3df);
        poke_window(0xa0000, 0xbffff);
        kept("state.planes");  // by a hard reset; that a power-on clears them is its own test
    }
    // Random bytes hardly ever make a mode: sometimes one is set.
    void disturb(Dice& dice) override {
        const Mode* const modes[]{&mode_03h, &mode_07h, &mode_12h, &mode_13h, &mode_x};
        if (dice.one_in(4)) set_mode(*modes[dice.below(5)]);
        if (dice.one_in(4)) {
            const Frame frame = vga.render();
            sense(std::to_string(frame.width) + "x" + std::to_string(frame.height) + ":" + std::to_string(frame.pixels.empty() ? 0 : frame.pixels[dice.below(frame.pixels.size())]));
        }
        if (dice.one_in(4)) if (const auto text = vga.text()) sense(std::to_string(text->columns) + "x" + std::to_string(text->rows));
    }
};

}  // namespace

TEST_CASE("the VGA keeps the device contract") { check_device_contract<ContractBench>(4, 300); }

TEST_CASE_METHOD(VgaBench, "power-on clears video memory and a hard reset does not") {
    set_mode(mode_13h);
    put(0xa1234, 0x56);
    vga.reset(Reset::Hard);
    set_mode(mode_13h);
    CHECK(get(0xa1234) == 0x56);
    vga.reset(Reset::PowerOn);
    set_mode(mode_13h);
    CHECK(get(0xa1234) == 0);
}

TEST_CASE_METHOD(VgaBench, "the CRTC answers at 3Dx in colour and at 3Bx in monochrome, never at both") {
    ports.write8(0x3c2, 0x67);
    ports.write(0x3d4, 2, 0x350c);
    ports.write(0x3b4, 2, 0x770c);
    CHECK(ports.read8(0x3d5) == 0x35);
    CHECK(ports.read8(0x3b5) == 0xff);
    CHECK(ports.read8(0x3ba) == 0xff);
    ports.write8(0x3c2, 0x66);
    CHECK(ports.read8(0x3d5) == 0xff);
    CHECK(ports.read8(0x3b5) == 0x35);
    CHECK(ports.read8(0x3cc) == 0x66);
}

TEST_CASE_METHOD(VgaBench, "the attribute controller takes index and data by turns, and a status read begins anew") {
    ports.write8(0x3c2, 0x67);
    ports.read8(0x3da);
    ports.write8(0x3c0, 0x11);
    ports.write8(0x3c0, 0x2a);
    CHECK(ports.read8(0x3c0) == 0x11);
    CHECK(ports.read8(0x3c1) == 0x2a);
    ports.write8(0x3c0, 0x12);
    ports.read8(0x3da);
    ports.write8(0x3c0, 0x11);
    CHECK(ports.read8(0x3c1) == 0x2a);
}

TEST_CASE_METHOD(VgaBench, "palette registers are out of the processor's reach while the screen has them") {
    ports.write8(0x3c2, 0x67);
    ports.read8(0x3da);
    for (const u8 value : std::initializer_list<u8>{0x03, 0x15, 0x23, 0x3a}) ports.write8(0x3c0, value);
    CHECK(ports.read8(0x3c1) == 0x15);
    for (const u8 value : std::initializer_list<u8>{0x03, 0x3a}) ports.write8(0x3c0, value);
    CHECK(ports.read8(0x3c1) == 0x3a);
}

TEST_CASE_METHOD(VgaBench, "bit 7 of CR11 protects CR0 to CR7, save for the line compare's ninth bit") {
    ports.write8(0x3c2, 0x67);
    set_crtc(0x11, 0x00);
    set_crtc(0x00, 0x5f);
    set_crtc(0x07, 0x1f);
    set_crtc(0x11, 0x80);
    set_crtc(0x00, 0x11);
    set_crtc(0x07, 0x00);
    set_crtc(0x09, 0x4f);
    ports.write8(0x3d4, 0x00);
    CHECK(ports.read8(0x3d5) == 0x5f);
    ports.write8(0x3d4, 0x07);
    CHECK(ports.read8(0x3d5) == 0x0f);
    ports.write8(0x3d4, 0x09);
    CHECK(ports.read8(0x3d5) == 0x4f);
}

TEST_CASE_METHOD(VgaBench, "DAC colours go in and out by threes with six bits each, stepping the index") {
    ports.write8(0x3c8, 0xff);
    for (const u8 value : std::initializer_list<u8>{0xff, 0x01, 0x42, 0x10, 0x20, 0x30}) ports.write8(0x3c9, value);
    CHECK(ports.read8(0x3c8) == 0x01);
    CHECK(ports.read8(0x3c7) == 0);
    ports.write8(0x3c7, 0xff);
    CHECK(ports.read8(0x3c7) == 3);
    for (const u8 value : std::initializer_list<u8>{0x3f, 0x01, 0x02, 0x10, 0x20, 0x30}) CHECK(ports.read8(0x3c9) == value);
    ports.write8(0x3c7, 0x10);
    CHECK(ports.read8(0x3c8) == 0x11);
}

TEST_CASE_METHOD(VgaBench, "with 3C3 bit 0 clear only 3C3 answers, and no memory") {
    set_mode(mode_13h);
    put(0xa0000, 0x42);
    ports.write8(0x3c3, 0);
    CHECK(ports.read8(0x3cc) == 0xff);
    CHECK(get(0xa0000) == 0xff);
    ports.write8(0x3c2, 0);
    ports.write8(0x3c3, 1);
    CHECK(ports.read8(0x3cc) == 0x63);
    CHECK(get(0xa0000) == 0x42);
}

TEST_CASE_METHOD(VgaBench, "a 640 x 480 frame is 800 dots by 525 lines: 59.94 Hz, to the dot") {
    set_mode(mode_12h);
    steps_until(0x08, true);
    steps_until(0x08, false);
    const Moment end = scheduler.now();
    steps_until(0x08, true);
    CHECK(scheduler.now() - end == 800 * 523);
    CHECK(steps_until(0x08, false) == 800 * 2);
    // Retrace ends after line 235 (EBh) of the second half: lines 492 to 524 are left, all blank.
    CHECK(steps_until(0x01, false) == 800 * (525 - 0x1ec));
    CHECK(steps_until(0x01, true) == 640);
    CHECK(steps_until(0x01, false) == 160);
    scheduler.run(800 * 478);
    CHECK(steps_until(0x01, true) == 640);
    CHECK(steps_until(0x01, false) == 160 + 800 * 45);
}

TEST_CASE("a text frame is 900 dots by 449 lines at 28.322 MHz: 70.086 Hz, to the dot") {
    VgaBench bench{28'322'000};
    bench.set_mode(mode_03h);
    bench.steps_until(0x08, true);
    bench.steps_until(0x08, false);
    const Moment end = bench.scheduler.now();
    bench.steps_until(0x08, true);
    CHECK(bench.scheduler.now() - end == 900 * 447);
    CHECK(bench.steps_until(0x08, false) == 900 * 2);
    CHECK(bench.steps_until(0x01, false) == 900 * (449 - 414));
    CHECK(bench.steps_until(0x01, true) == 720);
}

TEST_CASE("at any step rate a second holds 70.086 frames of mode 13h") {
    VgaBench bench{1'000'003};
    bench.set_mode(mode_13h);
    unsigned rises = 0;
    bool before = bench.status() & 8;
    for (u64 i = 0; i < 10'000'030; ++i) {
        bench.scheduler.run(1);
        const bool now = bench.ports.peek(0x3da).value() & 8;
        rises += now && !before;
        before = now;
    }
    CHECK(rises == 700);  // 25.175 MHz / (800 * 449) = 70.0863 Hz, ten seconds, 700.86 frames
}

TEST_CASE_METHOD(VgaBench, "setting the same timing again does not move the beam") {
    set_mode(mode_12h);
    scheduler.run(123'456);
    const u64 left = [&] { VgaBench twin; load_state(twin, save(*this)); twin.restored(); return twin.steps_until(0x08, true); }();
    set_mode(mode_12h);
    set_crtc(0x0d, 0x50);
    CHECK(steps_until(0x08, true) == left);
}

TEST_CASE_METHOD(VgaBench, "the vertical interrupt comes with the retrace once it is let go, and stays until cleared") {
    set_mode(mode_12h);
    scheduler.run(2'000'000);
    CHECK_FALSE(level("irq"));
    set_crtc(0x11, 0x1c);
    const u64 steps = scheduler.next() - scheduler.now();
    scheduler.run(steps - 1);
    CHECK_FALSE(level("irq"));
    CHECK((ports.read8(0x3c2) & 0x80) == 0);
    scheduler.run(1);
    CHECK(level("irq"));
    CHECK((ports.read8(0x3c2) & 0x80) == 0x80);
    CHECK((status() & 8) == 8);
    scheduler.run(1'000'000);
    CHECK(level("irq"));
    set_crtc(0x11, 0x0c);
    CHECK_FALSE(level("irq"));
    set_crtc(0x11, 0x1c);
    CHECK_FALSE(level("irq"));
    scheduler.run(800 * 525);
    CHECK(level("irq"));
    set_crtc(0x11, 0x3c);
    CHECK_FALSE(level("irq"));
    CHECK((ports.read8(0x3c2) & 0x80) == 0x80);
}

TEST_CASE_METHOD(VgaBench, "the status shows two bits of the border's colour, chosen by AR12") {
    set_mode(mode_12h);
    set_attribute(0x11, 0x2a);
    steps_until(0x08, true);
    unsigned seen = 0;
    for (const u8 choice : std::initializer_list<u8>{0, 1, 2, 3}) {
        set_attribute(0x12, static_cast<u8>(0x0f | choice << 4));
        seen = seen << 2 | (status() >> 4 & 3);
    }
    CHECK(seen == 0b00'10'11'00);  // 2Ah: P5, P3 and P1
}

TEST_CASE_METHOD(VgaBench, "the stamp stays while the picture does, and changes with registers, memory, blinking and pages") {
    set_mode(mode_03h);
    auto before = vga.stamp();
    const auto changed = [&] { return std::exchange(before, vga.stamp()) != before; };
    (void)vga.render();
    (void)get(0xb8000);
    CHECK_FALSE(changed());
    put(0xb8000, 'x');
    CHECK(changed());
    set_attribute(0x13, 0);
    CHECK(changed());
    set_crtc(0x0d, 80);
    CHECK(changed());
    unsigned changes = 0;
    for (unsigned i = 0; i < 1000; ++i) {
        scheduler.run(25'175);
        changes += changed();
    }
    CHECK(changes >= 8);
    CHECK(changes <= 11);
}

TEST_CASE_METHOD(VgaBench, "stores pass the window by in mode 13h, and the stamp knows of them") {
    struct Memory : DirectStores {
        std::span<u8> there{};
        u64 base = 0;
        void stores_reach(PhysicalAddress at, std::span<u8> memory) override { base = at.value, there = memory; }
    } memory;
    vga.connect(memory);
    set_mode(mode_13h);
    REQUIRE(memory.there.size() == 0x10000);
    CHECK(memory.base == 0xa0000);
    auto before = vga.stamp();
    const auto changed = [&] { return std::exchange(before, vga.stamp()) != before; };
    CHECK_FALSE(changed());
    memory.there[0x123] = 7;
    CHECK(get(0xa0123) == 7);
    CHECK(changed());
    CHECK_FALSE(changed());
    memory.there[0x124] = 9;
    set_mode(mode_x);
    CHECK(memory.there.empty());
    CHECK(changed());
}
