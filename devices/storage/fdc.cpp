#include "devices/storage/fdc.hpp"

#include <algorithm>

#include "core/base/bits.hpp"
#include "core/bus/port_map.hpp"
#include "devices/storage/fdc_commands.hpp"

namespace retrace {

using namespace fdc;

namespace {

// Where the head meets its stop.
u8 last_track(DriveType type) { return static_cast<u8>((type == DriveType::Floppy360K ? 42 : most_floppy_cylinders) - 1); }

constexpr unsigned most_recalibrate_steps = 79;  // data sheet, 5.2.1

}  // namespace

Fdc::Fdc(Scheduler& scheduler, Line irq, DmaChannel& dma, MediaShelf& shelf, const Drives& drives, Log::Channel log)
    : scheduler_{scheduler}
    , irq_{std::move(irq)}
    , dma_{dma}
    , shelf_{shelf}
    , types_{drives}
    , log_{std::move(log)}
    , sector_timer_{scheduler, "fdc.sector", [this] { sector_comes(); }}
    , overrun_timer_{scheduler, "fdc.overrun", [this] { overrun(); }}
    , ready_timer_{scheduler, "fdc.ready", [this] { drives_ready(); }}
    , seek_timers_{{{scheduler, "fdc.seek0", [this] { seek_arrived(0); }},
                    {scheduler, "fdc.seek1", [this] { seek_arrived(1); }},
                    {scheduler, "fdc.seek2", [this] { seek_arrived(2); }},
                    {scheduler, "fdc.seek3", [this] { seek_arrived(3); }}}} {
    dma_.connect(*this);
}

void Fdc::insert(unsigned unit, u32 number) {
    auto& drive = state_.drives[unit];
    drive.disk = number;
    drive.changed = true;
    drive.next_id = 0;
    drive.deleted.clear();
    resume();
}

void Fdc::attach(PortMap& ports) {
    ports.on_read<&Fdc::read_register>(0x3f0, 0x3f5, this);
    ports.on_peek<&Fdc::peek_register>(0x3f0, 0x3f5, this);
    ports.on_write<&Fdc::write_register>(0x3f0, 0x3f5, this);
    ports.on_read<&Fdc::read_dir>(0x3f7, this);
    ports.on_peek<&Fdc::peek_dir>(0x3f7, 0x3f7, this);
    ports.on_write<&Fdc::write_ccr>(0x3f7, this);
}

void Fdc::reset(Reset) {
    State born;
    born.specify_1 = state_.specify_1;
    born.specify_2 = state_.specify_2;
    for (unsigned unit = 0; unit < drive_count; ++unit) {
        auto& drive = born.drives[unit];
        const auto& old = state_.drives[unit];
        drive.disk = old.disk;
        drive.track = old.track;
        drive.changed = old.changed;
        drive.deleted = old.deleted;
        drive.pcn = old.pcn;
        seek_timers_[unit].cancel();
    }
    sector_timer_.cancel();
    overrun_timer_.cancel();
    ready_timer_.cancel();
    state_ = born;
    dma_.request(false);
    set_interrupt(false);
}

void Fdc::visit(StateVisitor& visitor) {
    visit_fields(visitor, state_);
    if (!visitor.loading()) return;
    // A damaged file must not lead us astray.
    state_.command_count = std::min<u8>(state_.command_count, static_cast<u8>(state_.command.size()));
    state_.result_size = std::min<u8>(state_.result_size, static_cast<u8>(state_.result.size()));
    state_.result_index = std::min(state_.result_index, state_.result_size);
    state_.buffer_size = std::min<u16>(state_.buffer_size, static_cast<u16>(state_.buffer.size()));
    state_.buffer_index = std::min(state_.buffer_index, state_.buffer_size);
}

void Fdc::restored() {
    irq_.set(state_.interrupt && bit(state_.dor, 3));
    dma_.request(state_.request && bit(state_.dor, 3));
}

// ---- registers

u8 Fdc::read_register(u16 port) {
    return port == 0x3f5 ? read_fifo() : peek_register(port);
}

u8 Fdc::peek_register(u16 port) const {
    switch (port) {
        case 0x3f0: return status_a();
        case 0x3f1: return status_b();
        case 0x3f2: return state_.dor;
        case 0x3f3: return state_.tdr;
        case 0x3f4: return main_status();
        default: return fifo_peek();
    }
}

u8 Fdc::read_dir() { return digital_input(); }
u8 Fdc::peek_dir(u16) const { return digital_input(); }

void Fdc::write_register(u16 port, u8 value) {
    switch (port) {
        case 0x3f2: return write_dor(value);
        case 0x3f3: state_.tdr = value & 3; return;
        case 0x3f4: return write_dsr(value);
        case 0x3f5: return write_fifo(value);
        default: return;  // the status registers take nothing
    }
}

u8 Fdc::status_a() const {
    const unsigned unit = selected();
    u8 value = 0x04;  // no index hole just now
    value = with<u8>(value, 0x80, state_.interrupt);
    value = with<u8>(value, 0x40, types_[1] == DriveType::None);
    value = with<u8>(value, 0x10, types_[unit] == DriveType::None || state_.drives[unit].track != 0);
    value = with<u8>(value, 0x08, state_.side != 0);
    return with<u8>(value, 0x02, !write_protected(unit));
}

u8 Fdc::status_b() const {
    return static_cast<u8>(0xc0 | (state_.dor & 1) << 5 | (state_.toggles & 3) << 3 | (state_.dor >> 4 & 3));
}

u8 Fdc::main_status() const {
    if (in_reset()) return 0;
    u8 value = 0;
    for (unsigned unit = 0; unit < drive_count; ++unit) value = with<u8>(value, static_cast<u8>(1 << unit), state_.drives[unit].seeking);
    switch (state_.phase) {
        case Phase::Command: return static_cast<u8>(value | 0x80 | (state_.command_count != 0 ? 0x10 : 0));
        case Phase::Result: return value | 0xd0;
        case Phase::Execution: break;
    }
    value |= 0x10;
    if (!non_dma()) return value;
    value |= 0x20;
    if (state_.transfer == Transfer::ToHost) value |= 0xc0;
    if (state_.transfer == Transfer::FromHost) value |= 0x80;
    return value;
}

u8 Fdc::digital_input() const {
    const auto type = types_[selected()];
    const auto& drive = state_.drives[selected()];
    // The drives of 360 KB have no change line.
    const bool line = type != DriveType::None && type != DriveType::Floppy360K;
    const bool slow = rate() == DataRate::Kbps300 || rate() == DataRate::Kbps250;
    return static_cast<u8>((line && (drive.changed || !disk(selected())) ? 0x80 : 0) | 0x78 | (state_.dsr & 3) << 1 | (slow ? 1 : 0));
}

void Fdc::write_ccr(u8 value) { state_.dsr = static_cast<u8>((state_.dsr & ~3) | (value & 3)); }

void Fdc::write_dor(u8 value) {
    const bool was_in_reset = in_reset();
    state_.dor = value;
    if (in_reset()) {
        if (!was_in_reset) software_reset();
    } else if (was_in_reset) {
        ready_timer_.set_in(microseconds(poll_time));
    }
    restored();  // the gate may have opened or closed
    resume();    // the motor may have started
}

void Fdc::write_dsr(u8 value) {
    state_.dsr = value & 0x7f;
    if (bit(value, 6)) log_.unusual("power down");
    if (bit(value, 7)) {
        software_reset();
        if (!in_reset()) ready_timer_.set_in(microseconds(poll_time));
    }
}

u8 Fdc::fifo_peek() const {
    if (state_.phase == Phase::Result) return state_.result[state_.result_index];
    if (state_.phase == Phase::Execution && non_dma() && state_.transfer == Transfer::ToHost) return state_.buffer[state_.buffer_index];
    return 0;
}

u8 Fdc::read_fifo() {
    const u8 value = fifo_peek();
    if (state_.phase == Phase::Result) {
        set_interrupt(false);
        if (++state_.result_index >= state_.result_size) end_command();
    } else if (state_.phase == Phase::Execution && non_dma() && state_.transfer == Transfer::ToHost) {
        give_byte();
    }
    return value;
}

void Fdc::write_fifo(u8 value) {
    if (in_reset()) return;
    if (state_.phase == Phase::Execution && non_dma() && state_.transfer == Transfer::FromHost) return take_byte(value);
    if (state_.phase != Phase::Command) return log_.unusual("a command byte while a command is under way");
    state_.command[state_.command_count++] = value;
    const u8 size = command_size(state_.command[0]);
    if (size == 0) {
        log_.unusual("invalid command");
        return begin_result({invalid_command});
    }
    if (state_.command_count == size) command_complete();
}

// ---- resets and interrupts

void Fdc::software_reset() {
    for (auto& timer : seek_timers_) timer.cancel();
    sector_timer_.cancel();
    overrun_timer_.cancel();
    ready_timer_.cancel();
    for (auto& drive : state_.drives) drive.seeking = drive.recalibrating = drive.seek_done = false;
    state_.configure = state_.locked ? state_.configure & 0x2f : 0x20;  // FIFO off, polling on
    if (!state_.locked) state_.pretrack = 0;
    state_.perpendicular &= 0x3c;
    state_.transfer = Transfer::None;
    state_.sector_complete = state_.terminal_count = false;
    set_request(false);
    set_interrupt(false);
    end_command();
}

// Polling finds all drives ready, which they were not before: an interrupt, to be fetched once for each (data sheet, 4.1).
void Fdc::drives_ready() {
    if (bit(state_.configure, 4)) return;
    for (unsigned unit = 0; unit < drive_count; ++unit) {
        state_.drives[unit].seek_done = true;
        state_.drives[unit].seek_status = static_cast<u8>(ready_changed | unit);
    }
    set_interrupt(true);
}

void Fdc::set_interrupt(bool on) {
    state_.interrupt = on;
    irq_.set(on && bit(state_.dor, 3));
}

void Fdc::set_request(bool on) {
    state_.request = on;
    dma_.request(on && bit(state_.dor, 3));
}

// ---- commands without data

void Fdc::end_command() {
    state_.phase = Phase::Command;
    state_.command_count = 0;
    state_.result_index = state_.result_size = 0;
}

void Fdc::begin_result(std::initializer_list<u8> bytes) {
    std::ranges::copy(bytes, state_.result.begin());
    state_.result_size = static_cast<u8>(bytes.size());
    state_.result_index = 0;
    state_.phase = Phase::Result;
}

void Fdc::command_complete() {
    const auto& command = state_.command;
    switch (operation()) {
        case Specify:
            state_.specify_1 = command[1];
            state_.specify_2 = command[2];
            return end_command();
        case Configure:
            state_.configure = command[2] & 0x7f;
            state_.pretrack = command[3];
            return end_command();
        case Perpendicular:
            state_.perpendicular = static_cast<u8>(bit(command[1], 7) ? command[1] & 0x3f : (state_.perpendicular & 0x3c) | (command[1] & 3));
            return end_command();
        case Lock:
            state_.locked = bit(command[0], 7);
            return begin_result({static_cast<u8>(state_.locked ? 0x10 : 0)});
        case Version: return begin_result({0x90});
        case DumpRegisters: return dump_registers();
        case SenseDrive: return sense_drive();
        case SenseInterrupt: return sense_interrupt();
        case Recalibrate: return recalibrate();
        case Seek: {
            const u8 pcn = state_.drives[unit()].pcn;
            if (!bit(command[0], 7)) return seek(command[2]);
            return seek(static_cast<u8>(bit(command[0], 6) ? pcn + command[2] : pcn - command[2]));
        }
        default: return begin_execution();
    }
}

void Fdc::dump_registers() {
    const auto& drives = state_.drives;
    begin_result({drives[0].pcn, drives[1].pcn, drives[2].pcn, drives[3].pcn, state_.specify_1, state_.specify_2, state_.last_eot,
                  static_cast<u8>((state_.locked ? 0x80 : 0) | state_.perpendicular), state_.configure, state_.pretrack});
}

// ST3 (data sheet, 6.4).
void Fdc::sense_drive() {
    const bool present = types_[unit()] != DriveType::None;
    u8 value = static_cast<u8>(0x28 | (state_.command[1] & 7));
    value = with<u8>(value, 0x10, present && state_.drives[unit()].track == 0);
    begin_result({with<u8>(value, 0x40, write_protected(unit()))});
}

void Fdc::sense_interrupt() {
    const auto drive = std::ranges::find_if(state_.drives, [](const Drive& each) { return each.seek_done; });
    if (drive == state_.drives.end()) return begin_result({invalid_command});
    drive->seek_done = false;
    set_interrupt(false);
    begin_result({drive->seek_status, drive->pcn});
    // Another drive's seek asks again; the four of a reset ask once.
    set_interrupt(std::ranges::any_of(state_.drives, [](const Drive& each) { return each.seek_done && each.seek_status < ready_changed; }));
}

void Fdc::seek(u8 target) {
    auto& drive = state_.drives[unit()];
    drive.recalibrating = false;
    drive.seek_target = target;
    drive.seek_status = static_cast<u8>(seek_end | (state_.command[1] & 7));
    start_seek(static_cast<unsigned>(target > drive.pcn ? target - drive.pcn : drive.pcn - target));
}

void Fdc::recalibrate() {
    auto& drive = state_.drives[unit()];
    const bool present = types_[unit()] != DriveType::None;
    drive.recalibrating = true;
    drive.seek_target = 0;
    // Without a drive track 0 never comes; from beyond track 79 it does not come at the first try.
    const bool arrives = present && drive.track <= most_recalibrate_steps;
    drive.seek_status = static_cast<u8>(seek_end | unit() | (arrives ? 0 : abnormal | equipment_check));
    start_seek(arrives ? drive.track : most_recalibrate_steps);
}

void Fdc::start_seek(unsigned steps) {
    auto& drive = state_.drives[unit()];
    drive.seeking = true;
    drive.seek_done = false;
    seek_timers_[unit()].set_in(microseconds(std::max(steps * step_time, seek_least_time)));
    end_command();
}

void Fdc::move_head(Drive& drive, int steps) {
    if (steps == 0) return;
    const auto unit = static_cast<std::size_t>(&drive - state_.drives.data());
    drive.track = static_cast<u8>(std::clamp(drive.track + steps, 0, int{last_track(types_[unit])}));
    if (shelf_.disk(drive.disk)) drive.changed = false;  // a step with a disk in resets the change line
}

void Fdc::seek_arrived(unsigned unit) {
    auto& drive = state_.drives[unit];
    if (types_[unit] != DriveType::None)
        move_head(drive, drive.recalibrating ? -std::min<int>(drive.track, most_recalibrate_steps) : drive.seek_target - drive.pcn);
    drive.pcn = drive.seek_target;
    drive.seeking = drive.recalibrating = false;
    drive.seek_done = true;
    set_interrupt(true);
}

}  // namespace retrace
