#include "devices/chipset/rtc.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

constexpr u64 new_years_eve_1999 = 946'684'795;  // 1999-12-31 23:59:55, a Friday

struct Bench : DeviceBench {
    Rtc rtc;
    explicit Bench(u64 start = new_years_eve_1999, u64 rate = 1'000'000)
        : DeviceBench{rate}, rtc{scheduler, pin("IRQ"), pin("NMI_ENABLE"), start} {
        add(rtc);
        poke(0x70, 0x71);
        for (const char* name : {"cmos", "next_second", "periodic_seen"}) kept(std::string("state.") + name);
        kept("scheduler.rtc.");
    }
    // Random writes rarely hit a register of the clock.
    void disturb(Dice& dice) override {
        ports.write8(0x70, static_cast<u8>(dice.below(14)));
        if (dice.one_in(2)) ports.write8(0x71, dice.byte());
        else sense(std::to_string(ports.read8(0x71)));
    }

    u8 in(u8 index) {
        ports.write8(0x70, index);
        return ports.read8(0x71);
    }
    void out(u8 index, u8 value) {
        ports.write8(0x70, index);
        ports.write8(0x71, value);
    }
    void run_microseconds(u64 us) { scheduler.run(us); }
    void run_seconds(u64 s) { scheduler.run(s * 1'000'000); }
    std::string shown() {
        char text[40];
        std::snprintf(text, sizeof text, "%02x%02x-%02x-%02x %02x:%02x:%02x/%x", in(0x32), in(9), in(8), in(7), in(4), in(2), in(0), in(6));
        return text;
    }
};

