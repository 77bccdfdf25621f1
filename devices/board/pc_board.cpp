#include "devices/board/pc_board.hpp"

#include <algorithm>
#include <bit>
#include <cstdio>

#include "bios/images.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

PcBoard::DiskNumbers put_on_shelf(MediaShelf& shelf, MachineDisks disks) {
    PcBoard::DiskNumbers numbers;
    for (unsigned i = 0; i < 2; ++i)
        if (disks.floppy[i]) numbers.floppy[i] = shelf.put(std::move(*disks.floppy[i]));
    for (unsigned i = 0; i < 4; ++i)
        if (disks.hard_disk[i]) numbers.hard_disk[i] = shelf.put(std::move(*disks.hard_disk[i]));
    if (disks.cd) numbers.cd = shelf.put(std::move(*disks.cd));
    return numbers;
}

// Drive A is there always, drive B when a disk is given for it; a drive takes the smaller formats of its size, too.
Fdc::Drives drive_types(const MediaShelf& shelf, const PcBoard::DiskNumbers& numbers) {
    const auto type = [&](u32 number, DriveType without) {
        const Disk* disk = shelf.disk(number);
        if (!disk) return without;
        const DriveType home = drive_for(disk->format.floppy);
        if (home == DriveType::Floppy720K) return DriveType::Floppy1440K;
        if (home == DriveType::Floppy360K) return DriveType::Floppy1200K;
        return home;
    };
    return {type(numbers.floppy[0], DriveType::Floppy1440K), type(numbers.floppy[1], DriveType::None), DriveType::None, DriveType::None};
}

// The shutdown codes (CMOS 0Fh) after which firmware resumes a program: jumps through 0040:0067, and the end of a 286's block move.
bool resumes(u8 shutdown_code) { return shutdown_code == 0x05 || shutdown_code == 0x09 || shutdown_code == 0x0a; }

// The first free one of the places that its drive may have; -1 if there is none.
unsigned place_of_cdrom(const PcBoard::DiskNumbers& numbers) {
    for (const unsigned place : {2u, 3u, 1u, 0u})
        if (numbers.hard_disk[place] == 0) return place;
    return ~0u;
}

std::span<const u8> video_bios(const MachineConfig& config) { return config.vgabios.empty() ? bios::video() : std::span<const u8>{config.vgabios}; }

// The display adapter's linear memory, and where a 32-bit machine without PCI has it (as Bochs' ISA machine did).
constexpr std::size_t frame_buffer_size = std::size_t{16} << 20;
constexpr PhysicalAddress isa_frame_buffer{0xe0000000};

constexpr const char* ata_names[] = {"ata0.0", "ata0.1", "ata1.0", "ata1.1"};

}  // namespace

// ---- the schematic

