// The US keyboard: which keys a person presses for a character, and the names of keys in chords such as ctrl-alt-del.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "devices/host/key.hpp"

namespace retrace {

struct Keystroke {
    Key key = Key::None;
    bool shift = false;
    bool ctrl = false;
};

// The keystroke for an ASCII character; nothing for characters a US keyboard lacks.
std::optional<Keystroke> keystroke_for(char character);

// The keys of a chord, in the order to press them. Throws UsageError for a name it does not know.
std::vector<Key> chord(const std::string& combo);

}  // namespace retrace
