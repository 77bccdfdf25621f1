#include "tests/devices/pci/pci_bench.hpp"
#include "devices/pci/reset_control.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct ContractBench : PciBench {
    ContractBench() {
        poke(0xcf8, 0xcff);
        poke(0xb2, 0xb3);
        poke(bmide, bmide + 15);
        poke(pm, pm + 0x3f);
        kept("outside");
        kept("state2.pins");
        kept("state4.engines.0.intrq");
        kept("state5.button");
    }
    void disturb(Dice& dice) override {
        static constexpr std::array<std::pair<u32, u32>, 5> places{{{0, 0}, {1, 0}, {1, 1}, {1, 3}, {5, 0}}};
        const auto [device, function] = places[dice.below(places.size())];
        switch (dice.below(6)) {
            case 0: return set_up();
            case 1: return isa.pirq(static_cast<unsigned>(dice.below(4))).set(dice.one_in(2));
            case 2: return power.power_button().set(dice.one_in(2));
            case 3: {  // a transfer through a table made of whatever lies there
                set_up();
                memory.write({0x8000}, 4, 0x100000 + dice.below(0x1000) * 2);
                memory.write({0x8004}, 4, dice.below(0x4000) | dice.below(2) << 31);
                const bool reads = dice.one_in(2);
                ports.write(0x1f2, 1, static_cast<u32>(dice.below(20)));
                ports.write(0x1f3, 1, static_cast<u32>(dice.below(250)));
                ports.write(0x1f6, 1, 0xe0);
                ports.write(0x1f7, 1, reads ? 0xc8 : 0xca);
                ports.write(bmide + 4, 4, 0x8000);
                return ports.write(bmide, 1, reads ? 9 : 1);
            }
            default: return set_config(device, function, static_cast<u32>(dice.below(0x100)) & 0xfc, 1u << dice.below(3), static_cast<u32>(dice.roll()));
        }
    }
    void visit_outside(StateVisitor& visitor) override {
        visitor.enter("outside");
        memory.visit(visitor);
        disk.medium->visit(visitor);
        visitor.leave();
    }
};

}  // namespace

TEST_CASE("the PCI bus and what is on it keep the device contract") { check_device_contract<ContractBench>(4, 300); }

TEST_CASE_METHOD(PciBench, "every function says what it is, and where there is none everything reads as ones") {
    CHECK(config(0, 0, 0, 4) == 0x12378086);
    CHECK(config(1, 0, 0, 4) == 0x70008086);
    CHECK(config(1, 1, 0, 4) == 0x70108086);
    CHECK(config(1, 3, 0, 4) == 0x71138086);
    CHECK(config(0, 0, 8, 4) == 0x06000002);
    CHECK(config(1, 0, 8, 4) == 0x06010000);
    CHECK(config(1, 1, 8, 4) == 0x01018000);
    CHECK(config(1, 3, 8, 4) == 0x06800003);
    CHECK(config(1, 0, 0x0e, 1) == 0x80);
    CHECK(config(1, 2, 0, 4) == 0xffffffff);
    CHECK(config(2, 0, 0, 2) == 0xffff);
    CHECK(config(31, 7, 3, 1) == 0xff);
    ports.write(0xcf8, 4, 0x80010000);  // bus 1
    CHECK(ports.read(0xcfc, 4) == 0xffffffff);
    ports.write(0xcf8, 4, 0x00000000);  // not enabled
    CHECK(ports.read(0xcfc, 4) == 0xffffffff);
}

TEST_CASE_METHOD(PciBench, "the address register takes double words alone and keeps its reserved bits clear") {
    ports.write(0xcf8, 4, 0xffffffff);
    CHECK(ports.read(0xcf8, 4) == 0x80fffffc);
    ports.write(0xcf8, 4, 0x80000000);
    ports.write(0xcf8, 2, 0x1234);
    ports.write(0xcfa, 1, 0x12);
    CHECK(ports.read(0xcf8, 4) == 0x80000000);
    CHECK(ports.read(0xcf8, 1) == 0xff);
}

TEST_CASE_METHOD(PciBench, "configuration space is read by bytes, words and double words, and written where it can be") {
    CHECK(config(1, 1, 0, 1) == 0x86);
    CHECK(config(1, 1, 1, 1) == 0x80);
    CHECK(config(1, 1, 2, 2) == 0x7010);
    CHECK(config(1, 1, 1, 2) == 0x1080);
    set_config(1, 1, 0, 4, 0);
    CHECK(config(1, 1, 0, 4) == 0x70108086);
    set_config(1, 1, 0x20, 4, 0xffffffff);  // sizing a base
    CHECK(config(1, 1, 0x20, 4) == 0xfffffff1);
    set_config(1, 1, 0x10, 4, 0xffffffff);
    CHECK(config(1, 1, 0x10, 4) == 0);
    set_config(1, 1, 0x04, 2, 0xffff);
    CHECK(config(1, 1, 0x04, 2) == 0x0005);
}

