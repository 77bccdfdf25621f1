// DOS systems on floppies, to what the guests' page says of them.
#include "tests/boot/boot.hpp"

using retrace::test::boots;

namespace {

const std::vector<std::string> models{"8086", "max"};

}  // namespace

TEST_CASE("FreeDOS reaches its prompt and answers on every floppy format, on the oldest and the newest processor") {
    const std::pair<const char*, const char*> disks[] = {
        {"freedos-160.img", "39,936"}, {"freedos-360.img", "242,688"}, {"freedos-1200.img", "1,093,632"}, {"freedos-1440.img", "1,337,344"}};
    for (const auto& [image, free] : disks)
        for (const auto& model : models)
            boots(image, {"--cpu", model, "--expect", "A:\\>", "--type", "ver /r\\n", "--expect", "FreeDOS kernel version 0.0.40", "--type", "dir\\n",
                          "--expect", "5 file(s)        112,371 bytes", "--expect", free});
}

TEST_CASE("the FreeDOS 1.3 installer disk counts down its menu and asks to proceed") {
    boots("freedos13-floppy.img", {"--expect", "FreeDOS 1.3 Floppy Edition:", "--expect", "Select from Menu [123456]", "--key", "enter",
                                   "--within", "60", "--expect", "Do you want to proceed [Y,N]?"});
}

TEST_CASE("FreeDOS with HIMEM finds its extended memory") {
    boots("freedos722.img", {"--expect", "Interface : XMS 2.00 80386 64MB", "--expect", "Welcome to FreeDOS", "--expect", "A:\\>"});
}

TEST_CASE("MS-DOS 4 asks for date and time and counts memory") {
    for (const auto& model : models)
        boots("msdos4.img", {"--cpu", model, "--memory", model == "max" ? "4" : "1", "--expect", "Current date is", "--key", "enter", "--expect", "Current time is", "--key", "enter",
                             "--expect", "Microsoft(R) MS-DOS(R) Version 4.00", "--expect", "A>", "--type", "mem\\n", "--expect", "655360 bytes total memory"});
    boots("msdos4.img", {"--memory", "4", "--expect", "Current date is", "--key", "enter", "--expect", "Current time is", "--key", "enter", "--expect", "A>",
                         "--type", "mem\\n", "--expect", "3014656 bytes total extended memory"});
}
