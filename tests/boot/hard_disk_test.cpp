// A blank hard disk becomes one that boots, by the guest's own tools.
#include <cstdint>
#include <filesystem>
#include <fstream>

#include "tests/boot/boot.hpp"
#include "tests/support/temporary.hpp"

namespace retrace::test {

namespace {

std::string blank_disk(const TemporaryFolder& folder, std::uintmax_t mib) {
    const auto path = folder.path / "disk.img";
    std::ofstream{path};
    std::filesystem::resize_file(path, mib << 20);
    return path.string();
}

}  // namespace

TEST_CASE("FreeDOS partitions, formats and boots a blank hard disk, small or with assisted geometry, and what is written there stays") {
    const auto mib = GENERATE(std::uintmax_t{20}, std::uintmax_t{600});
    const auto installer = shared_file("guests/freedos13-floppy.img");
    if (!installer) return say_skipped("no guest freedos13-floppy.img");
    const TemporaryFolder folder;
    const auto disk = blank_disk(folder, mib);
    const auto floppy = (folder.path / "installer.img").string();
    std::filesystem::copy_file(*installer, floppy);
    INFO(mib << " MiB");

    boots("", {"--cpu", "486", "--writable", "--boot", "a", "--fda", floppy, "--hda", disk,
               "--expect", "Select from Menu", "--type", "\\n", "--expect", "Do you want to proceed", "--type", "n\\n", "--expect", "aborted",
               "--type", "cls\\n", "--type", "fdisk /auto 1\\n", "--wait", "3", "--expect", "A:\\>", "--type", "fdisk /mbr\\n", "--wait", "3",
               "--key", "ctrl-alt-del",
               "--expect", "Select from Menu", "--type", "\\n", "--expect", "Do you want to proceed", "--type", "n\\n", "--expect", "aborted",
               "--type", "cls\\n", "--type", "format c: /s /q /v:disk\\n", "--expect", "YES/NO", "--type", "YES\\n",
               "--expect", "System transferred", "--expect", "Serial Number", "--wait", "2"});
    boots("", {"--cpu", "486", "--writable", "--hda", disk, "--expect", "Enter new date", "--type", "\\n\\n", "--expect", "C:\\>",
               "--type", "echo it stays > note.txt\\n", "--wait", "1", "--key", "ctrl-alt-del",
               "--expect", "Booting from hard disk", "--expect", "Enter new date", "--type", "\\n\\n", "--expect", "C:\\>",
               "--type", "type note.txt\\n", "--expect", "it stays"});
    // The larger disk has FAT32, whose boot program is for a 386.
    const auto models = mib < 512 ? std::vector<std::string>{"8086", "286", "max"} : std::vector<std::string>{"386", "max"};
    for (const auto& cpu : models)
        boots("", {"--cpu", cpu, "--hda", disk, "--expect", "Enter new date", "--type", "\\n\\n", "--expect", "C:\\>", "--type", "type note.txt\\n",
                   "--expect", "it stays"});
}

}  // namespace retrace::test
