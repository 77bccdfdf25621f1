#include "devices/chipset/pit.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct Connected : DeviceBench {
    Pit pit{scheduler, pin("OUT0"), pin("OUT1"), pin("OUT2")};
    Connected() {
        add(pit);
        poke(0x40, 0x43);
        for (const char* counter : {"0", "1", "2"}) kept(std::string("state.counters.") + counter + ".gate");
    }
    void disturb(Dice& dice) override { pit.gate(static_cast<unsigned>(dice.below(3))).set(dice.one_in(2)); }
};

struct Unconnected : DeviceBench {
    Pit pit{scheduler, {}, {}, {}};
    Unconnected() {
        add(pit);
        poke(0x40, 0x43);
        for (const char* counter : {"0", "1", "2"}) kept(std::string("state.counters.") + counter + ".gate");
    }
    void disturb(Dice& dice) override {
        pit.gate(static_cast<unsigned>(dice.below(3))).set(dice.one_in(2));
        sense(pit.output(1) ? "out 1" : "out 0");
        sense(pit.refresh_toggle() ? "refresh 1" : "refresh 0");
    }
};

// At 105000000 steps a second a tick is 88 steps exactly.
struct Bench : DeviceBench {
    Pit pit{scheduler, pin("OUT0"), pin("OUT1"), pin("OUT2")};
    Bench() : DeviceBench{105'000'000} { add(pit); }

    void ticks(u64 n) { scheduler.run(88 * n); }
    void out(u16 port, u8 value) { ports.write8(port, value); }
    u8 in(u16 port) { return ports.read8(port); }
    void program(unsigned counter, unsigned mode, u16 count, bool bcd = false) {
        out(0x43, static_cast<u8>(counter << 6 | 0x30 | mode << 1 | (bcd ? 1 : 0)));
        set_count(counter, count);
    }
    void set_count(unsigned counter, u16 count) {
        out(static_cast<u16>(0x40 + counter), static_cast<u8>(count));
        out(static_cast<u16>(0x40 + counter), static_cast<u8>(count >> 8));
    }
    unsigned count(unsigned counter) {
        out(0x43, static_cast<u8>(counter << 6));
        const unsigned low = in(static_cast<u16>(0x40 + counter));
        return low | static_cast<unsigned>(in(static_cast<u16>(0x40 + counter))) << 8;
    }
    // OUT after each of the next ticks.
    std::string wave(const char* name, unsigned length) {
        std::string levels;
        for (unsigned i = 0; i < length; ++i) {
            ticks(1);
            levels += level(name) ? '1' : '0';
        }
        return levels;
    }
};

}  // namespace

TEST_CASE("the timer keeps the device contract with its outputs connected") { check_device_contract<Connected>(); }
TEST_CASE("the timer keeps the device contract with no output connected") { check_device_contract<Unconnected>(); }

TEST_CASE("a connected output does not change what software reads") {
    for (Dice dice : seeds(20)) {
        Connected wired;
        Unconnected bare;
        Dice same = dice;
        for (unsigned i = 0; i < 600; ++i) {
            INFO("poke " << i << " of seed " << dice.seed());
            REQUIRE(random_poke(wired, dice) == random_poke(bare, same));
            for (const unsigned counter : {0u, 1u, 2u}) REQUIRE(wired.pit.output(counter) == bare.pit.output(counter));
            REQUIRE(wired.pit.refresh_toggle() == bare.pit.refresh_toggle());
        }
    }
}

TEST_CASE_METHOD(Bench, "mode 0: OUT rises N + 1 ticks after the count was written, and stays") {
    program(0, 0, 4);
    CHECK(wave("OUT0", 8) == "00001111");
    CHECK(count(0) == 0xfffd);  // it counts on
    set_count(0, 2);
    CHECK_FALSE(level("OUT0"));
    CHECK(wave("OUT0", 4) == "0011");
}

TEST_CASE_METHOD(Bench, "mode 0: the first byte of a new count stops the counter") {
    program(0, 0, 100);
    ticks(10);
    out(0x40, 5);
    ticks(1000);
    CHECK_FALSE(level("OUT0"));
    out(0x40, 0);
    CHECK(wave("OUT0", 7) == "0000011");
}

