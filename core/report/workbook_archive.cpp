// SPDX-License-Identifier: Apache-2.0
#include "core/base/error.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/report/book.hpp"
#include "core/report/html.hpp"

#include <fmt/format.h>

#include <array>
#include <fstream>
#include <memory>
#include <utility>

// `layout: zip`: a workbook a pair, and an index that links to them.
namespace mapctl::report {
namespace {

class OnePair final : public PairSource {
 public:
  explicit OnePair(const PairReport& pair) : pair_{&pair} {}
  void rewind() override { is_read_ = false; }
  const PairReport* next() override { return std::exchange(is_read_, true) ? nullptr : pair_; }

 private:
  const PairReport* pair_;
  bool is_read_ = false;
};

void copy_into(ports::ArchiveSink& archive, const std::filesystem::path& path) {
  std::ifstream file{path, std::ios::binary};
  std::array<char, 65536> buffer;
  while (file.read(buffer.data(), buffer.size()) || file.gcount() > 0) {
    archive.write({buffer.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (file.bad() || !file.eof()) {
    throw Error{ErrorCode::io, fmt::format("cannot read '{}'", path.string())};
  }
}

// Removes the file at the end, however that comes.
class ScratchFile {
 public:
  explicit ScratchFile(std::filesystem::path path) : path_{std::move(path)} {}
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;
  ~ScratchFile() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  const std::filesystem::path& path() const noexcept { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace

WorkbookResult write_workbook_archive(const std::filesystem::path& path, const RunReport& run,
                                      PairSource& pairs, const ports::SheetSinkFactory& sheets,
                                      const ports::ArchiveSinkFactory& archives,
                                      const WorkbookOptions& options, std::stop_token stop) {
  AtomicFile file{path};
  // Beside the destination, where there must be room anyway.
  const ScratchFile scratch{file.temporary().string() + ".xlsx"};
  const std::unique_ptr<ports::ArchiveSink> archive =
      archives.create(file.temporary(), run.generated_at);
  WorkbookResult result = write_index_workbook(scratch.path(), run, pairs, sheets, options, stop);
  archive->begin("index.xlsx", false);
  copy_into(*archive, scratch.path());
  archive->begin("index.html", true);
  write_html(run, pairs, [&](std::string_view text) { archive->write(text); });

  pairs.rewind();
  std::size_t count = 0;
  while (const PairReport* pair = pairs.next()) {
    OnePair one{*pair};
    result.sheets += write_workbook(scratch.path(), run, one, sheets, options, stop).sheets;
    archive->begin(pair_file_name(*pair, ++count), false);
    copy_into(*archive, scratch.path());
  }
  archive->close();
  file.commit();
  return result;
}

std::string pair_file_name(const PairReport& pair, std::size_t count) {
  const auto plain = [](std::string_view name) {
    std::string word;
    for (const char c : fold(name)) {
      const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
      word += is_plain ? c : '_';
    }
    return word.substr(0, 60);
  };
  return fmt::format("{:03}-{}-{}.xlsx", pair.number == 0 ? count : pair.number,
                     plain(pair.source.ref.table.text), plain(pair.target.ref.table.text));
}

}  // namespace mapctl::report
