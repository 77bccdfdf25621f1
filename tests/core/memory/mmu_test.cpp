#include "core/memory/mmu.hpp"

#include <catch2/catch.hpp>

using namespace retrace;

namespace {

struct Bench : MemoryListener {
    MmioMap windows;
    PhysicalMemory memory{u64{2} << 20, windows};
    Mmu mmu{memory};
    bool removed = false;
    Bench() { memory.add_listener(*this); }
    void write_protected(u32 page) override { mmu.protect(page); }
    void code_written(PhysicalAddress, u32) override {}
    void tables_written(PhysicalAddress address, u32 size) override { removed |= mmu.tables_written(address, size); }
    void remapped(u32, u32) override {}

    // Directory at 10000, table at 11000: page 5 is frame 20.
    void map() {
        memory.write({0x10000}, 4, 0x11000 | 7);
        memory.write({0x11000 + 4 * 5}, 4, 0x20000 | 7);
        mmu.select({.cr3 = 0x10000, .paging = true});
    }
};

}  // namespace

TEST_CASE_METHOD(Bench, "pages that become code lose their write entries, however often others came and went") {
    mmu.translate({0x5000}, Access::Write);
    REQUIRE(mmu.write_table[5] != 0);
    for (unsigned n = 0; n < 100'000; ++n) {
        mmu.translate({0x9000}, Access::Write);
        memory.mark_code({0x9000}, 1);
        if (mmu.write_table[9] != 0) FAIL("at " << n);
        memory.clear_code(9);
    }
    REQUIRE(mmu.write_table[5] != 0);
    memory.mark_code({0x5000}, 1);
    CHECK(mmu.write_table[5] == 0);
    CHECK(mmu.store_table[5] == 0);
}

TEST_CASE_METHOD(Bench, "a store to a table removes what came of that entry, in every context, and nothing else") {
    map();
    memory.write({0x11000 + 4 * 6}, 4, 0x21000 | 7);
    for (const bool user : {false, true}) {
        mmu.select({.cr3 = 0x10000, .paging = true, .user = user});
        mmu.translate({0x5000}, Access::Write);
        mmu.translate({0x6000}, Access::Read);
        REQUIRE(mmu.write_table[5] != 0);
        REQUIRE(mmu.read_table[6] != 0);
    }
    CHECK_FALSE(removed);                       // accessed and dirty bits are no change
    CHECK(memory.write_page(0x11) == nullptr);
    memory.write({0x11000 + 4 * 5}, 4, 0x22000 | 7);
    CHECK(removed);
    for (const bool user : {true, false}) {
        mmu.select({.cr3 = 0x10000, .paging = true, .user = user});
        CHECK(mmu.read_table[5] == 0);
        CHECK(mmu.write_table[5] == 0);
        CHECK(mmu.read_table[6] != 0);
    }
    memory.write({0x10000}, 4, 0);
    CHECK(mmu.read_table[6] == 0);
}

TEST_CASE_METHOD(Bench, "a page that is no table any longer is soon let go") {
    map();
    mmu.translate({0x5000}, Access::Read);
    memory.write({0x10000}, 4, 0);              // the directory no longer names it
    for (unsigned n = 0; n < 300; ++n) memory.write({0x11800}, 4, n);
    CHECK(memory.write_page(0x11) != nullptr);
}
