#include "core/memory/mmu.hpp"

#include "core/base/bits.hpp"

namespace retrace {

namespace {

// Page table entries (SDM volume 3, 4.3 and 4.4).
constexpr u64 present = 1, writable = 2, user = 4, accessed = 0x20, dirty = 0x40, large = 0x80, no_execute = u64{1} << 63;
// Page fault error codes (4.7).
constexpr u32 error_present = 1, error_write = 2, error_user = 4, error_reserved = 8, error_fetch = 16;

constexpr u64 a20_bit = u64{1} << 20;

// Bits that must be clear in a present entry (tables 4-4, 4-5, 4-9 to 4-11).
template <bool pae>
u64 reserved_bits(const Mmu::Mode& mode, bool big) {
    if (!pae) {
        if (!big) return 0;
        return mode.large_above_4g ? 0x003e'0000 : 0x003f'f000;
    }
    const u64 high = ~((u64{1} << Mmu::physical_bits) - 1) & ~(mode.no_execute ? no_execute : 0);
    return high | (big ? 0x001f'e000 : 0);
}

}  // namespace

Mmu::Mmu(PhysicalMemory& memory) : memory_{memory} { select({}); }

// `mark` sets accessed and dirty bits.
Mmu::Walk Mmu::walk(LinearAddress linear, Access access, const Mode& mode, bool mark) {
    if (!mode.paging) return {{true, 0, {linear.value & (mode.a20 ? ~u64{0} : ~a20_bit)}}, true, true};
    return mode.pae ? walk_tables<true>(linear, access, mode, mark) : walk_tables<false>(linear, access, mode, mark);
}

// Two levels of 4-byte entries, or with PAE three of 8-byte ones.
template <bool pae>
Mmu::Walk Mmu::walk_tables(LinearAddress linear, Access access, const Mode& mode, bool mark) {
    const u64 a20 = mode.a20 ? ~u64{0} : ~a20_bit;
    const bool write = access == Access::Write;
    const u32 error = (write ? error_write : 0) | (mode.user ? error_user : 0) | (access == Access::Execute && mode.no_execute ? error_fetch : 0);
    const auto fault = [&](u32 bits) { return Walk{{false, bits | error, {}}}; };
    constexpr unsigned width = pae ? 8 : 4;
    const auto page_of = [](PhysicalAddress at) { return static_cast<u32>(at.value >> page_shift); };
    // Nearly always in plain memory.
    const auto read = [&](PhysicalAddress at) {
        const u8* const host = memory_.read_page(page_of(at));
        return host ? load_word(host + (at.value & page_mask), width) : memory_.read(at, width);
    };
    const auto entry_at = [&](u64 table, u32 index) { return PhysicalAddress{(table + u64{index} * width) & a20}; };
    constexpr u64 address_bits = ((u64{1} << physical_bits) - 1) & ~u64{page_mask};

    u64 table = mode.cr3;
    if constexpr (pae) {
        const u64 pointer = mode.pointers[linear.value >> 30];
        if (!(pointer & present)) return fault(0);
        table = pointer & address_bits;
    }
    constexpr unsigned top_shift = pae ? 21 : 22;
    const PhysicalAddress directory_at = entry_at(table, pae ? linear.value >> 21 & 511 : linear.value >> 22);
    u64 directory = read(directory_at);
    if (!(directory & present)) return fault(0);
    const bool big = (directory & large) && (pae || mode.page_size_4m);
    if (directory & reserved_bits<pae>(mode, big)) return fault(error_present | error_reserved);

    PhysicalAddress leaf_at = directory_at;
    u64 leaf = directory;
    if (!big) {
        leaf_at = entry_at(directory & address_bits, pae ? linear.value >> 12 & 511 : linear.value >> 12 & 1023);
        leaf = read(leaf_at);
        if (!(leaf & present)) return fault(0);
        if (leaf & reserved_bits<pae>(mode, false)) return fault(error_present | error_reserved);
    }
    const u64 rights = big ? leaf : leaf & directory;
    const bool may_write = (rights & writable) != 0 || (!mode.user && !mode.write_protect);
    const bool forbidden = access == Access::Execute && mode.no_execute && ((leaf | directory) & no_execute);
    if ((mode.user && !(rights & user)) || (write && !may_write) || forbidden) return fault(error_present);

    const bool was_accessed = (leaf & accessed) && (big || (directory & accessed));
    if (mark) {
        if (!big && !(directory & accessed)) memory_.mark_entry(directory_at, width, directory |= accessed);
        const u64 wanted = leaf | accessed | (write ? dirty : 0);
        if (wanted != leaf) memory_.mark_entry(leaf_at, width, leaf = wanted);
    }
    u64 frame = leaf & address_bits;
    if (big) {
        const u64 offset = (u64{1} << top_shift) - 1;
        if (!pae) frame = (frame & 0xffc0'0000) | (mode.large_above_4g ? (leaf >> 13 & 15) << 32 : 0);
        frame = (frame & ~offset) | (linear.value & offset & ~u64{page_mask});
    }
    return {{true, 0, {(frame | (linear.value & page_mask)) & a20}}, may_write && (leaf & dirty) != 0, was_accessed, page_of(directory_at), big ? no_page : page_of(leaf_at)};
}

PhysicalAddress Mmu::behind_a20(PhysicalAddress address) const { return {current_->mode.a20 ? address.value : address.value & ~a20_bit}; }

void Mmu::fill(Context& context, LinearAddress linear, Access access, const Walk& walk) {
    const u32 page = linear.value >> page_shift;
    const u64 physical_page = walk.result.physical.value >> page_shift;
    if (physical_page >= PhysicalMemory::page_count || !watch(context, page, walk)) return;
    if (notes_.size() >= most_notes_) sort_notes();
    u64 &read = context.table(Read)[page], &write = context.table(Write)[page], &execute = context.table(Execute)[page], &store = context.table(Store)[page];
    ++counters_.fills;
    const u64 linear_page = linear.value & ~page_mask;
    const u32 page_number = static_cast<u32>(physical_page);
    if (access == Access::Execute) execute = physical_page << page_shift | 1;
    if (u8* host = memory_.read_page(page_number)) read = reinterpret_cast<u64>(host) - linear_page;
    // A page that was never written keeps its dirty bit clear until a write walks.
    if (walk.writable) {
        if (u8* host = memory_.write_page(page_number)) {
            if (write == 0) note_writer(context.number, page, page_number);
            write = reinterpret_cast<u64>(host) - linear_page;
        }
        if (u8* host = memory_.store_page(page_number)) store = reinterpret_cast<u64>(host) - linear_page;
        if (memory_.holds_tables(page_number)) context.watched[page % window_count] = {page, page_number};
        if (execute != 0) execute = memory_.only_code_guards(page_number) ? execute | marked : execute & ~marked;
    }
    if (memory_.is_window(page_number)) note_window(context, page, page_number, access, walk.writable);
    context.used[page / unit_pages] |= u64{1} << (page % unit_pages / line_pages);
}

void Mmu::note_window(Context& context, u32 linear_page, u32 physical_page, Access access, bool writable) {
    if (access == Access::Execute) return;
    const auto hit = memory_.window_at(physical_page);
    if (!hit.window) return;
    context.has_windows = true;
    context.window_of(linear_page) = {linear_page, true, writable, hit.window, hit.offset};
}

Mmu::Result Mmu::translate(LinearAddress linear, Access access) {
    ++counters_.walks;
    const Walk found = walk(linear, access, current_->mode, true);
    if (found.result.ok) fill(*current_, linear, access, found);
    return found.result;
}

Mmu::Result Mmu::translate_system(LinearAddress linear, Access access) {
    if (!current_->mode.user) return translate(linear, access);
    ++counters_.walks;
    Context& context = supervisor();
    const Walk found = walk(linear, access, context.mode, true);
    if (found.result.ok) fill(context, linear, access, found);
    return found.result;
}

Mmu::Result Mmu::peek(LinearAddress linear) const {
    Mode mode = current_->mode;
    mode.user = false;
    return const_cast<Mmu*>(this)->walk(linear, Access::Read, mode, false).result;
}

}  // namespace retrace
