#include <catch2/catch.hpp>

#include "devices/storage/ata_channel.hpp"
#include "devices/storage/atapi_cdrom.hpp"
#include "devices/storage/memory_medium.hpp"
#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

using Bytes = std::vector<u8>;

u8 content(u64 sector, u64 byte) { return static_cast<u8>(sector * 17 + byte * 5 + (byte >> 8)); }

Disk make_disc(u32 sectors) {
    Bytes bytes;
    for (u64 sector = 0; sector < sectors; ++sector)
        for (u64 byte = 0; byte < 2048; ++byte) bytes.push_back(content(sector, byte));
    return {std::make_unique<MemoryMedium>(std::move(bytes)), {.kind = DiskKind::Cd, .floppy = {}, .hard_disk = {}}};
}

struct CdBench : DeviceBench {
    static constexpr u32 sectors = 100;

    MediaShelf shelf;
    u32 disc = shelf.put(make_disc(sectors)), other = shelf.put(make_disc(7));
    AtapiCdrom drive{scheduler, "ata1.0", shelf, disc};
    AtaChannel channel{pin("irq"), AtaChannel::secondary, &drive, nullptr};

    CdBench() { add(channel); }

    u8 status() { return ports.read8(0x376); }
    u8 reason() { return ports.read8(0x172) & 3; }
    void wait() {
        for (int i = 0; i < 1000 && bit(status(), 7); ++i) scheduler.run(10);
        REQUIRE_FALSE(bit(status(), 7));
    }
    u8 command(u8 code) {
        ports.write8(0x177, code);
        wait();
        return status();
    }
    // Sends a packet; the status after it.
    u8 packet(const Bytes& bytes, u32 limit = 0xfffe, u8 features = 0) {
        ports.write8(0x176, 0xa0);
        ports.write8(0x171, features);
        ports.write8(0x174, static_cast<u8>(limit));
        ports.write8(0x175, static_cast<u8>(limit >> 8));
        REQUIRE((command(0xa0) & 0x89) == 0x08);
        REQUIRE(reason() == 1);
        REQUIRE_FALSE(level("irq"));
        for (unsigned i = 0; i < 12; i += 2) {
            const auto at = [&](unsigned index) { return index < bytes.size() ? bytes[index] : u8{0}; };
            ports.write(0x170, 2, at(i) | u32{at(i + 1)} << 8);
        }
        wait();
        REQUIRE(level("irq"));
        return ports.read8(0x177);
    }
    // All data of the command under way, block by block.
    Bytes data(std::vector<u32>* blocks = nullptr) {
        Bytes bytes;
        while (status() & 8) {
            REQUIRE(reason() == 2);
            const u32 count = ports.read8(0x174) | u32{ports.read8(0x175)} << 8;
            if (blocks) blocks->push_back(count);
            for (u32 i = 0; i < count; i += 2) {
                const u32 word = ports.read(0x170, 2);
                bytes.push_back(static_cast<u8>(word));
                if (i + 1 < count) bytes.push_back(static_cast<u8>(word >> 8));
            }
            wait();
            REQUIRE(level("irq"));
            (void)ports.read8(0x177);
        }
        CHECK(reason() == 3);
        return bytes;
    }
    Bytes answer(const Bytes& bytes) {
        REQUIRE((packet(bytes) & 1) == 0);
        return data();
    }
    std::pair<u8, u8> sense() {
        const auto bytes = answer({0x03, 0, 0, 0, 18});
        REQUIRE(bytes.size() == 18);
        return {bytes[2], bytes[12]};
    }
    static Bytes read10(u32 lba, u16 count) {
        return {0x28, 0, static_cast<u8>(lba >> 24), static_cast<u8>(lba >> 16), static_cast<u8>(lba >> 8), static_cast<u8>(lba), 0, static_cast<u8>(count >> 8), static_cast<u8>(count)};
    }
    static Bytes sectors_of_disc(u32 first, u32 count) {
        Bytes bytes;
        for (u32 sector = first; sector < first + count; ++sector)
            for (u32 byte = 0; byte < 2048; ++byte) bytes.push_back(content(sector, byte));
        return bytes;
    }
};

