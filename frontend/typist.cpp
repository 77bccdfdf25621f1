#include "frontend/typist.hpp"

#include "core/base/bits.hpp"
#include "frontend/us_keyboard.hpp"

namespace retrace {

namespace {

constexpr u64 between_strokes_us = 20'000;
constexpr u64 held_us = 100'000;  // games look at the keyboard once in a picture
constexpr u64 patience_us = 3'000'000;

}  // namespace

Typist::Typist(Machine& machine) : machine_{machine} {}

unsigned Typist::type(const std::string& text) {
    unsigned lacking = 0;
    for (const char character : text) {
        const auto stroke = keystroke_for(character);
        if (!stroke) {
            ++lacking;
            continue;
        }
        std::vector<Key> keys;
        if (stroke->ctrl) keys.push_back(Key::LeftCtrl);
        if (stroke->shift) keys.push_back(Key::LeftShift);
        keys.push_back(stroke->key);
        strike(keys, between_strokes_us);
    }
    return lacking;
}

void Typist::press(const std::vector<Key>& chord) { strike(chord, held_us); }

void Typist::strike(const std::vector<Key>& chord, u64 held) {
    if (pending_.empty()) patience_ = machine_.now() + steps_in_microseconds(machine_.rate(), patience_us);
    for (const Key key : chord) pending_.push_back({key, true, between_strokes_us});
    if (!chord.empty()) pending_.back().then = held;
    for (auto key = chord.rbegin(); key != chord.rend(); ++key) pending_.push_back({*key, false, between_strokes_us});
}

void Typist::step() {
    const Moment now = machine_.now();
    if (pending_.empty() || now < earliest_) return;
    if (!guest_is_ready() && now < patience_) return;
    const Stroke stroke = pending_.front();
    pending_.pop_front();
    machine_.key(stroke.key, stroke.down);
    earliest_ = now + steps_in_microseconds(machine_.rate(), stroke.then);
    patience_ = now + steps_in_microseconds(machine_.rate(), patience_us);
}

bool Typist::guest_is_ready() const {
    if (machine_.keyboard_busy()) return false;
    return !pending_.front().down || !type_ahead_is_full();
}

// The BIOS data area's ring of 16 entries: head 41Ah, tail 41Ch, bounds 480h and 482h. Where these hold something else it is no such ring.
bool Typist::type_ahead_is_full() const {
    const auto word = [this](u64 address) {
        return word_of(machine_.peek({address}).value_or(0), machine_.peek({address + 1}).value_or(0));
    };
    const u32 head = word(0x41a), tail = word(0x41c), start = word(0x480), end = word(0x482);
    if (start >= end || head < start || head >= end || tail < start || tail >= end) return false;
    const u32 used = (tail + (end - start) - head) % (end - start) / 2, room = (end - start) / 2 - 1;
    return used + 2 > room;
}

}  // namespace retrace
