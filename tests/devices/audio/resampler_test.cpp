#include "devices/audio/resampler.hpp"

#include <algorithm>
#include <numeric>

#include <catch2/catch.hpp>

using namespace retrace;

TEST_CASE("a second of steps is a second of samples, however it is cut") {
    Resampler whole{StepRate{1'234'567}}, cut{StepRate{1'234'567}};
    std::vector<i16> pieces;
    for (u64 step = 0; step < 1'234'567; step += 617) {
        const i16 level = step / 617 % 2 ? i16{9000} : i16{0};
        whole.level({step}, level);
        cut.level({step}, level);
        const auto piece = cut.take({step + step % 600});
        pieces.insert(pieces.end(), piece.begin(), piece.end());
    }
    const auto rest = cut.take({1'234'567});
    pieces.insert(pieces.end(), rest.begin(), rest.end());
    const auto samples = whole.take({1'234'567});
    CHECK(samples.size() == 48'000);
    CHECK(samples == pieces);
}

TEST_CASE("a sample is the mean of the level over its time") {
    Resampler resampler{StepRate{480'000}};  // ten steps a sample
    resampler.level({0}, 0);
    resampler.level({10}, 1000);
    resampler.level({13}, 0);
    const auto samples = resampler.take({30});
    REQUIRE(samples.size() == 3);
    CHECK(samples[0] == 0);
    CHECK(samples[1] == 300);
    CHECK(std::abs(samples[2]) <= 1);
}

TEST_CASE("a square wave keeps its pitch and height") {
    Resampler resampler{StepRate{48'000'000}};
    for (u64 half = 0; half < 880 * 2; ++half) resampler.level({half * 48'000'000 / 1760}, half % 2 ? i16{10'000} : i16{0});
    const auto samples = resampler.take({48'000'000});
    unsigned crossings = 0;
    for (std::size_t i = 1; i < samples.size(); ++i) crossings += samples[i - 1] < 0 && samples[i] >= 0;
    CHECK(crossings >= 870);
    CHECK(crossings <= 880);
    const auto [least, most] = std::minmax_element(samples.begin() + 24'000, samples.end());
    CHECK(*most - *least >= 9'900);
    CHECK(*most - *least <= 10'200);
    const i64 sum = std::accumulate(samples.begin() + 24'000, samples.end(), i64{0});
    CHECK(std::abs(sum / 24'000) < 100);
}

TEST_CASE("a tone far above hearing leaves its mean, which fades, and a silent speaker is silence") {
    Resampler resampler{StepRate{48'000'000}};
    for (u64 step = 0; step < 24'000'000; step += 100) resampler.level({step}, step / 100 % 2 ? i16{10'000} : i16{0});
    const auto loud = resampler.take({24'000'000});
    CHECK(*std::max_element(loud.begin() + 12'000, loud.end()) < 50);
    resampler.level({24'000'000}, 0);
    const auto quiet = resampler.take({72'000'000});
    CHECK(std::all_of(quiet.begin() + 40'000, quiet.end(), [](i16 sample) { return std::abs(sample) <= 1; }));
}

TEST_CASE("after travelling back sound goes on from there") {
    Resampler resampler{StepRate{480'000}};
    resampler.level({1'000'000}, 1000);
    (void)resampler.take({1'000'000});
    resampler.level({500}, 0);
    CHECK(resampler.take({980}).size() == 48);
}
