// Resampler: levels at moments become samples at a steady rate, for the front end to play.
//
// Each sample is the exact mean of the level over its time (a box filter: tones above the sample rate fade instead of folding back as
// they are), and what stays constant is taken away, as the capacitor before a loudspeaker does. Integers throughout, so that the same
// run gives the same samples.
#pragma once

#include <vector>

#include "core/time/frequency.hpp"
#include "devices/host/audio.hpp"

namespace retrace {

class Resampler final : public AudioSink {
public:
    explicit Resampler(StepRate rate, unsigned samples_per_second = 48'000)
        : samples_per_second_{samples_per_second}, sample_length_{rate.steps_per_second} {}

    void level(Moment at, i16 level) override;
    // The samples that are over by `until`, each given once.
    std::vector<i16> take(Moment until);

private:
    void advance(Moment to);
    void emit();

    // Time within a sample counts in parts of a step: a step has samples_per_second_ of them, a sample sample_length_.
    u64 samples_per_second_, sample_length_;
    Moment now_{};
    i64 level_ = 0;
    u64 filled_ = 0;        // how much of the current sample is over
    i128 sum_ = 0;          // level * time in it
    i64 last_mean_ = 0;
    i64 coupled_ = 0;       // the sample without its constant part, in 1/65536
    std::vector<i16> samples_;
};

}  // namespace retrace
