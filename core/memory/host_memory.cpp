#include "core/memory/host_memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

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

void HostMemory::clear() {
    if (!data_) return;
#ifdef __linux__
    if (object_ >= 0) {
        madvise(data_, size_, MADV_REMOVE);
        return;
    }
#endif
    madvise(data_, size_, MADV_DONTNEED);
}

}  // namespace retrace
