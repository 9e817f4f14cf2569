// SPDX-License-Identifier: Apache-2.0
#include "connectors/mongodb/line.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <new>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace mapctl::connectors::mongodb {
namespace {

constexpr int slice = 50;               // milliseconds between two looks at the stop
constexpr std::size_t buffered = 4096;  // bytes; the driver reads heads of messages by themselves

// A stream as the driver sees it, and what is ours behind it.
struct Line {
  mongoc_stream_t stream{};
  int descriptor = -1;
  int error = 0;  // errno of the last call
  const Lines* lines = nullptr;
};
static_assert(std::is_standard_layout_v<Line>);  // the address of a stream is that of its line

Line& line_of(mongoc_stream_t* stream) {
  return *reinterpret_cast<Line*>(stream);
}

// In milliseconds; negative: without end.
class TimeLeft {
 public:
  explicit TimeLeft(std::int32_t limit) : limit_{limit}, begin_{std::chrono::steady_clock::now()} {}
  bool is_endless() const noexcept { return limit_ < 0; }
  bool is_none() const noexcept { return limit_ == 0; }
  int left() const {
    const auto spent = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begin_);
    return static_cast<int>(std::max<std::int64_t>(0, limit_ - spent.count()));
  }
  int next_slice() const { return is_endless() ? slice : std::min(slice, left()); }
  bool is_over() const { return !is_endless() && left() == 0; }

 private:
  std::int32_t limit_;
  std::chrono::steady_clock::time_point begin_;
};

bool fail_line(Line& line, int error) {
  line.error = error;
  errno = error;
  return false;
}

bool wait_for_line(Line& line, short events, const TimeLeft& time) {
  for (;;) {
    if (line.lines->is_stopped()) {
      return fail_line(line, ECANCELED);
    }
    pollfd one{line.descriptor, events, 0};
    const int ready = ::poll(&one, 1, time.next_slice());
    if (ready > 0) {
      return true;  // for trouble, too: the call that follows tells which
    }
    if (ready < 0 && errno != EINTR) {
      return fail_line(line, errno);
    }
    if (time.is_over()) {
      return fail_line(line, time.is_none() ? EAGAIN : ETIMEDOUT);
    }
  }
}

bool is_again(int error) {
  return error == EAGAIN || error == EINTR || error == EINPROGRESS;
}

// `call` returns bytes, or -1 with errno; repeated until it does not have to wait.
template <class Call>
ssize_t when_ready(Line& line, short events, const TimeLeft& time, Call call) {
  for (;;) {
    line.error = 0;
    const ssize_t bytes = call();
    if (bytes >= 0) {
      return bytes;
    }
    if (!is_again(errno)) {
      fail_line(line, errno);
      return -1;
    }
    if (!wait_for_line(line, events, time)) {
      return -1;
    }
  }
}

int close_line(mongoc_stream_t* stream) {
  Line& line = line_of(stream);
  if (line.descriptor >= 0) {
    ::close(line.descriptor);
    line.descriptor = -1;
  }
  return 0;
}

void destroy_line(mongoc_stream_t* stream) {
  close_line(stream);
  delete &line_of(stream);
}

int flush_line(mongoc_stream_t*) {
  return 0;
}

ssize_t write_line(mongoc_stream_t* stream, mongoc_iovec_t* parts, std::size_t count,
                   std::int32_t limit) {
  Line& line = line_of(stream);
  const TimeLeft time{limit};
  ssize_t written = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto* bytes = static_cast<const char*>(parts[i].iov_base);
    for (std::size_t done = 0; done < parts[i].iov_len;) {
      const ssize_t sent = when_ready(line, POLLOUT, time, [&] {
        return ::send(line.descriptor, bytes + done, parts[i].iov_len - done, MSG_NOSIGNAL);
      });
      if (sent < 0) {
        return -1;
      }
      done += static_cast<std::size_t>(sent);
      written += sent;
    }
  }
  return written;
}

