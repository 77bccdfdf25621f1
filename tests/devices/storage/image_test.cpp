#include "devices/storage/image.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/paths.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

using Bytes = std::vector<u8>;

Bytes boot_sector() {
    Bytes sector(512);
    sector[510] = 0x55;
    sector[511] = 0xaa;
    return sector;
}

Bytes fat_boot_sector(u16 total, u16 sectors, u16 heads) {
    Bytes sector = boot_sector();
    sector[0] = 0xeb;
    store<u16>(&sector[11], 512);
    sector[13] = 1;
    sector[16] = 2;
    store<u16>(&sector[19], total);
    sector[21] = 0xf0;
    store<u16>(&sector[24], sectors);
    store<u16>(&sector[26], heads);
    return sector;
}

void put_partition(Bytes& sector, unsigned index, u8 type, u32 first, u32 count, u32 end_cylinder, u8 end_head, u8 end_sector) {
    u8* entry = &sector[0x1be + index * 16];
    entry[4] = type;
    entry[5] = end_head;
    entry[6] = static_cast<u8>(end_sector | (end_cylinder >> 2 & 0xc0));
    entry[7] = static_cast<u8>(end_cylinder);
    store(entry + 8, first);
    store(entry + 12, count);
}

DiskFormat recognised(const Bytes& start, u64 size, TakenFor taken_for = TakenFor::Anything) { return recognise(start, size, taken_for, "x.img"); }

std::string refusal(const Bytes& start, u64 size, TakenFor taken_for = TakenFor::Anything) {
    try {
        recognised(start, size, taken_for);
    } catch (const HostError& error) {
        return error.what();
    }
    return "accepted";
}

bool is_floppy(const DiskFormat& format, unsigned cylinders, unsigned heads, unsigned sectors) {
    return format.kind == DiskKind::Floppy && format.floppy.cylinders == cylinders && format.floppy.heads == heads && format.floppy.sectors == sectors;
}

}  // namespace

