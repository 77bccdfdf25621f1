#include "devices/storage/image.hpp"

#include <algorithm>
#include <string_view>
#include <vector>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"
#include "devices/storage/file_medium.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"

namespace retrace {

namespace {

constexpr u32 sector_size = Medium::sector_size;
constexpr u64 largest_floppy = u64{floppy_2880.total_sectors()} * sector_size;
constexpr u64 largest_disk = u64{2} << 40;

// Files that are something else, by what stands in them.
struct Foreign {
    std::size_t offset;
    std::string_view magic;
    const char* what;
};
using namespace std::string_view_literals;
constexpr std::array foreign_files{
    Foreign{0, "QFI\xfb"sv, "a qcow2 image; convert it to a raw one first (qemu-img convert -O raw)"},
    Foreign{0, "conectix"sv, "a VHD image; convert it to a raw one first (qemu-img convert -O raw)"},
    Foreign{0x40, "\x7f\x10\xda\xbe"sv, "a VDI image; convert it to a raw one first (qemu-img convert -O raw)"},
    Foreign{0, "KDMV"sv, "a VMDK image; convert it to a raw one first (qemu-img convert -O raw)"},
    Foreign{0, "# Disk DescriptorFile"sv, "the description of a VMDK image; give the image itself, converted to a raw one"},
    Foreign{0, "PK\x03\x04"sv, "a zip archive; unpack it first"},
    Foreign{0, "\x1f\x8b\x08"sv, "compressed with gzip; unpack it first"},
    Foreign{0, "\xfd""7zXZ\0"sv, "compressed with xz; unpack it first"},
    Foreign{0, "BZh"sv, "compressed with bzip2; unpack it first"},
    Foreign{0, "7z\xbc\xaf\x27\x1c"sv, "a 7z archive; unpack it first"},
    Foreign{0, "\x7f""ELF"sv, "a program and not a disk image"},
    Foreign{0, "MZ"sv, "a DOS or Windows program and not a disk image; put it on a disk image first"},
    Foreign{0, "IMD "sv, "an ImageDisk dump; convert it to a raw image first"},
    Foreign{0x202, "HdrS"sv, "a Linux kernel and not a disk image"},
};

bool has(std::span<const u8> start, std::size_t offset, std::string_view magic) {
    return start.size() >= offset + magic.size() &&
           std::equal(magic.begin(), magic.end(), start.begin() + static_cast<std::ptrdiff_t>(offset),
                      [](char a, u8 b) { return static_cast<u8>(a) == b; });
}

bool has_boot_signature(std::span<const u8> start) { return start.size() >= sector_size && start[510] == 0x55 && start[511] == 0xaa; }

// One of the four entries at 1BEh.
struct Partition {
    u8 status, type;
    u8 end_head, end_sector;
    u16 end_cylinder;
    u32 first, count;
};

Partition partition(std::span<const u8> start, unsigned index) {
    const u8* entry = start.data() + 0x1be + std::size_t{index} * 16;
    return {.status = entry[0], .type = entry[4], .end_head = entry[5], .end_sector = static_cast<u8>(entry[6] & 63),
            .end_cylinder = static_cast<u16>(entry[7] | (entry[6] & 0xc0) << 2), .first = load<u32>(entry + 8), .count = load<u32>(entry + 12)};
}

// Every entry is empty or makes sense, and one is used.
bool has_partition_table(std::span<const u8> start) {
    if (!has_boot_signature(start)) return false;
    unsigned used = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const Partition entry = partition(start, i);
        if (entry.status != 0 && entry.status != 0x80) return false;
        if (entry.type == 0) continue;
        if (entry.first == 0 || entry.count == 0) return false;
        ++used;
    }
    return used != 0;
}

// Some small systems keep a table of their own form there (xv6's does without a type). It is one if its extents follow one another and
// the last of them ends where the image ends, which program code in the same place does not say by chance.
bool has_extents_to_the_end(std::span<const u8> start, u64 total_sectors) {
    if (!has_boot_signature(start)) return false;
    u64 end = 0;
    for (unsigned i = 0; i < 4; ++i) {
        const Partition entry = partition(start, i);
        if (entry.first == 0 && entry.count == 0) continue;
        if (entry.count == 0 || entry.first == 0 || entry.first < end) return false;
        end = u64{entry.first} + entry.count;
    }
    return end == total_sectors && end != 0;
}

// The geometry that a FAT boot sector gives, if it is one that a floppy can have.
std::optional<FloppyFormat> format_from_boot_sector(std::span<const u8> start) {
    if (start.size() < sector_size) return std::nullopt;
    const u16 bytes = load<u16>(&start[11]), sectors = load<u16>(&start[24]), heads = load<u16>(&start[26]);
    const u16 total = load<u16>(&start[19]);
    const bool jumps = start[0] == 0xeb || start[0] == 0xe9;
    if (!jumps || bytes != sector_size || start[16] == 0 || start[16] > 2 || start[21] < 0xf0) return std::nullopt;
    if (sectors == 0 || sectors > 48 || heads == 0 || heads > 2 || total == 0) return std::nullopt;
    const u32 cylinders = (u32{total} + sectors * heads - 1) / (u32{sectors} * heads);
    if (cylinders > most_floppy_cylinders) return std::nullopt;
    const Density density = sectors <= 10 ? Density::Double : sectors <= 24 ? Density::High : Density::Extra;
    const bool five_inch = density == Density::Double ? cylinders <= 43 : sectors == 15;
    return FloppyFormat{static_cast<u8>(cylinders), static_cast<u8>(heads), static_cast<u8>(sectors), density, five_inch};
}

// Any size that could be a floppy disk.
std::optional<FloppyFormat> floppy_format(std::span<const u8> start, u64 size) {
    for (const auto& format : floppy_formats)
        if (size == u64{format.total_sectors()} * sector_size) return format;
    if (const auto format = format_from_boot_sector(start); format && size <= u64{format->total_sectors()} * sector_size) return format;
    if (has_boot_signature(start) && size <= largest_floppy)
        return size <= u64{floppy_1440.total_sectors()} * sector_size ? floppy_1440 : floppy_2880;
    return std::nullopt;
}

DiskFormat as_floppy(const FloppyFormat& format) { return {.kind = DiskKind::Floppy, .floppy = format, .hard_disk = {}}; }

std::string bytes_text(u64 size) { return std::to_string(size) + (size == 1 ? " byte" : " bytes"); }

}  // namespace

