// A PCI bus with the functions of a PIIX, memory and a disk on the first channel, for tests.
#pragma once

#include "core/memory/physical_memory.hpp"
#include "devices/pci/host_bridge.hpp"
#include "devices/pci/ide_function.hpp"
#include "devices/pci/isa_bridge.hpp"
#include "devices/pci/pci_bus.hpp"
#include "devices/pci/power_function.hpp"
#include "devices/storage/ata_channel.hpp"
#include "devices/storage/ata_disk.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"
#include "tests/devices/contract.hpp"

namespace retrace::test {

inline u8 disk_content(u64 sector, u64 byte) { return static_cast<u8>(sector * 31 + byte * 7 + (sector >> 8)); }

struct PciBench : DeviceBench {
    static constexpr u16 bmide = 0xc000, pm = 0xb000;
    static constexpr u64 sectors = 500;

    PhysicalMemory memory{2u << 20, windows};
    Disk disk{make_disk()};
    AtaDisk drive{scheduler, "ata0.drive0", disk};
    PciBus bus;
    HostBridge host{memory};
    IsaBridge isa{irqs()};
    AtaChannel channel{Line{[this](bool high) { irq14.set(high); ide.intrq(0).set(high); }}, AtaChannel::primary, &drive, nullptr};
    IdeFunction ide{memory, {&channel, nullptr}};
    PowerFunction power{scheduler, pin("sci"), [this] { sense("power off"); }};
    Line irq14 = pin("irq14");

    PciBench() {
        channel.connect(ide.master(0));
        bus.put(0, 0, host);
        bus.put(1, 0, isa);
        bus.put(1, 1, ide);
        bus.put(1, 3, power);
        for (Device* device : std::initializer_list<Device*>{&bus, &host, &isa, &channel, &ide, &power}) add(*device);
    }

    static u32 address(u32 device, u32 function, u32 offset) { return 0x80000000 | device << 11 | function << 8 | (offset & 0xfc); }
    u32 config(u32 device, u32 function, u32 offset, unsigned width) {
        ports.write(0xcf8, 4, address(device, function, offset));
        return ports.read(static_cast<u16>(0xcfc + (offset & 3)), width);
    }
    void set_config(u32 device, u32 function, u32 offset, unsigned width, u32 value) {
        ports.write(0xcf8, 4, address(device, function, offset));
        ports.write(static_cast<u16>(0xcfc + (offset & 3)), width, value);
    }
    // As firmware leaves it.
    void set_up() {
        set_config(1, 1, 0x20, 4, bmide);
        set_config(1, 1, 0x04, 2, 0x0005);
        set_config(1, 3, 0x40, 4, pm);
        set_config(1, 3, 0x80, 1, 0x01);
    }

private:
    static Disk make_disk() {
        std::vector<u8> bytes;
        for (u64 sector = 0; sector < sectors; ++sector)
            for (u64 byte = 0; byte < 512; ++byte) bytes.push_back(disk_content(sector, byte));
        return {std::make_unique<Overlay>(std::make_unique<MemoryMedium>(std::move(bytes))), {.kind = DiskKind::HardDisk, .floppy = {}, .hard_disk = {10, 5, 10, sectors}}};
    }
    std::array<Line, 16> irqs() {
        std::array<Line, 16> lines;
        for (unsigned i = 0; i < 16; ++i) lines[i] = pin("pci irq " + std::to_string(i));
        return lines;
    }
};

}  // namespace retrace::test
