// How sectors lie on disks: the formats of floppy disks and the drives that take them, and the geometry of hard disks.
#pragma once

#include <array>
#include <optional>

#include "core/state/describe.hpp"
#include "core/base/types.hpp"

namespace retrace {

// How densely a floppy is recorded; it decides the data rate.
enum class Density : u8 { Double, High, Extra };

// Sectors are 512 bytes and numbered from 1 on every track.
struct FloppyFormat {
    u8 cylinders = 0, heads = 0, sectors = 0;
    Density density = Density::Double;
    bool five_inch = false;

    [[nodiscard]] constexpr u32 total_sectors() const { return u32{cylinders} * heads * sectors; }
    bool operator==(const FloppyFormat&) const = default;
};

template <> inline constexpr auto fields<FloppyFormat> = describe(
    field("cylinders", &FloppyFormat::cylinders), field("heads", &FloppyFormat::heads), field("sectors", &FloppyFormat::sectors),
    field("density", &FloppyFormat::density), field("five_inch", &FloppyFormat::five_inch));

// The formats known by the size of their images.
inline constexpr std::array floppy_formats{
    FloppyFormat{40, 1, 8, Density::Double, true},    // 160 KB
    FloppyFormat{40, 1, 9, Density::Double, true},    // 180 KB
    FloppyFormat{40, 2, 8, Density::Double, true},    // 320 KB
    FloppyFormat{40, 2, 9, Density::Double, true},    // 360 KB
    FloppyFormat{80, 2, 9, Density::Double, false},   // 720 KB
    FloppyFormat{80, 2, 15, Density::High, true},     // 1.2 MB
    FloppyFormat{80, 2, 18, Density::High, false},    // 1.44 MB
    FloppyFormat{80, 2, 21, Density::High, false},    // 1.68 MB (DMF)
    FloppyFormat{80, 2, 36, Density::Extra, false},   // 2.88 MB
};
inline constexpr FloppyFormat floppy_1440{80, 2, 18, Density::High, false};
inline constexpr FloppyFormat floppy_2880{80, 2, 36, Density::Extra, false};
inline constexpr u32 most_floppy_cylinders = 84;  // where the head of an 80-track drive meets its stop

// The data rate as CCR and DSR encode it (82077AA, 2.1.7).
enum class DataRate : u8 { Kbps500 = 0, Kbps300 = 1, Kbps250 = 2, Kbps1000 = 3 };

// Floppy drives, by the numbers that CMOS byte 10h and INT 13h AH=08h give them.
enum class DriveType : u8 { None = 0, Floppy360K = 1, Floppy1200K = 2, Floppy720K = 3, Floppy1440K = 4, Floppy2880K = 5 };

// The drive in which a disk of this format is at home.
constexpr DriveType drive_for(const FloppyFormat& format) {
    if (format.density == Density::Extra) return DriveType::Floppy2880K;
    if (format.density == Density::High) return format.five_inch ? DriveType::Floppy1200K : DriveType::Floppy1440K;
    return format.five_inch ? DriveType::Floppy360K : DriveType::Floppy720K;
}

// At which rate a drive reads a disk, if it can at all. A 1.2 MB drive turns at 360 rpm, so double density comes at 300 kbps.
constexpr std::optional<DataRate> data_rate(const FloppyFormat& format, DriveType drive) {
    if (drive == DriveType::None) return std::nullopt;
    switch (format.density) {
        case Density::Double: return drive == DriveType::Floppy1200K ? DataRate::Kbps300 : DataRate::Kbps250;
        case Density::High:
            if (drive == DriveType::Floppy360K || drive == DriveType::Floppy720K) return std::nullopt;
            return DataRate::Kbps500;
        case Density::Extra: return drive == DriveType::Floppy2880K ? std::optional{DataRate::Kbps1000} : std::nullopt;
    }
    return std::nullopt;
}

// Tracks lie half as dense on a 5.25" double-density disk (48 tpi) as an 80-track 5.25" drive steps.
constexpr bool double_steps(const FloppyFormat& format, DriveType drive) {
    return drive == DriveType::Floppy1200K && format.density == Density::Double && format.five_inch;
}

// A hard disk as its drive reports it: at most 16383 cylinders, 16 heads, 63 sectors. `total_sectors` counts what LBA reaches, which may be more.
struct DiskGeometry {
    u16 cylinders = 0;
    u8 heads = 0, sectors = 0;
    u64 total_sectors = 0;

    bool operator==(const DiskGeometry&) const = default;
};

template <> inline constexpr auto fields<DiskGeometry> = describe(
    field("cylinders", &DiskGeometry::cylinders), field("heads", &DiskGeometry::heads), field("sectors", &DiskGeometry::sectors),
    field("total_sectors", &DiskGeometry::total_sectors));

}  // namespace retrace
