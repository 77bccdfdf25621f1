#include "tools/fuzz/oracle_client.hpp"

#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/ensure.hpp"

namespace retrace::fuzz {

OracleClient::OracleClient(const std::filesystem::path& program) {
    int there[2], back[2];
    if (pipe(there) || pipe(back)) throw HostError("no pipes for the oracle");
    child_ = fork();
    if (child_ < 0) throw HostError("the oracle cannot be started");
    if (child_ == 0) {
        dup2(there[0], 0);
        dup2(back[1], 1);
        for (const int end : {there[0], there[1], back[0], back[1]}) close(end);
        execl(program.c_str(), program.c_str(), static_cast<char*>(nullptr));
        _exit(127);
    }
    close(there[0]);
    close(back[1]);
    to_ = there[1];
    from_ = back[0];
    std::signal(SIGPIPE, SIG_IGN);
}

OracleClient::~OracleClient() {
    close(to_);
    close(from_);
    if (child_ > 0) waitpid(child_, nullptr, 0);
}

void OracleClient::begin(const std::vector<Case>& cases) {
    buffer_.clear();
    const auto put = [&](const void* from, std::size_t bytes) {
        buffer_.insert(buffer_.end(), static_cast<const u8*>(from), static_cast<const u8*>(from) + bytes);
    };
    oracle::Batch batch{static_cast<u32>(cases.size()), 0};
    put(&batch, sizeof batch);
    for (const Case& one : cases) {
        oracle::Request request{};
        request.magic = oracle::magic;
        request.mode = one.mode;
        request.code_bytes = one.code.length;
        std::memcpy(request.code, one.code.bytes.data(), one.code.length);
        request.in = one.state;
        for (unsigned at = 0; at < 6; ++at) request.in.segment[at].base += at == 1 ? oracle::code_base : oracle::data_base;
        request.patches = static_cast<u32>(one.patches.size());
        request.ranges = static_cast<u32>(one.watched.size());
        put(&request, sizeof request);
        for (const Piece& piece : one.patches) {
            const oracle::Range range{oracle::data_base + piece.address, static_cast<u32>(piece.bytes.size())};
            put(&range, sizeof range);
            put(piece.bytes.data(), piece.bytes.size());
        }
        for (oracle::Range range : one.watched) {
            range.address += oracle::data_base;
            put(&range, sizeof range);
        }
    }
    batch.bytes = static_cast<u32>(buffer_.size() - sizeof batch);
    std::memcpy(buffer_.data(), &batch, sizeof batch);
    for (std::size_t at = 0; at < buffer_.size();) {
        const ssize_t count = write(to_, buffer_.data() + at, buffer_.size() - at);
        if (count <= 0) throw HostError("the oracle takes no more cases");
        at += static_cast<std::size_t>(count);
    }
}

void OracleClient::take(void* to, std::size_t bytes) {
    for (u8* at = static_cast<u8*>(to); bytes > 0;) {
        const ssize_t count = read(from_, at, bytes);
        if (count <= 0) {
            int status = 0;
            waitpid(child_, &status, 0);
            child_ = -1;
            throw HostError(WIFSIGNALED(status) ? "the oracle was ended by signal " + std::to_string(WTERMSIG(status))
                                                : "the oracle ended with " + std::to_string(WEXITSTATUS(status)));
        }
        at += count;
        bytes -= static_cast<std::size_t>(count);
    }
}

std::vector<Result> OracleClient::finish(const std::vector<Case>& cases) {
    std::vector<Result> results;
    results.reserve(cases.size());
    for (const Case& one : cases) {
        oracle::Reply reply;
        take(&reply, sizeof reply);
        ENSURE(reply.magic == oracle::magic, "replies come in order");
        Result& result = results.emplace_back();
        result.refused = reply.outcome == oracle::Outcome::Refused || reply.outcome == oracle::Outcome::Timeout;
        result.fault = reply.outcome == oracle::Outcome::Fault;
        result.vector = reply.vector;
        result.error = result.fault ? reply.error : 0;
        result.cr2 = result.fault && reply.vector == 14 ? reply.cr2 - oracle::data_base : 0;
        result.state = reply.out;
        std::memcpy(result.selectors.data(), reply.selector, sizeof reply.selector);
        std::size_t watched = 0;
        for (const oracle::Range& range : one.watched) watched += range.bytes;
        result.watched.resize(watched);
        take(result.watched.data(), watched);
    }
    return results;
}

}  // namespace retrace::fuzz
