#include "devices/chipset/dma.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

// 16 MiB would be true and slow to compare; addresses are folded into 1 MiB for the contract, which does not look at them.
struct Memory final : BusMemory {
    std::vector<u8> bytes = std::vector<u8>(0x100000);
    void read(PhysicalAddress from, std::span<u8> to) override {
        for (std::size_t i = 0; i < to.size(); ++i) to[i] = bytes[(from.value + i) % bytes.size()];
    }
    void write(PhysicalAddress to, std::span<const u8> from) override {
        for (std::size_t i = 0; i < from.size(); ++i) bytes[(to.value + i) % bytes.size()] = from[i];
    }
};

// Hands out counting values and keeps what it gets, for as many transfers as it wants.
struct Card final : DmaDevice {
    struct State {
        u32 wants = 0;
        u16 next = 1;
        u32 ends = 0;
        u64 got = 0;  // a running mix of what was written
    };
    State state;
    DmaChannel* channel = nullptr;
    std::vector<u16> taken;

    void plug(DmaChannel& into) {
        channel = &into;
        into.connect(*this);
    }
    void want(u32 transfers) {
        state.wants = transfers;
        channel->request(transfers != 0);
    }
    void one_done() {
        if (state.wants != 0 && --state.wants == 0) channel->request(false);
    }
    u16 dma_read() override {
        one_done();
        return state.next++;
    }
    void dma_write(u16 value) override {
        taken.push_back(value);
        state.got = state.got * 31 + value;
        one_done();
    }
    void dma_terminal_count() override { ++state.ends; }
};

}  // namespace

template <> inline constexpr auto retrace::fields<Card::State> = describe(
    field("wants", &Card::State::wants), field("next", &Card::State::next), field("ends", &Card::State::ends),
    field("got", &Card::State::got));

namespace {

struct Bench : DeviceBench {
    Memory memory;
    Dma dma{memory};
    std::array<Card, 8> cards;

    Bench() {
        add(dma);
        poke(0x00, 0x0f);
        poke(0xc0, 0xdf);
        poke(0x81, 0x8f);
        for (unsigned i : {0u, 1u, 2u, 3u, 5u, 6u, 7u}) cards[i].plug(dma.channel(i));
        for (const char* controller : {"0", "1"})
            for (const char* channel : {"0", "1", "2", "3"})
                kept(std::string("state.controllers.") + controller + ".channels." + channel + ".requested");
        kept("memory");
        for (unsigned i = 0; i < 8; ++i) kept("card" + std::to_string(i));
    }
    void disturb(Dice& dice) override {
        const unsigned n = static_cast<unsigned>(dice.below(8));
        if (n != 4) cards[n].want(static_cast<u32>(dice.below(600)));
    }
    void visit_outside(StateVisitor& visitor) override {
        visitor.bytes("memory", memory.bytes);
        for (unsigned i = 0; i < 8; ++i) retrace::visit(visitor, "card" + std::to_string(i), cards[i].state);
    }

    void out(u16 port, u8 value) { ports.write8(port, value); }
    u8 in(u16 port) { return ports.read8(port); }
    void cascade() {
        out(0xd6, 0xc0);
        out(0xd4, 0x00);
    }
    // Channels 0-3, as software sets them up: mask, flip-flop, mode, address, count, page, unmask.
    void program(unsigned channel, u8 mode, u32 address, u16 count) {
        static constexpr u16 page[] = {0x87, 0x83, 0x81, 0x82};
        out(0x0a, static_cast<u8>(4 | channel));
        out(0x0c, 0);
        out(0x0b, static_cast<u8>(mode | channel));
        const u16 port = static_cast<u16>(channel * 2);
        out(port, static_cast<u8>(address));
        out(port, static_cast<u8>(address >> 8));
        out(static_cast<u16>(port + 1), static_cast<u8>(count));
        out(static_cast<u16>(port + 1), static_cast<u8>(count >> 8));
        out(page[channel], static_cast<u8>(address >> 16));
        out(0x0a, static_cast<u8>(channel));
    }
    void program_wide(unsigned channel, u8 mode, u32 address, u16 count) {
        static constexpr u16 page[] = {0x8f, 0x8b, 0x89, 0x8a};
        const unsigned n = channel - 4;
        out(0xd4, static_cast<u8>(4 | n));
        out(0xd8, 0);
        out(0xd6, static_cast<u8>(mode | n));
        const u16 port = static_cast<u16>(0xc0 + n * 4);
        out(port, static_cast<u8>(address >> 1));
        out(port, static_cast<u8>(address >> 9));
        out(static_cast<u16>(port + 2), static_cast<u8>(count));
        out(static_cast<u16>(port + 2), static_cast<u8>(count >> 8));
        out(page[n], static_cast<u8>(address >> 16));
        out(0xd4, static_cast<u8>(n));
    }
};

struct Cascaded : Bench {
    Cascaded() { cascade(); }
};

}  // namespace

TEST_CASE("the DMA controllers keep the device contract") { check_device_contract<Bench>(6, 300); }

TEST_CASE_METHOD(Cascaded, "a floppy sector goes to memory byte by byte and ends with the terminal count") {
    program(2, 0x46, 0x12340, 511);
    cards[2].want(500);
    CHECK(memory.bytes[0x12340] == 1);
    CHECK(memory.bytes[0x12340 + 499] == (500 & 0xff));
    CHECK(cards[2].state.ends == 0);
    CHECK(in(0x08) == 0x00);
    cards[2].want(100);  // asks for more than is left
    CHECK(cards[2].state.ends == 1);
    CHECK(cards[2].state.wants == 88);
    CHECK(in(0x08) == 0x44);  // still asking; terminal count seen once
    CHECK(in(0x08) == 0x40);
    CHECK((in(0x0f) & 0x0f) == 0x0f);  // masked by its end
    CHECK(memory.bytes[0x12340 + 512] == 0);
}

