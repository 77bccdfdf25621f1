// The built-in guest: what somebody sees who starts Retrace with nothing.
#include <set>
#include <string_view>

#include <catch2/catch.hpp>

#include "bios/images.hpp"
#include "core/engine/interpreter.hpp"
#include "devices/board/machine.hpp"
#include "devices/storage/image.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"
#include "devices/video/code_page_437.hpp"
#include "tests/support/counter.hpp"

namespace retrace::test {

namespace {

class Listener final : public AudioSink {
public:
    void level(Moment, i16 level) override {
        changes += level != last;
        last = level;
    }
    unsigned changes = 0;
    i16 last = 0;
};

class GuestBench {
public:
    explicit GuestBench(CpuModel model = CpuModel::I386) : machine{configuration(model), disks(), host(), [](Cpu& cpu) { return std::make_unique<Interpreter>(cpu); }} {}

    Listener listener;
    Machine machine;

    void wait(u64 milliseconds) { REQUIRE(machine.run(machine.now() + machine.rate().steps_per_second * milliseconds / 1000) == Machine::Stop::Reached); }
    void press(Key key) {
        machine.key(key, true);
        wait(30);
        machine.key(key, false);
        wait(30);
    }
    [[nodiscard]] std::string screen() const {
        const auto text = machine.text_screen();
        return text ? utf8(*text) : "";
    }
    bool shows(const std::string& text) const { return screen().find(text) != std::string::npos; }
    // Until the condition holds, for some seconds at most.
    template <class Condition> bool until(unsigned seconds, Condition condition) {
        for (unsigned i = 0; i < seconds * 20; ++i) {
            if (condition()) return true;
            wait(50);
        }
        UNSCOPED_INFO(screen());
        return condition();
    }
    void boot() { REQUIRE(until(20, [&] { return shows("A PC that can be rewound"); })); }
    // Which part of so many milliseconds the processor sleeps.
    double sleeps(u64 milliseconds) {
        const u64 steps = counter("steps"), idle = counter("idle steps");
        wait(milliseconds);
        return double(counter("idle steps") - idle) / double(counter("steps") - steps);
    }
    [[nodiscard]] u32 ticks() const {
        return u32{machine.peek({0x46c}).value()} | u32{machine.peek({0x46d}).value()} << 8;
    }
    [[nodiscard]] u8 mode() const { return machine.peek({0x449}).value(); }

private:
    [[nodiscard]] u64 counter(std::string_view name) const { return test::counter(machine.engine(), name); }
    static MachineConfig configuration(CpuModel model) {
        MachineConfig config;
        config.cpu = model;
        config.steps_per_second = std::min<u64>(name_of(model).steps_per_second, 8'000'000);
        config.memory_mib = 4;
        return config;
    }
    static MachineDisks disks() {
        MachineDisks all;
        const auto image = bios::guest_disk();
        Disk disk;
        disk.medium = std::make_unique<Overlay>(std::make_unique<MemoryMedium>(image));
        disk.format = recognise(image, image.size(), TakenFor::Floppy, "the built-in guest");
        all.floppy[0] = std::move(disk);
        return all;
    }
    MachineHost host() {
        MachineHost all;
        all.audio = &listener;
        return all;
    }
};

}  // namespace

TEST_CASE("the built-in guest greets on every processor and knows which one it is") {
    struct Seen { CpuModel model; const char* name; };
    for (const auto& each : {Seen{CpuModel::I8086, "Processor 8086 "}, Seen{CpuModel::I286, "Processor 80286 "}, Seen{CpuModel::I386, "Processor 80386 or later"},
                             Seen{CpuModel::Max, "Processor 80386 or later"}}) {
        GuestBench bench{each.model};
        bench.boot();
        CHECK(bench.shows(each.name));
        CHECK(bench.shows("retrace IMAGE"));
        CHECK(bench.shows("F4 A tune"));
        CHECK(bench.shows("Type here"));
    }
}

TEST_CASE("its clock shows the machine's time and goes on") {
    GuestBench bench;
    bench.boot();
    REQUIRE(bench.until(5, [&] { return bench.shows("2000-01-01  12:00:0"); }));
    const std::string then = bench.screen().substr(0, 80);
    bench.wait(1500);
    const std::string now = bench.screen().substr(0, 80);
    CHECK(now != then);
    CHECK(now.find("12:00:") != std::string::npos);
}

TEST_CASE("what is typed stands on its screen, with codes") {
    GuestBench bench;
    bench.boot();
    bench.wait(1000);
    for (const Key key : {Key::H, Key::I, Key::X, Key::Backspace}) bench.press(key);
    CHECK(bench.until(2, [&] { return bench.shows("hi_"); }));
    CHECK(bench.shows("scan 0E  character 08"));
    bench.press(Key::Enter);
    CHECK(bench.until(2, [&] { return !bench.shows("hi_"); }));
    for (unsigned i = 0; i < 50; ++i) bench.press(Key::A);  // more than the line holds
    CHECK(bench.shows("aaa_"));
}

TEST_CASE("F2 shows moving colours in mode 13h, and Esc leads back") {
    GuestBench bench;
    bench.boot();
    bench.wait(1000);
    bench.press(Key::F2);
    REQUIRE(bench.until(2, [&] { return bench.mode() == 0x13; }));
    bench.wait(3000);
    const Frame before = bench.machine.picture();
    CHECK(before.width == 320);
    CHECK(before.height == 200);
    CHECK(std::set<u32>(before.pixels.begin(), before.pixels.end()).size() > 100);
    bench.wait(300);
    CHECK_FALSE(bench.machine.picture() == before);
    bench.press(Key::Escape);
    bench.boot();
}

TEST_CASE("F3 paints a picture in four planes, line by line") {
    GuestBench bench;
    bench.boot();
    bench.wait(1000);
    bench.press(Key::F3);
    REQUIRE(bench.until(2, [&] { return bench.mode() == 0x12; }));
    bench.wait(1500);
    const Frame half = bench.machine.picture();
    CHECK(half.width == 640);
    CHECK(half.height == 480);
    CHECK(half.at(100, 40) != 0);   // the sky
    CHECK(half.at(70, 380) == 0);   // the floor is not there yet
    bench.wait(4000);
    const Frame whole = bench.machine.picture();
    CHECK(whole.at(70, 380) != 0);
    CHECK(whole.at(184, 60) == 0xffffff);  // the name
    CHECK(whole.at(40, 100) == half.at(40, 100));  // the case
    CHECK(std::set<u32>(whole.pixels.begin(), whole.pixels.end()).size() >= 12);
}

TEST_CASE("F4 plays on the speaker until another key") {
    GuestBench bench;
    bench.boot();
    bench.wait(1000);
    CHECK(bench.listener.changes == 0);
    bench.press(Key::F4);
    REQUIRE(bench.until(3, [&] { return bench.shows("A tune for one speaker"); }));
    bench.wait(3000);
    CHECK(bench.listener.changes > 500);
    CHECK(bench.shows("1193182 / "));
    bench.press(Key::F1);
    bench.boot();
    const unsigned played = bench.listener.changes;
    bench.wait(1000);
    CHECK(bench.listener.changes == played);
}

TEST_CASE("it sleeps while nothing happens, and most of the time while pictures move; the BIOS's clock goes right") {
    GuestBench bench;
    bench.boot();
    bench.wait(2000);
    CHECK(bench.sleeps(5000) > 0.97);
    for (const Key scene : {Key::F2, Key::F3, Key::F4}) {
        bench.press(scene);
        bench.wait(7000);
        const u32 before = bench.ticks();
        CHECK(bench.sleeps(10'000) > 0.8);
        CHECK(int(bench.ticks() - before) - 182 <= 2);
        CHECK(int(bench.ticks() - before) - 182 >= -2);
    }
}

}  // namespace retrace::test
