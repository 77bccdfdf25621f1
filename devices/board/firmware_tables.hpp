// FirmwareTables: what a board with PCI tells operating systems in memory: ACPI 1.0 (RSDT, FADT, DSDT; MADT with an APIC), the
// MultiProcessor tables (with an APIC), SMBIOS 2.4 and the PCI interrupt routing table.
//
//   F000:DF00-DFFF  what is searched for: "RSD PTR ", "_MP_", "_SM_", "$PIR"; the system BIOS leaves room for it
//   E0000-EFFFF     what those lead to
//   EBDA + 3C0      the FACS, which must be RAM: the system BIOS makes it
//
// (ACPI specification 1.0b, chapter 5; MultiProcessor Specification 1.4, chapter 4; DMTF DSP0134 2.4; Microsoft PCI IRQ Routing Table 1.0.)
#pragma once

#include <span>
#include <vector>

#include "core/base/types.hpp"
#include "core/isa/model.hpp"

namespace retrace {

class FirmwareTables {
public:
    // Where parts of the board are told to be, by the firmware as by these tables.
    static constexpr u16 power_ports = 0xb000;
    static constexpr u32 facs = 0x9fc00 + 0x3c0;

    FirmwareTables(CpuModel model, u32 memory_mib);

    // For E0000h.
    [[nodiscard]] std::span<const u8> upper() const { return upper_; }
    // Into a copy of the system BIOS, 64 KiB; its bytes still add up to 0.
    void put_pointers(std::span<u8> system_bios) const;

private:
    std::vector<u8> upper_, pointers_;
};

}  // namespace retrace
