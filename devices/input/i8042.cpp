#include "devices/input/i8042.hpp"

#include <cstdio>

#include "core/base/bits.hpp"
#include "devices/input/scan_codes.hpp"

namespace retrace {

namespace {

// Status.
constexpr u8 output_is_full = 0x01, input_is_full = 0x02, self_tested = 0x04, command_last = 0x08, unlocked = 0x10, mouse_output = 0x20,
             time_out = 0x40;
// Command byte.
constexpr u8 irq1_enable = 0x01, irq12_enable = 0x02, keyboard_off = 0x10, mouse_off = 0x20, translate = 0x40;
// Output port.
constexpr u8 not_reset = 0x01, a20_gate = 0x02;
// Input port: the keyboard lock is open, a colour display, 256 KiB or more on the board; the clock lines idle high.
constexpr u8 input_port = 0xbf;
constexpr u8 release_prefix = 0xf0, no_answer = 0xfe;

constexpr u64 byte_microseconds = 1000;
constexpr std::size_t most_answers = 32;

}  // namespace

I8042::I8042(Scheduler& scheduler, Pins pins, Ps2Device* keyboard, Ps2Device* mouse, Log::Channel log)
    : scheduler_{scheduler}
    , pins_{std::move(pins)}
    , keyboard_{keyboard}
    , mouse_{mouse}
    , log_{std::move(log)}
    , timer_{scheduler, "i8042.wire", [this] { transfer_done(); }} {
    for (Ps2Device* device : {keyboard_, mouse_})
        if (device) device->connect(Line{[this](bool) { pump(); }});
    drive();
}

void I8042::attach(PortMap& ports) {
    ports.on_write<&I8042::write_data>(0x60, this);
    ports.on_read<&I8042::read_data>(0x60, this);
    ports.on_peek<&I8042::peek_data>(0x60, 0x60, this);
    ports.on_write<&I8042::write_command>(0x64, this);
    ports.on_read<&I8042::read_status>(0x64, this);
    ports.on_peek<&I8042::peek_status>(0x64, 0x64, this);
}

void I8042::reset(Reset) {
    state_ = {};
    timer_.cancel();
    drive();
}

void I8042::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void I8042::restored() { drive(); }

void I8042::drive() {
    const bool keyboard = state_.output_full && !state_.output_of_mouse, mouse = state_.output_full && state_.output_of_mouse;
    pins_.irq1.set(keyboard && (state_.ram[0] & irq1_enable));
    pins_.irq12.set(mouse && (state_.ram[0] & irq12_enable));
    pins_.a20.set(state_.output_port & a20_gate);
}

void I8042::pulse_reset() {
    pins_.processor_reset.raise();
    pins_.processor_reset.lower();
}

// ---- ports

u8 I8042::read_data() {
    const u8 value = state_.output;
    state_.output_full = false;
    drive();
    pump();
    return value;
}

u8 I8042::read_status() { return peek_status(0x64); }

u8 I8042::peek_status(u16) const {
    u8 status = static_cast<u8>((state_.output_full ? output_is_full : 0) | (state_.input_full ? input_is_full : 0) |
        (state_.ram[0] & self_tested) | (state_.last_was_command ? command_last : 0) | unlocked |
        (state_.output_of_mouse ? mouse_output : 0) | (state_.timed_out ? time_out : 0));
    if (state_.poll == 0xc1) status = static_cast<u8>((status & 0x0f) | input_port << 4);
    if (state_.poll == 0xc2) status = static_cast<u8>((status & 0x0f) | (input_port & 0xf0));
    return status;
}

void I8042::write_data(u8 value) {
    state_.last_was_command = false;
    if (const u8 command = std::exchange(state_.argument_of, u8{0})) argument(command, value);
    else send(value, false);
    pump();
}

void I8042::write_command(u8 value) {
    state_.last_was_command = true;
    state_.argument_of = 0;
    state_.poll = 0;
    switch (value) {
        case 0xa4: answer(state_.password_size ? 0xfa : 0xf1); break;
        case 0xa5:
            state_.password_size = 0;
            state_.argument_of = value;
            break;
        case 0xa6:
            state_.locked = state_.password_size != 0;
            state_.matched = 0;
            break;
        case 0xa7: write_command_byte(state_.ram[0] | mouse_off); break;
        case 0xa8: write_command_byte(static_cast<u8>(state_.ram[0] & ~mouse_off)); break;
        case 0xa9: answer(mouse_ ? 0x00 : 0x02); break;  // without a mouse its clock line does not come up
        case 0xaa:
            state_.ram[0] |= self_tested;
            answer(0x55);
            break;
        case 0xab: answer(0x00); break;
        case 0xac: dump(); break;
        case 0xad: write_command_byte(state_.ram[0] | keyboard_off); break;
        case 0xae: write_command_byte(static_cast<u8>(state_.ram[0] & ~keyboard_off)); break;
        case 0xaf: answer(0x00); break;
        case 0xc0: answer(input_port); break;
        case 0xc1: case 0xc2: state_.poll = value; break;
        case 0xd0: answer(output_port()); break;
        case 0xd1: case 0xd2: case 0xd3: case 0xd4: state_.argument_of = value; break;
        case 0xdd: case 0xdf: write_output_port(static_cast<u8>(not_reset | (value & 0x02))); break;
        case 0xe0: answer(static_cast<u8>((keyboard_on() ? 1 : 0) | 2)); break;  // clock idles high unless held, data high
        default:
            if (value >= 0xf0) {
                if (!(value & not_reset)) pulse_reset();
            } else if ((value & 0xe0) == 0x20) {
                answer(state_.ram[value & 0x1f]);
            } else if ((value & 0xe0) == 0x60) {
                state_.argument_of = value;
            } else {
                char text[40];
                std::snprintf(text, sizeof text, "command %02Xh, which it does not know", value);
                log_.unusual(text);
            }
    }
    pump();
}

void I8042::argument(u8 command, u8 value) {
    switch (command) {
        case 0x60: return write_command_byte(value);
        case 0xa5: return load_password(value);
        case 0xd1: return write_output_port(value);
        case 0xd2: return answer(value);
        case 0xd3: return answer(value, true);
        case 0xd4: return send(value, true);
        default: state_.ram[command & 0x1f] = value;
    }
}

void I8042::write_command_byte(u8 value) {
    state_.ram[0] = value;
    drive();
}

void I8042::write_output_port(u8 value) {
    state_.output_port = (value | not_reset) & 0x0f;
    drive();
    if (!(value & not_reset)) pulse_reset();
}

u8 I8042::output_port() const {
    const bool keyboard = state_.output_full && !state_.output_of_mouse, mouse = state_.output_full && state_.output_of_mouse;
    return static_cast<u8>(state_.output_port | (keyboard ? 0x10 : 0) | (mouse ? 0x20 : 0) | 0xc0);
}

void I8042::answer(u8 value, bool as_mouse) {
    if (state_.answers.size() < most_answers) state_.answers.push_back(static_cast<u16>(value | (as_mouse ? 0x100 : 0)));
}

void I8042::dump() {
    for (unsigned i = 0; i < 16; ++i) answer(state_.ram[i]);
    answer(output_port());
    answer(input_port);
    answer(peek_status(0x64));
}

// Scan codes up to a zero.
void I8042::load_password(u8 value) {
    if (value == 0) return;
    if (state_.password_size < state_.password.size()) state_.password[state_.password_size++] = value;
    state_.argument_of = 0xa5;
}

// ---- the wires

void I8042::start(Wire wire) {
    state_.wire = wire;
    timer_.set_in(steps_in_microseconds(scheduler_.rate(), byte_microseconds));
}

// A device that was sending stops for the controller and sends its byte again later.
void I8042::send(u8 value, bool to_mouse) {
    if (state_.wire == Wire::ToKeyboard || state_.wire == Wire::ToMouse) {
        state_.input_full = true;
        state_.input = value;
        state_.input_for_mouse = to_mouse;
        return;
    }
    // A byte for a device switches its port on.
    write_command_byte(static_cast<u8>(state_.ram[0] & ~(to_mouse ? mouse_off : keyboard_off)));
    state_.timed_out = false;
    state_.sending = value;
    start(to_mouse ? Wire::ToMouse : Wire::ToKeyboard);
}

void I8042::transfer_done() {
    const Wire wire = std::exchange(state_.wire, Wire::Idle);
    const bool mouse = wire == Wire::FromMouse || wire == Wire::ToMouse;
    Ps2Device* device = mouse ? mouse_ : keyboard_;
    if (wire == Wire::ToKeyboard || wire == Wire::ToMouse) {
        if (device) {
            device->ps2_receive(state_.sending);
        } else {
            state_.timed_out = true;
            answer(no_answer, mouse);
        }
        if (std::exchange(state_.input_full, false)) send(state_.input, state_.input_for_mouse);
    } else if (device && device->ps2_ready() && (mouse ? mouse_on() : keyboard_on()) && !state_.output_full && state_.answers.empty()) {
        received(device->ps2_send(), mouse);
    }
    pump();
}

void I8042::received(u8 value, bool of_mouse) {
    if (of_mouse) return put(value, true);
    if (state_.ram[0] & translate) {
        if (value == release_prefix) {
            state_.after_release = true;
            return;
        }
        value = static_cast<u8>(set_1_from_2(value) | (state_.after_release ? 0x80 : 0));
        state_.after_release = false;
    }
    if (!state_.locked) return put(value, false);
    // Locked: nothing passes until the password has been typed.
    state_.matched = value == state_.password[state_.matched] ? static_cast<u8>(state_.matched + 1) : u8{0};
    if (state_.matched == state_.password_size) state_.locked = false;
}

void I8042::put(u8 value, bool of_mouse) {
    state_.output = value;
    state_.output_full = true;
    state_.output_of_mouse = of_mouse;
    drive();
}

// Whatever can go next goes: own answers at once, then the keyboard, then the mouse.
void I8042::pump() {
    if (state_.output_full) return;
    if (!state_.answers.empty()) {
        const u16 next = state_.answers.front();
        state_.answers.pop_front();
        return put(low_byte(next), next & 0x100);
    }
    if (state_.wire != Wire::Idle) return;
    if (keyboard_ && keyboard_on() && keyboard_->ps2_ready()) start(Wire::FromKeyboard);
    else if (mouse_ && mouse_on() && mouse_->ps2_ready()) start(Wire::FromMouse);
}

}  // namespace retrace
