#include <catch2/catch.hpp>

#include "devices/storage/ata_channel.hpp"
#include "devices/storage/ata_disk.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"
#include "core/base/ensure.hpp"
#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

using Bytes = std::vector<u8>;

constexpr DiskGeometry small{10, 4, 17, 10 * 4 * 17 + 5};

u8 content(u64 sector, u64 byte) { return static_cast<u8>(sector * 29 + byte * 3 + (sector >> 8)); }

Bytes sectors_of_disk(u64 first, u64 count) {
    Bytes bytes;
    for (u64 sector = first; sector < first + count; ++sector)
        for (u64 byte = 0; byte < 512; ++byte) bytes.push_back(content(sector, byte));
    return bytes;
}

Disk make_disk(const DiskGeometry& geometry, bool writable = true) {
    std::unique_ptr<Medium> medium = std::make_unique<MemoryMedium>(sectors_of_disk(0, std::min<u64>(geometry.total_sectors, 1000)));
    if (writable) medium = std::make_unique<Overlay>(std::move(medium));
    return {std::move(medium), {.kind = DiskKind::HardDisk, .floppy = {}, .hard_disk = geometry}};
}

// One cable with one drive or two.
struct AtaBench : DeviceBench {
    Disk disk;
    AtaDisk drive;
    std::unique_ptr<Disk> other_disk;
    std::unique_ptr<AtaDisk> other;
    AtaChannel channel;

    explicit AtaBench(const DiskGeometry& geometry = small, bool two = false, bool writable = true)
        : disk{make_disk(geometry, writable)}
        , drive{scheduler, "ata0.drive0", disk}
        , other_disk{two ? std::make_unique<Disk>(make_disk({20, 2, 10, 400})) : nullptr}
        , other{two ? std::make_unique<AtaDisk>(scheduler, "ata0.drive1", *other_disk) : nullptr}
        , channel{pin("irq"), AtaChannel::primary, &drive, other.get()} {
        add(channel);
    }

    u8 status() { return ports.read8(0x3f6); }
    void wait() {
        for (int i = 0; i < 1000 && bit(status(), 7); ++i) scheduler.run(10);
        REQUIRE_FALSE(bit(status(), 7));
    }
    void set(u8 count, u8 low, u8 mid, u8 high, u8 device) {
        ports.write8(0x1f6, device);
        ports.write8(0x1f2, count);
        ports.write8(0x1f3, low);
        ports.write8(0x1f4, mid);
        ports.write8(0x1f5, high);
    }
    void set_lba(u32 lba, u8 count) {
        set(count, static_cast<u8>(lba), static_cast<u8>(lba >> 8), static_cast<u8>(lba >> 16), static_cast<u8>(0xe0 | lba >> 24));
    }
    u8 command(u8 code) {
        ports.write8(0x1f7, code);
        wait();
        return status();
    }
    Bytes data(std::size_t sectors) {
        Bytes bytes;
        for (std::size_t i = 0; i < sectors * 256; ++i) {
            const u32 word = ports.read(0x1f0, 2);
            bytes.push_back(low_byte(word));
            bytes.push_back(high_byte(word));
        }
        return bytes;
    }
    void give(std::size_t sectors, u8 value) {
        for (std::size_t i = 0; i < sectors * 256; ++i) ports.write(0x1f0, 2, value * 0x101u);
    }
    std::vector<u16> identity() {
        REQUIRE(command(0xec) == 0x58);
        std::vector<u16> words;
        for (int i = 0; i < 256; ++i) words.push_back(static_cast<u16>(ports.read(0x1f0, 2)));
        return words;
    }
    Bytes on_disk(u64 first, u64 count) {
        Bytes bytes(static_cast<std::size_t>(count) * 512);
        REQUIRE(disk.medium->read(first * 512, bytes));
        return bytes;
    }
    u32 shown_lba() {
        return ports.read8(0x1f3) | u32{ports.read8(0x1f4)} << 8 | u32{ports.read8(0x1f5)} << 16 | (ports.read8(0x1f6) & 15u) << 24;
    }
};

