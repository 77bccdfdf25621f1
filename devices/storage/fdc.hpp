// Fdc: the floppy disk controller, an Intel 82077AA in a PC/AT, with up to four drives. (Intel 82077AA data sheet, 290166.)
//
//   port 3F0  read   SRA: interrupt, step, track 0, head, write protect, direction (as PS/2 models show them)
//   port 3F1  read   SRB: data toggles, drive select, motors
//   port 3F2  r/w    DOR: motors 7-4, DMA and interrupt gate 3, reset (low) 2, drive 1-0
//   port 3F3  r/w    TDR: tape drive 1-0
//   port 3F4  read   MSR: RQM 7, DIO 6, non-DMA 5, busy 4, drives seeking 3-0
//             write  DSR: software reset 7, power down 6, precompensation 4-2, data rate 1-0
//   port 3F5  r/w    FIFO: commands, data, results
//   port 3F7  read   DIR: disk changed 7, data rate 2-1, high density (low) 0
//             write  CCR: data rate 1-0
//   pin INT   IRQ 6
//   pin DRQ   DMA channel 2
//
// A command that needs a turning disk waits for ever without one (no disk, motor off), as the chip does: software times out and
// resets. Sectors have 512 bytes; disks recorded otherwise do not exist as images. Reset keeps the disks in the drives, where the heads
// stand, and what SPECIFY said.
#pragma once

#include <array>
#include <vector>

#include "core/base/log.hpp"
#include "core/bus/device.hpp"
#include "core/bus/dma.hpp"
#include "core/bus/line.hpp"
#include "core/time/scheduler.hpp"
#include "devices/storage/media_shelf.hpp"

namespace retrace {

class Fdc final : public Device, public DmaDevice {
public:
    static constexpr unsigned drive_count = 4;

    // How long mechanics take, in microseconds of virtual time: less than real drives, so that guests start quickly, but never nothing.
    static constexpr u64 step_time = 1000;       // a track further
    static constexpr u64 seek_least_time = 200;  // a seek that goes nowhere
    static constexpr u64 sector_time = 300;      // from one sector to the next
    static constexpr u64 poll_time = 200;        // from the end of a reset to the drives' readiness
    static constexpr u64 overrun_time = 200'000; // how long a byte waits to be fetched

    using Drives = std::array<DriveType, drive_count>;

    Fdc(Scheduler& scheduler, Line irq, DmaChannel& dma, MediaShelf& shelf, const Drives& drives, Log::Channel log = {});

    // The disk of this number on the shelf goes into a drive; 0 takes out what is there.
    void insert(unsigned drive, u32 disk);
    [[nodiscard]] u32 inserted(unsigned drive) const { return state_.drives[drive].disk; }
    [[nodiscard]] DriveType drive_type(unsigned drive) const { return types_[drive]; }
    // A light is on: the motor of a selected drive turns.
    [[nodiscard]] bool active(unsigned drive) const { return motor_on(drive) && selected() == drive; }

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

    u16 dma_read() override;
    void dma_write(u16 value) override;
    void dma_terminal_count() override;

    enum class Phase : u8 { Command, Execution, Result };
    enum class Transfer : u8 { None, ToHost, FromHost };  // whose turn it is with the sector buffer

    struct Drive {
        u32 disk = 0;               // its number on the shelf
        u8 track = 0;               // where the head stands
        u8 pcn = 0;                 // where the controller believes it does
        u8 seek_target = 0;         // pcn after the seek
        bool recalibrating = false;
        bool seeking = false;
        bool changed = true;        // the change line: until a step with a disk in
        bool seek_done = false;     // SENSE INTERRUPT has something to fetch
        u8 seek_status = 0;         // its ST0
        u8 next_id = 0;             // READ ID: the sector that passes next
        std::vector<u16> deleted;   // sectors with a deleted data mark, which image files cannot keep
    };

    struct State {
        u8 dor = 0, tdr = 0;
        u8 dsr = 0x02;                    // CCR writes its data rate too
        u8 specify_1 = 0, specify_2 = 0;  // step rate and head unload; head load and non-DMA
        u8 configure = 0x20, pretrack = 0, perpendicular = 0;
        bool locked = false;
        bool interrupt = false;           // INT, before the gate
        bool request = false;             // DRQ
        Phase phase = Phase::Command;
        Transfer transfer = Transfer::None;
        std::array<u8, 9> command{};
        u8 command_count = 0;
        std::array<u8, 10> result{};
        u8 result_size = 0, result_index = 0;
        std::array<u8, 512> buffer{};
        u16 buffer_index = 0;
        u16 buffer_size = 0;              // 512, or 4 bytes of a sector ID when formatting
        // the command under execution
        u8 cylinder = 0, head = 0, sector = 0;  // the ID looked for
        u8 side = 0;                      // the head that reads
        u8 count = 0;                     // sectors left: FORMAT, READ TRACK, VERIFY
        u8 st0 = 0, st1 = 0, st2 = 0;
        bool terminal_count = false;
        bool sector_complete = false;     // the ID above has been dealt with
        u8 last_eot = 0;                  // for DUMPREG
        u8 toggles = 0;                   // SRB: read and write data
        std::array<Drive, drive_count> drives{};
    };

private:
    // registers
    u8 read_register(u16 port);
    [[nodiscard]] u8 peek_register(u16 port) const;
    void write_register(u16 port, u8 value);
    void write_ccr(u8 value);
    u8 read_dir();
    [[nodiscard]] u8 peek_dir(u16 port) const;
    [[nodiscard]] u8 status_a() const;
    [[nodiscard]] u8 status_b() const;
    [[nodiscard]] u8 main_status() const;
    [[nodiscard]] u8 digital_input() const;
    [[nodiscard]] u8 fifo_peek() const;
    void write_dor(u8 value);
    void write_dsr(u8 value);
    u8 read_fifo();
    void write_fifo(u8 value);

