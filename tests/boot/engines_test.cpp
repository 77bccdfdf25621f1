// Both engines, instruction by instruction, over a whole boot.
#include "tests/boot/boot.hpp"

using retrace::test::boots;

TEST_CASE("FreeDOS boots the same under both engines") {
    boots("freedos-1440.img", {"--engine", "verify", "--within", "60", "--expect", "A:\\>", "--type", "ver /r\\n", "--expect", "FreeDOS kernel version 0.0.40"});
}
TEST_CASE("FreeDOS boots under the interpreter alone") {
    boots("freedos-1440.img", {"--engine", "interpreter", "--within", "60", "--expect", "A:\\>"});
}
TEST_CASE("MS-DOS 4 runs the same under both engines", "[long]") {
    boots("msdos4.img", {"--engine", "verify", "--memory", "4", "--max-steps", "2000000000"});
}