struct ContractBench : AtaBench {
    explicit ContractBench(bool two = true) : AtaBench{small, two} {
        poke(0x1f0, 0x1f7);
        poke(0x1f0, 0x1f0);
        poke(0x3f6, 0x3f6);
        kept("outside");
    }
    void disturb(Dice& dice) override {
        static constexpr std::array<u8, 20> codes{0x20, 0x24, 0x30, 0x34, 0xc4, 0xc5, 0xc6, 0x29, 0x39, 0x40, 0xec, 0xef, 0x91, 0x90, 0xe4, 0xe8, 0x10, 0x70, 0xe5, 0xf8};
        if (dice.one_in(3)) {
            const unsigned width = 2u << dice.below(2);
            for (u64 i = dice.below(600); i > 0; --i) {
                if (dice.one_in(2)) ports.write(0x1f0, width, 0x12345678);
                else (void)ports.read(0x1f0, width);
            }
            return;
        }
        set(static_cast<u8>(dice.below(5)), static_cast<u8>(dice.below(20)), static_cast<u8>(dice.below(12)), 0, static_cast<u8>(dice.below(2) << 4 | dice.below(2) << 6 | dice.below(5)));
        ports.write8(0x1f7, codes[dice.below(codes.size())]);
    }
    void visit_outside(StateVisitor& visitor) override {
        visitor.enter("outside");
        disk.medium->visit(visitor);
        if (other_disk) other_disk->medium->visit(visitor);
        visitor.leave();
    }
};

struct LonelyContractBench : ContractBench {
    LonelyContractBench() : ContractBench{false} {}
};

}  // namespace

TEST_CASE("an ATA channel keeps the device contract with two drives") { check_device_contract<ContractBench>(8, 400); }
TEST_CASE("an ATA channel keeps the device contract with one drive") { check_device_contract<LonelyContractBench>(4, 400); }

TEST_CASE("a damaged saved state is refused or leads the ATA channel nowhere that crashes") {
    for (Dice dice : seeds(150)) {
        ContractBench bench;
        for (int i = 0; i < 60; ++i) random_poke(bench, dice);
        auto saved = save(bench.channel);
        for (u64 i = dice.below(20); i > 0; --i) saved[dice.below(saved.size())] = dice.byte();
        try {
            load_state(bench.channel, saved);
        } catch (const HostError&) {
            continue;
        }
        bench.restored();
        for (int i = 0; i < 100; ++i) random_poke(bench, dice);
    }
}

TEST_CASE_METHOD(AtaBench, "after power-on the drive is ready and shows its signature") {
    CHECK(ports.read8(0x1f7) == 0x50);
    CHECK(ports.read8(0x1f1) == 0x01);
    CHECK(ports.read8(0x1f2) == 0x01);
    CHECK(ports.read8(0x1f3) == 0x01);
    CHECK(ports.read8(0x1f4) == 0x00);
    CHECK(ports.read8(0x1f5) == 0x00);
}

TEST_CASE_METHOD(AtaBench, "IDENTIFY's words say geometry, capacity and abilities") {
    const auto words = identity();
    CHECK((words[0] & 0x8000) == 0);
    CHECK((words[1] == 10 && words[3] == 4 && words[6] == 17));
    CHECK((words[54] == 10 && words[55] == 4 && words[56] == 17));
    CHECK((words[57] | words[58] << 16) == 10 * 4 * 17);
    CHECK((words[60] | words[61] << 16) == 10 * 4 * 17 + 5);
    CHECK(words[100] == 10 * 4 * 17 + 5);
    CHECK(words[27] == ('R' << 8 | 'e'));
    CHECK(words[46] == 0x2020);
    CHECK(words[47] == 0x8010);
    CHECK(bit(words[49], 9));
    u8 sum = 0;
    for (const u16 word : words) sum = static_cast<u8>(sum + word + (word >> 8));
    CHECK(sum == 0);
    CHECK(ports.read8(0x1f7) == 0x50);
}

