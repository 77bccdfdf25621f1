// A keyboard controller with keyboard and mouse plugged in.
#pragma once

#include "devices/input/i8042.hpp"
#include "devices/input/ps2_keyboard.hpp"
#include "devices/input/ps2_mouse.hpp"
#include "tests/devices/contract.hpp"

namespace retrace::test {

struct InputBench : DeviceBench {
    Ps2Keyboard keyboard{scheduler};
    Ps2Mouse mouse{scheduler};
    I8042 controller;

    InputBench() : InputBench(true) {}
    explicit InputBench(bool plugged)
        : controller{scheduler, {.irq1 = pin("IRQ1"), .irq12 = pin("IRQ12"), .a20 = pin("A20"), .processor_reset = pin("RESET")},
                     plugged ? &keyboard : nullptr, plugged ? &mouse : nullptr} {
        add(keyboard);
        add(mouse);
        add(controller);
        poke(0x60, 0x60);
        poke(0x64, 0x64);
    }
    void disturb(Dice& dice) override {
        if (dice.one_in(8)) command(0x60, dice.one_in(4) ? 0x07 : 0x47);  // random bytes rarely leave both ports on
        else if (dice.one_in(2)) keyboard.key(static_cast<Key>(dice.byte()), dice.one_in(2));
        else mouse.move(static_cast<int>(dice.below(700)) - 350, static_cast<int>(dice.below(700)) - 350, static_cast<int>(dice.below(5)) - 2, dice.byte());
    }

    u8 status() { return ports.read8(0x64); }
    u8 data() { return ports.read8(0x60); }
    void command(u8 value) { ports.write8(0x64, value); }
    void command(u8 value, u8 argument) {
        ports.write8(0x64, value);
        ports.write8(0x60, argument);
    }
    void milliseconds(u64 n) { scheduler.run(n * 1000); }

    // Everything that arrives within the next so many milliseconds, as hexadecimal bytes.
    std::string arrives(u64 n = 40) {
        std::string text;
        for (u64 i = 0; i < n * 10; ++i) {
            scheduler.run(100);
            if (!(status() & 1)) continue;
            char two[4];
            std::snprintf(two, sizeof two, "%02x", data());
            text += (text.empty() ? "" : " ") + std::string(two);
        }
        return text;
    }
    std::string tells_keyboard(std::initializer_list<u8> bytes, u64 n = 40) {
        for (const u8 byte : bytes) {
            while (status() & 2) scheduler.run(100);
            ports.write8(0x60, byte);
            if (byte != *(bytes.end() - 1)) arrives(5);
        }
        return arrives(n);
    }
    std::string tells_mouse(std::initializer_list<u8> bytes, u64 n = 40) {
        for (const u8 byte : bytes) {
            while (status() & 2) scheduler.run(100);
            command(0xd4, byte);
            if (byte != *(bytes.end() - 1)) arrives(5);
        }
        return arrives(n);
    }
    std::string typed(Key key) {
        keyboard.key(key, true);
        std::string text = arrives(20);
        keyboard.key(key, false);
        return text + " / " + arrives(20);
    }
};

// As a BIOS leaves it: tested, both ports on, interrupts on; translation as told.
struct ReadyBench : InputBench {
    explicit ReadyBench(bool translated = true) {
        command(0xaa);
        data();
        command(0x60, translated ? 0x47 : 0x07);
    }
};

struct UntranslatedBench : ReadyBench {
    UntranslatedBench() : ReadyBench{false} {}
};

}  // namespace retrace::test
