// What stands where in the system BIOS: programs call and read these places without asking.
#include <catch2/catch.hpp>

#include <numeric>
#include <string>

#include "bios/images.hpp"

namespace {

constexpr unsigned word_at(std::span<const std::uint8_t> image, unsigned offset) { return image[offset] | image[offset + 1] << 8; }

// Where the near jump at an entry point leads, or 0 if none stands there.
unsigned jump_target(std::span<const std::uint8_t> image, unsigned offset) {
    if (image[offset] == 0xeb) return (offset + 2 + static_cast<unsigned>(static_cast<std::int8_t>(image[offset + 1]))) & 0xffff;
    if (image[offset] == 0xe9) return (offset + 3 + word_at(image, offset + 1)) & 0xffff;
    return 0;
}

}

TEST_CASE("the system BIOS fills 64 KiB and its bytes add up to zero") {
    const auto image = retrace::bios::system();
    REQUIRE(image.size() == 0x10000);
    CHECK((std::accumulate(image.begin(), image.end(), 0u) & 0xff) == 0);
}

TEST_CASE("the reset vector leads to POST, a date and the model of an AT follow it") {
    const auto image = retrace::bios::system();
    CHECK(image[0xfff0] == 0xea);
    CHECK(word_at(image, 0xfff1) == 0xe05b);
    CHECK(word_at(image, 0xfff3) == 0xf000);
    const std::string date(image.begin() + 0xfff5, image.begin() + 0xfffd);
    CHECK(date[2] == '/');
    CHECK(date[5] == '/');
    CHECK(image[0xfffe] == 0xfc);
}

TEST_CASE("a jump stands at each entry point that old programs call") {
    const auto image = retrace::bios::system();
    const unsigned entry = GENERATE(0xe05bu, 0xe2c3u, 0xe3feu, 0xe6f2u, 0xe739u, 0xe82eu, 0xe987u, 0xec59u, 0xef57u, 0xefd2u, 0xf065u, 0xf841u, 0xf84du, 0xf859u, 0xfe6eu, 0xfea5u,
                                    0xff54u);
    INFO(std::hex << entry);
    CHECK(jump_target(image, entry) != 0);
    CHECK(jump_target(image, entry) < 0xe000);
}

TEST_CASE("the table at FEF3 has the vectors from INT 08h on, as their entry points have them") {
    const auto image = retrace::bios::system();
    const auto vector = [&](unsigned number) { return word_at(image, 0xfef3 + (number - 8) * 2); };
    CHECK(vector(0x08) == jump_target(image, 0xfea5));
    CHECK(vector(0x09) == jump_target(image, 0xe987));
    CHECK(vector(0x0e) == jump_target(image, 0xef57));
    CHECK(vector(0x11) == jump_target(image, 0xf84d));
    CHECK(vector(0x12) == jump_target(image, 0xf841));
    CHECK(vector(0x13) == jump_target(image, 0xe3fe));
    CHECK(vector(0x14) == jump_target(image, 0xe739));
    CHECK(vector(0x15) == jump_target(image, 0xf859));
    CHECK(vector(0x16) == jump_target(image, 0xe82e));
    CHECK(vector(0x17) == jump_target(image, 0xefd2));
    CHECK(vector(0x19) == jump_target(image, 0xe6f2));
    CHECK(vector(0x1a) == jump_target(image, 0xfe6e));
    CHECK(vector(0x1d) == 0xf0a4);
    CHECK(vector(0x1e) == 0xefc7);
    CHECK(image[0xff53] == 0xcf);
}

TEST_CASE("the 8x8 font at FA6E draws the visible characters of ASCII, each otherwise") {
    const auto image = retrace::bios::system();
    const auto glyph = [&](unsigned code) { return std::string(image.begin() + 0xfa6e + code * 8, image.begin() + 0xfa6e + code * 8 + 8); };
    CHECK(glyph(' ') == std::string(8, '\0'));
    for (unsigned code = 0x21; code < 0x7f; ++code)
        for (unsigned other = 0x20; other < code; ++other) {
            INFO(code << " and " << other);
            CHECK(glyph(code) != glyph(other));
        }
}
