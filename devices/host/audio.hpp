// Where sound goes. A source tells every change of its level with the moment at which it happens; what becomes samples, and
// when, is the listener's business, and the guest cannot hear it.
#pragma once

#include "core/base/types.hpp"
#include "core/time/moment.hpp"

namespace retrace {

class AudioSink {
public:
    virtual ~AudioSink() = default;
    // From `at` on the source's level is this. Moments rise, except that they start anew after the machine has travelled
    // in time; telling the level it already has changes nothing.
    virtual void level(Moment at, i16 level) = 0;
};

}  // namespace retrace
