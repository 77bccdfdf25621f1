#include "devices/input/ps2_keyboard.hpp"

#include "core/base/bits.hpp"
#include "devices/input/scan_codes.hpp"

namespace retrace {

namespace {

constexpr u8 acknowledge = 0xfa, resend = 0xfe, self_test_passed = 0xaa, prefix = 0xe0, released = 0xf0;
constexpr u8 num_lock = 0x02;
constexpr std::size_t most_codes = 16;
constexpr u64 self_test_microseconds = 20'000;

// Key types of set 3.
constexpr u8 has_break = 0x01, repeats = 0x02, chosen = 0x80;

// "Scan Code Set 3", defaults: shifts send a break, F keys and the middle block one make, the rest repeat.
u8 default_type(Key key) {
    switch (key) {
        case Key::LeftShift: case Key::RightShift: case Key::LeftCtrl: case Key::LeftAlt: case Key::CapsLock: return has_break;
        case Key::Up: case Key::Down: case Key::Left: case Key::Right: case Key::Delete: return repeats;
        case Key::RightCtrl: case Key::RightAlt: case Key::Escape: case Key::NumLock: case Key::KeypadEnter: case Key::Menu:
        case Key::LeftSuper: case Key::RightSuper: return 0;
        default: break;
    }
    const bool function_key = key >= Key::F1 && key <= Key::PageDown;
    const bool keypad = key >= Key::KeypadDivide && key <= Key::KeypadPeriod && key != Key::KeypadPlus;
    return function_key || keypad ? 0 : repeats;
}

bool is_grey(Key key) { return key >= Key::Insert && key <= Key::Up; }

}  // namespace

Ps2Keyboard::Ps2Keyboard(Scheduler& scheduler)
    : scheduler_{scheduler}
    , self_test_{scheduler, "keyboard.self_test", [this] { finish_self_test(); }}
    , repeat_{scheduler, "keyboard.repeat", [this] { repeat(); }} {}

void Ps2Keyboard::reset(Reset) {
    state_ = {};
    self_test_.cancel();
    repeat_.cancel();
}

void Ps2Keyboard::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

// ---- the wire

u8 Ps2Keyboard::ps2_send() {
    auto& queue = state_.answers.empty() ? state_.codes : state_.answers;
    const u8 byte = queue.front();
    queue.pop_front();
    state_.last_sent = byte;
    return byte;
}

void Ps2Keyboard::answer(std::initializer_list<u8> bytes) {
    state_.answers.insert(state_.answers.end(), bytes.begin(), bytes.end());
}

// A command cuts off what the last one had yet to answer, the self-test included.
void Ps2Keyboard::ps2_receive(u8 byte) {
    state_.answers.clear();
    if (self_test_.is_set()) {
        self_test_.cancel();
        state_.enabled = true;
    }
    const u8 awaited = std::exchange(state_.argument_of, u8{0});
    if (awaited != 0 && byte < 0xed) argument(awaited, byte);
    else command(byte);
    announce();
}

void Ps2Keyboard::command(u8 byte) {
    switch (byte) {
        case 0xed: case 0xf0: case 0xf3: case 0xfb: case 0xfc: case 0xfd:
            state_.argument_of = byte;
            return answer({acknowledge});
        case 0xee: return answer({0xee});
        case 0xf2: return answer({acknowledge, 0xab, 0x83});
        case 0xf4:
            state_.codes.clear();
            state_.enabled = true;
            return answer({acknowledge});
        case 0xf5: case 0xf6:
            defaults();
            if (byte == 0xf5) state_.enabled = false;
            return answer({acknowledge});
        case 0xf7: case 0xf8: case 0xf9: case 0xfa: {
            static constexpr u8 type[] = {repeats, has_break, 0, repeats | has_break};
            state_.codes.clear();
            state_.types.fill(static_cast<u8>(chosen | type[byte - 0xf7]));
            return answer({acknowledge});
        }
        case 0xfe: return answer({state_.last_sent});
        case 0xff: {
            const auto held = state_.held;
            reset(Reset::Hard);
            state_.held = held;  // fingers do not notice
            state_.enabled = false;
            self_test_.set_in(steps_in_microseconds(scheduler_.rate(), self_test_microseconds));
            return answer({acknowledge});
        }
        default: return answer({resend});
    }
}

void Ps2Keyboard::argument(u8 command, u8 byte) {
    switch (command) {
        case 0xed:
            state_.leds = byte & 7;
            break;
        case 0xf0:
            if (byte > 3) return answer({resend});
            if (byte == 0) return answer({acknowledge, state_.code_set});
            state_.codes.clear();
            state_.code_set = byte;
            break;
        case 0xf3:
            state_.repeat = byte & 0x7f;
            break;
        default: {  // FB, FC, FD: keys of this type follow, until a command
            static constexpr u8 type[] = {repeats, has_break, 0};
            state_.types[byte] = static_cast<u8>(chosen | type[command - 0xfb]);
            state_.argument_of = command;
            break;
        }
    }
    answer({acknowledge});
}

void Ps2Keyboard::defaults() {
    state_.codes.clear();
    state_.repeat = State{}.repeat;
    state_.types = {};
    state_.repeating = Key::None;
    repeat_.cancel();
}

void Ps2Keyboard::finish_self_test() {
    state_.enabled = true;
    answer({self_test_passed});
    announce();
}

// ---- the keys

bool Ps2Keyboard::is_held(Key key) const {
    const u8 index = static_cast<u8>(key);
    return bit(state_.held[index / 8], index % 8);
}

void Ps2Keyboard::key(Key key, bool down) {
    const ScanCode code = scan_code_of(key);
    if ((code.set_2 == 0 && code.set_3 == 0) || is_held(key) == down) return;
    const u8 index = static_cast<u8>(key);
    state_.held[index / 8] = with(state_.held[index / 8], static_cast<u8>(1u << index % 8), down);
    if (!down && state_.repeating == key) {
        state_.repeating = Key::None;
        repeat_.cancel();
    }
    if (!state_.enabled) return;
    if (!down) return release(key);
    press(key, false);
    state_.repeating = Key::None;
    repeat_.cancel();
    if (type_of(key) & repeats) {
        state_.repeating = key;
        repeat_.set_in(repeat_delay());
    }
}

// Sets 1 and 2 know one kind of key; Pause alone sends all it has at once.
u8 Ps2Keyboard::type_of(Key key) const {
    if (state_.code_set != 3) return key == Key::Pause ? 0 : repeats | has_break;
    const u8 type = state_.types[scan_code_of(key).set_3];
    return type & chosen ? type : default_type(key);
}

void Ps2Keyboard::add_stroke(Codes& codes, Stroke stroke) const {
    if (stroke.extended) codes.push_back(prefix);
    if (state_.code_set == 1) {
        codes.push_back(static_cast<u8>(set_1_from_2(stroke.code) | (stroke.down ? 0 : 0x80)));
        return;
    }
    if (!stroke.down) codes.push_back(released);
    codes.push_back(stroke.code);
}

// Cursor keys pretend that Shift is up if it is down, or down if Num Lock is lit and it is not; keypad / only the former.
void Ps2Keyboard::add_shifts(Codes& codes, Key key, bool before) const {
    const u8 left = scan_code_of(Key::LeftShift).set_2, right = scan_code_of(Key::RightShift).set_2;
    if (!is_grey(key) && key != Key::KeypadDivide) return;
    const bool num = state_.leds & num_lock;
    if (shifted() && (!num || key == Key::KeypadDivide)) {
        if (is_held(Key::LeftShift)) add_stroke(codes, {left, true, !before});
        if (is_held(Key::RightShift)) add_stroke(codes, {right, true, !before});
    } else if (!shifted() && num && is_grey(key)) {
        add_stroke(codes, {left, true, before});
    }
}

void Ps2Keyboard::press(Key key, bool again) {
    const ScanCode code = scan_code_of(key);
    const u8 ctrl = scan_code_of(Key::LeftCtrl).set_2, shift = scan_code_of(Key::LeftShift).set_2;
    const bool control = is_held(Key::LeftCtrl) || is_held(Key::RightCtrl);
    Codes codes;
    if (state_.code_set == 3) {
        codes.push_back(code.set_3);
    } else if (key == Key::Pause) {
        // With Ctrl it is Break: the code of Scroll Lock, extended.
        const u8 scroll = scan_code_of(Key::ScrollLock).set_2, num = scan_code_of(Key::NumLock).set_2;
        for (const bool down : {true, false}) {
            if (control) {
                add_stroke(codes, {scroll, true, down});
            } else {
                codes.push_back(0xe1);
                add_stroke(codes, {ctrl, false, down});
                add_stroke(codes, {num, false, down});
            }
        }
    } else if (key == Key::PrintScreen) {
        if (is_held(Key::LeftAlt) || is_held(Key::RightAlt)) {
            add_stroke(codes, {0x84, false, true});
        } else {
            if (!again && !control && !shifted()) add_stroke(codes, {shift, true, true});
            add_stroke(codes, {scan_code_of(Key::KeypadMultiply).set_2, true, true});
        }
    } else {
        if (!again) add_shifts(codes, key, true);
        add_stroke(codes, {code.set_2, code.extended, true});
    }
    send(codes);
}

void Ps2Keyboard::release(Key key) {
    if (!(type_of(key) & has_break)) return;
    const ScanCode code = scan_code_of(key);
    Codes codes;
    if (state_.code_set == 3) {
        codes = {released, code.set_3};
    } else if (key == Key::PrintScreen) {
        if (is_held(Key::LeftAlt) || is_held(Key::RightAlt)) {
            add_stroke(codes, {0x84, false, false});
        } else {
            add_stroke(codes, {scan_code_of(Key::KeypadMultiply).set_2, true, false});
            if (!is_held(Key::LeftCtrl) && !is_held(Key::RightCtrl) && !shifted())
                add_stroke(codes, {scan_code_of(Key::LeftShift).set_2, true, false});
        }
    } else {
        add_stroke(codes, {code.set_2, code.extended, false});
        add_shifts(codes, key, false);
    }
    send(codes);
}

void Ps2Keyboard::send(const Codes& codes) {
    if (state_.codes.size() + codes.size() <= most_codes) {
        state_.codes.insert(state_.codes.end(), codes.begin(), codes.end());
    } else {
        const u8 overrun = state_.code_set == 1 ? 0xff : 0x00;
        if (state_.codes.back() != overrun) state_.codes.push_back(overrun);
    }
    announce();
}

// ---- repetition: "Set Typematic Rate/Delay"

u64 Ps2Keyboard::repeat_delay() const {
    return steps_in_microseconds(scheduler_.rate(), 250'000 * (1 + bits<u64>(state_.repeat, 5, 2)));
}

// (8 + A) * 2^B / 240 s, which the manual rounds to 0.00417 s * ...
u64 Ps2Keyboard::repeat_period() const {
    return scheduler_.frequency(240).steps_for((8 + bits<u64>(state_.repeat, 0, 3)) << bits(state_.repeat, 3, 2));
}

// While nobody takes the last code a key does not pile up more.
void Ps2Keyboard::repeat() {
    if (state_.enabled && !ps2_ready()) press(state_.repeating, true);
    repeat_.set_in(repeat_period());
}

}  // namespace retrace