TEST_CASE_METHOD(AtaBench, "a read interrupts when its data is there, sector by sector, and not after the last") {
    set_lba(100, 2);
    ports.write8(0x1f7, 0x20);
    CHECK(status() == 0x80);
    CHECK_FALSE(level("irq"));
    wait();
    CHECK(level("irq"));
    CHECK(status() == 0x58);
    CHECK(level("irq"));  // the alternate status takes nothing back
    CHECK(ports.read8(0x1f7) == 0x58);
    CHECK_FALSE(level("irq"));
    CHECK(data(1) == sectors_of_disk(100, 1));
    CHECK(status() == 0x80);
    wait();
    CHECK(level("irq"));
    (void)ports.read8(0x1f7);
    CHECK(data(1) == sectors_of_disk(101, 1));
    CHECK(status() == 0x50);
    scheduler.run(10'000);
    CHECK_FALSE(level("irq"));
    CHECK(shown_lba() == 101);
    CHECK(ports.read8(0x1f2) == 0);
}

TEST_CASE_METHOD(AtaBench, "the same sector comes by cylinder, head and sector, by LBA28 and by LBA48") {
    set(1, 5, 3, 0, 0xa2);  // 3/2/5
    REQUIRE(command(0x20) == 0x58);
    const Bytes sector = sectors_of_disk((3 * 4 + 2) * 17 + 4, 1);
    CHECK(data(1) == sector);
    set_lba((3 * 4 + 2) * 17 + 4, 1);
    REQUIRE(command(0x20) == 0x58);
    CHECK(data(1) == sector);
    set(0, 0, 0, 0, 0xe0);
    set(1, (3 * 4 + 2) * 17 + 4, 0, 0, 0xe0);
    REQUIRE(command(0x24) == 0x58);
    CHECK(data(1) == sector);
}

TEST_CASE_METHOD(AtaBench, "double words and words through the data port are the same data") {
    set_lba(7, 1);
    REQUIRE(command(0x20) == 0x58);
    Bytes bytes;
    for (int i = 0; i < 128; ++i) {
        const u32 value = ports.read(0x1f0, 4);
        for (int shift = 0; shift < 32; shift += 8) bytes.push_back(static_cast<u8>(value >> shift));
    }
    CHECK(bytes == sectors_of_disk(7, 1));
    CHECK(status() == 0x50);
}

TEST_CASE_METHOD(AtaBench, "a write asks for its first block without an interrupt and interrupts after each") {
    set_lba(20, 2);
    REQUIRE(command(0x30) == 0x58);
    CHECK_FALSE(level("irq"));
    give(1, 0xa5);
    CHECK(status() == 0x80);
    wait();
    CHECK(level("irq"));
    CHECK(ports.read8(0x1f7) == 0x58);
    give(1, 0x5a);
    wait();
    CHECK(level("irq"));
    CHECK(ports.read8(0x1f7) == 0x50);
    CHECK_FALSE(level("irq"));
    Bytes expected(512, 0xa5);
    expected.resize(1024, 0x5a);
    CHECK(on_disk(20, 2) == expected);
    CHECK(on_disk(19, 1) == sectors_of_disk(19, 1));
    CHECK(on_disk(22, 1) == sectors_of_disk(22, 1));
}

TEST_CASE_METHOD(AtaBench, "a write takes its first block even from software that does not look at DRQ") {
    set_lba(21, 1);
    ports.write8(0x1f7, 0x30);
    give(1, 0x99);
    wait();
    CHECK(status() == 0x50);
    CHECK(on_disk(21, 1) == Bytes(512, 0x99));
}

TEST_CASE_METHOD(AtaBench, "multiple sectors come in blocks of the size that was set, the last one smaller") {
    set_lba(0, 5);
    CHECK((command(0xc4) & 1) == 1);  // not set yet
    CHECK(ports.read8(0x1f1) == 0x04);
    ports.write8(0x1f2, 3);
    CHECK((command(0xc6) & 1) == 1);  // no power of two
    ports.write8(0x1f2, 4);
    CHECK(command(0xc6) == 0x50);
    CHECK(identity()[59] == 0x0104);

    set_lba(30, 5);
    REQUIRE(command(0xc4) == 0x58);
    CHECK(data(4) == sectors_of_disk(30, 4));
    wait();
    CHECK(status() == 0x58);
    CHECK(data(1) == sectors_of_disk(34, 1));
    CHECK(status() == 0x50);

    set_lba(40, 6);
    REQUIRE(command(0xc5) == 0x58);
    give(4, 1);
    wait();
    REQUIRE(status() == 0x58);
    give(2, 2);
    wait();
    CHECK(status() == 0x50);
    CHECK(on_disk(43, 2)[511] == 1);
    CHECK(on_disk(43, 2)[512] == 2);
}

TEST_CASE_METHOD(AtaBench, "a count of zero is 256 sectors") {
    set_lba(0, 0);
    REQUIRE(command(0x20) == 0x58);
    for (u64 sector = 0; sector < 256; ++sector) {
        REQUIRE(data(1) == sectors_of_disk(sector, 1));
        wait();
    }
    CHECK(status() == 0x50);
}

TEST_CASE_METHOD(AtaBench, "an address beyond the disk is not found") {
    set_lba(small.total_sectors, 1);
    CHECK(command(0x20) == 0x51);
    CHECK(ports.read8(0x1f1) == 0x10);
    CHECK(level("irq"));
    for (const auto& [cylinder, head, sector] : {std::tuple{10, 0, 1}, std::tuple{0, 4, 1}, std::tuple{0, 0, 0}, std::tuple{0, 0, 18}}) {
        set(1, static_cast<u8>(sector), static_cast<u8>(cylinder), 0, static_cast<u8>(0xa0 | head));
        CHECK(command(0x20) == 0x51);
        CHECK(ports.read8(0x1f1) == 0x10);
    }
    set_lba(small.total_sectors - 1, 1);  // behind the last cylinder, but LBA reaches it
    CHECK(command(0x20) == 0x58);
}

TEST_CASE_METHOD(AtaBench, "a read that runs off the end delivers what there is and then fails at the end") {
    set_lba(small.total_sectors - 1, 2);
    REQUIRE(command(0x20) == 0x58);
    CHECK(data(1) == sectors_of_disk(small.total_sectors - 1, 1));
    wait();
    CHECK(status() == 0x51);
    CHECK(ports.read8(0x1f1) == 0x10);
    CHECK(shown_lba() == small.total_sectors);
    set_lba(small.total_sectors - 1, 2);
    CHECK(command(0x40) == 0x51);
    CHECK(ports.read8(0x1f1) == 0x10);
}

TEST_CASE_METHOD(AtaBench, "INITIALIZE DEVICE PARAMETERS changes what cylinder, head and sector mean") {
    set(10, 0, 0, 0, 0xa1);  // 10 sectors, 2 heads
    CHECK(command(0x91) == 0x50);
    set(1, 3, 5, 0, 0xa1);
    REQUIRE(command(0x20) == 0x58);
    CHECK(data(1) == sectors_of_disk((5 * 2 + 1) * 10 + 2, 1));
    const auto words = identity();
    CHECK((words[1] == 10 && words[3] == 4 && words[6] == 17));
    CHECK((words[54] == 34 && words[55] == 2 && words[56] == 10));
}

TEST_CASE_METHOD(AtaBench, "commands that a disk does not have are aborted") {
    for (const u8 code : Bytes{0x00, 0x08, 0xa0, 0xa1, 0xc7, 0xb0, 0x8a, 0xff}) {
        CHECK(command(code) == 0x51);
        CHECK(ports.read8(0x1f1) == 0x04);
        CHECK(level("irq"));
        (void)ports.read8(0x1f7);
    }
}

TEST_CASE_METHOD(AtaBench, "the commands without data end well") {
    for (const u8 code : Bytes{0x10, 0x1f, 0x70, 0x40, 0x41, 0x42, 0xe0, 0xe1, 0xe2, 0xe3, 0xe7, 0xea}) {
        INFO(int{code});
        set_lba(0, 0);  // for 42h, which takes what was written before, too
        set_lba(5, 1);
        CHECK(command(code) == 0x50);
        CHECK(level("irq"));
        (void)ports.read8(0x1f7);
    }
    for (const auto& [feature, count, answer] : {std::tuple{0x02, 0, 0x50}, std::tuple{0x82, 0, 0x50}, std::tuple{0x03, 0x0c, 0x50},
                                                 std::tuple{0x03, 0x46, 0x51}, std::tuple{0x77, 0, 0x51}}) {
        ports.write8(0x1f1, static_cast<u8>(feature));
        ports.write8(0x1f2, static_cast<u8>(count));
        CHECK(command(0xef) == answer);
    }
    CHECK_FALSE(bit(identity()[85], 5));  // the write cache is off
    set_lba(0, 0);
    CHECK(command(0xf8) == 0x50);
    CHECK(shown_lba() == small.total_sectors - 1);
    CHECK(command(0xe2) == 0x50);
    CHECK(command(0xe5) == 0x50);
    CHECK(ports.read8(0x1f2) == 0x00);
    CHECK(command(0xe3) == 0x50);
    CHECK(command(0xe5) == 0x50);
    CHECK(ports.read8(0x1f2) == 0xff);
}

TEST_CASE_METHOD(AtaBench, "the sector buffer gives back what was written to it") {
    REQUIRE(command(0xe8) == 0x58);
    give(1, 0x3c);
    CHECK(status() == 0x50);
    REQUIRE(command(0xe4) == 0x58);
    CHECK(data(1) == Bytes(512, 0x3c));
}

TEST_CASE_METHOD(AtaBench, "nIEN keeps the interrupt from the pin until it is cleared") {
    ports.write8(0x3f6, 0x02);
    set_lba(0, 1);
    REQUIRE(command(0x20) == 0x58);
    CHECK_FALSE(level("irq"));
    ports.write8(0x3f6, 0x00);
    CHECK(level("irq"));
}

TEST_CASE_METHOD(AtaBench, "a software reset aborts, shows the signature and raises no interrupt") {
    set_lba(100, 2);
    REQUIRE(command(0x20) == 0x58);
    ports.write8(0x3f6, 0x04);
    CHECK(status() == 0x80);
    CHECK_FALSE(level("irq"));
    scheduler.run(100'000);
    CHECK(status() == 0x80);
    ports.write8(0x3f6, 0x00);
    wait();
    CHECK(status() == 0x50);
    CHECK_FALSE(level("irq"));
    CHECK(ports.read8(0x1f1) == 0x01);
    CHECK(ports.read8(0x1f2) == 0x01);
    CHECK(ports.read8(0x1f3) == 0x01);
    CHECK(ports.read8(0x1f4) == 0x00);
    CHECK(ports.read8(0x1f5) == 0x00);
}

TEST_CASE_METHOD(AtaBench, "an absent second drive reads as status 0 and takes no command") {
    ports.write8(0x1f6, 0xb0);
    CHECK(status() == 0x00);
    CHECK(ports.read8(0x1f7) == 0x00);
    ports.write8(0x1f7, 0xec);
    scheduler.run(10'000);
    CHECK(status() == 0x00);
    CHECK_FALSE(level("irq"));
    ports.write8(0x1f6, 0xa0);
    CHECK(status() == 0x50);
}

TEST_CASE("an empty cable reads as status 0") {
    DeviceBench bench;
    AtaChannel channel{bench.pin("irq"), AtaChannel::secondary, nullptr, nullptr};
    channel.attach(bench.ports);
    bench.ports.write8(0x176, 0xa0);
    bench.ports.write8(0x177, 0xec);
    bench.ports.write8(0x172, 0x55);
    CHECK(bench.ports.read8(0x177) == 0);
    CHECK(bench.ports.read8(0x172) == 0);
    CHECK(bench.ports.read(0x170, 4) == 0);
    CHECK(bench.ports.read8(0x376) == 0);
}

TEST_CASE("two drives share a cable, each with its own interrupt and data") {
    AtaBench bench{small, true};
    bench.set_lba(9, 1);
    REQUIRE(bench.command(0x20) == 0x58);
    CHECK(bench.level("irq"));
    bench.ports.write8(0x1f6, 0xf0);
    CHECK_FALSE(bench.level("irq"));
    const auto words = bench.identity();
    CHECK((words[1] == 20 && words[3] == 2 && words[6] == 10));
    bench.ports.write8(0x1f6, 0xe0);
    CHECK(bench.level("irq"));
    CHECK(bench.data(1) == sectors_of_disk(9, 1));
}

TEST_CASE("both drives do the diagnostic and the first reports it") {
    AtaBench bench{small, true};
    bench.ports.write8(0x1f6, 0xb0);
    CHECK(bench.command(0x90) == 0x50);
    CHECK(bench.level("irq"));
    CHECK(bench.ports.read8(0x1f1) == 0x01);
    CHECK((bench.ports.read8(0x1f6) & 0x10) == 0);
}

TEST_CASE_METHOD(AtaBench, "the high order bit shows what was written before the last value") {
    ports.write8(0x1f2, 0x11);
    ports.write8(0x1f2, 0x22);
    ports.write8(0x3f6, 0x80);
    CHECK(ports.read8(0x1f2) == 0x11);
    ports.write8(0x1f3, 0x33);
    CHECK(ports.read8(0x1f2) == 0x22);
}

TEST_CASE("a large disk is reached beyond 128 GiB by LBA48 only") {
    const u64 total = u64{200} << 21;
    AtaBench bench{DiskGeometry{16383, 16, 63, total}};
    const auto words = bench.identity();
    CHECK((words[60] | words[61] << 16) == 0x0fffffff);
    CHECK((words[100] | u64{words[101]} << 16) == total);
    const u64 lba = total - 1;
    bench.set(0, static_cast<u8>(lba >> 24), 0, 0, 0xe0);
    bench.set(1, static_cast<u8>(lba), static_cast<u8>(lba >> 8), static_cast<u8>(lba >> 16), 0xe0);
    REQUIRE(bench.command(0x34) == 0x58);
    bench.give(1, 0x42);
    bench.wait();
    CHECK(bench.status() == 0x50);
    CHECK(bench.on_disk(lba, 1) == Bytes(512, 0x42));
    CHECK(bench.command(0x27) == 0x50);
    CHECK(bench.ports.read8(0x1f3) == 0xff);
    bench.ports.write8(0x3f6, 0x80);
    CHECK(bench.ports.read8(0x1f3) == static_cast<u8>((total - 1) >> 24));
}

TEST_CASE("a write-protected disk refuses writes") {
    AtaBench bench{small, false, false};
    bench.set_lba(0, 1);
    CHECK(bench.command(0x30) == 0x51);
    CHECK(bench.ports.read8(0x1f1) == 0x04);
}
