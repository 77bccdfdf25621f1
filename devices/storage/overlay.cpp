#include "devices/storage/overlay.hpp"

#include <algorithm>

namespace retrace {

Overlay::Overlay(std::unique_ptr<Medium> base) : base_{std::move(base)} {}

u64 Overlay::size() const {
    const u64 written = pages_.empty() ? 0 : (pages_.rbegin()->first + 1) * page_size;
    return std::max(base_->size(), written);
}

bool Overlay::read(u64 offset, std::span<u8> to) {
    while (!to.empty()) {
        const std::size_t within = offset % page_size, count = std::min<std::size_t>(to.size(), page_size - within);
        const auto part = to.first(count);
        if (const auto found = pages_.find(offset / page_size); found != pages_.end())
            std::copy_n(found->second.begin() + static_cast<std::ptrdiff_t>(within), count, part.begin());
        else if (!base_->read(offset, part)) return false;
        to = to.subspan(count);
        offset += count;
    }
    return true;
}

bool Overlay::write(u64 offset, std::span<const u8> from) {
    while (!from.empty()) {
        const std::size_t within = offset % page_size, count = std::min<std::size_t>(from.size(), page_size - within);
        auto found = pages_.find(offset / page_size);
        if (found == pages_.end()) {
            Page page{};
            if (count < page_size && !base_->read(offset - within, page)) return false;
            found = pages_.emplace(offset / page_size, page).first;
        }
        std::copy_n(from.begin(), count, found->second.begin() + static_cast<std::ptrdiff_t>(within));
        from = from.subspan(count);
        offset += count;
    }
    return true;
}

void Overlay::visit(StateVisitor& visitor) { retrace::visit(visitor, "pages", pages_); }

}  // namespace retrace
