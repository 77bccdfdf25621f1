#include "devices/board/firmware_tables.hpp"

#include <algorithm>
#include <numeric>
#include <string_view>

#include "bios/images.hpp"
#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "core/cpu/identity.hpp"
#include "devices/board/aml.hpp"
#include "devices/chipset/io_apic.hpp"
#include "devices/chipset/local_apic.hpp"
#include "devices/pci/power_function.hpp"

namespace retrace {

namespace {

constexpr u32 upper_base = 0xe0000, system_base = 0xf0000;
constexpr u32 rsdp_at = 0x00, mp_at = 0x20, smbios_at = 0x30, pir_at = 0x50;  // among the pointers; each on a paragraph
constexpr u8 sci = 9, io_apic_id = 0, local_apic_id = 0, local_apic_version = 0x14, io_apic_version = 0x11;

// Bytes of a table, written in order.
class Writer {
public:
    Writer& text(std::string_view letters, std::size_t width) {
        for (std::size_t i = 0; i < width; ++i) bytes.push_back(i < letters.size() ? static_cast<u8>(letters[i]) : u8{' '});
        return *this;
    }
    Writer& byte(u64 value) { return number(value, 1); }
    Writer& word(u64 value) { return number(value, 2); }
    Writer& dword(u64 value) { return number(value, 4); }
    Writer& qword(u64 value) { return number(value, 8); }
    Writer& zeros(std::size_t count) {
        bytes.resize(bytes.size() + count);
        return *this;
    }
    Writer& append(std::span<const u8> more) {
        bytes.insert(bytes.end(), more.begin(), more.end());
        return *this;
    }
    // The byte at `at` makes bytes `from` to the end add up to 0.
    Writer& checksum(std::size_t at, std::size_t from = 0) {
        bytes[at] = 0;
        bytes[at] = static_cast<u8>(-std::accumulate(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end(), 0));
        return *this;
    }

