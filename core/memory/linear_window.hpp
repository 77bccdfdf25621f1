// LinearWindow: 4 GiB of the host's address space in which pages of guest RAM lie at their linear addresses, so that emitted code reaches them with
// one instruction. What is not shown is not mapped: touching it faults. Behind the 4 GiB nothing is mapped either, for accesses
// that begin at their end.
//
// Who shows pages knows by which right (Mmu: only what its tables let accesses reach at once) and takes them away again. Only hosts with pages of
// 4 KiB and shared memory objects have windows.
#pragma once

#include <array>
#include <memory>

#include "core/base/address.hpp"
#include "core/memory/host_memory.hpp"

namespace retrace {

class LinearWindow {
public:
    static constexpr u64 size = u64{1} << 32;

    // Null: the host gives none.
    [[nodiscard]] static std::unique_ptr<LinearWindow> reserve();
    ~LinearWindow();
    LinearWindow(const LinearWindow&) = delete;
    LinearWindow& operator=(const LinearWindow&) = delete;

    [[nodiscard]] u64 base() const { return reinterpret_cast<u64>(base_); }
    [[nodiscard]] bool shows(u32 page) const { return bit(shown_, page); }
    [[nodiscard]] bool shows_writable(u32 page) const { return bit(writable_, page); }

    // Pages from `first` on show what lies in `memory` from `offset` on. False: the host refuses.
    [[nodiscard]] bool show(u32 first, u32 count, const HostMemory& memory, u64 offset, bool writable);
    // These two: false if there was nothing to be done.
    bool hide(u32 first, u32 count);
    bool make_read_only(u32 page);
    void hide_everything();

    // At least as many pieces as the host knows it in; hosts limit them.
    [[nodiscard]] u32 pieces() const { return pieces_; }

private:
    static constexpr u32 page_count = u32{1} << 20;
    explicit LinearWindow(u8* base) : base_{base} {}
    [[nodiscard]] static bool bit(const HostMemory& bits, u32 page) { return (reinterpret_cast<const u64*>(bits.data())[page / 64] >> (page % 64) & 1) != 0; }
    static void set(HostMemory& bits, u32 first, u32 count, bool value);

    u8* base_;
    HostMemory shown_{page_count / 8}, writable_{page_count / 8};
    u32 pieces_ = 0;
};

}  // namespace retrace
