// The linear frame buffer: its registers, its bank at A0000h, and the pictures it makes.
#include "devices/video/vga.hpp"

#include "tests/devices/video/modes.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct LinearBench : VgaBench {
    LinearBench() : VgaBench{10'000'000} {}

    void set(u16 index, u16 value) {
        ports.write(0x1ce, 2, index);
        ports.write(0x1cf, 2, value);
    }
    u16 get(u16 index) {
        ports.write(0x1ce, 2, index);
        return static_cast<u16>(ports.read(0x1cf, 2));
    }
    void set_linear_mode(u16 width, u16 height, u16 depth, u16 control = 0x41) {
        set(4, 0);
        set(1, width);
        set(2, height);
        set(3, depth);
        set(4, control);
    }
};

struct DispiBench : LinearBench {
    DispiBench() { set_mode(mode_13h); }
};

struct Contract : LinearBench {
    Contract() {
        poke(0x1ce, 0x1cf);
        poke(0x3c6, 0x3c9);
        poke_window(0xa0000, 0xaffff);
        kept("state.planes");
        kept("state.linear");
    }
    void disturb(Dice& dice) override {
        constexpr u16 depths[]{8, 15, 16, 24, 32};
        if (dice.one_in(3)) return set_linear_mode(static_cast<u16>(8 * dice.below(90)), static_cast<u16>(dice.below(500)), depths[dice.below(5)], static_cast<u16>(dice.below(256)));
        if (dice.one_in(2)) return set(static_cast<u16>(dice.below(12)), static_cast<u16>(dice.below(600)));
        const Frame frame = vga.render();
        sense(std::to_string(frame.width) + "x" + std::to_string(frame.height) + ":" + std::to_string(frame.pixels.empty() ? 0 : frame.pixels[dice.below(frame.pixels.size())]));
    }
};

}  // namespace

TEST_CASE("the linear frame buffer keeps the device contract") { check_device_contract<Contract>(3, 200); }

TEST_CASE_METHOD(DispiBench, "the adapter says who it is, how much memory it has and what it can do at most") {
    CHECK(get(0) == 0xb0c5);
    set(0, 0xb0c2);
    CHECK(get(0) == 0xb0c2);
    set(0, 0x1234);
    CHECK(get(0) == 0xb0c2);
    CHECK(get(10) == 16);  // 1 MiB
    set(4, 2);
    CHECK(get(1) == 2560);
    CHECK(get(2) == 1600);
    CHECK(get(3) == 32);
}

TEST_CASE_METHOD(DispiBench, "enabling clears memory unless told to keep it, and begins at its start") {
    frame_buffer[0] = frame_buffer[320 * 200 - 1] = frame_buffer[320 * 200] = 7;
    set_linear_mode(320, 200, 8, 0xc1);
    CHECK(frame_buffer[0] == 7);
    set(6, 640);
    set(8, 8);
    set(9, 3);
    set(5, 2);
    set_linear_mode(320, 200, 8);
    CHECK(frame_buffer[0] == 0);
    CHECK(frame_buffer[320 * 200 - 1] == 0);
    CHECK(frame_buffer[320 * 200] == 7);
    CHECK(get(5) == 0);
    CHECK(get(6) == 320);
    CHECK(get(7) == (1u << 20) / 320);
    CHECK(get(8) == 0);
    CHECK(get(9) == 0);
}

TEST_CASE_METHOD(DispiBench, "what does not fit into memory is not taken") {
    set_linear_mode(1024, 768, 32);  // 3 MiB
    CHECK((get(4) & 1) == 0);
    set_linear_mode(800, 600, 12);
    CHECK((get(4) & 1) == 0);
    set_linear_mode(1024, 768, 8);
    CHECK((get(4) & 1) == 1);
    set(1, 640);  // fixed while it is on
    CHECK(get(1) == 1024);
    set(6, 1000);  // narrower than the picture
    CHECK(get(6) == 1024);
    set(9, 256);
    CHECK(get(9) == 256);
    set(9, 257);
    CHECK(get(9) == 256);
    set(5, 16);
    CHECK(get(5) == 0);
}

