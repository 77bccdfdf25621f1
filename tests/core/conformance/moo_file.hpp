// MooFile: recorded single-instruction tests of real processors, as ../shared/conformance/README.md describes them.
#pragma once

#include <array>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/base/types.hpp"

namespace retrace::test {

enum MooRegister : unsigned { MooAx, MooBx, MooCx, MooDx, MooCs, MooSs, MooDs, MooEs, MooSp, MooBp, MooSi, MooDi, MooIp, MooFlags, moo_registers };
inline constexpr std::array<const char*, moo_registers> moo_register_names{"ax", "bx", "cx", "dx", "cs", "ss", "ds",
                                                                            "es", "sp", "bp", "si", "di", "ip", "flags"};

struct MooByte {
    u32 address;
    u8 value;
};

struct MooState {
    std::array<std::optional<u16>, moo_registers> registers;
    std::vector<MooByte> memory;
};

// A transfer on the I/O bus.
struct MooTransfer {
    bool write;
    u16 port;
    unsigned width;  // 1 or 2
    u16 data;
    bool operator==(const MooTransfer&) const = default;
};

struct MooTest {
    u32 index = 0;
    std::string name;
    std::vector<u8> bytes;  // with the final HLT
    MooState initial, final;
    std::vector<MooTransfer> transfers;
    std::optional<u8> exception;  // or software interrupt
    std::string hash;
};

struct MooFile {
    std::vector<MooTest> tests;
    static MooFile read(const std::filesystem::path& file);
};

// "F7.6" to the flags that are worth comparing, of metadata.json.
std::map<std::string, u16> read_flag_masks(const std::filesystem::path& metadata);

}  // namespace retrace::test
