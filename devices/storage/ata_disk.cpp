#include "devices/storage/ata_disk.hpp"

#include <algorithm>
#include <bit>

#include "core/base/ensure.hpp"
#include "devices/storage/ata_identify.hpp"

namespace retrace {

using namespace ata;

namespace {

constexpr u32 sector_size = Medium::sector_size;
constexpr u8 all_well = ready | seek_complete;

// The whole state of a drive at power-on: the translation is that of the disk.
AtaDisk::State born(const DiskGeometry& geometry) {
    AtaDisk::State state;
    state.heads = geometry.heads;
    state.sectors = geometry.sectors;
    return state;
}

}  // namespace

AtaDisk::AtaDisk(Scheduler& scheduler, std::string name, Disk& disk, Log::Channel log)
    : scheduler_{scheduler}
    , name_{std::move(name)}
    , disk_{disk}
    , log_{std::move(log)}
    , timer_{scheduler, name_, [this] { timer_ran_out(); }}
    , state_{born(disk.format.hard_disk)} {
    ENSURE(disk.format.kind == DiskKind::HardDisk && state_.heads != 0 && state_.sectors != 0, "a hard disk drive holds a hard disk");
}

void AtaDisk::hardware_reset() {
    timer_.cancel();
    state_ = born(disk_.format.hard_disk);
}

void AtaDisk::visit(StateVisitor& visitor) {
    visit_fields(visitor, state_);
    if (!visitor.loading()) return;
    // A damaged file must not lead us astray.
    state_.buffer_size = std::min<u16>(state_.buffer_size, static_cast<u16>(state_.buffer.size()));
    state_.buffer_index = std::min(state_.buffer_index, state_.buffer_size);
    state_.block = std::clamp<u32>(state_.block, 0, most_sectors_a_block);
    state_.heads = std::max<u8>(state_.heads, 1);
    state_.sectors = std::max<u8>(state_.sectors, 1);
}

// Aborts what is under way.
void AtaDisk::cancel() {
    timer_.cancel();
    state_.stage = Stage::Idle;
    state_.left = 0;
    state_.dma = false;
    set_interrupt(false);
}

void AtaDisk::put_signature() {
    state_.registers = {.device = static_cast<u8>(state_.registers.device & 0x10)};
    state_.error = diagnostics_passed;
}

void AtaDisk::software_reset(bool asserted) {
    cancel();
    state_.status = busy;
    state_.reports = false;
    state_.registers.device = 0;
    state_.power_mode = 0xff;
    if (!asserted) busy_for(reset_time, Stage::Resetting);
}

void AtaDisk::diagnose(bool reports) {
    cancel();
    state_.reports = reports;
    state_.registers.device = 0;
    busy_for(reset_time, Stage::Resetting);
}

void AtaDisk::set_interrupt(bool on) {
    state_.interrupt = on;
    intrq_.set(on);
}

void AtaDisk::busy_for(u64 microseconds, Stage then) {
    state_.status = busy;
    state_.stage = then;
    timer_.set_in(steps_in_microseconds(scheduler_.rate(), microseconds));
}

void AtaDisk::done() {
    state_.status = all_well;
    state_.stage = Stage::Idle;
    set_interrupt(true);
}

void AtaDisk::fail(u8 error) {
    state_.status = all_well | ata::error;
    state_.error = error;
    state_.stage = Stage::Idle;
    state_.left = 0;
    set_interrupt(true);
}

void AtaDisk::timer_ran_out() {
    switch (state_.stage) {
        case Stage::Resetting:
            put_signature();
            state_.status = all_well;
            state_.stage = Stage::Idle;
            if (state_.reports) set_interrupt(true);
            return;
        case Stage::Completing: return done();
        case Stage::Fetching: return fetch();
        case Stage::Presenting: return give(sector_size);
        case Stage::Storing: return store();
        case Stage::Idle: case Stage::Giving: case Stage::Taking: return;
    }
}

void AtaDisk::write(unsigned which, u8 value) { state_.registers.write(which, value, (state_.status & busy) != 0); }

// ---- addresses

u32 AtaDisk::cylinders() const {
    const u64 tracks = disk_.format.hard_disk.total_sectors / (u64{state_.heads} * state_.sectors);
    const auto& own = disk_.format.hard_disk;
    if (state_.heads == own.heads && state_.sectors == own.sectors) return own.cylinders;
    return static_cast<u32>(std::min<u64>(tracks, 65535));
}

// The address and count in the registers. False, and the command has failed, if there is no such sector.
bool AtaDisk::take_address(Addressing addressing) {
    const auto& r = state_.registers;
    state_.addressing = addressing;
    bool exists = true;
    switch (addressing) {
        case Addressing::Chs: {
            const u32 cylinder = word_of(r.mid, r.high), head = r.device & 15u, sector = r.low;
            exists = sector >= 1 && sector <= state_.sectors && head < state_.heads && cylinder < cylinders();
            state_.lba = (u64{cylinder} * state_.heads + head) * state_.sectors + sector - 1;
            break;
        }
        case Addressing::Lba28: state_.lba = r.low | u32{r.mid} << 8 | u32{r.high} << 16 | (r.device & 15u) << 24; break;
        case Addressing::Lba48:
            state_.lba = r.low | u64{r.mid} << 8 | u64{r.high} << 16 | u64{r.old_low} << 24 | u64{r.old_mid} << 32 | u64{r.old_high} << 40;
            break;
    }
    if (addressing == Addressing::Lba48) {
        state_.left = word_of(r.count, r.old_count);
        if (state_.left == 0) state_.left = 0x10000;
    } else {
        state_.left = r.count == 0 ? 256u : r.count;
    }
    if (!exists || state_.lba >= disk_.format.hard_disk.total_sectors) {
        fail(id_not_found);
        return false;
    }
    state_.power_mode = 0xff;  // whatever it was: the disk turns now
    return true;
}

// The registers tell the sector at which a command stands or ended, and how many are left.
void AtaDisk::show_address(u64 lba) {
    auto& r = state_.registers;
    r.count = static_cast<u8>(state_.left);
    const auto set_low = [&](u64 value) {
        r.low = static_cast<u8>(value);
        r.mid = static_cast<u8>(value >> 8);
        r.high = static_cast<u8>(value >> 16);
    };
    const auto set_nibble = [&](u64 value) { r.device = static_cast<u8>((r.device & 0xf0) | (value & 15)); };
    switch (state_.addressing) {
        case Addressing::Chs: {
            const u64 track = lba / state_.sectors;
            set_low((lba % state_.sectors + 1) | (track / state_.heads & 0xffff) << 8);
            return set_nibble(track % state_.heads);
        }
        case Addressing::Lba28:
            set_low(lba);
            return set_nibble(lba >> 24);
        case Addressing::Lba48:
            set_low(lba);
            r.old_count = static_cast<u8>(state_.left >> 8);
            r.old_low = static_cast<u8>(lba >> 24);
            r.old_mid = static_cast<u8>(lba >> 32);
            r.old_high = static_cast<u8>(lba >> 40);
            return;
    }
}

void AtaDisk::show_native_maximum(Addressing addressing) {
    const auto& geometry = disk_.format.hard_disk;
    u64 last = geometry.total_sectors - 1;
    if (addressing == Addressing::Lba28) last = std::min<u64>(last, 0xfffffff);
    if (addressing == Addressing::Chs) last = std::min<u64>(last, u64{cylinders()} * state_.heads * state_.sectors - 1);
    const u8 count = state_.registers.count;
    state_.addressing = addressing;
    show_address(last);
    state_.registers.count = count;
    busy_for(short_time, Stage::Completing);
}

// ---- data

void AtaDisk::read_sectors(Addressing addressing, u32 block, bool dma) {
    if (!take_address(addressing)) return;
    state_.dma = dma;
    state_.block = block;
    busy_for(access_time, Stage::Fetching);
}

void AtaDisk::fetch() {
    const u64 total = disk_.format.hard_disk.total_sectors;
    u32 count = std::min(state_.block, state_.left);
    if (state_.lba >= total) {
        show_address(state_.lba);
        return fail(id_not_found);
    }
    count = static_cast<u32>(std::min<u64>(count, total - state_.lba));  // what there is; the next block fails
    if (!disk_.medium->read(state_.lba * sector_size, std::span{state_.buffer}.first(count * sector_size))) {
        show_address(state_.lba);
        return fail(uncorrectable);
    }
    state_.lba += count;
    state_.left -= count;
    show_address(state_.lba - 1);
    give(static_cast<u16>(count * sector_size));
}

void AtaDisk::give(u16 bytes) {
    state_.buffer_index = 0;
    state_.buffer_size = bytes;
    state_.stage = Stage::Giving;
    state_.status = all_well | data_request;
    if (state_.dma) dmarq_.raise();
    else set_interrupt(true);
}

u16 AtaDisk::read_data() {
    if (state_.dma || state_.stage != Stage::Giving || state_.buffer_index + 2 > state_.buffer_size) return 0;
    const u16 value = load<u16>(&state_.buffer[state_.buffer_index]);
    state_.buffer_index = static_cast<u16>(state_.buffer_index + 2);
    if (state_.buffer_index == state_.buffer_size) given();
    return value;
}

std::size_t AtaDisk::dma_read(std::span<u8> to) {
    if (!dma_requested() || state_.stage != Stage::Giving) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), static_cast<std::size_t>(state_.buffer_size - state_.buffer_index));
    std::ranges::copy(std::span{state_.buffer}.subspan(state_.buffer_index, count), to.begin());
    state_.buffer_index = static_cast<u16>(state_.buffer_index + count);
    if (state_.buffer_index == state_.buffer_size) given();
    return count;
}

