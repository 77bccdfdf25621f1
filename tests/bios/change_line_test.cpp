// Floppies that are changed while a program reads them.
#include "tests/bios/boot_bench.hpp"

namespace retrace::test {

namespace {

Disk disk_saying(char what) {
    auto bytes = bytes_of(bios_guest("change_line"));
    REQUIRE(bytes.size() == 512);
    bytes.resize(1024, static_cast<u8>(what));
    return floppy_1440_of(std::move(bytes));
}

// The text without repetitions.
std::string course(const std::string& said) {
    std::string text;
    for (const char letter : said)
        if (text.empty() || text.back() != letter) text += letter;
    return text;
}

}  // namespace

TEST_CASE("INT 13h tells once that a floppy was changed, then reads the new one; without one it says that nothing answers") {
    MachineDisks disks;
    disks.floppy[0] = disk_saying('A');
    BootBench bench{std::move(disks)};
    bench.wait(2000);
    CHECK(course(bench.said) == "A");

    const u32 first = bench.machine.floppy(0);
    const u32 second = bench.machine.add_disk(disk_saying('B'));
    bench.machine.insert(0, second);
    bench.wait(2000);
    CHECK(course(bench.said) == "A6B");
    CHECK(std::ranges::count(bench.said, '6') == 1);

    bench.machine.insert(0, 0);
    bench.wait(3000);
    CHECK(course(bench.said) == "A6B8");
    bench.machine.insert(0, first);
    bench.wait(3000);
    CHECK(course(bench.said) == "A6B86A");
}

}  // namespace retrace::test
