// Which contexts there are; what is removed from them when tables change, pages get watched or memory lies elsewhere.
#include <algorithm>
#include <bit>
#include <tuple>
#include <utility>

#include "core/memory/mmu.hpp"

namespace retrace {

// ---- which

void Mmu::enter(Context& context) {
    current_ = &context;
    context.used_at = ++uses_;
    read_table = context.table(Read);
    write_table = context.table(Write);
    execute_table = context.table(Execute);
    store_table = context.table(Store);
}

void Mmu::select(const Mode& mode) {
    if (current_ && current_->mode == mode) return;
    ++counters_.switches;
    enter(context_of(mode));
}

void Mmu::select_ring(bool user) {
    if (!current_->mode.paging || current_->mode.user == user) return;
    Context* other = user ? current_->user : current_->supervisor;
    if (!other) {
        Mode mode = current_->mode;
        mode.user = user;
        Context& here = *current_;
        other = &context_of(mode);
        (user ? here.user : here.supervisor) = other;
        (user ? other->supervisor : other->user) = &here;
    }
    ++counters_.switches;
    enter(*other);
}

Mmu::Context& Mmu::context_of(const Mode& mode) {
    for (auto& each : contexts_) {
        if (!(each->mode == mode)) continue;
        each->used_at = ++uses_;
        return *each;
    }
    if (contexts_.size() < most_contexts) contexts_.push_back(std::make_unique<Context>(static_cast<u32>(contexts_.size())));
    Context& fresh = contexts_.back()->epoch == 0 ? *contexts_.back() : recycle();
    fresh.mode = mode;
    fresh.epoch = ++epochs_;
    fresh.used_at = ++uses_;
    fresh.steps = fresh.open_at = fresh.waited = 0;
    return fresh;
}

// Empties the one that was not used for longest; never the one in use.
Mmu::Context& Mmu::recycle() {
    ++counters_.recycled;
    if (current_) current_->used_at = ++uses_;
    Context& oldest = **std::ranges::min_element(contexts_, {}, [](const auto& each) { return each->used_at; });
    clear(oldest);
    close(oldest);
    for (auto& each : contexts_) {
        if (each->supervisor == &oldest) each->supervisor = nullptr;
        if (each->user == &oldest) each->user = nullptr;
    }
    for (auto at = tables_.begin(); at != tables_.end();) {
        auto& [page, table] = *at;
        std::erase_if(table.uses, [&](const Use& use) { return use.context == oldest.number; });
        if (!table.uses.empty()) {
            ++at;
            continue;
        }
        memory_.unwatch_tables(page);
        last_written_ = {};
        at = tables_.erase(at);
    }
    oldest.directories.fill(no_page);
    oldest.tables.fill(no_page);
    oldest.supervisor = oldest.user = nullptr;
    return oldest;
}

Mmu::Context& Mmu::find_supervisor() {
    Mode mode = current_->mode;
    mode.user = false;
    Context& found = context_of(mode);
    found.user = current_;
    return *(current_->supervisor = &found);
}

// ---- what is removed

// Empties entries; true if there were some.
bool Mmu::forget(Context& context, u32 first_page, u32 count) {
    bool any = false, code = false;
    const u32 end = first_page + count;
    const auto empty = [&](u32 first, u32 last) {
        for (unsigned table = 0; table < table_count; ++table)
            for (u32 page = first; page < last; ++page) {
                u64& entry = context.table(table)[page];
                any |= entry != 0;
                if (table == Execute) code |= entry != 0;
                entry = 0;
            }
    };
    for (u32 page = first_page; page < end;) {
        const u32 unit = page / unit_pages, next = std::min(end, (unit + 1) * unit_pages);
        u64& used = context.used[unit];
        if (used != 0 && next - page == unit_pages) {
            for (; used != 0; used &= used - 1) {
                const u32 line = page + static_cast<u32>(std::countr_zero(used)) * line_pages;
                empty(line, line + line_pages);
            }
        } else if (used != 0) {
            empty(page, next);
        }
        page = next;
    }
    if (context.has_windows) {
        for (WindowPage& window : context.windows)
            if (window.linear_page - first_page < count) window = {}, any = true;
    }
    for (u32 n = 0; n < std::min(count, window_count); ++n) {
        WatchedPage& watched = context.watched[(first_page + n) % window_count];
        if (watched.linear_page - first_page < count) watched = {};
    }
    return forgotten(context, first_page, count, any, code);
}

// The same of one page, which is what most stores to tables are about.
bool Mmu::forget(Context& context, u32 page) {
    if (!(context.used[page / unit_pages] >> (page % unit_pages / line_pages) & 1)) return false;
    std::array<u64, table_count> old{};
    for (unsigned table = 0; table < table_count; ++table) old[table] = std::exchange(context.table(table)[page], 0);
    bool any = (old[Read] | old[Write] | old[Execute] | old[Store]) != 0;
    if (WindowPage& window = context.window_of(page); context.has_windows && window.linear_page == page) window = {}, any = true;
    if (WatchedPage& watched = context.watched[page % window_count]; watched.linear_page == page) watched = {};
    return forgotten(context, page, 1, any, old[Execute] != 0);
}

bool Mmu::forgotten(Context& context, u32 first_page, u32 count, bool any, bool code) {
    if (any && context.window) hide(context, first_page, count);
    if (code) context.epoch = ++epochs_;
    counters_.removals += any;
    return any;
}

void Mmu::clear(Context& context) { static_cast<void>(forget(context, 0, page_count)); }

void Mmu::forget_everything() {
    ++counters_.flushes;
    for (auto& context : contexts_) {
        clear(*context);
        context->epoch = ++epochs_;
        context->directories.fill(no_page);
        context->tables.fill(no_page);
    }
    for (const auto& [page, table] : tables_) memory_.unwatch_tables(page);
    tables_.clear();
    last_written_ = {};
    notes_.clear();
    heads_.clear();
}

void Mmu::forget_epochs() {
    for (auto& context : contexts_) context->epoch = ++epochs_;
}

void Mmu::forget_stores() {
    for (auto& context : contexts_)
        for (u32 page = 0; page < page_count; page += context->used[page / unit_pages] != 0 ? 1 : unit_pages)
            if (context->used[page / unit_pages] != 0 && context->table(Write)[page] == 0) context->table(Store)[page] = 0;
}

// ---- stores that must be looked at

void Mmu::note_writer(u32 context, u32 linear_page, u32 physical_page) {
    if (notes_.empty()) notes_.push_back({});   // 0 is the end of a list
    u32& head = reinterpret_cast<u32*>(heads_.data())[physical_page];
    // A page that comes and goes is most often noted already, and not long ago.
    constexpr unsigned looked_at = 4;
    u32 at = head;
    for (unsigned n = 0; at != 0 && n < looked_at; ++n, at = notes_[at].next)
        if (notes_[at].linear_page == linear_page && notes_[at].context == context) return;
    notes_.push_back({head, linear_page, context, physical_page});
    head = static_cast<u32>(notes_.size() - 1);
}

// Notes outlive their entries, and an entry may have several. Keeps those that still say something.
void Mmu::sort_notes() {
    std::vector<Note> all = std::move(notes_);
    notes_.clear();
    heads_.clear();
    std::ranges::sort(all, {}, [](const Note& note) { return std::tuple{note.context, note.linear_page, note.physical_page}; });
    for (std::size_t at = 0; at < all.size(); ++at) {
        const Note& note = all[at];
        if (at > 0 && note.context == all[at - 1].context && note.linear_page == all[at - 1].linear_page && note.physical_page == all[at - 1].physical_page) continue;
        const u64 write = contexts_[note.context]->table(Write)[note.linear_page];
        if (write == 0 || write + (u64{note.linear_page} << page_shift) != reinterpret_cast<u64>(memory_.read_page(note.physical_page))) continue;
        note_writer(note.context, note.linear_page, note.physical_page);
    }
    most_notes_ = std::max(most_notes_, static_cast<u32>(notes_.size()) * 2);
}

bool Mmu::protect(u32 physical_page) {
    const u64 host = reinterpret_cast<u64>(memory_.read_page(physical_page));
    const bool code = memory_.holds_code(physical_page);
    bool any = false;
    u32& head = reinterpret_cast<u32*>(heads_.data())[physical_page];
    // Notes outlive their entries: the list may name a page twice, or one that lies elsewhere now.
    for (u32 at = head; at != 0; at = notes_[at].next) {
        Context& context = *contexts_[notes_[at].context];
        const u32 page = notes_[at].linear_page;
        u64& write = context.table(Write)[page];
        if (write == 0 || write + (u64{page} << page_shift) != host) continue;
        write = context.table(Store)[page] = 0;
        if (context.window && context.window->make_read_only(page)) charge(context, 1);
        any = true;
        if (u64& execute = context.table(Execute)[page]; execute != 0 && code) execute |= marked;
    }
    head = 0;
    protections_ += any;
    return any;
}

// ---- tables

// What a walk used is watched from now on. False: it cannot be, and nothing may be kept of the walk.
bool Mmu::watch(Context& context, u32 linear_page, const Walk& walk) {
    if (!context.mode.paging) return true;
    const u32 log_table = context.mode.pae ? 9 : 10;
    const u32 first_of_table = linear_page >> log_table << log_table, first_of_directory = context.mode.pae ? linear_page >> 18 << 18 : 0;
    u32& directory = context.directories[context.mode.pae ? linear_page >> 18 : 0];
    if (directory != walk.directory) {
        if (!watch_page(context, walk.directory, first_of_directory, log_table)) return false;
        directory = walk.directory;
    }
    if (walk.table == no_page) return true;
    u32& table = context.tables[linear_page / unit_pages];
    if (table != walk.table) {
        if (!watch_page(context, walk.table, first_of_table, 0)) return false;
        table = walk.table;
    }
    return true;
}

bool Mmu::watch_page(Context& context, u32 table_page, u32 first_page, u32 log_pages) {
    if (memory_.never_changes(table_page)) return true;
    if (!memory_.is_ram(table_page)) return false;
    const auto [table, is_new] = tables_.try_emplace(table_page);
    const Use use{context.number, first_page, log_pages};
    auto& uses = table->second.uses;
    if (std::ranges::find(uses, use) == uses.end()) uses.push_back(use);
    if (is_new) {
        ++counters_.watched;
        memory_.watch_tables(table_page);
    }
    return true;
}

bool Mmu::tables_written(PhysicalAddress address, u32 size) {
    const u32 page = static_cast<u32>(address.value >> page_shift);
    if (last_written_.page != page) {
        const auto found = tables_.find(page);
        if (found == tables_.end()) return false;
        last_written_ = {page, &found->second};
    }
    TablePage& written = *last_written_.table;
    ++counters_.table_stores;
    const u32 first = static_cast<u32>(address.value & page_mask), last = first + size - 1;
    bool any = false;
    for (const Use& use : written.uses) {
        Context& context = *contexts_[use.context];
        const u32 log_width = context.mode.pae ? 3 : 2;
        for (u32 entry = first >> log_width; entry <= last >> log_width; ++entry)
            any |= use.log_pages == 0 ? forget(context, use.first_page + entry) : forget(context, use.first_page + (entry << use.log_pages), u32{1} << use.log_pages);
    }
    if (++written.stores == most_table_stores) any |= let_go(page);
    return any;
}

// Forgets whatever was derived from a page, and watches it no longer. A walk that comes there again begins anew.
bool Mmu::let_go(u32 table_page) {
    ++counters_.unwatched;
    const auto found = tables_.find(table_page);
    if (found == tables_.end()) return false;
    bool any = false;
    for (const Use& use : found->second.uses) {
        Context& context = *contexts_[use.context];
        const u32 log_entries = context.mode.pae ? 9 : 10, count = u32{1} << (use.log_pages + log_entries);
        any |= forget(context, use.first_page, count);
        if (use.log_pages != 0) context.directories[context.mode.pae ? use.first_page >> 18 : 0] = no_page;
        else std::fill_n(context.tables.begin() + use.first_page / unit_pages, count / unit_pages, no_page);
    }
    tables_.erase(found);
    last_written_ = {};
    memory_.unwatch_tables(table_page);
    return any;
}

}  // namespace retrace