// The host has the whole block.
void AtaDisk::given() {
    if (state_.left != 0) return busy_for(state_.dma ? sector_time * state_.block : sector_time, Stage::Fetching);
    if (state_.dma) return done();
    state_.status = all_well;  // by PIO the last block ends without an interrupt
    state_.stage = Stage::Idle;
}

void AtaDisk::write_sectors(Addressing addressing, u32 block, bool dma) {
    if (!take_address(addressing)) return;
    if (!disk_.medium->writable()) return fail(aborted);
    state_.dma = dma;
    state_.block = std::min(block, state_.left);
    take(static_cast<u16>(state_.block * sector_size));  // the first block is asked for without an interrupt
}

void AtaDisk::take(u16 bytes) {
    state_.buffer_index = 0;
    state_.buffer_size = bytes;
    state_.stage = Stage::Taking;
    state_.status = all_well | data_request;
}

void AtaDisk::write_data(u16 value) {
    if (state_.dma || state_.stage != Stage::Taking || state_.buffer_index + 2 > state_.buffer_size) return;
    retrace::store(&state_.buffer[state_.buffer_index], value);
    state_.buffer_index = static_cast<u16>(state_.buffer_index + 2);
    if (state_.buffer_index == state_.buffer_size) taken();
}

std::size_t AtaDisk::dma_write(std::span<const u8> from) {
    if (!dma_requested() || state_.stage != Stage::Taking) return 0;
    const std::size_t count = std::min<std::size_t>(from.size(), static_cast<std::size_t>(state_.buffer_size - state_.buffer_index));
    std::ranges::copy(from.first(count), state_.buffer.begin() + state_.buffer_index);
    state_.buffer_index = static_cast<u16>(state_.buffer_index + count);
    if (state_.buffer_index == state_.buffer_size) taken();
    return count;
}

