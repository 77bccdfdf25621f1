#include "devices/video/code_page_437.hpp"

#include <catch2/catch.hpp>
#include <set>

using namespace retrace;

TEST_CASE("characters of code page 437 become Unicode") {
    CHECK(utf8(u8{'A'}) == "A");
    CHECK(utf8(u8{0x00}) == " ");
    CHECK(utf8(u8{0xff}) == " ");
    CHECK(utf8(u8{0x01}) == "☺");
    CHECK(utf8(u8{0x1f}) == "▼");
    CHECK(utf8(u8{0x7f}) == "⌂");
    CHECK(utf8(u8{0x80}) == "Ç");
    CHECK(utf8(u8{0x9b}) == "¢");
    CHECK(utf8(u8{0xb0}) == "░");
    CHECK(utf8(u8{0xc4}) == "─");
    CHECK(utf8(u8{0xc9}) == "╔");
    CHECK(utf8(u8{0xdb}) == "█");
    CHECK(utf8(u8{0xe1}) == "ß");
    CHECK(utf8(u8{0xf8}) == "°");
    CHECK(utf8(u8{0xfe}) == "■");
    std::set<char32_t> all;
    for (unsigned i = 0; i < 256; ++i) all.insert(code_page_437(static_cast<u8>(i)));
    CHECK(all.size() == 254);  // three look blank
}

TEST_CASE("a text screen becomes lines without blanks at their ends") {
    TextScreen screen{.columns = 4, .rows = 2, .cells = {{'h', 7}, {0, 7}, {0x82, 7}, {' ', 7}, {' ', 7}, {0, 7}, {0xff, 7}, {' ', 7}}, .cursor = {}};
    CHECK(utf8(screen) == "h é\n\n");
}
