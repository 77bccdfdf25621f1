// VideoBench: the video BIOS with a processor, memory and a VGA around it, and nothing else. call() is one INT 10h.
#pragma once

#include <array>
#include <initializer_list>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>

#include "bios/images.hpp"
#include "core/cpu/cpu.hpp"
#include "core/engine/interpreter.hpp"
#include "core/memory/physical_memory.hpp"
#include "devices/video/vga.hpp"

namespace retrace::test {

// For loops over numbers of modes and functions.
using Words = std::initializer_list<u16>;

struct Call {
    u16 ax = 0, bx = 0, cx = 0, dx = 0, bp = 0, es = 0, di = 0, si = 0;
    bool operator==(const Call&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Call& c) {
    return out << std::hex << "ax=" << c.ax << " bx=" << c.bx << " cx=" << c.cx << " dx=" << c.dx << " bp=" << c.bp << " es=" << c.es
               << " di=" << c.di << " si=" << c.si << std::dec;
}

class VideoBench {
public:
    explicit VideoBench(CpuModel model = CpuModel::I8086) : cpu{memory, ports, scheduler, model}, engine{cpu} {
        vga.attach(ports);
        vga.attach(windows);
        memory.map_window({0xa0000}, 0x20000);
        memory.map_rom({0xc0000}, bios::video());
        cpu.reset();
        // Everything else in the interrupt table returns at once.
        poke(0x4fe, {0xcf});
        for (u32 vector = 0; vector < 256; ++vector) poke(vector * 4, {0xfe, 0x04, 0, 0});
        poke(0x500, {0x9a, 0x03, 0x00, 0x00, 0xc0, 0xf4});  // call C000:0003; hlt
        poke(0x510, {0xcd, 0x10, 0xf4});                    // int 10h; hlt
        run(0x500);
    }

    // INT 10h, and the registers afterwards.
    Call call(const Call& in) {
        Registers& r = cpu.registers();
        const std::array values{in.ax, in.cx, in.dx, in.bx, u16{0x7000}, in.bp, in.si, in.di};
        for (unsigned i = 0; i < 8; ++i) r.gpr[i] = values[i];
        cpu.set_real_segment(0, in.es);
        run(0x510);
        REQUIRE(cpu.state.gpr.word(Esp) == 0x7000);
        const auto& g = cpu.state.gpr;
        return {g.word(Eax), g.word(Ebx), g.word(Ecx), g.word(Edx), g.word(Ebp), cpu.state.segment[0].selector, g.word(Edi), g.word(Esi)};
    }
    Call set_mode(u16 mode) { return call({.ax = mode}); }
    void move_cursor(u8 column, u8 row, u8 page = 0) { call({.ax = 0x0200, .bx = u16(page << 8), .dx = u16(row << 8 | column)}); }
    u16 cursor(u8 page = 0) { return call({.ax = 0x0300, .bx = u16(page << 8)}).dx; }
    void teletype(std::string_view text, u8 colour = 7) {
        for (const char each : text) call({.ax = u16(0x0e00 | u8(each)), .bx = colour});
    }
    void write(u8 character, u8 colour, u16 count = 1, u8 page = 0) {
        call({.ax = u16(0x0900 | character), .bx = u16(page << 8 | colour), .cx = count});
    }

    [[nodiscard]] u8 byte(u32 address) const { return memory.peek({address}).value_or(0xff); }
    [[nodiscard]] u16 word(u32 address) const { return static_cast<u16>(byte(address) | byte(address + 1) << 8); }
    u8 video(u32 address) { return static_cast<u8>(memory.read({address}, 1)); }
    void poke(u32 address, std::initializer_list<u8> bytes) {
        for (const u8 each : bytes) memory.write({address++}, 1, each);
    }
    void poke(u32 address, std::string_view text) {
        for (const char each : text) memory.write({address++}, 1, u8(each));
    }

    // ---- the chip's registers
    u8 sequencer(u8 index) { return indexed(0x3c4, index); }
    u8 graphics(u8 index) { return indexed(0x3ce, index); }
    u8 crtc(u8 index) { return indexed(word(0x463), index); }
    u8 attribute(u8 index) {
        ports.read8(static_cast<u16>(word(0x463) + 6));
        ports.write8(0x3c0, index);
        const u8 value = ports.read8(0x3c1);
        ports.read8(static_cast<u16>(word(0x463) + 6));
        ports.write8(0x3c0, 0x20);
        return value;
    }
    std::array<u8, 3> colour(u8 index) {
        ports.write8(0x3c7, index);
        const u8 red = ports.read8(0x3c9), green = ports.read8(0x3c9), blue = ports.read8(0x3c9);
        return {red, green, blue};
    }
    // A row of the text screen as it is shown.
    std::string row(unsigned number) {
        const auto screen = vga.text();
        REQUIRE(screen);
        std::string text;
        for (unsigned column = 0; column < screen->columns; ++column) text += char(screen->at(column, number).character);
        text.erase(text.find_last_not_of(' ') + 1);
        return text;
    }

    Scheduler scheduler{StepRate{10'000'000}};
    PortMap ports;
    MmioMap windows;
    PhysicalMemory memory{1 << 20, windows};
    std::vector<u8> frame_buffer = std::vector<u8>(8 << 20);
    Vga vga{scheduler, frame_buffer};
    Cpu cpu;
    Interpreter engine;

private:
    u8 indexed(u16 port, u8 index) {
        ports.write8(port, index);
        return ports.read8(static_cast<u16>(port + 1));
    }
    // Executes from 0:offset until HLT.
    void run(u16 offset) {
        Registers& r = cpu.registers();
        r.eip = offset;
        r.eflags = 0x0002;
        r.halted = false;
        r.gpr[Esp] = 0x7000;
        cpu.set_real_segment(1, 0);
        cpu.set_real_segment(2, 0);
        cpu.restored();
        engine.restored();
        const Moment latest = scheduler.now() + 100'000'000;
        while (!cpu.state.halted) {
            REQUIRE(scheduler.now() < latest);
            scheduler.run_due();
            engine.run(scheduler.now() + 1'000);
        }
        scheduler.run_due();
    }
};

}  // namespace retrace::test
