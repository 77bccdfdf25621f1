#include "devices/audio/speaker.hpp"

#include "tests/devices/contract.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

struct SpeakerBench : DeviceBench, AudioSink {
    Speaker speaker{scheduler, *this};
    Line tone = speaker.tone(), data = speaker.data();

    SpeakerBench() { add(speaker); poke(0x80, 0x80); }
    void level(Moment at, i16 level) override { sense("level " + std::to_string(at.step) + " " + std::to_string(level)); }
    void disturb(Dice& dice) override { (dice.one_in(2) ? tone : data).set(dice.one_in(2)); }
};

}  // namespace

TEST_CASE("the speaker keeps the device contract") { check_device_contract<SpeakerBench>(); }

TEST_CASE_METHOD(SpeakerBench, "the speaker moves when tone and data are both high, at that moment") {
    scheduler.run(5);
    tone.raise();
    scheduler.run(5);
    data.raise();
    scheduler.run(7);
    tone.lower();
    tone.lower();
    CHECK(take_record() == std::vector<std::string>{"10 level 10 10000", "17 level 17 0"});
}
