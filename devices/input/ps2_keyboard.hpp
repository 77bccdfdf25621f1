// The keyboard: IBM's enhanced one with 101 or 102 keys on a PS/2 connector. (IBM PS/2 Hardware Interface Technical Reference,
// "Keyboards (101- and 102-Key)".)
//
//   from the controller  ED leds   EE echo   F0 code set (1-3, 0 asks)   F2 identify (AB 83)   F3 repeat rate and delay
//                        F4 enable   F5 defaults and disable   F6 defaults   F7-FA all keys' types   FB-FD one key's type (set 3)
//                        FE resend   FF reset; answers are FA, or FE for what it does not know
//   to the controller    scan codes of set 2 (at birth), 1 or 3; answers before scan codes
//
// Sixteen bytes of scan codes wait; beyond them an overrun code (00, in set 1 FF) stands for what is lost. The cursor keys send the
// shifts around them that an old program needs to see, as Shift and the Num Lock light say. A held key repeats (500 ms, then
// 10.9 a second at birth), the last pressed only. The self-test after FF takes 20 ms (IBM's took 300 to 500); the one at power-on
// is over before anybody listens.
#pragma once

#include <array>
#include <deque>
#include <initializer_list>

#include "core/bus/device.hpp"
#include "core/time/scheduler.hpp"
#include "devices/host/key.hpp"
#include "devices/input/ps2_device.hpp"

namespace retrace {

class Ps2Keyboard final : public Device, public Ps2Device {
public:
    struct State {
        std::deque<u8> answers, codes;
        u8 last_sent = 0;
        u8 argument_of = 0;            // the command whose next byte is awaited, or 0
        u8 leds = 0;                   // bit 0 Scroll, 1 Num, 2 Caps Lock
        u8 code_set = 2;
        u8 repeat = 0x2b;              // as F3 gives it
        bool enabled = true;
        std::array<u8, 32> held{};     // a bit a key: the fingers
        Key repeating = Key::None;
        std::array<u8, 256> types{};   // by set 3 code; 0: what the key has at birth
    };

    explicit Ps2Keyboard(Scheduler& scheduler);

    // A key goes down or up. Repetition of either is ignored.
    void key(Key key, bool down);
    [[nodiscard]] u8 leds() const { return state_.leds; }

    void ps2_receive(u8 byte) override;
    [[nodiscard]] bool ps2_ready() const override { return !state_.answers.empty() || !state_.codes.empty(); }
    u8 ps2_send() override;

    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;

private:
    struct Stroke {
        u8 code;
        bool extended, down;
    };
    using Codes = std::deque<u8>;

    void command(u8 byte);
    void argument(u8 command, u8 byte);
    void answer(std::initializer_list<u8> bytes);
    void defaults();
    void finish_self_test();

    [[nodiscard]] bool is_held(Key key) const;
    [[nodiscard]] bool shifted() const { return is_held(Key::LeftShift) || is_held(Key::RightShift); }
    [[nodiscard]] u8 type_of(Key key) const;
    void press(Key key, bool again);
    void release(Key key);
    void add_stroke(Codes& codes, Stroke stroke) const;
    void add_shifts(Codes& codes, Key key, bool before) const;
    void send(const Codes& codes);
    void repeat();
    [[nodiscard]] u64 repeat_delay() const;
    [[nodiscard]] u64 repeat_period() const;

    Scheduler& scheduler_;
    Timer self_test_, repeat_;
    State state_;
};

template <> inline constexpr auto fields<Ps2Keyboard::State> = describe(
    field("answers", &Ps2Keyboard::State::answers), field("codes", &Ps2Keyboard::State::codes),
    field("last_sent", &Ps2Keyboard::State::last_sent), field("argument_of", &Ps2Keyboard::State::argument_of),
    field("leds", &Ps2Keyboard::State::leds), field("code_set", &Ps2Keyboard::State::code_set),
    field("repeat", &Ps2Keyboard::State::repeat), field("enabled", &Ps2Keyboard::State::enabled),
    field("held", &Ps2Keyboard::State::held), field("repeating", &Ps2Keyboard::State::repeating),
    field("types", &Ps2Keyboard::State::types));

}  // namespace retrace