TEST_CASE_METHOD(Bench, "mode 0: a low gate holds the count") {
    pit.gate(2).raise();
    program(2, 0, 5);
    ticks(3);
    CHECK(count(2) == 3);
    pit.gate(2).lower();
    ticks(50);
    CHECK(count(2) == 3);
    pit.gate(2).raise();
    CHECK(wave("OUT2", 4) == "0011");
}

TEST_CASE_METHOD(Bench, "mode 1: the gate's edge starts a pulse of N ticks and starts it again") {
    program(2, 1, 3);
    CHECK(level("OUT2"));
    CHECK(wave("OUT2", 3) == "111");
    pit.gate(2).raise();
    CHECK(wave("OUT2", 6) == "000111");
    pit.gate(2).lower();
    pit.gate(2).raise();
    CHECK(wave("OUT2", 2) == "00");
    pit.gate(2).lower();
    pit.gate(2).raise();
    CHECK(wave("OUT2", 5) == "00011");
}

TEST_CASE_METHOD(Bench, "mode 2: OUT is low for the last tick of every N") {
    program(0, 2, 3);
    CHECK(wave("OUT0", 10) == "1101101101");
    CHECK(count(0) == 3);
}

TEST_CASE_METHOD(Bench, "mode 2: a new count waits for the end of the period") {
    program(0, 2, 4);
    ticks(2);
    set_count(0, 3);
    CHECK(wave("OUT0", 9) == "101101101");
}

TEST_CASE_METHOD(Bench, "mode 2: the gate holds OUT high and starts the period anew") {
    pit.gate(2).raise();
    program(2, 2, 3);
    CHECK(wave("OUT2", 3) == "110");
    pit.gate(2).lower();
    CHECK(level("OUT2"));
    CHECK(wave("OUT2", 3) == "111");
    pit.gate(2).raise();
    CHECK(wave("OUT2", 7) == "1101101");
}

TEST_CASE_METHOD(Bench, "mode 3: an even count is a square wave and counts by twos") {
    program(0, 3, 4);
    CHECK(wave("OUT0", 9) == "110011001");
    program(0, 3, 6);
    ticks(2);
    CHECK(count(0) == 4);
    ticks(1);
    CHECK(count(0) == 2);
    ticks(1);
    CHECK(count(0) == 6);
}

TEST_CASE_METHOD(Bench, "mode 3: an odd count is high one tick longer") {
    program(0, 3, 5);
    CHECK(wave("OUT0", 11) == "11100111001");
    program(0, 3, 5);
    ticks(1);
    std::vector<unsigned> seen;
    for (unsigned i = 0; i < 5; ++i) {
        seen.push_back(count(0));
        ticks(1);
    }
    CHECK(seen == std::vector<unsigned>{4, 2, 0, 4, 2});
}

TEST_CASE_METHOD(Bench, "mode 4: one strobe of a tick, N + 1 ticks after the count") {
    program(0, 4, 2);
    CHECK(wave("OUT0", 6) == "110111");
    ticks(70000);
    CHECK(take_record().size() == 3);  // up with the control word, and the two edges of the strobe
}

TEST_CASE_METHOD(Bench, "mode 5: the gate's edge asks for the strobe") {
    program(2, 5, 2);
    CHECK(wave("OUT2", 4) == "1111");
    pit.gate(2).raise();
    CHECK(wave("OUT2", 5) == "11011");
}

TEST_CASE_METHOD(Bench, "a count of zero is the largest, and BCD counts in tens") {
    program(0, 2, 0);
    ticks(1);
    CHECK(count(0) == 0);
    ticks(1);
    CHECK(count(0) == 0xffff);
    program(0, 2, 0, true);
    ticks(2);
    CHECK(count(0) == 0x9999);
    program(0, 2, 0x1000, true);
    ticks(2);
    CHECK(count(0) == 0x0999);
}

