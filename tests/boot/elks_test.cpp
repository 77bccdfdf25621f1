// ELKS, a 16-bit Unix.
#include "tests/boot/boot.hpp"

using retrace::test::boots;

TEST_CASE("ELKS mounts its root and answers at its prompt") {
    for (const char* model : {"8086", "max"})
        boots("elks-fd1440.img", {"--cpu", model, "--expect", "ELKS kernel 0.6.0 (46736 text", "--expect", "VFS: Mounted root 0x0380 (minix filesystem).", "--expect", "# ",
                                  "--type", "uname -a\\n", "--expect", "ELKS elks 0.6.0 commit a598d6be 26 Feb 2023 10:54:41 -0700 ibmpc i8086",
                                  "--type", "meminfo\\n", "--expect", "Memory usage"});
}
