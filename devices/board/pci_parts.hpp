// PciParts: what a board with PCI has more than an AT: the 440FX host bridge and the PIIX's functions. From the 486 on.
//
//   00:00.0  host bridge     00:01.0  ISA bridge     00:01.1  IDE     00:01.3  power management
//   00:02.0  display adapter
//   SCI is IRQ 9; PIRQA-D, which no card pulls yet, go to the 8259s as the ISA bridge routes them
#pragma once

#include <span>

#include "devices/pci/host_bridge.hpp"
#include "devices/pci/ide_function.hpp"
#include "devices/pci/isa_bridge.hpp"
#include "devices/pci/pci_bus.hpp"
#include "devices/pci/power_function.hpp"
#include "devices/pci/reset_control.hpp"
#include "devices/pci/vga_function.hpp"

namespace retrace {

struct PciParts {
    struct Pins {
        ShadowControl& shadow;
        BusMemory& memory;
        ApertureControl& apertures;
        std::span<u8> frame_buffer, video_rom;
        std::array<BlockDmaDevice*, 2> ata;
        std::array<Line, 16> irqs;        // those that PIRQs can go to
        Line sci;
        std::function<void()> power_off;
        std::function<void(bool whole_board)> reset;
    };

    PciParts(Scheduler& scheduler, Pins pins, Log& log)
        : host_bridge{pins.shadow}
        , isa_bridge{std::move(pins.irqs)}
        , ide{pins.memory, pins.ata, log.channel("pci")}
        , power{scheduler, std::move(pins.sci), std::move(pins.power_off), log.channel("pci")}
        , display{pins.apertures, pins.frame_buffer, pins.video_rom}
        , reset_control{std::move(pins.reset)} {
        bus.put(0, 0, host_bridge);
        bus.put(1, 0, isa_bridge);
        bus.put(1, 1, ide);
        bus.put(1, 3, power);
        bus.put(2, 0, display);
    }

    PciBus bus;
    HostBridge host_bridge;
    IsaBridge isa_bridge;
    IdeFunction ide;
    PowerFunction power;
    VgaFunction display;
    ResetControl reset_control;
};

}  // namespace retrace