    // resets and interrupts
    void software_reset();
    void drives_ready();
    void set_interrupt(bool on);
    void set_request(bool on);

    // commands without data
    void command_complete();
    void end_command();
    void begin_result(std::initializer_list<u8> bytes);
    void sense_drive();
    void sense_interrupt();
    void seek(u8 target);
    void recalibrate();
    void start_seek(unsigned steps);
    void seek_arrived(unsigned unit);
    void move_head(Drive& drive, int steps);
    void dump_registers();

    // commands with data (fdc_transfer.cpp)
    void begin_execution();
    void after_sector_time();
    void resume();
    void sector_comes();
    [[nodiscard]] bool advance();
    void search_sector();
    void read_id();
    void take_id_to_format();
    void begin_transfer(Transfer direction, u16 size);
    void end_transfer();
    u8 give_byte();
    void take_byte(u8 value);
    void compare(u8 from_host);
    void write_sector();
    void format_sector();
    [[nodiscard]] bool prepare_format(Disk& disk);
    void overrun();
    void finish(u8 interrupt_code);
    void fail(u8 st1);

    // what lies under the head
    [[nodiscard]] Disk* disk(unsigned drive) const { return shelf_.disk(state_.drives[drive].disk); }
    [[nodiscard]] bool turning() const;
    [[nodiscard]] std::optional<u8> cylinder_under_head(const FloppyFormat& format) const;
    [[nodiscard]] bool readable(const FloppyFormat& format) const;
    [[nodiscard]] u32 index_of_sector() const;
    [[nodiscard]] bool deleted(u32 index) const;
    void set_deleted(u32 index, bool on);
    [[nodiscard]] bool write_protected(unsigned unit) const;

    [[nodiscard]] bool in_reset() const { return (state_.dor & 0x04) == 0; }
    [[nodiscard]] unsigned selected() const { return state_.dor & 3; }
    [[nodiscard]] bool motor_on(unsigned drive) const { return (state_.dor >> (4 + drive) & 1) != 0; }
    [[nodiscard]] unsigned unit() const { return state_.command[1] & 3; }
    [[nodiscard]] u8 operation() const { return state_.command[0] & 0x1f; }
    [[nodiscard]] bool multi_track() const { return (state_.command[0] & 0x80) != 0; }
    [[nodiscard]] bool non_dma() const { return (state_.specify_2 & 1) != 0; }
    [[nodiscard]] DataRate rate() const { return static_cast<DataRate>(state_.dsr & 3); }
    [[nodiscard]] u64 microseconds(u64 count) const { return steps_in_microseconds(scheduler_.rate(), count); }

    Scheduler& scheduler_;
    Line irq_;
    DmaChannel& dma_;
    MediaShelf& shelf_;
    Drives types_;
    Log::Channel log_;
    Timer sector_timer_, overrun_timer_, ready_timer_;
    std::array<Timer, drive_count> seek_timers_;
    State state_;
};

template <> inline constexpr auto fields<Fdc::Drive> = describe(
    field("disk", &Fdc::Drive::disk), field("track", &Fdc::Drive::track), field("pcn", &Fdc::Drive::pcn),
    field("seek_target", &Fdc::Drive::seek_target), field("recalibrating", &Fdc::Drive::recalibrating), field("seeking", &Fdc::Drive::seeking),
    field("changed", &Fdc::Drive::changed), field("seek_done", &Fdc::Drive::seek_done), field("seek_status", &Fdc::Drive::seek_status),
    field("next_id", &Fdc::Drive::next_id), field("deleted", &Fdc::Drive::deleted));

template <> inline constexpr auto fields<Fdc::State> = describe(
    field("dor", &Fdc::State::dor), field("tdr", &Fdc::State::tdr), field("dsr", &Fdc::State::dsr),
    field("specify_1", &Fdc::State::specify_1), field("specify_2", &Fdc::State::specify_2), field("configure", &Fdc::State::configure),
    field("pretrack", &Fdc::State::pretrack), field("perpendicular", &Fdc::State::perpendicular), field("locked", &Fdc::State::locked),
    field("interrupt", &Fdc::State::interrupt), field("request", &Fdc::State::request), field("phase", &Fdc::State::phase),
    field("transfer", &Fdc::State::transfer), field("command", &Fdc::State::command), field("command_count", &Fdc::State::command_count),
    field("result", &Fdc::State::result), field("result_size", &Fdc::State::result_size), field("result_index", &Fdc::State::result_index),
    field("buffer", &Fdc::State::buffer), field("buffer_index", &Fdc::State::buffer_index), field("buffer_size", &Fdc::State::buffer_size),
    field("cylinder", &Fdc::State::cylinder), field("head", &Fdc::State::head), field("sector", &Fdc::State::sector),
    field("side", &Fdc::State::side), field("count", &Fdc::State::count), field("st0", &Fdc::State::st0), field("st1", &Fdc::State::st1),
    field("st2", &Fdc::State::st2), field("terminal_count", &Fdc::State::terminal_count), field("sector_complete", &Fdc::State::sector_complete), field("last_eot", &Fdc::State::last_eot),
    field("toggles", &Fdc::State::toggles), field("drives", &Fdc::State::drives));

}  // namespace retrace
