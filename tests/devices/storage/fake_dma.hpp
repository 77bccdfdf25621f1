// A DMA channel with memory of its own, for tests of devices on it.
#pragma once

#include <vector>

#include "core/bus/dma.hpp"
#include "core/state/visitor.hpp"

namespace retrace::test {

class FakeDma final : public DmaChannel {
public:
    enum class Direction : u8 { ToMemory, FromMemory, Verify };

    std::vector<u8> memory;

    // Moves `count` bytes, then signals the terminal count and masks itself.
    void program(Direction direction, std::size_t count) {
        direction_ = direction;
        memory.resize(count);
        at_ = 0;
        masked_ = false;
        request(level_);
    }
    [[nodiscard]] std::size_t moved() const { return static_cast<std::size_t>(at_); }
    [[nodiscard]] bool level() const { return level_; }

    void connect(DmaDevice& device) override { device_ = &device; }
    void request(bool high) override {
        level_ = high;
        while (level_ && !masked_ && !moving_) {
            moving_ = true;
            u8& byte = memory[moved()];
            if (direction_ == Direction::ToMemory) byte = static_cast<u8>(device_->dma_read());
            else if (direction_ == Direction::Verify) device_->dma_read();
            else device_->dma_write(byte);
            moving_ = false;
            if (++at_ == memory.size()) {
                masked_ = true;
                device_->dma_terminal_count();
            }
        }
    }

    void visit(StateVisitor& visitor) {
        retrace::visit(visitor, "memory", memory);
        retrace::visit(visitor, "direction", direction_);
        retrace::visit(visitor, "at", at_);
        retrace::visit(visitor, "masked", masked_);
        retrace::visit(visitor, "level", level_);
    }

private:
    DmaDevice* device_ = nullptr;
    Direction direction_ = Direction::ToMemory;
    u64 at_ = 0;
    bool masked_ = true, level_ = false, moving_ = false;
};

}  // namespace retrace::test