struct ContractBench : CdBench {
    ContractBench() {
        poke(0x170, 0x177);
        poke(0x170, 0x170);
        poke(0x376, 0x376);
        kept("state.drive0.disc");
        kept("state.drive0.open");
    }
    void disturb(Dice& dice) override {
        static constexpr std::array<u8, 20> codes{0x00, 0x03, 0x12, 0x1b, 0x1e, 0x25, 0x28, 0xa8, 0xbe, 0x43, 0x46, 0x4a, 0x51, 0x5a, 0x1a, 0xbd, 0x28, 0x28, 0x42, 0x2b};
        switch (dice.below(4)) {
            case 0: return drive.insert(static_cast<u32>(dice.below(3)));
            case 1:
                for (u64 i = dice.below(3000); i > 0; --i) (void)ports.read(0x170, 2);
                return;
            default:
                ports.write8(0x176, 0xa0);
                ports.write8(0x171, static_cast<u8>(dice.below(2)));
                ports.write8(0x177, 0xa0);
                scheduler.run(10);
                ports.write(0x170, 2, codes[dice.below(codes.size())] | static_cast<u32>(dice.below(4)) << 8);
                for (int i = 0; i < 5; ++i) ports.write(0x170, 2, static_cast<u32>(dice.one_in(2) ? dice.below(0x10000) : dice.below(40) << 8));
                return scheduler.run(dice.below(600));
        }
    }
};

}  // namespace

TEST_CASE("a CD-ROM drive keeps the device contract") { check_device_contract<ContractBench>(8, 300); }

TEST_CASE_METHOD(CdBench, "the drive says by its signature that it takes packets, and refuses to be a disk") {
    CHECK(ports.read8(0x174) == 0x14);
    CHECK(ports.read8(0x175) == 0xeb);
    CHECK(status() == 0);
    ports.write8(0x174, 0);
    CHECK((command(0xec) & 1) == 1);
    CHECK(ports.read8(0x171) == 0x04);
    CHECK(ports.read8(0x174) == 0x14);
    CHECK(ports.read8(0x175) == 0xeb);
    ports.write8(0x376, 4);
    ports.write8(0x376, 0);
    wait();
    CHECK(ports.read8(0x174) == 0x14);
    ports.write8(0x174, 0);
    CHECK(command(0x08) == 0);
    CHECK(ports.read8(0x174) == 0x14);
}

TEST_CASE_METHOD(CdBench, "IDENTIFY PACKET DEVICE tells a removable CD-ROM with packets of 12 bytes") {
    REQUIRE((command(0xa1) & 8) == 8);
    CHECK(level("irq"));
    Bytes bytes;
    for (int i = 0; i < 256; ++i) {
        const u32 word = ports.read(0x170, 2);
        bytes.push_back(static_cast<u8>(word));
        bytes.push_back(static_cast<u8>(word >> 8));
    }
    CHECK(load<u16>(&bytes[0]) == 0x85c0);
    CHECK(bit(load<u16>(&bytes[98]), 8));
    CHECK((bytes[55] == 'R' && bytes[54] == 'e'));
    u8 sum = 0;
    for (const u8 byte : bytes) sum = static_cast<u8>(sum + byte);
    CHECK(sum == 0);
    CHECK(status() == 0x50);
}

TEST_CASE_METHOD(CdBench, "sectors come in blocks no larger than the host allows") {
    std::vector<u32> blocks;
    REQUIRE((packet(read10(10, 20), 2048) & 1) == 0);
    CHECK(data(&blocks) == sectors_of_disc(10, 20));
    CHECK(blocks == std::vector<u32>(20, 2048));
    blocks.clear();
    REQUIRE((packet(read10(0, 2), 3000) & 1) == 0);
    CHECK(data(&blocks) == sectors_of_disc(0, 2));
    CHECK(blocks == std::vector<u32>{3000, 1096});
    CHECK(answer({0xa8, 0, 0, 0, 0, 99, 0, 0, 0, 1}) == sectors_of_disc(99, 1));
    CHECK(answer({0xbe, 0, 0, 0, 0, 5, 0, 0, 2, 0x10}) == sectors_of_disc(5, 2));
}