// The host has filled the block.
void AtaDisk::taken() {
    if (state_.left == 0) return done();  // WRITE BUFFER
    busy_for(sector_time * state_.block, Stage::Storing);
}

void AtaDisk::store() {
    const u64 total = disk_.format.hard_disk.total_sectors;
    const u32 count = static_cast<u32>(std::min<u64>(state_.block, total - std::min(state_.lba, total)));
    if (!disk_.medium->write(state_.lba * sector_size, std::span<const u8>{state_.buffer}.first(count * sector_size))) {
        show_address(state_.lba);
        fail(aborted);
        state_.status |= device_fault;
        return;
    }
    const bool cut_short = count < state_.block;
    state_.lba += count;
    state_.left -= count;
    if (cut_short || (state_.left != 0 && state_.lba >= total)) {
        show_address(state_.lba);
        return fail(id_not_found);
    }
    show_address(state_.lba - 1);
    if (state_.left == 0) return done();
    state_.block = std::min(state_.block, state_.left);
    take(static_cast<u16>(state_.block * sector_size));
    if (state_.dma) dmarq_.raise();
    else set_interrupt(true);
}

void AtaDisk::verify_sectors(Addressing addressing) {
    if (!take_address(addressing)) return;
    const u64 total = disk_.format.hard_disk.total_sectors;
    const u64 there = std::min<u64>(state_.left, total - state_.lba);
    state_.lba += there;
    state_.left -= static_cast<u32>(there);
    if (state_.left != 0) {
        show_address(state_.lba);
        return fail(id_not_found);
    }
    show_address(state_.lba - 1);
    busy_for(access_time + there * sector_time, Stage::Completing);
}

// ---- commands

