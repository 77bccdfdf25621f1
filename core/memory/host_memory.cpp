#include "core/memory/host_memory.hpp"

#include <sys/mman.h>

#include "core/base/ensure.hpp"

namespace retrace {

HostMemory::HostMemory(std::size_t bytes) : size_{bytes} {
    if (bytes == 0) return;
    void* got = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (got == MAP_FAILED) throw HostError("The host has not enough memory; try a smaller --memory.");
    data_ = static_cast<u8*>(got);
}

HostMemory::~HostMemory() {
    if (data_) munmap(data_, size_);
}

void HostMemory::clear() {
    if (data_) madvise(data_, size_, MADV_DONTNEED);
}

}  // namespace retrace
