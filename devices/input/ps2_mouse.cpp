#include "devices/input/ps2_mouse.hpp"

#include <algorithm>

#include "core/base/bits.hpp"

namespace retrace {

namespace {

constexpr u8 acknowledge = 0xfa, resend = 0xfe, self_test_passed = 0xaa;
constexpr u8 left = 0x01, right = 0x02, middle = 0x04, three_buttons = 0x07, all_buttons = 0x1f;
constexpr u8 wheel_mouse = 3, five_buttons = 4;
constexpr u64 self_test_microseconds = 20'000;
constexpr i32 most_kept = 0x7fff;  // movement nobody asks for must end somewhere

// "Scaling 2:1": small movements shrink, large ones double.
i32 scaled(i32 v) {
    static constexpr i32 small[] = {0, 1, 1, 3, 6, 9};
    const i32 size = v < 0 ? -v : v;
    const i32 out = size < 6 ? small[size] : 2 * size;
    return v < 0 ? -out : out;
}

i32 keep(i32 sum, int more) { return std::clamp(sum + std::clamp(more, -most_kept, most_kept), -most_kept, most_kept); }

}  // namespace

Ps2Mouse::Ps2Mouse(Scheduler& scheduler)
    : scheduler_{scheduler}
    , self_test_{scheduler, "mouse.self_test", [this] { finish_self_test(); }}
    , sample_{scheduler, "mouse.sample", [this] { sample(); }} {}

void Ps2Mouse::reset(Reset) {
    state_ = {};
    self_test_.cancel();
    sample_.cancel();
}

void Ps2Mouse::visit(StateVisitor& visitor) { visit_fields(visitor, state_); }

void Ps2Mouse::move(int dx, int dy, int wheel, u8 buttons) {
    state_.x = keep(state_.x, dx);
    state_.y = keep(state_.y, -std::clamp(dy, -most_kept, most_kept));
    state_.wheel = keep(state_.wheel, -std::clamp(wheel, -most_kept, most_kept));
    state_.buttons = buttons & all_buttons;
    report();
}

// ---- packets

bool Ps2Mouse::has_news() const {
    const bool wheel = state_.identity != 0 && state_.wheel != 0;
    const u8 seen = state_.identity == five_buttons ? all_buttons : three_buttons;
    return state_.x != 0 || state_.y != 0 || wheel || ((state_.buttons ^ state_.told_buttons) & seen);
}

// In stream mode a packet goes at once, the next not before a sample's time has passed and the last one is taken.
void Ps2Mouse::report() {
    if (state_.mode != Mode::Stream || !state_.reports || state_.wraps || sample_.is_set() || self_test_.is_set() || !has_news()) return;
    if (state_.queue.empty()) {
        add_packet(state_.scales);
        announce();
    }
    sample_.set_in(scheduler_.frequency(state_.rate).steps_for(1));
}

void Ps2Mouse::sample() { report(); }

void Ps2Mouse::add_packet(bool scales) {
    const i32 dx = std::clamp(state_.x, -255, 255), dy = std::clamp(state_.y, -255, 255);
    state_.x -= dx;
    state_.y -= dy;
    i32 x = dx, y = dy;
    if (scales) {
        x = std::clamp(scaled(dx), -255, 255);
        y = std::clamp(scaled(dy), -255, 255);
    }
    std::array<u8, 4> packet{static_cast<u8>(0x08 | (state_.buttons & three_buttons) | (x < 0 ? 0x10 : 0) | (y < 0 ? 0x20 : 0)),
                             static_cast<u8>(x), static_cast<u8>(y), 0};
    u8 size = 3;
    if (state_.identity != 0) {
        const i32 z = std::clamp(state_.wheel, -8, 7);
        state_.wheel -= z;
        packet[3] = static_cast<u8>(z);
        if (state_.identity == five_buttons) packet[3] = static_cast<u8>((packet[3] & 0x0f) | (state_.buttons & 0x18) << 1);
        size = 4;
    } else {
        state_.wheel = 0;
    }
    state_.told_buttons = state_.buttons;
    state_.queue.insert(state_.queue.end(), packet.begin(), packet.begin() + size);
    state_.last_sent = packet;
    state_.last_size = size;
}

// ---- the wire

u8 Ps2Mouse::ps2_send() {
    const u8 byte = state_.queue.front();
    state_.queue.pop_front();
    return byte;
}

void Ps2Mouse::answer(std::initializer_list<u8> bytes) {
    state_.queue.insert(state_.queue.end(), bytes.begin(), bytes.end());
    state_.last_size = static_cast<u8>(bytes.size());
    std::ranges::copy(bytes, state_.last_sent.begin());
}

// A command cuts off a packet or answer that is not yet sent.
void Ps2Mouse::ps2_receive(u8 byte) {
    state_.queue.clear();
    self_test_.cancel();
    const u8 awaited = std::exchange(state_.argument_of, u8{0});
    if (state_.wraps && byte != 0xec && byte != 0xff) answer({byte});
    else if (awaited != 0) argument(awaited, byte);
    else command(byte);
    announce();
}

void Ps2Mouse::command(u8 byte) {
    if (byte != 0xf3) state_.knocks = byte == 0xf2 ? state_.knocks : std::array<u8, 2>{};
    switch (byte) {
        case 0xe6: case 0xe7: state_.scales = byte == 0xe7; break;
        case 0xe8: case 0xf3: state_.argument_of = byte; break;
        case 0xe9: {
            const u8 b = state_.buttons;
            const u8 status = static_cast<u8>((state_.mode == Mode::Remote ? 0x40 : 0) | (state_.reports ? 0x20 : 0) |
                (state_.scales ? 0x10 : 0) | (b & left ? 4 : 0) | (b & middle ? 2 : 0) | (b & right ? 1 : 0));
            return answer({acknowledge, status, state_.resolution, state_.rate});
        }
        case 0xea: state_.mode = Mode::Stream; break;
        case 0xeb:
            state_.queue.push_back(acknowledge);
            return add_packet(false);
        case 0xec: state_.wraps = false; break;
        case 0xee: state_.wraps = true; break;
        case 0xf0: state_.mode = Mode::Remote; break;
        case 0xf2: return answer({acknowledge, state_.identity});
        case 0xf4:
            state_.reports = true;
            state_.x = state_.y = state_.wheel = 0;  // what moved before is nobody's
            state_.told_buttons = state_.buttons;
            break;
        case 0xf5: state_.reports = false; break;
        case 0xf6: defaults(); break;
        case 0xfe:
            state_.queue.assign(state_.last_sent.begin(), state_.last_sent.begin() + std::min<std::size_t>(state_.last_size, 4));
            return;
        case 0xff: {
            const u8 buttons = state_.buttons;
            reset(Reset::Hard);
            state_.buttons = state_.told_buttons = buttons;
            self_test_.set_in(steps_in_microseconds(scheduler_.rate(), self_test_microseconds));
            break;
        }
        default: return answer({resend});
    }
    answer({acknowledge});
}

void Ps2Mouse::argument(u8 command, u8 byte) {
    if (command == 0xe8) {
        if (byte > 3) return answer({resend});
        state_.resolution = byte;
        return answer({acknowledge});
    }
    static constexpr u8 rates[] = {10, 20, 40, 60, 80, 100, 200};
    if (std::ranges::find(rates, byte) == std::end(rates)) return answer({resend});
    const auto [second_last, last] = state_.knocks;
    if (byte == 80 && second_last == 200 && last == 100) state_.identity = wheel_mouse;
    if (byte == 80 && second_last == 200 && last == 200) state_.identity = five_buttons;
    state_.knocks = {last, byte};
    state_.rate = byte;
    answer({acknowledge});
}

void Ps2Mouse::defaults() {
    const State born;
    state_.rate = born.rate;
    state_.resolution = born.resolution;
    state_.scales = born.scales;
    state_.reports = born.reports;
    state_.mode = born.mode;
    state_.x = state_.y = state_.wheel = 0;
}

void Ps2Mouse::finish_self_test() {
    answer({self_test_passed, 0x00});
    announce();
}

}  // namespace retrace
