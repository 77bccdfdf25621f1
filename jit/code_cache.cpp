#include "jit/code_cache.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/ensure.hpp"

namespace retrace::jit {

CodeCache::CodeCache(std::size_t bytes) : size_{bytes} {
    const int object = memfd_create("retrace-code", MFD_CLOEXEC);
    void *write = MAP_FAILED, *execute = MAP_FAILED;
    if (object >= 0 && ftruncate(object, static_cast<off_t>(bytes)) == 0) {
        write = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, object, 0);
        execute = mmap(nullptr, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, object, 0);
    }
    if (object >= 0) close(object);
    if (write == MAP_FAILED || execute == MAP_FAILED) {
        if (write != MAP_FAILED) munmap(write, bytes);
        if (execute != MAP_FAILED) munmap(execute, bytes);
        throw HostError("The host gives no memory for translated code; try --engine interpreter.");
    }
    writable_ = static_cast<u8*>(write);
    executable_ = static_cast<u8*>(execute);
}

CodeCache::~CodeCache() {
    munmap(writable_, size_);
    munmap(executable_, size_);
}

}  // namespace retrace::jit