struct At : Bench {
    explicit At(u64 start) : Bench{start} { run_microseconds(10'000); }
};

}  // namespace

TEST_CASE("the clock keeps the device contract") { check_device_contract<Bench>(); }

TEST_CASE_METHOD(Bench, "the year 2000 comes as it did") {
    CHECK(shown() == "1999-12-31 23:59:55/6");
    run_seconds(5);
    run_microseconds(2'000);
    CHECK(shown() == "2000-01-01 00:00:00/7");
}

TEST_CASE("February has 29 days every fourth year, and in 2000") {
    const auto a_second_later = [](u64 start) {
        Bench bench{start};
        bench.run_microseconds(1'002'000);
        return bench.shown();
    };
    CHECK(a_second_later(951'782'399) == "2000-02-29 00:00:00/3");
    CHECK(a_second_later(951'868'799) == "2000-03-01 00:00:00/4");
    CHECK(a_second_later(1'046'476'799) == "2003-03-01 00:00:00/7");
    CHECK(a_second_later(1'078'012'799) == "2004-02-29 00:00:00/1");
}

TEST_CASE("binary mode and 12 hours count as told") {
    At bench{36'000 + 59 * 60 + 58};  // 10:59:58
    bench.out(0x0b, 0x80 | 0x04);     // SET, binary, 12 hours
    bench.out(0x00, 59); bench.out(0x02, 59); bench.out(0x04, 11);
    bench.out(0x07, 31); bench.out(0x08, 12); bench.out(0x09, 99); bench.out(0x32, 19);
    bench.out(0x0b, 0x04);
    bench.run_seconds(1);
    CHECK(bench.in(0x04) == 0x8c);  // 12 PM is noon
    CHECK(bench.in(0x07) == 31);
    bench.out(0x0b, 0x84);
    bench.out(0x00, 59); bench.out(0x02, 59); bench.out(0x04, 0x8b);
    bench.out(0x0b, 0x04);
    bench.run_seconds(1);
    CHECK(bench.in(0x04) == 12);    // 12 AM is midnight
    CHECK(bench.in(0x07) == 1);
    CHECK(bench.in(0x08) == 1);
    CHECK(bench.in(0x09) == 0);
    CHECK(bench.in(0x32) == 20);
    bench.run_seconds(3600);
    CHECK(bench.in(0x04) == 1);
}

TEST_CASE_METHOD(Bench, "update in progress is up from 244 microseconds before the update to its end") {
    run_microseconds(999'740);
    CHECK(in(0x0a) == 0x26);
    run_microseconds(20);
    CHECK(in(0x0a) == 0xa6);
    run_microseconds(240);
    CHECK(in(0x00) == 0x55);  // the second has come, the update runs
    run_microseconds(1'980);
    CHECK(in(0x0a) == 0xa6);
    CHECK(in(0x00) == 0x55);
    run_microseconds(10);
    CHECK(in(0x0a) == 0x26);
    CHECK(in(0x00) == 0x56);
}

TEST_CASE_METHOD(Bench, "SET holds the time and clears the update interrupt enable") {
    out(0x0b, 0x92);
    CHECK(in(0x0b) == 0x82);
    run_seconds(10);
    CHECK(in(0x00) == 0x55);
    CHECK((in(0x0c) & 0x10) == 0x00);
    out(0x0b, 0x02);
    run_seconds(1);
    CHECK(in(0x00) == 0x56);
}

TEST_CASE_METHOD(Bench, "an update interrupt each second, acknowledged by reading register C") {
    out(0x0b, 0x12);
    run_microseconds(1'001'000);
    CHECK_FALSE(level("IRQ"));
    run_microseconds(1'000);
    CHECK(level("IRQ"));
    CHECK(in(0x0c) == 0xd0);  // the periodic flag stands beside it, not enabled
    CHECK_FALSE(level("IRQ"));
    CHECK(in(0x0c) == 0x00);
}

TEST_CASE_METHOD(Bench, "the alarm comes when hours, minutes and seconds match or do not care") {
    out(0x01, 0x57); out(0x03, 0xc0); out(0x05, 0xff);
    out(0x0b, 0x22);
    run_microseconds(1'500'000);
    CHECK_FALSE(level("IRQ"));
    run_seconds(1);
    CHECK(level("IRQ"));
    CHECK((in(0x0c) & 0xa0) == 0xa0);
    run_seconds(59);
    CHECK_FALSE(level("IRQ"));
    run_seconds(1);
    CHECK(level("IRQ"));
}

TEST_CASE("the periodic interrupt has the rate of the table") {
    const auto interrupts_in_a_second = [](u8 rate) {
        Bench bench{new_years_eve_1999, 32'768 * 8};
        bench.out(0x0a, static_cast<u8>(0x20 | rate));
        bench.out(0x0b, 0x42);
        unsigned count = 0;
        for (unsigned i = 0; i < 32'768; ++i) {
            bench.scheduler.run(8);
            if (bench.level("IRQ")) {
                ++count;
                bench.in(0x0c);
            }
        }
        return count;
    };
    CHECK(interrupts_in_a_second(0) == 0);
    CHECK(interrupts_in_a_second(1) == 256);
    CHECK(interrupts_in_a_second(2) == 128);
    for (u8 rate = 3; rate <= 15; ++rate) CHECK(interrupts_in_a_second(rate) == 65536u >> rate);
}

TEST_CASE_METHOD(Bench, "the periodic flag stands without its interrupt, and no event is spent on it") {
    out(0x0a, 0x26);
    run_microseconds(900);
    CHECK(in(0x0c) == 0x00);
    run_microseconds(200);
    CHECK(in(0x0c) == 0x40);
    CHECK(in(0x0c) == 0x00);
    CHECK_FALSE(level("IRQ"));
    run_microseconds(1'000);
    out(0x0b, 0x42);  // enabling it with the flag up asks at once
    CHECK(level("IRQ"));
}

TEST_CASE_METHOD(Bench, "a held divider stops the clock and starts it half a second early") {
    out(0x0a, 0x76);
    run_seconds(5);
    CHECK(in(0x00) == 0x55);
    out(0x0a, 0x26);
    run_microseconds(501'000);
    CHECK(in(0x00) == 0x55);
    run_microseconds(1'500);
    CHECK(in(0x00) == 0x56);
}

TEST_CASE_METHOD(Bench, "memory, its checksum, and what cannot be written") {
    rtc.set_cmos(0x10, 0x40);
    rtc.set_cmos(0x15, 0x80);
    rtc.set_cmos(0x16, 0xff);
    rtc.update_checksum();
    CHECK(in(0x10) == 0x40);
    CHECK(in(0x2e) == 0x01);
    CHECK(in(0x2f) == 0xbf);
    out(0x7f, 0x5a);
    CHECK(in(0x7f) == 0x5a);
    out(0x0d, 0x00);
    CHECK(in(0x0d) == 0x80);
}

TEST_CASE_METHOD(Bench, "port 70h masks NMI, and a reset masks it again and keeps the memory") {
    ports.write8(0x70, 0x0f);
    CHECK(level("NMI_ENABLE"));
    ports.write8(0x70, 0x8f);
    CHECK_FALSE(level("NMI_ENABLE"));
    out(0x0f, 0x05);
    out(0x0b, 0x72);
    reset(Reset::Hard);
    CHECK_FALSE(level("NMI_ENABLE"));
    CHECK(in(0x0b) == 0x02);
    CHECK(in(0x0f) == 0x05);
}
