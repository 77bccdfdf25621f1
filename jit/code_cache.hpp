// CodeCache: one memory object of the host, mapped twice: writable for the translator, executable for the processor. No page is ever both
// (W^X), and nothing has to be reprotected. It is filled from the bottom; when it is full everything in it is given up.
#pragma once

#include <cstddef>

#include "core/base/types.hpp"

namespace retrace::jit {

class CodeCache {
public:
    // Throws HostError if the host refuses.
    explicit CodeCache(std::size_t bytes);
    ~CodeCache();
    CodeCache(const CodeCache&) = delete;
    CodeCache& operator=(const CodeCache&) = delete;

    [[nodiscard]] u8* writable() const { return writable_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::size_t used() const { return used_; }
    void use(std::size_t bytes) { used_ += bytes; }
    void truncate(std::size_t bytes) { used_ = bytes; }
    [[nodiscard]] u8* executable(const u8* writable) const { return executable_ + (writable - writable_); }

private:
    u8* writable_ = nullptr;
    u8* executable_ = nullptr;
    std::size_t size_, used_ = 0;
};

}  // namespace retrace::jit