PcBoard::PcBoard(const MachineConfig& configuration, MachineDisks disks, const MachineHost& host, const EngineFactory& make_engine)
    : config{configuration}
    , numbers{put_on_shelf(shelf, std::move(disks))}
    , scheduler{StepRate{config.steps_per_second}}
    , ports{log.channel("ports")}
    , memory{u64{config.memory_mib} << 20, windows, log.channel("memory")}
    , cpu{memory, ports, scheduler, config.cpu, log.channel("cpu")}

    , pic{Line{[this](bool high) { lint0.set(high); }}, log.channel("pic")}
    , local_apic{scheduler, cpu.interrupt_pin(), cpu.nmi_pin(), pic, log.channel("apic")}
    , io_apic{[this](const InterruptMessage& message) { return local_apic.accept(message); }, log.channel("apic")}
    , speaker{scheduler, host.audio ? *host.audio : silence}
    , pit{scheduler, irq(0), Line{}, speaker.tone()}
    , dma{memory, log.channel("dma")}
    , rtc{scheduler, irq(8), Line{}, static_cast<u64>(config.start_of_time)}
    , system_control{{.timer2_gate = pit.gate(2), .speaker_data = speaker.data(), .a20 = cpu.a20_pin(), .processor_reset = cpu.reset_pin(),
                      .irq13 = irq(13), .ignore_error = {}, .timer2_out = [this] { return pit.output(2); },
                      .refresh = [this] { return pit.refresh_toggle(); }}, log.channel("post")}
    , keyboard{scheduler}
    , mouse{scheduler}
    , keyboard_controller{scheduler, {.irq1 = irq(1), .irq12 = irq(12), .a20 = system_control.keyboard_a20(), .processor_reset = cpu.reset_pin()},
                          &keyboard, &mouse, log.channel("keyboard")}
    , frame_buffer{frame_buffer_size}
    , video_rom{std::bit_ceil(std::max<std::size_t>(video_bios(config).size(), page_size))}
    , vga{scheduler, frame_buffer.span(), Line{}, log.channel("vga")}
    , fdc{scheduler, irq(6), dma.channel(2), shelf, drive_types(shelf, numbers), log.channel("fdc")}
    , ata_primary{ata_irq(0), AtaChannel::primary, make_drive(0), make_drive(1)}
    , ata_secondary{ata_irq(1), AtaChannel::secondary, make_drive(2), make_drive(3)}
    , irq_3{irq(3)}
    , irq_4{irq(4)}
    , uarts{Uart16550{scheduler, irq_4.input(), 0x3f8, "uart1", host.serial[0]}, Uart16550{scheduler, irq_3.input(), 0x2f8, "uart2", host.serial[1]},
            Uart16550{scheduler, irq_4.input(), 0x3e8, "uart3", host.serial[2]}, Uart16550{scheduler, irq_3.input(), 0x2e8, "uart4", host.serial[3]}}
    , printer{scheduler, irq(7), 0x378, "printer", host.printer}
    , power{[this] { stop(Machine::Stop::PowerOff); }}
    , firmware_config{u64{config.memory_mib} << 20}
    , gate{scheduler} {
    if (config.debugcon_port) debug_console.emplace(*config.debugcon_port, host.debug_console);
    if (config.debug_exit_port) debug_exit.emplace(*config.debug_exit_port, [this](u32 code) { exit_code = static_cast<int>(code & 0xff); stop(Machine::Stop::DebugExit); });

    parts_ = {{"pic", &pic}, {"local_apic", &local_apic}, {"io_apic", &io_apic}, {"speaker", &speaker}, {"pit", &pit}, {"dma", &dma}, {"rtc", &rtc},
              {"system_control", &system_control}, {"keyboard", &keyboard}, {"mouse", &mouse}, {"keyboard_controller", &keyboard_controller}, {"vga", &vga}, {"fdc", &fdc},
              {"ata_primary", &ata_primary}, {"ata_secondary", &ata_secondary}, {"uart1", &uarts[0]}, {"uart2", &uarts[1]}, {"uart3", &uarts[2]},
              {"uart4", &uarts[3]}, {"printer", &printer}, {"power", &power}, {"firmware_config", &firmware_config}};
    if (has_pci()) add_pci();
    else if (config.cpu == CpuModel::I386) memory.show(isa_frame_buffer, frame_buffer.span(), true);
    if (config.kernel.how != BootPayload::Entry::None) parts_.push_back({"kernel_loader", &kernel_loader.emplace(memory, config.kernel)});
    if (debug_console) parts_.push_back({"debug_console", &*debug_console});
    if (debug_exit) parts_.push_back({"debug_exit", &*debug_exit});

    lint0 = local_apic.lint0();
    local_apic.on_end([this](u8 vector) { io_apic.end_of_interrupt(vector); });
    cpu.connect(local_apic);
    cpu.connect_ferr(system_control.error());
    local_apic.connect(cpu.smi_pin(), init_pin());
    if (pci) {
        cpu.connect_smiact(pci->host_bridge.smiact());
        pci->power.connect_smi(cpu.smi_pin());
    }
    cpu.connect_apic([this](u64 value) { place_apic(value); });
    for (const auto& part : parts_) {
        part.device->attach(ports);
        part.device->attach(windows);
    }
    memory.map_window({0xa0000}, 0x20000);
    vga.connect(memory);
    if (has_apic()) memory.map_window(IoApic::base, page_size);
    std::ranges::copy(video_bios(config), video_rom.data());
    map_firmware();
    log.set_stamp([this] { return std::to_string(scheduler.now().step) + " " + cpu.where(); });
    engine = make_engine(cpu);

    cpu.reset();
    for (const auto& part : parts_) part.device->reset(Reset::PowerOn);
    place_apic(cpu.state.apic_base);
    set_up_cmos();
    for (unsigned drive = 0; drive < 2; ++drive)
        if (numbers.floppy[drive]) fdc.insert(drive, numbers.floppy[drive]);
    connect_inputs();
}

