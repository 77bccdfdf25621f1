// Dice: numbers that look random and are the same in every run, from a seed that a failing test can name.
#pragma once

#include <vector>

#include "core/base/types.hpp"

namespace retrace::test {

class Dice {
public:
    explicit Dice(u64 seed) : seed_{seed}, state_{seed * 0x9e3779b97f4a7c15 + 0x632be59bd9b4e019} {}

    // The next 64 bits (SplitMix64).
    u64 roll() {
        u64 z = (state_ += 0x9e3779b97f4a7c15);
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    u64 below(u64 limit) { return roll() % limit; }
    u64 between(u64 low, u64 high) { return low + roll() % (high - low + 1); }
    bool one_in(u64 n) { return below(n) == 0; }
    u8 byte() { return static_cast<u8>(roll() >> 32); }
    [[nodiscard]] u64 seed() const { return seed_; }

private:
    u64 seed_, state_;
};

// The dice of seeds 1 to `count`.
inline std::vector<Dice> seeds(u64 count) {
    std::vector<Dice> all;
    for (u64 seed = 1; seed <= count; ++seed) all.emplace_back(seed);
    return all;
}

}  // namespace retrace::test