// At least `least` bytes, or -1; what is there already of the rest.
ssize_t read_line(mongoc_stream_t* stream, mongoc_iovec_t* parts, std::size_t count,
                  std::size_t least, std::int32_t limit) {
  Line& line = line_of(stream);
  const TimeLeft time{limit};
  std::size_t got = 0;
  for (std::size_t i = 0; i < count; ++i) {
    auto* bytes = static_cast<char*>(parts[i].iov_base);
    for (std::size_t done = 0; done < parts[i].iov_len;) {
      if (got > 0 && got >= least) {
        return static_cast<ssize_t>(got);
      }
      const ssize_t received = when_ready(line, POLLIN, time, [&] {
        return ::recv(line.descriptor, bytes + done, parts[i].iov_len - done, 0);
      });
      if (received <= 0) {
        return got >= least ? static_cast<ssize_t>(got) : -1;
      }
      done += static_cast<std::size_t>(received);
      got += static_cast<std::size_t>(received);
    }
  }
  return static_cast<ssize_t>(got);
}

int set_line_option(mongoc_stream_t* stream, int level, int name, void* value,
                    mongoc_socklen_t size) {
  return ::setsockopt(line_of(stream).descriptor, level, name, value, size);
}

bool is_line_closed(mongoc_stream_t* stream) {
  char byte = 0;
  const ssize_t seen = ::recv(line_of(stream).descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return seen == 0 || (seen < 0 && !is_again(errno));
}

ssize_t poll_lines(mongoc_stream_poll_t* streams, std::size_t count, std::int32_t limit) {
  const TimeLeft time{limit};
  std::vector<pollfd> all;
  for (std::size_t i = 0; i < count; ++i) {
    all.push_back(
        {line_of(streams[i].stream).descriptor, static_cast<short>(streams[i].events), 0});
    streams[i].revents = 0;
  }
  for (;;) {
    ssize_t dead = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (all[i].fd < 0 || line_of(streams[i].stream).lines->is_stopped()) {
        streams[i].revents = POLLERR;
        ++dead;
      }
    }
    if (dead > 0) {
      return dead;
    }
    const int ready = ::poll(all.data(), all.size(), time.next_slice());
    if (ready > 0 || (ready < 0 && errno != EINTR)) {
      for (std::size_t i = 0; i < count; ++i) {
        streams[i].revents = all[i].revents;
      }
      return ready;
    }
    if (time.is_over()) {
      return 0;
    }
  }
}

bool is_line_timed_out(mongoc_stream_t* stream) {
  return line_of(stream).error == ETIMEDOUT;
}

bool may_line_retry(mongoc_stream_t* stream) {
  return is_again(line_of(stream).error);
}

struct StreamReleaser {
  void operator()(mongoc_stream_t* stream) const noexcept { mongoc_stream_destroy(stream); }
};
using StreamHandle = std::unique_ptr<mongoc_stream_t, StreamReleaser>;

StreamHandle make_line(int descriptor, const Lines& lines) {
  auto* line = new Line;
  line->descriptor = descriptor;
  line->lines = &lines;
  mongoc_stream_t& stream = line->stream;
  stream.type = 1;  // of sockets: the driver polls streams of one type together
  stream.destroy = &destroy_line;
  stream.failed = &destroy_line;
  stream.close = &close_line;
  stream.flush = &flush_line;
  stream.writev = &write_line;
  stream.readv = &read_line;
  stream.setsockopt = &set_line_option;
  stream.check_closed = &is_line_closed;
  stream.poll = &poll_lines;
  stream.timed_out = &is_line_timed_out;
  stream.should_retry = &may_line_retry;
  return StreamHandle{&stream};
}

// Null with errno for an address that does not take us.
StreamHandle connect_line(const addrinfo& address, const Lines& lines, const TimeLeft& time) {
  const int descriptor = ::socket(
      address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address.ai_protocol);
  if (descriptor < 0) {
    return nullptr;
  }
  StreamHandle made = make_line(descriptor, lines);
  const int on = 1;
  ::setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  if (::connect(descriptor, address.ai_addr, address.ai_addrlen) != 0) {
    if (!is_again(errno) || !wait_for_line(line_of(made.get()), POLLOUT, time)) {
      return nullptr;
    }
    int problem = 0;
    socklen_t size = sizeof problem;
    if (::getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &problem, &size) != 0 || problem != 0) {
      errno = problem;
      return nullptr;
    }
  }
  return made;
}

