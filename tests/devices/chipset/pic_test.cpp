#include "devices/chipset/pic.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct Bench : DeviceBench {
    Pic pic{pin("INT")};
    std::vector<Line> irq = [this] {
        std::vector<Line> all;
        for (unsigned i = 0; i < 16; ++i) all.push_back(i == 2 ? Line{} : pic.line(i));
        return all;
    }();

    Bench() {
        add(pic);
        poke(0x20, 0x21);
        poke(0xa0, 0xa1);
        poke(0x4d0, 0x4d1);
        for (const char* chip : {"0", "1"})
            for (const char* pins : {"pins", "latched"}) kept(std::string("state.chips.") + chip + "." + pins);
    }
    void disturb(Dice& dice) override {
        if (dice.one_in(4)) sense("vector " + std::to_string(pic.acknowledge()));
        else irq[dice.below(16)].set(dice.one_in(2));
    }

    void out(u16 port, u8 value) { ports.write8(port, value); }
    u8 in(u16 port) { return ports.read8(port); }
    // As every BIOS does it.
    void initialise(u8 icw4_master = 0x01, u8 icw4_slave = 0x01) {
        out(0x20, 0x11); out(0x21, 0x08); out(0x21, 0x04); out(0x21, icw4_master);
        out(0xa0, 0x11); out(0xa1, 0x70); out(0xa1, 0x02); out(0xa1, icw4_slave);
        out(0x21, 0x00); out(0xa1, 0x00);
    }
    [[nodiscard]] bool wants() const { return level("INT"); }
};

struct Initialised : Bench {
    Initialised() { initialise(); }
};

}  // namespace

TEST_CASE("the interrupt controllers keep the device contract") { check_device_contract<Bench>(); }

TEST_CASE_METHOD(Initialised, "a rising line requests once and the vector is base plus level") {
    irq[1].raise();
    CHECK(wants());
    CHECK(in(0x20) == 0x02);
    CHECK(pic.acknowledge() == 0x09);
    CHECK_FALSE(wants());
    out(0x20, 0x20);
    CHECK_FALSE(wants());  // still high, but no new edge
    irq[1].lower();
    irq[1].raise();
    CHECK(wants());
}

TEST_CASE_METHOD(Initialised, "a slave's interrupt is in service in both controllers until both are told") {
    irq[8].raise();
    CHECK(wants());
    CHECK(pic.acknowledge() == 0x70);
    out(0x20, 0x0b);
    out(0xa0, 0x0b);
    CHECK(in(0x20) == 0x04);
    CHECK(in(0xa0) == 0x01);
    irq[9].raise();   // lower than 8 in the slave
    irq[3].raise();   // lower than 2 in the master
    CHECK_FALSE(wants());
    irq[1].raise();   // higher
    CHECK(wants());
    CHECK(pic.acknowledge() == 0x09);
    out(0x20, 0x20);
    out(0xa0, 0x20);
    CHECK_FALSE(wants());  // IR2 of the master is still in service
    out(0x20, 0x20);
    CHECK(pic.acknowledge() == 0x71);
}

TEST_CASE_METHOD(Initialised, "a request withdrawn before the acknowledge is a spurious IRQ 7") {
    irq[3].raise();
    irq[3].lower();
    CHECK_FALSE(wants());
    CHECK(pic.acknowledge() == 0x0f);
    out(0x20, 0x0b);
    CHECK(in(0x20) == 0);  // nothing in service: this is how handlers tell
}

TEST_CASE_METHOD(Initialised, "masked requests wait") {
    out(0x21, 0xfd);
    irq[0].raise();
    CHECK_FALSE(wants());
    CHECK(in(0x20) == 0x01);  // seen in the IRR all the same
    out(0x21, 0xfc);
    CHECK(wants());
    CHECK(in(0x21) == 0xfc);
}

TEST_CASE_METHOD(Initialised, "a specific end of interrupt names its level") {
    irq[4].raise();
    pic.acknowledge();
    irq[1].raise();
    pic.acknowledge();
    out(0x20, 0x0b);
    CHECK(in(0x20) == 0x12);
    out(0x20, 0x64);  // specific EOI 4
    CHECK(in(0x20) == 0x02);
    out(0x20, 0x20);
    CHECK(in(0x20) == 0x00);
}