DiskGeometry hard_disk_geometry(std::span<const u8> start, u64 total_sectors) {
    constexpr u64 most_cylinders = 16383;
    const auto with_tracks_of = [&](u32 heads, u32 sectors) {
        const u64 cylinders = std::min(total_sectors / (u64{heads} * sectors), most_cylinders);
        return DiskGeometry{static_cast<u16>(cylinders), static_cast<u8>(heads), static_cast<u8>(sectors), total_sectors};
    };
    if (has_partition_table(start)) {
        for (unsigned i = 0; i < 4; ++i) {
            // Partitions end where a cylinder does, so the end tells heads and sectors, if both ways of saying it agree.
            const Partition entry = partition(start, i);
            const u32 heads = entry.end_head + 1u, sectors = entry.end_sector;
            if (entry.type == 0 || entry.end_head == 0 || heads > 16 || sectors == 0) continue;
            const u64 end = u64{entry.first} + entry.count;
            const u64 told = (u64{entry.end_cylinder} + 1) * heads * sectors;
            if (told != end && entry.end_cylinder < 1023) continue;
            if (total_sectors >= u64{heads} * sectors) return with_tracks_of(heads, sectors);
        }
    }
    if (total_sectors >= 16 * 63) return with_tracks_of(16, 63);
    if (total_sectors >= 63) return with_tracks_of(static_cast<u32>(total_sectors / 63), 63);
    return with_tracks_of(1, static_cast<u32>(std::max<u64>(total_sectors, 1)));
}

