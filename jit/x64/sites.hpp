// Sites: the host instructions of emitted code that access guest memory through a window (core/memory/linear_window.hpp), and so may fault; each
// with the place where its whole guest instruction is handed to its handler instead. In the order of the code.
#pragma once

#include <algorithm>
#include <vector>

#include "core/base/types.hpp"

namespace retrace::jit {

struct Block;

struct Site {
    u32 at = 0;               // offset in the code cache
    u32 other_way = 0;        // the same of what is done instead
    Block* block = nullptr;   // lives as long as its code can run
    u8 index = 0;             // of the guest's instruction in the block
    u8 missed = 0;            // how often there was nothing to show in the window
};

class Sites {
public:
    // Of code that lies at `code`, as it is executed.
    explicit Sites(u8* code) : code_{code} {}

    void add(const Site& site) { all_.push_back(site); }
    [[nodiscard]] std::size_t count() const { return all_.size(); }
    [[nodiscard]] Site& operator[](std::size_t n) { return all_[n]; }
    // Code from `at` on is overwritten.
    void truncate(std::size_t at) {
        while (!all_.empty() && all_.back().at >= at) all_.pop_back();
    }
    [[nodiscard]] Site* find(u64 instruction_pointer) {
        const u64 at = instruction_pointer - reinterpret_cast<u64>(code_);
        const auto found = std::ranges::lower_bound(all_, at, {}, [](const Site& site) { return u64{site.at}; });
        return found != all_.end() && found->at == at ? &*found : nullptr;
    }
    [[nodiscard]] u64 other_way(const Site& site) const { return reinterpret_cast<u64>(code_ + site.other_way); }

private:
    u8* code_;
    std::vector<Site> all_;
};

}  // namespace retrace::jit
