// The odd ports of an AT board that belong to no chip. (IBM AT Technical Reference, "System Board"; PS/2 Technical Reference,
// "System Control Port A" for port 92h.)
//
//   port 61  write  bit 0 gate of timer 2, bit 1 speaker data, bits 2-3 memory and channel check off
//            read   the same, bit 4 turns with every memory refresh, bit 5 OUT of timer 2, bits 6-7 checks (never)
//   port 80  r/w    the power-on self-test's progress code: kept and logged
//   port 92  r/w    bit 1 A20 gate; bit 0 rising: the processor is reset; the others are storage
//   port F0  write  the coprocessor's error is acknowledged: IRQ 13 falls, IGNNE stands until the error is gone
//   port F1  write  the coprocessor is reset (nothing to do on anything newer than a 287), and as F0
//   pin keyboard_a20()  the keyboard controller's A20 gate: memory sees A20 if either gate lets it through
//   pin error()         the coprocessor's ERROR (FERR of a 486): rising raises IRQ 13
#pragma once

#include <functional>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"

namespace retrace {

class SystemControl final : public Device {
public:
    // What the pins connect to; any may be left open.
    struct Pins {
        Line timer2_gate, speaker_data;
        Line a20, processor_reset;
        Line irq13, ignore_error;
        std::function<bool()> timer2_out, refresh;  // levels that are read
    };
    struct State {
        u8 port_61 = 0;
        u8 port_92 = 0;
        u8 post_code = 0;
        bool keyboard_a20 = false;  // as the keyboard controller drives it
        bool error = false;         // as the coprocessor drives it
        bool irq13 = false;
        bool ignore_error = false;
    };

    explicit SystemControl(Pins pins, Log::Channel post = {});

    [[nodiscard]] Line keyboard_a20();
    [[nodiscard]] Line error();
    [[nodiscard]] u8 post_code() const { return state_.post_code; }

    void attach(PortMap& ports) override;
    // Keeps the levels of the input pins.
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

private:
    void write_61(u8 value);
    u8 read_61();
    [[nodiscard]] u8 peek_61(u16) const;
    void write_80(u8 value);
    u8 read_80() { return state_.post_code; }
    [[nodiscard]] u8 peek_80(u16) const { return state_.post_code; }
    void write_92(u8 value);
    u8 read_92() { return state_.port_92; }
    [[nodiscard]] u8 peek_92(u16) const { return state_.port_92; }
    void acknowledge_error(u16 port, u8 value);
    void drive();

    Pins pins_;
    Log::Channel post_;
    State state_;
};

template <> inline constexpr auto fields<SystemControl::State> = describe(
    field("port_61", &SystemControl::State::port_61), field("port_92", &SystemControl::State::port_92),
    field("post_code", &SystemControl::State::post_code), field("keyboard_a20", &SystemControl::State::keyboard_a20),
    field("error", &SystemControl::State::error), field("irq13", &SystemControl::State::irq13),
    field("ignore_error", &SystemControl::State::ignore_error));

}  // namespace retrace
