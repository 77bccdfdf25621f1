// MemoryMedium: a medium in memory: a built-in disk, or a blank one. It is read-only; an Overlay makes it writable.
#pragma once

#include <algorithm>
#include <span>
#include <vector>

#include "devices/host/medium.hpp"

namespace retrace {

class MemoryMedium final : public Medium {
public:
    // The bytes must outlive the medium.
    explicit MemoryMedium(std::span<const u8> bytes) : bytes_{bytes} {}
    // It keeps the bytes.
    explicit MemoryMedium(std::vector<u8> bytes) : kept_{std::move(bytes)}, bytes_{kept_} {}

    [[nodiscard]] u64 size() const override { return bytes_.size(); }
    [[nodiscard]] bool writable() const override { return false; }

    [[nodiscard]] bool read(u64 offset, std::span<u8> to) override {
        const auto there = bytes_.subspan(static_cast<std::size_t>(std::min<u64>(offset, bytes_.size())));
        const auto part = there.first(std::min(there.size(), to.size()));
        std::ranges::fill(std::ranges::copy(part, to.begin()).out, to.end(), u8{0});
        return true;
    }
    [[nodiscard]] bool write(u64, std::span<const u8>) override { return false; }

private:
    std::vector<u8> kept_;
    std::span<const u8> bytes_;
};

}  // namespace retrace
