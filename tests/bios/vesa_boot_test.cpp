// VESA's extensions on a whole machine: the linear address, the window and the code for protected mode.
#include "tests/bios/boot_bench.hpp"

namespace retrace::test {

TEST_CASE("a program in protected mode draws by the linear address and through the window, moves the picture and sets colours") {
    for (const auto model : {CpuModel::I386, CpuModel::I486, CpuModel::Max}) {
        MachineDisks disks;
        disks.floppy[0] = floppy_1440_of(bytes_of(bios_guest("vesa")));
        MachineConfig config;
        config.cpu = model;
        BootBench bench{std::move(disks), config};
        for (unsigned i = 0; i < 100 && bench.said.empty(); ++i) bench.wait(100);
        CHECK(bench.said == "P");
        const Frame picture = bench.machine.picture();
        REQUIRE(picture.width == 640);
        REQUIRE(picture.height == 480);
        CHECK(picture.at(92, 0) == 0xff0000);
        CHECK(picture.at(509, 104) == 0x0000ff);
        CHECK(std::ranges::count(picture.pixels, 0u) == 640 * 480 - 2);
    }
}

}  // namespace retrace::test
