// PhysicalMemory: the processor's physical address space, page by page: RAM, ROM, memory windows of devices, or nothing.
//
// RAM of size S lies at 0 up to S, save for what is laid over it. What lies where can change while the machine runs (shadow
// RAM, video memory that becomes plain). Nothing reads as all ones and swallows writes; ROM swallows writes.
// Addresses here are behind the A20 gate. 4 GiB of them are decoded; higher ones are nothing.
//
// Code marks: an engine marks the bytes that it holds decoded. While a page has a mark, write_page() is
// null for it, so every store comes here, and one that overlaps a mark is reported. DMA and debugger writes take the same way. Pages of
// page tables are watched likewise: each store to them is reported. Marks are as fine as bytes, because in small programs data lie right
// behind code.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "core/base/address.hpp"
#include "core/base/log.hpp"
#include "core/bus/aperture_control.hpp"
#include "core/bus/direct_stores.hpp"
#include "core/bus/dma.hpp"
#include "core/bus/mmio_map.hpp"
#include "core/bus/shadow_control.hpp"
#include "core/memory/host_memory.hpp"
#include "core/state/visitor.hpp"

namespace retrace {

// Who caches what lies where; the engine's flat tables and decoded code.
class MemoryListener {
public:
    virtual ~MemoryListener() = default;
    // Host pointers to this page must not be used for writing any longer (it holds code or tables now).
    virtual void write_protected(u32 page) = 0;
    // Stored to marked code: drop what was decoded from these bytes. Called after the store.
    virtual void code_written(PhysicalAddress address, u32 size) = 0;
    // Stored to a page of tables. Called after the store.
    virtual void tables_written(PhysicalAddress, u32 /* size */) {}
    // These pages lie elsewhere now: forget host pointers and decoded code.
    virtual void remapped(u32 first_page, u32 count) = 0;
    // Which stores to windows go straight to memory has changed: forget host pointers that serve stores alone.
    virtual void stores_rerouted() {}
};

class PhysicalMemory final : public BusMemory, public ShadowControl, public ApertureControl, public DirectStores {
public:
    static constexpr u32 page_count = 1u << 20;

    // `ram_bytes`: a multiple of 4096, up to 3 GiB.
    PhysicalMemory(u64 ram_bytes, MmioMap& windows, Log::Channel log = {});

    // ---- what lies where
    // Read-only memory; the bytes are copied. Size and base are multiples of 4096.
    void map_rom(PhysicalAddress base, std::span<const u8> image);
    // A device's window over a range (MmioMap answers there).
    void map_window(PhysicalAddress base, u64 size);
    // Plain memory of a device, read and written directly (a linear frame buffer). The owner keeps and describes it.
    void map_plain(PhysicalAddress base, std::span<u8> memory);
    // Plain memory of a device, but only on pages where nothing is; and off them again.
    void show(PhysicalAddress base, std::span<u8> memory, bool writable) override;
    void hide(PhysicalAddress base, std::span<u8> memory) override;
    // RAM again; where there is none, nothing.
    void map_ram(PhysicalAddress base, u64 size);
    // Shadow RAM below 1 MiB: whether reads and writes reach the RAM there, or the ROM that was mapped over it (nothing, if none was).
    void shadow(PhysicalAddress base, u64 size, bool reads, bool writes) override;
    void uncover_video(bool ram) override;
    // One range at a time: the machine has one device that does so.
    void stores_reach(PhysicalAddress base, std::span<u8> memory) override;

    // ---- fast paths: the host address of a page, or null if an access must take read()/write()
    [[nodiscard]] u8* read_page(u32 page) const { return page < page_count ? pages_[page].host : nullptr; }
    [[nodiscard]] u8* write_page(u32 page) const {
        if (page >= page_count) return nullptr;
        const auto& entry = pages_[page];
        return entry.kind == Kind::Ram && !entry.code && !entry.tables ? entry.host : nullptr;
    }
    // For stores that load nothing: besides, memory that a window lets them reach.
    [[nodiscard]] u8* store_page(u32 page) const {
        const u32 direct = page - direct_first_;
        return direct < direct_count_ && is_window(page) ? direct_memory_ + (std::size_t{direct} << page_shift) : write_page(page);
    }
    [[nodiscard]] bool is_ram(u32 page) const { return page < page_count && pages_[page].kind == Kind::Ram; }
    // True if a load from the page has side effects or is not memory (a window or nothing).
    [[nodiscard]] bool is_window(u32 page) const { return page < page_count && pages_[page].kind == Kind::Window; }

    // Who answers in a page that is a window, and what its first byte's offset is there.
    [[nodiscard]] MmioMap::Hit window_at(u32 page) const { return is_window(page) ? windows_.find({u64{page} << page_shift}) : MmioMap::Hit{}; }

