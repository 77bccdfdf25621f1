// The built-in guest's disk, as an image.
#include <catch2/catch.hpp>

#include "bios/images.hpp"
#include "core/base/types.hpp"

namespace retrace::test {

TEST_CASE("the built-in disk boots and fits the first tracks of a 1.44 MB one") {
    const auto disk = bios::guest_disk();
    REQUIRE(disk.size() >= 1024);
    CHECK(disk.size() % 512 == 0);
    CHECK(disk.size() <= 2880 * 512);
    CHECK(disk[510] == 0x55);
    CHECK(disk[511] == 0xaa);
    CHECK((disk[19] | disk[20] << 8) == 2880);
    CHECK(disk[24] == 18);
    CHECK(disk[26] == 2);
}

}  // namespace retrace::test
