#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "core/base/ensure.hpp"
#include "core/state/visitors.hpp"
#include "devices/storage/file_medium.hpp"
#include "devices/storage/media_shelf.hpp"
#include "devices/storage/memory_medium.hpp"
#include "devices/storage/overlay.hpp"
#include "tests/support/dice.hpp"
#include "tests/support/temporary.hpp"

using namespace retrace;
using namespace retrace::test;

namespace {

using Bytes = std::vector<u8>;

Bytes numbered(std::size_t size) {
    Bytes bytes(size);
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<u8>(i * 7 + i / 512);
    return bytes;
}

void write_file(const std::filesystem::path& path, const Bytes& bytes) {
    std::ofstream{path, std::ios::binary}.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
}

Bytes read_file(const std::filesystem::path& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
}

Bytes read(Medium& medium, u64 offset, std::size_t size) {
    Bytes bytes(size, 0xee);
    REQUIRE(medium.read(offset, bytes));
    return bytes;
}

}  // namespace

TEST_CASE("what lies past the end of a short medium reads as zeros") {
    MemoryMedium medium{Bytes{1, 2, 3}};
    CHECK(read(medium, 0, 5) == Bytes{1, 2, 3, 0, 0});
    CHECK(read(medium, 2, 2) == Bytes{3, 0});
    CHECK(read(medium, 1'000'000, 2) == Bytes{0, 0});
}

