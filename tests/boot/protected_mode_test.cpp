// Guests that leave real mode: DOS extenders, small operating systems, a Multiboot program.
#include "tests/boot/boot.hpp"

using retrace::test::boots;
using retrace::test::shared_file;

namespace {

void dostools(const std::string& program, const std::vector<std::string>& shows) {
    std::vector<std::string> words{"--speed", "486dx-33", "--expect", "A:\\>", "--type", "cls\\n" + program + "\\n"};
    for (const auto& text : shows) words.insert(words.end(), {"--expect", text});
    boots("freedos-dostools.img", words);
}

}  // namespace

TEST_CASE("32-bit programs under the DOS/32A extender find processor and descriptors in order") {
    dostools("CPU32", {"Your CPU is currently running in 32-bit protected mode", "With CPUID (Vendor='GenuineIntel'", "With FPU"});
    dostools("GDT32", {"DATA-32 D=1 RW=1 PL=0", "CODE-16 C=0 Read=1 PL=0", "CODE-32 C=1 Read=1 PL=0", "A:\\>"});
    // 20 million steps a second, two to a step of the time-stamp counter: within a tenth of a percent.
    dostools("RDTSC32", {"Your CPU is basically a 686 or higher", "Measurement: 1 sec = 1000"});
    dostools("PIT32", {"8254 library test program", "max=ffff count=0045"});
    dostools("RTC32", {"NOW[BCD]: 12:00:0", "REG A: TimeBase=32.768KHz PeriodicRate=1024Hz", "3 total (3 per, 0 alarm, 3 up, 1 per/sec)"});
}

TEST_CASE("16-bit hardware programs: CMOS, CR3 in real mode, flat real mode, the interrupt controllers") {
    dostools("CMOS16", {"70: 00 00 00 00"});
    dostools("CR316", {"CR3=0x00000000"});
    dostools("FLATREAL", {"20 07 20 07 20 07 20 07"});
    dostools("PIC16", {"Slave PIC: yes"});
}

TEST_CASE("a program finds VESA's extensions and the list of modes") {
    dostools("VESA16", {"Signature:              'VESA'", "Version:                3.0", "0x0100 0x0101 0x0103 0x0105 0x0107"});
}

TEST_CASE("MicroPython runs on a DPMI host with paging and computes in big integers and doubles") {
    boots("freedos-micropython.img", {"--speed", "486dx-33", "--expect", "A:\\>", "--type", "upython\\n", "--expect", "MicroPython v1.5.1-50-g0d9b450 on 2015-12-01", "--expect", ">>>",
                                      "--type", "2**200\\n", "--expect", "1606938044258990275541962092341162602522202993782792835301376",
                                      "--type", "sum([1/i for i in range(1,1001)])\\n", "--expect", "7.485470860550343"});
}

TEST_CASE("xv6 boots from two disks with paging and ring 3, and lists its files") {
    const auto system = shared_file("guests/xv6.img"), files = shared_file("guests/xv6-fs.img");
    if (!system || !files) return retrace::test::say_skipped("no guest xv6.img or xv6-fs.img");
    boots("", {"--memory", "512", "--speed", "486dx2-66", system->string(), "--hdb", files->string(), "--expect", "cpu0: starting xv6", "--expect", "init: starting sh", "--expect", "$ ",
                      "--type", "ls\\n", "--expect", "usertests      2 15 58248"});
}

TEST_CASE("Sanos mounts its floppy with a driver of its own and gives a prompt") {
    boots("sanos.img", {"--speed", "486dx-33", "--expect", "Booting... bootstrap, ldrinit, osldr, kernel", "--expect", "fd0: 3 1/2\" 1.44M, 1440 KB, THS=80/2/18", "--expect", "mount: root on fd0",
                        "--expect", "/$", "--type", "ls -l\\n", "--expect", "bin/"});
}
