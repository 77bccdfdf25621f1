#include "tools/fuzz/fuzz_cpu.hpp"

#include <algorithm>

#include "tools/fuzz/guest_cpu.hpp"
#include "tools/fuzz/oracle_client.hpp"

namespace retrace::fuzz {

Tally fuzz_cpu(const Session& session) {
    constexpr u64 batch_size = 256;
    const Decoder decoder{CpuModel::Max};
    CaseMaker maker{decoder, session.filter, session.seed};
    OracleClient oracle{session.oracle};
    GuestCpu guest{CpuModel::Max};
    Tally tally;
    tally.rows = maker.rows_in_use();
    while (tally.cases < session.cases && tally.differences < session.most_reports) {
        std::vector<Case> cases;
        for (u64 left = std::min(batch_size, session.cases - tally.cases); left > 0; --left) cases.push_back(maker.make());
        oracle.begin(cases);
        std::vector<Result> ours;
        for (const Case& one : cases) ours.push_back(guest.run(one));
        const std::vector<Result> hosts = oracle.finish(cases);
        for (std::size_t at = 0; at < cases.size(); ++at) {
            ++tally.cases;
            tally.faults += hosts[at].fault;
            const std::string text = difference(cases[at], ours[at], hosts[at]);
            if (text.empty()) continue;
            if (++tally.differences <= session.most_reports) session.report(describe(cases[at]) + text);
        }
    }
    return tally;
}

}  // namespace retrace::fuzz
