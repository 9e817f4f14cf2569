// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/ports/archive_sink.hpp"

namespace mapctl::connectors::xlsx {

// Zip archives through minizip, with 64-bit sizes where they are needed.
class ZipArchiveSinkFactory final : public ports::ArchiveSinkFactory {
 public:
  std::unique_ptr<ports::ArchiveSink> create(const std::filesystem::path& path,
                                             TimePoint modified) const override;
};

}  // namespace mapctl::connectors::xlsx
