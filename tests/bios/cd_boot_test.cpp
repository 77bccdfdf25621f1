// Booting from CDs as El Torito describes them, on our machine.
#include "tests/bios/boot_bench.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

constexpr std::size_t cd_sector = 2048;

// A CD: a boot record in sector 17, its catalogue in 19, the image from 20 on, marked sectors further on.
std::vector<u8> bootable_cd(u8 media, u16 blocks, const std::vector<u8>& image, u8 indicator = 0x88) {
    std::vector<u8> cd(20 * cd_sector);
    const auto put = [&](std::size_t at, std::string_view text) { std::ranges::copy(text, cd.begin() + static_cast<std::ptrdiff_t>(at)); };
    put(16 * cd_sector + 1, "CD001");
    put(17 * cd_sector + 1, "CD001");
    cd[17 * cd_sector + 6] = 1;
    put(17 * cd_sector + 7, "EL TORITO SPECIFICATION");
    store<u32>(&cd[17 * cd_sector + 0x47], 19);
    u8* catalogue = &cd[19 * cd_sector];
    catalogue[0] = 1;
    store<u16>(catalogue + 0x1e, 0xaa55);
    catalogue[0x20] = indicator;
    catalogue[0x21] = media;
    store<u16>(catalogue + 0x26, blocks);
    store<u32>(catalogue + 0x28, 20);
    cd.insert(cd.end(), image.begin(), image.end());
    cd.resize(std::max<std::size_t>((cd.size() + cd_sector - 1) / cd_sector * cd_sector, 40 * cd_sector));
    return cd;
}

BootBench boot(std::vector<u8> bytes, CpuModel cpu, bool with_disk = false) {
    MachineDisks disks;
    disks.cd = Disk{std::make_unique<MemoryMedium>(std::move(bytes)), {.kind = DiskKind::Cd, .floppy = {}, .hard_disk = {}}};
    if (with_disk) disks.hard_disk[0] = hard_disk_of({}, 20160);
    MachineConfig config;
    config.cpu = cpu;
    config.boot = "d";
    return BootBench{std::move(disks), config};
}

}  // namespace

TEST_CASE("a CD without emulation boots and reads itself") {
    auto bytes = bootable_cd(0, 5, bytes_of(bios_guest("cd_plain")));
    for (const char* mark : {"S030", "S031"}) std::ranges::copy(std::string_view{mark}, bytes.begin() + static_cast<std::ptrdiff_t>(std::stoul(mark + 1) * cd_sector));
    const auto cpu = GENERATE(CpuModel::I386, CpuModel::Max);
    auto bench = boot(std::move(bytes), cpu, cpu == CpuModel::Max);
    CHECK(bench.wait(20'000) == Machine::Stop::DebugExit);
    CHECK(bench.said == ".");
    CHECK(bench.machine.exit_code() == 1);
}

TEST_CASE("a CD that carries a floppy boots it as drive A") {
    auto floppy = bytes_of(bios_guest("cd_floppy"));
    floppy.resize(u64{2880} * 512);
    for (unsigned sector : {1u, 2u, 3u, 56u}) {
        const auto mark = "F0" + std::string(sector < 10 ? "0" : "") + std::to_string(sector);
        std::ranges::copy(mark, floppy.begin() + static_cast<std::ptrdiff_t>(sector * 512));
    }
    auto bench = boot(bootable_cd(2, 1, floppy), CpuModel::Max);
    CHECK(bench.wait(20'000) == Machine::Stop::DebugExit);
    CHECK(bench.said == ".");
    CHECK(bench.machine.exit_code() == 1);
}

TEST_CASE("a CD that cannot be booted is told so") {
    auto bench = boot(bootable_cd(0, 1, {}, 0x00), CpuModel::Max);
    bench.wait(5'000);
    INFO(bench.screen());
    CHECK(bench.shows("CD-ROM:      no boot program"));
}
