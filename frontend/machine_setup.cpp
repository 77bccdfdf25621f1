#include "frontend/machine_setup.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "bios/images.hpp"
#include "core/base/ensure.hpp"
#include "devices/boot/linux_image.hpp"
#include "devices/boot/multiboot_image.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"

namespace retrace {

namespace {

// Of --rom: room for a reset vector and something before it; below the local APIC's page.
constexpr std::size_t smallest_rom = 1 << 10, largest_rom = 16 << 20;

Disk open_or_complain(const std::string& path, TakenFor taken_for, bool writable) {
    try {
        return open_image(path, taken_for, writable);
    } catch (const HostError& error) {
        throw UsageError(error.what());  // a file the user named: exit code 2
    }
}

std::vector<u8> read_firmware(const std::string& option, const std::string& path, std::size_t least, std::size_t most, std::size_t block = 512) {
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    if (error) throw UsageError("The file of --" + option + ", " + path + ", cannot be read.");
    if (size < least || size > most || size % block != 0)
        throw UsageError("The file of --" + option + ", " + path + ", is no such ROM: it has " + std::to_string(size) + " bytes, not " +
                         std::to_string(least) + " to " + std::to_string(most) + (block > 1 ? " in blocks of " + std::to_string(block) : "") + ".");
    std::vector<u8> bytes(size);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) throw UsageError("The file of --" + option + ", " + path + ", cannot be read.");
    return bytes;
}

std::vector<u8> read_file(const std::string& path) {
    constexpr std::uintmax_t most = u64{1} << 30;
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (error || !std::filesystem::exists(status)) throw UsageError("There is no file " + path + ".");
    if (!std::filesystem::is_regular_file(status)) throw UsageError(path + " is no regular file.");
    const auto size = std::filesystem::file_size(path, error);
    if (error || size > most) throw UsageError(path + " is too large to be loaded into a machine.");
    std::vector<u8> bytes(size);
    std::ifstream file(path, std::ios::binary);
    if (!file.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(size))) throw UsageError(path + " cannot be read.");
    return bytes;
}

// Modules are given as FILE or "FILE arguments", with commas between them.
std::vector<MultibootModule> read_modules(const std::string& list) {
    std::vector<MultibootModule> modules;
    for (std::size_t at = 0; at <= list.size();) {
        const auto comma = std::min(list.find(',', at), list.size());
        const auto text = list.substr(at, comma - at);
        modules.push_back({read_file(text.substr(0, text.find(' '))), text});
        at = comma + 1;
    }
    return modules;
}

BootPayload read_kernel(const std::string& path, const Options& options) {
    const auto image = read_file(path);
    const u64 memory = u64{options.memory_mib} << 20;
    try {
        if (is_linux_image(image)) return linux_payload(image, options.initrd ? read_file(*options.initrd) : std::vector<u8>{}, options.append, memory, path);
        if (is_multiboot_image(image)) return multiboot_payload(image, options.initrd ? read_modules(*options.initrd) : std::vector<MultibootModule>{}, options.append, memory, path);
    } catch (const HostError& error) {
        throw UsageError(error.what());
    }
    throw UsageError(path + " is neither a Linux bzImage nor a Multiboot kernel.");
}

// The beginning of a file, to see whether it is a kernel; nothing if it cannot be read (whoever opens it next says why).
bool is_kernel(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error)) return false;
    std::vector<u8> start(8192);
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(start.data()), static_cast<std::streamsize>(start.size()));
    start.resize(static_cast<std::size_t>(file.gcount()));
    // A disk may carry a Multiboot kernel right behind its boot sector (xv6's does): the boot sector decides.
    const bool boot_sector = start.size() >= 512 && start[510] == 0x55 && start[511] == 0xaa;
    return is_linux_image(start) || (is_multiboot_image(start) && !boot_sector);
}

Disk built_in_guest() {
    const auto image = bios::guest_disk();
    Disk disk;
    disk.medium = std::make_unique<Overlay>(std::make_unique<MemoryMedium>(image));
    disk.format = recognise(image, image.size(), TakenFor::Floppy, "the built-in guest");
    return disk;
}

}  // namespace

