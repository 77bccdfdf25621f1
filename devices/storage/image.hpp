// What a file is, by its content, and how its sectors lie; and opening it as a disk.
//
//   floppy     by size; or by the geometry its boot sector gives; or a boot sector (55AAh) with little behind it, as boot-sector games are:
//              that goes into a 1.44 MB disk (2.88 MB if need be)
//   hard disk  a partition table, or more than a floppy holds
//   CD         an ISO 9660 file system (and no partition table, as images for both CDs and disks have, unless it is taken for a CD)
//
// Everything else is refused with a sentence. The boot sector is not trusted: every number from it is checked.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "devices/host/medium.hpp"
#include "devices/storage/geometry.hpp"

namespace retrace {

enum class DiskKind : u8 { Floppy, HardDisk, Cd };

struct DiskFormat {
    DiskKind kind = DiskKind::Floppy;
    FloppyFormat floppy{};     // if a floppy
    DiskGeometry hard_disk{};  // if a hard disk

    bool operator==(const DiskFormat&) const = default;
};

// What the user takes a file for: --fda says a floppy, --hda a hard disk, --cdrom a CD, a bare name nothing.
enum class TakenFor : u8 { Anything, Floppy, HardDisk, Cd };

// `start`: the first bytes of the file, up to `recognised_bytes` of them; `size`: all of it. `name` is for the sentence of the HostError.
inline constexpr std::size_t recognised_bytes = 0x9000;
DiskFormat recognise(std::span<const u8> start, u64 size, TakenFor taken_for, const std::string& name);

// The geometry of a hard disk of so many sectors: what its partition table was made with, else 16 heads of 63 sectors.
DiskGeometry hard_disk_geometry(std::span<const u8> start, u64 total_sectors);

// A disk: a medium and how it is laid out.
struct Disk {
    std::unique_ptr<Medium> medium;
    DiskFormat format;
};

// Opens an image file. Unless `writable`, every write goes to an overlay and the file stays as it is; a CD is not written to. Throws
// HostError.
Disk open_image(const std::filesystem::path& path, TakenFor taken_for, bool writable);

// A disk of the program's own: an image in memory that outlives it, under an overlay.
Disk built_in_disk(std::span<const u8> image, const std::string& name);

}  // namespace retrace
