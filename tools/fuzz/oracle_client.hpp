// The hardware oracle from the outside: a 32-bit child process that gets batches of cases over pipes and answers when all have been run.
#pragma once

#include <filesystem>
#include <sys/types.h>

#include "tools/fuzz/case.hpp"

namespace retrace::fuzz {

class OracleClient {
public:
    explicit OracleClient(const std::filesystem::path& program);
    ~OracleClient();
    OracleClient(const OracleClient&) = delete;
    OracleClient& operator=(const OracleClient&) = delete;

    // Sends; the oracle works while the caller does.
    void begin(const std::vector<Case>& cases);
    std::vector<Result> finish(const std::vector<Case>& cases);

private:
    void take(void* to, std::size_t bytes);

    int to_ = -1, from_ = -1;
    pid_t child_ = -1;
    std::vector<u8> buffer_;
};

}  // namespace retrace::fuzz