    std::vector<u8> bytes;

private:
    Writer& number(u64 value, unsigned width) {
        for (unsigned i = 0; i < width; ++i) bytes.push_back(static_cast<u8>(value >> (8 * i)));
        return *this;
    }
};

// ---- ACPI

std::vector<u8> acpi_table(std::string_view signature, u8 revision, std::span<const u8> content) {
    Writer table;
    table.text(signature, 4).dword(36 + content.size()).byte(revision).byte(0).text("RETRCE", 6).text("RETRACPC", 8).dword(1).text("RTRC", 4).dword(1);
    return table.append(content).checksum(9).bytes;
}

std::vector<u8> dsdt(u32 memory_mib) {
    using namespace aml;
    const auto isa_device = [](std::string_view name_, std::string_view id, u32 unit, const Bytes& used) {
        return device(name_, name("_HID", eisa_id(id)) + name("_UID", integer(unit)) + resources(used));
    };
    const Bytes isa = device("ISA_", name("_ADR", integer(0x00010000)) + isa_device("RTC_", "PNP0B00", 0, io(0x70, 2) + irq(8)) +
                                         isa_device("TIMR", "PNP0100", 0, io(0x40, 4) + irq(0)) + isa_device("SPKR", "PNP0800", 0, io(0x61, 1)) +
                                         isa_device("KBD_", "PNP0303", 0, io(0x60, 1) + io(0x64, 1) + irq(1)) + isa_device("MOU_", "PNP0F13", 0, irq(12)) +
                                         isa_device("FDC0", "PNP0700", 0, io(0x3f2, 4) + io(0x3f7, 1) + irq(6) + dma(2)) +
                                         isa_device("COM1", "PNP0501", 1, io(0x3f8, 8) + irq(4)) + isa_device("COM2", "PNP0501", 2, io(0x2f8, 8) + irq(3)) +
                                         isa_device("COM3", "PNP0501", 3, io(0x3e8, 8) + irq(4)) + isa_device("COM4", "PNP0501", 4, io(0x2e8, 8) + irq(3)) +
                                         isa_device("LPT1", "PNP0400", 1, io(0x378, 4) + irq(7)));
    constexpr u8 whole_range = 3, video_memory = 0x03, device_memory = 0x01;
    const Bytes window = resources(range16(Space::Buses, 0, 0, 0xff) + io(0xcf8, 8) + range16(Space::Io, whole_range, 0, 0xcf7) +
                                   range16(Space::Io, whole_range, 0xd00, 0xffff) + range32(Space::Memory, video_memory, 0xa0000, 0xbffff) +
                                   range32(Space::Memory, device_memory, std::max(memory_mib << 20, 0x1000000u), 0xfebfffff));
    const Bytes routing = name("_PRT", package({package({integer(0x0001ffff), integer(0), integer(0), integer(sci)})}));
    const Bytes pci = device("PCI0", name("_HID", eisa_id("PNP0A03")) + name("_ADR", integer(0)) + window + routing + isa);
    const Bytes all = name("_S5_", package({integer(0), integer(0), integer(0), integer(0)})) + scope("_PR_", processor("CPU0", 0)) + scope("_SB_", pci);
    return acpi_table("DSDT", 1, all.data());
}

std::vector<u8> fadt(u32 dsdt_at) {
    constexpr u32 ports = FirmwareTables::power_ports;
    Writer f;
    f.dword(FirmwareTables::facs).dword(dsdt_at).byte(1).byte(0).word(sci);
    f.dword(0xb2).byte(PowerFunction::acpi_enable).byte(PowerFunction::acpi_disable).byte(0).byte(0);
    f.dword(ports).dword(0).dword(ports + 4).dword(0).dword(0).dword(ports + 8).dword(0).dword(0);  // events, control, PM2, timer, general
    f.byte(4).byte(2).byte(0).byte(4).byte(0).byte(0).byte(0).byte(0);                             // their lengths
    f.word(0xfff).word(0xfff).word(0).word(0);                                                     // no C2, no C3
    f.byte(0).byte(0).byte(0).byte(0).byte(0x32).zeros(3);                                         // the century is in CMOS 32
    f.dword(0x01 | 0x04 | 0x20 | 0x40);  // WBINVD works, C1 works, no sleep button, the clock wakes nobody
    return acpi_table("FACP", 1, f.bytes);
}

std::vector<u8> madt() {
    Writer m;
    m.dword(LocalApic::base.value).dword(1);                                        // there are 8259s, too
    m.byte(0).byte(8).byte(0).byte(local_apic_id).dword(1);                         // the processor
    m.byte(1).byte(12).byte(io_apic_id).byte(0).dword(IoApic::base.value).dword(0);
    m.byte(2).byte(10).byte(0).byte(0).dword(2).word(0);                            // IRQ 0 is input 2
    m.byte(2).byte(10).byte(0).byte(sci).dword(sci).word(0x0d);                     // the SCI is active high and level-triggered
    m.byte(4).byte(6).byte(0xff).word(0).byte(1);                                   // NMI is LINT1
    return acpi_table("APIC", 1, m.bytes);
}

// ---- MultiProcessor Specification

std::vector<u8> mp_configuration(CpuModel model) {
    enum : u8 { Processor, Bus, Controller, Interrupt, LocalInterrupt };
    constexpr u8 isa = 1;
    Writer entries;
    u16 count = 0;
    const auto begin = [&](u8 type) -> Writer& {
        ++count;
        return entries.byte(type);
    };
    begin(Processor).byte(local_apic_id).byte(local_apic_version).byte(0x03).dword(signature(model)).dword(0x201).zeros(8);
    begin(Bus).byte(0).text("PCI", 6);
    begin(Bus).byte(isa).text("ISA", 6);
    begin(Controller).byte(io_apic_id).byte(io_apic_version).byte(1).dword(IoApic::base.value);
    for (u8 irq = 0; irq < 16; ++irq) {
        if (irq == 2) continue;
        const u16 flags = irq == sci ? 0x000d : 0;
        begin(Interrupt).byte(0).word(flags).byte(isa).byte(irq).byte(io_apic_id).byte(irq == 0 ? 2 : irq);
    }
    begin(LocalInterrupt).byte(3).word(0).byte(isa).byte(0).byte(local_apic_id).byte(0);  // the 8259 on LINT0
    begin(LocalInterrupt).byte(1).word(0).byte(isa).byte(0).byte(0xff).byte(1);           // NMI on LINT1

    Writer table;
    table.text("PCMP", 4).word(44 + entries.bytes.size()).byte(4).byte(0).text("RETRACE", 8).text("PC", 12).dword(0).word(0).word(count);
    table.dword(LocalApic::base.value).word(0).byte(0).byte(0);
    return table.append(entries.bytes).checksum(7).bytes;
}

// ---- SMBIOS

struct Smbios {
    std::vector<u8> structures;
    u16 count = 0, longest = 0;
};

Smbios smbios(CpuModel model, u32 memory_mib) {
    Smbios tables;
    u16 handle = 0;
    const auto put = [&](u8 type, const Writer& content, std::initializer_list<std::string_view> strings) {
        Writer s;
        s.byte(type).byte(4 + content.bytes.size()).word(handle++).append(content.bytes);
        for (const auto& each : strings) s.text(each, each.size()).byte(0);
        s.byte(0);
        if (strings.size() == 0) s.byte(0);
        tables.structures.insert(tables.structures.end(), s.bytes.begin(), s.bytes.end());
        ++tables.count;
        tables.longest = std::max(tables.longest, static_cast<u16>(s.bytes.size()));
    };
    Writer bios, system, chassis, processor, array, memory, range;
    bios.byte(1).byte(2).word(0xf000).byte(3).byte(0).qword(0x10090).word(0x0001).byte(1).byte(0).byte(0xff).byte(0xff);  // PCI, boots from CD; ACPI
    put(0, bios, {"Retrace", "1.0", "11/21/2026"});
    system.byte(1).byte(2).byte(0).byte(0).zeros(16).byte(0x06).byte(0).byte(0);
    put(1, system, {"Retrace", "PC"});
    chassis.byte(1).byte(0x03).byte(0).byte(0).byte(0).byte(0x03).byte(0x03).byte(0x03).byte(0x02).dword(0).byte(0).byte(1).byte(0).byte(0);
    put(3, chassis, {"Retrace"});
    processor.byte(1).byte(0x03).byte(0x01).byte(2).dword(signature(model)).dword(0).byte(0).byte(0).word(0).word(0).word(0).byte(0x41).byte(0x06);
    processor.word(0xffff).word(0xffff).word(0xffff).byte(0).byte(0).byte(0);
    put(4, processor, {"CPU 0", "Retrace"});
    const u16 array_handle = handle;
    array.byte(0x03).byte(0x03).byte(0x03).dword(memory_mib << 10).word(0xfffe).word(1);
    put(16, array, {});
    memory.word(array_handle).word(0xfffe).word(32).word(32).word(memory_mib).byte(0x09).byte(0).byte(1).byte(0).byte(0x03).word(0x0002).word(0);
    memory.byte(0).byte(0).byte(0).byte(0);
    put(17, memory, {"DIMM 0"});
    range.dword(0).dword((memory_mib << 10) - 1).word(array_handle).byte(1);
    put(19, range, {});
    put(127, {}, {});
    return tables;
}

// ---- pointers

std::vector<u8> root_pointer(u32 rsdt_at) { return Writer{}.text("RSD PTR ", 8).byte(0).text("RETRCE", 6).byte(0).dword(rsdt_at).checksum(8).bytes; }
std::vector<u8> mp_pointer(u32 table_at) { return Writer{}.text("_MP_", 4).dword(table_at).byte(1).byte(4).byte(0).zeros(5).checksum(10).bytes; }

std::vector<u8> smbios_pointer(const Smbios& tables, u32 table_at) {
    Writer p;
    p.text("_SM_", 4).byte(0).byte(0x1f).byte(2).byte(4).word(tables.longest).byte(0).zeros(5);
    p.text("_DMI_", 5).byte(0).word(tables.structures.size()).dword(table_at).word(tables.count).byte(0x24);
    return p.checksum(0x15, 0x10).checksum(4).bytes;
}

// Device 1 has all four interrupts of the router; no slot holds a card.
std::vector<u8> interrupt_routing() {
    constexpr u16 irqs = (1 << 10) | (1 << 11);
    Writer p;
    p.text("$PIR", 4).word(0x0100).word(32 + 16).byte(0).byte(1 << 3).word(0).dword(0x70008086).dword(0).zeros(11).byte(0);
    p.byte(0).byte(1 << 3);
    for (u8 pin = 0; pin < 4; ++pin) p.byte(0x60 + pin).word(irqs);
    return p.byte(0).byte(0).checksum(31).bytes;
}

}  // namespace

FirmwareTables::FirmwareTables(CpuModel model, u32 memory_mib) : pointers_(bios::pointers_size) {
    const auto put = [this](std::span<const u8> table) {
        upper_.resize((upper_.size() + 15) & ~std::size_t{15});
        const u32 at = upper_base + static_cast<u32>(upper_.size());
        upper_.insert(upper_.end(), table.begin(), table.end());
        return at;
    };
    const auto point = [this](u32 at, std::span<const u8> pointer) {
        ENSURE(at + pointer.size() <= pointers_.size(), "the pointers have room");
        std::ranges::copy(pointer, pointers_.begin() + at);
    };
    const bool has_apic = model >= CpuModel::Pentium;
    Writer rsdt;
    rsdt.dword(put(fadt(put(dsdt(memory_mib)))));
    if (has_apic) rsdt.dword(put(madt()));
    point(rsdp_at, root_pointer(put(acpi_table("RSDT", 1, rsdt.bytes))));
    if (has_apic) point(mp_at, mp_pointer(put(mp_configuration(model))));
    const Smbios system = smbios(model, memory_mib);
    point(smbios_at, smbios_pointer(system, put(system.structures)));
    point(pir_at, interrupt_routing());
    ENSURE(upper_.size() <= system_base - upper_base, "the tables fit below the system BIOS");
}

void FirmwareTables::put_pointers(std::span<u8> system_bios) const {
    ENSURE(system_bios.size() == 0x10000, "the system BIOS is 64 KiB");
    const auto room = system_bios.subspan(bios::pointers_at, bios::pointers_size);
    ENSURE(std::ranges::all_of(room, [](u8 byte) { return byte == 0; }), "the system BIOS leaves room for the pointers");
    std::ranges::copy(pointers_, room.begin());
    system_bios.back() = static_cast<u8>(system_bios.back() - std::accumulate(pointers_.begin(), pointers_.end(), 0));
}

}  // namespace retrace