DiskFormat recognise(std::span<const u8> start, u64 size, TakenFor taken_for, const std::string& name) {
    const std::string file = "The file '" + name + "' ";
    if (size == 0) throw HostError(file + "is empty; give a disk image.");
    if (size < sector_size)
        throw HostError(file + "is too short for a disk image: it has " + bytes_text(size) + ", and a boot sector alone has 512.");
    const bool known_size = std::ranges::any_of(floppy_formats, [&](const auto& f) { return size == u64{f.total_sectors()} * sector_size; });
    for (const auto& foreign : foreign_files)  // but an old kernel may fill a floppy
        if (!known_size && has(start, foreign.offset, foreign.magic)) throw HostError(file + "is " + foreign.what + ".");
    if (size > largest_disk) throw HostError(file + "is too large: disks may have up to 2 TiB.");
    // An image for both CDs and disks begins with a partition table.
    const bool iso_9660 = has(start, 0x8001, "CD001");
    if (taken_for == TakenFor::Cd) {
        if (!iso_9660 && size % 2048 != 0) throw HostError(file + "is no CD's image: it has " + bytes_text(size) + ", no whole number of 2048-byte sectors.");
        return {.kind = DiskKind::Cd, .floppy = {}, .hard_disk = {}};
    }
    if (iso_9660 && !has_partition_table(start)) {
        if (taken_for != TakenFor::Anything) throw HostError(file + "is the image of a CD; give it with --cdrom.");
        return {.kind = DiskKind::Cd, .floppy = {}, .hard_disk = {}};
    }

    const auto floppy = floppy_format(start, size);
    const bool whole_sectors = size % sector_size == 0;
    if (taken_for == TakenFor::Floppy) {
        if (floppy) return as_floppy(*floppy);
        if (size > largest_floppy) throw HostError(file + "is too large for a floppy disk; give it with --hda as a hard disk.");
        throw HostError(file + "has no floppy's size (" + bytes_text(size) + ") and no boot sector (it does not end in 55AAh); give another image.");
    }
    if (taken_for == TakenFor::Anything) {
        const bool divided = size >= 2 * sector_size && (has_partition_table(start) || has_extents_to_the_end(start, size / sector_size));
        if (floppy && (known_size || !divided)) return as_floppy(*floppy);
        if (!whole_sectors || (size <= largest_floppy && !divided))
            throw HostError(file + "is no disk image that is known here: it has " + bytes_text(size) +
                            (whole_sectors ? ", no floppy's size," : ", no whole number of sectors,") + " and no boot sector.");
    }
    if (!whole_sectors) throw HostError(file + "has " + bytes_text(size) + ", no whole number of 512-byte sectors; a hard disk's image must have.");
    return {.kind = DiskKind::HardDisk, .floppy = {}, .hard_disk = hard_disk_geometry(start, size / sector_size)};
}

Disk open_image(const std::filesystem::path& path, TakenFor taken_for, bool writable) {
    std::unique_ptr<Medium> medium =
        std::make_unique<FileMedium>(path, writable && taken_for != TakenFor::Cd ? FileMedium::Access::Writable : FileMedium::Access::ReadOnly);
    std::vector<u8> start(static_cast<std::size_t>(std::min<u64>(medium->size(), recognised_bytes)));
    if (!medium->read(0, start)) throw HostError("The file '" + path.string() + "' cannot be read; the host's disk may be damaged.");
    const DiskFormat format = recognise(start, medium->size(), taken_for, path.string());
    if (!writable && format.kind != DiskKind::Cd) medium = std::make_unique<Overlay>(std::move(medium));
    return {std::move(medium), format};
}

Disk built_in_disk(std::span<const u8> image, const std::string& name) {
    const auto format = recognise(image.first(std::min(image.size(), recognised_bytes)), image.size(), TakenFor::Anything, name);
    return {std::make_unique<Overlay>(std::make_unique<MemoryMedium>(image)), format};
}

}  // namespace retrace
