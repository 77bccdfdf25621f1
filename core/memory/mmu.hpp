// Mmu: from linear to physical addresses, and the flat tables that make the common case one load.
//
// An address-space context is CR3, the paging mode, whether the access is a user's, and the A20 gate. Each has four tables of 2^20
// entries by linear page, backed lazily:
//   read, write   host address minus linear address; 0 means take the slow path (not yet walked, window, code page, ROM store)
//   store         the same as write, for stores that load nothing: some windows of devices let these through
//   execute       physical address of the page, plus 1; 0 means not yet walked. Plus 2 (`marked`) if only decoded code in the page keeps
//                 stores from the fast path
// Changing CR3, CPL or A20 selects another context and flushes nothing; some recent contexts are kept. An entry is filled only
// after the accessed bit is set, a write entry only after the dirty bit.
//
// Translation is coherent: pages whose entries something was derived from are watched (PhysicalMemory::watch_tables), and a store to such
// an entry, by whomever, removes exactly what came of it. So nothing here is ever stale, INVLPG and loads of CR3 need do nothing,
// and how much is kept cannot be seen. (Real processors may go on with what they remember; software must not count on it.)
//
// A context may have a LinearWindow besides, for engines that run code of the host. It shows RAM, and only where the read table has an entry, writable
// only where the write table has one: whatever takes an entry away takes the page out of the window.
//
//   mmu.cpp        walks and fills
//   contexts.cpp   which contexts there are, what is removed from them and when
//   windows.cpp    which contexts have a window, and what it shows
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "core/base/address.hpp"
#include "core/memory/host_memory.hpp"
#include "core/memory/linear_window.hpp"
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
    // The same but for the ring; nothing without paging.
    void select_ring(bool user);
    [[nodiscard]] PhysicalAddress behind_a20(PhysicalAddress address) const;
    [[nodiscard]] const Mode& mode() const { return current_->mode; }
    // While it is the same, whatever was found where to execute is still there. Contexts never share one.
    [[nodiscard]] u64 epoch() const { return current_->epoch; }

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

    // Host address of bytes that the selected context, or the system, may access at once; null: the slow path.
    [[nodiscard]] u8* direct(u32 linear, unsigned bytes, Access access, bool system) {
        const u64* const table = (system ? supervisor() : *current_).table(access == Access::Write ? Write : Read);
        const u64 entry = table[linear >> page_shift];
        return entry != 0 && (linear & page_mask) <= page_size - bytes ? reinterpret_cast<u8*>(entry + linear) : nullptr;
    }

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

    // A page of tables that stores of the selected context would reach, were it not watched.
    struct WatchedPage {
        u32 linear_page = no_page, physical_page = 0;
    };
    [[nodiscard]] const WatchedPage* watched_at(u32 linear) const {
        const WatchedPage& found = current_->watched[(linear >> page_shift) % window_count];
        return found.linear_page == linear >> page_shift && memory_.holds_tables(found.physical_page) ? &found : nullptr;
    }
    // Such a page is about to be overwritten from end to end. True if anything was removed.
    bool release(const WatchedPage& page) { return let_go(page.physical_page); }

    // ---- windows of contexts (windows.cpp). A guest can see nothing of them.
    struct WindowTuning {
        u64 open_after = ~u64{0};      // steps in a context; 0: at once, and for good
        u64 paged = 10;                // times that with paging, where pages come and go and a context may soon be over
        // What showing and hiding a page takes, in the steps that a window has to be used to give as much. A window that has taken more than it
        // gave is closed, and comes again after waiting ever longer; a new one is lent so many.
        u64 steps_per_event = 40'000;
        u64 lent_events = 400;
        u64 longer = 4, longest = u64{1} << 40;   // each wait is so many times the one before; steps
        u32 most_pieces = 24'000;      // of all windows
        u32 most_turns = 8;            // of a page that holds code and is stored to in turn, soon after one another: then stores to it go another way
    };
    void use_windows(const WindowTuning& tuning) { window_tuning_ = tuning; }
    // The selected context was used for so many steps. Opens and closes its window; no code may rely on it just now.
    void executed(u64 steps);
    // Where the window of the selected context lies in the host's address space; 0: it has none.
    [[nodiscard]] u64 window() const { return current_->open ? current_->window->base() : 0; }
    // An access of the selected context found nothing in its window. True if it does now.
    bool show(LinearAddress linear, bool write);
    // The window of the selected context costs more than it gives: executed() will close it.
    [[nodiscard]] bool window_is_overdrawn() const { return current_->open && current_->balance < 0 && window_tuning_.open_after != 0; }

    // ---- what others did to memory
    void forget_everything();                 // it lies elsewhere now, or state was loaded
    // Stores to this page must be looked at from now on. True if some went past.
    bool protect(u32 physical_page);
    // Stored to a page that is watched. True if anything was removed.
    bool tables_written(PhysicalAddress address, u32 size);
    void forget_stores();                     // those that go through windows
    void forget_epochs();                     // whatever was noted under one of them no longer holds
    [[nodiscard]] u64 protections() const { return protections_; }   // counts what protect() took away

    struct Counters {
        u64 fills = 0, walks = 0, flushes = 0, switches = 0, recycled = 0, watched = 0, unwatched = 0, table_stores = 0, removals = 0;
        u64 windows_opened = 0, windows_closed = 0, pages_shown = 0, runs_shown = 0, hidings = 0;
    };
    [[nodiscard]] const Counters& counters() const { return counters_; }

