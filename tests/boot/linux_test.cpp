// Linux 6.1 with an init that checks itself: every line it reports, on the models that can run it, and the same machine twice.
#include <fstream>
#include <sstream>
#include <unistd.h>

#include "tests/boot/boot.hpp"
#include "tests/boot/debian.hpp"
#include "tests/support/png_image.hpp"

using namespace retrace::test;
namespace fs = std::filesystem;

namespace {

std::string contents(const fs::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

// What the guest reported, without carriage returns.
std::string reports(const std::string& serial) {
    std::istringstream lines{serial};
    std::string line, all;
    while (std::getline(lines, line)) {
        std::erase(line, '\r');
        if (line.starts_with("GUEST:")) all += line + "\n";
    }
    return all;
}

struct LinuxRun {
    Outcome outcome;
    std::string serial, digest;
};

LinuxRun boot_linux(const fs::path& guest, const std::string& append, std::vector<std::string> options) {
    const auto scratch = fs::temp_directory_path() / ("retrace-linux-" + std::to_string(getpid()));
    fs::create_directories(scratch);
    std::vector<std::string> all{"--kernel", (guest / "bzImage").string(), "--initrd", (guest / "initrd").string(), "--append",
                                 "console=ttyS0,115200 panic=-1 guest.end=poweroff " + append, "--memory", "128", "--no-reboot",
                                 "--serial", "file:" + (scratch / "serial").string(), "--stats=" + (scratch / "stats").string()};
    all.insert(all.end(), options.begin(), options.end());
    LinuxRun done;
    done.outcome = *boot("", all);
    done.serial = contents(scratch / "serial");
    const std::string stats = contents(scratch / "stats");
    if (const auto at = stats.find("\"digest\": \""); at != std::string::npos) done.digest = stats.substr(at + 11, 16);
    fs::remove_all(scratch);
    return done;
}

void reports_as_expected(const std::string& flavour, const std::string& model, const std::string& engine) {
    const auto guest = linux_guest(flavour);
    if (!guest) return;
    INFO(flavour << " on " << model);
    const auto done = boot_linux(*guest, "", {"--cpu", model, "--engine", engine});
    INFO(done.outcome.err << done.serial);
    CHECK(done.outcome.exit_code == 0);
    CHECK(reports(done.serial) == contents(*guest / "expected.txt"));
    // The time-stamp counter against counter 2 of the timer, as Linux measures the one by the other.
    CHECK(done.serial.find("tsc: Fast TSC calibration using PIT") != std::string::npos);
}

}  // namespace

TEST_CASE("Linux reports what it should on the models of the 686 family, and powers off", "[long]") {
    for (const char* model : {"pentium2", "pentium3", "pentium4", "max"}) reports_as_expected("686", model, "jit");
}

TEST_CASE("Linux with PAE paging reports what it should", "[long]") {
    for (const char* model : {"pentium2", "pentium3", "pentium4", "max"}) reports_as_expected("686-pae", model, "jit");
}

TEST_CASE("Linux under the interpreter and twice under the JIT ends in the same state", "[long]") {
    const auto guest = linux_guest("686");
    if (!guest) return;
    const auto first = boot_linux(*guest, "", {"--engine", "jit"}), again = boot_linux(*guest, "", {"--engine", "jit"});
    const auto interpreted = boot_linux(*guest, "", {"--engine", "interpreter"});
    CHECK(first.outcome.exit_code == 0);
    CHECK(first.digest.size() == 16);
    CHECK(first.digest == again.digest);
    CHECK(first.digest == interpreted.digest);
    CHECK(reports(interpreted.serial) == contents(*guest / "expected.txt"));
}

TEST_CASE("Linux reads its disk by bus-master DMA", "[long]") {
    const auto guest = linux_guest("686");
    if (!guest) return;
    // Not yet a power of two of anything: bytes that a wrong sector order would show.
    const auto disk = fs::temp_directory_path() / ("retrace-linux-disk-" + std::to_string(getpid()));
    {
        std::ofstream out{disk, std::ios::binary};
        std::uint32_t x = 1;
        for (unsigned i = 0; i < 8u << 20; ++i) {
            x = x * 1664525 + 1013904223;
            out.put(static_cast<char>(x >> 24));
        }
    }
    const auto sum = run({"sh", "-c", "head -c 1M \"$1\" | sha256sum | cut -c1-64", "sh", disk.string()});
    const auto done = boot_linux(*guest, "guest.disk=1", {"--engine", "jit", "--hda", disk.string()});
    fs::remove(disk);
    INFO(done.serial);
    CHECK(done.outcome.exit_code == 0);
    CHECK(reports(done.serial).find("GUEST: disk " + sum.out.substr(0, 64)) != std::string::npos);
}

TEST_CASE("Linux on its own screen trusts the time-stamp counter: it runs as the timers say", "[long]") {
    const auto guest = linux_guest("686");
    if (!guest) return;
    // On a serial console it would lose ticks, as on hardware: a line takes 8 ms with interrupts off.
    const auto done = boot("", {"--kernel", (*guest / "bzImage").string(), "--initrd", (*guest / "initrd").string(), "--append", "console=tty0 guest.end=shell", "--memory", "128", "--engine", "jit",
                                "--expect", "GUEST: done", "--type", "dmesg | grep -i tsc\\n", "--expect", "Refined TSC clocksource calibration:", "--text", "-"});
    INFO(done->err << done->out);
    CHECK(done->exit_code == 0);
    // It rounds down, and where it measures depends on what it runs.
    const auto says = [&](const char* frequency) { return done->out.find(std::string{"Refined TSC clocksource calibration: "} + frequency) != std::string::npos; };
    CHECK((says("199.999 MHz") || says("200.000 MHz")));
    CHECK(done->out.find("unstable") == std::string::npos);
}

TEST_CASE("Linux draws its console into the frame buffer of a VESA mode", "[long]") {
    const auto guest = linux_guest("686");
    if (!guest) return;
    const auto shot = fs::temp_directory_path() / ("retrace-linux-" + std::to_string(getpid()) + ".png");
    const auto done = boot("", {"--kernel", (*guest / "bzImage").string(), "--initrd", (*guest / "initrd").string(), "--append", "console=ttyS0 console=tty0 vga=0x318 guest.end=halt", "--memory", "128",
                                "--engine", "jit", "--expect-serial", "System halted", "--screenshot", shot.string()});
    INFO(done->err);
    CHECK(done->exit_code == 0);
    const auto picture = read_png(shot.string());
    fs::remove(shot);
    CHECK(picture.width == 1024);
    CHECK(picture.height == 768);
    // Grey letters on black, and many of them.
    const auto lit = picture.count([](auto pixel) { return pixel == 0xaaaaaa; });
    CHECK(lit > 20'000);
}