i64 parse_start_of_time(const std::string& text) {
    namespace ch = std::chrono;
    if (text == "now") {
        const std::time_t now = std::time(nullptr);
        std::tm local{};
        localtime_r(&now, &local);
        return timegm(&local);
    }
    int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, used = 0, used_date = 0;
    const char* s = text.c_str();
    const bool date_only = std::sscanf(s, "%4d-%2d-%2d%n", &year, &month, &day, &used_date) == 3 && static_cast<std::size_t>(used_date) == text.size();
    const bool minutes_only = !date_only && std::sscanf(s, "%4d-%2d-%2dT%2d:%2d%n", &year, &month, &day, &hour, &minute, &used) == 5 && static_cast<std::size_t>(used) == text.size();
    const bool whole = !date_only && !minutes_only && std::sscanf(s, "%4d-%2d-%2dT%2d:%2d:%2d%n", &year, &month, &day, &hour, &minute, &second, &used) == 6 && static_cast<std::size_t>(used) == text.size();
    const ch::year_month_day date{ch::year{year}, ch::month{static_cast<unsigned>(month)}, ch::day{static_cast<unsigned>(day)}};
    if (!(date_only || minutes_only || whole) || !date.ok() || year < 1980 || year > 2099 || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
        throw UsageError("--start-of-time takes `now` or a date and time from 1980 to 2099 such as 1994-05-31T18:30:00, not '" + text + "'.");
    return i64{ch::sys_days{date}.time_since_epoch().count()} * 86'400 + hour * 3'600 + minute * 60 + second;
}

MachineSetup set_up_machine(const Options& options) {
    MachineSetup setup;
    auto& config = setup.config;
    config.cpu = options.cpu;
    config.steps_per_second = options.steps_per_second.value_or(name_of(options.cpu).steps_per_second);
    config.memory_mib = options.memory_mib;
    if (!options.start_of_time.empty()) config.start_of_time = parse_start_of_time(options.start_of_time);
    config.boot = options.boot;
    if (options.bios) config.bios = read_firmware("bios", *options.bios, 64 << 10, 256 << 10);
    if (options.vgabios) config.vgabios = read_firmware("vgabios", *options.vgabios, 512, 64 << 10);
    if (options.rom) {
        if (options.bios || options.vgabios || options.kernel)
            throw UsageError("--rom takes the place of all firmware; it goes with neither --bios nor --vgabios nor --kernel.");
        config.rom = read_firmware("rom", *options.rom, smallest_rom, largest_rom, 1);
    }
    if (options.debugcon) config.debugcon_port = options.debugcon->first;
    config.debug_exit_port = options.debug_exit;

    const std::optional<std::string>* floppies[] = {&options.fda, &options.fdb};
    for (unsigned i = 0; i < 2; ++i)
        if (*floppies[i]) setup.disks.floppy[i] = open_or_complain(**floppies[i], TakenFor::Floppy, options.writable);
    const std::optional<std::string>* disks[] = {&options.hda, &options.hdb, &options.hdc, &options.hdd};
    for (unsigned i = 0; i < 4; ++i)
        if (*disks[i]) setup.disks.hard_disk[i] = open_or_complain(**disks[i], TakenFor::HardDisk, options.writable);

    if (options.cdrom) setup.disks.cd = open_or_complain(*options.cdrom, TakenFor::Cd, false);

    const auto name_of_file = [](const std::string& path) { return std::filesystem::path(path).filename().string(); };
    if (options.kernel) {
        config.kernel = read_kernel(*options.kernel, options);
        setup.guest = name_of_file(*options.kernel);
    }
    if (!options.thing.empty() && !options.kernel && is_kernel(options.thing)) {
        if (options.rom) throw UsageError(options.thing + " is a kernel, and with --rom there is no firmware to load it.");
        config.kernel = read_kernel(options.thing, options);
        setup.guest = name_of_file(options.thing);
    } else if (!options.thing.empty()) {
        auto disk = open_or_complain(options.thing, TakenFor::Anything, options.writable);
        const auto put = [&](std::optional<Disk>& place, const char* what, const char* order) {
            if (place) throw UsageError(options.thing + what);
            place = std::move(disk);
            if (config.boot.empty()) config.boot = order;  // what was named to be run is what boots
        };
        switch (disk.format.kind) {
            case DiskKind::Floppy: put(setup.disks.floppy[0], " is a floppy, and --fda has put one into drive A already.", "ac"); break;
            case DiskKind::HardDisk: put(setup.disks.hard_disk[0], " is a hard disk, and --hda has given the first one already.", "ca"); break;
            case DiskKind::Cd: put(setup.disks.cd, " is a CD, and --cdrom has given one already.", "dca"); break;
        }
        setup.guest = name_of_file(options.thing);
    }
    if (setup.disks.cd && std::ranges::all_of(setup.disks.hard_disk, [](const auto& disk) { return disk.has_value(); }))
        throw UsageError("Four hard disks leave no place for a CD-ROM drive; take one of --hda, --hdb, --hdc and --hdd away.");
    const bool any = setup.disks.floppy[0] || setup.disks.floppy[1] || setup.disks.hard_disk[0] || setup.disks.hard_disk[1] || setup.disks.hard_disk[2] || setup.disks.hard_disk[3] || setup.disks.cd;
    if (!any && !options.bios && !options.rom && config.kernel.how == BootPayload::Entry::None) {
        setup.disks.floppy[0] = built_in_guest();
        setup.guest = "built-in guest";
    }
    if (setup.guest.empty()) setup.guest = name_of_file(options.fda.value_or(options.hda.value_or(options.cdrom.value_or(options.fdb.value_or(options.bios.value_or(options.rom.value_or("machine")))))));
    return setup;
}

}  // namespace retrace
