#include "devices/chipset/system_control.hpp"

#include <cstdio>

namespace retrace {

namespace {

constexpr u8 timer2_gate = 0x01, speaker_data = 0x02, written_61 = 0x0f, refresh = 0x10, timer2_out = 0x20;
constexpr u8 fast_reset = 0x01, fast_a20 = 0x02;

}  // namespace

SystemControl::SystemControl(Pins pins, Log::Channel post) : pins_{std::move(pins)}, post_{std::move(post)} {}

Line SystemControl::keyboard_a20() {
    return Line{[this](bool high) {
        state_.keyboard_a20 = high;
        drive();
    }};
}

Line SystemControl::error() {
    return Line{[this](bool high) {
        if (high && !state_.error) state_.irq13 = true;
        if (!high) state_.ignore_error = false;
        state_.error = high;
        drive();
    }};
}

void SystemControl::attach(PortMap& ports) {
    ports.on_write<&SystemControl::write_61>(0x61, this);
    ports.on_read<&SystemControl::read_61>(0x61, this);
    ports.on_peek<&SystemControl::peek_61>(0x61, 0x61, this);
    ports.on_write<&SystemControl::write_80>(0x80, this);
    ports.on_read<&SystemControl::read_80>(0x80, this);
    ports.on_peek<&SystemControl::peek_80>(0x80, 0x80, this);
    ports.on_write<&SystemControl::write_92>(0x92, this);
    ports.on_read<&SystemControl::read_92>(0x92, this);
    ports.on_peek<&SystemControl::peek_92>(0x92, 0x92, this);
    ports.on_write<&SystemControl::acknowledge_error>(0xf0, 0xf1, this);
}

void SystemControl::reset(Reset) {
    state_ = State{.keyboard_a20 = state_.keyboard_a20, .error = state_.error};
    drive();
}

void SystemControl::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void SystemControl::restored() { drive(); }

void SystemControl::drive() {
    pins_.timer2_gate.set(state_.port_61 & timer2_gate);
    pins_.speaker_data.set(state_.port_61 & speaker_data);
    pins_.a20.set(state_.keyboard_a20 || (state_.port_92 & fast_a20));
    pins_.irq13.set(state_.irq13);
    pins_.ignore_error.set(state_.ignore_error);
}

void SystemControl::write_61(u8 value) {
    state_.port_61 = value & written_61;
    drive();
}

u8 SystemControl::peek_61(u16) const {
    u8 value = state_.port_61;
    if (pins_.refresh && pins_.refresh()) value |= refresh;
    if (pins_.timer2_out && pins_.timer2_out()) value |= timer2_out;
    return value;
}

u8 SystemControl::read_61() { return peek_61(0x61); }

void SystemControl::write_80(u8 value) {
    state_.post_code = value;
    if (!post_.enabled()) return;
    char text[16];
    std::snprintf(text, sizeof text, "code %02Xh", value);
    post_.say(text);
}

void SystemControl::write_92(u8 value) {
    const bool resets = (value & fast_reset) && !(state_.port_92 & fast_reset);
    state_.port_92 = value;
    drive();
    if (resets) {
        pins_.processor_reset.raise();
        pins_.processor_reset.lower();
    }
}

void SystemControl::acknowledge_error(u16, u8) {
    state_.irq13 = false;
    state_.ignore_error = state_.error;
    drive();
}

}  // namespace retrace
