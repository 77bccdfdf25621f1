// WiredOr: several drivers of one wire, which is high while any of them is: an ISA interrupt that two cards share.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "core/bus/line.hpp"

namespace retrace {

class WiredOr {
public:
    explicit WiredOr(Line out) : shared_{std::make_shared<Shared>(Shared{std::move(out), {}})} {}

    // One more driver. Levels are not state: drivers drive again in restored().
    [[nodiscard]] Line input() {
        const std::size_t index = shared_->levels.size();
        shared_->levels.push_back(false);
        return Line{[shared = shared_, index](bool high) {
            shared->levels[index] = high;
            bool any = false;
            for (const bool level : shared->levels) any = any || level;
            shared->out.set(any);
        }};
    }

private:
    struct Shared {
        Line out;
        std::vector<bool> levels;
    };
    std::shared_ptr<Shared> shared_;
};

}  // namespace retrace
