// DOS put onto a blank hard disk by its own FDISK, FORMAT and SYS, and booted from there.
#include <fstream>

#include "tests/boot/boot.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace::test;

namespace {

using Words = std::vector<std::string>;

// The installer's floppy with an AUTOEXEC that leads to a plain prompt.
std::optional<std::string> tools_floppy(const TemporaryFolder& folder) {
    const auto installer = shared_file("guests/freedos13-floppy.img");
    if (!installer) {
        say_skipped("no guest freedos13-floppy.img");
        return std::nullopt;
    }
    if (run({"mtype", "-V"}).exit_code != 0) {
        say_skipped("no mtools");
        return std::nullopt;
    }
    const auto image = (folder.path / "tools.img").string(), batch = (folder.path / "batch").string();
    std::filesystem::copy_file(*installer, image);
    std::filesystem::permissions(image, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    std::ofstream(batch) << "@echo off\r\nset PATH=A:\\FREEDOS\\BIN\r\n";
    REQUIRE(run({"mcopy", "-D", "o", "-i", image, batch, "::/FDAUTO.BAT"}).exit_code == 0);
    return image;
}

Words on_tools(const std::string& floppy, const std::string& disk, const Words& rest) {
    Words words{"--speed", "486dx-33", "--fda", floppy, "--hda", disk, "--boot", "a", "--writable",
                "--expect", "Select from Menu", "--key", "enter", "--expect", "A:\\>", "--type", "cls\\n"};
    words.insert(words.end(), rest.begin(), rest.end());
    return words;
}

// A disk of so many bytes with DOS on it; empty without the guests.
std::optional<std::string> installed(const TemporaryFolder& folder, std::uintmax_t bytes) {
    const auto floppy = tools_floppy(folder);
    if (!floppy) return std::nullopt;
    const auto disk = (folder.path / "disk.img").string();
    std::ofstream{disk};
    std::filesystem::resize_file(disk, bytes);
    boots("", on_tools(*floppy, disk, {"--type", "fdisk /auto\\nfdisk /mbr\\necho partitioned\\n", "--expect", "\npartitioned\n", "--wait", "1"}));
    boots("", on_tools(*floppy, disk, {"--type", "format c: /q /u /v:retrace\\n", "--expect", "YES", "--type", "YES\\n", "--expect", "Volume Serial Number",
                                       "--type", "sys c:\\n", "--expect", "System transferred.", "--wait", "1"}));
    return disk;
}

}  // namespace

TEST_CASE("FreeDOS installs itself onto a blank disk and boots from C:") {
    const TemporaryFolder folder;
    const auto disk = installed(folder, 32 << 20);
    if (!disk) return;
    boots("", {"--hda", *disk, "--expect", "Enter new date", "--type", "\\n", "--expect", "Enter new time", "--type", "\\n", "--expect", "C:\\>",
               "--type", "ver /r\\n", "--expect", "FreeDOS kernel 2043", "--type", "dir\\n", "--expect", "Volume in drive C is RETRACE"});
}

TEST_CASE("an 8086 boots from a hard disk of an odd size") {
    const TemporaryFolder folder;
    const auto disk = installed(folder, 21'342'720 + 7 * 512);
    if (!disk) return;
    for (const char* model : {"8086", "max"})
        boots("", {"--cpu", model, "--hda", *disk, "--expect", "Enter new date", "--type", "\\n", "--expect", "Enter new time", "--type", "\\n", "--expect", "C:\\>",
                   "--type", "ver /r\\n", "--expect", "FreeDOS kernel 2043"});
}
