#include "tools/fuzz/fuzz_cpu.hpp"

#include <algorithm>
#include <deque>
#include <map>

#include "tools/fuzz/guest_cpu.hpp"
#include "tools/fuzz/oracle_client.hpp"
#include "tools/fuzz/smallest.hpp"

namespace retrace::fuzz {
namespace {

Piece blank_memory() { return {0, std::vector<u8>(oracle::data_size)}; }

}  // namespace

Tally fuzz_cpu(const Session& session) {
    constexpr std::size_t batch_size = 256;
    constexpr u64 checked_batches = 32;  // how often all of memory is compared: a write that no case watched
    const Decoder decoder{CpuModel::Max};
    CaseMaker maker{decoder, session.filter, session.seed};
    OracleClient oracle{session.oracle};
    GuestCpu guest{CpuModel::Max};
    Tally tally;
    tally.rows = maker.rows_in_use();
    std::map<std::string, unsigned> reported;
    u64 made = 0, batches = 0;

    const auto compare = [&](const Case& one) {
        oracle.begin({one});
        const Result ours = guest.run(one);
        return difference(one, ours, oracle.finish({one})[0]);
    };
    std::deque<Case> waiting;
    while (tally.cases < session.cases && tally.differences < session.most_differences) {
        for (; waiting.size() < batch_size && made < session.cases; ++made) waiting.push_back(maker.make());
        if (session.watch)
            for (Case& one : waiting)
                if (one.watched.empty() || one.watched.back().address != *session.watch) one.watched.push_back({*session.watch, 16});
        std::vector<Case> cases{waiting.begin(), waiting.end()};
        if (++batches % checked_batches == 0) cases.back().watched.push_back({0, oracle::data_size});
        oracle.begin(cases);
        std::vector<Result> ours;
        for (const Case& one : cases) ours.push_back(guest.run(one));
        const std::vector<Result> hosts = oracle.finish(cases);
        for (std::size_t at = 0; at < cases.size(); ++at) {
            waiting.pop_front();
            ++tally.cases;
            tally.faults += hosts[at].fault;
            const std::string text = difference(cases[at], ours[at], hosts[at]);
            if (text.empty()) continue;
            ++tally.differences;
            const std::string name = mnemonic_of(cases[at]);
            if (++reported[name] <= session.reports_of_each) session.report(smallest(cases[at], text, compare));
            // What follows began from other memory on either side: from equal memory once more.
            Case clean = cases[at];
            clean.patches = {blank_memory()};
            compare(clean);
            if (!waiting.empty()) waiting.front().patches.insert(waiting.front().patches.begin(), blank_memory());
            break;
        }
    }
    for (const auto& [name, count] : reported) tally.by_mnemonic.emplace_back(name, count);
    return tally;
}

}  // namespace retrace::fuzz
