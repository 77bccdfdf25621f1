#include "devices/chipset/local_apic.hpp"

#include <bit>

#include "core/base/bits.hpp"

namespace retrace {

namespace {

constexpr u32 masked = 1 << 16, periodic = 1 << 17, level_triggered = 1 << 15;
constexpr u32 error_illegal_send = 1 << 5, error_illegal_receive = 1 << 6, error_illegal_register = 1 << 7;
constexpr u32 version = 0x14 | (LocalApic::vector_count - 1) << 16;
// What software may write of each local vector table entry (SDM figure 10-8).
constexpr u32 writable_vector[] = {0x310ff, 0x117ff, 0x117ff, 0x1b7ff, 0x1b7ff, 0x110ff};

void set_bit(std::array<u32, 8>& bits, u8 index, bool on) { bits[index / 32] = with(bits[index / 32], 1u << index % 32, on); }
bool get_bit(const std::array<u32, 8>& bits, u8 index) { return bit(bits[index / 32], index % 32); }

}  // namespace

LocalApic::LocalApic(Scheduler& scheduler, Line interrupt, Line nmi, InterruptSource& pic, Log::Channel log)
    : scheduler_{scheduler}
    , bus_{scheduler.frequency(bus_frequency)}
    , interrupt_{std::move(interrupt)}
    , nmi_{std::move(nmi)}
    , pic_{pic}
    , log_{std::move(log)}
    , timer_{scheduler, "local_apic", [this] { timer_ran_out(); }} {}

Line LocalApic::lint0() { return Line{[this](bool high) { set_lint0(high); }}; }
Line LocalApic::lint1() { return Line{[this](bool high) { set_lint1(high); }}; }

void LocalApic::attach(MmioMap& windows) { windows.claim(base, page_size, *this); }

void LocalApic::reset(Reset) {
    const bool lint0 = state_.lint0, lint1 = state_.lint1;
    state_ = {};
    state_.lint0 = lint0;
    state_.lint1 = lint1;
    timer_.cancel();
    drive();
}

void LocalApic::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }
void LocalApic::restored() { drive(); }

void LocalApic::enable(bool on) {
    // Who disables it loses what was set up (SDM volume 3, 11.4.3).
    if (state_.enabled != on) reset(Reset::Hard);
    state_.enabled = on;
    drive();
}

// ---- pins

void LocalApic::set_lint0(bool high) {
    const bool rose = high && !state_.lint0;
    state_.lint0 = high;
    if (rose && state_.enabled && (state_.vectors[LvtLint0] >> 8 & 7) != 7) fire(LvtLint0);
    drive();
}

void LocalApic::set_lint1(bool high) {
    const bool rose = high && !state_.lint1;
    state_.lint1 = high;
    if (!state_.enabled) nmi_.set(high);
    else if (rose) fire(LvtLint1);
}

bool LocalApic::external_wanted() const {
    if (!state_.lint0) return false;
    if (!state_.enabled) return true;
    return (state_.vectors[LvtLint0] & masked) == 0 && (state_.vectors[LvtLint0] >> 8 & 7) == 7;
}

bool LocalApic::own_wanted() const {
    return software_enabled() && highest(state_.requested) >> 4 > processor_priority() >> 4;
}

void LocalApic::drive() { interrupt_.set(external_wanted() || own_wanted()); }

u8 LocalApic::acknowledge() {
    u8 vector = static_cast<u8>(state_.spurious);
    if (own_wanted()) {
        vector = static_cast<u8>(highest(state_.requested));
        set_bit(state_.requested, vector, false);
        set_bit(state_.in_service, vector, true);
    } else if (external_wanted()) {
        vector = pic_.acknowledge();
    }
    drive();
    return vector;
}

// ---- priorities

int LocalApic::highest(const std::array<u32, 8>& bits) const {
    for (int word = 7; word >= 0; --word)
        if (bits[static_cast<unsigned>(word)]) return word * 32 + 31 - std::countl_zero(bits[static_cast<unsigned>(word)]);
    return 0;  // vectors below 16 do not exist
}

