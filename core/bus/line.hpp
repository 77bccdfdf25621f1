// Line: a wire. Whoever drives it holds a copy; the far end is told of every change of level.
#pragma once

#include <functional>
#include <memory>
#include <utility>

namespace retrace {

// A handle on one wire. Copies drive the same wire. A default Line is not connected. The level is not state of the wire: the driver
// derives it from its own state, and drives it again in restored(); telling the far end a level it already has changes nothing.
class Line {
public:
    Line() = default;
    // `far_end` is called with every level driven; it must be indifferent to repetition.
    explicit Line(std::function<void(bool)> far_end)
        : far_end_{std::make_shared<std::function<void(bool)>>(std::move(far_end))} {}

    void set(bool high) const { if (far_end_) (*far_end_)(high); }
    void raise() const { set(true); }
    void lower() const { set(false); }
    [[nodiscard]] bool connected() const { return far_end_ != nullptr; }

private:
    std::shared_ptr<std::function<void(bool)>> far_end_;
};

}  // namespace retrace
