#include "devices/chipset/io_apic.hpp"

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

namespace {

// Bits of a redirection entry (data sheet 3.2.4).
constexpr u64 active_low = 1 << 13, remote_irr = 1 << 14, level_triggered = 1 << 15, masked = 1 << 16;
constexpr u64 writable = 0xff0000000001afff;
constexpr u32 version = 0x11 | (IoApic::input_count - 1) << 16;

}  // namespace

IoApic::IoApic(Send send, Log::Channel log) : send_{std::move(send)}, log_{std::move(log)} {}

Line IoApic::input(unsigned number) {
    ENSURE(number < input_count, "the I/O APIC has 24 inputs");
    return Line{[this, number](bool high) { set_pin(number, high); }};
}

void IoApic::attach(MmioMap& windows) { windows.claim(base, page_size, *this); }

void IoApic::reset(Reset) {
    const auto inputs = state_.inputs;
    state_ = {};
    for (unsigned i = 0; i < input_count; ++i) state_.inputs[i].pin = inputs[i].pin;
}

void IoApic::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void IoApic::set_pin(unsigned number, bool high) {
    auto& input = state_.inputs[number];
    if (input.pin == high) return;
    input.pin = high;
    // ISA lines are active high and PCI lines, though active low, are told as "asserted": the polarity bit says what the pin is wired
    // to, which is given here, so only assertion counts.
    if (high) {
        if (!(input.entry & level_triggered)) input.pending = true;
        deliver(input);
    }
}

void IoApic::deliver(Input& input) {
    if (input.entry & masked) {
        // An edge that comes while masked is lost (data sheet 3.2.4, bit 16).
        input.pending = false;
        return;
    }
    const bool level = (input.entry & level_triggered) != 0;
    if (level ? !input.pin || (input.entry & remote_irr) : !input.pending) return;
    const auto mode = static_cast<InterruptMessage::Mode>(input.entry >> 8 & 7);
    const bool taken = send_({static_cast<u8>(input.entry), mode, bit(input.entry, 11), static_cast<u8>(input.entry >> 56), level});
    input.pending = false;
    if (level && taken) input.entry |= remote_irr;
}

void IoApic::end_of_interrupt(u8 vector) {
    for (auto& input : state_.inputs) {
        if (!(input.entry & level_triggered) || static_cast<u8>(input.entry) != vector) continue;
        input.entry &= ~remote_irr;
        deliver(input);
    }
}

u32 IoApic::window(u32 offset) const {
    if (offset == 0x00) return state_.select;
    if (offset == 0x10) return read(state_.select);
    return 0;
}

u64 IoApic::mmio_read(u32 offset, unsigned width) {
    const u32 value = (offset & 15) < 4 ? window(offset & ~3u) : 0;
    return u64{value} >> (8 * (offset & 3)) & (~u64{0} >> (64 - 8 * width));
}

void IoApic::mmio_write(u32 offset, unsigned width, u64 value) {
    if (offset == 0x00) state_.select = static_cast<u8>(value);
    else if (offset == 0x10 && width == 4) write(state_.select, static_cast<u32>(value));
    else log_.unusual("an odd write to the I/O APIC");
}

std::optional<u8> IoApic::mmio_peek(u32 offset) const {
    return static_cast<u8>((offset & 15) < 4 ? window(offset & ~3u) >> (8 * (offset & 3)) : 0);
}

u32 IoApic::read(u8 index) const {
    switch (index) {
        case 0x00:
        case 0x02: return u32{state_.id} << 24;
        case 0x01: return version;
        default: break;
    }
    if (index < 0x10 || index >= 0x10 + 2 * input_count) return 0;
    const u64 entry = state_.inputs[(index - 0x10u) / 2].entry;
    return static_cast<u32>(index & 1 ? entry >> 32 : entry);
}

void IoApic::write(u8 index, u32 value) {
    if (index == 0x00) {
        state_.id = value >> 24 & 15;
        return;
    }
    if (index < 0x10 || index >= 0x10 + 2 * input_count) return;
    auto& input = state_.inputs[(index - 0x10u) / 2];
    const unsigned shift = index & 1 ? 32 : 0;
    const u64 half = u64{0xffffffff} << shift & writable;
    input.entry = (input.entry & ~half) | (u64{value} << shift & half);
    if (!(input.entry & level_triggered)) input.entry &= ~remote_irr;
    deliver(input);
}

}  // namespace retrace
