#include "devices/serial/parallel_port.hpp"

#include "core/base/bits.hpp"

namespace retrace {

namespace {

constexpr u8 strobe = 0x01, not_initialise = 0x04, interrupt_enable = 0x10, direction = 0x20;

}  // namespace

ParallelPort::ParallelPort(Scheduler& scheduler, Line irq, u16 base, const std::string& name, SerialPort* printer)
    : scheduler_{scheduler}, irq_{std::move(irq)}, base_{base}, printer_{printer}, timer_{scheduler, name, [this] { next_stage(); }} {}

void ParallelPort::attach(PortMap& ports) {
    const u16 last = static_cast<u16>(base_ + 2);
    ports.on_read<&ParallelPort::read>(base_, last, this);
    ports.on_peek<&ParallelPort::peek>(base_, last, this);
    ports.on_write<&ParallelPort::write>(base_, last, this);
}

void ParallelPort::reset(Reset) {
    timer_.cancel();
    state_ = {};
    restored();
}

void ParallelPort::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void ParallelPort::restored() { irq_.set(state_.acknowledged && (state_.control & interrupt_enable) != 0); }

u8 ParallelPort::status() const {
    if (!printer_) return 0x7f;
    switch (state_.stage) {
        case Stage::Busy: return 0x5f;
        case Stage::Acknowledging: return 0x9f;
        case Stage::Idle: break;
    }
    return 0xdf;
}

u8 ParallelPort::read(u16 port) { return peek(port); }

u8 ParallelPort::peek(u16 port) const {
    switch (port - base_) {
        case 0: return state_.control & direction ? u8{0xff} : state_.data;  // nobody drives the lines from there
        case 1: return status();
        default: return state_.control | 0xc0;
    }
}

void ParallelPort::write(u16 port, u8 value) {
    switch (port - base_) {
        case 0: state_.data = value; return;
        case 2: return write_control(value);
        default: return;
    }
}

void ParallelPort::write_control(u8 value) {
    const bool strobes = (value & strobe) && !(state_.control & strobe);
    if (!(value & interrupt_enable) || strobes) state_.acknowledged = false;
    state_.control = value & 0x3f;
    if (!(value & not_initialise)) {
        timer_.cancel();
        state_.stage = Stage::Idle;
    } else if (strobes && printer_ && state_.stage == Stage::Idle) {
        printer_->transmit(state_.data);
        state_.stage = Stage::Busy;
        timer_.set_in(steps_in_microseconds(scheduler_.rate(), busy_time));
    }
    restored();
}

void ParallelPort::next_stage() {
    if (state_.stage == Stage::Busy) {
        state_.stage = Stage::Acknowledging;
        timer_.set_in(steps_in_microseconds(scheduler_.rate(), acknowledge_time));
    } else {
        state_.stage = Stage::Idle;
        state_.acknowledged = (state_.control & interrupt_enable) != 0;
    }
    restored();
}

}  // namespace retrace
