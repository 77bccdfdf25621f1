#include "devices/input/ps2_keyboard.hpp"

#include <set>

#include "devices/input/scan_codes.hpp"
#include "tests/devices/input/bench.hpp"

using namespace retrace;
using namespace retrace::test;

TEST_CASE("every key has its own codes") {
    std::set<std::pair<bool, u8>> set_1, set_2;
    std::set<u8> set_3;
    unsigned keys = 0;
    for (unsigned i = 0; i < 256; ++i) {
        const ScanCode code = scan_code_of(static_cast<Key>(i));
        if (code.set_3 == 0) continue;
        ++keys;
        CHECK(set_3.insert(code.set_3).second);
        if (code.set_2 == 0) continue;
        CHECK(set_2.insert({code.extended, code.set_2}).second);
        CHECK(set_1.insert({code.extended, set_1_from_2(code.set_2)}).second);
    }
    CHECK(keys == 105);
}

TEST_CASE_METHOD(ReadyBench, "keys come as an XT's through the translation") {
    CHECK(typed(Key::Escape) == "01 / 81");
    CHECK(typed(Key::Digit1) == "02 / 82");
    CHECK(typed(Key::Enter) == "1c / 9c");
    CHECK(typed(Key::F7) == "41 / c1");
    CHECK(typed(Key::F11) == "57 / d7");
    CHECK(typed(Key::F12) == "58 / d8");
    CHECK(typed(Key::RightCtrl) == "e0 1d / e0 9d");
    CHECK(typed(Key::Up) == "e0 48 / e0 c8");
    CHECK(typed(Key::KeypadEnter) == "e0 1c / e0 9c");
    CHECK(typed(Key::Keypad8) == "48 / c8");
    CHECK(typed(Key::International) == "56 / d6");
    CHECK(typed(Key::LeftSuper) == "e0 5b / e0 db");
    CHECK(typed(Key::PrintScreen) == "e0 2a e0 37 / e0 b7 e0 aa");
    CHECK(typed(Key::Pause) == "e1 1d 45 e1 9d c5 / ");
}

TEST_CASE_METHOD(UntranslatedBench, "set 2 comes as it is") {
    CHECK(typed(Key::A) == "1c / f0 1c");
    CHECK(typed(Key::Up) == "e0 75 / e0 f0 75");
    CHECK(typed(Key::Pause) == "e1 14 77 e1 f0 14 f0 77 / ");
    CHECK(typed(Key::F7) == "83 / f0 83");
}

TEST_CASE_METHOD(UntranslatedBench, "sets 1 and 3 can be chosen and asked for") {
    CHECK(tells_keyboard({0xf0, 0x00}) == "fa 02");
    CHECK(tells_keyboard({0xf0, 0x01}) == "fa");
    CHECK(typed(Key::Up) == "e0 48 / e0 c8");
    CHECK(tells_keyboard({0xf0, 0x03}) == "fa");
    CHECK(typed(Key::A) == "1c / ");      // no break by default
    CHECK(typed(Key::LeftShift) == "12 / f0 12");
    CHECK(typed(Key::Up) == "63 / ");
    CHECK(tells_keyboard({0xfc, 0x1c}) == "fa");
    CHECK(typed(Key::A) == "1c / f0 1c");
    CHECK(tells_keyboard({0xfa}) == "fa");
    CHECK(typed(Key::F1) == "07 / f0 07");
    CHECK(tells_keyboard({0xf0, 0x04}) == "fe");
}

