// The half of Fdc that moves data: from a command with a sector ID to its result bytes.
//
// Time goes sector by sector. sector_comes() is called when the next sector passes under the head: it settles what became of the last
// one, ends the command or looks for the next ID, and opens the transfer of its bytes. The terminal count may come with the last byte
// or in the middle; either way the sector is settled at the next call.
#include <algorithm>
#include <cstdlib>
#include <utility>

#include "core/base/bits.hpp"
#include "devices/storage/fdc.hpp"
#include "devices/storage/fdc_commands.hpp"

namespace retrace {

using namespace fdc;

// ---- what lies under the head

bool Fdc::turning() const { return types_[unit()] != DriveType::None && disk(unit()) && motor_on(unit()); }

std::optional<u8> Fdc::cylinder_under_head(const FloppyFormat& format) const {
    u8 cylinder = state_.drives[unit()].track;
    if (double_steps(format, types_[unit()])) {
        if (bit(cylinder, 0)) return std::nullopt;  // between two tracks
        cylinder /= 2;
    }
    return cylinder < format.cylinders ? std::optional{cylinder} : std::nullopt;
}

// Address marks come by: the rate is that of the disk, it is MFM, and the head is on a formatted track.
bool Fdc::readable(const FloppyFormat& format) const {
    return bit(state_.command[0], 6) && format.sectors != 0 && data_rate(format, types_[unit()]) == rate() && state_.side < format.heads && cylinder_under_head(format);
}

u32 Fdc::index_of_sector() const {
    const auto& format = disk(unit())->format.floppy;
    const u32 cylinder = cylinder_under_head(format).value_or(0);
    u32 sector = state_.sector;
    if (operation() == ReadTrack) sector = static_cast<u32>((state_.last_eot - state_.count) % format.sectors) + 1;  // as they pass
    return (cylinder * format.heads + state_.side) * format.sectors + sector - 1;
}

bool Fdc::deleted(u32 index) const {
    const auto& marks = state_.drives[unit()].deleted;
    return std::ranges::find(marks, index) != marks.end();
}

void Fdc::set_deleted(u32 index, bool on) {
    auto& marks = state_.drives[unit()].deleted;
    std::erase(marks, static_cast<u16>(index));
    if (on) marks.push_back(static_cast<u16>(index));
}

bool Fdc::write_protected(unsigned unit) const {
    if (types_[unit] == DriveType::None) return false;
    const Disk* there = disk(unit);
    return !there || !there->medium->writable();
}

// ---- the course of a command

void Fdc::begin_execution() {
    const auto& command = state_.command;
    auto& drive = state_.drives[unit()];
    state_.phase = Phase::Execution;
    state_.st0 = state_.st1 = state_.st2 = 0;
    state_.terminal_count = state_.sector_complete = false;
    state_.side = bit(command[1], 2) ? 1 : 0;
    u64 wait = sector_time;

    if (operation() == FormatTrack) {
        state_.count = command[3];
        state_.last_eot = command[3];
    } else if (operation() != ReadId) {
        state_.cylinder = command[2];
        state_.head = command[3];
        state_.sector = command[4];
        state_.last_eot = command[6];
        state_.count = operation() == ReadTrack ? command[6] : command[8];
        if (bit(state_.configure, 6)) {  // implied seek
            const int steps = command[2] - drive.pcn;
            wait += static_cast<u64>(std::abs(steps)) * step_time;
            if (types_[unit()] != DriveType::None) move_head(drive, steps);
            drive.pcn = command[2];
            state_.st0 = seek_end;
        }
    }
    u64 steps = microseconds(wait);
    if (drive.seeking) steps += seek_timers_[unit()].moment() - scheduler_.now();
    sector_timer_.set_in(steps);
}

void Fdc::after_sector_time() { sector_timer_.set_in(microseconds(sector_time)); }

// A command that waits for a turning disk may go on.
void Fdc::resume() {
    const bool waiting = state_.phase == Phase::Execution && state_.transfer == Transfer::None && !sector_timer_.is_set();
    if (waiting && turning()) after_sector_time();
}

void Fdc::sector_comes() {
    if (state_.phase != Phase::Execution || !turning()) return;
    if (state_.sector_complete && !advance()) return;
    switch (operation()) {
        case ReadId: return read_id();
        case FormatTrack: return take_id_to_format();
        default: return search_sector();
    }
}

// The sector is done: on to the ID after it (data sheet, table 5-5). False if that was the last one.
bool Fdc::advance() {
    const bool skips = bit(state_.command[0], 5);
    const u8 op = operation();
    state_.sector_complete = false;

    if (op == FormatTrack) {
        if (state_.count != 0) return true;
        finish(0);
        return false;
    }
    // A sector with the other data mark ends a command that does not skip, and its ID stays.
    if ((state_.st2 & control_mark) != 0 && !skips) {
        finish(0);
        return false;
    }
    const bool satisfied = is_scan(op) && (state_.st2 & scan_not_satisfied) == 0;
    if (satisfied) {
        finish(0);
        return false;
    }
    const bool counted = op == ReadTrack || (op == Verify && bit(state_.command[1], 7));
    const bool counted_out = counted && --state_.count == 0;
    const bool end_of_track = state_.sector == state_.last_eot;
    const bool other_side = end_of_track && multi_track() && state_.side == 0;

    if (!end_of_track) {
        const u8 step = is_scan(op) ? state_.command[8] : u8{1};  // scans may take every second sector
        state_.sector = static_cast<u8>(state_.sector + std::max<u8>(step, 1));
    } else {
        state_.sector = 1;
        if (multi_track()) {
            state_.head ^= 1;
            if (state_.side != 0) ++state_.cylinder;
        } else {
            ++state_.cylinder;
        }
    }

    const bool beyond = is_scan(op) && !end_of_track && state_.sector > state_.last_eot;
    if (state_.terminal_count || beyond || (counted_out && op == Verify)) {
        finish(0);
        return false;
    }
    if (counted_out || (end_of_track && !other_side && op != ReadTrack)) {
        // Nobody said that this was enough; verifying and scanning is complete by itself.
        if (op == Verify ? !counted : is_scan(op)) finish(0);
        else fail(end_of_cylinder);
        return false;
    }
    if (other_side) state_.side = 1;  // ST0 tells the head that was used last
    return true;
}

void Fdc::search_sector() {
    Disk& there = *disk(unit());
    const auto& format = there.format.floppy;
    const u8 op = operation();
    if (is_write(op) && write_protected(unit())) return fail(not_writable);
    if (!readable(format)) return fail(missing_address_mark);

    const u8 cylinder = *cylinder_under_head(format);
    const bool found = state_.cylinder == cylinder && state_.head == state_.side && state_.sector >= 1 &&
                       state_.sector <= format.sectors && state_.command[5] == size_code_512;
    if (!found && op == ReadTrack) {
        state_.st1 |= no_data;  // but it reads on
    } else if (!found) {
        if (state_.cylinder != cylinder) state_.st2 |= wrong_cylinder;
        return fail(no_data);
    }
    if (is_write(op)) return begin_transfer(Transfer::FromHost, Medium::sector_size);

    const u32 index = index_of_sector();
    state_.toggles ^= 1;
    if (!there.medium->read(u64{index} * Medium::sector_size, state_.buffer)) {
        state_.st2 |= data_error_in_data;
        return fail(data_error);
    }
    if (deleted(index) != (op == ReadDeleted) && op != ReadTrack) {
        state_.st2 |= control_mark;
        if (bit(state_.command[0], 5)) return end_transfer();  // skipped
    }
    if (op == Verify) return end_transfer();
    if (is_scan(op)) state_.st2 = static_cast<u8>((state_.st2 & ~scan_not_satisfied) | scan_hit);
    begin_transfer(is_scan(op) ? Transfer::FromHost : Transfer::ToHost, Medium::sector_size);
}

void Fdc::read_id() {
    const auto& format = disk(unit())->format.floppy;
    auto& drive = state_.drives[unit()];
    if (!readable(format)) return fail(missing_address_mark);
    drive.next_id = static_cast<u8>(drive.next_id % format.sectors + 1);
    state_.cylinder = *cylinder_under_head(format);
    state_.head = state_.side;
    state_.sector = drive.next_id;
    finish(0);
}

// ---- formatting: the host gives the four bytes of each ID

void Fdc::take_id_to_format() {
    Disk& there = *disk(unit());
    if (write_protected(unit())) return fail(not_writable);
    if (state_.count == 0) return finish(0);
    if (!prepare_format(there)) {
        state_.st0 |= equipment_check;
        return fail(0);
    }
    begin_transfer(Transfer::FromHost, 4);
}

// Makes the disk's layout one in which the track has as many sectors as the command says, if an image can hold that. The first track
// formatted anew changes the whole disk: an image has one layout.
bool Fdc::prepare_format(Disk& there) {
    auto& format = there.format.floppy;
    const auto type = types_[unit()];
    const auto fits = [&](const FloppyFormat& each) {
        return each.sectors == state_.last_eot && state_.side < each.heads && data_rate(each, type) == rate();
    };
    if (!bit(state_.command[0], 6) || state_.command[2] != size_code_512) {
        log_.unimplemented("formatting with other than 512-byte MFM sectors");
        return false;
    }
    if (!fits(format)) {
        // Density is made into the disk: it may be recorded thinner than that, not closer.
        const auto other = std::ranges::find_if(floppy_formats.rbegin(), floppy_formats.rend(), [&](const FloppyFormat& each) {
            return fits(each) && each.density <= format.density && each.five_inch == (type == DriveType::Floppy1200K || type == DriveType::Floppy360K);
        });
        if (other == floppy_formats.rend()) {
            log_.unimplemented("formatting with so many sectors a track");
            return false;
        }
        format = *other;
        state_.drives[unit()].deleted.clear();
    }
    if (!cylinder_under_head(format)) {
        // Behind the last track: a disk has a few to spare, if the head gets there.
        const u8 track = state_.drives[unit()].track;
        if (double_steps(format, type) || track >= most_floppy_cylinders) return false;
        format.cylinders = static_cast<u8>(track + 1);
    }
    return true;
}

void Fdc::format_sector() {
    const Disk* there = disk(unit());
    const auto format = there ? there->format.floppy : FloppyFormat{};
    const auto& id = state_.buffer;
    state_.cylinder = id[0];
    state_.head = id[1];
    state_.sector = id[2];
    const u8 filler = state_.command[5];
    --state_.count;
    if (id[0] != cylinder_under_head(format) || id[1] != state_.side || id[2] == 0 || id[2] > format.sectors || id[3] != size_code_512) {
        log_.unimplemented("formatting sectors with unusual IDs");
        return;
    }
    state_.buffer.fill(filler);
    write_sector();
}

void Fdc::write_sector() {
    Disk* there = disk(unit());
    const auto format = there ? there->format.floppy : FloppyFormat{};
    if (!cylinder_under_head(format) || state_.side >= format.heads || state_.sector > format.sectors) {  // taken out under the head
        state_.st1 |= not_writable;
        return;
    }
    const u32 index = index_of_sector();
    state_.toggles ^= 2;
    set_deleted(index, operation() == WriteDeleted);
    if (!there->medium->write(u64{index} * Medium::sector_size, state_.buffer)) state_.st1 |= not_writable;
}

// ---- bytes

void Fdc::begin_transfer(Transfer direction, u16 size) {
    state_.transfer = direction;
    state_.buffer_index = 0;
    state_.buffer_size = size;
    if (non_dma()) set_interrupt(true);
    else set_request(true);  // the DMA controller may take it all before this returns
    if (state_.transfer != Transfer::None) overrun_timer_.set_in(microseconds(overrun_time));
}

// The bytes of this sector are through, or nobody wants the rest.
void Fdc::end_transfer() {
    const Transfer was = std::exchange(state_.transfer, Transfer::None);
    overrun_timer_.cancel();
    if (non_dma()) set_interrupt(false);
    else set_request(false);
    if (was == Transfer::FromHost && is_write(operation())) {
        if (operation() == FormatTrack) format_sector();
        else write_sector();
        if (state_.st1 != 0) return fail(0);
    }
    state_.sector_complete = true;
    after_sector_time();
}

u8 Fdc::give_byte() {
    const u8 value = state_.buffer[state_.buffer_index++];
    if (state_.buffer_index == state_.buffer_size) {
        end_transfer();
    } else if (non_dma()) {
        // One interrupt for every byte, or for what the FIFO gathers.
        const unsigned burst = bit(state_.configure, 5) ? 1 : (state_.configure & 15) + 1;
        if (state_.buffer_index % burst == 0) {
            set_interrupt(false);
            set_interrupt(true);
        }
    }
    return value;
}

void Fdc::take_byte(u8 value) {
    if (is_scan(operation())) compare(value);
    else state_.buffer[state_.buffer_index] = value;
    give_byte();
}

// A scan decides at the first byte that differs; FFh on either side matches everything (8272A data sheet, "Scan commands").
void Fdc::compare(u8 from_host) {
    const u8 from_disk = state_.buffer[state_.buffer_index];
    if ((state_.st2 & scan_hit) == 0 || from_disk == from_host || from_disk == 0xff || from_host == 0xff) return;
    state_.st2 = static_cast<u8>(state_.st2 & ~scan_hit);
    const bool satisfied = operation() == ScanLowOrEqual ? from_disk < from_host : operation() == ScanHighOrEqual && from_disk > from_host;
    if (!satisfied) state_.st2 |= scan_not_satisfied;
}

u16 Fdc::dma_read() {
    if (non_dma() || state_.transfer == Transfer::None) return 0xff;
    // A DMA controller that moves the wrong way gets nothing sensible, but the bytes go by.
    return give_byte();
}

void Fdc::dma_write(u16 value) {
    if (non_dma() || state_.transfer == Transfer::None) return;
    if (state_.transfer == Transfer::FromHost) take_byte(static_cast<u8>(value));
    else give_byte();  // a verify cycle: the byte goes by
}

void Fdc::dma_terminal_count() {
    if (state_.phase != Phase::Execution || non_dma()) return;
    state_.terminal_count = true;
    if (state_.transfer == Transfer::None) return;
    // In the middle of a sector: the rest of it is read and dropped, or written as zeros.
    if (operation() == FormatTrack) return;
    if (is_write(operation())) std::fill(state_.buffer.begin() + state_.buffer_index, state_.buffer.end(), u8{0});
    end_transfer();
}

void Fdc::overrun() {
    if (state_.transfer == Transfer::None) return;
    log_.unusual("overrun: nobody fetched or brought the data");
    fail(overrun_error);
}

void Fdc::fail(u8 st1) {
    state_.st1 |= st1;
    finish(abnormal);
}

void Fdc::finish(u8 interrupt_code) {
    state_.transfer = Transfer::None;
    sector_timer_.cancel();
    overrun_timer_.cancel();
    set_request(false);
    state_.st0 = static_cast<u8>(state_.st0 | interrupt_code | state_.side << 2 | unit());
    begin_result({state_.st0, state_.st1, state_.st2, state_.cylinder, state_.head, state_.sector,
                  operation() == FormatTrack || operation() == ReadId ? size_code_512 : state_.command[5]});
    set_interrupt(true);
}

}  // namespace retrace