Line PcBoard::irq(unsigned number) {
    return Line{[isa = pic.line(number), pin = io_apic.input(number == 0 ? 2 : number)](bool high) {
        isa.set(high);
        pin.set(high);
    }};
}

// INIT from the APIC bus: the processor alone, at once.
Line PcBoard::init_pin() {
    return Line{[this](bool high) {
        if (!high) return;
        init_wanted_ = true;
        cpu.request_reset("INIT");
    }};
}

Line PcBoard::ata_irq(unsigned channel) {
    return Line{[this, isa = irq(14 + channel), channel](bool high) {
        isa.set(high);
        ide_intrq[channel].set(high);
    }};
}

void PcBoard::add_pci() {
    PciParts::Pins pins{.shadow = memory, .memory = memory, .apertures = memory, .frame_buffer = frame_buffer.span(), .video_rom = video_rom.span(), .ata = {&ata_primary, &ata_secondary}, .irqs = {}, .sci = irq(9),
                        .power_off = [this] { stop(Machine::Stop::PowerOff); },
                        .reset = [this](bool whole_board) {
                            whole_reset_ = whole_board;
                            cpu.reset_pin().raise();
                            cpu.reset_pin().lower();
                        }};
    for (unsigned number = 3; number < 16; ++number) pins.irqs[number] = pic.line(number);
    pci.emplace(scheduler, std::move(pins), log);
    ide_intrq = {pci->ide.intrq(0), pci->ide.intrq(1)};
    ata_primary.connect(pci->ide.master(0));
    ata_secondary.connect(pci->ide.master(1));
    for (const Part& part : std::initializer_list<Part>{{"pci", &pci->bus}, {"host_bridge", &pci->host_bridge}, {"isa_bridge", &pci->isa_bridge}, {"ide", &pci->ide},
                                                        {"power_management", &pci->power}, {"display", &pci->display}, {"reset_control", &pci->reset_control}})
        parts_.push_back(part);
}

AtaDrive* PcBoard::make_drive(unsigned number) {
    if (Disk* disk = shelf.disk(numbers.hard_disk[number])) {
        hard_disks[number] = std::make_unique<AtaDisk>(scheduler, ata_names[number], *disk, log.channel("ata"));
        return hard_disks[number].get();
    }
    if (numbers.cd == 0 || number != place_of_cdrom(numbers)) return nullptr;
    cdrom = std::make_unique<AtapiCdrom>(scheduler, ata_names[number], shelf, numbers.cd, log.channel("ata"));
    return cdrom.get();
}

