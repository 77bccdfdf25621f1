#include "core/memory/host_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

// -1: this host has no such objects, or none that large.
int make_object(std::size_t bytes) {
#ifdef __linux__
    const int object = memfd_create("retrace-memory", MFD_CLOEXEC);
    if (object >= 0 && ftruncate(object, static_cast<off_t>(bytes)) == 0) return object;
    if (object >= 0) close(object);
#else
    static_cast<void>(bytes);
#endif
    return -1;
}

}  // namespace

HostMemory::HostMemory(std::size_t bytes, Kind kind) : size_{bytes} {
    if (bytes == 0) return;
    if (kind == Kind::Shared) object_ = make_object(bytes);
    const int how = object_ >= 0 ? MAP_SHARED : MAP_PRIVATE | MAP_ANONYMOUS;
    void* got = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, how | MAP_NORESERVE, object_, 0);
    if (got == MAP_FAILED) {
        if (object_ >= 0) close(object_);
        throw HostError("The host has not enough memory; try a smaller --memory.");
    }
    data_ = static_cast<u8*>(got);
}

HostMemory::~HostMemory() {
    if (data_) munmap(data_, size_);
    if (object_ >= 0) close(object_);
}

// By a hole in the object rather than by MADV_REMOVE, which emulators of hosts take for mere advice.
void HostMemory::clear() {
    if (!data_) return;
#ifdef __linux__
    if (object_ >= 0 && fallocate(object_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, static_cast<off_t>(size_)) == 0) return;
    if (object_ < 0 && madvise(data_, size_, MADV_DONTNEED) == 0) return;
#endif
    std::memset(data_, 0, size_);
}

}  // namespace retrace
