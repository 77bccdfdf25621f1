// AtapiCdrom: a CD-ROM drive on an ATA cable, by packets (ATAPI): data discs of one track, read by programmed I/O or DMA.
// (T13 1410D ATA/ATAPI-6, 9.8 and 9.10; INF-8020i ATA Packet Interface for CD-ROMs; T10 MMC-2.)
//
// The registers in the life of a packet command:
//   features 0       data by DMA                        mid, high  the most bytes a block of data may have; then how many it has
//   count 0 C/D, 1 I/O   01: give me the packet; 02: take data; 03: the command is over
//   error 7-4        the sense key, 2 aborted
//
// A disc is a file of 2048-byte sectors. The drive does the commands that systems use to find, read and eject data discs, among them
// INQUIRY, READ CAPACITY, READ (10), (12) and CD, READ TOC, MODE SENSE, GET CONFIGURATION; there is no audio. A change of discs is told
// once by a unit attention.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "core/base/log.hpp"
#include "core/time/scheduler.hpp"
#include "devices/storage/ata_drive.hpp"
#include "devices/storage/media_shelf.hpp"

namespace retrace {

class AtapiCdrom final : public AtaDrive {
public:
    static constexpr u32 sector_size = 2048;
    static constexpr u32 most_sectors_at_once = 16;
    // Microseconds of virtual time.
    static constexpr u64 access_time = 200, sector_time = 100, accept_time = 2, reset_time = 500;

    // `name` names its timer. `disc`: the number on the shelf of the disc that is in it at power-on, 0 none.
    AtapiCdrom(Scheduler& scheduler, std::string name, const MediaShelf& shelf, u32 disc, Log::Channel log = {});

    // Another disc, or 0: none. A disc that the guest has locked in comes out all the same: the user is stronger.
    void insert(u32 disc);
    [[nodiscard]] u32 inserted() const { return state_.disc; }

    [[nodiscard]] const TaskFile& registers() const override { return state_.registers; }
    [[nodiscard]] u8 status() const override { return state_.status; }
    [[nodiscard]] u8 error() const override { return state_.error; }
    [[nodiscard]] bool interrupt() const override { return state_.interrupt; }
    void acknowledge() override { set_interrupt(false); }
    void write(unsigned which, u8 value) override;
    void command(u8 code) override;
    u16 read_data() override;
    void write_data(u16 value) override;
    [[nodiscard]] bool dma_requested() const override { return state_.dma && state_.stage == Stage::Giving; }
    [[nodiscard]] bool dma_to_memory() const override { return true; }
    std::size_t dma_read(std::span<u8> to) override;
    std::size_t dma_write(std::span<const u8>) override { return 0; }

    void hardware_reset() override;
    void software_reset(bool asserted) override;
    void diagnose(bool reports) override;
    void visit(StateVisitor& visitor) override;

    enum class Stage : u8 {
        Idle,
        Resetting,    // busy after SRST or a diagnostic
        Completing,   // busy; then done
        AskingPacket, // busy; then wants the packet
        TakingPacket, // the host writes it
        Executing,    // busy; then it is done
        Presenting,   // busy; then the buffer is given
        Fetching,     // busy; then further sectors are in the buffer
        Giving,       // the host reads the buffer
    };
    struct Sense {
        u8 key = 0, code = 0;
    };
    struct State {
        TaskFile registers{.count = 1, .low = 1, .mid = 0x14, .high = 0xeb};
        u8 status = 0;
        u8 error = ata::diagnostics_passed;
        bool interrupt = false;
        bool reports = false;          // the diagnostic ends with an interrupt
        Stage stage = Stage::Idle;
        bool packet_command = false;   // what is under way came by packet
        bool dma = false;
        u8 dma_mode = 0x22;            // as SET FEATURES says
        std::array<u8, 12> packet{};
        u8 packet_index = 0;
        u32 limit = 0;                 // most bytes a block
        std::vector<u8> buffer;
        u32 index = 0, block_end = 0;  // in the buffer
        u32 lba = 0, left = 0;         // sectors still to be fetched
        Sense sense;
        bool attention = false;        // the disc was changed
        u8 event = 0;                  // for GET EVENT STATUS NOTIFICATION: 2 new disc, 3 removed
        u32 disc = 0;
        bool open = false, locked = false;
    };

private:
    void busy_for(u64 microseconds, Stage then);
    void timer_ran_out();
    void set_interrupt(bool on);
    void done();
    void fail(u8 error);
    void put_signature();
    void cancel();
    void identify();
    void set_features();

    // packets
    void execute();
    void good();                                   // without data
    void check_condition(u8 key, u8 code);
    void give(std::vector<u8> data, u32 allocated);  // as much of it as the host has room for
    void begin_block();
    void block_given();
    void fetch();
    void read_sectors(u32 lba, u32 count);
    void read_cd();
    void read_toc();
    void mode_sense(bool long_form);
    void get_configuration();
    void get_event();
    void start_stop();
    [[nodiscard]] bool disc_ready();                    // else the command has failed
    [[nodiscard]] u32 sectors() const;             // of the disc
    [[nodiscard]] u16 packet_word(unsigned at) const { return static_cast<u16>(state_.packet[at] << 8 | state_.packet[at + 1]); }
    [[nodiscard]] u32 packet_dword(unsigned at) const { return u32{packet_word(at)} << 16 | packet_word(at + 2); }

    Scheduler& scheduler_;
    std::string name_;
    const MediaShelf& shelf_;
    u32 first_disc_;
    Log::Channel log_;
    Timer timer_;
    State state_;
};

template <> inline constexpr auto fields<AtapiCdrom::Sense> = describe(field("key", &AtapiCdrom::Sense::key), field("code", &AtapiCdrom::Sense::code));
template <> inline constexpr auto fields<AtapiCdrom::State> = describe(
    field("registers", &AtapiCdrom::State::registers), field("status", &AtapiCdrom::State::status), field("error", &AtapiCdrom::State::error),
    field("interrupt", &AtapiCdrom::State::interrupt), field("reports", &AtapiCdrom::State::reports), field("stage", &AtapiCdrom::State::stage),
    field("packet_command", &AtapiCdrom::State::packet_command), field("dma", &AtapiCdrom::State::dma), field("dma_mode", &AtapiCdrom::State::dma_mode),
    field("packet", &AtapiCdrom::State::packet), field("packet_index", &AtapiCdrom::State::packet_index), field("limit", &AtapiCdrom::State::limit),
    field("buffer", &AtapiCdrom::State::buffer), field("index", &AtapiCdrom::State::index), field("block_end", &AtapiCdrom::State::block_end),
    field("lba", &AtapiCdrom::State::lba), field("left", &AtapiCdrom::State::left), field("sense", &AtapiCdrom::State::sense),
    field("attention", &AtapiCdrom::State::attention), field("event", &AtapiCdrom::State::event), field("disc", &AtapiCdrom::State::disc),
    field("open", &AtapiCdrom::State::open), field("locked", &AtapiCdrom::State::locked));

}  // namespace retrace
