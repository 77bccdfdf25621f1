#include "frontend/us_keyboard.hpp"

#include <algorithm>
#include <cctype>
#include <map>

#include "frontend/options.hpp"

namespace retrace {

namespace {

constexpr Key key_at(Key first, int offset) { return static_cast<Key>(static_cast<int>(first) + offset); }

struct Printed {
    Key key;
    char plain, shifted;
};

// The keys that print something other than letters.
constexpr Printed printed[] = {
    {Key::Digit1, '1', '!'}, {Key::Digit2, '2', '@'}, {Key::Digit3, '3', '#'}, {Key::Digit4, '4', '$'}, {Key::Digit5, '5', '%'},
    {Key::Digit6, '6', '^'}, {Key::Digit7, '7', '&'}, {Key::Digit8, '8', '*'}, {Key::Digit9, '9', '('}, {Key::Digit0, '0', ')'},
    {Key::Minus, '-', '_'}, {Key::Equal, '=', '+'}, {Key::LeftBracket, '[', '{'}, {Key::RightBracket, ']', '}'},
    {Key::Backslash, '\\', '|'}, {Key::Semicolon, ';', ':'}, {Key::Apostrophe, '\'', '"'}, {Key::Grave, '`', '~'},
    {Key::Comma, ',', '<'}, {Key::Period, '.', '>'}, {Key::Slash, '/', '?'},
    {Key::Space, ' ', ' '}, {Key::Enter, '\n', '\n'}, {Key::Tab, '\t', '\t'}, {Key::Backspace, '\b', '\b'}, {Key::Escape, '\x1b', '\x1b'},
};

const std::map<std::string, Key>& key_names() {
    static const std::map<std::string, Key> names = [] {
        std::map<std::string, Key> all{
            {"enter", Key::Enter}, {"return", Key::Enter}, {"esc", Key::Escape}, {"escape", Key::Escape}, {"backspace", Key::Backspace},
            {"tab", Key::Tab}, {"space", Key::Space}, {"capslock", Key::CapsLock}, {"printscreen", Key::PrintScreen}, {"sysrq", Key::PrintScreen},
            {"scrolllock", Key::ScrollLock}, {"pause", Key::Pause}, {"break", Key::Pause}, {"insert", Key::Insert}, {"ins", Key::Insert},
            {"home", Key::Home}, {"pageup", Key::PageUp}, {"pgup", Key::PageUp}, {"delete", Key::Delete}, {"del", Key::Delete},
            {"end", Key::End}, {"pagedown", Key::PageDown}, {"pgdn", Key::PageDown}, {"right", Key::Right}, {"left", Key::Left},
            {"down", Key::Down}, {"up", Key::Up}, {"numlock", Key::NumLock}, {"kp/", Key::KeypadDivide}, {"kp*", Key::KeypadMultiply},
            {"kpminus", Key::KeypadMinus}, {"kp+", Key::KeypadPlus}, {"kpenter", Key::KeypadEnter}, {"kp0", Key::Keypad0}, {"kp.", Key::KeypadPeriod},
            {"menu", Key::Menu}, {"ctrl", Key::LeftCtrl}, {"shift", Key::LeftShift}, {"alt", Key::LeftAlt}, {"super", Key::LeftSuper},
            {"rctrl", Key::RightCtrl}, {"rshift", Key::RightShift}, {"altgr", Key::RightAlt}, {"ralt", Key::RightAlt}, {"lctrl", Key::LeftCtrl},
            {"lshift", Key::LeftShift}, {"lalt", Key::LeftAlt}, {"minus", Key::Minus}, {"plus", Key::Equal},
        };
        for (int i = 0; i < 12; ++i) all["f" + std::to_string(i + 1)] = key_at(Key::F1, i);
        for (int i = 0; i < 26; ++i) all[std::string(1, static_cast<char>('a' + i))] = key_at(Key::A, i);
        for (int i = 1; i < 10; ++i) all["kp" + std::to_string(i)] = key_at(Key::Keypad1, i - 1);
        for (const auto& each : printed)
            if (std::isgraph(static_cast<unsigned char>(each.plain)) && each.plain != '-') all[std::string(1, each.plain)] = each.key;
        return all;
    }();
    return names;
}

}  // namespace

std::optional<Keystroke> keystroke_for(char c) {
    if (c >= 'a' && c <= 'z') return Keystroke{key_at(Key::A, c - 'a')};
    if (c >= 'A' && c <= 'Z') return Keystroke{key_at(Key::A, c - 'A'), true};
    if (c == '\r') c = '\n';
    for (const auto& each : printed) {
        if (each.plain == c) return Keystroke{each.key};
        if (each.shifted == c) return Keystroke{each.key, true};
    }
    if (c > 0 && c <= 26) return Keystroke{key_at(Key::A, c - 1), false, true};  // control characters
    return std::nullopt;
}

std::vector<Key> chord(const std::string& combo) {
    std::vector<Key> keys;
    std::string lower = combo;
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    for (std::size_t at = 0; at <= lower.size();) {
        const auto dash = std::min(lower.find('-', at), lower.size());
        const auto name = lower.substr(at, dash - at);
        const auto found = key_names().find(name);
        if (found == key_names().end()) {
            std::vector<std::string> names;
            for (const auto& [each, key] : key_names()) names.push_back(each);
            const auto near = nearest(name, names);
            throw UsageError("--key does not know the key '" + name + "' of '" + combo + "'" + (near.empty() ? "." : "; did you mean " + near + "?"));
        }
        keys.push_back(found->second);
        at = dash + 1;
    }
    return keys;
}

}  // namespace retrace
