#include "core/memory/physical_memory.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "core/base/bits.hpp"
#include "core/base/ensure.hpp"

namespace retrace {

PhysicalMemory::PhysicalMemory(u64 ram_bytes, MmioMap& windows, Log::Channel log)
    : ram_{static_cast<std::size_t>(ram_bytes), HostMemory::Kind::Shared}
    , page_storage_{page_count * sizeof(Page)}
    , pages_{reinterpret_cast<Page*>(page_storage_.data())}
    , windows_{windows}
    , log_{std::move(log)}
    , mark_storage_{page_count * sizeof(Marks) + sizeof(u64)}
    , marks_{reinterpret_cast<Marks*>(mark_storage_.data())} {
    ENSURE(ram_bytes % page_size == 0 && ram_bytes <= u64{3} << 30, "RAM is whole pages, at most 3 GiB");
    map_ram({0}, ram_bytes);
}

void PhysicalMemory::set_pages(PhysicalAddress base, u64 size, Kind kind, u8* host) {
    ENSURE((base.value | size) % page_size == 0 && base.value + size <= u64{page_count} << page_shift, "whole pages below 4 GiB");
    const u32 first = static_cast<u32>(base.value >> page_shift), count = static_cast<u32>(size >> page_shift);
    for (u32 i = 0; i < count; ++i) {
        clear_code(first + i);
        pages_[first + i] = {host ? host + std::size_t{i} * page_size : nullptr, kind, false, false};
    }
    for (auto* listener : listeners_) listener->remapped(first, count);
}

void PhysicalMemory::map_rom(PhysicalAddress base, std::span<const u8> image) {
    auto rom = std::make_unique<HostMemory>(image.size());
    std::ranges::copy(image, rom->data());
    set_pages(base, image.size(), Kind::Rom, rom->data());
    for (u64 at = 0; at < image.size() && base.value + at < 0x100000; at += page_size) rom_below_1m_[static_cast<u32>((base.value + at) >> page_shift)] = rom->data() + at;
    roms_.push_back(std::move(rom));
}

void PhysicalMemory::map_window(PhysicalAddress base, u64 size) { set_pages(base, size, Kind::Window, nullptr); }

void PhysicalMemory::map_plain(PhysicalAddress base, std::span<u8> memory) { set_pages(base, memory.size(), Kind::Ram, memory.data()); }

namespace {

// Calls `visit` with each run of pages, as offset and size, for which `wanted` of their offset holds: who listens to the map hears of few changes.
void for_each_run(PhysicalAddress base, u64 size, auto&& wanted, auto&& visit) {
    ENSURE((base.value | size) % page_size == 0 && base.value + size <= u64{1} << 32, "whole pages below 4 GiB");
    for (u64 at = 0; at < size;) {
        u64 end = at;
        while (end < size && wanted(end)) end += page_size;
        if (end > at) visit(at, end - at);
        at = end + page_size;
    }
}

}  // namespace

void PhysicalMemory::show(PhysicalAddress base, std::span<u8> memory, bool writable) {
    for_each_run(base, memory.size(), [&](u64 at) { return pages_[(base.value + at) >> page_shift].kind == Kind::Nothing; },
                 [&](u64 at, u64 size) { set_pages({base.value + at}, size, writable ? Kind::Ram : Kind::Rom, &memory[at]); });
}

void PhysicalMemory::hide(PhysicalAddress base, std::span<u8> memory) {
    for_each_run(base, memory.size(), [&](u64 at) { return pages_[(base.value + at) >> page_shift].host == &memory[at]; },
                 [&](u64 at, u64 size) { set_pages({base.value + at}, size, Kind::Nothing, nullptr); });
}

void PhysicalMemory::map_ram(PhysicalAddress base, u64 size) {
    const u64 end = base.value + size, ram_end = std::clamp<u64>(ram_.size(), base.value, end);
    if (ram_end > base.value) set_pages(base, ram_end - base.value, Kind::Ram, ram_.data() + base.value);
    if (end > ram_end) set_pages({ram_end}, end - ram_end, Kind::Nothing, nullptr);
}

void PhysicalMemory::shadow(PhysicalAddress base, u64 size, bool reads, bool writes) {
    ENSURE(base.value + size <= std::min<u64>(ram_.size(), 0x100000), "shadow RAM lies below 1 MiB");
    for (u64 at = base.value; at < base.value + size; at += page_size) {
        const auto rom = rom_below_1m_.find(static_cast<u32>(at >> page_shift));
        u8* const there = rom == rom_below_1m_.end() ? nullptr : rom->second;
        if (reads) set_pages({at}, page_size, writes ? Kind::Ram : Kind::Rom, ram_.data() + at);
        else if (writes) set_pages({at}, page_size, Kind::RomOverRam, there);
        else set_pages({at}, page_size, there ? Kind::Rom : Kind::Nothing, there);
    }
}

void PhysicalMemory::uncover_video(bool ram) {
    constexpr u64 video = 0xa0000, size = 0x20000;
    if (is_ram(video >> page_shift) == ram) return;
    if (ram) map_ram({video}, size);
    else map_window({video}, size);
}

void PhysicalMemory::stores_reach(PhysicalAddress base, std::span<u8> memory) {
    const u32 first = static_cast<u32>(base.value >> page_shift), count = static_cast<u32>(memory.size() >> page_shift);
    if (count == 0 && direct_count_ == 0) return;
    ENSURE((base.value | memory.size()) % page_size == 0, "whole pages");
    direct_first_ = first;
    direct_count_ = count;
    direct_memory_ = memory.data();
    for (auto* listener : listeners_) listener->stores_rerouted();
}

u64 PhysicalMemory::read(PhysicalAddress address, unsigned width) {
    if (!(address.value >> 32)) [[likely]]
        if (const u8* host = pages_[address.value >> page_shift].host) [[likely]] return load_word(host + (address.value & page_mask), width);
    return read_elsewhere(address, width);
}

[[gnu::noinline]] u64 PhysicalMemory::read_elsewhere(PhysicalAddress address, unsigned width) {
    const u64 ones = ~u64{0} >> (64 - 8 * width);
    if (address.value >> 32) return ones;
    if (pages_[address.value >> page_shift].kind == Kind::Window)
        if (const auto hit = windows_.find(address); hit.window) return hit.window->mmio_read(hit.offset, width) & ones;
    doubt("read where no memory is");
    return ones;
}

template <bool telling>
[[gnu::always_inline]] inline void PhysicalMemory::put(PhysicalAddress address, unsigned width, u64 value) {
    if (address.value >> 32) [[unlikely]] return;
    const Page& page = pages_[address.value >> page_shift];
    if (page.kind != Kind::Ram) [[unlikely]] return write_elsewhere(address, width, value);
    store_word(page.host + (address.value & page_mask), width, value);
    if (telling && page.tables) [[unlikely]]
        for (auto* listener : listeners_) listener->tables_written(address, width);
    if (page.code && code_at(address, width))
        for (auto* listener : listeners_) listener->code_written(address, width);
}

void PhysicalMemory::write(PhysicalAddress address, unsigned width, u64 value) { put<true>(address, width, value); }

void PhysicalMemory::mark_entry(PhysicalAddress address, unsigned width, u64 value) { put<false>(address, width, value); }

[[gnu::noinline]] void PhysicalMemory::write_elsewhere(PhysicalAddress address, unsigned width, u64 value) {
    switch (pages_[address.value >> page_shift].kind) {
        case Kind::Ram: return;
        case Kind::Window:
            if (const auto hit = windows_.find(address); hit.window) return hit.window->mmio_write(hit.offset, width, value);
            return;
        case Kind::RomOverRam: return store_word(ram_.data() + address.value, width, value);
        case Kind::Rom: return doubt("write to ROM");
        case Kind::Nothing: return doubt("write where no memory is");
    }
}

void PhysicalMemory::read(PhysicalAddress from, std::span<u8> to) {
    for (std::size_t i = 0; i < to.size(); ++i) to[i] = static_cast<u8>(read({from.value + i}, 1));
}

void PhysicalMemory::write(PhysicalAddress to, std::span<const u8> from) {
    for (std::size_t i = 0; i < from.size(); ++i) write({to.value + i}, 1, from[i]);
}

std::optional<u8> PhysicalMemory::peek(PhysicalAddress address) const {
    if (address.value >> 32) return std::nullopt;
    const auto& entry = pages_[address.value >> page_shift];
    if (entry.host) return entry.host[address.value & page_mask];
    if (entry.kind == Kind::Window)
        if (const auto hit = windows_.find(address); hit.window) return hit.window->mmio_peek(hit.offset);
    return std::nullopt;
}

// Each word of marks that these bytes of a page have a part in, and that part.
template <class F>
void PhysicalMemory::each_word(PhysicalAddress address, u32 size, F&& f) {
    for (u32 at = static_cast<u32>(address.value & page_mask), end = std::min(at + size, page_size); at < end;) {
        const u32 bits = std::min(end - at, 64 - at % 64);
        f(at / 64, ~u64{0} >> (64 - bits) << (at % 64));
        at += bits;
    }
}

void PhysicalMemory::mark_code(PhysicalAddress address, u32 size) {
    const u32 page = static_cast<u32>(address.value >> page_shift);
    if (page >= page_count || size == 0) return;
    ENSURE((address.value & page_mask) + size <= page_size, "code is marked page by page");
    each_word(address, size, [&](u32 word, u64 bits) { marks_[page][word] |= bits; });
    if (!pages_[page].code) {
        pages_[page].code = true;
        for (auto* listener : listeners_) listener->write_protected(page);
    }
}

void PhysicalMemory::unmark_code(PhysicalAddress address, u32 size) {
    const u64 page = address.value >> page_shift;
    if (page >= page_count || !pages_[page].code) return;
    each_word(address, size, [&](u32 word, u64 bits) { marks_[page][word] &= ~bits; });
}

void PhysicalMemory::clear_code(u32 page) {
    if (page >= page_count || !pages_[page].code) return;
    marks_[page] = {};
    pages_[page].code = false;
}

bool PhysicalMemory::code_at(PhysicalAddress address, u32 size) const {
    const u64 page = address.value >> page_shift;
    if (page >= page_count || !pages_[page].code) return false;
    u64 any = 0;
    each_word(address, size, [&](u32 word, u64 bits) { any |= marks_[page][word] & bits; });
    return any != 0;
}

PhysicalMemory::Beside PhysicalMemory::beside() const {
    static_assert(offsetof(Page, kind) == 8 && offsetof(Page, code) == 9 && offsetof(Page, tables) == 10);
    return {reinterpret_cast<const u8*>(&pages_[0].kind), reinterpret_cast<const u8*>(marks_), static_cast<u32>(Kind::Ram) | 1u << 8, 0xffffff};
}

void PhysicalMemory::visit(StateVisitor& visitor) { visitor.bytes("ram", ram_.span()); }

}  // namespace retrace
