// The display adapter on the PCI bus, as Bochs and QEMU present theirs: its legacy ports and memory answer always, its frame buffer where
// BAR 0 says. (Identification: QEMU, docs/specs/standard-vga.)
//
//   10  BAR 0  frame buffer, prefetchable, as large as the adapter's linear memory
//   command  0: ports (not decoded: they answer always), 1: memory (the frame buffer shows)
#pragma once

#include <span>

#include "core/bus/aperture_control.hpp"
#include "devices/pci/pci_function.hpp"

namespace retrace {

class VgaFunction final : public PciFunction {
public:
    // `frame_buffer`: its size is a power of two.
    VgaFunction(ApertureControl& memory, std::span<u8> frame_buffer);

    void reset(Reset kind) override;
    void restored() override { place(); }

private:
    void config_written(u8 first, u8 last) override;
    // Shows the frame buffer where the registers say now.
    void place();

    ApertureControl& memory_;
    std::span<u8> frame_buffer_;
    u32 shown_at_ = 0;  // follows from the registers
};

}  // namespace retrace
