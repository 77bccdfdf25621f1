// HostMemory: a zeroed, page-aligned range of the host's memory, taken lazily: pages that are never touched cost nothing.
#pragma once

#include <cstddef>
#include <span>

#include "core/base/types.hpp"

namespace retrace {

class HostMemory {
public:
    // Throws HostError if the host cannot give that much.
    explicit HostMemory(std::size_t bytes);
    ~HostMemory();
    HostMemory(const HostMemory&) = delete;
    HostMemory& operator=(const HostMemory&) = delete;

    [[nodiscard]] u8* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::span<u8> span() const { return {data_, size_}; }
    // Zero again, giving the pages back to the host.
    void clear();

private:
    u8* data_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace retrace
