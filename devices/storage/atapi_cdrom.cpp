#include "devices/storage/atapi_cdrom.hpp"

#include <algorithm>

#include "devices/storage/ata_identify.hpp"

namespace retrace {

using namespace ata;

namespace {

constexpr u8 wants_packet = 0x01, gives_data = 0x02, is_over = 0x03;  // the count register: interrupt reason
constexpr u32 most_buffer = AtapiCdrom::most_sectors_at_once * 2352;

// sense keys and additional codes (MMC-2, 10)
constexpr u8 not_ready = 2, medium_error = 3, illegal_request = 5, unit_attention = 6;
constexpr u8 no_disc = 0x3a, disc_changed = 0x28, unreadable = 0x11, unknown_command = 0x20, no_such_sector = 0x21, bad_field = 0x24, locked_in = 0x53;

}  // namespace

AtapiCdrom::AtapiCdrom(Scheduler& scheduler, std::string name, const MediaShelf& shelf, u32 disc, Log::Channel log)
    : scheduler_{scheduler}
    , name_{std::move(name)}
    , shelf_{shelf}
    , first_disc_{disc}
    , log_{std::move(log)}
    , timer_{scheduler, name_, [this] { timer_ran_out(); }} {
    state_.disc = first_disc_;
}

// A reset leaves the disc where it is.
void AtapiCdrom::hardware_reset() {
    timer_.cancel();
    const u32 disc = state_.disc;
    const bool open = state_.open;
    state_ = {};
    state_.disc = disc;
    state_.open = open;
}

void AtapiCdrom::visit(StateVisitor& visitor) {
    visit_fields(visitor, state_);
    if (!visitor.loading()) return;
    // A damaged file must not lead us astray.
    state_.buffer.resize(std::min<std::size_t>(state_.buffer.size(), most_buffer));
    state_.block_end = std::min(state_.block_end, static_cast<u32>(state_.buffer.size()));
    state_.index = std::min(state_.index, state_.block_end);
    state_.packet_index = std::min<u8>(state_.packet_index, 12);
    state_.limit = std::min<u32>(state_.limit, 0xfffe) & ~1u;
}

void AtapiCdrom::insert(u32 disc) {
    if (disc == state_.disc && !state_.open) return;
    state_.disc = disc;
    state_.open = false;
    state_.attention = disc != 0;
    state_.event = disc != 0 ? 2 : 3;
}

u32 AtapiCdrom::sectors() const {
    const Disk* disc = state_.open ? nullptr : shelf_.disk(state_.disc);
    return disc ? static_cast<u32>(std::min<u64>((disc->medium->size() + sector_size - 1) / sector_size, 0x7fffffff)) : 0;
}

// ---- as any drive

void AtapiCdrom::cancel() {
    timer_.cancel();
    state_.stage = Stage::Idle;
    state_.left = 0;
    state_.dma = false;
    state_.packet_command = false;
    state_.buffer.clear();
    state_.index = state_.block_end = 0;
    set_interrupt(false);
}

void AtapiCdrom::put_signature() {
    state_.registers = {.count = 1, .low = 1, .mid = 0x14, .high = 0xeb, .device = static_cast<u8>(state_.registers.device & 0x10)};
    state_.error = diagnostics_passed;
}

void AtapiCdrom::software_reset(bool asserted) {
    cancel();
    state_.status = busy;
    state_.reports = false;
    state_.registers.device = 0;
    if (!asserted) busy_for(reset_time, Stage::Resetting);
}

void AtapiCdrom::diagnose(bool reports) {
    cancel();
    state_.reports = reports;
    state_.registers.device = 0;
    busy_for(reset_time, Stage::Resetting);
}

void AtapiCdrom::set_interrupt(bool on) {
    state_.interrupt = on;
    intrq_.set(on);
}

void AtapiCdrom::busy_for(u64 microseconds, Stage then) {
    state_.status = busy;
    state_.stage = then;
    timer_.set_in(steps_in_microseconds(scheduler_.rate(), microseconds));
}

void AtapiCdrom::done() {
    state_.status = ready | seek_complete;
    state_.stage = Stage::Idle;
    if (state_.packet_command) state_.registers.count = is_over;
    set_interrupt(true);
}

void AtapiCdrom::fail(u8 why) {
    state_.status = ready | ata::error;
    state_.error = why;
    state_.stage = Stage::Idle;
    state_.left = 0;
    state_.dma = false;
    if (state_.packet_command) state_.registers.count = is_over;
    set_interrupt(true);
}

void AtapiCdrom::timer_ran_out() {
    switch (state_.stage) {
        case Stage::Resetting:
            put_signature();
            state_.status = 0;  // no DRDY before the first command
            state_.stage = Stage::Idle;
            if (state_.reports) set_interrupt(true);
            return;
        case Stage::Completing: return done();
        case Stage::AskingPacket:
            state_.registers.count = wants_packet;
            state_.status = ready | data_request;
            state_.stage = Stage::TakingPacket;  // without an interrupt, as IDENTIFY's word 0 says
            return;
        case Stage::Executing: return execute();
        case Stage::Presenting: return begin_block();
        case Stage::Fetching: return fetch();
        case Stage::Idle: case Stage::TakingPacket: case Stage::Giving: return;
    }
}

void AtapiCdrom::write(unsigned which, u8 value) { state_.registers.write(which, value, (state_.status & busy) != 0); }

void AtapiCdrom::command(u8 code) {
    if (code == 0x08) {  // DEVICE RESET, at any time
        cancel();
        put_signature();
        state_.status = 0;
        return;
    }
    if (state_.status & busy) return log_.unusual("a command while the drive is busy");
    cancel();
    state_.error = 0;
    state_.status = ready;
    auto& r = state_.registers;
    switch (code) {
        case 0xa0:
            state_.packet_command = true;
            state_.packet_index = 0;
            state_.dma = bit(r.features, 0);
            state_.limit = word_of(r.mid, r.high) & 0xfffeu;
            if (state_.limit == 0) state_.limit = 0xfffe;
            return busy_for(accept_time, Stage::AskingPacket);
        case 0xa1: return identify();
        case 0xec: case 0x20:  // I am no disk
            put_signature();
            return fail(aborted);
        case 0xef: return set_features();
        case 0xe5:  // CHECK POWER MODE
            r.count = 0xff;
            return busy_for(accept_time, Stage::Completing);
        case 0xe0: case 0xe1: case 0xe2: case 0xe3: case 0xe6: return busy_for(accept_time, Stage::Completing);
        default: break;
    }
    if (code != 0x00) log_.unusual("a command that CD-ROM drives do not have");
    fail(aborted);
}

void AtapiCdrom::set_features() {
    const u8 mode = state_.registers.count;
    switch (state_.registers.features) {
        case 0x03:
            if (mode >= 0x20 && mode <= 0x22) state_.dma_mode = mode;
            else if (mode >= 0x40 && mode <= 0x42) state_.dma_mode = mode;
            else if (mode > 0x01 && (mode < 0x08 || mode > 0x0c)) return fail(aborted);
            break;
        case 0x66: case 0xcc: break;
        default: return fail(aborted);
    }
    busy_for(accept_time, Stage::Completing);
}

void AtapiCdrom::identify() {
    const auto words = identify_cdrom(state_.dma_mode, name_);
    state_.buffer.resize(512);
    for (std::size_t i = 0; i < words.size(); ++i) store(&state_.buffer[i * 2], words[i]);
    state_.limit = 512;
    busy_for(access_time, Stage::Presenting);
}

// ---- data

void AtapiCdrom::write_data(u16 value) {
    if (state_.stage != Stage::TakingPacket) return;
    store(&state_.packet[state_.packet_index], value);
    state_.packet_index = static_cast<u8>(state_.packet_index + 2);
    if (state_.packet_index == state_.packet.size()) busy_for(accept_time, Stage::Executing);
}

// The next block of what is in the buffer.
void AtapiCdrom::begin_block() {
    const u32 count = state_.dma ? static_cast<u32>(state_.buffer.size()) - state_.index : std::min(static_cast<u32>(state_.buffer.size()) - state_.index, state_.limit);
    state_.block_end = state_.index + count;
    state_.stage = Stage::Giving;
    state_.status = ready | seek_complete | data_request;
    if (state_.packet_command) {
        state_.registers.count = gives_data;
        state_.registers.mid = static_cast<u8>(count);
        state_.registers.high = static_cast<u8>(count >> 8);
    }
    if (state_.dma) dmarq_.raise();
    else set_interrupt(true);
}

u16 AtapiCdrom::read_data() {
    if (state_.stage != Stage::Giving || state_.dma || state_.index >= state_.block_end) return 0;
    u16 value = state_.buffer[state_.index++];
    if (state_.index < state_.block_end) value = static_cast<u16>(value | state_.buffer[state_.index++] << 8);
    if (state_.index == state_.block_end) block_given();
    return value;
}

std::size_t AtapiCdrom::dma_read(std::span<u8> to) {
    if (!dma_requested()) return 0;
    const std::size_t count = std::min<std::size_t>(to.size(), state_.block_end - state_.index);
    std::copy_n(state_.buffer.begin() + state_.index, count, to.begin());
    state_.index += static_cast<u32>(count);
    const std::size_t padded = std::min((count + 1) & ~std::size_t{1}, to.size());  // the bus moves words
    if (padded > count) to[count] = 0;
    if (state_.index == state_.block_end) block_given();
    return padded;
}

void AtapiCdrom::block_given() {
    if (state_.index < state_.buffer.size()) return begin_block();
    if (state_.left != 0) return busy_for(sector_time * std::min(state_.left, most_sectors_at_once), Stage::Fetching);
    if (state_.packet_command) return busy_for(accept_time, Stage::Completing);
    state_.status = ready | seek_complete;  // IDENTIFY ends without an interrupt
    state_.stage = Stage::Idle;
}

// ---- packets

void AtapiCdrom::good() {
    state_.sense = {};
    done();
}

void AtapiCdrom::check_condition(u8 key, u8 code) {
    state_.sense = {key, code};
    fail(static_cast<u8>(key << 4 | aborted));
}

void AtapiCdrom::give(std::vector<u8> data, u32 allocated) {
    if (data.size() > allocated) data.resize(allocated);
    if (data.empty()) return good();
    state_.buffer = std::move(data);
    state_.index = 0;
    begin_block();
}

bool AtapiCdrom::disc_ready() {
    if (state_.attention) {
        state_.attention = false;
        check_condition(unit_attention, disc_changed);
        return false;
    }
    if (sectors() == 0) {
        check_condition(not_ready, no_disc);
        return false;
    }
    return true;
}

void AtapiCdrom::execute() {
    const auto& p = state_.packet;
    if (p[0] != 0x03 && p[0] != 0x12) state_.sense = {};
    switch (p[0]) {
        case 0x00: return disc_ready() ? good() : void();  // TEST UNIT READY
        case 0x03: {                                  // REQUEST SENSE
            std::vector<u8> data(18);
            data[0] = 0x70;
            data[2] = state_.sense.key;
            data[7] = 10;
            data[12] = state_.sense.code;
            state_.sense = {};
            return give(std::move(data), p[4]);
        }
        case 0x12: {  // INQUIRY
            std::vector<u8> data{0x05, 0x80, 0x00, 0x21, 31, 0, 0, 0};
            for (const char letter : std::string_view{"RETRACE CD-ROM          1.0 "}) data.push_back(static_cast<u8>(letter));
            return give(std::move(data), p[4]);
        }
        case 0x1b: return start_stop();
        case 0x1e:  // PREVENT ALLOW MEDIUM REMOVAL
            state_.locked = bit(p[4], 0);
            return good();
        case 0x25: {  // READ CAPACITY
            if (!disc_ready()) return;
            const u32 last = sectors() - 1;
            return give({static_cast<u8>(last >> 24), static_cast<u8>(last >> 16), static_cast<u8>(last >> 8), static_cast<u8>(last), 0, 0, 8, 0}, 8);
        }
        case 0x28: return read_sectors(packet_dword(2), packet_word(7));
        case 0xa8: return read_sectors(packet_dword(2), packet_dword(6));
        case 0xbe: return read_cd();
        case 0x2b:  // SEEK
            if (!disc_ready()) return;
            return packet_dword(2) < sectors() ? good() : check_condition(illegal_request, no_such_sector);
        case 0x43: return read_toc();
        case 0x46: return get_configuration();
        case 0x4a: return get_event();
        case 0x42: {  // READ SUB-CHANNEL: no audio is playing
            if (!disc_ready()) return;
            return give({0, 0x15, 0, 0}, packet_word(7));
        }
        case 0x51: {  // READ DISC INFORMATION: one finished session of one track
            if (!disc_ready()) return;
            std::vector<u8> data(34);
            data[1] = 32;
            data[2] = 0x0e;
            data[3] = data[4] = data[5] = data[6] = 1;
            data[7] = 0x20;
            return give(std::move(data), packet_word(7));
        }
        case 0x1a: return mode_sense(false);
        case 0x5a: return mode_sense(true);
        case 0xbd:  // MECHANISM STATUS
            return give({0, static_cast<u8>(state_.open ? 0x10 : 0), 0, 0, 0, 1, 0, 0}, packet_word(8));
        case 0xbb: return good();  // SET CD SPEED: all the same to us
        default:
            log_.unusual("a packet command that is not known here");
            return check_condition(illegal_request, unknown_command);
    }
}

void AtapiCdrom::read_sectors(u32 lba, u32 count) {
    if (!disc_ready()) return;
    if (lba >= sectors() || count > sectors() - lba) return check_condition(illegal_request, no_such_sector);
    if (count == 0) return good();
    state_.lba = lba;
    state_.left = count;
    busy_for(access_time, Stage::Fetching);
}

void AtapiCdrom::fetch() {
    const u32 count = std::min(state_.left, most_sectors_at_once), there = sectors();
    if (state_.lba >= there || count > there - state_.lba) return check_condition(not_ready, no_disc);  // it was taken out meanwhile
    state_.buffer.resize(std::size_t{count} * sector_size);
    if (!shelf_.disk(state_.disc)->medium->read(u64{state_.lba} * sector_size, state_.buffer)) return check_condition(medium_error, unreadable);
    state_.lba += count;
    state_.left -= count;
    state_.index = 0;
    begin_block();
}

// The user data of mode 1 sectors is all there is.
void AtapiCdrom::read_cd() {
    const u8 parts = state_.packet[9] & 0xf8, type = state_.packet[1] >> 2 & 7u;
    const u32 count = u32{state_.packet[6]} << 16 | packet_word(7);
    if ((type != 0 && type != 2) || (parts != 0x10 && parts != 0)) return check_condition(illegal_request, bad_field);
    if (parts == 0) return disc_ready() ? good() : void();
    read_sectors(packet_dword(2), count);
}

void AtapiCdrom::read_toc() {
    if (!disc_ready()) return;
    const bool as_time = bit(state_.packet[1], 1);
    u8 format = state_.packet[2] & 15;
    if (format == 0) format = state_.packet[9] >> 6;
    const u8 first = state_.packet[6];
    const auto address = [&](u32 lba) -> std::array<u8, 4> {
        if (!as_time) return {static_cast<u8>(lba >> 24), static_cast<u8>(lba >> 16), static_cast<u8>(lba >> 8), static_cast<u8>(lba)};
        const u32 frames = lba + 150;
        return {0, static_cast<u8>(frames / 75 / 60), static_cast<u8>(frames / 75 % 60), static_cast<u8>(frames % 75)};
    };
    std::vector<u8> data{0, 0, 1, 1};
    const auto put = [&](std::initializer_list<u8> head, u32 lba) {
        data.insert(data.end(), head);
        for (const u8 byte : address(lba)) data.push_back(byte);
    };
    switch (format) {
        case 0:  // the tracks from `first` on, and where the disc ends
            if (first > 1 && first != 0xaa) return check_condition(illegal_request, bad_field);
            if (first <= 1) put({0, 0x14, 1, 0}, 0);
            put({0, 0x14, 0xaa, 0}, sectors());
            break;
        case 1: put({0, 0x14, 1, 0}, 0); break;  // the last session's first track
        case 2: {                                // all of the lead-in; always as time
            const u32 end = sectors() + 150;
            for (const u8 point : std::array<u8, 4>{0xa0, 0xa1, 0xa2, 0x01}) {
                std::vector<u8> entry{1, 0x14, 0, point, 0, 0, 0, 0, 0, 0, 0};
                if (point == 0xa0 || point == 0xa1) entry[8] = 1;
                const u32 frames = point == 0xa2 ? end : 150;
                if (point == 0xa2 || point == 1) {
                    entry[8] = static_cast<u8>(frames / 75 / 60);
                    entry[9] = static_cast<u8>(frames / 75 % 60);
                    entry[10] = static_cast<u8>(frames % 75);
                }
                data.insert(data.end(), entry.begin(), entry.end());
            }
            break;
        }
        default: return check_condition(illegal_request, bad_field);
    }
    data[0] = static_cast<u8>((data.size() - 2) >> 8);
    data[1] = static_cast<u8>(data.size() - 2);
    give(std::move(data), packet_word(7));
}

void AtapiCdrom::mode_sense(bool long_form) {
    const u8 page = state_.packet[2] & 0x3f;
    std::vector<u8> pages;
    const auto put = [&](u8 number, std::initializer_list<u8> content) {
        if (page != number && page != 0x3f) return;
        pages.push_back(number);
        pages.push_back(static_cast<u8>(content.size()));
        pages.insert(pages.end(), content);
    };
    put(0x01, {0, 5, 0, 0, 0, 0});                        // read error recovery
    put(0x0e, {4, 0, 0, 0, 0, 75, 1, 0xff, 2, 0xff, 0, 0, 0, 0});  // audio
    const u8 lock = state_.locked ? 0x2b : 0x29;          // a tray; may be locked, is; ejects
    put(0x2a, {0x00, 0x00, 0x00, 0x00, lock, 0x00, 0x02, 0xc2, 0x00, 0x02, 0x00, 0x80, 0x02, 0xc2, 0x00, 0x00, 0x00, 0x00});
    if (pages.empty()) return check_condition(illegal_request, bad_field);
    const u8 medium = sectors() != 0 ? 0x01 : 0x70;
    std::vector<u8> data(long_form ? 8 : 4);
    const std::size_t size = data.size() + pages.size();
    if (long_form) {
        data[0] = static_cast<u8>((size - 2) >> 8);
        data[1] = static_cast<u8>(size - 2);
        data[2] = medium;
    } else {
        data[0] = static_cast<u8>(size - 1);
        data[1] = medium;
    }
    data.insert(data.end(), pages.begin(), pages.end());
    give(std::move(data), long_form ? packet_word(7) : u32{state_.packet[4]});
}

// The profile of a CD-ROM, and the features that every drive must have.
void AtapiCdrom::get_configuration() {
    const u8 which = state_.packet[1] & 3;
    const u16 from = packet_word(2);
    const bool there = sectors() != 0;
    std::vector<u8> data{0, 0, 0, 0, 0, 0, 0, static_cast<u8>(there ? 0x08 : 0)};
    const auto put = [&](u16 code, u8 flags, std::initializer_list<u8> content) {
        const bool current = bit(flags, 0);
        if (code < from || (which == 2 && code != from) || (which == 1 && !current)) return;
        data.insert(data.end(), {static_cast<u8>(code >> 8), static_cast<u8>(code), flags, static_cast<u8>(content.size())});
        data.insert(data.end(), content);
    };
    put(0x0000, 0x03, {0x00, 0x08, static_cast<u8>(there ? 1 : 0), 0});         // profiles
    put(0x0001, 0x03, {0, 0, 0, 2});                                            // core: ATAPI
    put(0x0003, 0x03, {0x29, 0, 0, 0});                                         // removable medium: a tray
    put(0x0010, static_cast<u8>(there ? 1 : 0), {0, 0, 8, 0, 0, 1, 0, 0});      // random reading of 2048 bytes
    put(0x001e, static_cast<u8>(there ? 1 : 0), {0, 0, 0, 0});                  // CD reading
    const std::size_t size = data.size() - 4;
    data[2] = static_cast<u8>(size >> 8);
    data[3] = static_cast<u8>(size);
    give(std::move(data), packet_word(7));
}

// Only polled media events.
void AtapiCdrom::get_event() {
    constexpr u8 media = 0x10;
    if (!bit(state_.packet[1], 0)) return check_condition(illegal_request, bad_field);
    if (!(state_.packet[4] & media)) return give({0, 2, 0x80, media}, packet_word(7));
    const u8 status = static_cast<u8>((state_.open ? 1 : 0) | (sectors() != 0 ? 2 : 0));
    const u8 event = std::exchange(state_.event, u8{0});
    give({0, 6, 4, media, event, status, 0, 0}, packet_word(7));
}

void AtapiCdrom::start_stop() {
    const bool start = bit(state_.packet[4], 0), eject_or_load = bit(state_.packet[4], 1);
    if (!eject_or_load) return good();
    if (!start && state_.locked) return check_condition(illegal_request, locked_in);
    if (state_.open && start && state_.disc != 0) {
        state_.attention = true;
        state_.event = 2;
    }
    state_.open = !start;
    good();
}

}  // namespace retrace