u8 LocalApic::processor_priority() const {
    const u8 service = static_cast<u8>(highest(state_.in_service));
    return state_.task_priority >> 4 >= service >> 4 ? state_.task_priority : service & 0xf0;
}

// ---- messages

bool LocalApic::is_for_us(bool logical, u8 destination) const {
    if (!logical) return destination == state_.id || destination == 0xff;
    if (state_.destination_format == 0xf) return (state_.logical_id & destination) != 0;
    return (destination >> 4 == state_.logical_id >> 4 || destination >> 4 == 0xf) && (destination & state_.logical_id & 0xf) != 0;
}

bool LocalApic::accept(const InterruptMessage& message) {
    if (!state_.enabled || !is_for_us(message.logical, message.destination)) return false;
    using Mode = InterruptMessage::Mode;
    switch (message.mode) {
        case Mode::Fixed:
        case Mode::LowestPriority:
            if (software_enabled()) request(message.vector, message.level);
            return true;
        case Mode::Nmi:
            nmi_.raise();
            nmi_.lower();
            return true;
        case Mode::ExtInt: return true;  // the 8259 is at LINT0
        case Mode::Smi:
            smi_.raise();
            smi_.lower();
            return true;
        case Mode::Init:
            init_.raise();
            init_.lower();
            return true;
        case Mode::StartUp: return true;  // only who waits for it hears it, and the boot processor never does
    }
    return true;
}

void LocalApic::request(u8 vector, bool level) {
    if (vector < 16) return error(error_illegal_receive);
    set_bit(state_.requested, vector, true);
    set_bit(state_.trigger, vector, level);
    drive();
}

void LocalApic::fire(Vector which) {
    const u32 entry = state_.vectors[which];
    if (entry & masked || !state_.enabled) return;
    const unsigned mode = which == LvtTimer || which == LvtError ? 0 : entry >> 8 & 7;
    if (mode == 4) {
        nmi_.raise();
        nmi_.lower();
    } else if (mode == 0 && software_enabled()) {
        request(static_cast<u8>(entry), which == LvtLint0 && (entry & level_triggered));
    }
}

void LocalApic::error(u32 bits) {
    const bool first = (state_.errors & bits) == 0;
    state_.errors |= bits;
    if (first && (state_.vectors[LvtError] & 0xff) >= 16) fire(LvtError);
}

void LocalApic::end_of_interrupt() {
    const u8 vector = static_cast<u8>(highest(state_.in_service));
    if (vector == 0) return;
    set_bit(state_.in_service, vector, false);
    const bool level = get_bit(state_.trigger, vector);
    drive();
    if (level && ended_) ended_(vector);
}

// The interrupt command register; there is no other processor yet.
void LocalApic::send_command() {
    const u32 low = state_.command_low;
    const unsigned shorthand = low >> 18 & 3;
    const auto mode = static_cast<InterruptMessage::Mode>(low >> 8 & 7);
    const u8 destination = static_cast<u8>(state_.command_high >> 24);
    const bool to_us = shorthand == 1 || shorthand == 2 || (shorthand == 0 && is_for_us(bit(low, 11), destination));
    // INIT with level 0 only synchronises arbitration (SDM volume 3, 10.6.1). To oneself by shorthand only interrupts can be sent.
    if (mode == InterruptMessage::Mode::Init && (!bit(low, 14) || shorthand == 1 || shorthand == 2)) return;
    if ((low & 0xff) < 16 && mode == InterruptMessage::Mode::Fixed) return error(error_illegal_send);
    if (to_us) accept({static_cast<u8>(low), mode, false, state_.id, false});
}

// ---- the timer

u32 LocalApic::divisor() const {
    const unsigned code = (state_.divide & 3) | (state_.divide >> 1 & 4);
    return code == 7 ? 1 : 2u << code;
}

u32 LocalApic::current_count() const {
    if (!state_.running || state_.initial_count == 0) return 0;
    const u64 counted = (ticks() - state_.started) / divisor();
    if (state_.vectors[LvtTimer] & periodic) return state_.initial_count - static_cast<u32>(counted % state_.initial_count);
    return counted >= state_.initial_count ? 0 : state_.initial_count - static_cast<u32>(counted);
}

