// A machine for the BIOS's tests: it listens on the debug port, and its disks are made of bytes.
#pragma once

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/interpreter.hpp"
#include "devices/board/machine.hpp"
#include "devices/storage/image.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"
#include "devices/video/code_page_437.hpp"

namespace retrace::test {

inline std::filesystem::path bios_guest(const std::string& name) {
    const char* binaries = std::getenv("RETRACE_BINARY_DIR");
    return std::filesystem::path{binaries ? binaries : "build/release"} / "tests" / ("bios_" + name + ".img");
}

inline std::vector<u8> bytes_of(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    REQUIRE(in);
    return std::vector<u8>(std::istreambuf_iterator<char>{in}, {});
}

// A boot sector: the code, and the signature at its end.
inline std::vector<u8> boot_sector(std::initializer_list<u8> code) {
    std::vector<u8> sector(512);
    std::ranges::copy(code, sector.begin());
    sector[510] = 0x55;
    sector[511] = 0xaa;
    return sector;
}

inline Disk floppy_1440_of(std::vector<u8> bytes) {
    bytes.resize(u64{floppy_1440.total_sectors()} * Medium::sector_size);
    Disk disk;
    disk.medium = std::make_unique<Overlay>(std::make_unique<MemoryMedium>(std::move(bytes)));
    disk.format.kind = DiskKind::Floppy;
    disk.format.floppy = floppy_1440;
    return disk;
}

inline Disk hard_disk_of(std::vector<u8> bytes, u64 sectors) {
    bytes.resize(sectors * Medium::sector_size);
    Disk disk;
    disk.format.kind = DiskKind::HardDisk;
    disk.format.hard_disk = hard_disk_geometry(bytes, sectors);
    disk.medium = std::make_unique<Overlay>(std::make_unique<MemoryMedium>(std::move(bytes)));
    return disk;
}

class BootBench {
public:
    explicit BootBench(MachineDisks disks, MachineConfig config = {}) : machine{prepare(config), std::move(disks), host(), [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }} {}

    std::string said;  // on the debug port
    Machine machine;

    Machine::Stop wait(u64 milliseconds) { return machine.run(machine.now() + machine.rate().steps_per_second * milliseconds / 1000); }
    [[nodiscard]] std::string screen() const {
        const auto text = machine.text_screen();
        return text ? utf8(*text) : "";
    }
    [[nodiscard]] bool shows(const std::string& text) const { return screen().find(text) != std::string::npos; }

private:
    static MachineConfig prepare(MachineConfig config) {
        config.memory_mib = 4;
        config.steps_per_second = 20'000'000;
        config.debugcon_port = 0xe9;
        config.debug_exit_port = 0x501;
        return config;
    }
    MachineHost host() {
        MachineHost host;
        host.debug_console = [this](u8 byte) { said += static_cast<char>(byte); };
        return host;
    }
};

}  // namespace retrace::test