TEST_CASE_METHOD(CdBench, "what is not there is refused with a reason") {
    CHECK(packet(read10(99, 2)) == 0x41);
    CHECK(ports.read8(0x171) == 0x54);
    CHECK(reason() == 3);
    CHECK(sense() == std::pair<u8, u8>{5, 0x21});
    CHECK(sense() == std::pair<u8, u8>{0, 0});  // told once
    CHECK(packet({0xf7}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{5, 0x20});
    CHECK(packet({0xbe, 0, 0, 0, 0, 5, 0, 0, 2, 0xf8}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{5, 0x24});
}

TEST_CASE_METHOD(CdBench, "a change of discs is told once, no disc always") {
    CHECK((packet({0x00}) & 1) == 0);
    drive.insert(0);
    CHECK(packet({0x00}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{2, 0x3a});
    drive.insert(other);
    CHECK(answer({0x4a, 1, 0, 0, 0x10, 0, 0, 0, 8}) == Bytes{0, 6, 4, 0x10, 2, 2, 0, 0});
    CHECK(packet({0x00}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{6, 0x28});
    CHECK((packet({0x00}) & 1) == 0);
    CHECK(answer({0x25}) == Bytes{0, 0, 0, 6, 0, 0, 8, 0});
}

TEST_CASE_METHOD(CdBench, "the tray opens unless the guest has locked it") {
    CHECK((packet({0x1e, 0, 0, 0, 1}) & 1) == 0);
    CHECK(packet({0x1b, 0, 0, 0, 2}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{5, 0x53});
    CHECK((packet({0x1e, 0, 0, 0, 0}) & 1) == 0);
    CHECK((packet({0x1b, 0, 0, 0, 2}) & 1) == 0);
    CHECK(packet({0x00}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{2, 0x3a});
    CHECK((packet({0x1b, 0, 0, 0, 3}) & 1) == 0);
    CHECK(packet({0x00}) == 0x41);
    CHECK(sense() == std::pair<u8, u8>{6, 0x28});
    CHECK((packet({0x00}) & 1) == 0);
}

TEST_CASE_METHOD(CdBench, "the drive describes itself and its disc") {
    const auto inquiry = answer({0x12, 0, 0, 0, 36});
    REQUIRE(inquiry.size() == 36);
    CHECK((inquiry[0] == 5 && inquiry[1] == 0x80));
    CHECK(std::string(inquiry.begin() + 8, inquiry.begin() + 15) == "RETRACE");
    CHECK(answer({0x12, 0, 0, 0, 5}).size() == 5);
    CHECK(answer({0x43, 0, 0, 0, 0, 0, 0, 0, 100}) == Bytes{0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 0, 0, 0, 0x14, 0xaa, 0, 0, 0, 0, 100});
    CHECK(answer({0x43, 2, 0, 0, 0, 0, 0, 0, 100}) == Bytes{0, 18, 1, 1, 0, 0x14, 1, 0, 0, 0, 2, 0, 0, 0x14, 0xaa, 0, 0, 0, 3, 25});
    const auto page = answer({0x5a, 0, 0x2a, 0, 0, 0, 0, 0, 100});
    REQUIRE(page.size() == 28);
    CHECK((page[8] == 0x2a && page[9] == 18));
    const auto configuration = answer({0x46, 0, 0, 0, 0, 0, 0, 1, 0});
    CHECK(configuration[7] == 0x08);
    CHECK(load<u8>(&configuration[3]) == configuration.size() - 4);
}

TEST_CASE_METHOD(CdBench, "data by DMA are there when the command ends") {
    struct Master : BlockDmaMaster {
        AtaChannel* channel = nullptr;
        Bytes bytes;
        void dma_request_rose() override {
            while (channel->dma_requested()) {
                std::array<u8, 700> some{};
                const auto count = channel->dma_read(some);
                bytes.insert(bytes.end(), some.begin(), some.begin() + static_cast<std::ptrdiff_t>(count));
            }
        }
    } master;
    master.channel = &channel;
    channel.connect(master);
    ports.write8(0x176, 0xa0);
    ports.write8(0x171, 1);
    REQUIRE((command(0xa0) & 8) == 8);
    const auto packet_bytes = read10(3, 40);
    for (unsigned i = 0; i < 12; i += 2)
        ports.write(0x170, 2, (i < packet_bytes.size() ? packet_bytes[i] : 0u) | (i + 1 < packet_bytes.size() ? packet_bytes[i + 1] : 0u) << 8);
    scheduler.run(20'000);
    CHECK(level("irq"));
    CHECK(ports.read8(0x177) == 0x50);
    CHECK(reason() == 3);
    CHECK(master.bytes == sectors_of_disc(3, 40));
}