TEST_CASE_METHOD(PciBench, "ports of a function are where its base says while they are enabled") {
    CHECK(ports.read(bmide + 2, 1) == 0xff);
    set_config(1, 1, 0x20, 4, bmide);
    CHECK(ports.read(bmide + 2, 1) == 0xff);
    set_config(1, 1, 0x04, 2, 1);
    CHECK(ports.read(bmide + 2, 1) == 0x00);
    ports.write(bmide + 4, 4, 0x12345678);
    CHECK(ports.read(bmide + 4, 4) == 0x12345678);
    set_config(1, 1, 0x20, 4, 0xd000);
    CHECK(ports.read(0xd004, 4) == 0x12345678);
    CHECK(ports.read(bmide + 4, 4) == 0xffffffff);
}

TEST_CASE_METHOD(PciBench, "PAM registers let reads and writes through to RAM, each by itself") {
    const std::vector<u8> rom(0x10000, 0xaa);
    memory.map_rom({0xf0000}, rom);
    const auto seen = [&] { return memory.read({0xf1234}, 1); };
    CHECK(seen() == 0xaa);
    memory.write({0xf1234}, 1, 0x11);
    CHECK(seen() == 0xaa);
    set_config(0, 0, 0x59, 1, 0x20);  // writes to RAM, reads from ROM: how firmware copies itself
    memory.write({0xf1234}, 1, 0x22);
    CHECK(seen() == 0xaa);
    set_config(0, 0, 0x59, 1, 0x30);
    CHECK(seen() == 0x22);
    memory.write({0xf1234}, 1, 0x33);
    CHECK(seen() == 0x33);
    set_config(0, 0, 0x59, 1, 0x10);  // RAM, write-protected
    memory.write({0xf1234}, 1, 0x44);
    CHECK(seen() == 0x33);
    host.reset(Reset::Hard);
    CHECK(seen() == 0xaa);
    CHECK(memory.read({0xc8000}, 1) == 0xff);
    set_config(0, 0, 0x5b, 1, 0x03);  // C8000-CBFFF alone
    memory.write({0xc8000}, 1, 0x55);
    memory.write({0xcc000}, 1, 0x55);
    CHECK(memory.read({0xc8000}, 1) == 0x55);
    CHECK(memory.read({0xcc000}, 1) == 0xff);
}

TEST_CASE_METHOD(PciBench, "SMRAM's register cannot be opened once it is locked") {
    CHECK(config(0, 0, 0x72, 1) == 0x02);
    set_config(0, 0, 0x72, 1, 0x4a);
    CHECK(config(0, 0, 0x72, 1) == 0x4a);
    set_config(0, 0, 0x72, 1, 0x1a);
    CHECK(config(0, 0, 0x72, 1) == 0x1a);
    set_config(0, 0, 0x72, 1, 0x62);
    CHECK(config(0, 0, 0x72, 1) == 0x3a);
}

TEST_CASE_METHOD(PciBench, "PCI interrupts go where they are routed, and two share a line") {
    isa.pirq(0).raise();
    CHECK_FALSE(level("pci irq 11"));
    set_config(1, 0, 0x60, 1, 11);
    CHECK(level("pci irq 11"));
    set_config(1, 0, 0x61, 1, 11);
    isa.pirq(1).raise();
    isa.pirq(0).lower();
    CHECK(level("pci irq 11"));
    isa.pirq(1).lower();
    CHECK_FALSE(level("pci irq 11"));
    isa.pirq(1).raise();
    set_config(1, 0, 0x61, 1, 0x80 | 11);
    CHECK_FALSE(level("pci irq 11"));
    set_config(1, 0, 0x61, 1, 13);  // there is no way to 13
    CHECK_FALSE(level("pci irq 13"));
}

TEST_CASE("the reset register resets on the rise of its bit, the processor or everything") {
    PortMap ports;
    std::string said;
    ResetControl control{[&](bool whole) { said += whole ? "board " : "processor "; }};
    control.attach(ports);
    ports.write8(0xcf9, 0x02);
    CHECK(said.empty());
    ports.write8(0xcf9, 0x06);
    CHECK(said == "board ");
    ports.write8(0xcf9, 0x06);
    CHECK(said == "board ");
    ports.write8(0xcf9, 0x00);
    ports.write8(0xcf9, 0x04);
    CHECK(said == "board processor ");
    CHECK(ports.read8(0xcf9) == 0x04);
}

TEST_CASE_METHOD(PciBench, "the RAM behind video is seen in system management mode, or while it is open") {
    memory.map_window({0xa0000}, 0x20000);
    const Line smiact = host.smiact();
    const auto seen = [&] { return memory.is_ram(0xa0) && memory.is_ram(0xbf); };
    smiact.raise();
    CHECK_FALSE(seen());                    // not enabled
    set_config(0, 0, 0x72, 1, 0x0a);
    CHECK(seen());
    smiact.lower();
    CHECK_FALSE(seen());
    CHECK(memory.is_window(0xa0));
    set_config(0, 0, 0x72, 1, 0x4a);
    CHECK(seen());
    set_config(0, 0, 0x72, 1, 0x1a);        // locked: closed until the mode is entered
    CHECK_FALSE(seen());
    smiact.raise();
    CHECK(seen());
}