    // ---- any access; it must not cross a page. `width` 1, 2, 4 or 8.
    u64 read(PhysicalAddress address, unsigned width);
    void write(PhysicalAddress address, unsigned width, u64 value);
    // The same of an entry of page tables, in which a walk sets bits that nothing was derived from: nobody is told but whoever holds code there.
    void mark_entry(PhysicalAddress address, unsigned width, u64 value);
    // Any range, for DMA and debuggers.
    void read(PhysicalAddress from, std::span<u8> to) override;
    void write(PhysicalAddress to, std::span<const u8> from) override;
    // A byte without side effects; nothing and unpeekable windows give nullopt.
    [[nodiscard]] std::optional<u8> peek(PhysicalAddress address) const;

    // ---- code marks
    void mark_code(PhysicalAddress address, u32 size);      // within one page
    void unmark_code(PhysicalAddress address, u32 size);    // the page goes on being guarded
    void clear_code(u32 page);                              // nothing of this page is held decoded any longer
    [[nodiscard]] bool holds_code(u32 page) const { return page < page_count && pages_[page].code; }
    [[nodiscard]] bool code_at(PhysicalAddress address, u32 size) const;
    // For emitted code, which finds by itself that a store goes beside code. Of page n: the word at pages + n * page_stride has this value under
    // this mask if only_code_guards(n), and the bit of byte b is bit b of the page_marks bytes at marks + n * page_marks, behind which 4 more
    // may be read.
    struct Beside {
        const u8 *pages, *marks;
        u32 only_code, mask;
    };
    static constexpr u32 page_stride = 16, page_marks = page_size / 8;
    [[nodiscard]] Beside beside() const;
    // True if nothing but decoded code keeps stores to the page from going straight to RAM.
    [[nodiscard]] bool only_code_guards(u32 page) const { return is_ram(page) && pages_[page].code && !pages_[page].tables; }

    // ---- pages of page tables
    void watch_tables(u32 page) {
        pages_[page].tables = true;
        for (auto* listener : listeners_) listener->write_protected(page);
    }
    void unwatch_tables(u32 page) { pages_[page].tables = false; }
    [[nodiscard]] bool holds_tables(u32 page) const { return page < page_count && pages_[page].tables; }
    // ROM that no store reaches.
    [[nodiscard]] bool never_changes(u32 page) const { return page < page_count && pages_[page].kind == Kind::Rom; }

    void add_listener(MemoryListener& listener) { listeners_.push_back(&listener); }

    [[nodiscard]] u64 ram_size() const { return ram_.size(); }
    [[nodiscard]] std::span<u8> ram() { return ram_.span(); }
    [[nodiscard]] const HostMemory& ram_memory() const { return ram_; }

    void reset_power_on() { ram_.clear(); }  // RAM forgets; the map stays
    void visit(StateVisitor& visitor);       // RAM contents; the map belongs to whoever changes it

private:
    enum class Kind : u8 { Nothing, Ram, Rom, Window, RomOverRam };
    struct Page {
        u8* host = nullptr;      // Ram, Rom, RomOverRam (the ROM)
        Kind kind = Kind::Nothing;
        bool code = false;       // has code marks
        bool tables = false;     // something was derived from page tables in it
    };
    using Marks = std::array<u64, page_size / 64>;
    static_assert(sizeof(Page) == page_stride && sizeof(Marks) == page_marks);
    template <bool telling> void put(PhysicalAddress address, unsigned width, u64 value);
    u64 read_elsewhere(PhysicalAddress address, unsigned width);
    void write_elsewhere(PhysicalAddress address, unsigned width, u64 value);
    template <class F> static void each_word(PhysicalAddress address, u32 size, F&& f);

    void set_pages(PhysicalAddress base, u64 size, Kind kind, u8* host);

    HostMemory ram_;
    HostMemory page_storage_;                // page_count Pages, lazily taken
    Page* pages_;
    MmioMap& windows_;
    // A guest that clears memory which is not there would spend its time on saying so.
    void doubt(const char* what) {
        constexpr unsigned enough = 1000;
        if (doubts_ < enough) ++doubts_, log_.unusual(what);
    }

    Log::Channel log_;
    unsigned doubts_ = 0;
    std::vector<std::unique_ptr<HostMemory>> roms_;
    std::unordered_map<u32, u8*> rom_below_1m_;  // by page
    HostMemory mark_storage_;                // page_count Marks, lazily taken
    Marks* marks_;
    std::vector<MemoryListener*> listeners_;
    u32 direct_first_ = 0, direct_count_ = 0;
    u8* direct_memory_ = nullptr;
};

}  // namespace retrace
