#include "core/memory/linear_window.hpp"

#include <catch2/catch.hpp>

#include "core/memory/mmu.hpp"

using namespace retrace;

namespace {

u8* at(u64 base, u64 linear) { return reinterpret_cast<u8*>(base + linear); }

struct Bench : MemoryListener {
    MmioMap devices;
    PhysicalMemory memory{u64{4} << 20, devices};
    Mmu mmu{memory};
    explicit Bench(u64 open_after = 0) {
        memory.add_listener(*this);
        mmu.use_windows({.open_after = open_after, .paged = 1});
    }
    void write_protected(u32 page) override { mmu.protect(page); }
    void code_written(PhysicalAddress, u32) override {}
    void tables_written(PhysicalAddress address, u32 size) override { mmu.tables_written(address, size); }
    void remapped(u32, u32) override { mmu.forget_everything(); }

    // Directory at 10000, table at 11000: pages 5 and 6 are frames 20 and 21, page 7 is frame 30, read-only for everybody.
    void map() {
        memory.write({0x10000}, 4, 0x11000 | 7);
        memory.write({0x11000 + 4 * 5}, 4, 0x20000 | 7);
        memory.write({0x11000 + 4 * 6}, 4, 0x21000 | 7);
        memory.write({0x11000 + 4 * 7}, 4, 0x30000 | 5);
        mmu.select({.cr3 = 0x10000, .paging = true, .write_protect = true});
        mmu.executed(0);
    }
    bool touch(u32 linear, Access access) { return mmu.translate({linear}, access).ok && mmu.show({linear}, access == Access::Write); }
};

}  // namespace

TEST_CASE("a window shows what lies in shared memory, and hides it again") {
    HostMemory memory{16 * page_size, HostMemory::Kind::Shared};
    const auto window = LinearWindow::reserve();
    if (!window || memory.object() < 0) return;   // this host has none
    CHECK(window->pieces() == 0);
    REQUIRE(window->show(0xffff0, 16, memory, 0, true));
    CHECK(window->shows_writable(0xffff0));
    CHECK_FALSE(window->shows(0xfffef));
    memory.data()[5] = 42;
    CHECK(*at(window->base(), 0xffff0005) == 42);
    *at(window->base(), 0xffffffff) = 7;
    CHECK(memory.data()[16 * page_size - 1] == 7);
    window->make_read_only(0xffff3);
    CHECK(window->shows(0xffff3));
    CHECK_FALSE(window->shows_writable(0xffff3));
    CHECK(window->shows_writable(0xffff4));
    window->hide(0xffff2, 3);
    CHECK_FALSE(window->shows(0xffff2));
    CHECK_FALSE(window->shows(0xffff4));
    CHECK(window->shows(0xffff5));
    window->hide_everything();
    CHECK_FALSE(window->shows(0xffff5));
    CHECK(window->pieces() == 0);
}

TEST_CASE("shared memory is zero again where it is shown, too") {
    HostMemory memory{4 * page_size, HostMemory::Kind::Shared};
    const auto window = LinearWindow::reserve();
    if (!window || memory.object() < 0) return;
    REQUIRE(window->show(0, 4, memory, 0, true));
    *at(window->base(), 0x1234) = 1;
    memory.clear();
    CHECK(memory.data()[0x1234] == 0);
    CHECK(*at(window->base(), 0x1234) == 0);
}

TEST_CASE_METHOD(Bench, "the window of a context shows what its tables let accesses reach") {
    map();
    if (mmu.window() == 0) return;
    CHECK_FALSE(mmu.show({0x5000}, false));          // nothing has walked there
    REQUIRE(touch(0x5000, Access::Read));            // not written yet: its dirty bit is clear
    CHECK_FALSE(mmu.show({0x5000}, true));
    REQUIRE(touch(0x5000, Access::Write));
    REQUIRE(touch(0x6000, Access::Write));
    memory.write({0x20010}, 4, 0x12345678);
    CHECK(*at(mmu.window(), 0x5010) == 0x78);
    *at(mmu.window(), 0x6020) = 9;
    CHECK(memory.read({0x21020}, 1) == 9);
    REQUIRE(touch(0x7000, Access::Read));
    CHECK_FALSE(mmu.show({0x7000}, true));
    CHECK_FALSE(mmu.show({0x400000}, false));
}

TEST_CASE_METHOD(Bench, "what takes an entry away takes the page out of the window") {
    map();
    if (mmu.window() == 0) return;
    REQUIRE(touch(0x5000, Access::Write));
    REQUIRE(touch(0x6000, Access::Write));
    const u64 hidings = mmu.counters().hidings;
    SECTION("a store to its table") {
        memory.write({0x11000 + 4 * 5}, 4, 0x22000 | 7);
        CHECK(mmu.counters().hidings == hidings + 1);
        CHECK_FALSE(mmu.show({0x5000}, false));
        memory.write({0x22000}, 4, 0x55);
        REQUIRE(touch(0x5000, Access::Read));
        CHECK(*at(mmu.window(), 0x5000) == 0x55);
    }
    SECTION("decoded code: stores only") {
        memory.mark_code({0x20000}, 4);
        CHECK_FALSE(mmu.show({0x5000}, true));
        CHECK(mmu.show({0x5000}, false));
        CHECK(mmu.show({0x6000}, true));
    }
    SECTION("memory that lies elsewhere now") {
        memory.map_ram({0x20000}, page_size);
        CHECK_FALSE(mmu.show({0x5000}, false));
    }
}

