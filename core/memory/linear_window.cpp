#include "core/memory/linear_window.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "core/base/ensure.hpp"

namespace retrace {

namespace {

constexpr u64 guard_bytes = 64 << 10;   // more than any operand
constexpr int nothing = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;

}  // namespace

std::unique_ptr<LinearWindow> LinearWindow::reserve() {
    if (sysconf(_SC_PAGESIZE) != page_size) return nullptr;
    // At a multiple of what a large page of the host is, so that whole ones can be mapped.
    constexpr u64 large = u64{2} << 20;
    void* const got = mmap(nullptr, size + guard_bytes + large, PROT_NONE, nothing, -1, 0);
    if (got == MAP_FAILED) return nullptr;
    u8* const from = static_cast<u8*>(got);
    const u64 skipped = (large - reinterpret_cast<u64>(from) % large) % large;
    if (skipped != 0) munmap(from, skipped);
    if (skipped != large) munmap(from + skipped + size + guard_bytes, large - skipped);
    return std::unique_ptr<LinearWindow>{new LinearWindow{from + skipped}};
}

LinearWindow::~LinearWindow() { munmap(base_, size + guard_bytes); }

void LinearWindow::set(HostMemory& bits, u32 first, u32 count, bool value) {
    u64* const words = reinterpret_cast<u64*>(bits.data());
    for (u32 page = first; page < first + count;) {
        if (page % 64 == 0 && first + count - page >= 64) {
            words[page / 64] = value ? ~u64{0} : 0;
            page += 64;
            continue;
        }
        const u64 mask = u64{1} << (page % 64);
        if (value) words[page / 64] |= mask;
        else words[page / 64] &= ~mask;
        ++page;
    }
}

bool LinearWindow::show(u32 first, u32 count, const HostMemory& memory, u64 offset, bool writable) {
    if (memory.object() < 0) return false;
    void* const at = base_ + (u64{first} << page_shift);
    if (mmap(at, u64{count} << page_shift, writable ? PROT_READ | PROT_WRITE : PROT_READ, MAP_SHARED | MAP_FIXED | MAP_NORESERVE, memory.object(), static_cast<off_t>(offset)) == MAP_FAILED) return false;
    set(shown_, first, count, true);
    set(writable_, first, count, writable);
    pieces_ += 2;
    return true;
}

bool LinearWindow::hide(u32 first, u32 count) {
    if (pieces_ == 0) return false;
    if (count == page_count) {
        hide_everything();
        return true;
    }
    // From the first page that is shown to the last.
    u32 end = first + count;
    while (first < end && !shows(first)) ++first;
    while (end > first && !shows(end - 1)) --end;
    if (first == end) return false;
    set(shown_, first, end - first, false);
    set(writable_, first, end - first, false);
    // A host that knows too many pieces already refuses one more; fewer it does not.
    if (mmap(base_ + (u64{first} << page_shift), u64{end - first} << page_shift, PROT_NONE, nothing | MAP_FIXED, -1, 0) == MAP_FAILED) hide_everything();
    else pieces_ += 2;
    return true;
}

bool LinearWindow::make_read_only(u32 page) {
    if (!shows_writable(page)) return false;
    set(writable_, page, 1, false);
    if (mprotect(base_ + (u64{page} << page_shift), page_size, PROT_READ) != 0) hide_everything();
    else pieces_ += 2;
    return true;
}

void LinearWindow::hide_everything() {
    if (pieces_ == 0) return;
    ENSURE(mmap(base_, size, PROT_NONE, nothing | MAP_FIXED, -1, 0) != MAP_FAILED, "address space can be given back");
    shown_.clear();
    writable_.clear();
    pieces_ = 0;
}

}  // namespace retrace
