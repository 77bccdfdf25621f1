// The options as data: name, argument, what it means, and whether this version has it.
#pragma once

#include <array>
#include <string_view>

namespace retrace {

struct OptionRow {
    enum class Group { Media, Machine, Running, Acting, Settings };
    std::string_view name;
    std::string_view argument;   // "" for a flag; in brackets: optional
    Group group;
    std::string_view text;
    bool there = true;           // false: accepted by the contract, not in this version yet
    bool many = false;           // may be given several times (actions)
};

inline constexpr std::array option_rows{
    OptionRow{"fda", "FILE", OptionRow::Group::Media, "floppy image in drive A"},
    OptionRow{"fdb", "FILE", OptionRow::Group::Media, "floppy image in drive B"},
    OptionRow{"hda", "FILE", OptionRow::Group::Media, "first hard disk"},
    OptionRow{"hdb", "FILE", OptionRow::Group::Media, "second hard disk"},
    OptionRow{"hdc", "FILE", OptionRow::Group::Media, "third hard disk"},
    OptionRow{"hdd", "FILE", OptionRow::Group::Media, "fourth hard disk"},
    OptionRow{"cdrom", "FILE", OptionRow::Group::Media, "CD image, in a CD-ROM drive"},
    OptionRow{"writable", "", OptionRow::Group::Media, "let the guest change the image files; otherwise its writes stay in memory"},
    OptionRow{"boot", "a,c,d", OptionRow::Group::Media, "boot order: a floppy, c hard disk, d CD-ROM"},
    OptionRow{"kernel", "FILE", OptionRow::Group::Media, "Linux bzImage or Multiboot kernel, booted directly"},
    OptionRow{"initrd", "FILE", OptionRow::Group::Media, "its initial RAM disk; with Multiboot its module, or several with commas between"},
    OptionRow{"append", "TEXT", OptionRow::Group::Media, "its command line"},

    OptionRow{"bios", "FILE", OptionRow::Group::Machine, "another system BIOS than the built-in one (64 or 128 KiB)"},
    OptionRow{"vgabios", "FILE", OptionRow::Group::Machine, "another VGA BIOS than the built-in one"},
    OptionRow{"rom", "FILE", OptionRow::Group::Machine, "one ROM instead of the whole firmware; it ends at FFFFFFFFh, its last 128 KiB also at FFFFFh"},
    OptionRow{"memory", "MiB", OptionRow::Group::Machine, "RAM, 1 to 3072, default 64"},
    OptionRow{"cpu", "MODEL", OptionRow::Group::Machine, "8086 286 386 486 pentium pentium2 pentium3 pentium4 max; `help` lists them"},
    OptionRow{"speed", "RATE", OptionRow::Group::Machine, "virtual instructions per second: a number or a name such as 386dx-33"},
    OptionRow{"start-of-time", "ISO8601", OptionRow::Group::Machine, "the clock at power-on, or `now`; default 2000-01-01T12:00:00"},

    OptionRow{"pace", "real|max", OptionRow::Group::Running, "hold virtual time to wall time, or run as fast as the host can"},
    OptionRow{"engine", "jit|interpreter|verify", OptionRow::Group::Running, "what executes guest code; default jit on x86-64 hosts. jit translates it, verify compares both"},
    OptionRow{"jit-threshold", "N", OptionRow::Group::Running, "translate guest code after N executions, 0: at once; for tests, the guest sees no difference"},
    OptionRow{"jit-perf", "map|dump", OptionRow::Group::Running, "tell Linux perf where translated blocks lie: /tmp/perf-PID.map, or jit-PID.dump in the current folder"},
    OptionRow{"display", "sdl|term|none", OptionRow::Group::Running, "window, terminal, or neither"},
    OptionRow{"serial", "stdio|file:PATH|null", OptionRow::Group::Running, "first serial port"},
    OptionRow{"serial2", "stdio|file:PATH|null", OptionRow::Group::Running, "second serial port"},
    OptionRow{"serial3", "stdio|file:PATH|null", OptionRow::Group::Running, "third serial port"},
    OptionRow{"serial4", "stdio|file:PATH|null", OptionRow::Group::Running, "fourth serial port"},
    OptionRow{"debugcon", "PORT[:PATH]", OptionRow::Group::Running, "bytes written to PORT go to standard output or PATH"},
    OptionRow{"debug-exit", "PORT", OptionRow::Group::Running, "a write of V to PORT ends the run with exit code (V<<1)|1"},
    OptionRow{"no-reboot", "", OptionRow::Group::Running, "a reset or triple fault ends the run with exit code 4"},
    OptionRow{"timeout", "SECONDS", OptionRow::Group::Running, "wall-clock limit, exit code 124"},
    OptionRow{"max-steps", "N", OptionRow::Group::Running, "stop after N steps"},
    OptionRow{"stats", "[FILE]", OptionRow::Group::Running, "counters as JSON at the end; --stats=FILE writes them to FILE"},
    OptionRow{"log", "CHANNELS", OptionRow::Group::Running, "log of the named parts (pic,fdc,... or all) on standard error"},
    OptionRow{"record", "FILE.rtr", OptionRow::Group::Running, "record the run", false},
    OptionRow{"snapshot-at", "STEP:FILE.rts", OptionRow::Group::Running, "save the machine at a step", false},
    OptionRow{"gdb", "[PORT]", OptionRow::Group::Running, "serve gdb", false},

    OptionRow{"expect", "TEXT", OptionRow::Group::Acting, "wait until TEXT stands on the text screen", true, true},
    OptionRow{"expect-serial", "TEXT", OptionRow::Group::Acting, "wait until TEXT has come out of the first serial port", true, true},
    OptionRow{"within", "SECONDS", OptionRow::Group::Acting, "virtual-time limit for the expectations after it, default 120", true, true},
    OptionRow{"type", "TEXT", OptionRow::Group::Acting, "type as a person on a US keyboard would; \\n is Enter", true, true},
    OptionRow{"key", "COMBO", OptionRow::Group::Acting, "one chord such as ctrl-alt-del, f1, enter", true, true},
    OptionRow{"wait", "SECONDS", OptionRow::Group::Acting, "let virtual time pass", true, true},
    OptionRow{"screenshot", "FILE.png", OptionRow::Group::Acting, "the picture, one PNG pixel a guest pixel", true, true},
    OptionRow{"text", "FILE", OptionRow::Group::Acting, "the text screen as UTF-8 lines; - for standard output", true, true},
    OptionRow{"then-continue", "", OptionRow::Group::Acting, "go on after the actions instead of ending"},

    OptionRow{"config", "FILE", OptionRow::Group::Settings, "settings as key = value lines; the command line wins", true, true},
    OptionRow{"print-config", "", OptionRow::Group::Settings, "print the settings in force and end"},
    OptionRow{"host-key", "KEY", OptionRow::Group::Settings, "the key that begins window commands: rctrl (default), rshift, ralt, f12, scrolllock"},
    OptionRow{"version", "", OptionRow::Group::Settings, "print the version"},
    OptionRow{"help", "", OptionRow::Group::Settings, "print this overview"},
};

}  // namespace retrace
