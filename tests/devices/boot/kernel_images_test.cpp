#include <catch2/catch.hpp>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "devices/boot/linux_image.hpp"
#include "devices/boot/multiboot_image.hpp"
#include "tests/support/dice.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

constexpr u64 mib = 1 << 20;

std::vector<u8> bzimage(u16 version = 0x020f, std::size_t kernel_size = 10'000) {
    std::vector<u8> image(512 * 5 + kernel_size, 0x90);
    image[0x1f1] = 4;
    store<u16>(&image[0x1fe], 0xaa55);
    store<u32>(&image[0x202], 0x53726448);
    store<u16>(&image[0x206], version);
    image[0x211] = 1;
    store<u32>(&image[0x22c], 0x7fffffff);
    store<u32>(&image[0x238], 2047);
    store<u32>(&image[0x260], 0x100000);
    return image;
}

std::vector<u8> multiboot_by_addresses() {
    std::vector<u8> image(1000, 0xcc);
    const u32 flags = 1 << 16;
    const u32 words[] = {0x1badb002, flags, 0u - 0x1badb002 - flags, 0x100040, 0x100000, 0x100200, 0x100400, 0x100080};
    std::memcpy(&image[0x40], words, sizeof words);
    return image;
}

const BootPayload::Block& block_at(const BootPayload& payload, u64 address) {
    for (const auto& block : payload.blocks)
        if (block.address.value == address) return block;
    FAIL("no block there");
    return payload.blocks[0];
}

}  // namespace

TEST_CASE("a bzImage goes to 1 MiB, its set-up code below, its initial RAM disk as high as it may") {
    const auto image = bzimage();
    const std::vector<u8> initrd(5000, 7);
    const auto payload = linux_payload(image, initrd, "console=ttyS0", 64 * mib, "k");
    CHECK(payload.how == BootPayload::Entry::RealMode);
    CHECK(payload.entry == 0x1020u << 16);
    const auto& setup = block_at(payload, 0x10000).bytes;
    CHECK(setup.size() == 512 * 5);
    CHECK(load<u32>(&setup[0x228]) == 0x20000);
    CHECK(load<u32>(&setup[0x218]) == 63 * mib - 8192);
    CHECK(load<u32>(&setup[0x21c]) == 5000);
    CHECK(block_at(payload, 63 * mib - 8192).bytes == initrd);
    CHECK(block_at(payload, 0x100000).bytes.size() == 10'000);
    const auto& line = block_at(payload, 0x20000).bytes;
    CHECK(std::string(line.begin(), line.end() - 1) == "console=ttyS0");
}

TEST_CASE("vga= of the command line chooses the kernel's video mode") {
    const auto chosen = [](const std::string& line) { return load<u16>(&block_at(linux_payload(bzimage(), {}, line, 64 * mib, "k"), 0x10000).bytes[0x1fa]); };
    CHECK(chosen("quiet") == 0x9090);  // as the image has it
    CHECK(chosen("quiet vga=0x318") == 0x318);
    CHECK(chosen("vga=791") == 791);
    CHECK(chosen("vga=normal") == 0xffff);
    CHECK(chosen("vga=ask vga=ext xvga=3") == 0xfffe);
    CHECK_THROWS_AS(chosen("vga=large"), HostError);
    CHECK_THROWS_AS(chosen("vga="), HostError);
}

TEST_CASE("a kernel that does not fit or is broken is refused with a sentence") {
    CHECK_THROWS_AS(linux_payload(bzimage(0x020f, 5'000'000), {}, "", 4 * mib, "k"), HostError);
    CHECK_THROWS_AS(linux_payload(bzimage(), std::vector<u8>(40 * mib), "", 32 * mib, "k"), HostError);
    CHECK_THROWS_AS(linux_payload(bzimage(), {}, std::string(3000, 'x'), 64 * mib, "k"), HostError);
    auto cut = bzimage();
    cut.resize(1000);
    CHECK_THROWS_AS(linux_payload(cut, {}, "", 64 * mib, "k"), HostError);
}

TEST_CASE("a Multiboot kernel by addresses is loaded where they say, with what the specification promises") {
    const auto payload = multiboot_payload(multiboot_by_addresses(), {{{1, 2, 3}, "mod arg"}}, "hello", 16 * mib, "k");
    CHECK(payload.how == BootPayload::Entry::ProtectedMode);
    CHECK(payload.entry == 0x100080);
    CHECK(payload.eax == 0x2badb002);
    const auto& kernel = block_at(payload, 0x100000).bytes;
    CHECK(kernel.size() == 0x400);
    CHECK(load<u32>(&kernel[0x40]) == 0x1badb002);
    CHECK(kernel[0x3ff] == 0);
    CHECK(block_at(payload, 0x101000).bytes == std::vector<u8>{1, 2, 3});
    const auto& information = payload.blocks.back();
    const auto word = [&](u64 address) { return load<u32>(&information.bytes[address - information.address.value]); };
    CHECK((word(payload.ebx) & 0x4d) == 0x4d);
    CHECK(word(payload.ebx + 8) == 15 * 1024);
    CHECK(word(payload.ebx + 20) == 1);
    const u32 modules = word(payload.ebx + 24);
    CHECK(word(modules) == 0x101000);
    CHECK(word(modules + 4) == 0x101003);
    const u32 line = word(payload.ebx + 16);
    CHECK(std::string(reinterpret_cast<const char*>(&information.bytes[line - information.address.value])) == "k hello");
}

TEST_CASE("no bytes crash the kernel loaders") {
    for (Dice dice : seeds(3000)) {
        auto image = dice.one_in(2) ? bzimage(static_cast<u16>(dice.between(0x100, 0x210)), dice.below(5000)) : multiboot_by_addresses();
        if (dice.one_in(3)) {  // an ELF header in front
            image[0x46] = 0;
            store<u32>(&image[0x48], 0u - 0x1badb002 - load<u32>(&image[0x44]));
            store<u32>(&image[0], 0x464c457f);
            image[4] = image[5] = 1;
            image[18] = 3;
            store<u16>(&image[42], 32);
            store<u16>(&image[44], static_cast<u16>(dice.below(20)));
        }
        for (u64 n = dice.below(20); n > 0; --n) image[dice.below(std::min<std::size_t>(image.size(), 0x280))] = dice.byte();
        image.resize(image.size() - dice.below(image.size() / 2));
        const std::vector<u8> initrd(dice.below(3000));
        for (const bool linux_kernel : {true, false}) {
            try {
                const auto payload = linux_kernel ? linux_payload(image, initrd, "x", 16 * mib, "k") : multiboot_payload(image, {{initrd, "m"}}, "x", 16 * mib, "k");
                u64 bytes = 0;
                for (const auto& block : payload.blocks) {
                    bytes += block.bytes.size();
                    REQUIRE(block.address.value + block.bytes.size() <= 16 * mib);
                }
                REQUIRE(bytes <= 32 * mib);
            } catch (const HostError&) {
            }
        }
    }
}
