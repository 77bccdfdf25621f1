#include "devices/storage/fdc.hpp"

#include <catch2/catch.hpp>

#include "core/base/bits.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"
#include "core/base/ensure.hpp"
#include "tests/devices/contract.hpp"
#include "tests/devices/storage/fake_dma.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

using Bytes = std::vector<u8>;
using Direction = FakeDma::Direction;

constexpr FloppyFormat format_360{40, 2, 9, Density::Double, true};
constexpr FloppyFormat format_720{80, 2, 9, Density::Double, false};
constexpr FloppyFormat format_1200{80, 2, 15, Density::High, true};

u8 content(u32 sector, u32 byte) { return static_cast<u8>(sector * 13 + byte + (sector >> 8)); }

Bytes sectors_of_disk(u32 first, u32 count) {
    Bytes bytes;
    for (u32 sector = first; sector < first + count; ++sector)
        for (u32 byte = 0; byte < 512; ++byte) bytes.push_back(content(sector, byte));
    return bytes;
}

Disk make_disk(const FloppyFormat& format, bool writable = true) {
    std::unique_ptr<Medium> medium = std::make_unique<MemoryMedium>(sectors_of_disk(0, format.total_sectors()));
    if (writable) medium = std::make_unique<Overlay>(std::move(medium));
    return {std::move(medium), {.kind = DiskKind::Floppy, .floppy = format}};
}

struct FdcBench : DeviceBench {
    FakeDma dma;
    MediaShelf shelf;
    Fdc fdc;

    explicit FdcBench(const FloppyFormat& format = floppy_1440, DriveType drive_a = DriveType::Floppy1440K, bool writable = true)
        : fdc{scheduler, pin("irq"), dma, shelf, {drive_a, DriveType::Floppy1440K, DriveType::None, DriveType::None}} {
        fdc.insert(0, shelf.put(make_disk(format, writable)));
        add(fdc);
    }

    // As a BIOS brings it up.
    void start(DataRate rate = DataRate::Kbps500) {
        ports.write8(0x3f2, 0x08);
        ports.write8(0x3f2, 0x1c);
        scheduler.run(1000);
        for (int i = 0; i < 4; ++i) (void)command({0x08}, 2);
        ports.write8(0x3f7, static_cast<u8>(rate));
        (void)command({0x03, 0xaf, 0x02}, 0);
    }

    Bytes results() {
        Bytes bytes;
        while ((ports.read8(0x3f4) & 0xd0) == 0xd0) bytes.push_back(ports.read8(0x3f5));
        return bytes;
    }