TEST_CASE_METHOD(Initialised, "rotation makes the served level the lowest") {
    irq[3].raise();
    pic.acknowledge();
    out(0x20, 0xa0);  // rotate on non-specific EOI
    irq[3].lower();
    irq[3].raise();
    irq[4].raise();
    irq[0].raise();
    CHECK(pic.acknowledge() == 0x0c);  // 4 first now, then 0, and 3 last
    out(0x20, 0xe4);                   // rotate on specific EOI 4
    CHECK(pic.acknowledge() == 0x08);
    out(0x20, 0x20);
    CHECK(pic.acknowledge() == 0x0b);
    out(0x20, 0x20);
    out(0x20, 0xc7);                   // set priority: 7 lowest again
    irq[6].raise();
    irq[1].raise();
    CHECK(pic.acknowledge() == 0x09);
}

TEST_CASE_METHOD(Bench, "automatic end of interrupt leaves nothing in service and may rotate") {
    initialise(0x03);
    out(0x20, 0x80);  // rotate in automatic EOI mode
    irq[0].raise();
    irq[1].raise();
    CHECK(pic.acknowledge() == 0x08);
    out(0x20, 0x0b);
    CHECK(in(0x20) == 0);
    irq[0].lower();
    irq[0].raise();
    CHECK(pic.acknowledge() == 0x09);  // 0 went to the end of the queue
    CHECK(pic.acknowledge() == 0x08);
}

TEST_CASE_METHOD(Initialised, "special mask mode lets lower levels through a masked one in service") {
    irq[1].raise();
    pic.acknowledge();
    irq[5].raise();
    CHECK_FALSE(wants());
    out(0x21, 0x02);
    CHECK_FALSE(wants());  // the mask alone does not help
    out(0x20, 0x68);
    CHECK(wants());
    CHECK(pic.acknowledge() == 0x0d);
    out(0x20, 0x20);       // a non-specific EOI does not clear the masked one
    out(0x20, 0x0b);
    CHECK(in(0x20) == 0x02);
    out(0x20, 0x48);
    out(0x20, 0x20);
    CHECK(in(0x20) == 0x00);
}

TEST_CASE_METHOD(Bench, "special fully nested mode lets a slave interrupt itself") {
    initialise(0x11);
    irq[12].raise();
    CHECK(pic.acknowledge() == 0x74);
    irq[8].raise();
    CHECK(wants());
    CHECK(pic.acknowledge() == 0x70);
    Bench plain;
    plain.initialise();
    plain.irq[12].raise();
    plain.pic.acknowledge();
    plain.irq[8].raise();
    CHECK_FALSE(plain.wants());
}

TEST_CASE_METHOD(Initialised, "a poll acknowledges by reading") {
    out(0x20, 0x0c);
    CHECK(in(0x20) == 0x00);
    irq[6].raise();
    out(0x20, 0x0c);
    CHECK(in(0x20) == 0x86);
    CHECK_FALSE(wants());
    out(0x20, 0x0b);
    CHECK(in(0x20) == 0x40);
    irq[14].raise();
    out(0xa0, 0x0c);
    CHECK(in(0xa1) == 0x86);  // through the other port as well
}

TEST_CASE_METHOD(Initialised, "a level-triggered line asks again until it falls") {
    out(0x4d1, 0xff);
    CHECK(in(0x4d1) == 0xde);  // 8 and 13 cannot
    out(0x4d0, 0xff);
    CHECK(in(0x4d0) == 0xf8);
    irq[11].raise();
    CHECK(pic.acknowledge() == 0x73);
    out(0xa0, 0x20);
    out(0x20, 0x20);
    CHECK(wants());
    pic.acknowledge();
    irq[11].lower();
    out(0xa0, 0x20);
    out(0x20, 0x20);
    CHECK_FALSE(wants());
}

TEST_CASE_METHOD(Initialised, "initialisation forgets edges, masks and services, and wants a new edge") {
    irq[4].raise();
    irq[5].raise();
    pic.acknowledge();
    out(0x21, 0xff);
    out(0x20, 0x11);
    CHECK_FALSE(wants());
    out(0x21, 0x20);
    out(0x21, 0x04);
    out(0x21, 0x01);
    CHECK(in(0x21) == 0x00);
    CHECK(in(0x20) == 0x00);
    irq[5].lower();
    irq[5].raise();
    CHECK(pic.acknowledge() == 0x25);
}

TEST_CASE_METHOD(Bench, "a single controller takes no ICW3, and none without ICW4") {
    out(0x20, 0x13);
    out(0x21, 0x08);
    out(0x21, 0x01);  // ICW4
    out(0x21, 0xf0);  // the mask
    CHECK(in(0x21) == 0xf0);
    irq[1].raise();
    CHECK(pic.acknowledge() == 0x09);
    out(0x20, 0x12);
    out(0x21, 0x08);
    out(0x21, 0x0f);
    CHECK(in(0x21) == 0x0f);
}
