// Typist: presses keys as a person would, no faster than the guest takes them.
//
// A key goes down, and up again, some hundredths of a virtual second apart (a chord by itself a tenth of one), and never while the keyboard still holds codes that the guest has
// not read, or while the BIOS's type-ahead buffer is nearly full. A guest that does not take keys that way (its own driver, nobody
// reading) gets them after a patient pause.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "devices/board/machine.hpp"

namespace retrace {

class Typist {
public:
    explicit Typist(Machine& machine);

    // Characters that a US keyboard lacks are left out; their number is returned.
    unsigned type(const std::string& text);
    void press(const std::vector<Key>& chord);

    // Does what is due at the machine's now. Call it between slices of a few virtual milliseconds.
    void step();
    [[nodiscard]] bool idle() const { return pending_.empty(); }

private:
    struct Stroke {
        Key key;
        bool down;
        u64 then;  // microseconds to the next stroke at least
    };
    void strike(const std::vector<Key>& chord, u64 held);
    [[nodiscard]] bool guest_is_ready() const;
    [[nodiscard]] bool type_ahead_is_full() const;

    Machine& machine_;
    std::deque<Stroke> pending_;
    Moment earliest_{};   // of the next stroke
    Moment patience_{};   // when to press on although the guest does not read
};

}  // namespace retrace
