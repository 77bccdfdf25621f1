// The commands of the 82077AA and the bits of its status bytes (data sheet, 5 and 6), shared by the two halves of Fdc.
#pragma once

#include "core/base/types.hpp"

namespace retrace::fdc {

// Command codes without the option bits MT, MFM and SK.
enum Command : u8 {
    ReadTrack = 0x02, Specify = 0x03, SenseDrive = 0x04, WriteData = 0x05, ReadData = 0x06, Recalibrate = 0x07,
    SenseInterrupt = 0x08, WriteDeleted = 0x09, ReadId = 0x0a, ReadDeleted = 0x0c, FormatTrack = 0x0d, DumpRegisters = 0x0e,
    Seek = 0x0f, Version = 0x10, ScanEqual = 0x11, Perpendicular = 0x12, Configure = 0x13, Lock = 0x14, Verify = 0x16,
    ScanLowOrEqual = 0x19, ScanHighOrEqual = 0x1d,
};

// Bytes of a command, from its first one with all its option bits; 0 if there is no such command.
constexpr u8 command_size(u8 first) {
    switch (first & 0x1f) {
        case ReadData: case ReadDeleted: case Verify: case ScanEqual: case ScanLowOrEqual: case ScanHighOrEqual: return 9;
        case WriteData: case WriteDeleted: return first & 0x20 ? 0 : 9;
        case ReadTrack: return first & 0x80 ? 0 : 9;  // the 8272 lets SK stand here
        case FormatTrack: return first & 0xa0 ? 0 : 6;
        case ReadId: return first & 0xa0 ? 0 : 2;
        case Seek: return first == Seek || (first & 0xa0) == 0x80 ? 3 : 0;  // 8Fh, CFh: relative
        case Lock: return first & 0x60 ? 0 : 1;
        default: break;
    }
    switch (first) {
        case Specify: return 3;
        case SenseDrive: case Recalibrate: case Perpendicular: return 2;
        case SenseInterrupt: case DumpRegisters: case Version: return 1;
        case Configure: return 4;
        default: return 0;  // also 18h PART ID, which only the later 82078 has
    }
}

constexpr bool is_scan(u8 operation) {
    return operation == ScanEqual || operation == ScanLowOrEqual || operation == ScanHighOrEqual;
}
constexpr bool is_write(u8 operation) { return operation == WriteData || operation == WriteDeleted || operation == FormatTrack; }

// ST0
inline constexpr u8 abnormal = 0x40, invalid_command = 0x80, ready_changed = 0xc0, seek_end = 0x20, equipment_check = 0x10;
// ST1
inline constexpr u8 end_of_cylinder = 0x80, data_error = 0x20, overrun_error = 0x10, no_data = 0x04, not_writable = 0x02,
                    missing_address_mark = 0x01;
// ST2
inline constexpr u8 control_mark = 0x40, data_error_in_data = 0x20, wrong_cylinder = 0x10, scan_hit = 0x08, scan_not_satisfied = 0x04;

inline constexpr u8 size_code_512 = 2;  // N

}  // namespace retrace::fdc
