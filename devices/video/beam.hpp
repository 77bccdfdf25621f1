// Beam: where the electron beam is, computed from the virtual time and the programmed timing; nothing ticks.
#pragma once

#include "core/state/describe.hpp"
#include "core/time/frequency.hpp"

namespace retrace {

// The shape of a frame in time, in dots of the master clock and in lines. A frame begins with its first line shown.
struct VideoTiming {
    bool fast_clock = false;             // 28.322 MHz, not 25.175 MHz
    u32 dots_per_column = 8;             // of the master clock
    u32 columns = 5, first_shown = 0, shown_columns = 1;
    u32 lines = 2, shown_lines = 1;
    u32 retrace_line = 1, retrace_lines = 1;

    bool operator==(const VideoTiming&) const = default;
    [[nodiscard]] u64 dots_per_line() const { return u64{dots_per_column} * columns; }
    [[nodiscard]] u64 dots_per_frame() const { return dots_per_line() * lines; }
    // The vertical retrace; a start that no line reaches counts as the end of the frame.
    [[nodiscard]] u64 retrace_dot() const { return retrace_line < lines ? dots_per_line() * retrace_line : 0; }
};

class Beam {
public:
    struct State {
        u64 origin = 0;        // the moment since which the timing stands
        u64 origin_dots = 0;   // how far into a frame it was then
        u64 retraces = 0;      // vertical retraces begun, up to the frame that was on at the origin
    };
    struct Position {
        u32 line = 0, column = 0;
    };

    // `state` is part of the chip's.
    Beam(StepRate rate, State& state) : rate_{rate}, state_{state} {}

    // From `now` the frame has this shape; the beam stays on its line and column as far as they still exist.
    void set_timing(const VideoTiming& timing, Moment now);
    // After loading: the timing that the loaded state belongs to.
    void restore_timing(const VideoTiming& timing) { timing_ = timing; }
    [[nodiscard]] const VideoTiming& timing() const { return timing_; }

    [[nodiscard]] Position position(Moment now) const;
    [[nodiscard]] bool display_enabled(Moment now) const;
    [[nodiscard]] bool in_retrace(Moment now) const;
    // Vertical retraces begun since the beginning.
    [[nodiscard]] u64 retraces(Moment now) const;
    // The first moment later than `now` at which retraces() is greater.
    [[nodiscard]] Moment next_retrace(Moment now) const;

private:
    [[nodiscard]] Frequency clock() const { return {rate_, timing_.fast_clock ? 28'322'000u : 25'175'000u}; }
    // Dots since the beginning of the frame that was on at the origin.
    [[nodiscard]] u64 dots(Moment now) const { return state_.origin_dots + clock().ticks_at({now.step - state_.origin}); }
    // Retraces begun that many dots after the beginning of a frame.
    [[nodiscard]] u64 retraces_in(u64 dots) const { return (dots + timing_.dots_per_frame() - timing_.retrace_dot()) / timing_.dots_per_frame(); }

    StepRate rate_;
    State& state_;
    VideoTiming timing_;
};

template <> inline constexpr auto fields<Beam::State> = describe(
    field("origin", &Beam::State::origin),
    field("origin_dots", &Beam::State::origin_dots),
    field("retraces", &Beam::State::retraces));

}  // namespace retrace
