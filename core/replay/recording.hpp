// Recording: what came into a machine from outside, and when. Together with the start state it is the whole run.
#pragma once

#include <string>
#include <vector>

#include "core/state/visitor.hpp"
#include "core/time/moment.hpp"

namespace retrace {

// One input: bytes for a named entrance ("keyboard", "serial1", ...), whose owner knows what they mean.
struct RecordedInput {
    u64 step = 0;          // the moment at which it entered
    std::string entrance;
    std::vector<u8> data;
};

struct Recording {
    std::vector<RecordedInput> inputs;  // ascending by step
};

template <>
inline constexpr auto fields<RecordedInput> = describe(
    field("step", &RecordedInput::step), field("entrance", &RecordedInput::entrance), field("data", &RecordedInput::data));

template <>
inline constexpr auto fields<Recording> = describe(field("inputs", &Recording::inputs));

}  // namespace retrace