// A socket in the file system, which a path in the place of the host names.
StreamHandle connect_file(const mongoc_host_list_t& host, const Lines& lines,
                          const TimeLeft& time) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string_view path{host.host};
  if (path.size() >= sizeof address.sun_path) {
    errno = ENAMETOOLONG;
    return nullptr;
  }
  path.copy(address.sun_path, path.size());
  addrinfo one{};
  one.ai_family = AF_UNIX;
  one.ai_socktype = SOCK_STREAM;
  one.ai_addr = reinterpret_cast<sockaddr*>(&address);
  one.ai_addrlen = sizeof address;
  return connect_line(one, lines, time);
}

void tell_no_connection(const mongoc_host_list_t& host, int problem, bson_error_t* error) {
  bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_CONNECT,
                 "failed to connect to '%s': %s", host.host_and_port, std::strerror(problem));
}

StreamHandle connect_host(const mongoc_host_list_t& host, const Lines& lines, std::int32_t limit,
                          bson_error_t* error) {
  const TimeLeft time{limit};
  if (host.family == AF_UNIX) {
    StreamHandle made = connect_file(host, lines, time);
    if (!made) {
      tell_no_connection(host, errno, error);
    }
    return made;
  }
  addrinfo wanted{};
  wanted.ai_family = host.family;
  wanted.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(host.port);
  if (const int code = ::getaddrinfo(host.host, port.c_str(), &wanted, &found); code != 0) {
    bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_NAME_RESOLUTION,
                   "failed to resolve '%s': %s", host.host, ::gai_strerror(code));
    return nullptr;
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses{found, &::freeaddrinfo};
  int problem = EHOSTUNREACH;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    if (StreamHandle made = connect_line(*one, lines, time)) {
      return made;
    }
    problem = errno;
  }
  tell_no_connection(host, problem, error);
  return nullptr;
}

StreamHandle with_tls(StreamHandle plain, const mongoc_uri_t& uri, const char* host,
                      std::int32_t limit, bson_error_t* error) {
  const auto text = [&](const char* key) {
    return mongoc_uri_get_option_as_utf8(&uri, key, nullptr);
  };
  mongoc_ssl_opt_t options = *mongoc_ssl_opt_get_default();
  options.pem_file = text(MONGOC_URI_TLSCERTIFICATEKEYFILE);
  options.pem_pwd = text(MONGOC_URI_TLSCERTIFICATEKEYFILEPASSWORD);
  options.ca_file = text(MONGOC_URI_TLSCAFILE);
  StreamHandle made{mongoc_stream_tls_new_with_hostname(plain.get(), host, &options, 1)};
  if (!made) {
    bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET,
                   "TLS handshake failed: the files of certificates cannot be used");
    return nullptr;
  }
  static_cast<void>(plain.release());  // it belongs to the stream above it now
  if (!mongoc_stream_tls_handshake_block(made.get(), host, limit, error)) {
    return nullptr;
  }
  return made;
}

}  // namespace

Lines::Lines(mongoc_client_t& client) {
  mongoc_client_set_stream_initiator(&client, &Lines::open, this);
}

void Lines::work_under(const std::stop_token& stop) {
  if (stop_ != stop) {
    stop_ = stop;
  }
}

// Never null: the driver locks itself out when a server that it hears of from another one cannot be
// reached at once. A dead line tells it when it is used.
mongoc_stream_t* Lines::open(const mongoc_uri_t* uri, const mongoc_host_list_t* host, void* pointer,
                             bson_error_t* error) {
  auto& lines = *static_cast<Lines*>(pointer);
  try {
    const std::int32_t limit =
        mongoc_uri_get_option_as_int32(uri, MONGOC_URI_CONNECTTIMEOUTMS, 10'000);
    lines.failure_.clear();
    StreamHandle made = connect_host(*host, lines, limit, error);
    if (made && mongoc_uri_get_tls(uri)) {
      made = with_tls(std::move(made), *uri, host->host, limit, error);
    }
    if (!made) {
      lines.failure_ = error->message;
      made = make_line(-1, lines);
    }
    return mongoc_stream_buffered_new(made.release(), buffered);
  } catch (const std::bad_alloc&) {  // must not pass through the C library
    bson_set_error(error, MONGOC_ERROR_STREAM, MONGOC_ERROR_STREAM_SOCKET, "out of memory");
    return nullptr;
  }
}

}  // namespace mapctl::connectors::mongodb