// The system BIOS ends at 1 MiB and again at 4 GiB, where a 386 begins; on a 286 at 16 MiB, which the first covers only by its A20-less alias.
void PcBoard::map_firmware() {
    const auto map_below = [this](u64 end, std::span<const u8> image) { memory.map_rom({end - image.size()}, image); };
    if (!config.rom.empty()) {  // whole pages, and nothing else in the sockets below 1 MiB
        constexpr std::size_t sockets = 0x40000;
        std::vector<u8> rom((config.rom.size() + page_mask) & ~std::size_t{page_mask}, 0xff);
        std::ranges::copy_backward(config.rom, rom.end());
        const std::size_t alias = std::min<std::size_t>(rom.size(), 0x20000);
        std::vector<u8> low(sockets, 0xff);
        std::ranges::copy_backward(std::span{rom}.last(alias), low.end());
        map_below(u64{1} << 32, rom);
        map_below(u64{1} << 20, low);
        if (config.cpu == CpuModel::I286) map_below(u64{1} << 24, std::span{rom}.last(alias));
        return;
    }
    std::vector<u8> own(bios::system().begin(), bios::system().end());
    if (has_pci()) tables_.emplace(config.cpu, config.memory_mib).put_pointers(own);
    const auto system = std::span<const u8>{config.bios.empty() ? own : config.bios};
    ENSURE(system.size() % page_size == 0, "firmware is whole pages");
    map_below(u64{1} << 32, system);
    map_below(u64{1} << 20, system.size() > 0x20000 ? system.last(0x20000) : system);
    if (config.cpu == CpuModel::I286) map_below(u64{1} << 24, system);

    map_option_roms((u64{1} << 20) - std::min<std::size_t>(system.size(), 0x20000));
}

// The VGA BIOS at C0000h, direct boot's at C8000h; between them and the system BIOS lie sockets that nobody filled, but from
// E0000h on what the system BIOS tells operating systems.
void PcBoard::map_option_roms(u64 end) {
    constexpr u64 video_at = 0xc0000, kernel_at = 0xc8000;
    std::vector<u8> roms(end - video_at, 0xff);
    const auto put = [&](u64 at, std::span<const u8> rom) { std::ranges::copy(rom.first(std::min<std::size_t>(rom.size(), end - at)), roms.begin() + static_cast<std::ptrdiff_t>(at - video_at)); };
    if (tables_ && config.bios.empty()) put(0xe0000, tables_->upper());
    if (kernel_loader) put(kernel_at, bios::kernel());
    put(video_at, video_bios(config));
    memory.map_rom({video_at}, roms);
}

// What the set-up program of an AT stores; the layout that QEMU and Bochs keep, too.
void PcBoard::set_up_cmos() {
    const auto set = [this](u8 index, u64 value) { rtc.set_cmos(index, static_cast<u8>(value)); };
    const auto set_word = [&](u8 index, u64 value) {
        set(index, value);
        set(static_cast<u8>(index + 1), value >> 8);
    };
    const auto type = [this](unsigned drive) { return static_cast<u64>(fdc.drive_type(drive)); };
    const bool two_floppies = fdc.drive_type(1) != DriveType::None;
    set(0x10, type(0) << 4 | type(1));
    const u64 first_disk = hard_disks[0] ? 0xf : 0, second_disk = hard_disks[1] ? 0xf : 0;
    set(0x12, first_disk << 4 | second_disk);
    if (hard_disks[0]) set(0x19, 47);
    if (hard_disks[1]) set(0x1a, 47);
    set(0x14, 0x01 | 0x02 | 0x04 | (two_floppies ? 0x40 : 0));  // a floppy, a coprocessor, a pointing device; EGA or better

    // The uppermost 128 KiB are the firmware's, for its ACPI tables, and no memory as programs count it.
    const u64 kib = (u64{config.memory_mib} << 10) - (has_apic() && config.memory_mib > 1 ? 128 : 0);
    const u64 extended = std::min<u64>(kib - 1024, 0xffff);
    set_word(0x15, 640);
    set_word(0x17, extended);
    set_word(0x30, extended);
    set_word(0x34, kib > 16 * 1024 ? std::min<u64>((kib - 16 * 1024) / 64, 0xffff) : 0);

    u64 order = 0;
    unsigned place = 0;
    const std::string wanted = !config.boot.empty() ? config.boot : numbers.floppy[0] ? "ac" : hard_disks[0] ? "ca" : cdrom ? "da" : "ac";
    for (const char device : wanted) order |= (device == 'a' ? u64{1} : device == 'c' ? u64{2} : u64{3}) << (4 * place++);
    set(0x3d, order);
    set(0x38, order >> 8 << 4);
    rtc.update_checksum();
}

