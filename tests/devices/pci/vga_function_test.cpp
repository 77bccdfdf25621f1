#include "devices/pci/vga_function.hpp"

#include "tests/devices/pci/pci_bench.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct DisplayBench : PciBench {
    std::vector<u8> frame_buffer = std::vector<u8>(1 << 20, 0x42);
    std::vector<u8> rom = std::vector<u8>(32 << 10, 0x24);
    VgaFunction display{memory, frame_buffer, rom};
    DisplayBench() {
        bus.put(2, 0, display);
        add(display);
    }
    u8 at(u64 address) { return static_cast<u8>(memory.read({address}, 1)); }
};

}  // namespace

TEST_CASE_METHOD(DisplayBench, "the display adapter is a VGA of Bochs' kind and tells the size of its frame buffer") {
    CHECK(config(2, 0, 0x00, 4) == 0x11111234);
    CHECK(config(2, 0, 0x08, 4) >> 8 == 0x030000);
    set_config(2, 0, 0x10, 4, 0xffffffff);
    CHECK(config(2, 0, 0x10, 4) == 0xfff00008);
}

TEST_CASE_METHOD(DisplayBench, "the frame buffer shows where BAR 0 says, while memory is enabled") {
    set_config(2, 0, 0x10, 4, 0xe0000000);
    CHECK(at(0xe0000000) == 0xff);
    set_config(2, 0, 0x04, 2, 0x0002);
    CHECK(at(0xe0000000) == 0x42);
    CHECK(at(0xe00fffff) == 0x42);
    CHECK(at(0xe0100000) == 0xff);
    memory.write({0xe0012345}, 4, 0xcafebabe);
    CHECK(load<u32>(&frame_buffer[0x12345]) == 0xcafebabe);
    CHECK(memory.write_page(0xe0012) == &frame_buffer[0x12000]);  // no slower than RAM
    set_config(2, 0, 0x10, 4, 0xf0000000);
    CHECK(at(0xe0000000) == 0xff);
    CHECK(at(0xf0000000) == 0x42);
    set_config(2, 0, 0x04, 2, 0x0000);
    CHECK(at(0xf0000000) == 0xff);
}

TEST_CASE_METHOD(DisplayBench, "a frame buffer laid over RAM or ROM stays behind it, and leaves no hole") {
    const std::vector<u8> rom(4096, 0x5a);
    memory.map_rom({0xfffff000}, rom);
    set_config(2, 0, 0x04, 2, 0x0002);
    set_config(2, 0, 0x10, 4, 0xffffffff);  // as software that sizes it does
    CHECK(at(0xfffff000) == 0x5a);
    CHECK(at(0xffffe000) == 0x42);
    set_config(2, 0, 0x10, 4, 0x00100000);
    CHECK(at(0xfffff000) == 0x5a);
    CHECK(at(0xffffe000) == 0xff);
    memory.write({0x100000}, 1, 0x77);
    CHECK(frame_buffer[0] == 0x42);
    set_config(2, 0, 0x10, 4, 0xe0000000);
    CHECK(at(0x100000) == 0x77);
}

TEST_CASE_METHOD(DisplayBench, "the ROM shows where its own register says, while memory and it are enabled, and cannot be written") {
    set_config(2, 0, 0x30, 4, 0xfffffffe);
    CHECK(config(2, 0, 0x30, 4) == 0xffff8000);
    set_config(2, 0, 0x30, 4, 0xe8000001);
    CHECK(at(0xe8000000) == 0xff);
    set_config(2, 0, 0x04, 2, 0x0002);
    CHECK(at(0xe8000000) == 0x24);
    CHECK(at(0xe8007fff) == 0x24);
    CHECK(at(0xe8008000) == 0xff);
    memory.write({0xe8000000}, 1, 0);
    CHECK(at(0xe8000000) == 0x24);
    set_config(2, 0, 0x30, 4, 0xe8000000);
    CHECK(at(0xe8000000) == 0xff);
}

TEST_CASE_METHOD(DisplayBench, "a restored twin shows its frame buffer at the same place") {
    set_config(2, 0, 0x10, 4, 0xe0000000);
    set_config(2, 0, 0x04, 2, 0x0002);
    const auto saved = save(display);
    DisplayBench twin;
    load_state(twin.display, saved);
    twin.display.restored();
    CHECK(twin.at(0xe0000000) == 0x42);
    display.reset(Reset::Hard);
    CHECK(at(0xe0000000) == 0xff);
}
