#include "devices/debug/power_port.hpp"

#include <string_view>

namespace retrace {

namespace {

constexpr std::string_view word = "Shutdown";
constexpr u16 sleep_enable = 0x2000, sleep_type = 0x1c00;

}  // namespace

PowerPort::PowerPort(std::function<void()> power_off) : power_off_{std::move(power_off)} {}

void PowerPort::attach(PortMap& ports) {
    ports.on_write<&PowerPort::write_letter>(0x8900, this);
    ports.on_write<&PowerPort::write_control>(0x604, this);
    ports.on_read<&PowerPort::read_control>(0x604, this);
    ports.on_peek<&PowerPort::peek_control>(0x604, 0x604, this);
}

void PowerPort::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void PowerPort::write_letter(u8 value) {
    const auto is_next = [&] { return value == static_cast<u8>(word[state_.matched]); };
    if (!is_next()) state_.matched = 0;
    if (is_next()) ++state_.matched;
    if (state_.matched < word.size()) return;
    state_.matched = 0;
    if (power_off_) power_off_();
}

void PowerPort::write_control(u16 value) {
    state_.control = static_cast<u16>(value & ~sleep_enable);
    if ((value & sleep_enable) && !(value & sleep_type) && power_off_) power_off_();
}

}  // namespace retrace
