#include "devices/video/beam.hpp"

namespace retrace {

void Beam::set_timing(const VideoTiming& timing, Moment now) {
    if (timing == timing_) return;
    const u64 done = retraces(now);
    const Position at = position(now);
    timing_ = timing;
    const u32 line = at.line < timing.lines ? at.line : 0;
    const u32 column = at.column < timing.columns ? at.column : 0;
    state_.origin = now.step;
    state_.origin_dots = (u64{line} * timing.columns + column) * timing.dots_per_column;
    // Unsigned wrap is meant: the count at the origin comes out as `done`.
    state_.retraces = done - retraces_in(state_.origin_dots);
}

Beam::Position Beam::position(Moment now) const {
    const u64 column = dots(now) / timing_.dots_per_column % (u64{timing_.columns} * timing_.lines);
    return {static_cast<u32>(column / timing_.columns), static_cast<u32>(column % timing_.columns)};
}

bool Beam::display_enabled(Moment now) const {
    const Position at = position(now);
    return at.line < timing_.shown_lines && at.column - timing_.first_shown < timing_.shown_columns;
}

bool Beam::in_retrace(Moment now) const {
    return position(now).line - timing_.retrace_line < timing_.retrace_lines;
}

u64 Beam::retraces(Moment now) const {
    return state_.retraces + retraces_in(dots(now));
}

Moment Beam::next_retrace(Moment now) const {
    const u64 frame = timing_.dots_per_frame();
    const u64 due = retraces_in(dots(now)) * frame + timing_.retrace_dot() - state_.origin_dots;
    return {state_.origin + clock().moment_of(due).step};
}

}  // namespace retrace
