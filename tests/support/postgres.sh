#!/usr/bin/env bash
# A PostgreSQL server for tests, of this user alone and without a network: started by who needs it first, ended by
# itself once nobody has asked for it for a minute.
#   postgres.sh url NAME      makes the database NAME if it is not there, and prints its address
#   postgres.sh drop NAME     takes it away
#   postgres.sh restart       the server dies at once, as by kill -9, and comes back
#   postgres.sh folder        where its files are
set -euo pipefail

# In /tmp itself and from there, where another user may go: TMPDIR and the current folder may be root's alone.
folder=/tmp/longtake-test-postgres-$(id -u)
script=$(realpath "$0")
cd /tmp
idle_seconds=60
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1) || true
[[ -n $bin ]] || { echo "no PostgreSQL server is installed (Debian: apt-get install postgresql)" >&2; exit 1; }

as_server() { # initdb refuses root
  if ((EUID == 0)); then setpriv --reuid postgres --regid postgres --clear-groups "$@"; else "$@"; fi
}

start() {
  mkdir -p "$folder"
  ((EUID != 0)) || chown postgres: "$folder"
  touch "$folder/used"
  if as_server "$bin/pg_ctl" -D "$folder/data" status >/dev/null 2>&1; then return; fi
  if [[ ! -f $folder/data/ready ]]; then
    rm -rf "$folder/data"
    as_server "$bin/initdb" -D "$folder/data" -U longtake -A trust --no-sync -E UTF8 --locale=C >/dev/null
    as_server touch "$folder/data/ready"
  fi
  # Durable as a real one; small, and reached by its socket alone.
  as_server "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 start \
    -o "-k '$folder' -c listen_addresses='' -c max_connections=200 -c shared_buffers=32MB" >/dev/null 9>&-
  setsid "$script" watch >/dev/null 2>&1 </dev/null 9>&- &
}

watch() {
  while (($(date +%s) - $(stat -c %Y "$folder/used") < idle_seconds)); do sleep 5; done
  as_server "$bin/pg_ctl" -D "$folder/data" -m immediate stop
}

sql() { as_server "$bin/psql" -qtAX -h "$folder" -U longtake -d postgres -c "$1"; }

case ${1:-} in
  watch) watch ;;
  folder) echo "$folder" ;;
  url | drop | restart)
    mkdir -p "$folder"
    exec 9>"$folder/lock"
    flock 9
    start
    case $1 in
      url)
        [[ -n $(sql "SELECT 1 FROM pg_database WHERE datname = '$2'") ]] ||
          sql "CREATE DATABASE \"$2\"" >/dev/null
        echo "postgresql:///$2?host=$folder&user=longtake"
        ;;
      drop) sql "DROP DATABASE IF EXISTS \"$2\" WITH (FORCE)" >/dev/null ;;
      restart)
        as_server "$bin/pg_ctl" -D "$folder/data" -m immediate stop >/dev/null
        start
        ;;
    esac
    ;;
  *) sed -n '2,8p' "$0" >&2; exit 2 ;;
esac
