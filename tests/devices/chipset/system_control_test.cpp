#include "devices/chipset/system_control.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct Bench : DeviceBench {
    bool timer2_out = false, refresh = false;
    SystemControl control{{.timer2_gate = pin("GATE2"), .speaker_data = pin("SPEAKER"), .a20 = pin("A20"), .processor_reset = pin("RESET"),
                           .irq13 = pin("IRQ13"), .ignore_error = pin("IGNNE"), .timer2_out = [this] { return timer2_out; },
                           .refresh = [this] { return refresh; }}};
    Line keyboard_a20 = control.keyboard_a20(), error = control.error();

    Bench() {
        add(control);
        for (const u16 port : {u16{0x61}, u16{0x80}, u16{0x92}, u16{0xf0}, u16{0xf1}}) poke(port, port);
        kept("state.keyboard_a20");
        kept("state.error");
        kept("outside_");
    }
    void disturb(Dice& dice) override {
        timer2_out = dice.one_in(2);
        refresh = dice.one_in(2);
        keyboard_a20.set(dice.one_in(2));
        error.set(dice.one_in(2));
    }
    void visit_outside(StateVisitor& visitor) override {
        retrace::visit(visitor, "outside_timer2", timer2_out);
        retrace::visit(visitor, "outside_refresh", refresh);
    }
};

}  // namespace

TEST_CASE("the system control ports keep the device contract") { check_device_contract<Bench>(); }

TEST_CASE_METHOD(Bench, "port 61h drives the speaker and shows the timer and the refresh") {
    ports.write8(0x61, 0xf3);
    CHECK(level("GATE2"));
    CHECK(level("SPEAKER"));
    CHECK(ports.read8(0x61) == 0x03);
    timer2_out = true;
    CHECK(ports.read8(0x61) == 0x23);
    refresh = true;
    CHECK(ports.read8(0x61) == 0x33);
    ports.write8(0x61, 0x02);
    CHECK_FALSE(level("GATE2"));
    CHECK(level("SPEAKER"));
}

TEST_CASE_METHOD(Bench, "A20 is through if either gate lets it") {
    ports.write8(0x92, 0x02);
    CHECK(level("A20"));
    keyboard_a20.raise();
    ports.write8(0x92, 0x00);
    CHECK(level("A20"));
    keyboard_a20.lower();
    CHECK_FALSE(level("A20"));
}

TEST_CASE_METHOD(Bench, "port 92h resets the processor on the rising bit, once") {
    ports.write8(0x92, 0x01);
    CHECK(take_record() == std::vector<std::string>{"0 RESET rises", "0 RESET falls"});
    ports.write8(0x92, 0x01);
    CHECK(take_record().empty());
    CHECK(ports.read8(0x92) == 0x01);
}

TEST_CASE_METHOD(Bench, "a coprocessor error asks for IRQ 13 until port F0h, and is ignored until it is gone") {
    error.raise();
    CHECK(level("IRQ13"));
    ports.write8(0xf0, 0);
    CHECK_FALSE(level("IRQ13"));
    CHECK(level("IGNNE"));
    error.lower();
    CHECK_FALSE(level("IGNNE"));
    error.raise();
    CHECK(level("IRQ13"));
    error.lower();
    CHECK(level("IRQ13"));
    ports.write8(0xf1, 0);
    CHECK_FALSE(level("IRQ13"));
    CHECK_FALSE(level("IGNNE"));
}

TEST_CASE("progress codes are kept and logged") {
    Log log;
    std::vector<std::string> lines;
    log.open([&](std::string_view line) { lines.emplace_back(line); }, "post");
    SystemControl control{{}, log.channel("post")};
    PortMap ports;
    control.attach(ports);
    ports.write8(0x80, 0x3c);
    CHECK(control.post_code() == 0x3c);
    CHECK(ports.read8(0x80) == 0x3c);
    CHECK(lines == std::vector<std::string>{"post: code 3Ch"});
}