void AtaDisk::command(u8 code) {
    if (state_.status & busy) return log_.unusual("a command while the drive is busy");
    cancel();
    state_.command = code;
    state_.error = 0;
    state_.status = all_well;
    state_.buffer_index = state_.buffer_size = 0;
    auto& r = state_.registers;
    const Addressing a = addressing();

    switch (code) {
        case 0x20: case 0x21: return read_sectors(a, 1);
        case 0x24: return read_sectors(Addressing::Lba48, 1);
        case 0x30: case 0x31: case 0x3c: return write_sectors(a, 1);
        case 0x34: return write_sectors(Addressing::Lba48, 1);
        case 0xc4: return state_.multiple ? read_sectors(a, state_.multiple) : fail(aborted);
        case 0x29: return state_.multiple ? read_sectors(Addressing::Lba48, state_.multiple) : fail(aborted);
        case 0xc5: return state_.multiple ? write_sectors(a, state_.multiple) : fail(aborted);
        case 0x39: return state_.multiple ? write_sectors(Addressing::Lba48, state_.multiple) : fail(aborted);
        case 0xc8: case 0xc9: return read_sectors(a, most_sectors_a_block, true);
        case 0x25: return read_sectors(Addressing::Lba48, most_sectors_a_block, true);
        case 0xca: case 0xcb: return write_sectors(a, most_sectors_a_block, true);
        case 0x35: case 0x3d: return write_sectors(Addressing::Lba48, most_sectors_a_block, true);
        case 0xc6: return set_multiple();
        case 0x40: case 0x41: return verify_sectors(a);
        case 0x42: return verify_sectors(Addressing::Lba48);
        case 0xec: return identify();
        case 0xef: return set_features();
        case 0x91:  // INITIALIZE DEVICE PARAMETERS
            if (r.count == 0) return fail(aborted);
            state_.sectors = r.count;
            state_.heads = static_cast<u8>((r.device & 15) + 1);
            return busy_for(short_time, Stage::Completing);
        case 0xe0: case 0x94: case 0xe2: case 0x96:  // STANDBY
        case 0xe6: case 0x99:                        // SLEEP, from which any command wakes it
            state_.power_mode = 0x00;
            return busy_for(short_time, Stage::Completing);
        case 0xe1: case 0x95: case 0xe3: case 0x97:  // IDLE
            state_.power_mode = 0xff;
            return busy_for(short_time, Stage::Completing);
        case 0xe5: case 0x98:  // CHECK POWER MODE
            r.count = state_.power_mode;
            return busy_for(short_time, Stage::Completing);
        case 0xe7: case 0xea:  // FLUSH CACHE
            if (!disk_.medium->flush()) {
                fail(aborted);
                state_.status |= device_fault;
                return;
            }
            return busy_for(access_time, Stage::Completing);
        case 0xe4:  // READ BUFFER
            return busy_for(short_time, Stage::Presenting);
        case 0xe8:  // WRITE BUFFER
            return take(sector_size);
        case 0xf8: return show_native_maximum(a);
        case 0x27: return show_native_maximum(Addressing::Lba48);
        case 0xa1:  // IDENTIFY PACKET DEVICE: I am a disk
            put_signature();
            return fail(aborted);
        default: break;
    }
    if ((code & 0xf0) == 0x10) {  // RECALIBRATE
        r.mid = r.high = 0;
        return busy_for(access_time, Stage::Completing);
    }
    if ((code & 0xf0) == 0x70) {  // SEEK
        if (take_address(a)) busy_for(access_time, Stage::Completing);
        state_.left = 0;
        return;
    }
    if (code != 0x00) log_.unusual("a command that disks do not have");  // NOP is aborted by definition
    fail(aborted);
}

void AtaDisk::set_multiple() {
    const u8 count = state_.registers.count;
    if (count > most_sectors_a_block || (count != 0 && !std::has_single_bit(count))) {
        state_.multiple = 0;
        return fail(aborted);
    }
    state_.multiple = count;
    busy_for(short_time, Stage::Completing);
}

void AtaDisk::set_features() {
    switch (state_.registers.features) {
        case 0x02: state_.write_cache = true; break;
        case 0x82: state_.write_cache = false; break;
        case 0xaa: state_.look_ahead = true; break;
        case 0x55: state_.look_ahead = false; break;
        case 0x66: case 0xcc: break;  // settings survive a software reset, or not: there is nothing that it would change
        case 0x03: {  // transfer mode: PIO default, PIO with flow control up to mode 4, multiword DMA to 2, ultra DMA to 5
            const u8 mode = state_.registers.count;
            const bool pio = mode <= 0x01 || (mode >= 0x08 && mode <= 0x0c), multiword = mode >= 0x20 && mode <= 0x22, ultra = mode >= 0x40 && mode <= 0x45;
            if (!pio && !multiword && !ultra) return fail(aborted);
            if (!pio) state_.dma_mode = mode;  // a PIO mode leaves the DMA mode as it was
            break;
        }
        default: return fail(aborted);
    }
    busy_for(short_time, Stage::Completing);
}

void AtaDisk::identify() {
    const auto& own = disk_.format.hard_disk;
    const auto words = identify_disk({.native = own,
                                      .current = {static_cast<u16>(cylinders()), state_.heads, state_.sectors, own.total_sectors},
                                      .most_sectors_a_block = most_sectors_a_block,
                                      .multiple = state_.multiple,
                                      .dma_mode = state_.dma_mode,
                                      .write_cache = state_.write_cache,
                                      .look_ahead = state_.look_ahead,
                                      .serial = name_});
    for (std::size_t i = 0; i < words.size(); ++i) retrace::store(&state_.buffer[i * 2], words[i]);
    busy_for(access_time, Stage::Presenting);
}

}  // namespace retrace
