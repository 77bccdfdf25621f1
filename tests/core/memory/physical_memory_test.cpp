#include "core/memory/physical_memory.hpp"

#include <catch2/catch.hpp>

using namespace retrace;

namespace {

struct Window final : MmioWindow {
    u32 last_offset = 0;
    u64 last_value = 0;
    u64 mmio_read(u32 offset, unsigned) override { return offset * 0x0101; }
    void mmio_write(u32 offset, unsigned, u64 value) override { last_offset = offset; last_value = value; }
};

struct Bench : MemoryListener {
    MmioMap windows;
    Window window;
    PhysicalMemory memory{1u << 20, windows};
    u32 protected_page = 0;
    u64 written = 0;
    Bench() {
        memory.add_listener(*this);
        windows.claim({0xa0000}, 0x20000, window);
        memory.map_window({0xa0000}, 0x20000);
        const std::vector<u8> rom(4096, 0x5a);
        memory.map_rom({0xf0000}, rom);
    }
    void write_protected(u32 page) override { protected_page = page; }
    void code_written(PhysicalAddress address, u32) override { if (written == 0) written = address.value; }
    void remapped(u32, u32) override {}
};

}  // namespace

TEST_CASE_METHOD(Bench, "RAM keeps, ROM stays, windows answer, nothing reads as ones") {
    memory.write({0x1234}, 4, 0xcafebabe);
    CHECK(memory.read({0x1234}, 4) == 0xcafebabe);
    memory.write({0xf0000}, 1, 0);
    CHECK(memory.read({0xf0000}, 2) == 0x5a5a);
    CHECK(memory.write_page(0xf0) == nullptr);
    memory.write({0xa0010}, 2, 0x77);
    CHECK(window.last_offset == 0x10);
    CHECK(memory.read({0xa0003}, 1) == 3);
    CHECK(memory.read({0x200000}, 4) == 0xffffffff);
    CHECK(memory.read({u64{1} << 33}, 1) == 0xff);
}

TEST_CASE_METHOD(Bench, "a store to marked code is reported; a store beside it is not") {
    memory.mark_code({0x2010}, 5);
    CHECK(protected_page == 2);
    CHECK(memory.write_page(2) == nullptr);
    memory.write({0x2000}, 8, 1);
    memory.write({0x2020}, 1, 1);
    CHECK(written == 0);
    memory.write({0x200d}, 4, 1);
    CHECK(written == 0x200d);
    memory.clear_code(2);
    CHECK(memory.write_page(2) != nullptr);
}

TEST_CASE_METHOD(Bench, "a bus master's store takes the same way") {
    memory.mark_code({0x3000}, 1);
    const std::vector<u8> block(16, 1);
    memory.write({0x2ff8}, block);
    CHECK(written == 0x3000);
}
