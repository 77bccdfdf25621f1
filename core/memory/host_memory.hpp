// HostMemory: a zeroed, page-aligned range of the host's memory, taken lazily: pages that are never touched cost nothing.
#pragma once

#include <cstddef>
#include <span>

#include "core/base/types.hpp"

namespace retrace {

class HostMemory {
public:
    // Whether parts of it may be seen at other addresses too (LinearWindow).
    enum class Kind { Private, Shared };

    // Throws HostError if the host cannot give that much.
    explicit HostMemory(std::size_t bytes, Kind kind = Kind::Private);
    ~HostMemory();
    HostMemory(const HostMemory&) = delete;
    HostMemory& operator=(const HostMemory&) = delete;

    [[nodiscard]] u8* data() const { return data_; }
    [[nodiscard]] std::size_t size() const { return size_; }
    [[nodiscard]] std::span<u8> span() const { return {data_, size_}; }
    // The host's memory object it lies in; -1: private, or the host has none.
    [[nodiscard]] int object() const { return object_; }
    // Zero again, giving the pages back to the host.
    void clear();

private:
    u8* data_ = nullptr;
    std::size_t size_ = 0;
    int object_ = -1;
};

}  // namespace retrace
