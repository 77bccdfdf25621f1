// PcBoard: the schematic of an AT-compatible PC: which part's pin goes to which other's.
#pragma once

#include "core/base/log.hpp"
#include "core/bus/mmio_map.hpp"
#include "core/bus/port_map.hpp"
#include "core/bus/wired_or.hpp"
#include "core/cpu/cpu.hpp"
#include "core/memory/physical_memory.hpp"
#include "core/replay/input_gate.hpp"
#include "core/time/scheduler.hpp"
#include "devices/audio/speaker.hpp"
#include "devices/board/firmware_tables.hpp"
#include "devices/board/machine.hpp"
#include "devices/board/pci_parts.hpp"
#include "devices/boot/kernel_loader.hpp"
#include "devices/chipset/dma.hpp"
#include "devices/chipset/io_apic.hpp"
#include "devices/chipset/local_apic.hpp"
#include "devices/chipset/pic.hpp"
#include "devices/chipset/pit.hpp"
#include "devices/chipset/rtc.hpp"
#include "devices/chipset/system_control.hpp"
#include "devices/debug/debug_console.hpp"
#include "devices/debug/debug_exit.hpp"
#include "devices/debug/firmware_config.hpp"
#include "devices/debug/power_port.hpp"
#include "devices/input/i8042.hpp"
#include "devices/input/ps2_keyboard.hpp"
#include "devices/input/ps2_mouse.hpp"
#include "devices/serial/parallel_port.hpp"
#include "devices/serial/uart16550.hpp"
#include "devices/storage/ata_channel.hpp"
#include "devices/storage/ata_disk.hpp"
#include "devices/storage/atapi_cdrom.hpp"
#include "devices/storage/fdc.hpp"
#include "devices/storage/media_shelf.hpp"
#include "devices/video/vga.hpp"

namespace retrace {

class PcBoard {
public:
    PcBoard(const MachineConfig& config, MachineDisks disks, const MachineHost& host, const EngineFactory& engine);

    Machine::Stop run(Moment until);
    void visit(StateVisitor& visitor);
    void restored();

    // A sink for a machine that nobody listens to.
    struct Silence final : AudioSink {
        void level(Moment, i16) override {}
    };
    // Disks by number on the shelf, in the order of MachineDisks.
    struct DiskNumbers {
        std::array<u32, 2> floppy{};
        std::array<u32, 4> hard_disk{};
        u32 cd = 0;
    };

    MachineConfig config;
    Log log;
    Silence silence;
    MediaShelf shelf;
    DiskNumbers numbers;  // as they were put on the shelf at power-on

    Scheduler scheduler;
    PortMap ports;
    MmioMap windows;
    PhysicalMemory memory;
    Cpu cpu;

    Line lint0;  // from the 8259 to the local APIC
    Pic pic;
    LocalApic local_apic;
    IoApic io_apic;
    Speaker speaker;
    Pit pit;
    Dma dma;
    Rtc rtc;
    SystemControl system_control;
    Ps2Keyboard keyboard;
    Ps2Mouse mouse;
    I8042 keyboard_controller;
    HostMemory frame_buffer, video_rom;
    Vga vga;
    Fdc fdc;
    std::array<std::unique_ptr<AtaDisk>, 4> hard_disks;
    std::unique_ptr<AtapiCdrom> cdrom;
    std::array<Line, 2> ide_intrq;  // the channels' interrupts as the bus master sees them
    AtaChannel ata_primary, ata_secondary;
    WiredOr irq_3, irq_4;  // shared by two serial ports each
    std::array<Uart16550, 4> uarts;
    ParallelPort printer;
    std::optional<DebugConsole> debug_console;
    std::optional<DebugExit> debug_exit;
    PowerPort power;
    FirmwareConfig firmware_config;
    std::optional<PciParts> pci;  // from the 486 on
    std::optional<KernelLoader> kernel_loader;

    InputGate gate;
    std::unique_ptr<ExecutionEngine> engine;
    int exit_code = 0;
    std::string reset_reason;

private:
    struct Part {
        const char* name;
        Device* device;
    };

    // An ISA interrupt goes to the 8259 and to the I/O APIC alike.
    Line irq(unsigned number);
    Line ata_irq(unsigned channel);
    Line init_pin();
    AtaDrive* make_drive(unsigned number);
    void map_firmware();
    void map_option_roms(u64 end);
    void set_up_cmos();
    void connect_inputs();
    void add_pci();
    void processor_wants_reset();
    void reset_everything();
    void place_apic(u64 value);
    void stop(Machine::Stop reason);
    [[nodiscard]] bool has_apic() const { return config.cpu >= CpuModel::Pentium; }
    [[nodiscard]] bool has_pci() const { return config.cpu >= CpuModel::I486; }

    bool init_wanted_ = false;
    u64 apic_at_ = 0;     // where the local APIC's window lies; 0 nowhere
    std::vector<Part> parts_;
    std::optional<FirmwareTables> tables_;
    std::optional<Machine::Stop> stopped_;
    bool whole_reset_ = false;  // for the moment between the reset register's write and the end of that instruction
};

}  // namespace retrace