void PcBoard::connect_inputs() {
    gate.connect("key", [this](std::span<const u8> data) {
        if (data.size() == 2) keyboard.key(static_cast<Key>(data[0]), data[1] != 0);
    });
    gate.connect("mouse", [this](std::span<const u8> data) {
        if (data.size() != 6) return;
        const auto word = [&](unsigned at) { return static_cast<i16>(data[at] | data[at + 1] << 8); };
        mouse.move(word(0), word(2), static_cast<i8>(data[4]), data[5]);
    });
    gate.connect("reset", [this](std::span<const u8>) { reset_everything(); });
    gate.connect("floppy", [this](std::span<const u8> data) {
        if (data.size() == 2 && data[0] < 2 && (data[1] == 0 || shelf.disk(data[1]))) fdc.insert(data[0], data[1]);
    });
    gate.connect("cd", [this](std::span<const u8> data) {
        if (data.size() == 1 && cdrom && (data[0] == 0 || shelf.disk(data[0]))) cdrom->insert(data[0]);
    });
    for (unsigned i = 0; i < 4; ++i)
        gate.connect("serial" + std::to_string(i + 1), [this, i](std::span<const u8> data) {
            for (const u8 byte : data) uarts[i].receive(byte);
        });
}

// ---- running

Machine::Stop PcBoard::run(Moment until) {
    stopped_.reset();
    gate.deliver_due();
    while (scheduler.now() < until && !stopped_) {
        scheduler.run_due();
        const auto reason = engine->run(std::min({until, scheduler.next(), gate.next()}));
        scheduler.run_due();
        gate.deliver_due();
        if (reason == StopReason::Reset) processor_wants_reset();
    }
    if (stopped_ == Machine::Stop::PowerOff || stopped_ == Machine::Stop::DebugExit)
        for (const auto& uart : uarts) uart.drain();
    return stopped_.value_or(Machine::Stop::Reached);
}

void PcBoard::stop(Machine::Stop reason) {
    stopped_ = reason;
    engine->request_stop();
}

// The reset line of the keyboard controller and a shutdown reset the processor alone on an AT. That matters to software that comes back
// by a shutdown code; everything else wants the machine started anew, and gets it.
void PcBoard::processor_wants_reset() {
    reset_reason = cpu.reset_reason();
    const bool whole = std::exchange(whole_reset_, false);
    if (std::exchange(init_wanted_, false) && !whole) return cpu.initialise();
    if (!whole && resumes(rtc.cmos(0x0f))) {
        if (config.cpu >= CpuModel::I486) cpu.initialise();
        else cpu.reset();
        ports.write8(0x92, 0x02);  // the reset vector lies above 1 MiB: A20 is open again
        return;
    }
    reset_everything();
    stopped_ = Machine::Stop::Reset;
}

void PcBoard::reset_everything() {
    cpu.reset();
    for (const auto& part : parts_) part.device->reset(Reset::Hard);
    place_apic(cpu.state.apic_base);
}

// IA32_APIC_BASE: bit 11 enables it, bits 12 and up say where its registers lie.
void PcBoard::place_apic(u64 value) {
    constexpr u64 address = 0xf'ffff'f000;
    const bool on = bit(value, 11);
    const u64 base = value & address;
    local_apic.enable(on);
    if (apic_at_ == (on ? base : 0)) return;
    if (apic_at_) memory.map_ram({apic_at_}, page_size);
    apic_at_ = 0;
    if (!on) return;
    if (base >> 32 || !windows.move(local_apic, {base})) return log.channel("apic").unusual("a local APIC where something else is");
    memory.map_window({base}, page_size);
    apic_at_ = base;
}

// ---- state

void PcBoard::visit(StateVisitor& visitor) {
    const auto group = [&](const char* name, auto& object) {
        visitor.enter(name);
        object.visit(visitor);
        visitor.leave();
    };
    group("scheduler", scheduler);
    group("cpu", cpu);
    group("memory", memory);
    group("shelf", shelf);
    for (const auto& part : parts_) group(part.name, *part.device);
}

void PcBoard::restored() {
    for (const auto& part : parts_) part.device->restored();
    cpu.restored();
    engine->restored();
}

}  // namespace retrace
