// Overlay: a writable medium over one that stays as it is. Written pages are kept in memory; they are part of the machine's state, so a
// snapshot carries them and a rewound machine has its old disk back.
#pragma once

#include <array>
#include <map>
#include <memory>

#include "core/base/address.hpp"
#include "devices/host/medium.hpp"

namespace retrace {

class Overlay final : public Medium {
public:
    explicit Overlay(std::unique_ptr<Medium> base);

    [[nodiscard]] u64 size() const override;
    [[nodiscard]] bool writable() const override { return true; }
    [[nodiscard]] bool read(u64 offset, std::span<u8> to) override;
    [[nodiscard]] bool write(u64 offset, std::span<const u8> from) override;

    void visit(StateVisitor& visitor) override;
    [[nodiscard]] bool changed() const override { return !pages_.empty(); }
    void forget() override { pages_.clear(); }

private:
    using Page = std::array<u8, page_size>;

    std::unique_ptr<Medium> base_;
    std::map<u64, Page> pages_;  // by offset / page_size
};

}  // namespace retrace
