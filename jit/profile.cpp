#include "jit/profile.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <ctime>

#include "core/base/ensure.hpp"

namespace retrace::jit {

namespace {

// Facts: tools/perf/Documentation/jitdump-specification.txt of Linux.
struct DumpHeader {
    u32 magic = 0x4a695444, version = 1, bytes = sizeof(DumpHeader), machine = 62 /* EM_X86_64 */, reserved = 0, process = 0;
    u64 time = 0, flags = 0;
};
static_assert(sizeof(DumpHeader) == 40);

struct CodeLoad {
    u32 record = 0, bytes = 0;
    u64 time = 0;
    u32 process = 0, thread = 0;
    u64 linear = 0, address = 0, size = 0, index = 0;   // the name with its zero and the code follow
};
static_assert(sizeof(CodeLoad) == 56);

u64 monotonic_nanoseconds() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<u64>(now.tv_sec) * 1'000'000'000 + static_cast<u64>(now.tv_nsec);
}

}  // namespace

Profile::Profile(Kind kind) : kind_{kind} {
    if (kind == Kind::None) return;
    const std::string process = std::to_string(getpid());
    const std::string path = kind == Kind::Map ? "/tmp/perf-" + process + ".map" : "jit-" + process + ".dump";
    file_ = std::fopen(path.c_str(), "w+");
    if (!file_) throw HostError("Cannot write " + path + " for --jit-perf.");
    if (kind == Kind::Map) return;
    DumpHeader header;
    header.process = static_cast<u32>(getpid());
    header.time = monotonic_nanoseconds();
    dump(&header, sizeof header);
    std::fflush(file_);
    mark_ = mmap(nullptr, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)), PROT_READ | PROT_EXEC, MAP_PRIVATE, fileno(file_), 0);
}

Profile::~Profile() {
    if (mark_ && mark_ != MAP_FAILED) munmap(mark_, static_cast<std::size_t>(sysconf(_SC_PAGESIZE)));
    if (file_) std::fclose(file_);
}

void Profile::dump(const void* bytes, std::size_t count) { static_cast<void>(std::fwrite(bytes, 1, count, file_)); }

void Profile::block(const u8* address, std::size_t bytes, u32 eip, u64 physical, u32 mode) {
    if (kind_ == Kind::None) return;
    char name[64];
    const int length = std::snprintf(name, sizeof name, "guest_%08x@%llx.%u", eip, static_cast<unsigned long long>(physical), mode);
    if (kind_ == Kind::Map) {
        std::fprintf(file_, "%llx %zx %s\n", static_cast<unsigned long long>(reinterpret_cast<std::uintptr_t>(address)), bytes, name);
        return;
    }
    CodeLoad record;
    record.bytes = static_cast<u32>(sizeof record + static_cast<std::size_t>(length) + 1 + bytes);
    record.time = monotonic_nanoseconds();
    record.process = record.thread = static_cast<u32>(getpid());
    record.linear = record.address = reinterpret_cast<std::uintptr_t>(address);
    record.size = bytes;
    record.index = ++index_;
    dump(&record, sizeof record);
    dump(name, static_cast<std::size_t>(length) + 1);
    dump(address, bytes);
}

}  // namespace retrace::jit
