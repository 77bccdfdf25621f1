// The keyboard controller: an 8042 with the firmware of the PS/2, two device ports. (IBM PS/2 Hardware Interface Technical Reference,
// "Keyboard and Auxiliary Device Controller"; Intel 8242 data sheet for the pins.)
//
//   port 60  read   the output buffer            write  data for the last command, else for the keyboard
//   port 64  read   status: bit 0 output full, 1 input full, 2 self-test passed, 3 last write was a command, 4 not locked,
//                   5 output is from the mouse, 6 time-out, 7 parity (never)
//            write  command:
//     20-3F read, 60-7F write RAM; byte 0 is the command byte: bit 0 IRQ 1, 1 IRQ 12, 2 the self-test bit of the status,
//           4 keyboard off, 5 mouse off, 6 translate to set 1
//     A4-A6 password: is there one, load, use   A7, A8 mouse off, on   A9 test its port   AA self-test   AB test the keyboard's port
//     AC dump   AD, AE keyboard off, on   AF version   C0 input port   C1, C2 its halves into status bits 7-4
//     D0, D1 read, write the output port: bit 0 low resets the processor, bit 1 gates A20
//     D2, D3 put a byte into the output buffer as the keyboard's, the mouse's   D4 send to the mouse
//     DD, DF A20 off, on (as later boards have it)   E0 test inputs   F0-FF pulse output port bits low: FE resets the processor
//   pins IRQ1, IRQ12  high while the output buffer is full and enabled; A20; RESET, pulsed
//
// A byte takes a millisecond on either wire, one wire at a time. A byte for a device while another is on its way waits in the input
// buffer. A device that is not there times out: status bit 6 and FE. At birth both ports are off and A20 is let through,
// as the processor's first fetch needs it.
#pragma once

#include <array>
#include <deque>

#include "core/bus/device.hpp"
#include "core/bus/line.hpp"
#include "core/bus/port_map.hpp"
#include "core/time/scheduler.hpp"
#include "devices/input/ps2_device.hpp"

namespace retrace {

class I8042 final : public Device {
public:
    // What the wires are busy with.
    enum class Wire : u8 { Idle, FromKeyboard, FromMouse, ToKeyboard, ToMouse };

    struct Pins {
        Line irq1, irq12;
        Line a20, processor_reset;
    };
    struct State {
        std::array<u8, 32> ram{0x30};
        u8 output = 0;
        bool output_full = false;
        bool output_of_mouse = false;
        std::deque<u16> answers;      // the controller's own, bit 8: as the mouse's
        bool timed_out = false;
        bool last_was_command = false;
        u8 argument_of = 0;           // the command whose data byte is awaited, or 0
        Wire wire = Wire::Idle;
        u8 sending = 0;
        bool input_full = false;      // a byte for a device waits for the wire
        u8 input = 0;
        bool input_for_mouse = false;
        bool after_release = false;   // translation has seen F0
        u8 output_port = 0x0f;        // bits 3-0
        u8 poll = 0;                  // C1 or C2 if its half of the input port is shown in the status
        std::array<u8, 8> password{};
        u8 password_size = 0;
        bool locked = false;
        u8 matched = 0;               // how much of the password has been typed
    };

    // A device may be null: nothing is plugged in.
    I8042(Scheduler& scheduler, Pins pins, Ps2Device* keyboard, Ps2Device* mouse, Log::Channel log = {});

    void attach(PortMap& ports) override;
    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;
    void restored() override;

private:
    void write_data(u8 value);
    u8 read_data();
    [[nodiscard]] u8 peek_data(u16) const { return state_.output; }
    void write_command(u8 value);
    u8 read_status();
    [[nodiscard]] u8 peek_status(u16) const;

    void argument(u8 command, u8 value);
    void answer(u8 value, bool as_mouse = false);
    void dump();
    void load_password(u8 value);
    void write_command_byte(u8 value);
    void write_output_port(u8 value);
    void pulse_reset();
    [[nodiscard]] u8 output_port() const;

    [[nodiscard]] bool keyboard_on() const { return !(state_.ram[0] & 0x10); }
    [[nodiscard]] bool mouse_on() const { return !(state_.ram[0] & 0x20); }
    void send(u8 value, bool to_mouse);
    void start(Wire wire);
    void transfer_done();
    void received(u8 value, bool of_mouse);
    void put(u8 value, bool of_mouse);
    void pump();
    void drive();

    Scheduler& scheduler_;
    Pins pins_;
    Ps2Device* keyboard_;
    Ps2Device* mouse_;
    Log::Channel log_;
    Timer timer_;
    State state_;
};

template <> inline constexpr auto fields<I8042::State> = describe(
    field("ram", &I8042::State::ram), field("output", &I8042::State::output), field("output_full", &I8042::State::output_full),
    field("output_of_mouse", &I8042::State::output_of_mouse), field("answers", &I8042::State::answers),
    field("timed_out", &I8042::State::timed_out), field("last_was_command", &I8042::State::last_was_command),
    field("argument_of", &I8042::State::argument_of), field("wire", &I8042::State::wire), field("sending", &I8042::State::sending),
    field("input_full", &I8042::State::input_full), field("input", &I8042::State::input),
    field("input_for_mouse", &I8042::State::input_for_mouse), field("after_release", &I8042::State::after_release),
    field("output_port", &I8042::State::output_port), field("poll", &I8042::State::poll), field("password", &I8042::State::password),
    field("password_size", &I8042::State::password_size), field("locked", &I8042::State::locked),
    field("matched", &I8042::State::matched));

}  // namespace retrace