TEST_CASE_METHOD(Bench, "what lies nearby is shown too, if a walk there leaves the tables as they are") {
    memory.write({0x11000 + 4 * 8}, 4, 0x50000 | 0x67);   // accessed and dirty
    memory.write({0x11000 + 4 * 9}, 4, 0x51000 | 0x27);   // accessed
    memory.write({0x11000 + 4 * 10}, 4, 0x52000 | 7);
    map();
    if (mmu.window() == 0) return;
    memory.write({0x51000}, 4, 0x33);
    CHECK(mmu.translate({0x5000}, Access::Read).ok);      // the directory's entry is accessed now
    REQUIRE(mmu.show({0x5000}, false));
    CHECK(mmu.counters().pages_shown == 3);
    CHECK(*at(mmu.window(), 0x9000) == 0x33);
    *at(mmu.window(), 0x8004) = 0x44;
    CHECK(memory.read({0x50004}, 1) == 0x44);
    CHECK_FALSE(mmu.show({0x9000}, true));
    CHECK_FALSE(mmu.show({0xa000}, false));
    CHECK(memory.read({0x11000 + 4 * 9}, 4) == (0x51000 | 0x27));
    CHECK(memory.read({0x11000 + 4 * 10}, 4) == (0x52000 | 7));
}

TEST_CASE_METHOD(Bench, "without paging whole groups of pages are shown, and each gate of A20 has its own") {
    mmu.executed(0);
    if (mmu.window() == 0) return;
    const u64 open = mmu.window();
    REQUIRE(mmu.show({0x100000}, true));
    CHECK(mmu.counters().pages_shown == 512);
    memory.write({0x1ff000}, 4, 0x77);
    CHECK(*at(open, 0x1ff000) == 0x77);
    memory.write({0x500}, 4, 0x66);
    mmu.select({.a20 = false});
    mmu.executed(0);
    REQUIRE(mmu.window() != 0);
    CHECK(mmu.window() != open);
    REQUIRE(mmu.show({0x100000}, true));
    CHECK(*at(mmu.window(), 0x100500) == 0x66);
}

TEST_CASE("a window is opened after a while, and closed where pages come and go") {
    Bench bench{1000};
    bench.map();
    bench.mmu.executed(999);
    CHECK(bench.mmu.window() == 0);
    bench.mmu.executed(1);
    if (bench.mmu.window() == 0) return;
    const auto come_and_go = [&](unsigned times) {
        for (unsigned n = 0; n < times; ++n) {
            REQUIRE(bench.touch(0x5000, Access::Read));
            bench.memory.write({0x11000 + 4 * 5}, 4, 0x20000 | 7);
        }
    };
    // Two events each. Some of them are lent.
    come_and_go(10);
    CHECK_FALSE(bench.mmu.window_is_overdrawn());
    bench.mmu.executed(1000);
    CHECK(bench.mmu.window() != 0);
    come_and_go(300);
    CHECK(bench.mmu.window_is_overdrawn());
    CHECK(bench.mmu.window() != 0);                        // code may rely on it until the slice is over
    bench.mmu.executed(1000);
    CHECK(bench.mmu.window() == 0);
    CHECK(bench.mmu.counters().windows_closed == 1);
    CHECK_FALSE(bench.touch(0x5000, Access::Read));

    // It waits four times as long, and then again.
    bench.mmu.executed(3999);
    CHECK(bench.mmu.window() == 0);
    bench.mmu.executed(1);
    CHECK(bench.mmu.window() != 0);
    come_and_go(300);
    bench.mmu.executed(1000);
    CHECK(bench.mmu.window() == 0);
    bench.mmu.executed(15'999);
    CHECK(bench.mmu.window() == 0);
    bench.mmu.executed(1);
    CHECK(bench.mmu.window() != 0);

    // One that was of use for long is soon back.
    for (unsigned n = 0; n < 1000; ++n) {
        come_and_go(1);
        bench.mmu.executed(80'000);
    }
    CHECK(bench.mmu.window() != 0);
    come_and_go(300);
    bench.mmu.executed(1000);
    CHECK(bench.mmu.window() == 0);
    bench.mmu.executed(4000);
    CHECK(bench.mmu.window() != 0);
}

TEST_CASE("where address spaces are over before their windows have given anything, new ones wait longer") {
    Bench bench{1000};
    bench.map();
    const auto next_space = [&](u32 n) { bench.mmu.select({.cr3 = 0x10000, .paging = true, .write_protect = true, .pointers = {n}}); };
    bench.mmu.executed(1000);
    if (bench.mmu.window() == 0) return;
    for (u32 n = 1; n <= 16; ++n) next_space(n);           // as many as there are kept
    CHECK(bench.mmu.counters().windows_closed == 1);
    bench.mmu.executed(1000);
    CHECK(bench.mmu.window() == 0);
    bench.mmu.executed(1000);
    CHECK(bench.mmu.window() != 0);
}
