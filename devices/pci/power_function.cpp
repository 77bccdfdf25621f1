#include "devices/pci/power_function.hpp"

namespace retrace {

namespace {

constexpr u8 base_register = 0x40, device_activity_b = 0x58, misc = 0x80;
constexpr unsigned apmc_enable = 25;
constexpr u16 timer_overflow = 0x0001, button = 0x0100, status_bits = 0x8531, enable_bits = 0x0521;
constexpr u16 acpi = 0x0001, control_bits = 0x1c07, sleep_type = 0x1c00, sleep = 0x2000;
constexpr u16 port_count = 64;

// Which bits of the registers that do nothing can be written: global enables and controls.
constexpr bool stores(u16 offset) { return (offset >= 0x0e && offset < 0x14) || (offset >= 0x20 && offset < 0x30) || offset >= 0x34; }

}  // namespace

PowerFunction::PowerFunction(Scheduler& scheduler, Line sci, std::function<void()> power_off, Log::Channel log)
    : PciFunction{{0x8086, 0x7113, 0x03, 0x068000}}
    , scheduler_{scheduler}
    , clock_{scheduler.frequency(timer_hz)}
    , sci_{std::move(sci)}
    , power_off_{std::move(power_off)}
    , log_{std::move(log)}
    , overflow_{scheduler, "pm_timer", [this] { update(); }} {
    define(pci::command, 2, 0x0000, pci::io_enable);
    define(pci::status, 2, 0x0280, 0, 0x3800);
    define(pci::interrupt_line, 1, 0x00, 0xff);
    define(pci::interrupt_pin, 1, 0x01);
    define(base_register, 4, 0x00000001, 0x0000ffc0);
    for (u8 at = 0x44; at < 0x80; at = static_cast<u8>(at + 4)) define(at, 4, 0, 0xffffffff);  // device activity and resources
    define(misc, 1, 0x00, 0x01);
    define(0x90, 4, 0x00000001, 0x0000fff0);
    define(0xd2, 1, 0x00, 0x0f);
    end_of_definition();
}

Line PowerFunction::power_button() {
    return Line{[this](bool high) {
        if (high && !state_.button) state_.status |= button;
        state_.button = high;
        drive();
    }};
}

void PowerFunction::attach(PortMap& ports) {
    ports.on_read<&PowerFunction::read_apm_command>(0xb2, this);
    ports.on_write<&PowerFunction::write_apm_command>(0xb2, this);
    ports.on_read<&PowerFunction::read_apm_status>(0xb3, this);
    ports.on_write<&PowerFunction::write_apm_status>(0xb3, this);
    ports.on_peek<&PowerFunction::peek_apm>(0xb2, 0xb3, this);
}

void PowerFunction::reset(Reset kind) {
    PciFunction::reset(kind);
    state_ = {.button = state_.button};
    count_anew();
    update();
}

void PowerFunction::visit(StateVisitor& visitor) {
    PciFunction::visit(visitor);
    visit_fields(visitor, state_);
}

std::optional<PciFunction::Ports> PowerFunction::ports() const {
    const u16 base = config<u16>(base_register) & 0xffc0;
    if (base == 0 || !bit(config<u8>(misc), 0)) return std::nullopt;
    return Ports{base, port_count};
}

// ---- ports

u16 PowerFunction::status() const { return static_cast<u16>(state_.status | (ticks() >= state_.overflow_at ? timer_overflow : 0)); }

u8 PowerFunction::read(u16 offset) const {
    const unsigned shift = 8 * (offset & 1);
    switch (offset) {
        case 0x00: case 0x01: return static_cast<u8>(status() >> shift);
        case 0x02: case 0x03: return static_cast<u8>(state_.enable >> shift);
        case 0x04: case 0x05: return static_cast<u8>(state_.control >> shift);
        case 0x08: case 0x09: case 0x0a: return static_cast<u8>(ticks() >> (8 * (offset & 3)));
        default: return state_.storage[offset];
    }
}

u32 PowerFunction::port_read(u16 offset, unsigned width) {
    u32 value = 0;
    for (unsigned i = 0; i < width; ++i) value |= u32{read(static_cast<u16>(offset + i))} << (8 * i);
    return value;
}

std::optional<u8> PowerFunction::port_peek(u16 offset) const { return read(offset); }

void PowerFunction::port_write(u16 offset, unsigned width, u32 value) {
    if (offset == 0x04 && width >= 2) {  // as one: a sleep type and the order to sleep
        write_control(static_cast<u16>(value));
        return;
    }
    for (unsigned i = 0; i < width; ++i) write(static_cast<u16>(offset + i), static_cast<u8>(value >> (8 * i)));
}

void PowerFunction::write(u16 offset, u8 value) {
    const auto merged = [&](u16 old) { return static_cast<u16>(offset & 1 ? (old & 0x00ff) | value << 8 : (old & 0xff00) | value); };
    switch (offset) {
        case 0x00: case 0x01: {
            const u16 cleared = static_cast<u16>(value << (8 * (offset & 1)));
            state_.status = static_cast<u16>(state_.status & ~(cleared & status_bits));
            if ((cleared & timer_overflow) && ticks() >= state_.overflow_at) count_anew();
            return update();
        }
        case 0x02: case 0x03:
            state_.enable = merged(state_.enable) & enable_bits;
            return update();
        case 0x04: case 0x05: return write_control(merged(state_.control));
        default:
            if (stores(offset)) state_.storage[offset] = value;
            return;
    }
}

void PowerFunction::write_control(u16 value) {
    state_.control = value & control_bits;
    if (value & 4) state_.control &= static_cast<u16>(~4);  // the global lock's release reads as zero
    update();
    if (!(value & sleep)) return;
    if ((value & sleep_type) != 0) return log_.unimplemented("sleeping other than by powering off");
    if (power_off_) power_off_();
}

void PowerFunction::write_apm_command(u8 value) {
    state_.apm_command = value;
    if (value == acpi_enable) state_.control |= acpi;
    else if (value == acpi_disable) state_.control &= static_cast<u16>(~acpi);
    update();
    if (!bit(config<u32>(device_activity_b), apmc_enable)) return;
    smi_.raise();
    smi_.lower();
}

// ---- the timer's status and the interrupt

void PowerFunction::count_anew() { state_.overflow_at = ((ticks() >> 23) + 1) << 23; }

void PowerFunction::update() {
    if ((state_.enable & timer_overflow) && ticks() < state_.overflow_at) overflow_.set_at(clock_.moment_of(state_.overflow_at));
    else overflow_.cancel();
    drive();
}

void PowerFunction::drive() const { sci_.set((state_.control & acpi) && (status() & state_.enable & enable_bits)); }

}  // namespace retrace