TEST_CASE_METHOD(Bench, "a latched count stands until it is read, whatever is latched after it") {
    program(0, 2, 1000);
    ticks(101);
    out(0x43, 0x00);
    ticks(100);
    out(0x43, 0x00);
    CHECK(in(0x40) == (900 & 0xff));
    ticks(100);
    CHECK(in(0x40) == 900 >> 8);
    CHECK(in(0x40) == (700 & 0xff));  // running again
}

TEST_CASE_METHOD(Bench, "read-back latches status and count of several counters, status first") {
    program(0, 2, 100);
    program(1, 3, 100);
    out(0x43, 0xc6);          // both, of counters 0 and 1
    CHECK(in(0x40) == 0xf4);  // OUT high, null count, both bytes, mode 2
    CHECK(in(0x41) == 0xf6);
    in(0x40), in(0x40), in(0x41), in(0x41);
    ticks(1);
    out(0x43, 0xe6);          // status alone
    CHECK(in(0x40) == 0xb4);  // loaded now
    CHECK(in(0x41) == 0xb6);
    CHECK(in(0x40) == 100);
}

TEST_CASE_METHOD(Bench, "single-byte access writes and reads one half") {
    out(0x43, 0x14);  // counter 0, low byte, mode 2
    out(0x40, 10);
    ticks(3);
    CHECK(in(0x40) == 8);
    CHECK(in(0x40) == 8);
    out(0x43, 0x24);  // high byte
    out(0x40, 0x12);
    ticks(2);
    CHECK(in(0x40) == 0x11);
}

TEST_CASE("an hour of the BIOS clock is 65543 ticks of 65536, exactly") {
    DeviceBench bench{3'000'000};
    unsigned rising = 0;
    Pit pit{bench.scheduler, Line{[&, last = false](bool high) mutable { rising += high && !last; last = high; }}, {}, {}};
    pit.attach(bench.ports);
    bench.ports.write8(0x43, 0x34);
    bench.ports.write8(0x40, 0);
    bench.ports.write8(0x40, 0);
    rising = 0;
    bench.scheduler.run(3'000'000ull * 3600);
    CHECK(rising == 65543);  // 3600 s * 105000000/88 Hz / 65536 = 65543.3
}

TEST_CASE("the refresh toggle turns every 15 microseconds, seen by anybody who polls") {
    DeviceBench bench{10'000'000};
    Pit pit{bench.scheduler, {}, {}, {}};
    pit.attach(bench.ports);
    bench.ports.write8(0x43, 0x54);
    bench.ports.write8(0x41, 18);
    CHECK(bench.scheduler.next() == Moment::never());
    unsigned turns = 0;
    for (bool last = pit.refresh_toggle(); bench.scheduler.now().step < 10'000'000; bench.scheduler.run(50))
        if (const bool now = pit.refresh_toggle(); now != last) last = now, ++turns;
    CHECK(turns >= 66286);  // a second / (18 ticks)
    CHECK(turns <= 66288);
}

TEST_CASE("edges are not lost when a step is longer than a tick") {
    DeviceBench bench{250'000};
    unsigned rising = 0;
    Pit pit{bench.scheduler, Line{[&, last = false](bool high) mutable { rising += high && !last; last = high; }}, {}, {}};
    pit.attach(bench.ports);
    bench.ports.write8(0x43, 0x34);
    bench.ports.write8(0x40, 100);
    bench.ports.write8(0x40, 0);
    rising = 0;
    bench.scheduler.run(250'000);
    CHECK(rising == 11931);
}

// Linux' calibration of the time-stamp counter reads the counter right behind its count: ready or not, it must see the count.
TEST_CASE_METHOD(Bench, "a count that waits for the next tick reads as if it were loaded") {
    program(0, 0, 0xffff);
    CHECK(in(0x40) == 0xff);
    CHECK(in(0x40) == 0xff);
    CHECK(count(0) == 0xffff);
    ticks(1);
    CHECK(count(0) == 0xffff);  // the tick loads it, the next one counts
    ticks(1);
    CHECK(count(0) == 0xfffe);
    program(0, 3, 7);
    CHECK(count(0) == 6);
}
