// SPDX-License-Identifier: Apache-2.0
#include "core/base/file.hpp"

#include "core/base/error.hpp"
#include "tests/support/catch.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <fstream>
#include <thread>

using namespace mapctl;
namespace fs = std::filesystem;

namespace {

std::size_t entries(const fs::path& directory) {
  return static_cast<std::size_t>(
      std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

template <class Work>
ErrorCode code_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    CHECK_FALSE(std::string_view{error.what()}.empty());
    return error.code();
  }
  FAIL("nothing was thrown");
  return ErrorCode::internal;
}

// Runs `work` in a child as an ordinary user, because root may write anywhere; its exit code.
template <class Work>
int as_nobody(Work work) {
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    if (::geteuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) {
      ::_exit(99);
    }
    ::_exit(work());
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  return WEXITSTATUS(status);
}

}  // namespace

TEST_CASE("a file reads back as it was written, whatever its bytes", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "data";
  std::string bytes;
  for (int i = 0; i < 200'000; ++i) {
    bytes += static_cast<char>(i);
  }
  write_file_atomically(path, bytes);
  CHECK(read_file(path) == bytes);
  write_file_atomically(path, "");
  CHECK(read_file(path).empty());
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("a missing file and a directory are refused by name", "[base][file]") {
  const TemporaryDirectory directory;
  try {
    read_file(directory.path() / "absent.yaml");
    FAIL("it was read");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::not_found);
    CHECK(std::string_view{error.what()}.find("absent.yaml") != std::string_view::npos);
    CHECK_FALSE(error.facts().hint.empty());
  }
  CHECK(code_of([&] { read_file(directory.path()); }) == ErrorCode::io);
}

TEST_CASE("the old file stays as it was until the new one is committed", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "report.xlsx";
  write_file_atomically(path, "old");
  {
    AtomicFile file{path};
    file.write("half of the n");
    CHECK(read_file(path) == "old");
    CHECK(entries(directory.path()) == 2);
  }
  CHECK(read_file(path) == "old");
  CHECK(entries(directory.path()) == 1);
  {
    AtomicFile file{path};
    file.write("new");
    file.commit();
  }
  CHECK(read_file(path) == "new");
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("a file that takes the place of another has its permissions", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "profile.yaml";
  const auto mode = [](const fs::path& of) {
    return static_cast<unsigned>(fs::status(of).permissions());
  };
  for (const unsigned wanted : {0600U, 0640U, 0664U, 0755U, 0444U}) {
    fs::remove(path);
    write_file_atomically(path, "old");
    fs::permissions(path, static_cast<fs::perms>(wanted));
    AtomicFile file{path};
    // Not for a moment open to more people than the old one.
    CHECK((mode(file.temporary()) & ~wanted & 0077U) == 0);
    file.write("new");
    file.commit();
    INFO("mode " << wanted);
    CHECK(mode(path) == wanted);
    CHECK(read_file(path) == "new");
  }
  fs::permissions(path, static_cast<fs::perms>(0644));
  AtomicFile secret{path};
  fs::permissions(secret.temporary(), static_cast<fs::perms>(0600));
  secret.commit();
  CHECK(mode(path) == 0600U);  // what the writer asked for
}

TEST_CASE("a library may write the new file through its own path", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "report.xlsx";
  AtomicFile file{path};
  std::ofstream{file.temporary()} << "by somebody else";
  file.commit();
  CHECK(read_file(path) == "by somebody else");
}

TEST_CASE("two writers of one file do not mix their bytes", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "out";
  AtomicFile first{path};
  AtomicFile second{path};
  CHECK(first.temporary() != second.temporary());
  first.write("first");
  second.write("second");
  second.commit();
  first.commit();
  CHECK(read_file(path) == "first");
}

TEST_CASE("a file that would take the place of a directory cannot be begun", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "out";
  fs::create_directory(path);
  CHECK(code_of([&] { AtomicFile file{path}; }) == ErrorCode::io);
  CHECK(entries(directory.path()) == 1);
}

TEST_CASE("a file in a directory that does not exist cannot be begun", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "absent" / "out";
  CHECK(code_of([&] { AtomicFile file{path}; }) == ErrorCode::not_found);
}

TEST_CASE("a pipe that nobody writes to is an error, one with a writer is read", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "plan.yaml";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(code_of([&] { read_file(path); }) == ErrorCode::io);
  std::jthread writer{[&] { std::ofstream{path} << "name: x\n"; }};
  CHECK(read_file(path) == "name: x\n");
}

TEST_CASE("a disk without room leaves the old file and no half one", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "report.xlsx";
  write_file_atomically(path, "old");
  fs::permissions(directory.path(), fs::perms::all);
  // A limit on the size of files stops a write in the middle just as a full disk does.
  const int outcome = as_nobody([&] {
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{65536, 65536};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) {
      return 98;
    }
    try {
      AtomicFile file{path};
      file.write(std::string(1'000'000, 'x'));
      file.commit();
    } catch (const Error& error) {
      return error.code() == ErrorCode::resource_limit ? 0 : 2;
    }
    return 1;
  });
  CHECK(outcome == 0);
  CHECK(read_file(path) == "old");
  CHECK(entries(directory.path()) == 1);
}

namespace {

Error::Facts io_facts(int error_number) {
  try {
    throw_io_error(error_number, "write", "/data/out.xlsx");
  } catch (const Error& error) {
    return error.facts();
  }
  return {};
}

}  // namespace

TEST_CASE("a full disk is a limit of resources, with a hint", "[base][file]") {
  const Error::Facts facts = io_facts(ENOSPC);
  CHECK(facts.code == ErrorCode::resource_limit);
  CHECK(std::string_view{facts.message}.starts_with("cannot write '/data/out.xlsx': "));
  CHECK(facts.hint.find("disk space") != std::string::npos);
  CHECK(facts.native_code == "errno 28");
}

TEST_CASE("every failure of a file names a next step", "[base][file]") {
  for (const int error_number :
       {ENOENT, EACCES, EROFS, ENOTDIR, EEXIST, EISDIR, ELOOP, ENAMETOOLONG, EMFILE, EIO, EINVAL}) {
    CHECK_FALSE(io_facts(error_number).hint.empty());
  }
}

TEST_CASE("a directory without permission denies writing and keeps the file", "[base][file]") {
  const TemporaryDirectory directory;
  const fs::path path = directory.path() / "out";
  write_file_atomically(path, "old");
  fs::permissions(path, fs::perms::owner_read);
  fs::permissions(directory.path(), fs::perms::owner_read | fs::perms::owner_exec |
                                        fs::perms::others_read | fs::perms::others_exec);
  const auto code = [](const Error& error) { return error.code() == ErrorCode::denied ? 0 : 2; };
  const int written = as_nobody([&] {
    try {
      write_file_atomically(path, "new");
    } catch (const Error& error) {
      return code(error);
    }
    return 1;
  });
  CHECK(written == 0);
  if (::geteuid() == 0) {
    const int read = as_nobody([&] {
      try {
        read_file(path);
      } catch (const Error& error) {
        return code(error);
      }
      return 1;
    });
    CHECK(read == 0);
  }
  fs::permissions(directory.path(), fs::perms::owner_all);
  CHECK(read_file(path) == "old");
}

TEST_CASE("a temporary directory disappears with everything in it", "[base][file]") {
  fs::path path;
  {
    const TemporaryDirectory directory;
    path = directory.path();
    fs::create_directory(path / "inner");
    write_file_atomically(path / "inner" / "file", "x");
    CHECK(fs::exists(path));
  }
  CHECK_FALSE(fs::exists(path));
}
