// What a guest writes: kept through its resets, in the image file only if that was asked for, and safe if we are killed. And two runs of
// one command are the same run.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/paths.hpp"
#include "tests/support/process.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace::test;

namespace {

using Words = std::vector<std::string>;

std::string content(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

// A floppy of our own with DOS on it.
std::optional<std::string> dos_floppy(const TemporaryFolder& folder) {
    const auto guest = shared_file("guests/freedos-1440.img");
    if (!guest) {
        say_skipped("no guest freedos-1440.img");
        return std::nullopt;
    }
    const auto image = (folder.path / "dos.img").string();
    std::filesystem::copy_file(*guest, image);
    std::filesystem::permissions(image, std::filesystem::perms::owner_write, std::filesystem::perm_options::add);
    return image;
}

Outcome retrace_with(const std::string& image, Words words) {
    const auto binary = retrace_binary();
    REQUIRE(binary);
    words.insert(words.begin(), {binary->string(), "--display", "none", "--timeout", "100", "--speed", "486dx-33", "--fda", image});
    return run(words);
}

// Writes a file, resets the machine with its keys, and finds the file again.
const Words write_reset_read{"--expect", "A:\\>", "--type", "echo kept in the image > new.txt\\ncls\\n", "--wait", "1", "--key", "ctrl-alt-del",
                             "--expect", "Booting from floppy", "--expect", "A:\\>", "--type", "cls\\ntype new.txt\\n", "--expect", "\nkept in the image"};

Words with(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

std::string digest_in(const std::filesystem::path& statistics) {
    const auto text = content(statistics);
    const auto at = text.find("\"digest\": \"");
    return at == std::string::npos ? "" : text.substr(at + 11, 16);
}

}  // namespace

TEST_CASE("without --writable a file written is there after a reset, and the image file is as it was") {
    const TemporaryFolder folder;
    const auto image = dos_floppy(folder);
    if (!image) return;
    const auto before = content(*image);
    const auto outcome = retrace_with(*image, write_reset_read);
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    CHECK(content(*image) == before);
}

TEST_CASE("with --writable what was written is in the image file") {
    const TemporaryFolder folder;
    const auto image = dos_floppy(folder);
    if (!image) return;
    const auto before = content(*image);
    const auto outcome = retrace_with(*image, with(write_reset_read, {"--writable"}));
    INFO(outcome.err);
    CHECK(outcome.exit_code == 0);
    const auto after = content(*image);
    CHECK(after.size() == before.size());
    CHECK(after != before);
    CHECK(before.find("kept in the image") == std::string::npos);
    CHECK(after.find("kept in the image") != std::string::npos);
    const auto found = run({"mtype", "-i", *image, "::NEW.TXT"});
    if (found.exit_code == 127) return say_skipped("no mtools");
    CHECK(found.exit_code == 0);
    CHECK(found.out == "kept in the image \r\n");
}

TEST_CASE("killed in the middle of writing, the image can be read and lost nothing that was there") {
    const auto guest = shared_file("guests/freedos-1440.img");
    unsigned killed_while_writing = 0;
    for (const char* seconds : {"0.7", "1.1", "1.6", "2.3"}) {
        const TemporaryFolder folder;
        const auto image = dos_floppy(folder);
        if (!image) return;
        const auto binary = retrace_binary();
        REQUIRE(binary);
        const auto outcome = run({"timeout", "-s", "KILL", seconds, binary->string(), "--display", "none", "--writable", "--fda", *image, "--speed", "486dx-33", "--expect", "A:\\>",
                                  "--type", "for %a in (1 2 3 4 5 6 7 8 9) do copy command.com c%a.com\\n", "--type", "for %a in (1 2 3 4 5 6 7 8 9) do copy c1.com c%a.com\\n", "--then-continue"});
        CHECK(outcome.exit_code == 137);
        if (content(*image) != content(*guest)) ++killed_while_writing;
        if (run({"mdir", "-i", *image, "::"}).exit_code == 127) return say_skipped("no mtools");
        CHECK(run({"mdir", "-i", *image, "::"}).exit_code == 0);
        for (const char* name : {"::COMMAND.COM", "::KERNEL.SYS", "::AUTOEXEC.BAT"}) {
            const auto now = run({"mtype", "-i", *image, name}), then = run({"mtype", "-i", guest->string(), name});
            CHECK(now.exit_code == 0);
            CHECK((now.out == then.out));
        }
    }
    CHECK(killed_while_writing > 0);
}

TEST_CASE("two runs of one command end in the same state with the same picture, however time passes on the host") {
    const TemporaryFolder folder;
    const auto image = dos_floppy(folder);
    if (!image) return;
    std::string digests[3], pictures[3];
    const char* const paces[] = {"max", "max", "real"};
    for (int n = 0; n < 3; ++n) {
        const auto statistics = folder.path / ("statistics" + std::to_string(n)), picture = folder.path / ("picture" + std::to_string(n) + ".png");
        const auto outcome = retrace_with(*image, {"--pace", paces[n], "--stats=" + statistics.string(), "--expect", "A:\\>", "--type", "dir\\necho it is %1\\n",
                                                   "--wait", "1", "--screenshot", picture.string()});
        INFO(outcome.err);
        REQUIRE(outcome.exit_code == 0);
        digests[n] = digest_in(statistics);
        pictures[n] = content(picture);
    }
    CHECK(digests[0].size() == 16);
    CHECK(pictures[0].size() > 1000);
    for (int n = 1; n < 3; ++n) {
        CHECK(digests[n] == digests[0]);
        CHECK((pictures[n] == pictures[0]));
    }
}