private:
    static constexpr unsigned most_contexts = 16, window_count = 64;
    static constexpr u64 table_bytes = u64{8} << 20;
    static constexpr u32 page_count = u32{1} << 20;
    // Clearing goes by units of 2 MiB, which is what a page table maps with PAE, and in these by the host's cache lines.
    static constexpr u32 unit_pages = 512, unit_count = page_count / unit_pages, line_pages = 8;
    // Stores to a watched page after which it is let go: it is being written for the first time, or is no table any longer.
    static constexpr u32 most_table_stores = 256;

    enum Table : unsigned { Read, Write, Execute, Store, table_count };

    // How often a page that was shown for reading alone was shown for stores again, each time soon after the last.
    struct Turns {
        u32 page = no_page, count = 0;
        u64 last = 0;               // steps in the context
    };

    struct Context {
        explicit Context(u32 number_) : number{number_}, storage{table_count * table_bytes} { tables.fill(no_page); }
        u32 number;
        Mode mode;
        u64 epoch = 0;
        Context* supervisor = nullptr;                    // the same for the system; null: not known
        Context* user = nullptr;                          // of a supervisor's: the same for ring 3; null: not known
        u64 used_at = 0;                                  // by `uses_`
        HostMemory storage;
        std::array<u64, unit_count> used{};               // lines with an entry, a bit each
        std::array<WindowPage, window_count> windows{};   // by the low bits of the linear page
        bool has_windows = false;
        std::array<WatchedPage, window_count> watched{};  // by the low bits of the linear page
        // Tables that are known to be watched on our behalf: directories by GiB with PAE (else the first), tables by unit.
        std::array<u32, 4> directories{no_page, no_page, no_page, no_page};
        std::array<u32, unit_count> tables{};
        // Linear pages at addresses of the host.
        std::unique_ptr<LinearWindow> window;
        bool open = false;                                // it may be used
        std::array<Turns, 16> turns{};                    // by the low bits of the linear page
        u64 steps = 0, open_at = 0;                       // executed here; when to open it, if later than usual
        u64 opened_at = 0, waited = 0;                    // when it was; how long after it had been closed, 0: the first time
        i64 balance = 0;                                  // steps executed since, without those that what came and went had to give

        WindowPage& window_of(u32 page) { return windows[page % window_count]; }
        u64* table(unsigned index) { return reinterpret_cast<u64*>(storage.data() + index * table_bytes); }
    };

    struct Walk {
        Result result;
        bool writable = false;      // a write would need no further walk
        bool accessed = false;      // the accessed bits were set before it
        u32 directory = no_page, table = no_page;   // pages of the entries that were used
    };
    // What a page of tables maps: its entry n the pages from first_page + n << log_pages on, in one context.
    struct Use {
        u32 context = 0, first_page = 0;
        u32 log_pages = 0;
        bool operator==(const Use&) const = default;
    };
    struct TablePage {
        std::vector<Use> uses;
        u32 stores = 0;
    };
    // A linear page with a write entry for a physical one.
    struct Note {
        u32 next = 0, linear_page = 0, context = 0, physical_page = 0;
    };

    Walk walk(LinearAddress linear, Access access, const Mode& mode, bool mark);
    template <bool pae> Walk walk_tables(LinearAddress linear, Access access, const Mode& mode, bool mark);
    void fill(Context& context, LinearAddress linear, Access access, const Walk& walk);
    void note_window(Context& context, u32 linear_page, u32 physical_page, Access access, bool writable);
    void note_writer(u32 context, u32 linear_page, u32 physical_page);
    void sort_notes();

    void open(Context& context);
    void close(Context& context);
    void hide(Context& context, u32 first_page, u32 count);
    void charge(Context& context, u64 events);
    [[nodiscard]] bool was_of_use(const Context& context) const;
    void wait_longer(Context& context);
    [[nodiscard]] u64 open_after(const Context& context) const;
    void walk_ahead(Context& context, u32 page);
    [[nodiscard]] bool turns_too_often(Context& context, u32 page);
    void show_run(Context& context, u32 page, u64 entry);
    void limit_pieces(const Context& kept);

    Context& context_of(const Mode& mode);
    Context& recycle();
    void enter(Context& context);
    Context& supervisor() {
        if (!current_->mode.user) return *current_;
        return current_->supervisor ? *current_->supervisor : find_supervisor();
    }
    Context& find_supervisor();
    void clear(Context& context);
    bool forget(Context& context, u32 first_page, u32 count);
    bool forget(Context& context, u32 page);
    bool forgotten(Context& context, u32 first_page, u32 count, bool any, bool code);
    bool watch(Context& context, u32 linear_page, const Walk& walk);
    bool watch_page(Context& context, u32 table_page, u32 first_page, u32 log_pages);
    bool let_go(u32 table_page);

    PhysicalMemory& memory_;
    std::vector<std::unique_ptr<Context>> contexts_;
    Context* current_ = nullptr;
    u64 epochs_ = 0, protections_ = 0, uses_ = 0;
    std::unordered_map<u32, TablePage> tables_;   // by physical page
    struct {
        u32 page = no_page;
        TablePage* table = nullptr;
    } last_written_;                        // of them
    HostMemory heads_{page_count * sizeof(u32)};   // by physical page: the first note, 0: none
    std::vector<Note> notes_;
    u32 most_notes_ = u32{1} << 16;
    WindowTuning window_tuning_;
    u64 first_wait_ = 1;                    // times the usual: spaces that are over before their windows have given anything make it longer
    Counters counters_;
};

}  // namespace retrace