TEST_CASE("an overlay keeps what is written and its base stays as it is") {
    const Bytes original = numbered(20'000);
    Overlay overlay{std::make_unique<MemoryMedium>(std::span{original})};
    Bytes expected = original;
    expected.resize(60'000);
    for (Dice dice : seeds(1)) {
        for (int i = 0; i < 300; ++i) {
            const std::size_t at = dice.below(50'000), size = dice.below(9'000) + 1;
            Bytes data(size);
            for (u8& byte : data) byte = dice.byte();
            REQUIRE(overlay.write(at, data));
            std::ranges::copy(data, expected.begin() + static_cast<std::ptrdiff_t>(at));
        }
    }
    CHECK(read(overlay, 0, expected.size()) == expected);
    CHECK(original == numbered(20'000));
}

TEST_CASE("an overlay's contents are state and come back with it") {
    Overlay overlay{std::make_unique<MemoryMedium>(numbered(10'000))}, twin{std::make_unique<MemoryMedium>(numbered(10'000))};
    const u64 untouched = digest(overlay);
    REQUIRE(overlay.write(5000, Bytes(700, 0x55)));
    CHECK(digest(overlay) != untouched);
    load_state(twin, save(overlay));
    CHECK(read(twin, 0, 10'000) == read(overlay, 0, 10'000));
    overlay.forget();
    CHECK(digest(overlay) == untouched);
    CHECK(read(overlay, 0, 10'000) == numbered(10'000));
}

TEST_CASE("the shelf saves only disks that were written to, and takes back the others") {
    const auto disk = [] { return Disk{std::make_unique<Overlay>(std::make_unique<MemoryMedium>(numbered(4096))), {.floppy = floppy_1440}}; };
    MediaShelf shelf;
    shelf.put(disk());
    const u32 second = shelf.put(disk());
    const auto before = save(shelf);
    const u64 fingerprint = digest(shelf);
    shelf.put(disk());
    CHECK(digest(shelf) == fingerprint);  // one more disk beside the machine is nothing

    REQUIRE(shelf.disk(second)->medium->write(10, Bytes{1, 2, 3}));
    shelf.disk(second)->format.floppy.sectors = 9;
    const auto after = save(shelf);
    load_state(shelf, before);
    CHECK(read(*shelf.disk(second)->medium, 0, 4096) == numbered(4096));
    CHECK(shelf.disk(second)->format.floppy == floppy_1440);
    load_state(shelf, after);
    CHECK(read(*shelf.disk(second)->medium, 10, 3) == Bytes{1, 2, 3});
    CHECK(shelf.disk(second)->format.floppy.sectors == 9);

    MediaShelf smaller;
    smaller.put(disk());
    CHECK_THROWS_AS(load_state(smaller, after), HostError);
    CHECK(shelf.disk(0) == nullptr);
    CHECK(shelf.disk(4) == nullptr);
}

TEST_CASE("an image opened without --writable is the same file afterwards") {
    TemporaryFolder folder;
    const auto path = folder.path / "disk.img";
    write_file(path, numbered(163'840));
    {
        const Disk disk = open_image(path, TakenFor::Floppy, false);
        REQUIRE(disk.medium->write(512, Bytes(512, 0xaa)));
        CHECK(read(*disk.medium, 512, 512) == Bytes(512, 0xaa));
    }
    CHECK(read_file(path) == numbered(163'840));
}

TEST_CASE("a writable image has every sector in the file at once, even if the program is killed") {
    TemporaryFolder folder;
    const auto path = folder.path / "disk.img";
    write_file(path, numbered(163'840));
    const pid_t child = fork();
    if (child == 0) {
        const Disk disk = open_image(path, TakenFor::Floppy, true);
        if (!disk.medium->write(1024, Bytes(512, 0xaa))) _exit(1);
        kill(getpid(), SIGKILL);
    }
    int status = 0;
    waitpid(child, &status, 0);
    REQUIRE(WIFSIGNALED(status));
    Bytes expected = numbered(163'840);
    std::fill_n(expected.begin() + 1024, 512, u8{0xaa});
    CHECK(read_file(path) == expected);
}

TEST_CASE("two machines may read an image, but only one may have it writable") {
    TemporaryFolder folder;
    const auto path = folder.path / "disk.img";
    write_file(path, numbered(163'840));
    using Access = FileMedium::Access;
    {
        FileMedium one{path, Access::ReadOnly}, two{path, Access::ReadOnly};
        CHECK_THROWS_WITH((FileMedium{path, Access::Writable}), Catch::Contains("disk.img") && Catch::Contains("in use by another machine"));
    }
    FileMedium writer{path, Access::Writable};
    CHECK_THROWS_WITH((FileMedium{path, Access::ReadOnly}), Catch::Contains("that writes to it"));
    CHECK_THROWS_AS((FileMedium{path, Access::Writable}), HostError);
}

TEST_CASE("files that cannot be disks are refused with a sentence that names them") {
    TemporaryFolder folder;
    const auto refused = [&](const std::string& name, bool writable, const std::string& says) {
        CHECK_THROWS_WITH(open_image(folder.path / name, TakenFor::Anything, writable), Catch::Contains(name) && Catch::Contains(says));
    };
    refused("missing.img", false, "There is no file");
    std::filesystem::create_directory(folder.path / "folder");
    refused("folder", false, "is a folder");
    write_file(folder.path / "below.img", numbered(512));
    refused("below.img/file", false, "There is no file");
    REQUIRE(mkfifo((folder.path / "pipe").c_str(), 0600) == 0);
    refused("pipe", false, "not an ordinary file");
    CHECK_THROWS_WITH(open_image("/dev/null", TakenFor::Anything, false), Catch::Contains("not an ordinary file"));
    write_file(folder.path / "empty.img", {});
    refused("empty.img", false, "is empty");

    // Root may read and write everything: be nobody for a while.
    using std::filesystem::perms;
    const bool root = geteuid() == 0;
    write_file(folder.path / "locked.img", numbered(163'840));
    std::filesystem::permissions(folder.path, perms::all);
    std::filesystem::permissions(folder.path / "locked.img", perms::owner_read | perms::others_read);
    if (root) REQUIRE(seteuid(65534) == 0);
    refused("locked.img", true, "may not be written");
    if (root) REQUIRE(seteuid(0) == 0);
    std::filesystem::permissions(folder.path / "locked.img", perms::none);
    if (root) REQUIRE(seteuid(65534) == 0);
    refused("locked.img", false, "may not be read");
    if (root) REQUIRE(seteuid(0) == 0);
}
