// ENSURE checks what must hold unless we made a mistake. It is on in every build.
// What a guest or a user can cause is never checked with it.
#pragma once

#include <stdexcept>
#include <string>

namespace retrace {

// A mistake of ours. The machine adds moment and cs:eip when it reports one.
class InternalError : public std::logic_error {
public:
    using std::logic_error::logic_error;
};

// Trouble outside the machine: a file, a device of the host, a value the user gave. The text is one
// sentence for the user. Thrown by constructors and loaders only.
class HostError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

[[noreturn]] void ensure_failed(const char* condition, const std::string& why, const char* file, int line);

}  // namespace retrace

#define ENSURE(condition, why)                                                    \
    do {                                                                          \
        if (!(condition)) [[unlikely]]                                            \
            ::retrace::ensure_failed(#condition, (why), __FILE__, __LINE__);      \
    } while (false)
