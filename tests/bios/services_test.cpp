// Our BIOS on our machine: the disk of tests/bios/services boots on each processor and tries the services, claim by claim.
#include "tests/bios/boot_bench.hpp"

namespace retrace::test {

namespace {

// A medium of any size that holds zeros.
class Blank final : public Medium {
public:
    explicit Blank(u64 size) : size_{size} {}
    [[nodiscard]] u64 size() const override { return size_; }
    [[nodiscard]] bool writable() const override { return false; }
    [[nodiscard]] bool read(u64, std::span<u8> to) override {
        std::ranges::fill(to, u8{0});
        return true;
    }
    [[nodiscard]] bool write(u64, std::span<const u8>) override { return false; }

private:
    u64 size_;
};

Disk blank_hard_disk(u64 sectors) {
    Disk disk;
    disk.medium = std::make_unique<Overlay>(std::make_unique<Blank>(sectors * Medium::sector_size));
    disk.format.kind = DiskKind::HardDisk;
    disk.format.hard_disk = hard_disk_geometry({}, sectors);
    return disk;
}

struct Verdict {
    Machine::Stop stop = Machine::Stop::Reached;
    int exit_code = 0;
    std::string said;

    [[nodiscard]] std::string failures() const {
        std::string lines;
        for (std::size_t at = 0; at < said.size();) {
            const auto end = std::min(said.find('\n', at), said.size());
            if (said.compare(at, 6, "FAILED") == 0) lines += said.substr(at, end - at) + "\n";
            at = end + 1;
        }
        return lines;
    }
};

Verdict try_services(CpuModel cpu, u64 disk_sectors) {
    MachineConfig config;
    config.cpu = cpu;
    config.boot = "a";
    MachineDisks disks;
    disks.floppy[0] = open_image(bios_guest("services"), TakenFor::Floppy, false);
    disks.hard_disk[0] = blank_hard_disk(disk_sectors);
    BootBench bench{std::move(disks), config};
    const auto stop = bench.wait(30'000);
    return {stop, bench.machine.exit_code(), bench.said};
}

}  // namespace

TEST_CASE("every service of the BIOS does what software expects of it, on every processor") {
    const auto cpu = GENERATE(CpuModel::I8086, CpuModel::I286, CpuModel::I386, CpuModel::I486, CpuModel::Max);
    const auto verdict = try_services(cpu, 20160);
    INFO(name_of(cpu).name << "\n" << verdict.said);
    CHECK(verdict.failures() == "");
    CHECK(verdict.stop == Machine::Stop::DebugExit);
    CHECK(verdict.exit_code == 1);
    CHECK(verdict.said.find("end of tests") != std::string::npos);
}

TEST_CASE("disks of every size keep what INT 13h writes: their own geometry, assisted, beyond 8 GB, beyond 128 GB") {
    const auto sectors = GENERATE(u64{17 * 4 * 615}, u64{16383}, u64{504 * 2048}, u64{600 * 2048}, u64{3000 * 2048}, u64{9000 * 2048}, u64{200'000} * 2048);
    const auto verdict = try_services(CpuModel::I486, sectors);
    INFO(sectors << " sectors\n" << verdict.said);
    CHECK(verdict.failures() == "");
    CHECK(verdict.exit_code == 1);
}

}  // namespace retrace::test
