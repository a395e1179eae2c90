#!/usr/bin/env bash
# PostgreSQL 15.20: a transaction that writes and notifies never shares a flush of the log with another one.
#
# Guess: NOTIFY in the transaction that writes is the cheap way to tell of it (one commit), and commits of many sessions
# are flushed together as ever (the manual's "group commit", 30.5: WAL Configuration). A NOTIFY of its own is a commit
# more, with a flush more.
# Seen: 16 sessions that insert: 250 to 400 flushes a thousand transactions. With NOTIFY in the transaction: 1,000, and about a
# third of the transactions a second (564 and 772 in two runs, instead of 1,487 and 2,141): notifying commits take one lock
# of the whole server, and have it until they are flushed (PreCommit_Notify in src/backend/commands/async.c). A NOTIFY after
# the transaction, in one of its own, flushes nothing, since nothing is written that a crash could lose: 1,826 and 2,209 such
# pairs a second. Notices that a crash may lose belong after the commit, not into it.
# Source: pg_stat_wal.wal_sync, as printed.
set -euo pipefail
version=15.20-0+deb12u1
work=$(mktemp -d)
chmod 755 "$work"
trap 'stop; rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq postgresql{,-client}-15="$version" libpq5="$version" 2>/dev/null ||
  { echo "not to be had: postgresql-15 $version" >&2; exit 2; }
for package in *.deb; do dpkg -x "$package" root; done
bin=$work/root/usr/lib/postgresql/15/bin
LD_LIBRARY_PATH=$(echo "$work"/root/usr/lib/*-linux-gnu)
export LD_LIBRARY_PATH PGHOST=$work/server PGPORT=1 PGUSER=finding PGDATABASE=postgres
mkdir server
as_user=()
if ((EUID == 0)); then # which initdb refuses to be
  as_user=(setpriv --reuid nobody --regid nogroup --clear-groups)
  chown nobody server
fi
stop() { "${as_user[@]}" "$bin/pg_ctl" -D server/data -m immediate stop >/dev/null 2>&1 || true; }
"${as_user[@]}" "$bin/initdb" -D server/data -U finding -A trust >/dev/null
"${as_user[@]}" "$bin/pg_ctl" -D server/data -l server/log -w start -o "-k '$work/server' -p 1 -c listen_addresses='' -c autovacuum=off" >/dev/null
"$bin/postgres" --version
"$bin/psql" -qc 'CREATE TABLE rows (number int)'

flushes() {
  sleep 2 # sessions tell of what they did when they end, or after a second
  "$bin/psql" -qtAc 'SELECT wal_sync FROM pg_stat_wal'
}

run() { # WHAT SCRIPT: prints transactions a second and flushes a thousand, leaves the latter in $ratio
  local before speed
  printf '%b' "$2" >script.sql
  before=$(flushes)
  speed=$("$bin/pgbench" -n -c 16 -j 2 -t 200 -f script.sql | sed -n 's/^tps = \([0-9]*\).*/\1/p')
  ratio=$((($(flushes) - before) * 1000 / 3200))
  echo "$1: $speed a second, $ratio flushes a thousand"
}

run 'insert' 'BEGIN;\nINSERT INTO rows VALUES (1);\nCOMMIT;\n'
plain=$ratio
run 'insert and notify' 'BEGIN;\nINSERT INTO rows VALUES (1);\nNOTIFY told;\nCOMMIT;\n'
within=$ratio
run 'insert, then notify' 'BEGIN;\nINSERT INTO rows VALUES (1);\nCOMMIT;\nNOTIFY told;\n'
after=$ratio
run 'notify' 'NOTIFY told;\n'
alone=$ratio
if ((within > 980 && plain < 800 && after < 800 && alone < 100)); then
  echo "as seen: what notifies is flushed alone, and a notice alone is not flushed"
else
  echo "it behaves otherwise now"
  exit 1
fi
