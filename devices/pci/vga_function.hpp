// The display adapter on the PCI bus, as Bochs and QEMU present theirs: its legacy ports and memory answer always, its frame buffer where
// BAR 0 says. (Identification: QEMU, docs/specs/standard-vga.)
//
//   10  BAR 0  frame buffer, prefetchable, as large as the adapter's linear memory
//   30  ROM    the video BIOS, for firmware that looks for it here (ours has it mapped at C0000h already)
//   command  0: ports (not decoded: they answer always), 1: memory (frame buffer and ROM show)
#pragma once

#include <span>

#include "core/bus/aperture_control.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class VgaFunction final : public PciFunction {
public:
    // `frame_buffer`, `rom`: their sizes are powers of two. There may be no ROM.
    VgaFunction(ApertureControl& memory, std::span<u8> frame_buffer, std::span<u8> rom = {});

    void reset(Reset kind) override;
    void restored() override { place(); }

private:
    void config_written(u8 first, u8 last) override;
    // Shows both where the registers say now.
    void place();

    struct Aperture {
        std::span<u8> memory;
        u32 shown_at = 0;  // 0: nowhere; follows from the registers
    };
    void place(Aperture& aperture, bool wanted, u32 base, bool writable);

    ApertureControl& memory_;
    Aperture frame_buffer_, rom_;
};

}  // namespace retrace
