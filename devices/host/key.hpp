// Key: a key of a 101/102-key PC keyboard, by its position on a US one, whatever is printed on it.
#pragma once

#include "core/base/types.hpp"

namespace retrace {

// The numbers are the key numbers of USB HID usage page 07h (HID Usage Tables, section 10), which hosts know positions by; they enter recordings.
enum class Key : u8 {
    None = 0,
    A = 0x04, B, C, D, E, F, G, H, I, J, K, L, M, N, O, P, Q, R, S, T, U, V, W, X, Y, Z,
    Digit1 = 0x1e, Digit2, Digit3, Digit4, Digit5, Digit6, Digit7, Digit8, Digit9, Digit0,
    Enter = 0x28, Escape, Backspace, Tab, Space, Minus, Equal, LeftBracket, RightBracket, Backslash,
    Semicolon = 0x33, Apostrophe, Grave, Comma, Period, Slash, CapsLock,
    F1 = 0x3a, F2, F3, F4, F5, F6, F7, F8, F9, F10, F11, F12,
    PrintScreen = 0x46, ScrollLock, Pause, Insert, Home, PageUp, Delete, End, PageDown, Right, Left, Down, Up,
    NumLock = 0x53, KeypadDivide, KeypadMultiply, KeypadMinus, KeypadPlus, KeypadEnter,
    Keypad1 = 0x59, Keypad2, Keypad3, Keypad4, Keypad5, Keypad6, Keypad7, Keypad8, Keypad9, Keypad0, KeypadPeriod,
    International = 0x64,  // the 102nd key, between left Shift and Z
    Menu = 0x65,
    LeftCtrl = 0xe0, LeftShift, LeftAlt, LeftSuper, RightCtrl, RightShift, RightAlt, RightSuper,
};

}  // namespace retrace