TEST_CASE("a floppy is known by its size, whatever is on it") {
    const Bytes blank(512);
    CHECK(is_floppy(recognised(blank, 163'840), 40, 1, 8));
    CHECK(is_floppy(recognised(blank, 184'320), 40, 1, 9));
    CHECK(is_floppy(recognised(blank, 327'680), 40, 2, 8));
    CHECK(is_floppy(recognised(blank, 368'640), 40, 2, 9));
    CHECK(is_floppy(recognised(blank, 737'280), 80, 2, 9));
    CHECK(is_floppy(recognised(blank, 1'228'800), 80, 2, 15));
    CHECK(is_floppy(recognised(blank, 1'474'560), 80, 2, 18));
    CHECK(is_floppy(recognised(blank, 1'720'320), 80, 2, 21));
    CHECK(is_floppy(recognised(blank, 2'949'120), 80, 2, 36));
}

TEST_CASE("a boot sector tells the geometry of an odd floppy, and of one cut short") {
    CHECK(is_floppy(recognised(fat_boot_sector(82 * 2 * 20, 20, 2), 82 * 2 * 20 * 512), 82, 2, 20));
    CHECK(is_floppy(recognised(fat_boot_sector(1440, 9, 2), 100 * 512), 80, 2, 9));
    CHECK(recognised(fat_boot_sector(1440, 9, 2), 100 * 512).floppy.density == Density::Double);
}

TEST_CASE("a boot sector with little or nothing behind it goes into a 1.44 MB disk") {
    CHECK(is_floppy(recognised(boot_sector(), 512), 80, 2, 18));
    CHECK(is_floppy(recognised(boot_sector(), 8704), 80, 2, 18));
    CHECK(is_floppy(recognised(boot_sector(), 700), 80, 2, 18));
    CHECK(is_floppy(recognised(boot_sector(), 2'000'000), 80, 2, 36));
}

TEST_CASE("an absurd geometry in a boot sector is not believed") {
    for (const auto& [total, sectors, heads] : std::vector<std::tuple<u16, u16, u16>>{
             {1440, 0, 2}, {1440, 9, 0}, {1440, 255, 2}, {1440, 9, 255}, {65535, 1, 1}, {0, 9, 2}, {65535, 65535, 65535}})
        CHECK(is_floppy(recognised(fat_boot_sector(total, sectors, heads), 100 * 512), 80, 2, 18));
}

TEST_CASE("a partition table or more than a floppy holds makes a hard disk") {
    Bytes sector = boot_sector();
    put_partition(sector, 0, 6, 63, 100'000, 0, 0, 0);
    CHECK(recognised(sector, 1'000'448).kind == DiskKind::HardDisk);
    const auto blank = recognised(Bytes(512), 10 << 20);
    CHECK(blank.kind == DiskKind::HardDisk);
    CHECK(blank.hard_disk == DiskGeometry{20, 16, 63, 20480});
    CHECK(recognised(Bytes(512), 1024 * 512, TakenFor::HardDisk).hard_disk == DiskGeometry{1, 16, 63, 1024});
    CHECK(recognised(Bytes(512), 512, TakenFor::HardDisk).hard_disk == DiskGeometry{1, 1, 1, 1});
    CHECK(recognised(Bytes(512), 200 * 512, TakenFor::HardDisk).hard_disk == DiskGeometry{1, 3, 63, 200});
}

TEST_CASE("a partition table of a system's own form makes a hard disk if its extents end where the image does") {
    Bytes sector = boot_sector();
    put_partition(sector, 1, 0, 339, 1000, 0, 0, 0);
    put_partition(sector, 3, 0, 1339, 1000, 0, 0, 0);
    sector[0x1be + 16] = 1;
    CHECK(recognised(sector, 2339 * 512).kind == DiskKind::HardDisk);
    CHECK(recognised(sector, 2340 * 512).kind == DiskKind::Floppy);
    put_partition(sector, 1, 0, 339, 1001, 0, 0, 0);
    CHECK(recognised(sector, 2339 * 512).kind == DiskKind::Floppy);
    CHECK(recognised(boot_sector(), 2339 * 512).kind == DiskKind::Floppy);
    if (shared_file("guests/xv6.img")) CHECK(open_image(*shared_file("guests/xv6.img"), TakenFor::Anything, false).format.kind == DiskKind::HardDisk);
}

TEST_CASE("a hard disk's geometry is the one its partition table was made with") {
    Bytes sector = boot_sector();
    put_partition(sector, 0, 1, 17, 305 * 4 * 17 - 17, 304, 3, 17);
    CHECK(recognised(sector, 306 * 4 * 17 * 512).hard_disk == DiskGeometry{306, 4, 17, 306 * 4 * 17});

    // An end that does not agree with the sector numbers, or that only a BIOS translation makes, is not the drive's.
    put_partition(sector, 0, 1, 17, 12345, 304, 3, 17);
    CHECK(recognised(sector, 64 << 20).hard_disk == DiskGeometry{130, 16, 63, 131072});
    put_partition(sector, 0, 6, 63, 16 * 255 * 63 - 63, 15, 254, 63);
    CHECK(recognised(sector, 200 << 20).hard_disk.heads == 16);
}

TEST_CASE("a large disk has 16383 cylinders and the rest by LBA") {
    CHECK(recognised(Bytes(512), u64{40} << 30).hard_disk == DiskGeometry{16383, 16, 63, u64{40} << 21});
    CHECK_THAT(refusal(Bytes(512), (u64{2} << 40) + 512), Catch::Contains("2 TiB"));
}

TEST_CASE("what is no disk image is refused with a sentence that says what to do") {
    using Catch::Contains;
    CHECK_THAT(refusal({}, 0), Contains("'x.img' is empty"));
    CHECK_THAT(refusal(Bytes(10), 10), Contains("10 bytes") && Contains("too short"));
    CHECK_THAT(refusal(Bytes(512), 1'474'561), Contains("no whole number of sectors"));
    CHECK_THAT(refusal(Bytes(512), 100 * 512), Contains("no boot sector"));
    CHECK_THAT(refusal(Bytes(512), 100 * 512, TakenFor::Floppy), Contains("no boot sector"));
    CHECK_THAT(refusal(Bytes(512), 10 << 20, TakenFor::Floppy), Contains("too large for a floppy"));
    CHECK_THAT(refusal(Bytes(512), 1000, TakenFor::HardDisk), Contains("no whole number of 512-byte sectors"));
    Bytes qcow(512);
    std::memcpy(qcow.data(), "QFI\xfb", 4);
    CHECK_THAT(refusal(qcow, 1 << 20), Contains("qcow2") && Contains("convert"));
    Bytes cd(recognised_bytes);
    std::memcpy(&cd[0x8001], "CD001", 5);
    CHECK(recognise(cd, 5 << 20, TakenFor::Anything, "x.img").kind == DiskKind::Cd);
    CHECK(recognise(cd, 5 << 20, TakenFor::Cd, "x.img").kind == DiskKind::Cd);
    CHECK_THAT(refusal(cd, 5 << 20, TakenFor::HardDisk), Contains("CD") && Contains("--cdrom"));
    CHECK_THAT(refusal(Bytes(512), 5000, TakenFor::Cd), Contains("2048"));
    for (const auto taken_for : {TakenFor::Anything, TakenFor::Floppy, TakenFor::HardDisk}) CHECK_THAT(refusal(Bytes(511), 511, taken_for), Contains("too short"));
}

TEST_CASE("whatever the bytes, an image is refused with a sentence or has a geometry that its drive can have") {
    for (Dice dice : seeds(20'000)) {
        Bytes start = dice.one_in(3) ? boot_sector() : fat_boot_sector(2880, 18, 2);
        if (dice.one_in(3)) put_partition(start, static_cast<unsigned>(dice.below(4)), 6, 63, 100'000, 99, 15, 63);
        if (dice.one_in(8))
            for (u8& byte : start) byte = dice.byte();
        for (u64 i = dice.below(12); i > 0; --i) start[dice.below(start.size())] = dice.byte();
        start.resize(dice.one_in(20) ? dice.below(513) : dice.one_in(20) ? recognised_bytes : 512);
        u64 size = std::max<u64>(start.size(), dice.roll() >> dice.between(20, 63));
        if (dice.one_in(2)) size &= ~u64{511};
        const auto taken_for = static_cast<TakenFor>(dice.below(3));
        INFO("seed " << dice.seed() << " size " << size);
        try {
            const auto format = recognised(start, size, taken_for);
            if (format.kind == DiskKind::Floppy) {
                const auto& f = format.floppy;
                REQUIRE((f.cylinders >= 1 && f.cylinders <= most_floppy_cylinders && f.heads >= 1 && f.heads <= 2 && f.sectors >= 1 && f.sectors <= 48));
                REQUIRE(u64{f.total_sectors()} * 512 >= size);
            } else {
                const auto& g = format.hard_disk;
                REQUIRE((g.cylinders >= 1 && g.cylinders <= 16383 && g.heads >= 1 && g.heads <= 16 && g.sectors >= 1 && g.sectors <= 63));
                REQUIRE(u64{g.cylinders} * g.heads * g.sectors <= g.total_sectors);
                REQUIRE(g.total_sectors * 512 == size);
            }
        } catch (const HostError& error) {
            REQUIRE_THAT(error.what(), Catch::StartsWith("The file 'x.img' ") && Catch::EndsWith("."));
        }
    }
}

TEST_CASE("a built-in disk is writable, and what it was built from is not touched") {
    const Bytes image = boot_sector();
    const Disk disk = built_in_disk(image, "built-in");
    CHECK(is_floppy(disk.format, 80, 2, 18));
    REQUIRE(disk.medium->write(0, Bytes(512, 1)));
    CHECK(image == boot_sector());
}

TEST_CASE("the guests are what their description says") {
    const std::vector<std::tuple<const char*, unsigned, unsigned, unsigned>> floppies{
        {"freedos-160.img", 40, 1, 8}, {"freedos-360.img", 40, 2, 9}, {"freedos-1200.img", 80, 2, 15}, {"freedos-1440.img", 80, 2, 18},
        {"freedos13-floppy.img", 80, 2, 9}, {"freedos722.img", 80, 2, 9}, {"msdos4.img", 80, 2, 18}, {"elks-fd1440.img", 80, 2, 18},
        {"sanos.img", 80, 2, 18}, {"floppybird.img", 80, 2, 18}, {"tetros.img", 80, 2, 18}};
    for (const auto& [name, cylinders, heads, sectors] : floppies) {
        const auto path = shared_file(std::string("guests/") + name);
        if (!path) return say_skipped("no guest images");
        INFO(name);
        CHECK(is_floppy(open_image(*path, TakenFor::Anything, false).format, cylinders, heads, sectors));
        CHECK(is_floppy(open_image(*path, TakenFor::Floppy, false).format, cylinders, heads, sectors));
    }
    CHECK(open_image(*shared_file("guests/xv6.img"), TakenFor::HardDisk, false).format.hard_disk.total_sectors == 2339);
}
