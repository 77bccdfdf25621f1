// The mouse: a PS/2 mouse that becomes an IntelliMouse (wheel) or a five-button one when asked. (IBM PS/2 Hardware Interface
// Technical Reference, "Mouse"; Microsoft's IntelliMouse notes for the wheel and buttons 4 and 5.)
//
//   from the controller  E6, E7 scaling 1:1, 2:1   E8 resolution   E9 status   EA stream   EB read   EC end wrap   EE wrap
//                        F0 remote   F2 identify (00, 03, 04)   F3 sample rate   F4, F5 reporting on, off   F6 defaults
//                        FE resend   FF reset; answers are FA, or FE for what it does not know
//   to the controller    packets of 3 bytes, with wheel or five buttons 4, at most one per sample
//
// Rates 200, 100, 80 in a row make it an IntelliMouse, then 200, 200, 80 a five-button one. Movement beyond one packet's
// nine bits is kept for the next. The resolution is reported, not applied: a count is a count of the host's.
#pragma once

#include <array>
#include <deque>
#include <initializer_list>

#include "core/bus/device.hpp"
#include "core/time/scheduler.hpp"
#include "devices/input/ps2_device.hpp"

namespace retrace {

class Ps2Mouse final : public Device, public Ps2Device {
public:
    enum class Mode : u8 { Stream, Remote };

    struct State {
        std::deque<u8> queue;
        std::array<u8, 4> last_sent{};  // the last answer or packet, for resend
        u8 last_size = 0;
        u8 argument_of = 0;             // the command whose next byte is awaited, or 0
        Mode mode = Mode::Stream;
        bool wraps = false;
        bool reports = false;
        bool scales = false;            // 2:1
        u8 resolution = 2;
        u8 rate = 100;
        u8 identity = 0;
        std::array<u8, 2> knocks{};     // the two sample rates before this one
        i32 x = 0, y = 0, wheel = 0;    // movement not yet told; y grows upwards, wheel towards the user
        u8 buttons = 0, told_buttons = 0;
    };

    explicit Ps2Mouse(Scheduler& scheduler);

    // Movement since the last call: right and down, wheel away from the user; buttons: bit 0 left, 1 right, 2 middle, 3 and 4 the side
    // buttons.
    void move(int dx, int dy, int wheel, u8 buttons);

    void ps2_receive(u8 byte) override;
    [[nodiscard]] bool ps2_ready() const override { return !state_.queue.empty(); }
    u8 ps2_send() override;

    void reset(Reset) override;
    void visit(StateVisitor& visitor) override;

private:
    void command(u8 byte);
    void argument(u8 command, u8 byte);
    void answer(std::initializer_list<u8> bytes);
    void defaults();
    void finish_self_test();
    [[nodiscard]] bool has_news() const;
    void report();
    void add_packet(bool scaled);
    void sample();

    Scheduler& scheduler_;
    Timer self_test_, sample_;
    State state_;
};

template <> inline constexpr auto fields<Ps2Mouse::State> = describe(
    field("queue", &Ps2Mouse::State::queue), field("last_sent", &Ps2Mouse::State::last_sent),
    field("last_size", &Ps2Mouse::State::last_size), field("argument_of", &Ps2Mouse::State::argument_of),
    field("mode", &Ps2Mouse::State::mode), field("wraps", &Ps2Mouse::State::wraps), field("reports", &Ps2Mouse::State::reports),
    field("scales", &Ps2Mouse::State::scales), field("resolution", &Ps2Mouse::State::resolution), field("rate", &Ps2Mouse::State::rate),
    field("identity", &Ps2Mouse::State::identity), field("knocks", &Ps2Mouse::State::knocks), field("x", &Ps2Mouse::State::x),
    field("y", &Ps2Mouse::State::y), field("wheel", &Ps2Mouse::State::wheel), field("buttons", &Ps2Mouse::State::buttons),
    field("told_buttons", &Ps2Mouse::State::told_buttons));

}  // namespace retrace
