// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/clock.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace mapctl::ports {

// Writes one zip archive, entry after entry. Used by one thread at a time. Every member throws
// Error (resource_limit for a full disk).
class ArchiveSink {
 public:
  virtual ~ArchiveSink() = default;
  // Starts an entry; `name` uses '/'. Contents that are compressed already are stored as they are.
  virtual void begin(const std::string& name, bool compress) = 0;
  virtual void write(std::string_view bytes) = 0;
  // Finishes the archive. Reached without it, the destructor throws the file away.
  virtual void close() = 0;
};

class ArchiveSinkFactory {
 public:
  virtual ~ArchiveSinkFactory() = default;
  // As SheetSinkFactory::create. Every entry gets the time `modified`, so that equal contents give
  // equal bytes.
  virtual std::unique_ptr<ArchiveSink> create(const std::filesystem::path& path,
                                              TimePoint modified) const = 0;
};

}  // namespace mapctl::ports
