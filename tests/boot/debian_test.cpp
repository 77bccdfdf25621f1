// Guests that come as Debian packages: a memory test, a Multiboot game, the installer.
#include "tests/boot/debian.hpp"

#include <fstream>

#include "tests/boot/boot.hpp"
#include "tests/support/png_image.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace::test;

namespace {

void boots_kernel(const std::filesystem::path& kernel, const std::vector<std::string>& options, unsigned seconds = 240) {
    std::vector<std::string> all{"--kernel", kernel.string()};
    all.insert(all.end(), options.begin(), options.end());
    const auto outcome = boot("", all, seconds);
    INFO(outcome->err << outcome->out);
    CHECK(outcome->exit_code == 0);
}

std::string contents(const std::string& path) {
    std::ifstream in{path};
    return {std::istreambuf_iterator<char>{in}, {}};
}

std::string last_line(std::string text) {
    while (text.ends_with('\n')) text.pop_back();
    return text.substr(text.rfind('\n') + 1);
}

constexpr const char* installer = "usr/lib/debian-installer/images/12/i386/text/debian-installer/i386/";

}  // namespace

TEST_CASE("memtest86+ starts its tests") {
    const auto package = debian_package("memtest86+");
    if (!package) return;
    boots_kernel(*package / "boot/memtest86+ia32.bin", {"--memory", "16", "--engine", "jit", "--expect", "Memtest86+ v6.10", "--expect", "Status: Testing", "--expect", "Errors: 0"});
}

TEST_CASE("memtest86+ finds no error in a whole pass", "[long]") {
    const auto package = debian_package("memtest86+");
    if (!package) return;
    boots_kernel(*package / "boot/memtest86+ia32.bin", {"--memory", "16", "--engine", "jit", "--within", "1000", "--expect", "Status: Pass", "--expect", "Pass:  1        Errors: 0"}, 1200);
}

TEST_CASE("a Multiboot game draws its invaders, moves its ship and fires") {
    const auto package = debian_package("grub-invaders");
    if (!package) return;
    const TemporaryFolder folder;
    const auto file = [&](const char* name) { return (folder.path / name).string(); };
    std::vector<std::string> actions{"--memory", "16", "--expect", " -*-           -*-                                      -*-           -*-", "--text", file("first")};
    const auto press = [&](const char* key, const char* then) {
        for (unsigned i = 0; i < 8; ++i) actions.insert(actions.end(), {"--key", key, "--wait", "0.5"});
        actions.insert(actions.end(), {"--text", file(then)});
    };
    press("left", "left");
    press("right", "right");
    actions.insert(actions.end(), {"--key", "space", "--wait", "0.2", "--text", file("fired")});
    boots_kernel(*package / "boot/invaders.exec", actions);
    const auto ship = [&](const char* name) { return last_line(contents(file(name))).find('/'); };
    CHECK(ship("first") == 39);
    CHECK(ship("left") < 36);
    CHECK(ship("right") > ship("left") + 4);
    CHECK(contents(file("first")).find('|') == std::string::npos);
    CHECK(contents(file("fired")).find('|') != std::string::npos);
}

TEST_CASE("SeaBIOS starts FreeDOS on this board, with its own video BIOS and with ours") {
    const auto package = debian_package("seabios");
    if (!package) return;
    const auto rom = [&](const char* name) { return (*package / "usr/share/seabios" / name).string(); };
    const std::vector<std::string> actions{"--bios", rom("bios.bin"), "--engine", "jit", "--within", "60", "--expect", "A:\\>", "--type", "ver /r\\n", "--expect", "FreeDOS kernel version 0.0.40"};
    boots("freedos-1440.img", actions);
    auto own = actions;
    own.insert(own.end(), {"--vgabios", rom("vgabios-stdvga.bin")});
    boots("freedos-1440.img", own);
}

TEST_CASE("Debian's installer asks its first question on the serial port", "[long]") {
    const auto package = debian_package("debian-installer-12-netboot-i386");
    if (!package) return;
    boots_kernel(*package / installer / "linux", {"--initrd", (*package / installer / "initrd.gz").string(), "--append", "console=ttyS0 priority=low", "--memory", "512", "--engine", "jit", "--serial", "null",
                                                   "--within", "300", "--expect-serial", "Run /init as init process", "--expect-serial", "fb0: bochs-drmdrmfb frame buffer device",
                                                   "--expect-serial", "Starting system log daemon: syslogd, klogd.", "--expect-serial", "Choose the next step in the install process:"}, 900);
}

TEST_CASE("Debian's installer asks its first question on the screen, drawn by the driver of the frame buffer", "[long]") {
    const auto package = debian_package("debian-installer-12-netboot-i386");
    if (!package) return;
    const TemporaryFolder folder;
    const auto shot = (folder.path / "dialogue.png").string();
    boots_kernel(*package / installer / "linux", {"--initrd", (*package / installer / "initrd.gz").string(), "--append", "console=tty0 priority=low", "--memory", "512", "--engine", "jit",
                                                   "--wait", "100", "--screenshot", shot}, 900);
    const auto picture = read_png(shot);
    CHECK(picture.width == 1024);
    CHECK(picture.height == 768);
    CHECK(picture.at(10, 10) == 0x0000aa);                                                                          // blue around
    CHECK(picture.count(240, 240, 784, 512, [](auto pixel) { return pixel == 0xaaaaaa; }) > 80'000);                // a grey dialogue
    CHECK(picture.count(264, 304, 728, 320, [](auto pixel) { return pixel == 0xaa0000; }) > 5'000);                 // its first choice in red
}
