// The register values of the standard modes, as IBM's BIOS sets them (PS/2 BIOS Technical Reference, video parameter tables),
// and the bench that programs them into a chip.
#pragma once

#include <array>

#include "devices/video/vga.hpp"
#include "tests/devices/contract.hpp"

namespace retrace::test {

struct Mode {
    u8 miscellaneous;
    std::array<u8, 5> sequencer;
    std::array<u8, 25> crtc;
    std::array<u8, 9> graphics;
    std::array<u8, 21> attribute;
};

inline constexpr Mode mode_01h{0x67, {3, 8, 3, 0, 2},
    {0x2d, 0x27, 0x28, 0x90, 0x2b, 0xa0, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14, 0x1f, 0x96, 0xb9, 0xa3, 0xff},
    {0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff}, {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0, 0x0f, 8, 0}};
inline constexpr Mode mode_03h{0x67, {3, 0, 3, 0, 2},
    {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x1f, 0x96, 0xb9, 0xa3, 0xff},
    {0, 0, 0, 0, 0, 0x10, 0x0e, 0, 0xff}, {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x0c, 0, 0x0f, 8, 0}};
inline constexpr Mode mode_04h{0x63, {3, 9, 3, 0, 2},
    {0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14, 0, 0x96, 0xb9, 0xa2, 0xff},
    {0, 0, 0, 0, 0, 0x30, 0x0f, 0, 0xff}, {0, 0x13, 0x15, 0x17, 2, 4, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 1, 0, 3, 0, 0}};
inline constexpr Mode mode_06h{0x63, {3, 1, 1, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0xc1, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0, 0x96, 0xb9, 0xc2, 0xff},
    {0, 0, 0, 0, 0, 0, 0x0d, 0, 0xff}, {0, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 0x17, 1, 0, 1, 0, 0}};
inline constexpr Mode mode_07h{0x66, {3, 0, 3, 0, 2},
    {0x5f, 0x4f, 0x50, 0x82, 0x55, 0x81, 0xbf, 0x1f, 0, 0x4f, 0x0d, 0x0e, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x0d, 0x96, 0xb9, 0xa3, 0xff},
    {0, 0, 0, 0, 0, 0x10, 0x0a, 0, 0xff}, {0, 8, 8, 8, 8, 8, 8, 8, 0x10, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x18, 0x0e, 0, 0x0f, 8, 0}};
inline constexpr Mode mode_0dh{0x63, {3, 9, 0x0f, 0, 6},
    {0x2d, 0x27, 0x28, 0x90, 0x2b, 0x80, 0xbf, 0x1f, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x14, 0, 0x96, 0xb9, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0, 5, 0x0f, 0xff}, {0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 1, 0, 0x0f, 0, 0}};
inline constexpr Mode mode_0eh{0x63, {3, 1, 0x0f, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0xc0, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0, 0x96, 0xb9, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0, 5, 0x0f, 0xff}, {0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 1, 0, 0x0f, 0, 0}};
inline constexpr Mode mode_0fh{0xa3, {3, 1, 0x0f, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x40, 0, 0, 0, 0, 0, 0, 0x83, 0x85, 0x5d, 0x28, 0x0f, 0x63, 0xba, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0, 5, 5, 0xff}, {0, 8, 0, 0, 0x18, 0x18, 0, 0, 0, 8, 0, 0, 0, 0x18, 0, 0, 0x0b, 0, 5, 0, 0}};
inline constexpr Mode mode_10h{0xa3, {3, 1, 0x0f, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x40, 0, 0, 0, 0, 0, 0, 0x83, 0x85, 0x5d, 0x28, 0x0f, 0x63, 0xba, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0, 5, 0x0f, 0xff}, {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 1, 0, 0x0f, 0, 0}};
inline constexpr Mode mode_12h{0xe3, {3, 1, 0x0f, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0b, 0x3e, 0, 0x40, 0, 0, 0, 0, 0, 0, 0xea, 0x8c, 0xdf, 0x28, 0, 0xe7, 0x04, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0, 5, 0x0f, 0xff}, {0, 1, 2, 3, 4, 5, 0x14, 7, 0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 1, 0, 0x0f, 0, 0}};
inline constexpr Mode mode_13h{0x63, {3, 1, 0x0f, 0, 0x0e},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0xbf, 0x1f, 0, 0x41, 0, 0, 0, 0, 0, 0, 0x9c, 0x8e, 0x8f, 0x28, 0x40, 0x96, 0xb9, 0xa3, 0xff},
    {0, 0, 0, 0, 0, 0x40, 5, 0x0f, 0xff}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0, 0}};
