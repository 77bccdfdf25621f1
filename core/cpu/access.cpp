// Memory as instructions see it, the slow way: every check, windows, stores into code, operands that cross a page.
#include <cstring>
#include <utility>

#include "core/base/bits.hpp"
#include "core/cpu/cpu.hpp"

namespace retrace {

namespace {
// 1, 2, 4 or 8 bytes. (std::has_single_bit is a call where the host may lack POPCNT.)
constexpr bool is_word(unsigned bytes) { return (bytes & (bytes - 1)) == 0; }
}  // namespace

bool Cpu::check_segment(unsigned segment, u32 offset, unsigned bytes, bool write) {
    return check_segment(state.segment[segment], segment == static_cast<unsigned>(Segment::Ss), offset, bytes, write);
}

bool Cpu::check_segment(const SegmentRegister& s, bool stack, u32 offset, unsigned bytes, bool write) {
    const u64 last = u64{offset} + bytes - 1;
    const bool allowed = s.present() && (write ? s.writable() : s.readable());
    const bool inside = s.expands_down() ? offset > s.limit && last <= (s.big() ? 0xffffffffu : 0xffffu) : last <= s.limit;
    if (allowed && inside) [[likely]] return true;
    // The 286 in real mode knows no stack fault.
    const bool stack_fault = stack && (at_least(CpuModel::I386) || protected_mode());
    return raise(stack_fault ? vector::SS : vector::GP, 0);
}

// Splits at the page boundary; `split` bytes lie at the first address.
bool Cpu::locate_physical(u32 linear, unsigned bytes, Access access, bool system, Place& place) {
    const auto translate = [&](u32 address, PhysicalAddress& to) {
        const auto result = system ? mmu.translate_system({address}, access) : mmu.translate({address}, access);
        if (!result.ok) return page_fault({address}, result.error);
        to = result.physical;
        return true;
    };
    place.host = nullptr;
    place.bytes = bytes;
    place.split = std::min(bytes, page_size - (linear & page_mask));
    if (!translate(linear, place.at[0]) || (place.split < bytes && !translate(linear + place.split, place.at[1]))) return false;
    if (watched_.data()) [[unlikely]] match_breakpoints(watched_.accesses | (access == Access::Write ? watched_.writes : 0), linear, bytes);
    return true;
}

bool Cpu::locate_linear(u32 linear, unsigned bytes, Access access, bool system, Place& place) {
    u8* const host = watched_.data() ? nullptr : mmu.direct(linear, bytes, access, system);
    if (!host) return locate_physical(linear, bytes, access, system, place);
    place.bytes = place.split = bytes;
    place.host = host;
    place.protections = mmu.protections();
    place.linear = linear;
    place.system = system;
    return true;
}

bool Cpu::locate(const SegmentRegister& s, bool stack, u32 offset, unsigned bytes, Access access, bool system, Place& place) {
    const u32 base = s.base;
    if (model_ == CpuModel::I8086 && offset + bytes > 0x10000) {  // the 8086 goes on at offset 0
        Place low, high;
        const unsigned first = 0x10000 - offset;
        if (!locate_physical(base + offset, first, access, false, low) || !locate_physical(base, bytes - first, access, false, high)) return false;
        place = {.at = {low.at[0], high.at[0]}, .split = first, .bytes = bytes};
        return true;
    }
    if (!check_segment(s, stack, offset, bytes, access == Access::Write)) return false;
    const u32 linear = base + offset;
    if (alignment_checked_ && !system && bytes <= 8 && (linear & (bytes - 1)) != 0) return raise(vector::AC, 0);
    return locate_linear(linear, bytes, access, system, place);
}

u64 Cpu::load_place(const Place& place) {
    if (place.host) return load_word(place.host, place.bytes);
    const auto part = [&](PhysicalAddress from, unsigned bytes) -> u64 {
        const bool device = memory.is_window(static_cast<u32>(from.value >> page_shift));
        if (device) synchronise();
        u64 value = 0;
        if (is_word(bytes)) value = memory.read(from, bytes);
        else for (unsigned i = 0; i < bytes; ++i) value |= memory.read({from.value + i}, 1) << (8 * i);
        if (device) device_called();
        return value;
    };
    u64 value = part(place.at[0], place.split);
    if (place.split < place.bytes) value |= part(place.at[1], place.bytes - place.split) << (8 * place.split);
    return value;
}

void Cpu::store_place(const Place& place, u64 value) {
    if (place.host && place.protections != mmu.protections()) {   // perhaps of this page
        Place now;
        static_cast<void>(locate_physical(place.linear, place.bytes, Access::Write, place.system, now));
        return store_place(now, value);
    }
    if (place.host) return store_word(place.host, place.bytes, value);
    const auto part = [&](PhysicalAddress to, unsigned bytes, u64 data) {
        const bool device = memory.is_window(static_cast<u32>(to.value >> page_shift));
        if (device) synchronise();
        if (is_word(bytes)) memory.write(to, bytes, data);
        else for (unsigned i = 0; i < bytes; ++i) memory.write({to.value + i}, 1, data >> (8 * i) & 0xff);
        if (device) device_called();
    };
    part(place.at[0], place.split, value);
    if (place.split < place.bytes) part(place.at[1], place.bytes - place.split, value >> (8 * place.split));
}

// What the fast path has refused: within a plain segment it was for the page alone.
inline bool Cpu::locate_refused(unsigned segment, u32 offset, unsigned width, Access access, u64 end, Place& place) {
    if (u64{offset} + width > end) return locate(segment, offset, width, access, place);
    return locate_physical(this->access[segment].base + offset, width, access, false, place);
}

// The page of a device's window that an operand lies in, where a walk has been there before; null: the long way.
inline const Mmu::WindowPage* Cpu::in_window(unsigned segment, u32 offset, unsigned width, u64 end) const {
    const u32 linear = access[segment].base + offset;
    const auto* page = mmu.window_at(linear);
    return page && u64{offset} + width <= end && (linear & page_mask) <= page_size - width ? page : nullptr;
}

Cpu::Loaded Cpu::read_slow(unsigned segment, u32 offset, unsigned width) {
    if (const auto* page = in_window(segment, offset, width, access[segment].readable_end); page && page->readable) {
        synchronise();
        const u64 value = page->window->mmio_read(page->offset | ((access[segment].base + offset) & page_mask), width);
        device_called();
        return {value & ~u64{0} >> (64 - 8 * width), true};
    }
    Place place;
    if (!locate_refused(segment, offset, width, Access::Read, access[segment].readable_end, place)) return {};
    return {load_place(place), true};
}

// The host address of an operand in a page that only its decoded code keeps from the fast path; null if anything else is in the way.
u8* Cpu::beside_code(unsigned segment, u32 offset, unsigned width, PhysicalAddress& physical) const {
    const u32 linear = access[segment].base + offset, page = linear >> page_shift, in_page = linear & page_mask;
    const u64 executed = mmu.execute_table[page], entry = mmu.read_table[page];
    if (!(executed & Mmu::marked) || entry == 0 || in_page > page_size - width || u64{offset} + width > access[segment].writable_end) return nullptr;
    physical = {(executed & ~u64{page_mask}) | in_page};
    return memory.only_code_guards(static_cast<u32>(executed >> page_shift)) ? reinterpret_cast<u8*>(entry + linear) : nullptr;
}

// True for an operand in a watched page of tables that may be stored to; a walk has found it so.
bool Cpu::in_tables(unsigned segment, u32 offset, unsigned width, PhysicalAddress& physical) const {
    const u32 linear = access[segment].base + offset, in_page = linear & page_mask;
    const auto* page = mmu.watched_at(linear);
    if (!page || in_page > page_size - width || u64{offset} + width > access[segment].writable_end) return false;
    physical = {u64{page->physical_page} << page_shift | in_page};
    return true;
}

void Cpu::release_tables(unsigned segment, u32 offset, u32 bytes) {
    constexpr u32 enough = 256;   // fewer may well be entries
    PhysicalAddress physical;
    if (bytes < enough || !in_tables(segment, offset, 1, physical)) return;
    if (!mmu.release(*mmu.watched_at(access[segment].base + offset))) return;
    run.stop = true;
    update_generation();
}

bool Cpu::write_slow(unsigned segment, u32 offset, unsigned width, u64 value) {
    PhysicalAddress physical;
    if (mmu.read_table[(access[segment].base + offset) >> page_shift] == 0) {   // a device's window, or a page not seen yet
        if (const auto* page = in_window(segment, offset, width, access[segment].writable_end); page && page->writable) {
            synchronise();
            page->window->mmio_write(page->offset | ((access[segment].base + offset) & page_mask), width, value);
            device_called();
            return true;
        }
    } else if (in_tables(segment, offset, width, physical)) {
        memory.write(physical, width, value);
        return true;
    } else if (u8* host = beside_code(segment, offset, width, physical); host && !memory.code_at(physical, width)) {   // most often: data beside code
        store_word(host, width, value);
        return true;
    }
    Place place;
    if (!locate_refused(segment, offset, width, Access::Write, access[segment].writable_end, place)) return false;
    store_place(place, value);
    return true;
}

Cpu::Loaded Cpu::modify_slow(unsigned segment, u32 offset, unsigned width) {
    PhysicalAddress physical;
    if (const u8* host = beside_code(segment, offset, width, physical)) {
        modified_ = {.at = {physical}, .split = width, .bytes = width};
        return {load_word(host, width), true};
    }
    if (in_tables(segment, offset, width, physical)) {
        modified_ = {.at = {physical}, .split = width, .bytes = width};
        return {memory.read(physical, width), true};
    }
    if (!locate_refused(segment, offset, width, Access::Write, access[segment].writable_end, modified_)) return {};
    return {load_place(modified_), true};
}

void Cpu::write_back_slow(u64 value) { store_place(modified_, value); }

// Longer operands go piece by piece, after every piece was found accessible. Before the 386 offsets go on at 0; since then the whole operand
// must lie within the segment.
template <class F>
bool Cpu::each_piece(unsigned segment, u32 offset, std::size_t bytes, unsigned alignment, Access access, F&& f) {
    const bool wraps = model_ < CpuModel::I386;
    const u32 linear = state.segment[segment].base + offset;
    if (!wraps) {
        if (!check_segment(segment, offset, static_cast<unsigned>(bytes), access == Access::Write)) return false;
        if (alignment_checked_ && (linear & (alignment - 1)) != 0) return raise(vector::AC, 0);
    }
    for (const bool doing : {false, true})
        for (std::size_t done = 0; done < bytes; done += 8) {
            Place place;
            const u32 at = static_cast<u32>(done);
            const auto size = static_cast<unsigned>(std::min<std::size_t>(8, bytes - done));
            if (wraps ? !locate(segment, (offset + at) & 0xffff, size, access, place) : !locate_linear(linear + at, size, access, false, place)) return false;
            if (doing) f(place, done);
        }
    return true;
}

bool Cpu::read_bytes(unsigned segment, u32 offset, std::span<u8> to, unsigned alignment) {
    return each_piece(segment, offset, to.size(), alignment, Access::Read, [&](const Place& place, std::size_t done) {
        const u64 value = load_place(place);
        for (unsigned i = 0; i < place.bytes; ++i) to[done + i] = static_cast<u8>(value >> (8 * i));
    });
}

bool Cpu::write_bytes(unsigned segment, u32 offset, std::span<const u8> from, unsigned alignment) {
    return each_piece(segment, offset, from.size(), alignment, Access::Write, [&](const Place& place, std::size_t done) {
        u64 value = 0;
        for (unsigned i = 0; i < place.bytes; ++i) value |= u64{from[done + i]} << (8 * i);
        store_place(place, value);
    });
}

bool Cpu::check_write(unsigned segment, u32 offset, unsigned bytes) {
    Place place;
    return locate(segment, offset, bytes, Access::Write, place);
}

// ---- the system's own accesses

Cpu::Loaded Cpu::read_system_slow(u32 linear, unsigned width) {
    Place place;
    if (!locate_linear(linear, width, Access::Read, true, place)) return {};
    return {load_place(place), true};
}

bool Cpu::write_system(u32 linear, unsigned width, u64 value) {
    Place place;
    if (!locate_linear(linear, width, Access::Write, true, place)) return false;
    store_place(place, value);
    return true;
}

bool Cpu::check_system(u32 linear, unsigned bytes, Access access) {
    const auto watched = std::exchange(watched_, {});   // nothing is accessed yet
    bool ok = true;
    for (u32 done = 0; ok && done < bytes; done += page_size - ((linear + done) & page_mask)) {
        Place place;
        ok = locate_linear(linear + done, 1, access, true, place);
    }
    watched_ = watched;
    return ok;
}

}  // namespace retrace
