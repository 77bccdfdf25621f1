// AtaDisk: a hard disk on an ATA cable, moved by programmed I/O: CHS, LBA28 and LBA48. (T13 1410D ATA/ATAPI-6; obsolete commands from
// ANSI X3.221 ATA.)
//
// A command makes the drive busy for a while; then it has the data of a block (one sector, or as many as SET MULTIPLE MODE says) or has
// failed, and interrupts. A write asks for its first block at once: there is software that sends it without a look at DRQ. A hardware reset keeps the contents and no setting, a software reset the settings too.
#pragma once

#include <array>
#include <string>

#include "core/base/log.hpp"
#include "core/time/scheduler.hpp"
#include "devices/storage/ata_drive.hpp"
#include "devices/storage/media_shelf.hpp"

namespace retrace {

class AtaDisk final : public AtaDrive {
public:
    // Microseconds of virtual time: less than a real disk takes, but never nothing.
    static constexpr u64 access_time = 60;   // from a command to its data
    static constexpr u64 sector_time = 15;   // further sectors
    static constexpr u64 short_time = 2;     // commands that move nothing
    static constexpr u64 reset_time = 500;

    static constexpr u32 most_sectors_a_block = 16;

    // `name` names its timer, and makes the serial number.
    AtaDisk(Scheduler& scheduler, std::string name, Disk& disk, Log::Channel log = {});

    [[nodiscard]] const TaskFile& registers() const override { return state_.registers; }
    [[nodiscard]] u8 status() const override { return state_.status; }
    [[nodiscard]] u8 error() const override { return state_.error; }
    [[nodiscard]] bool interrupt() const override { return state_.interrupt; }
    void acknowledge() override { set_interrupt(false); }

    void write(unsigned which, u8 value) override;
    void command(u8 code) override;
    u16 read_data() override;
    void write_data(u16 value) override;
    [[nodiscard]] bool dma_requested() const override { return state_.dma && (state_.stage == Stage::Giving || state_.stage == Stage::Taking); }
    [[nodiscard]] bool dma_to_memory() const override { return state_.stage == Stage::Giving; }
    std::size_t dma_read(std::span<u8> to) override;
    std::size_t dma_write(std::span<const u8> from) override;

    void hardware_reset() override;
    void software_reset(bool asserted) override;
    void diagnose(bool reports) override;
    void visit(StateVisitor& visitor) override;

    // A light is on.
    [[nodiscard]] bool active() const { return (state_.status & (ata::busy | ata::data_request)) != 0; }

    // What the drive does when its timer runs out, or with the data port.
    enum class Stage : u8 {
        Idle,
        Resetting,     // busy after SRST or a diagnostic
        Completing,    // busy; then done
        Fetching,      // busy; then a block is in the buffer
        Presenting,    // busy; then the buffer is given as it is
        Giving,        // the host reads the buffer
        Taking,        // the host fills the buffer
        Storing,       // busy; then the block is on the disk
    };
    enum class Addressing : u8 { Chs, Lba28, Lba48 };

    struct State {
        TaskFile registers{};
        u8 status = ata::ready | ata::seek_complete;
        u8 error = ata::diagnostics_passed;
        bool interrupt = false;
        bool reports = false;      // the diagnostic ends with an interrupt
        u8 command = 0;
        Stage stage = Stage::Idle;
        Addressing addressing = Addressing::Chs;
        u64 lba = 0;               // the next sector to move
        u32 left = 0;              // sectors of the command still to be moved
        u32 block = 0;             // sectors in the buffer
        u8 heads = 0, sectors = 0; // the translation in force
        u8 multiple = 0;           // sectors a block of READ and WRITE MULTIPLE; 0: not allowed
        bool dma = false;          // the command's data move by DMA
        u8 dma_mode = 0x22;        // as SET FEATURES says: multiword 20-22, ultra 40-45
        bool write_cache = true, look_ahead = true;
        u8 power_mode = 0xff;      // as CHECK POWER MODE tells it
        std::array<u8, most_sectors_a_block * Medium::sector_size> buffer{};
        u16 buffer_index = 0, buffer_size = 0;
    };

private:
    void busy_for(u64 microseconds, Stage then);
    void timer_ran_out();
    void set_interrupt(bool on);
    void done();                        // ready, with an interrupt
    void fail(u8 error);                // ready, with an error and an interrupt
    void put_signature();
    void cancel();

    // addresses
    [[nodiscard]] u32 cylinders() const;
    [[nodiscard]] bool take_address(Addressing addressing);
    void show_address(u64 lba);
    [[nodiscard]] Addressing addressing() const { return bit(state_.registers.device, 6) ? Addressing::Lba28 : Addressing::Chs; }
    void show_native_maximum(Addressing addressing);

    // data
    void read_sectors(Addressing addressing, u32 block, bool dma = false);
    void write_sectors(Addressing addressing, u32 block, bool dma = false);
    void fetch();
    void give(u16 bytes);
    void given();
    void take(u16 bytes);
    void taken();
    void store();
    void verify_sectors(Addressing addressing);
    void identify();
    void set_features();
    void set_multiple();

    Scheduler& scheduler_;
    std::string name_;
    Disk& disk_;
    Log::Channel log_;
    Timer timer_;
    State state_;
};

template <> inline constexpr auto fields<AtaDisk::State> = describe(
    field("registers", &AtaDisk::State::registers), field("status", &AtaDisk::State::status), field("error", &AtaDisk::State::error),
    field("interrupt", &AtaDisk::State::interrupt), field("reports", &AtaDisk::State::reports), field("command", &AtaDisk::State::command),
    field("stage", &AtaDisk::State::stage), field("addressing", &AtaDisk::State::addressing), field("lba", &AtaDisk::State::lba),
    field("left", &AtaDisk::State::left), field("block", &AtaDisk::State::block), field("heads", &AtaDisk::State::heads),
    field("sectors", &AtaDisk::State::sectors), field("multiple", &AtaDisk::State::multiple),
    field("dma", &AtaDisk::State::dma), field("dma_mode", &AtaDisk::State::dma_mode),
    field("write_cache", &AtaDisk::State::write_cache), field("look_ahead", &AtaDisk::State::look_ahead),
    field("power_mode", &AtaDisk::State::power_mode), field("buffer", &AtaDisk::State::buffer),
    field("buffer_index", &AtaDisk::State::buffer_index), field("buffer_size", &AtaDisk::State::buffer_size));

}  // namespace retrace
