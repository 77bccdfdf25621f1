#include "tests/devices/pci/pci_bench.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct DmaBench : PciBench {
    static constexpr u32 table = 0x8000;
    u32 end_of_table = table;

    DmaBench() { set_up(); }

    void entry(u32 address, u32 count, bool last) {
        memory.write({end_of_table}, 4, address);
        memory.write({end_of_table + 4}, 4, (count & 0xffff) | (last ? 0x80000000 : 0));
        end_of_table += 8;
    }
    void command(u8 code, u32 lba, u8 count) {
        ports.write8(0x1f6, static_cast<u8>(0xe0 | lba >> 24));
        ports.write8(0x1f2, count);
        ports.write8(0x1f3, static_cast<u8>(lba));
        ports.write8(0x1f4, static_cast<u8>(lba >> 8));
        ports.write8(0x1f5, static_cast<u8>(lba >> 16));
        ports.write8(0x1f7, code);
    }
    void go(bool to_memory) {
        ports.write(bmide + 4, 4, table);
        ports.write8(bmide, to_memory ? 0x09 : 0x01);
    }
    u8 master_status() { return ports.read8(bmide + 2); }
    bool holds(u32 address, u64 first_sector, u32 count, u32 from = 0) {
        for (u32 i = 0; i < count; ++i)
            if (memory.read({address + i}, 1) != disk_content(first_sector + (from + i) / 512, (from + i) % 512)) return false;
        return true;
    }
};

}  // namespace

TEST_CASE_METHOD(DmaBench, "READ DMA scatters sectors over memory as the table says, then interrupts once") {
    entry(0x10000, 512 * 3 + 100, false);
    entry(0x20000, 512 * 40 - 512 * 3 - 100, true);
    command(0xc8, 7, 40);
    go(true);
    CHECK(master_status() == 0x01);
    CHECK_FALSE(level("irq14"));
    scheduler.run(5'000);
    CHECK(level("irq14"));
    CHECK(master_status() == 0x04);
    CHECK(holds(0x10000, 7, 512 * 3 + 100));
    CHECK(holds(0x20000, 7, 512 * 40 - 512 * 3 - 100, 512 * 3 + 100));
    CHECK(memory.read({0x10000 + 512 * 3 + 100}, 1) == 0);
    CHECK(ports.read8(0x1f7) == 0x50);
    CHECK_FALSE(level("irq14"));
    CHECK(master_status() == 0x04);  // stays until it is cleared
    ports.write8(bmide + 2, 0x64);
    CHECK(master_status() == 0x60);
    ports.write8(bmide, 0);
    std::size_t rises = 0;
    for (const auto& line : take_record()) rises += line.ends_with("irq14 rises");
    CHECK(rises == 1);
}

TEST_CASE_METHOD(DmaBench, "the master may be started before the command or long after it") {
    entry(0x10000, 1024, true);
    SECTION("before") {
        go(true);
        scheduler.run(1'000);
        CHECK(master_status() == 0x01);
        command(0xc8, 3, 2);
    }
    SECTION("after") {
        command(0xc8, 3, 2);
        scheduler.run(100'000);
        CHECK((ports.read8(0x3f6) & 0x88) == 0x08);
        go(true);
    }
    scheduler.run(5'000);
    CHECK(master_status() == 0x04);
    CHECK(holds(0x10000, 3, 1024));
}

TEST_CASE_METHOD(DmaBench, "WRITE DMA gathers sectors from memory onto the disk") {
    for (u32 i = 0; i < 512 * 20; ++i) memory.write({0x30000 + i}, 1, i * 5 + i / 256);
    entry(0x30000, 512 * 19 + 2, false);
    entry(0x30000 + 512 * 19 + 2, 510, true);
    command(0xca, 100, 20);
    go(false);
    scheduler.run(5'000);
    CHECK(master_status() == 0x04);
    CHECK(ports.read8(0x1f7) == 0x50);
    std::vector<u8> written(512 * 20);
    REQUIRE(disk.medium->read(100 * 512, written));
    bool same = true;
    for (u32 i = 0; i < written.size(); ++i) same = same && written[i] == static_cast<u8>(i * 5 + i / 256);
    CHECK(same);
}

TEST_CASE_METHOD(DmaBench, "a count of zero is 64 KiB, and the table may be longer than the command") {
    entry(0x40000, 0, true);
    command(0xc8, 0, 127);
    go(true);
    scheduler.run(20'000);
    CHECK(master_status() == 0x05);  // interrupt, and still active: data are left of the table
    CHECK(holds(0x40000, 0, 127 * 512));
    ports.write8(bmide, 0);
    CHECK(master_status() == 0x04);
}

TEST_CASE_METHOD(DmaBench, "a table that is too short leaves the drive asking") {
    entry(0x40000, 512, true);
    command(0xc8, 0, 2);
    go(true);
    scheduler.run(20'000);
    CHECK(master_status() == 0x00);
    CHECK_FALSE(level("irq14"));
    CHECK((ports.read8(0x3f6) & 0x88) == 0x08);
    ports.write8(0x3f6, 0x04);
    scheduler.run(100);
    ports.write8(0x3f6, 0x00);
    scheduler.run(2'000);
    CHECK(ports.read8(0x1f7) == 0x50);
}

TEST_CASE_METHOD(DmaBench, "nothing moves before PCI lets the function be a master") {
    entry(0x40000, 512, true);
    set_config(1, 1, 0x04, 2, 0x0001);
    command(0xc8, 9, 1);
    go(true);
    scheduler.run(20'000);
    CHECK(master_status() == 0x01);
    CHECK(memory.read({0x40000}, 4) == 0);
    set_config(1, 1, 0x04, 2, 0x0005);
    CHECK(master_status() == 0x04);
    CHECK(holds(0x40000, 9, 512));
}

TEST_CASE_METHOD(DmaBench, "a failing command ends with an interrupt and no data") {
    entry(0x40000, 512, true);
    command(0xc8, 400'000, 1);
    go(true);
    scheduler.run(20'000);
    CHECK(master_status() == 0x05);
    CHECK(ports.read8(0x1f7) == 0x51);
    CHECK(ports.read8(0x1f1) == 0x10);
    CHECK(memory.read({0x40000}, 4) == 0);
}

TEST_CASE_METHOD(DmaBench, "IDENTIFY tells the DMA modes and which was set") {
    const auto word = [&](unsigned index) {
        ports.write8(0x1f6, 0xe0);
        ports.write8(0x1f7, 0xec);
        scheduler.run(1'000);
        u32 value = 0;
        for (unsigned i = 0; i < 256; ++i) {
            const u32 each = ports.read(0x1f0, 2);
            if (i == index) value = each;
        }
        return value;
    };
    const auto set_mode = [&](u8 mode) {
        ports.write8(0x1f1, 0x03);
        ports.write8(0x1f2, mode);
        ports.write8(0x1f7, 0xef);
        scheduler.run(1'000);
        return ports.read8(0x1f7);
    };
    CHECK(bit(word(49), 8));
    CHECK(word(63) == 0x0407);
    CHECK(word(88) == 0x003f);
    CHECK(set_mode(0x45) == 0x50);
    CHECK(word(63) == 0x0007);
    CHECK(word(88) == 0x203f);
    CHECK(set_mode(0x0c) == 0x50);
    CHECK(word(88) == 0x203f);
    CHECK(set_mode(0x21) == 0x50);
    CHECK(word(63) == 0x0207);
    CHECK(set_mode(0x46) == 0x51);
    CHECK(set_mode(0x23) == 0x51);
}
