// What INT 19h starts, and what it says when there is nothing to start.
#include "tests/bios/boot_bench.hpp"
#include "tests/support/counter.hpp"

namespace retrace::test {

namespace {

// Says one letter on the debug port and stops.
std::vector<u8> program(char letter) { return boot_sector({0xb0, static_cast<u8>(letter), 0xe6, 0xe9, 0xfa, 0xf4, 0xeb, 0xfd}); }
const std::vector<u8> gives_up = boot_sector({0xcd, 0x18});

MachineConfig booting(const std::string& order) {
    MachineConfig config;
    config.boot = order;
    return config;
}

}  // namespace

TEST_CASE("the first device in the order boots") {
    const auto [order, letter] = GENERATE(table<std::string, std::string>({{"ac", "F"}, {"ca", "H"}}));
    MachineDisks disks;
    disks.floppy[0] = floppy_1440_of(program('F'));
    disks.hard_disk[0] = hard_disk_of(program('H'), 20160);
    BootBench bench{std::move(disks), booting(order)};
    bench.wait(2000);
    CHECK(bench.said == letter);
}

TEST_CASE("the boot program gets its drive's number and finds itself at 0000:7C00") {
    // mov al, dl; out E9; call $+3: pop ax; out E9, al; mov al, ah; out E9
    const auto tells = boot_sector({0x88, 0xd0, 0xe6, 0xe9, 0xe8, 0x00, 0x00, 0x58, 0xe6, 0xe9, 0x88, 0xe0, 0xe6, 0xe9, 0xf4, 0xeb, 0xfd});
    MachineDisks disks;
    disks.hard_disk[0] = hard_disk_of(tells, 20160);
    BootBench bench{std::move(disks)};
    bench.wait(2000);
    CHECK(bench.said == "\x80\x07\x7c");
}

TEST_CASE("a device without a boot program makes room for the next, and so does a program that calls INT 18h") {
    auto first = GENERATE(std::vector<u8>{}, gives_up);
    MachineDisks disks;
    disks.floppy[0] = floppy_1440_of(first);
    disks.hard_disk[0] = hard_disk_of(program('H'), 20160);
    BootBench bench{std::move(disks), booting("ac")};
    bench.wait(3000);
    CHECK(bench.said == "H");
}

TEST_CASE("a floppy from before the signature boots, one full of one byte does not") {
    auto old = program('F');
    old[510] = old[511] = 0;
    MachineDisks disks;
    disks.floppy[0] = floppy_1440_of(old);
    BootBench bench{std::move(disks)};
    bench.wait(2000);
    CHECK(bench.said == "F");

    MachineDisks full;
    full.floppy[0] = floppy_1440_of(std::vector<u8>(512, 0xf6));
    BootBench other{std::move(full)};
    other.wait(2000);
    CHECK(other.shows("floppy A:    no boot program"));
}

TEST_CASE("when nothing boots the screen says what was tried, why it failed, and what to do; a key tries again") {
    MachineDisks disks;
    disks.floppy[0] = floppy_1440_of({});
    disks.hard_disk[0] = hard_disk_of(gives_up, 20160);
    BootBench bench{std::move(disks), booting("acd")};
    bench.wait(3000);
    CHECK(bench.shows("Nothing here can be booted"));
    CHECK(bench.shows("floppy A:    no boot program in its first sector"));
    CHECK(bench.shows("hard disk 0: its boot program gave up"));
    CHECK(bench.shows("CD-ROM:      there is none"));
    CHECK(bench.shows("press a key to try again"));

    bench.machine.insert(0, bench.machine.add_disk(floppy_1440_of(program('F'))));
    bench.machine.key(Key::Space, true);
    bench.machine.key(Key::Space, false);
    bench.wait(3000);
    CHECK(bench.said == "F");
}

TEST_CASE("an empty drive and no disk are named as such") {
    BootBench bench{{}, booting("ac")};
    bench.wait(6000);
    CHECK(bench.shows("floppy A:    no disk, or it does not answer"));
    CHECK(bench.shows("hard disk 0: there is none"));
}

TEST_CASE("POST costs little: a quarter of a million instructions on an 8086, the texts on the screen among them") {
    MachineDisks disks;
    disks.floppy[0] = floppy_1440_of(program('F'));
    MachineConfig config;
    config.cpu = CpuModel::I8086;
    BootBench bench{std::move(disks), config};
    while (bench.said.empty() && bench.machine.now() < Moment{} + 100'000'000) bench.wait(10);
    REQUIRE(bench.said == "F");
    const u64 steps = test::counter(bench.machine.engine(), "steps"), idle = test::counter(bench.machine.engine(), "idle steps");
    INFO(steps << " steps, " << idle << " of them idle");
    CHECK(steps > 0);
    CHECK(steps - idle < 250'000);
}

}  // namespace retrace::test
