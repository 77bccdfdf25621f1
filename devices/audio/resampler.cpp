#include "devices/audio/resampler.hpp"

#include <algorithm>
#include <utility>

namespace retrace {

void Resampler::level(Moment at, i16 level) {
    advance(at);
    level_ = level;
}

std::vector<i16> Resampler::take(Moment until) {
    advance(until);
    return std::exchange(samples_, {});
}

void Resampler::advance(Moment to) {
    if (to < now_) {  // the machine has travelled: go on from there
        now_ = to;
        return;
    }
    u128 left = u128{to - now_} * samples_per_second_;
    now_ = to;
    while (left >= sample_length_ - filled_) {
        const u64 part = sample_length_ - filled_;
        sum_ += i128{level_} * part;
        left -= part;
        emit();
    }
    sum_ += i128{level_} * static_cast<u64>(left);
    filled_ += static_cast<u64>(left);
}

void Resampler::emit() {
    const i64 mean = static_cast<i64>(sum_ * 65536 / static_cast<i128>(sample_length_));
    sum_ = 0;
    filled_ = 0;
    // A first-order high-pass at 48000 / (2 pi * 1024) = 7.5 Hz.
    coupled_ = coupled_ - coupled_ / 1024 + (mean - last_mean_);
    last_mean_ = mean;
    samples_.push_back(static_cast<i16>(std::clamp<i64>(coupled_ / 65536, -32768, 32767)));
}

}  // namespace retrace
