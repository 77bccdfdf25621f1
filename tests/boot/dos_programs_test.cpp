// What runs on the FreeDOS floppy: editors, tools, an assembler and a debugger, told by what stands on their screens.
#include "tests/boot/boot.hpp"

using retrace::test::boots;

namespace {

// The processor of these programs' days: a guest that polls its keyboard then costs the host little.
std::vector<std::string> at_prompt(std::vector<std::string> rest) {
    std::vector<std::string> all{"--speed", "386dx-33", "--expect", "A:\\>"};
    all.insert(all.end(), rest.begin(), rest.end());
    return all;
}

}  // namespace

TEST_CASE("FreeDOS Edit and Vim show their screens, take text and leave") {
    boots("freedos722.img", at_prompt({"--type", "edit\\n", "--expect", "FreeDOS Edit 0.6", "--expect", "F1=Help", "--key", "alt-f", "--expect", "Exit", "--key", "esc"}));
    boots("freedos722.img", at_prompt({"--type", "vim new.txt\\n", "--expect", "\"new.txt\" [New File]", "--type", "ihello from vim\\e:wq\\n", "--expect", "A:\\>",
                                       "--type", "cls\\ntype new.txt\\n", "--expect", "\nhello from vim\n"}));
    boots("freedos722.img", at_prompt({"--type", "vim\\n", "--expect", "VIM - Vi IMproved", "--expect", "version 7.0", "--type", ":q\\n", "--expect", "A:\\>"}));
}

TEST_CASE("a program typed into DEBUG is stepped through with the trap flag") {
    boots("freedos722.img", at_prompt({"--type", "debug\\n", "--expect", "\n-", "--type", "a 100\\nmov ax,1234\\nadd ax,4321\\nmov cx,2\\nloop 109\\nint 20\\n\\n",
                                       "--type", "t\\n", "--expect", "AX=1234  BX=0000  CX=0000", "--expect", "0103 052143        ADD     AX,4321",
                                       "--type", "t\\n", "--expect", "AX=5555  BX=0000  CX=0000", "--expect", "IP=0106   NV UP DI PL NZ NA PE NC",
                                "--type", "t\\nt\\n", "--expect", "AX=5555  BX=0000  CX=0001", "--type", "t\\n", "--expect", "IP=010B",
                                "--type", "g\\n", "--expect", "\n-g\n-", "--type", "q\\n", "--expect", "\n-q\n"}));
}

TEST_CASE("NASM assembles what was copied from the console, and the program runs") {
    boots("freedos722.img", at_prompt({"--type", "copy con x.asm\\norg 0x100\\nmov dx,m\\nmov ah,9\\nint 0x21\\nmov ax,0x4c00\\nint 0x21\\nm: db \"assembled here$\"\\n",
                                       "--key", "ctrl-z", "--key", "enter", "--type", "nasm -f bin x.asm -o x.com\\n", "--type", "cls\\nx\\n", "--expect", "\nassembled here\n"}));
}

TEST_CASE("small tools of DOS: primes, pi, a calendar, a resident clock, the processor's level") {
    boots("freedos722.img", at_prompt({"--type", "pi\\n", "--expect", "00031415926535897932384626433832795028841971693993751058209749445923078164062862"}));
    boots("freedos722.img", at_prompt({"--type", "primes /n:1000 /p:p.txt\\n", "--expect", "PRIMES   Copyright", "--type", "cls\\ntype p.txt\\n", "--expect", "997"}));
    boots("freedos722.img", at_prompt({"--type", "cal\\n", "--expect", "Jan 2000", "--expect", "30 31"}));
    boots("freedos722.img", at_prompt({"--type", "clock\\n", "--expect", "CLOCK installed in memory.", "--expect", "12:00"}));
    boots("freedos722.img", at_prompt({"--type", "hello\\n", "--expect", "Hello, World!"}));
    boots("freedos722.img", at_prompt({"--cpu", "386", "--type", "cpulevel\\n", "--expect", "i386 or compatible CPU found."}));
    boots("freedos722.img", at_prompt({"--cpu", "486", "--type", "cpulevel\\n", "--expect", "CPU brand is GenuineIntel / CPU is family 4"}));
    boots("freedos722.img", at_prompt({"--type", "cpulevel\\n", "--expect", "CPU brand is GenuineIntel / CPU is family 6", "--expect", "[TIME STAMP COUNTER]", "--expect", "[CMOV opcode]"}));
}