TEST_CASE_METHOD(Cascaded, "memory goes to a device, downwards if the mode says so") {
    for (u8 i = 0; i < 8; ++i) memory.bytes[0x20000u + i] = static_cast<u8>(0x10 + i);
    program(1, 0x68, 0x20007, 3);
    cards[1].want(4);
    std::vector<u16> low;
    for (u16 value : cards[1].taken) low.push_back(value & 0xff);
    CHECK(low == std::vector<u16>{0x17, 0x16, 0x15, 0x14});
}

TEST_CASE_METHOD(Cascaded, "words move on channels 5 to 7, and the page's lowest bit does not count") {
    program_wide(5, 0x44, 0x34560, 1);
    cards[5].state.next = 0xabcd;
    cards[5].want(2);
    CHECK(memory.bytes[0x34560] == 0xcd);
    CHECK(memory.bytes[0x34561] == 0xab);
    CHECK(memory.bytes[0x34562] == 0xce);
    CHECK(cards[5].state.ends == 1);
    CHECK(in(0xd0) == 0x02);
}

TEST_CASE_METHOD(Cascaded, "the address wraps within its 64 KiB page") {
    program(3, 0x44, 0x1ffff, 1);
    cards[3].want(2);
    CHECK(memory.bytes[0x1ffff] == 1);
    CHECK(memory.bytes[0x10000] == 2);
    CHECK(memory.bytes[0x20000] == 0);
}

TEST_CASE_METHOD(Cascaded, "an auto-initialised channel begins anew and stays unmasked") {
    program(1, 0x54, 0x5000, 3);
    cards[1].want(3);
    cards[1].want(1);
    CHECK(cards[1].state.ends == 1);
    cards[1].want(1);
    CHECK(memory.bytes[0x5000] == 5);
    CHECK(memory.bytes[0x5004] == 0);
    CHECK(in(0x02) == 0x01);
    CHECK(in(0x02) == 0x50);
    CHECK(in(0x03) == 0x02);
}

TEST_CASE_METHOD(Cascaded, "a request waits for the mask, and is served by the write that clears it") {
    program(2, 0x44, 0x6000, 99);
    out(0x0a, 0x06);
    cards[2].want(10);
    CHECK(memory.bytes[0x6000] == 0);
    CHECK(in(0x08) == 0x40);
    out(0x0a, 0x02);
    CHECK(memory.bytes[0x6009] == 10);
    CHECK(cards[2].state.wants == 0);
}

TEST_CASE_METHOD(Bench, "without the cascade the first controller never gets the bus") {
    program(2, 0x44, 0x6000, 9);
    cards[2].want(1);
    CHECK(memory.bytes[0x6000] == 0);
    cascade();
    CHECK(memory.bytes[0x6000] == 1);
}

TEST_CASE_METHOD(Cascaded, "a disabled controller serves nobody") {
    out(0x08, 0x04);
    program(2, 0x44, 0x6000, 9);
    cards[2].want(1);
    CHECK(memory.bytes[0x6000] == 0);
    out(0x08, 0x00);
    CHECK(memory.bytes[0x6000] == 1);
}

TEST_CASE_METHOD(Cascaded, "verify moves the count and leaves memory alone") {
    program(2, 0x40, 0x6000, 9);
    cards[2].want(10);
    CHECK(memory.bytes[0x6000] == 0);
    CHECK(cards[2].state.ends == 1);
    CHECK(in(0x05) == 0xff);
    CHECK(in(0x05) == 0xff);
}

TEST_CASE_METHOD(Cascaded, "block mode goes on to the end though the request falls") {
    program(1, 0x84, 0x7000, 19);
    cards[1].want(1);
    CHECK(memory.bytes[0x7013] == 20);
    CHECK(cards[1].state.ends == 1);
}

TEST_CASE_METHOD(Cascaded, "a software request is served though masked, and memory moves to memory") {
    for (u8 i = 0; i < 16; ++i) memory.bytes[0x8000u + i] = static_cast<u8>(0xa0 + i);
    program(0, 0x88, 0x8000, 15);
    program(1, 0x84, 0x9000, 15);
    out(0x0f, 0x0f);
    out(0x08, 0x01);
    out(0x09, 0x04);
    CHECK(memory.bytes[0x9000] == 0xa0);
    CHECK(memory.bytes[0x900f] == 0xaf);
    CHECK(in(0x0d) == 0xaf);
    CHECK((in(0x08) & 0x02) == 0x02);
}

TEST_CASE_METHOD(Cascaded, "master clear masks all and points the flip-flop at low bytes") {
    out(0x00, 0x11);
    out(0x0d, 0);
    out(0x00, 0x34);
    out(0x00, 0x12);
    CHECK(in(0x00) == 0x34);
    CHECK(in(0x00) == 0x12);
    CHECK(in(0x0f) == 0xff);
    out(0x0e, 0);
    CHECK(in(0x0f) == 0xf0);
}

TEST_CASE_METHOD(Bench, "page registers are storage") {
    for (u16 port = 0x81; port <= 0x8f; ++port) out(port, static_cast<u8>(port));
    for (u16 port = 0x81; port <= 0x8f; ++port) CHECK(in(port) == port);
}
