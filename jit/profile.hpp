// Profile: tells a profiler of the host (Linux perf) which translated block lies where.
//
//   map    /tmp/perf-PID.map: a text line "address size name" for each block; perf reads it when it reports
//   dump   jit-PID.dump in the current folder, perf's jitdump format with the code bytes, for `perf record -k mono` and `perf inject --jit`
//
// A name is guest_EIP@PHYSICAL.MODE, the mode by its number.
#pragma once

#include <cstdio>
#include <string>

#include "core/base/types.hpp"

namespace retrace::jit {

class Profile {
public:
    enum class Kind : u8 { None, Map, Dump };

    // Throws HostError if the file cannot be made.
    explicit Profile(Kind kind);
    ~Profile();
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    // `address` is where the code is executed.
    void block(const u8* address, std::size_t bytes, u32 eip, u64 physical, u32 mode);

private:
    void dump(const void* bytes, std::size_t count);

    Kind kind_;
    std::FILE* file_ = nullptr;
    void* mark_ = nullptr;      // an executable mapping of the dump: by it perf learns that there is one
    u64 index_ = 0;
};

}  // namespace retrace::jit
