// The interval timer: an 8254 at 105/88 MHz (1.193181666...). (Intel 8254 data sheet, 231164.)
//
//   port 40-42  write  the count of counter 0-2, low byte, high byte or both in turn, as its control word says
//               read   status if latched; else the latched count; else the count as it runs
//   port 43     write  bits 7-6 = 0-2: control word of that counter (bits 5-4 = 00: latch its count); = 3: read-back command
//   pins OUT0-2        outputs
//   pins GATE0-2       gates; 0 and 1 are tied high on a PC, 2 begins low
//
// The counters are not run tick by tick: what they hold is worked out when somebody looks, and events are set only for
// outputs that are connected. Tick n of the clock is its nth falling edge since power-on.
// Reset leaves the counters without a count, in mode 0 with OUT low; it keeps the levels of the gate pins.
#pragma once

#include <array>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"

namespace retrace {

class Pit final : public Device {
public:
    struct Counter {
        u8 control = 0x30;           // bits 5-0 of the control word
        u16 count = 0;               // the count register, as written
        u8 low_byte = 0;             // the first half of a count being written
        bool high_byte_next = false;
        bool count_given = false;    // since the control word
        bool null_count = true;      // the count written is not yet in the counting element
        bool load_pending = false;   // the next tick loads the counting element
        bool counting = false;       // it has been loaded since the control word
        bool armed = false;          // modes 0, 1, 4, 5: OUT has yet to answer this count
        bool gate = false;
        bool out = false;
        bool odd_pulses = false;     // parity of rising edges of OUT
        u32 period = 0;              // the count last loaded
        u32 remaining = 0;           // the counting element
        u64 tick = 0;                // up to when all this is worked out
        bool read_high_byte = false;
        bool count_latched = false;
        u16 latched_count = 0;
        bool status_latched = false;
        u8 latched_status = 0;
    };
    struct State {
        std::array<Counter, 3> counters{Counter{.gate = true}, Counter{.gate = true}, Counter{.gate = false}};
    };

    // Lines may be unconnected.
    Pit(Scheduler& scheduler, Line out0, Line out1, Line out2);

    [[nodiscard]] Line gate(unsigned counter);
    // The level of an OUT pin now, for ports that let software read it.
    [[nodiscard]] bool output(unsigned counter) const;
    // A flip-flop on OUT1, toggled by every memory refresh request (port 61h bit 4).
    [[nodiscard]] bool refresh_toggle() const;

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

private:
    struct Output {
        Line line;
        Timer timer;
    };

    void write_counter(u16 port, u8 value);
    u8 read_counter(u16 port);
    [[nodiscard]] u8 peek_counter(u16 port) const;
    void write_control(u8 value);
    void read_back(u8 command);
    void set_gate(unsigned index, bool high);

    [[nodiscard]] u64 now() const;
    [[nodiscard]] Counter as_of_now(unsigned index) const;
    Counter& catch_up(unsigned index);
    void set_out(unsigned index, bool high);
    void schedule(unsigned index);

    Scheduler& scheduler_;
    Frequency clock_;
    std::array<Output, 3> outputs_;
    State state_;
};

template <> inline constexpr auto fields<Pit::Counter> = describe(
    field("control", &Pit::Counter::control), field("count", &Pit::Counter::count), field("low_byte", &Pit::Counter::low_byte),
    field("high_byte_next", &Pit::Counter::high_byte_next), field("count_given", &Pit::Counter::count_given),
    field("null_count", &Pit::Counter::null_count), field("load_pending", &Pit::Counter::load_pending),
    field("counting", &Pit::Counter::counting), field("armed", &Pit::Counter::armed), field("gate", &Pit::Counter::gate),
    field("out", &Pit::Counter::out), field("odd_pulses", &Pit::Counter::odd_pulses), field("period", &Pit::Counter::period),
    field("remaining", &Pit::Counter::remaining), field("tick", &Pit::Counter::tick),
    field("read_high_byte", &Pit::Counter::read_high_byte), field("count_latched", &Pit::Counter::count_latched),
    field("latched_count", &Pit::Counter::latched_count), field("status_latched", &Pit::Counter::status_latched),
    field("latched_status", &Pit::Counter::latched_status));
template <> inline constexpr auto fields<Pit::State> = describe(field("counters", &Pit::State::counters));

}  // namespace retrace
