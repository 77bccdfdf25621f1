// Which contexts have a window, and what it shows.
//
// Showing a page costs the host a fault and a system call or two, as much as tens of thousands of steps save. So a context has to be used for a
// while before it gets a window, pages are shown in runs, and a window keeps accounts: steps are its income, pages that come and go what it
// spends. One that is overdrawn is closed, and the next time has to wait longer, unless it had been of use for as long as it was waited for.
#include <algorithm>

#include "core/memory/mmu.hpp"

namespace retrace {

namespace {

constexpr u32 most_in_run = 4096;            // pages, to either side
// Pages that are walked together: without paging, where they make a large page of the host; with paging.
constexpr u32 group = 512, paged_group = 64;
constexpr u32 most_runs = 64;                // for one fault
constexpr u64 longest_first_wait = 64;       // times the usual
constexpr u64 soon = u64{1} << 17;           // steps

}  // namespace

void Mmu::open(Context& context) {
    if (!context.window && memory_.ram_memory().object() >= 0) context.window = LinearWindow::reserve();
    context.open = context.window != nullptr;
    context.opened_at = context.steps;
    context.balance = static_cast<i64>(window_tuning_.lent_events * window_tuning_.steps_per_event);
    if (!context.open) context.open_at = ~u64{0};
    counters_.windows_opened += context.open;
}

u64 Mmu::open_after(const Context& context) const { return window_tuning_.open_after * (context.mode.paging ? window_tuning_.paged * first_wait_ : 1); }

void Mmu::charge(Context& context, u64 events) { context.balance -= static_cast<i64>(events * window_tuning_.steps_per_event); }

// It lasted for longer than what it was lent and what it was waited for explain.
bool Mmu::was_of_use(const Context& context) const {
    return context.steps - context.opened_at > 4 * std::max({context.waited, open_after(context), window_tuning_.lent_events * window_tuning_.steps_per_event});
}

// It is about to be closed.
void Mmu::wait_longer(Context& context) {
    const u64 first = open_after(context), waited = std::max(context.waited, first);
    context.waited = was_of_use(context) ? first : std::min(waited * window_tuning_.longer, window_tuning_.longest);
    context.open_at = context.steps + context.waited;
}

// What it shows goes; where it lies stays reserved. Its address space may be over.
void Mmu::close(Context& context) {
    if (!context.open) return;
    if (context.mode.paging) first_wait_ = was_of_use(context) ? std::max<u64>(first_wait_ / 2, 1) : std::min<u64>(first_wait_ * 2, longest_first_wait);
    context.open = false;
    context.window->hide_everything();
    ++counters_.windows_closed;
}

void Mmu::executed(u64 steps) {
    Context& context = *current_;
    context.steps += steps;
    if (!context.open) {
        if (context.steps >= std::max(open_after(context), context.open_at)) open(context);
        return;
    }
    context.balance = std::min(context.balance + static_cast<i64>(steps), static_cast<i64>(window_tuning_.lent_events * window_tuning_.steps_per_event));
    if (context.balance >= 0 || window_tuning_.open_after == 0) return;
    wait_longer(context);
    close(context);
}

void Mmu::hide(Context& context, u32 first_page, u32 count) {
    if (!context.open || !context.window->hide(first_page, count)) return;
    ++counters_.hidings;
    charge(context, 1);
}

// The host knows only so many pieces. Whole windows are emptied, the one used longest ago first.
void Mmu::limit_pieces(const Context& kept) {
    u32 pieces = 0;
    for (const auto& each : contexts_) pieces += each->open ? each->window->pieces() : 0;
    if (pieces <= window_tuning_.most_pieces) return;
    std::vector<Context*> by_use;
    for (const auto& each : contexts_) by_use.push_back(each.get());
    std::ranges::sort(by_use, {}, &Context::used_at);
    for (Context* each : by_use) {
        Context& context = *each;
        if (pieces <= window_tuning_.most_pieces) break;
        if (!context.open || (&context == &kept && context.window->pieces() < window_tuning_.most_pieces / 2)) continue;
        pieces -= context.window->pieces();
        context.window->hide_everything();
        ++counters_.hidings;
        charge(context, 1);
    }
}

// What lies around a page, as far as a walk sets no bit and so cannot be seen.
void Mmu::walk_ahead(Context& context, u32 page) {
    const bool paging = context.mode.paging;
    const u32 count = paging ? paged_group : group, first = page / count * count;
    for (u32 each = first; each < first + count; ++each) {
        if (context.table(Write)[each] != 0 || (each == page && context.table(Read)[each] != 0)) continue;
        const Walk found = walk({each << page_shift}, Access::Read, context.mode, false);
        if (!found.result.ok || !found.accessed || (context.table(Read)[each] != 0 && !found.writable)) continue;
        const u64 physical = found.result.physical.value >> page_shift;
        if (physical < PhysicalMemory::page_count && memory_.is_ram(static_cast<u32>(physical))) fill(context, {each << page_shift}, Access::Read, found);
    }
}

// Code that is made anew all the time lies in pages that are stored to, executed, and stored to again; to change what the host shows each time costs
// more than stores that are looked at. If the page has settled it is shown again.
bool Mmu::turns_too_often(Context& context, u32 page) {
    Turns& turns = context.turns[page % context.turns.size()];
    const bool is_soon = turns.page == page && context.steps - turns.last < soon;
    if (is_soon && turns.count >= window_tuning_.most_turns) return true;
    turns = {page, is_soon ? turns.count + 1 : 0, context.steps};
    return false;
}

bool Mmu::show(LinearAddress linear, bool write) {
    Context& context = *current_;
    if (!context.open) return false;
    const u32 page = linear.value >> page_shift;
    if (write && context.window->shows(page) && !context.window->shows_writable(page) && turns_too_often(context, page)) return false;
    charge(context, 1);
    // With paging, only where an entry says that the tables are in RAM and watched.
    if (!context.mode.paging || context.table(write ? Write : Read)[page] != 0) walk_ahead(context, page);
    const u64 entry = context.table(write ? Write : Read)[page], ram = reinterpret_cast<u64>(memory_.ram_memory().data());
    const auto in_ram = [&](u32 each, u64 at) { return at != 0 && at + (u64{each} << page_shift) - ram < memory_.ram_size(); };
    if (!in_ram(page, entry)) return false;
    limit_pieces(context);
    show_run(context, page, entry);
    // And what else is known nearby: it is likely to be next.
    const LinearWindow& window = *context.window;
    u32 runs = 0;
    for (u32 each = page / group * group, end = each + group; each < end && runs < most_runs; ++each) {
        const u64 other = context.table(Read)[each];
        if (!in_ram(each, other) || (window.shows(each) && (window.shows_writable(each) || context.table(Write)[each] == 0))) continue;
        show_run(context, each, other);
        ++runs;
    }
    charge(context, runs / 8);
    return window.shows(page);
}

// With its neighbours that lie beside it in RAM too, and are the same as to stores.
void Mmu::show_run(Context& context, u32 page, u64 entry) {
    LinearWindow& window = *context.window;
    const u64 *const read = context.table(Read), *const write = context.table(Write);
    const u64 ram = reinterpret_cast<u64>(memory_.ram_memory().data());
    const bool writable = write[page] != 0;
    const auto joins = [&](u32 each) {
        const bool alike = read[each] == entry && (write[each] != 0) == writable;
        return alike && entry + (u64{each} << page_shift) - ram < memory_.ram_size() && !(window.shows(each) && window.shows_writable(each) == writable);
    };
    u32 first = page, end = page + 1;
    while (first > 0 && page - first < most_in_run && joins(first - 1)) --first;
    while (end < page_count && end - page < most_in_run && joins(end)) ++end;
    if (!window.show(first, end - first, memory_.ram_memory(), entry + (u64{first} << page_shift) - ram, writable)) return static_cast<void>(window.hide(page, 1));
    ++counters_.runs_shown;
    counters_.pages_shown += end - first;
}

}  // namespace retrace