TEST_CASE_METHOD(ReadyBench, "cursor keys bring the shifts that old programs need") {
    keyboard.key(Key::LeftShift, true);
    CHECK(arrives() == "2a");
    CHECK(typed(Key::Left) == "e0 aa e0 4b / e0 cb e0 2a");
    CHECK(typed(Key::KeypadDivide) == "e0 aa e0 35 / e0 b5 e0 2a");
    CHECK(typed(Key::PrintScreen) == "e0 37 / e0 b7");
    keyboard.key(Key::LeftShift, false);
    CHECK(arrives() == "aa");
    CHECK(tells_keyboard({0xed, 0x02}) == "fa");
    CHECK(typed(Key::Left) == "e0 2a e0 4b / e0 cb e0 aa");
    CHECK(typed(Key::KeypadDivide) == "e0 35 / e0 b5");
}

TEST_CASE_METHOD(ReadyBench, "Ctrl makes Break, Alt makes SysRq") {
    keyboard.key(Key::LeftCtrl, true);
    arrives();
    CHECK(typed(Key::Pause) == "e0 46 e0 c6 / ");
    keyboard.key(Key::LeftCtrl, false);
    keyboard.key(Key::LeftAlt, true);
    arrives();
    CHECK(typed(Key::PrintScreen) == "54 / d4");
}

TEST_CASE_METHOD(ReadyBench, "a held key repeats after half a second, 10.9 times a second, until it is released") {
    keyboard.key(Key::X, true);
    CHECK(arrives(495) == "2d");
    CHECK(arrives(20) == "2d");
    std::string ten = arrives(1000);
    CHECK(std::count(ten.begin(), ten.end(), '2') >= 10);
    CHECK(std::count(ten.begin(), ten.end(), '2') <= 11);
    keyboard.key(Key::LeftShift, true);  // the last pressed repeats
    CHECK(arrives(700).substr(0, 5) == "2a 2a");
    keyboard.key(Key::LeftShift, false);
    CHECK(arrives(700) == "aa");
}

TEST_CASE_METHOD(ReadyBench, "the fastest rate is 30 a second after a quarter") {
    CHECK(tells_keyboard({0xf3, 0x00}) == "fa");
    keyboard.key(Key::X, true);
    CHECK(arrives(245) == "2d");
    const std::string second = arrives(1000);
    const auto repeats = std::count(second.begin(), second.end(), 'd');
    CHECK(repeats >= 29);
    CHECK(repeats <= 31);
}

TEST_CASE_METHOD(ReadyBench, "the keyboard resets, identifies itself, echoes, and refuses nonsense") {
    CHECK(tells_keyboard({0xff}) == "fa aa");
    CHECK(tells_keyboard({0xf2}) == "fa ab 41");  // translated, as everybody sees it
    CHECK(tells_keyboard({0xee}) == "ee");
    CHECK(tells_keyboard({0xef}) == "fe");
    CHECK(tells_keyboard({0xfe}) == "fe");
    CHECK(tells_keyboard({0xed, 0x07}) == "fa");
    CHECK(keyboard.leds() == 7);
}

TEST_CASE_METHOD(ReadyBench, "a disabled keyboard says nothing, and a key held meanwhile is not made up for") {
    CHECK(tells_keyboard({0xf5}) == "fa");
    keyboard.key(Key::Q, true);
    CHECK(arrives() == "");
    CHECK(tells_keyboard({0xf4}) == "fa");
    CHECK(arrives(600) == "");
}

TEST_CASE_METHOD(UntranslatedBench, "what does not fit into sixteen bytes is an overrun") {
    command(0xad);
    for (const Key key : {Key::A, Key::B, Key::C, Key::D, Key::E, Key::F, Key::G}) {
        keyboard.key(key, true);
        keyboard.key(key, false);
    }
    command(0xae);
    CHECK(arrives() == "1c f0 1c 32 f0 32 21 f0 21 23 f0 23 24 f0 24 2b 00");
}

TEST_CASE_METHOD(ReadyBench, "pressing a pressed key again is nothing") {
    keyboard.key(Key::A, true);
    keyboard.key(Key::A, true);
    keyboard.key(Key::B, false);
    keyboard.key(static_cast<Key>(0xff), true);
    CHECK(arrives() == "1e");
}
