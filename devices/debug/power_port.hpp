// The power switch that software has: the two ways in which programs for emulators turn the machine off.
//
//   port 8900  write  the letters "Shutdown", one by one (Bochs and older BIOSes for it); anything between starts over
//   port 604   write  16 bits: the ACPI PM1a control register where QEMU's PC has it; SLP_EN (2000) with sleep type 0 powers off
//              read   what was written, without SLP_EN (ACPI specification 4.8.3.2.1: write-only)
#pragma once

#include <functional>

#include "core/bus/device.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class PowerPort final : public Device {
public:
    struct State {
        u8 matched = 0;     // letters of the word so far
        u16 control = 0;
    };

    explicit PowerPort(std::function<void()> power_off);

    void attach(PortMap& ports) override;
    void reset(Reset) override { state_ = {}; }
    void visit(StateVisitor& visitor) override;

private:
    void write_letter(u8 value);
    void write_control(u16 value);
    u16 read_control() { return state_.control; }
    [[nodiscard]] u16 peek_control(u16) const { return state_.control; }

    std::function<void()> power_off_;
    State state_;
};

template <> inline constexpr auto fields<PowerPort::State> = describe(
    field("matched", &PowerPort::State::matched), field("control", &PowerPort::State::control));

}  // namespace retrace