void LocalApic::start_timer() {
    state_.running = state_.initial_count != 0;
    state_.started = ticks();
    if (!state_.running) return timer_.cancel();
    timer_.set_at(bus_.moment_of(state_.started + u64{state_.initial_count} * divisor()));
}

void LocalApic::timer_ran_out() {
    if (state_.vectors[LvtTimer] & periodic) {
        state_.started += u64{state_.initial_count} * divisor();
        timer_.set_at(bus_.moment_of(state_.started + u64{state_.initial_count} * divisor()));
    } else {
        state_.running = false;
    }
    fire(LvtTimer);
}

// ---- registers

u64 LocalApic::mmio_read(u32 offset, unsigned width) {
    const u32 value = read(offset & ~15u);
    return (offset & 15) < 4 ? u64{value} >> (8 * (offset & 3)) & (~u64{0} >> (64 - 8 * width)) : 0;
}

void LocalApic::mmio_write(u32 offset, unsigned width, u64 value) {
    if (width != 4 || offset & 15) return log_.unusual("a register of the local APIC written other than as a doubleword");
    if (state_.enabled) write(offset, static_cast<u32>(value));
}

std::optional<u8> LocalApic::mmio_peek(u32 offset) const {
    return static_cast<u8>((offset & 15) < 4 ? read(offset & ~15u) >> (8 * (offset & 3)) : 0);
}

u32 LocalApic::read(u32 reg) const {
    if (!state_.enabled) return 0xffffffff;
    switch (reg) {
        case 0x020: return u32{state_.id} << 24;
        case 0x030: return version;
        case 0x080: return state_.task_priority;
        case 0x090:
        case 0x0a0: return processor_priority();
        case 0x0d0: return u32{state_.logical_id} << 24;
        case 0x0e0: return u32{state_.destination_format} << 28 | 0x0fffffff;
        case 0x0f0: return state_.spurious;
        case 0x280: return state_.errors_shown;
        case 0x300: return state_.command_low;
        case 0x310: return state_.command_high;
        case 0x380: return state_.initial_count;
        case 0x390: return current_count();
        case 0x3e0: return state_.divide;
        default: break;
    }
    if (reg >= 0x100 && reg < 0x180) return state_.in_service[(reg - 0x100) / 16];
    if (reg >= 0x180 && reg < 0x200) return state_.trigger[(reg - 0x180) / 16];
    if (reg >= 0x200 && reg < 0x280) return state_.requested[(reg - 0x200) / 16];
    if (reg >= 0x320 && reg <= 0x370) return state_.vectors[(reg - 0x320) / 16];
    return 0;
}

void LocalApic::write(u32 reg, u32 value) {
    switch (reg) {
        case 0x020: state_.id = static_cast<u8>(value >> 24); return;
        case 0x080: state_.task_priority = static_cast<u8>(value); return drive();
        case 0x0b0: return end_of_interrupt();
        case 0x0d0: state_.logical_id = static_cast<u8>(value >> 24); return;
        case 0x0e0: state_.destination_format = static_cast<u8>(value >> 28); return;
        case 0x0f0:
            state_.spurious = value & 0x1ff;
            // Software disable masks every local vector (SDM 10.4.7.2).
            if (!(value & 0x100))
                for (auto& entry : state_.vectors) entry |= masked;
            return drive();
        case 0x280:
            state_.errors_shown = state_.errors;
            state_.errors = 0;
            return;
        case 0x300:
            state_.command_low = value & 0xccfff;
            return send_command();
        case 0x310: state_.command_high = value & 0xff000000; return;
        case 0x380:
            state_.initial_count = value;
            return start_timer();
        case 0x3e0:
            state_.divide = value & 0xb;
            if (state_.running) start_timer();
            return;
        default: break;
    }
    if (reg >= 0x320 && reg <= 0x370) {
        const unsigned index = (reg - 0x320) / 16;
        state_.vectors[index] = (value & writable_vector[index]) | (software_enabled() ? 0 : masked);
        return drive();
    }
    if (reg == 0x030 || reg == 0x090 || reg == 0x0a0 || (reg >= 0x100 && reg < 0x280) || reg == 0x390) return;  // read-only
    error(error_illegal_register);
}

}  // namespace retrace
