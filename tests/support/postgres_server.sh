#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# postgres_server.sh start|halt|resume|stop INFO
#
# A PostgreSQL server of its own for tests: in a temporary folder, on a free port of 127.0.0.1 and a
# socket in that folder, as an ordinary user, without care for power failures. `start` writes what
# it is like to the file INFO ("reason=" alone where no server can be run), `halt` ends it as a
# crash would and `resume` starts it again on the same port, `stop` ends it and removes everything.
set -eu
action=$1
info=$2

value() { # KEY
  sed -n "s/^$1=//p" "$info"
}

as_user() {
  if [ "$(id -u)" -eq 0 ]; then
    user=postgres
    id "$user" >/dev/null 2>&1 || user=nobody
    setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@"
  else
    "$@"
  fi
}

no_server() { # REASON
  echo "reason=$1" >"$info"
  echo "no PostgreSQL server for tests: $1"
  exit 0
}

find_programs() {
  for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn); do
    if [ -x "$folder/initdb" ]; then
      echo "$folder"
      return
    fi
  done
  if command -v initdb >/dev/null 2>&1; then
    dirname "$(command -v initdb)"
  fi
}

launch() { # PROGRAMS DIRECTORY PORT
  as_user "$1/pg_ctl" -s -w -t 60 -D "$2/data" -l "$2/log" \
    -o "-p $3 -c listen_addresses=127.0.0.1 -c unix_socket_directories=$2" start >/dev/null
}

case "$action" in
  start)
    [ ! -f "$info" ] || "$0" stop "$info"
    mkdir -p "$(dirname "$info")"
    programs=$(find_programs)
    [ -n "$programs" ] || no_server 'initdb is not installed'
    # A socket's path has a limit of 107 bytes.
    temporary=${TMPDIR:-/tmp}
    [ "${#temporary}" -le 60 ] || temporary=/tmp
    directory=$(mktemp -d "$temporary/mapctl-pg-XXXXXX")
    chmod 755 "$directory"
    [ "$(id -u)" -ne 0 ] || chown "$(as_user id -u)" "$directory"
    cd "$directory"
    as_user "$programs/initdb" -D "$directory/data" -U postgres --auth-local=trust \
      --auth-host=scram-sha-256 --locale=C.UTF-8 -E UTF8 -N >"$directory/initdb.log" 2>&1 ||
      { cat "$directory/initdb.log"; rm -rf "$directory"; no_server 'initdb failed'; }
    cat >>"$directory/data/postgresql.conf" <<EOF
fsync = off
full_page_writes = off
max_connections = 150
shared_buffers = 64MB
log_line_prefix = '%a '
EOF
    if command -v openssl >/dev/null 2>&1; then
      as_user openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$directory/data/server.key" -out "$directory/data/server.crt" 2>/dev/null
      as_user cp "$directory/data/server.crt" "$directory/root.crt"
      echo 'ssl = on' >>"$directory/data/postgresql.conf"
    fi
    tries=0
    until
      port=$((20000 + ($$ * 7 + tries * 1009 + $(date +%N | sed 's/^0*//;s/^$/0/') / 1000) % 40000))
      launch "$programs" "$directory" "$port" 2>/dev/null
    do
      tries=$((tries + 1))
      [ "$tries" -lt 8 ] || { cat "$directory/log"; rm -rf "$directory"; no_server 'it does not start'; }
    done
    printf 'directory=%s\nport=%s\nprograms=%s\n' "$directory" "$port" "$programs" >"$info"
    # A password with what URLs, shells and SQL give a meaning to.
    "$programs/psql" -qXw -h "$directory" -p "$port" -U postgres -d postgres -v ON_ERROR_STOP=1 <<'EOF'
CREATE ROLE mapctl LOGIN PASSWORD 'p@ss:w/rd ''"?#%&=';
CREATE DATABASE mapctl_test OWNER mapctl;
EOF
    ;;
  halt)
    as_user "$(value programs)/pg_ctl" -s -w -m immediate -D "$(value directory)/data" stop
    ;;
  resume)
    launch "$(value programs)" "$(value directory)" "$(value port)"
    ;;
  stop)
    [ -f "$info" ] || exit 0
    directory=$(value directory)
    if [ -n "$directory" ] && [ -d "$directory/data" ]; then
      cd "$directory"
      as_user "$(value programs)/pg_ctl" -s -w -m immediate -D "$directory/data" stop || true
      cd /
      rm -rf "$directory"
    fi
    rm -f "$info"
    ;;
  *)
    echo "usage: $0 start|halt|resume|stop INFO" >&2
    exit 2
    ;;
esac