// 320 x 240, four pages, square pixels (M. Abrash, Dr. Dobb's Journal, July 1991).
inline constexpr Mode mode_x{0xe3, {3, 1, 0x0f, 0, 6},
    {0x5f, 0x4f, 0x50, 0x82, 0x54, 0x80, 0x0d, 0x3e, 0, 0x41, 0, 0, 0, 0, 0, 0, 0xea, 0xac, 0xdf, 0x28, 0, 0xe7, 0x06, 0xe3, 0xff},
    {0, 0, 0, 0, 0, 0x40, 5, 0x0f, 0xff}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x41, 0, 0x0f, 0, 0}};

struct VgaBench : DeviceBench {
    // A step is a dot of the 25.175 MHz clock unless told otherwise.
    explicit VgaBench(u64 steps_per_second = 25'175'000) : DeviceBench{steps_per_second} { add(vga); }

    std::vector<u8> frame_buffer = std::vector<u8>(1 << 20);  // as the linear one of an adapter with 1 MiB
    Vga vga{scheduler, frame_buffer, pin("irq")};

    void set_sequencer(u8 index, u8 value) { ports.write(0x3c4, 2, index | value << 8); }
    void set_graphics(u8 index, u8 value) { ports.write(0x3ce, 2, index | value << 8); }
    void set_crtc(u8 index, u8 value) { ports.write(crtc_port(), 2, index | value << 8); }
    void set_attribute(u8 index, u8 value) {
        ports.read8(status_port());
        ports.write8(0x3c0, index);
        ports.write8(0x3c0, value);
        ports.write8(0x3c0, 0x20);
    }
    void set_colour(u8 index, u8 red, u8 green, u8 blue) {
        ports.write8(0x3c8, index);
        for (const u8 part : {red, green, blue}) ports.write8(0x3c9, part);
    }
    // Every palette entry its own colour: recognisable in a picture.
    void set_colours() {
        for (unsigned i = 0; i < 256; ++i) set_colour(static_cast<u8>(i), i & 0x3f, (i >> 6) * 21 & 0x3f, (i * 7) & 0x3f);
    }
    static u32 rgb(unsigned i) {
        const auto wide = [](unsigned six) { return six << 2 | six >> 4; };
        return wide(i & 0x3f) << 16 | wide((i >> 6) * 21 & 0x3f) << 8 | wide((i * 7) & 0x3f);
    }

    void set_mode(const Mode& mode) {
        ports.write8(0x3c2, mode.miscellaneous);
        set_sequencer(0, 1);
        for (u8 i = 1; i < 5; ++i) set_sequencer(i, mode.sequencer[i]);
        set_sequencer(0, 3);
        set_crtc(0x11, 0);
        for (u8 i = 0; i < 25; ++i) set_crtc(i, mode.crtc[i]);
        for (u8 i = 0; i < 9; ++i) set_graphics(i, mode.graphics[i]);
        for (u8 i = 0; i < 21; ++i) set_attribute(i, mode.attribute[i]);
    }

    void put(u32 address, u8 value) {
        const auto hit = windows.find({address});
        hit.window->mmio_write(hit.offset, 1, value);
    }
    u8 get(u32 address) {
        const auto hit = windows.find({address});
        return static_cast<u8>(hit.window->mmio_read(hit.offset, 1));
    }
    // A character's rows into font `place` of plane 2, by the usual way, which is undone again.
    void put_font(u8 character, std::initializer_list<u8> rows, u32 at = 0) {
        set_sequencer(2, 4);
        set_sequencer(4, 7);
        set_graphics(5, 0);
        set_graphics(6, 4);
        u32 address = 0xa0000 + at + character * 32u;
        for (const u8 row : rows) put(address++, row);
        set_sequencer(2, 3);
        set_sequencer(4, 3);
        set_graphics(5, 0x10);
        set_graphics(6, 0x0e);
    }
    void put_cell(unsigned cell, u8 character, u8 attribute) {
        put(0xb8000 + 2 * cell, character);
        put(0xb8000 + 2 * cell + 1, attribute);
    }

    u8 status() { return ports.read8(status_port()); }
    // Steps until the status has (or has not) a bit.
    u64 steps_until(u8 mask, bool set, u64 most = 3'000'000) {
        for (u64 steps = 0; steps < most; ++steps) {
            if (((ports.peek(status_port()).value() & mask) != 0) == set) return steps;
            scheduler.run(1);
        }
        FAIL("the status never got there");
        return 0;
    }

    [[nodiscard]] u16 crtc_port() { return ports.read8(0x3cc) & 1 ? 0x3d4 : 0x3b4; }
    [[nodiscard]] u16 status_port() { return ports.read8(0x3cc) & 1 ? 0x3da : 0x3ba; }
};

}  // namespace retrace::test