    // Sends a command, waits for its results and takes them.
    Bytes command(std::initializer_list<u8> bytes, std::size_t results_expected, u64 wait = 0) {
        for (const u8 byte : bytes) {
            REQUIRE((ports.read8(0x3f4) & 0xc0) == 0x80);
            ports.write8(0x3f5, byte);
        }
        scheduler.run(wait);
        const Bytes got = results();
        REQUIRE(got.size() == results_expected);
        return got;
    }
    Bytes transfer(std::initializer_list<u8> bytes) {
        const Bytes got = command(bytes, 7, 100'000);
        CHECK_FALSE(level("irq"));
        return got;
    }
    void seek(u8 unit, u8 cylinder) {
        (void)command({0x0f, unit, cylinder}, 0, 100'000);
        REQUIRE(level("irq"));
        REQUIRE(command({0x08}, 2) == Bytes{static_cast<u8>(0x20 | unit), cylinder});
        REQUIRE_FALSE(level("irq"));
    }
    Bytes on_disk(u32 first, u32 count) {
        Bytes bytes(std::size_t{count} * 512);
        REQUIRE(shelf.disk(fdc.inserted(0))->medium->read(u64{first} * 512, bytes));
        return bytes;
    }
};

struct ContractBench : FdcBench {
    u32 second = shelf.put(make_disk(format_720));

    ContractBench() {
        poke(0x3f0, 0x3f5);
        poke(0x3f5, 0x3f5);
        poke(0x3f7, 0x3f7);
        kept("state.drives");
        kept("state.specify");
        kept("memory");
        kept("outside");
    }
    void disturb(Dice& dice) override {
        switch (dice.below(6)) {
            case 0: return fdc.insert(static_cast<unsigned>(dice.below(4)), static_cast<u32>(dice.below(4)));
            case 1: return dma.program(static_cast<Direction>(dice.below(3)), dice.between(1, 2000));
            case 2: return ports.write8(0x3f2, static_cast<u8>(0x1c | (dice.byte() & 0x33)));
            default: break;
        }
        // A whole command, mostly well formed.
        static constexpr std::array<u8, 16> codes{0x46, 0xe6, 0x66, 0x45, 0xc5, 0x42, 0x4d, 0x4a, 0x07, 0x0f, 0x08, 0xd6, 0x51, 0x4c, 0x49, 0x13};
        ports.write8(0x3f5, codes[dice.below(codes.size())]);
        for (const u64 limit : {6, 3, 2, 20, 3, 20, 256, 256}) ports.write8(0x3f5, static_cast<u8>(dice.below(limit)));
    }
    void visit_outside(StateVisitor& visitor) override {
        visitor.enter("outside");
        dma.visit(visitor);
        shelf.visit(visitor);
        visitor.leave();
    }
};

}  // namespace

TEST_CASE("the floppy controller keeps the device contract") { check_device_contract<ContractBench>(12, 500); }

TEST_CASE("a damaged saved state is refused or leads the floppy controller nowhere that crashes") {
    for (Dice dice : seeds(150)) {
        ContractBench bench;
        for (int i = 0; i < 60; ++i) random_poke(bench, dice);
        auto saved = save(bench.fdc);
        for (u64 i = dice.below(20); i > 0; --i) saved[dice.below(saved.size())] = dice.byte();
        try {
            load_state(bench.fdc, saved);
        } catch (const HostError&) {
            continue;
        }
        bench.restored();
        for (int i = 0; i < 100; ++i) random_poke(bench, dice);
    }
}

TEST_CASE_METHOD(FdcBench, "a reset ends with one interrupt and a ready change of each of four drives") {
    CHECK(ports.read8(0x3f4) == 0x00);
    ports.write8(0x3f2, 0x0c);
    CHECK_FALSE(level("irq"));
    scheduler.run(Fdc::poll_time);
    CHECK(level("irq"));
    CHECK(ports.read8(0x3f4) == 0x80);
    for (u8 unit = 0; unit < 4; ++unit) {
        CHECK(command({0x08}, 2) == Bytes{static_cast<u8>(0xc0 | unit), 0});
        CHECK_FALSE(level("irq"));
    }
    CHECK(command({0x08}, 1) == Bytes{0x80});
}

TEST_CASE_METHOD(FdcBench, "without polling a reset raises no interrupt") {
    ports.write8(0x3f2, 0x0c);
    (void)command({0x13, 0x00, 0x10, 0x00}, 0);
    scheduler.run(10'000);
    CHECK_FALSE(level("irq"));
}

TEST_CASE_METHOD(FdcBench, "the gate in DOR keeps the interrupt from the pin") {
    ports.write8(0x3f2, 0x04);
    scheduler.run(1000);
    CHECK_FALSE(level("irq"));
    CHECK(bit(ports.read8(0x3f0), 7));
    ports.write8(0x3f2, 0x0c);
    CHECK(level("irq"));
}

TEST_CASE_METHOD(FdcBench, "reading a sector delivers it by DMA and tells the ID after it") {
    start();
    seek(0, 3);
    dma.program(Direction::ToMemory, 512);
    CHECK(transfer({0x46, 0x04, 3, 1, 5, 2, 18, 0x1b, 0xff}) == Bytes{0x04, 0, 0, 3, 1, 6, 2});
    CHECK(dma.memory == sectors_of_disk((3 * 2 + 1) * 18 + 4, 1));
}

TEST_CASE_METHOD(FdcBench, "the interrupt of a read comes with its results and goes with the first one") {
    start();
    dma.program(Direction::ToMemory, 512);
    for (const u8 byte : Bytes{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    CHECK(ports.read8(0x3f4) == 0x10);
    scheduler.run(2 * Fdc::sector_time - 1);
    CHECK_FALSE(level("irq"));
    scheduler.run(1);
    CHECK(level("irq"));
    CHECK(ports.read8(0x3f4) == 0xd0);
    (void)ports.read8(0x3f5);
    CHECK_FALSE(level("irq"));
    CHECK(results().size() == 6);
    CHECK(ports.read8(0x3f4) == 0x80);
}

TEST_CASE_METHOD(FdcBench, "a multi-track read goes on with the other head") {
    start();
    dma.program(Direction::ToMemory, 36 * 512);
    CHECK(transfer({0xc6, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0x04, 0, 0, 1, 0, 1, 2});
    CHECK(dma.memory == sectors_of_disk(0, 36));
    dma.program(Direction::ToMemory, 18 * 512);
    CHECK(transfer({0xc6, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0x00, 0, 0, 0, 1, 1, 2});
}

TEST_CASE_METHOD(FdcBench, "a read past the last sector ends with ST1 EN") {
    start();
    dma.program(Direction::ToMemory, 3 * 512);
    CHECK(transfer({0x46, 0x00, 0, 0, 17, 2, 18, 0x1b, 0xff}) == Bytes{0x40, 0x80, 0, 1, 0, 1, 2});
    CHECK(dma.moved() == 2 * 512);
    CHECK_FALSE(dma.level());
}

TEST_CASE_METHOD(FdcBench, "a terminal count in the middle of a sector ends the read after that sector") {
    start();
    dma.program(Direction::ToMemory, 700);
    CHECK(transfer({0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0x00, 0, 0, 0, 0, 3, 2});
    CHECK(dma.memory[699] == content(1, 187));
}

TEST_CASE_METHOD(FdcBench, "a sector that is not there, of another size or on another cylinder is no data") {
    start();
    dma.program(Direction::ToMemory, 512);
    CHECK(transfer({0x46, 0x00, 0, 0, 19, 2, 19, 0x1b, 0xff}) == Bytes{0x40, 0x04, 0, 0, 0, 19, 2});
    CHECK(transfer({0x46, 0x00, 0, 0, 1, 3, 18, 0x1b, 0xff}) == Bytes{0x40, 0x04, 0, 0, 0, 1, 3});
    CHECK(transfer({0x46, 0x00, 7, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0x40, 0x04, 0x10, 7, 0, 1, 2});
    CHECK(dma.moved() == 0);
}

TEST_CASE_METHOD(FdcBench, "at a wrong data rate or in FM no address mark is found") {
    start(DataRate::Kbps250);
    CHECK(transfer({0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff})[1] == 0x01);
    CHECK(command({0x4a, 0x00}, 7, 10'000)[1] == 0x01);
    ports.write8(0x3f7, 0);
    CHECK(command({0x4a, 0x00}, 7, 10'000) == Bytes{0, 0, 0, 0, 0, 1, 2});
    CHECK(command({0x4a, 0x00}, 7, 10'000) == Bytes{0, 0, 0, 0, 0, 2, 2});
    CHECK(command({0x0a, 0x00}, 7, 10'000)[1] == 0x01);
}

TEST_CASE("disks of every density are read at the rate of their drive") {
    struct Case { FloppyFormat format; DriveType drive; DataRate rate; };
    for (const auto& [format, drive, rate] : {Case{format_360, DriveType::Floppy360K, DataRate::Kbps250},
                                              Case{format_360, DriveType::Floppy1200K, DataRate::Kbps300},
                                              Case{format_1200, DriveType::Floppy1200K, DataRate::Kbps500},
                                              Case{format_720, DriveType::Floppy720K, DataRate::Kbps250},
                                              Case{format_720, DriveType::Floppy1440K, DataRate::Kbps250},
                                              Case{floppy_1440, DriveType::Floppy2880K, DataRate::Kbps500},
                                              Case{floppy_2880, DriveType::Floppy2880K, DataRate::Kbps1000}}) {
        FdcBench bench{format, drive};
        bench.start(rate);
        CHECK(bench.command({0x4a, 0x00}, 7, 10'000) == Bytes{0, 0, 0, 0, 0, 1, 2});
        bench.ports.write8(0x3f7, static_cast<u8>(static_cast<u8>(rate) ^ 1));
        CHECK(bench.command({0x4a, 0x00}, 7, 10'000)[1] == 0x01);
    }
    FdcBench old{floppy_1440, DriveType::Floppy720K};
    old.start();
    CHECK(old.command({0x4a, 0x00}, 7, 10'000)[1] == 0x01);
}

TEST_CASE("a 360 KB disk in a 1.2 MB drive has its tracks on every second step") {
    FdcBench bench{format_360, DriveType::Floppy1200K};
    bench.start(DataRate::Kbps300);
    bench.seek(0, 20);
    CHECK(bench.command({0x4a, 0x00}, 7, 10'000) == Bytes{0, 0, 0, 10, 0, 1, 2});
    bench.seek(0, 21);
    CHECK(bench.command({0x4a, 0x00}, 7, 10'000)[1] == 0x01);
}

TEST_CASE_METHOD(FdcBench, "writing changes the disk and nothing beside") {
    start();
    dma.program(Direction::FromMemory, 1024);
    std::fill(dma.memory.begin(), dma.memory.end(), u8{0x5a});
    // program() moves nothing before the controller asks
    CHECK(transfer({0x45, 0x00, 0, 0, 4, 2, 18, 0x1b, 0xff}) == Bytes{0, 0, 0, 0, 0, 6, 2});
    CHECK(on_disk(3, 2) == Bytes(1024, 0x5a));
    CHECK(on_disk(2, 1) == sectors_of_disk(2, 1));
    CHECK(on_disk(5, 1) == sectors_of_disk(5, 1));
}

TEST_CASE_METHOD(FdcBench, "a write cut short by the terminal count fills its sector with zeros") {
    start();
    dma.program(Direction::FromMemory, 100);
    std::fill(dma.memory.begin(), dma.memory.end(), u8{0x5a});
    CHECK(transfer({0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0, 0, 0, 0, 0, 2, 2});
    CHECK(on_disk(0, 1)[99] == 0x5a);
    CHECK(on_disk(0, 1)[100] == 0x00);
}

TEST_CASE("a write-protected disk is not written, and sense drive says so") {
    FdcBench bench{floppy_1440, DriveType::Floppy1440K, false};
    bench.start();
    bench.dma.program(Direction::FromMemory, 512);
    CHECK(bench.transfer({0x45, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0x40, 0x02, 0, 0, 0, 1, 2});
    CHECK(bench.transfer({0x4d, 0x00, 2, 18, 0x54, 0xf6})[1] == 0x02);
    CHECK(bench.command({0x04, 0x04}, 1) == Bytes{0x7c});
    CHECK(bench.dma.moved() == 0);
    bench.dma.program(Direction::ToMemory, 512);
    CHECK(bench.transfer({0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff})[0] == 0);
}

TEST_CASE_METHOD(FdcBench, "seeks take a step time a track, and two drives seek at once") {
    start();
    for (const u8 byte : Bytes{0x0f, 0, 10}) ports.write8(0x3f5, byte);
    for (const u8 byte : Bytes{0x0f, 1, 20}) ports.write8(0x3f5, byte);
    CHECK(ports.read8(0x3f4) == 0x83);
    scheduler.run(10 * Fdc::step_time);
    CHECK(level("irq"));
    CHECK(ports.read8(0x3f4) == 0x82);
    CHECK(command({0x08}, 2) == Bytes{0x20, 10});
    scheduler.run(10 * Fdc::step_time);
    CHECK(command({0x08}, 2) == Bytes{0x21, 20});
    CHECK(ports.read8(0x3f4) == 0x80);
}

TEST_CASE_METHOD(FdcBench, "recalibrating finds track 0, but not without a drive") {
    start();
    seek(0, 30);
    CHECK(command({0x04, 0x00}, 1) == Bytes{0x28});
    (void)command({0x07, 0x00}, 0, 100'000);
    CHECK(command({0x08}, 2) == Bytes{0x20, 0});
    CHECK(command({0x04, 0x00}, 1) == Bytes{0x38});
    (void)command({0x07, 0x02}, 0, 100'000);
    CHECK(command({0x08}, 2) == Bytes{0x72, 0});
}

TEST_CASE_METHOD(FdcBench, "a relative seek counts from where the head is") {
    start();
    seek(0, 30);
    (void)command({0xcf, 0x00, 5}, 0, 100'000);
    CHECK(command({0x08}, 2) == Bytes{0x20, 35});
    (void)command({0x8f, 0x00, 6}, 0, 100'000);
    CHECK(command({0x08}, 2) == Bytes{0x20, 29});
    CHECK(command({0x4a, 0x00}, 7, 10'000)[3] == 29);
}

TEST_CASE_METHOD(FdcBench, "with implied seeks a read goes to its cylinder by itself") {
    start();
    (void)command({0x13, 0x00, 0x40, 0x00}, 0);
    dma.program(Direction::ToMemory, 512);
    CHECK(transfer({0x46, 0x00, 12, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0x20, 0, 0, 12, 0, 2, 2});
    CHECK(dma.memory == sectors_of_disk(12 * 36, 1));
}

TEST_CASE_METHOD(FdcBench, "the change line stands until a step with a disk in") {
    start();
    CHECK(bit(ports.read8(0x3f7), 7));
    seek(0, 1);
    CHECK_FALSE(bit(ports.read8(0x3f7), 7));
    fdc.insert(0, 0);
    CHECK(bit(ports.read8(0x3f7), 7));
    seek(0, 2);
    CHECK(bit(ports.read8(0x3f7), 7));
    fdc.insert(0, 1);
    CHECK(bit(ports.read8(0x3f7), 7));
    seek(0, 1);
    CHECK_FALSE(bit(ports.read8(0x3f7), 7));
}

TEST_CASE_METHOD(FdcBench, "without a disk a read waits until there is one, or a reset") {
    start();
    fdc.insert(0, 0);
    dma.program(Direction::ToMemory, 512);
    for (const u8 byte : Bytes{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    scheduler.run(5'000'000);
    CHECK(ports.read8(0x3f4) == 0x10);
    fdc.insert(0, 1);
    scheduler.run(1000);
    CHECK(results() == Bytes{0, 0, 0, 0, 0, 2, 2});

    ports.write8(0x3f2, 0x0c);  // motor off
    for (const u8 byte : Bytes{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    scheduler.run(5'000'000);
    CHECK(ports.read8(0x3f4) == 0x10);
    ports.write8(0x3f4, 0x80);
    CHECK(ports.read8(0x3f4) == 0x80);
    scheduler.run(1000);
    CHECK(command({0x08}, 2) == Bytes{0xc0, 0});
}

TEST_CASE_METHOD(FdcBench, "data that nobody fetches is an overrun") {
    start();
    for (const u8 byte : Bytes{0x46, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    scheduler.run(1000);
    CHECK(dma.level());
    scheduler.run(Fdc::overrun_time);
    CHECK_FALSE(dma.level());
    CHECK(results() == Bytes{0x40, 0x10, 0, 0, 0, 1, 2});
}

TEST_CASE_METHOD(FdcBench, "without DMA every byte is announced by an interrupt, and the last sector ends the command") {
    start();
    (void)command({0x03, 0xaf, 0x03}, 0);
    for (const u8 byte : Bytes{0x46, 0, 0, 0, 17, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    CHECK(ports.read8(0x3f4) == 0x30);
    Bytes got;
    while (got.size() < 1024) {
        scheduler.run(Fdc::sector_time);
        REQUIRE(ports.read8(0x3f4) == 0xf0);
        take_record();
        for (int i = 0; i < 512; ++i) {
            REQUIRE(level("irq"));
            got.push_back(ports.read8(0x3f5));
        }
        CHECK(take_record().size() == 1023);  // falls 512 times, rises again 511 times
    }
    CHECK(got == sectors_of_disk(16, 2));
    scheduler.run(Fdc::sector_time);
    CHECK(results() == Bytes{0x40, 0x80, 0, 1, 0, 1, 2});

    for (const u8 byte : Bytes{0x45, 0, 0, 0, 18, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    scheduler.run(Fdc::sector_time);
    REQUIRE(ports.read8(0x3f4) == 0xb0);
    for (int i = 0; i < 512; ++i) ports.write8(0x3f5, 0x77);
    scheduler.run(Fdc::sector_time);
    CHECK(results()[1] == 0x80);
    CHECK(on_disk(17, 1) == Bytes(512, 0x77));
}

TEST_CASE_METHOD(FdcBench, "formatting a track fills the sectors that the IDs name") {
    start();
    seek(0, 2);
    dma.program(Direction::FromMemory, 18 * 4);
    for (u8 i = 0; i < 18; ++i) {  // interleaved
        const u8 sector = static_cast<u8>(i * 5 % 18 + 1);
        std::ranges::copy(Bytes{2, 1, sector, 2}, dma.memory.begin() + i * 4);
    }
    CHECK(transfer({0x4d, 0x04, 2, 18, 0x54, 0xf6})[0] == 0x04);
    CHECK(on_disk((2 * 2 + 1) * 18, 18) == Bytes(18 * 512, 0xf6));
    CHECK(on_disk((2 * 2 + 1) * 18 - 1, 1) == sectors_of_disk((2 * 2 + 1) * 18 - 1, 1));
    CHECK(on_disk((2 * 2 + 2) * 18, 1) == sectors_of_disk((2 * 2 + 2) * 18, 1));
}

TEST_CASE_METHOD(FdcBench, "a 1.44 MB disk can be formatted with 720 KB, but not the other way round") {
    start(DataRate::Kbps250);
    const auto format_track = [&](u8 sectors) {
        dma.program(Direction::FromMemory, sectors * std::size_t{4});
        for (u8 i = 0; i < sectors; ++i) std::ranges::copy(Bytes{0, 0, static_cast<u8>(i + 1), 2}, dma.memory.begin() + i * 4);
        return transfer({0x4d, 0x00, 2, sectors, 0x50, 0xf6});
    };
    CHECK(format_track(9)[0] == 0x00);
    CHECK(shelf.disk(1)->format.floppy == format_720);
    dma.program(Direction::ToMemory, 9 * 512);
    CHECK(transfer({0x46, 0x00, 0, 0, 1, 2, 9, 0x2a, 0xff})[0] == 0x00);
    CHECK(dma.memory == Bytes(9 * 512, 0xf6));

    ports.write8(0x3f7, static_cast<u8>(DataRate::Kbps500));
    CHECK((format_track(18)[0] & 0xd0) == 0x50);
    CHECK(shelf.disk(1)->format.floppy == format_720);
}

TEST_CASE_METHOD(FdcBench, "sectors with a deleted mark are read with a control mark, or skipped") {
    start();
    dma.program(Direction::FromMemory, 512);
    CHECK(transfer({0x49, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff})[0] == 0x00);
    dma.program(Direction::ToMemory, 4 * 512);
    CHECK(transfer({0x46, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0, 0, 0x40, 0, 0, 2, 2});
    CHECK(dma.moved() == 2 * 512);
    dma.program(Direction::ToMemory, 2 * 512);
    CHECK(transfer({0x66, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0, 0, 0x40, 0, 0, 4, 2});
    CHECK(std::equal(dma.memory.begin() + 512, dma.memory.end(), sectors_of_disk(2, 1).begin()));
    dma.program(Direction::ToMemory, 512);
    CHECK(transfer({0x4c, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff}) == Bytes{0, 0, 0, 0, 0, 3, 2});
    dma.program(Direction::FromMemory, 512);
    CHECK(transfer({0x45, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff})[0] == 0x00);
    dma.program(Direction::ToMemory, 512);
    CHECK(transfer({0x46, 0x00, 0, 0, 2, 2, 18, 0x1b, 0xff})[2] == 0x00);
}

TEST_CASE_METHOD(FdcBench, "verify reads without moving data") {
    start();
    dma.program(Direction::ToMemory, 512);
    CHECK(transfer({0x56, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff}) == Bytes{0, 0, 0, 1, 0, 1, 2});
    CHECK(transfer({0x56, 0x80, 0, 0, 3, 2, 18, 0x1b, 4}) == Bytes{0, 0, 0, 0, 0, 7, 2});
    CHECK(transfer({0x56, 0x80, 0, 0, 17, 2, 18, 0x1b, 4})[1] == 0x80);
    CHECK(dma.moved() == 0);
}

TEST_CASE_METHOD(FdcBench, "read track takes the sectors as they pass and only marks wrong IDs") {
    start();
    dma.program(Direction::ToMemory, 18 * 512);
    CHECK(transfer({0x42, 0x00, 0, 0, 1, 2, 18, 0x1b, 0xff})[0] == 0x00);
    CHECK(dma.memory == sectors_of_disk(0, 18));
    dma.program(Direction::ToMemory, 3 * 512);
    const Bytes got = transfer({0x42, 0x00, 0, 0, 99, 2, 18, 0x1b, 0xff});
    CHECK(got[0] == 0x00);
    CHECK(got[1] == 0x04);
    CHECK(dma.memory == sectors_of_disk(0, 3));
}

TEST_CASE_METHOD(FdcBench, "scans find the sector that is equal, or low enough") {
    start();
    const auto wanted = [&](u32 sector) {
        dma.program(Direction::FromMemory, 18 * 512);
        for (std::size_t i = 0; i < dma.memory.size(); ++i) dma.memory[i] = content(sector, static_cast<u32>(i % 512));
    };
    wanted(4);
    CHECK(transfer({0x51, 0x00, 0, 0, 1, 2, 18, 0x1b, 1}) == Bytes{0, 0, 0x08, 0, 0, 5, 2});
    wanted(500);
    CHECK(transfer({0x51, 0x00, 0, 0, 1, 2, 6, 0x1b, 1})[2] == 0x04);
    wanted(4);
    CHECK(transfer({0x59, 0x00, 0, 0, 2, 2, 18, 0x1b, 1})[2] == 0x00);  // 13 is lower than 52
}

TEST_CASE_METHOD(FdcBench, "the chip tells what it is and what it was told") {
    start();
    CHECK(command({0x10}, 1) == Bytes{0x90});
    CHECK(command({0x18}, 1) == Bytes{0x80});
    CHECK(command({0x1f}, 1) == Bytes{0x80});
    (void)command({0x13, 0x00, 0x57, 0x0a}, 0);
    (void)command({0x12, 0x84}, 0);
    seek(0, 7);
    CHECK(command({0x0e}, 10) == Bytes{7, 0, 0, 0, 0xaf, 0x02, 0, 0x04, 0x57, 0x0a});
    CHECK(command({0x94}, 1) == Bytes{0x10});
    ports.write8(0x3f4, 0x80);
    CHECK(command({0x0e}, 10) == Bytes{7, 0, 0, 0, 0xaf, 0x02, 0, 0x84, 0x07, 0x0a});
    CHECK(command({0x14}, 1) == Bytes{0x00});
    ports.write8(0x3f4, 0x80);
    CHECK(command({0x0e}, 10) == Bytes{7, 0, 0, 0, 0xaf, 0x02, 0, 0x04, 0x20, 0x00});
}

TEST_CASE_METHOD(FdcBench, "a disk that is taken out while it is written is not written") {
    start();
    for (const u8 byte : Bytes{0x45, 0, 0, 0, 1, 2, 18, 0x1b, 0xff}) ports.write8(0x3f5, byte);
    scheduler.run(Fdc::sector_time);
    REQUIRE(dma.level());
    fdc.insert(0, 0);
    dma.program(Direction::FromMemory, 512);
    scheduler.run(1000);
    CHECK(results()[1] == 0x02);
    fdc.insert(0, 1);
    CHECK(on_disk(0, 1) == sectors_of_disk(0, 1));
}
