// Mmu: from linear to physical addresses, and the flat tables that make the common case one load.
//
// An address-space context is CR3, the paging mode, whether the access is a user's, and the A20 gate. Each has four tables of 2^20
// entries by linear page, backed lazily:
//   read, write   host address minus linear address; 0 means take the slow path (not yet walked, window, code page, ROM store)
//   store         the same as write, for stores that load nothing: some windows of devices let these through
//   execute       physical address of the page, plus 1; 0 means not yet walked. Plus 2 (`marked`) if only decoded code in the page keeps
//                 stores from the fast path
// Changing CR3, CPL or A20 selects another context and flushes nothing; some recent contexts are kept. An entry is filled only
// after the accessed bit is set, a write entry only after the dirty bit. A journal of what was filled makes clearing cheap.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "core/base/address.hpp"
#include "core/memory/host_memory.hpp"
#include "core/memory/physical_memory.hpp"

namespace retrace {

enum class Access : u8 { Read, Write, Execute };

class Mmu {
public:
    static constexpr u64 marked = 2;   // in an execute entry
    static constexpr unsigned physical_bits = 36;   // of addresses in entries; above them are reserved bits
    static constexpr u32 no_page = ~u32{0};

    // What selects a context.
    struct Mode {
        u32 cr3 = 0;              // 0 without paging
        bool paging = false;
        bool user = false;        // false without paging
        bool write_protect = false, page_size_4m = false, pae = false, global = false;
        bool a20 = true;
        bool no_execute = false;         // EFER.NXE, with PAE
        bool large_above_4g = false;     // PSE-36 and PAT: bits 12 to 16 of a 4 MiB page's entry have a meaning
        std::array<u64, 4> pointers{};   // with PAE: the page directory pointers as the processor holds them
        bool operator==(const Mode&) const = default;
    };

    explicit Mmu(PhysicalMemory& memory);

    // The tables of the selected context; engines index them directly.
    u64* read_table = nullptr;
    u64* write_table = nullptr;
    u64* execute_table = nullptr;
    u64* store_table = nullptr;

    void select(const Mode& mode);
    [[nodiscard]] PhysicalAddress behind_a20(PhysicalAddress address) const;
    [[nodiscard]] const Mode& mode() const { return current_->mode; }

    // What became of a translation: a physical address, or the error code of the page fault.
    struct Result {
        bool ok = false;
        u32 error = 0;
        PhysicalAddress physical{};
    };
    // Walks for an access of the selected context and fills its tables.
    Result translate(LinearAddress linear, Access access);
    // Walks for an access of the system itself (descriptor tables, TSS, interrupt delivery): as supervisor.
    Result translate_system(LinearAddress linear, Access access);
    // Where a linear address lies, with no side effect at all; for debuggers. Not ok: not mapped.
    [[nodiscard]] Result peek(LinearAddress linear) const;

    // A page of a device's window that accesses of the selected context reach.
    struct WindowPage {
        u32 linear_page = no_page;
        bool readable = false, writable = false;   // a walk found it so, and set the bits it sets
        MmioWindow* window = nullptr;
        u32 offset = 0;                            // of the page's first byte
    };
    [[nodiscard]] const WindowPage* window_at(u32 linear) const {
        const WindowPage& found = current_->window_of(linear >> page_shift);
        return found.linear_page == linear >> page_shift ? &found : nullptr;
    }

    void flush(bool globals_too);             // CR3 loads, and changes of paging modes
    void flush_page(LinearAddress linear);    // INVLPG
    void flush_everything();                  // memory lies elsewhere now, or state was loaded
    void protect(u32 physical_page);          // it holds code now: stores must look at the marks
    void forget_stores();                     // those that go through windows

    struct Counters { u64 fills = 0, walks = 0, flushes = 0, switches = 0; };
    [[nodiscard]] const Counters& counters() const { return counters_; }

private:
    static constexpr unsigned most_contexts = 12, window_count = 64;
    static constexpr std::size_t most_notes = std::size_t{1} << 21;
    static constexpr u64 table_bytes = u64{8} << 20;
    static constexpr unsigned table_count = 4;

    struct Context {
        Context() : storage{table_count * table_bytes} {}
        Mode mode;
        u64 last_used = 0;
        HostMemory storage;
        std::vector<u32> journal;   // linear pages with an entry
        std::array<WindowPage, window_count> windows{};   // by the low bits of the linear page
        bool has_windows = false;
        WindowPage& window_of(u32 page) { return windows[page % window_count]; }
        u64* table(unsigned index) { return reinterpret_cast<u64*>(storage.data() + index * table_bytes); }
    };

    struct Walk {
        Result result;
        bool writable = false;      // a write would need no further walk
        bool global = false;
    };
    Walk walk(LinearAddress linear, Access access, const Mode& mode, bool mark);
    void fill(Context& context, LinearAddress linear, Access access, const Walk& walk);
    static void clear(Context& context);
    void note_window(Context& context, u32 linear_page, u32 physical_page, Access access, bool writable);

    PhysicalMemory& memory_;
    std::vector<std::unique_ptr<Context>> contexts_;
    Context* current_ = nullptr;
    u64 clock_ = 0;
    Counters counters_;
};

}  // namespace retrace