TEST_CASE_METHOD(DispiBench, "A0000h shows a bank while it is on, and the planes again when it is off") {
    put(0xa0001, 0x11);
    set_linear_mode(640, 480, 8);
    put(0xa0001, 0x22);
    set(5, 3);
    put(0xa0001, 0x33);
    CHECK(get(5) == 3);
    CHECK(VgaBench::get(0xa0001) == 0x33);
    CHECK(frame_buffer[1] == 0x22);
    CHECK(frame_buffer[0x30001] == 0x33);
    CHECK(VgaBench::get(0xb8000) == 0xff);
    CHECK_FALSE(vga.text());
    set(4, 0);
    CHECK(VgaBench::get(0xa0001) == 0x11);
}

TEST_CASE_METHOD(DispiBench, "pictures of 8, 15, 16, 24 and 32 bits a pixel") {
    set_colours();
    set_linear_mode(320, 200, 8);
    frame_buffer[5] = 77;
    CHECK(vga.render().width == 320);
    CHECK(vga.render().height == 200);
    CHECK(vga.render().at(5, 0) == rgb(77));
    const auto shows = [&](u16 depth, u32 pixel, unsigned bytes, u32 colour) {
        set_linear_mode(320, 200, depth);
        for (unsigned i = 0; i < bytes; ++i) frame_buffer[(320 * 199 + 319) * bytes + i] = static_cast<u8>(pixel >> 8 * i);
        INFO(depth);
        CHECK(vga.render().at(319, 199) == colour);
        CHECK(vga.render().at(318, 199) == 0);
    };
    shows(15, 0x7c10, 2, 0xff0084);
    shows(16, 0xf810, 2, 0xff0084);
    shows(16, 0x0400, 2, 0x008200);
    shows(24, 0x123456, 3, 0x123456);
    shows(32, 0xff123456, 4, 0x123456);
}

TEST_CASE_METHOD(DispiBench, "pitch and start move the picture over memory") {
    set_linear_mode(320, 200, 16);
    set(6, 400);
    set(8, 2);
    set(9, 10);
    store<u16>(&frame_buffer[(12 * 400 + 5) * 2], 0xffff);
    CHECK(vga.render().at(3, 2) == 0xffffff);
    const auto before = vga.stamp();
    CHECK(vga.stamp() == before);
    store<u16>(&frame_buffer[(12 * 400 + 6) * 2], 0xffff);
    CHECK_FALSE(vga.stamp() == before);  // seen without a write through us
}

TEST_CASE_METHOD(DispiBench, "the DAC takes eight bits a colour, and the colours stay as they look when that changes") {
    set_colour(1, 0x3f, 0x20, 0x01);
    set_linear_mode(320, 200, 8);
    frame_buffer[0] = 1;
    CHECK(vga.render().at(0, 0) == 0xff8204);
    set(4, 0xe1);
    CHECK(vga.render().at(0, 0) == 0xff8204);
    set_colour(1, 0x12, 0x34, 0xf6);
    CHECK(vga.render().at(0, 0) == 0x1234f6);
    set(4, 0);
    ports.write8(0x3c7, 1);
    CHECK(ports.read8(0x3c9) == 0x12 >> 2);
}

TEST_CASE_METHOD(DispiBench, "a blanked screen is dark in these modes, too") {
    set_linear_mode(320, 200, 32);
    store<u32>(&frame_buffer[0], 0xffffff);
    set_sequencer(1, 0x21);
    CHECK(vga.render().at(0, 0) == 0);
    set_sequencer(1, 0x01);
    CHECK(vga.render().at(0, 0) == 0xffffff);
    ports.read8(0x3da);
    ports.write8(0x3c0, 0);  // the palette is the processor's
    CHECK(vga.render().at(0, 0) == 0);
}

TEST_CASE_METHOD(DispiBench, "a reset brings the VGA back") {
    set_linear_mode(320, 200, 32);
    vga.reset(Reset::Hard);
    CHECK((get(4) & 1) == 0);
    set_mode(mode_03h);
    CHECK(vga.text());
}
